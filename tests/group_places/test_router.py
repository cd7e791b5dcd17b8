"""Places over HTTP: taken, given, shown to each as much as they may see, and ended."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from app.jobs import free_ended_places
from app.kernel.clock import stockholm_date
from tests.builders import changing, made, problem
from tests.contact_groups.steps import an_open_group, leads
from tests.group_places.steps import (
    a_led_group,
    a_place,
    accept,
    an_offer,
    due_of,
    end,
    give,
    seen,
)
from tests.group_queues.steps import a_vingaker_child, in_line, told
from tests.plan_actions.steps import become, count

pytestmark = pytest.mark.database

ASSESSED = "individual_needs_assessment"


@pytest.fixture(scope="module")
def manager(client_for):
    return client_for("vingaker.manager")


@pytest.fixture(scope="module")
def leader(client_for):
    return client_for("vingaker.leader")


@pytest.fixture(scope="module")
def mother(client_for):
    return client_for("guardian.one")


@pytest.fixture(scope="module")
async def group(manager):
    return await a_led_group(manager, capacity=30)


@pytest.fixture(scope="module")
async def place(manager, group):
    """A place to read, with everything on it."""
    child = await a_vingaker_child(manager, givenName="Alva", familyName="Sandell")
    needs = {"note": "Allergisk mot nötter.", "priority": "raised", "priorityReason": "Ensam."}
    entry = await in_line(manager, group, child, wishedBy="guardian", **needs)
    decided = {"decisionType": ASSESSED, "decisionRef": "SN 2026-7", "goals": "Våga prata i grupp."}
    return await made(await give(manager, group, entry, **decided, skipReason="Ensam plats."))


async def free_of(manager, group):
    return (await made(await manager.get(f"/contact-groups/{group['id']}")))["free"]


def today():
    return stockholm_date(datetime.now(UTC))


async def test_a_guardian_says_yes_to_an_offer(manager, mother, group):
    child = await a_vingaker_child(manager)
    offer = await an_offer(manager, group, child)

    answer = await accept(mother, offer, goals="Hitta kompisar.")

    place = await made(answer)
    assert answer.headers["location"].endswith(f"/places/{place['id']}")
    assert (place["status"], place["groupId"], place["fromOn"]) == ("active", group["id"], today().isoformat())
    assert (place["decisionType"], place["decisionMissing"]) == ("without_needs_assessment", False)
    assert place["_links"].keys() == {
        "self", "contact-group", "queue-entry", "child", "ending", "follow-up", "reviews", "follow-ups",
    }  # fmt: skip
    assert (await told(manager, {"id": offer["queueEntryId"]}))["status"] == "taken"
    assert place["id"] in {item["id"] for item in (await made(await mother.get("/places")))["items"]}
    due = await due_of(manager, place)
    assert due.keys() == {"place_review", "place_follow_up"}
    assert problem(await accept(mother, offer)) == (409, "offer-is-concluded")


async def test_after_its_last_instant_an_offer_is_not_taken(manager, mother, group, clock):
    offer = await an_offer(manager, group, await a_vingaker_child(manager))
    clock.set(datetime.fromisoformat(offer["expiresAt"]))

    assert problem(await accept(mother, offer)) == (409, "offer-has-expired")


@pytest.mark.rule("R11.10")
async def test_what_needs_a_decision_waits_for_it_and_not_the_child(manager, mother, client_for):
    group = await a_led_group(manager, defaultDecisionType=ASSESSED)
    child = await a_vingaker_child(manager)
    offer = await an_offer(manager, group, child)
    for stated in ({"decisionRef": "SN 1"}, {"decisionType": ASSESSED}, {"documentationExempt": True}):
        assert problem(await accept(mother, offer, **stated)) == (422, "decision-is-the-boards")
    assert problem(await accept(manager, offer)) == (422, "decision-ref-required")
    exempt = {"decisionRef": "SN 1", "documentationExempt": True}
    assert problem(await accept(manager, offer, **exempt)) == (422, "exemption-does-not-apply")

    place = await made(await accept(mother, offer))
    assert place["decisionMissing"] is True

    address = f"/places/{place['id']}"
    assert (await manager.patch(address, json={"decisionRef": "SN 2026-8"})).status_code == 428
    for client in (mother, client_for("vingaker.leader")):
        refused = await client.patch(address, json={"decisionRef": "SN 2026-8"}, headers=changing(place))
        assert refused.status_code == 403
    stated = await made(await manager.patch(address, json={"decisionRef": "SN 2026-8"}, headers=changing(place)))
    assert (stated["decisionMissing"], stated["decisionRef"]) == (False, "SN 2026-8")
    other = await manager.patch(address, json={"decisionRef": None}, headers=changing(stated))
    assert problem(other) == (422, "decision-ref-required")


async def test_a_yes_leaves_the_other_lines_if_asked_to(manager, mother, group):
    child = await a_vingaker_child(manager)
    others = [await an_open_group(manager, gradeMin=0, gradeMax=9) for _ in range(2)]
    waits = [await in_line(manager, other, child, wishedBy="guardian") for other in others]
    offer = await an_offer(manager, group, child)

    await made(await accept(mother, offer, withdrawOthers=True))

    assert [(await told(mother, entry))["status"] for entry in waits] == ["withdrawn", "withdrawn"]
    place = await a_place(manager, others[0], await a_vingaker_child(manager))
    stays = await in_line(manager, others[1], {"id": place["childId"]}, wishedBy="guardian")
    assert (await told(manager, stays))["status"] == "waiting"


@pytest.mark.rule("R11.1")
@pytest.mark.rule("R11.4")
async def test_the_last_place_is_given_once_and_past_others_with_a_reason(manager, client_for):
    group = await a_led_group(manager, capacity=1)
    assert "give-place" in group["_links"]
    first, second = [await in_line(manager, group, wishedBy="guardian") for _ in range(2)]

    assert problem(await give(manager, group, second)) == (409, "others-wait-longer")
    place = await made(await give(manager, group, second, skipReason="Syskon i gruppen."))
    history = (await made(await manager.get(f"/queue-entries/{second['id']}/history")))["items"]
    assert [event["text"] for event in history if event["note"] == "skip"] == ["Syskon i gruppen."]
    assert place["queueEntryId"] == second["id"]
    assert problem(await give(manager, group, first)) == (409, "no-place-free")
    assert problem(await give(manager, group, second)) == (409, "no-place-free")
    full = await made(await manager.get(f"/contact-groups/{group['id']}"))
    assert (full["free"], full["status"], "give-place" in full["_links"]) == (0, "full", False)


@pytest.mark.rule("R11.1")
async def test_those_who_ask_at_once_wait_for_each_other(manager, mother):
    """One place for six by decision, and two who leave each other's lines: nobody is left without an answer."""
    narrow = await a_led_group(manager, capacity=1)
    entries = [await in_line(manager, narrow, wishedBy="guardian") for _ in range(6)]
    given = await asyncio.gather(*(give(manager, narrow, entry, skipReason="Nu.") for entry in entries))
    assert sorted(answer.status_code for answer in given) == [201, *[409] * 5]
    assert {problem(answer)[1] for answer in given if answer.status_code == 409} == {"no-place-free"}

    both = [await an_open_group(manager, gradeMin=0, gradeMax=9) for _ in range(2)]
    children = [await a_vingaker_child(manager) for _ in range(2)]
    offers = [await an_offer(manager, *pair) for pair in zip(both, children, strict=True)]
    for pair in zip(both, reversed(children), strict=True):
        await in_line(manager, *pair, wishedBy="guardian")
    accepted = await asyncio.gather(*(accept(mother, offer, withdrawOthers=True) for offer in offers))
    assert [answer.status_code for answer in accepted] == [201, 201]


async def test_what_no_place_is_given_for(manager, leader, mother, group, client_for):
    waits = await in_line(manager, group, await a_vingaker_child(manager), wishedBy="guardian")
    other = await a_led_group(manager)
    for entry in (waits, {"id": str(uuid4())}):
        assert problem(await give(manager, other, entry)) == (422, "unknown-reference")
    assessed = {"skipReason": "Nu.", "decisionType": ASSESSED}
    assert problem(await give(manager, group, waits, **assessed)) == (422, "decision-ref-required")
    refused = await give(manager, group, waits, skipReason="Nu.", fromOn="2020-01-01")
    assert problem(refused) == (422, "first-day-out-of-range")
    for client in (leader, mother, client_for("vingaker.social")):
        assert problem(await give(client, group, waits)) == (403, "forbidden")
    paused = await an_open_group(manager, gradeMin=0, gradeMax=9)
    entry = await in_line(manager, paused, wishedBy="guardian")
    await made(await manager.post(f"/contact-groups/{paused['id']}/pause", json={"reason": "Lokalen."}))
    assert problem(await give(manager, paused, entry)) == (409, "no-places-offered")


@pytest.mark.rule("R11.8")
async def test_a_leader_sees_a_first_name_and_needed_notes(manager, leader, group, place):
    whole = await seen(manager, place)
    assert (whole["familyName"], whole["priority"], whole["decisionRef"]) == ("Sandell", "raised", "SN 2026-7")
    assert whole["childId"] is not None

    shown = await seen(leader, place)

    assert (shown["givenName"], shown["needs"]) == ("Alva", "Allergisk mot nötter.")
    hidden = ("familyName", "priority", "decisionRef", "consentId", "childId", "endReason", "endText")
    assert {shown[name] for name in hidden} == {None}
    assert shown["_links"].keys() == {"self", "contact-group", "review", "follow-up", "reviews", "follow-ups"}
    listed = (await made(await leader.get(f"/contact-groups/{group['id']}/places", params={"limit": 200})))["items"]
    assert {item["familyName"] for item in listed} == {None}
    assert place["id"] in {item["id"] for item in listed}


@pytest.mark.rule("R11.8")
async def test_whoever_leads_another_group_sees_nothing(manager, client_for, group, place):
    other = client_for("vingaker.leader2")
    mine = await an_open_group(manager)
    await made(await leads(manager, mine, "vingaker.leader2"))

    assert problem(await other.get(f"/places/{place['id']}")) == (403, "forbidden")
    assert (await made(await other.get("/places", params={"groupId": group["id"]})))["items"] == []
    assert (await made(await other.get(f"/contact-groups/{group['id']}/places")))["items"] == []


async def test_whoever_sent_the_child_learns_where_the_entry_stands_and_no_more(
    manager, client_for, group, program_db, settings
):
    social = client_for("vingaker.social")
    entry = await in_line(social, group, await a_vingaker_child(social), wishedBy="guardian")
    place = await made(await give(manager, group, entry, skipReason="Nu."))

    assert (await told(social, entry))["status"] == "taken"
    assert problem(await social.get(f"/places/{place['id']}")) == (404, "not-found")
    assert (await made(await social.get("/places")))["items"] == []
    become(program_db, settings, "vingaker.social")
    seen_in_sql = [
        count(program_db, table, "entry_id", entry["id"])
        for table in ("group_places", "place_reviews", "session_attendances", "place_follow_ups")
    ]
    assert (seen_in_sql, count(program_db, "queue_entries", "id", entry["id"])) == ([0, 0, 0, 0], 1)
    # The child's record is the sender's: the group's unit knows the first name only.
    assert (place["givenName"], place["familyName"], place["childId"]) == ("Alma", None, None)


async def test_lists_are_filtered_and_counted(manager, mother, group, place):
    child = await a_vingaker_child(manager)
    mine = await a_place(manager, group, child)
    query = {"childId": child["id"], "includeTotal": True}
    found = await made(await manager.get("/places", params=query))
    assert ([item["id"] for item in found["items"]], found["_meta"]["totalRecords"]) == ([mine["id"]], 1)
    assert (await made(await mother.get("/places", params={**query, "status": "ended"})))["items"] == []
    path = f"/contact-groups/{group['id']}/places"
    page = await made(await manager.get(path, params={"status": "active", "limit": 1, "includeTotal": True}))
    assert (page["_meta"]["count"], "next" in page["_links"]) == (1, True)
    assert page["_meta"]["totalRecords"] >= 2
    assert problem(await manager.get("/places", params={"needs": "nötter"})) == (400, "search-not-allowed")


@pytest.mark.rule("R2.5")
async def test_a_protected_child_is_in_no_list_and_behind_its_checkpoint(manager, mother, leader, group):
    child = await a_vingaker_child(manager, protectedIdentity="sekretessmarkering")
    checkpoint = f"/children/{child['id']}/checkpoints"
    await made(await manager.post(checkpoint, json={"reason": "Plats i grupp."}))
    place = await a_place(manager, group, child)

    listed = (await made(await manager.get("/places", params={"childId": child["id"]})))["items"]
    assert listed == []
    assert (await seen(manager, place))["givenName"] == "Alma"
    assert (await seen(mother, place))["givenName"] == "Alma"
    assert place["id"] in {item["id"] for item in (await made(await mother.get("/places")))["items"]}
    assert problem(await leader.get(f"/places/{place['id']}")) == (403, "checkpoint-required")


@pytest.mark.rule("R11.6")
async def test_no_place_is_ended_but_by_the_family_or_a_managers_decision(manager, mother, leader, client_for, group):
    place = await a_place(manager, group)
    worker = client_for("system.vingaker-import")
    because = {"reason": "goals_reached", "text": "Målen är nådda."}

    assert problem(await end(manager, place, reason="queue", text="Andra väntar.")) == (422, "validation-failed")
    assert problem(await end(leader, place)) == (403, "forbidden")
    assert problem(await end(mother, place, **because)) == (422, "end-reason-not-yours")
    assert problem(await end(worker, place, **because)) == (403, "end-needs-manager")
    assert problem(await end(manager, place, reason="goals_reached")) == (422, "end-needs-reason")
    early = {**because, "lastOn": (today() - timedelta(days=3)).isoformat()}
    assert problem(await end(manager, place, **early)) == (422, "last-day-before-first")

    free = await free_of(manager, group)
    ended = await made(await end(manager, place, **because))

    assert (ended["status"], ended["toOn"], ended["endText"]) == ("ended", today().isoformat(), "Målen är nådda.")
    assert (ended["endDecidedByName"], ended["nextReviewOn"]) == ("Birgitta Malm", None)
    assert await free_of(manager, group) == free + 1
    assert (await told(manager, {"id": place["queueEntryId"]}))["status"] == "left"
    assert (await due_of(manager, place)).keys() == {"place_follow_up_after_end"}
    assert problem(await end(mother, place)) == (409, "impossible-in-this-state")
    regretted = await a_place(manager, group, fromOn=(today() + timedelta(days=20)).isoformat())
    assert (await made(await end(mother, regretted)))["status"] == "ended"
    assert await free_of(manager, group) == free + 1
    changed = await manager.patch(f"/places/{place['id']}", json={"goals": "Nya."}, headers=changing(ended))
    assert problem(changed) == (409, "impossible-in-this-state")


@pytest.mark.rule("R11.6")
async def test_the_family_leaves_on_a_later_day_and_the_seat_goes_to_the_next(manager, mother, kernel, clock):
    group = await a_led_group(manager, capacity=1, automaticOffers=True)
    child = await a_vingaker_child(manager)
    entry = await in_line(manager, group, child, wishedBy="guardian")
    place = await made(await accept(mother, (await told(manager, entry))["offers"][0]))
    following = await in_line(manager, group, wishedBy="guardian")
    last_on = today() + timedelta(days=7)

    ending = await made(await end(mother, place, lastOn=last_on.isoformat()))
    assert (ending["status"], ending["endReason"]) == ("ending", "family_wish")
    await free_ended_places(kernel)
    assert (await told(manager, following))["status"] == "waiting"
    clock.advance(timedelta(days=8))

    # Nobody has noticed yet: it shows as ended all the same, and the job frees the seat without a sight of anybody.
    assert (await seen(mother, place))["status"] == "ended"
    assert "review" not in (await seen(manager, place))["_links"]
    page = await made(await manager.get("/places", params={"groupId": group["id"], "status": "ended"}))
    assert [item["id"] for item in page["items"]] == [place["id"]]
    assert (await told(manager, following))["status"] == "waiting"
    for _ in range(2):
        await free_ended_places(kernel)
        assert (await told(manager, following))["status"] == "offered"


async def test_a_seat_whose_day_has_passed_is_given_before_the_job_has_been(manager, clock):
    group = await a_led_group(manager, capacity=1)
    place = await a_place(manager, group)
    waits = await in_line(manager, group, wishedBy="guardian")
    await made(await end(manager, place, lastOn=(today() + timedelta(days=1)).isoformat()))
    assert problem(await give(manager, group, waits)) == (409, "no-place-free")
    clock.advance(timedelta(days=2))

    assert (await made(await give(manager, group, waits)))["queueEntryId"] == waits["id"]
