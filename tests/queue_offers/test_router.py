"""Offers: to the first in line or past others with a reason, until an instant, and then to the next."""

from datetime import UTC, datetime, timedelta

import pytest

from app.jobs import pass_on_expired_offers
from tests.builders import made, problem
from tests.contact_groups.steps import a_group, an_open_group
from tests.group_queues.steps import a_vingaker_child, do, in_line, offered, told

pytestmark = pytest.mark.database

NOW = datetime(2026, 9, 7, 9, tzinfo=UTC)


@pytest.fixture
def manager(client_for):
    return client_for("vingaker.manager")


@pytest.fixture
def maria(client_for):
    return client_for("guardian.one")


@pytest.mark.rule("R11.4")
async def test_whoever_is_not_first_is_offered_a_place_only_with_a_reason(manager, client_for):
    group = await an_open_group(manager, capacity=2)
    social = client_for("vingaker.social")
    first = await in_line(manager, group)
    second = await in_line(social, group, await a_vingaker_child(social))

    refused = await do(manager, second, "offers")
    offer = await offered(manager, second, skipReason="Syskonet går i gruppen.")
    plain = await offered(manager, first, skipReason="Behövs inte.")

    assert problem(refused) == (409, "others-wait-longer")
    assert (offer["status"], offer["rank"], plain["rank"]) == ("open", 2, 1)
    assert offer["_links"].keys() >= {"acceptance", "decline", "queue-entry"}
    reasons = [
        [one["text"] for one in (await made(await manager.get(f"/queue-entries/{entry['id']}/history")))["items"]
         if one["note"] == "skip"]
        for entry in (second, first)
    ]  # fmt: skip
    assert reasons == [["Syskonet går i gruppen."], []], "a reason is kept where somebody was passed"
    own = await client_for("guardian.one").get(f"/queue-entries/{second['id']}/history")
    assert [(one["move"], one["text"]) for one in own.json()["items"]] == [("joined", None), ("offered", None)]
    assert problem(await social.get(f"/offers/{offer['id']}")) == (403, "forbidden")
    assert problem(await social.get(f"/queue-entries/{second['id']}/offers")) == (403, "forbidden")
    assert (await told(social, second)).items() >= {"status": "offered", "offers": []}.items()
    assert problem(await client_for("gnesta.social").get(f"/offers/{offer['id']}")) == (404, "not-found")


@pytest.mark.rule("R11.5")
async def test_a_declined_offer_goes_to_the_next(manager, maria):
    group = await an_open_group(manager, capacity=1)
    entry = await in_line(manager, group, await a_vingaker_child(manager))
    following = await in_line(manager, group)
    offer = await offered(manager, entry)

    declined = await made(await maria.post(f"/offers/{offer['id']}/decline", json={"reason": "Fel dag för oss."}))

    assert declined["status"] == "declined"
    assert "decline" not in declined["_links"]
    shown = await told(manager, entry)
    assert (shown["status"], shown["concludedBecause"], shown["concludedReason"]) == (
        "declined", "family", "Fel dag för oss.",
    )  # fmt: skip
    assert (await told(manager, following))["status"] == "offered"
    for path in ("decline", "acceptance"):
        answer = await manager.post(f"/offers/{offer['id']}/{path}", json={})
        assert problem(answer) == (409, "offer-is-concluded"), path


@pytest.mark.rule("R11.5")
async def test_an_expired_offer_is_nobodys_and_goes_on_by_itself(manager, maria, clock, kernel):
    clock.set(NOW)
    group = await an_open_group(manager, capacity=1, offerDays=5)
    entry = await in_line(manager, group, await a_vingaker_child(manager))
    following = await in_line(manager, group)
    offer = await offered(manager, entry)
    assert datetime.fromisoformat(offer["expiresAt"]) == NOW + timedelta(days=5)

    clock.advance(timedelta(days=7))
    seen = [await told(maria, entry), await made(await maria.get(f"/offers/{offer['id']}"))]
    listed = await made(await maria.get(f"/queue-entries/{entry['id']}/offers"))
    late = [await maria.post(f"/offers/{offer['id']}/{path}", json={}) for path in ("decline", "acceptance")]

    assert [one["status"] for one in (*seen, *seen[0]["offers"], *listed["items"])] == ["expired"] * 4
    assert {"acceptance", "decline"}.isdisjoint(seen[1]["_links"])
    assert [problem(answer) for answer in late] == [(409, "offer-has-expired")] * 2
    assert (await told(manager, following))["status"] == "waiting", "nobody has noticed yet"
    shown = await made(await manager.get(f"/contact-groups/{group['id']}"))
    assert (shown["status"], shown["offered"], shown["free"]) == ("open", 0, 1)
    assert {"give-place", "ending"}.isdisjoint(shown["_links"]), "the place is the next in line's"
    assert "offer" not in (await told(manager, following))["_links"]

    await pass_on_expired_offers(kernel)

    newest = (await told(manager, following))["offers"][0]
    assert datetime.fromisoformat(newest["expiresAt"]) == clock.now() + timedelta(days=5), "the whole time"
    moves = (await made(await manager.get(f"/queue-entries/{following['id']}/history")))["items"]
    assert [(one["move"], one["rank"], one["byName"]) for one in moves] == [
        ("joined", 2, "Birgitta Malm"), ("offered", 1, None),
    ]  # fmt: skip


async def test_an_offer_needs_a_free_place_of_an_open_group_and_somebody_in_line(manager, client_for):
    group = await an_open_group(manager, capacity=1)
    planned = await a_group(manager)
    school = client_for("vingaker.school")
    held = await in_line(school, group, await a_vingaker_child(school))
    early = await in_line(manager, planned)
    one, two = await in_line(manager, group), await in_line(manager, group)

    not_yet = await do(manager, held, "offers")
    closed = await do(manager, early, "offers")
    await offered(manager, one)
    full = await do(manager, two, "offers", skipReason="Brådskar.")

    assert problem(not_yet) == (409, "impossible-in-this-state")
    assert problem(closed) == (409, "no-places-offered")
    assert problem(full) == (409, "no-place-free")
    assert "offer" in one["_links"]
    assert "offer" not in (await told(manager, two))["_links"], "no button where no place is free"
    assert problem(await do(school, held, "offers")) == (403, "forbidden")
