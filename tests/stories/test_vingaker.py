"""Vingåker's contact groups: three groups, eight places, two leaders, and the ninth child.

The chapters are those that ``tillsammans story groups`` prints and the demo world plays (``app/demo/vingaker.py``).
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from app.config import Settings
from app.database import DatabaseAddresses
from app.demo.play import Body, stage
from app.demo.vingaker import PLACES, ContactGroups
from app.kernel.clock import FixedClock

pytestmark = pytest.mark.database
TODAY = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
async def story(settings: Settings, addresses: DatabaseAddresses) -> AsyncIterator[ContactGroups]:
    """The groups before anything has happened, with every request told."""
    async with stage(settings, addresses.program, FixedClock(TODAY), tell=print) as play:
        yield ContactGroups(play)


async def group(story: ContactGroups, who: str = "vingaker.manager") -> Body:
    return await story.play.get(who, story.monday)


async def status(story: ContactGroups, entry: str, who: str = "vingaker.manager") -> tuple[str, int | None]:
    seen = await story.play.get(who, f"/queue-entries/{entry}")
    return seen["status"], seen["rank"]


@pytest.mark.rule("R11.1")
@pytest.mark.rule("R11.5")
@pytest.mark.rule("R11.7")
async def test_three_groups_eight_places_two_leaders_and_the_ninth_child(story: ContactGroups) -> None:
    story.play.at(120)
    await story.three_groups()
    for group_id in story.groups.values():
        made = await story.play.get("vingaker.school", f"/contact-groups/{group_id}")
        assert (made["capacity"], len(made["leaders"]), made["gradeMin"], made["gradeMax"]) == (8, 2, 3, 7)
        assert (made["status"], made["warnings"]) == ("open", [])

    story.play.at(110)
    await story.full_groups()
    assert {len(places) for places in story.places.values()} == {PLACES}
    assert ((await group(story))["status"], (await group(story))["taken"]) == ("full", 8)

    story.play.at(64)
    await story.the_ninth_waits()
    assert [await status(story, entry) for entry in (story.sami, story.noor)] == [("waiting", 1), ("waiting", 2)]
    over = {"queueEntryId": story.sami}
    refused = await story.play.attempt("POST", "vingaker.manager", f"{story.monday}/places", **over)
    assert (refused.status_code, refused.json()["code"]) == (409, "no-place-free")

    story.play.at(54)
    await story.a_place_becomes_free()
    assert await status(story, story.sami, "guardian.three") == ("offered", None)
    assert (await group(story))["taken"] == 7
    await story.the_offer_expires()
    assert await status(story, story.sami, "guardian.three") == ("expired", None)
    assert await status(story, story.noor, "guardian.three") == ("offered", None)
    late = await story.play.attempt("POST", "guardian.three", f"/offers/{story.offers['Sami']}/acceptance", goals="–")
    assert (late.status_code, late.json()["code"]) == (409, "offer-has-expired")

    story.play.after(timedelta(days=3))
    await story.the_next_says_yes()
    assert (await group(story))["taken"] == 8
    events = (await story.play.get("vingaker.manager", f"/queue-entries/{story.noor}/history"))["items"]
    assert [event["move"] for event in events] == ["joined", "released", "offered", "accepted"]

    story.play.at(22, 15)
    await story.a_monday()
    story.play.at(5)
    await story.what_it_was_like()
    place = await story.play.get("vingaker.manager", f"/places/{story.place}")
    heard = (await story.play.get("vingaker.manager", f"/places/{story.place}/follow-ups"))["items"]
    assert (place["status"], sorted(said["respondent"] for said in heard)) == (
        "active",
        ["child", "guardian", "leader"],
    )
    assert place["toOn"] is None, "nobody has to stop because others wait"
