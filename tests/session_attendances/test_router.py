"""Attendance over HTTP: marked from the day on, by first name, all marks at once."""

from datetime import UTC, datetime, timedelta

import pytest

from app.kernel.clock import stockholm_date
from tests.builders import changing, made, problem
from tests.contact_groups.steps import a_session
from tests.group_places.steps import a_led_group, a_place
from tests.group_queues.steps import a_vingaker_child

pytestmark = [pytest.mark.database, pytest.mark.rule("R11.8")]


@pytest.fixture(scope="module")
def manager(client_for):
    return client_for("vingaker.manager")


@pytest.fixture(scope="module")
async def group(manager):
    return await a_led_group(manager)


@pytest.fixture(scope="module")
async def places(manager, group):
    """Three places; the child of the last one is protected."""
    children = [await a_vingaker_child(manager, givenName=name) for name in ("Alva", "Bo")]
    hidden = await a_vingaker_child(manager, protectedIdentity="sekretessmarkering")
    await made(await manager.post(f"/children/{hidden['id']}/checkpoints", json={"reason": "Plats i grupp."}))
    return [await a_place(manager, group, child) for child in (*children, hidden)]


async def a_day(manager, group, days=0):
    """A session's attendance: today's, or another day's."""
    day = stockholm_date(datetime.now(UTC)) + timedelta(days=days)
    session = await made(await a_session(manager, group, day))
    return f"/contact-groups/{group['id']}/sessions/{session['id']}"


def marks(*pairs):
    return {"marks": [{"placeId": place["id"], "mark": mark} for place, mark in pairs]}


async def test_a_leader_marks_who_was_there(client_for, manager, group, places):
    leader, address = client_for("vingaker.leader"), await a_day(manager, group) + "/attendance"
    first, second, hidden = places
    before = await made(await leader.get(address))
    assert (before["version"], before["group"]["unmarked"]) == (0, 3)
    assert [each["givenName"] for each in before["marks"]] == ["Alva", "Bo", None]
    assert before["_links"].keys() == {"self", "session", "contact-group", "mark"}

    all_marked = marks((first, "present"), (second, "excused"), (hidden, "absent"))
    assert (await leader.put(address, json=all_marked)).status_code == 428
    after = await made(await leader.put(address, json=all_marked, headers=changing(before)))

    assert after["group"] == {"present": 1, "absent": 1, "excused": 1, "unmarked": 0}
    assert (after["version"], {each["mark"] for each in after["marks"]}) == (3, {"present", "absent", "excused"})
    assert (await leader.put(address, json=all_marked, headers=changing(before))).status_code == 412
    fewer = await made(await manager.put(address, json=marks((first, "absent")), headers=changing(after)))
    assert fewer["group"] == {"present": 0, "absent": 1, "excused": 0, "unmarked": 2}
    same = await made(await manager.put(address, json=marks((first, "absent")), headers=changing(fewer)))
    assert same["version"] == fewer["version"]
    twice = await manager.put(address, json=marks((first, "absent"), (first, "present")), headers=changing(same))
    assert problem(twice) == (422, "validation-failed")


async def test_what_cannot_be_marked(client_for, manager, group, places):
    first, now = places[0], {"version": 0}
    ahead = await a_day(manager, group, days=7)
    refused = await manager.put(f"{ahead}/attendance", json=marks((first, "present")), headers=changing(now))
    assert problem(refused) == (409, "attendance-lies-ahead")
    assert "mark" not in (await made(await manager.get(f"{ahead}/attendance")))["_links"]
    await made(await manager.post(f"{ahead}/cancellation", json={"reason": "Lov."}))
    refused = await manager.put(f"{ahead}/attendance", json=marks(), headers=changing(now))
    assert problem(refused) == (409, "session-was-cancelled")
    # The children came into the group today.
    past = await a_day(manager, group, days=-7)
    refused = await manager.put(f"{past}/attendance", json=marks((first, "present")), headers=changing(now))
    assert problem(refused) == (422, "no-place-that-day")
    assert (await made(await manager.get(f"{past}/attendance")))["marks"] == []
    for who in ("vingaker.leader2", "guardian.one", "vingaker.social"):
        answer = await client_for(who).get(f"{past}/attendance")
        assert answer.status_code == (403 if who == "vingaker.leader2" else 404), who
