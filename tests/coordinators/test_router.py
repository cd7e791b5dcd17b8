"""Coordinators over HTTP: asked, accepting, handing over."""

import asyncio

import pytest

from app.demo.directory import UNITS
from tests.builders import a_case, invited, made, problem
from tests.coordinators.steps import (
    a_coordinator,
    a_joint_case,
    address,
    answer,
    ask,
    asked,
    next_one,
    protect,
    whom_to_call,
)

pytestmark = pytest.mark.database


@pytest.fixture
def school(client_for):
    return client_for("gnesta.school")


@pytest.fixture
def karin(client_for):
    return client_for("gnesta.coordinator")


@pytest.fixture
def bup(client_for):
    return client_for("region.bup")


@pytest.mark.rule("R5.3")
async def test_the_earlier_one_answers_until_the_new_one_accepts(client_for, school, karin, bup):
    case = await a_joint_case(school)
    proposed = await made(await ask(school, case, "gnesta.coordinator"))
    assert (proposed["id"], proposed["coordinator"]["name"]) == (case["id"], "Sara Ekdahl")
    assert (proposed["assignment"]["name"], proposed["assignment"]["status"]) == ("Karin Wallin", "proposed")
    waiting = await whom_to_call(school, case)
    assert (waiting["name"], waiting["role"]) == ("Sara Ekdahl", "coordinator")
    assert problem(await ask(school, case, "region.bup")) == (409, "coordinator-already-asked"), "one at a time"

    async def rels(client):
        return set((await made(await client.get(address(proposed["assignment"]))))["_links"]) - {"self", "case"}

    assert await rels(karin) == {"acceptance", "decline"}
    assert await rels(school) == {"withdrawal"}
    assert await rels(client_for("guardian.one")) == set()
    accepted = await made(await answer(karin, proposed["assignment"], "acceptance"))
    assert await rels(karin) == {"handover"}

    assert (accepted["status"], accepted["endedAt"]) == ("accepted", None)
    assert (await whom_to_call(school, case))["name"] == "Karin Wallin"
    shown = await made(await school.get(f"/cases/{case['id']}"))
    assert (shown["coordinator"]["name"], shown["version"]) == ("Karin Wallin", proposed["version"] + 1)
    await the_present_coordinator_is_not_asked_again(school, karin, case, accepted)

    manager = client_for("gnesta.schoolmanager")
    log = (await made(await manager.get(f"/cases/{case['id']}/access-log?limit=200")))["items"]
    done = {(item["action"], item["objectType"]) for item in log if item["kind"] == "change"}
    assert {
        ("appointCoordinator", "coordinator_assignment"), ("acceptCoordination", "coordinator_assignment"),
        ("acceptCoordination", "case"),
    } <= done, "what was done is in the log"  # fmt: skip


async def the_present_coordinator_is_not_asked_again(school, karin, case, present):
    again = await answer(karin, present, "acceptance")
    assert problem(again) == (409, "impossible-in-this-state"), "an assignment is answered once"
    assert (await whom_to_call(school, case))["name"] == "Karin Wallin"
    for client in (school, karin):
        assert problem(await ask(client, case, "gnesta.coordinator")) == (409, "coordinates-already")
    again = await answer(karin, present, "handover", **next_one("gnesta.coordinator"))
    assert problem(again) == (409, "coordinates-already")


@pytest.mark.rule("R3.2")
async def test_a_colleague_of_the_same_authority_coordinates_without_consent(client_for, school):
    case = await a_case(school)
    outside = await ask(school, case, "gnesta.coordinator")
    for unit in ("gnesta-samordning", "gnesta-skola-2"):
        await invited(school, case, unit)
    without_basis = await ask(school, case, "gnesta.coordinator")
    elsewhere = await ask(school, case, "region.bup", unitId=str(UNITS["gnesta-skola"]))
    for tried in (outside, without_basis, elsewhere):
        assert problem(tried) == (422, "contact-not-in-unit"), "a coordinator's unit is one to which the case is open"
    own = await made(await ask(school, case, "gnesta.school"))
    assert own["assignment"]["status"] == "accepted", "whoever names themselves has accepted"
    assert own["coordinator"]["name"] == "Sara Ekdahl"

    await a_coordinator(school, case, client_for("gnesta.otherschool"), "gnesta.otherschool")

    assert (await whom_to_call(school, case))["name"] == "David Åberg"


async def test_a_no_leaves_everything_as_it_was(client_for, school, karin, bup):
    case = await a_joint_case(school)
    assignment = await asked(school, case, "gnesta.coordinator")

    async def due(client):
        items = (await made(await client.get(f"/deadlines?subjectId={case['id']}&limit=50")))["items"]
        return {item["code"]: item for item in items}

    waiting = (await due(karin))["coordinator_accept"]
    assert (waiting["kind"], waiting["dueAt"]) == ("agreement", assignment["acceptDueAt"])
    assert "overifierad" in waiting["legalBasis"]
    assert "coordinator_accept" not in await due(school), "the question stands in the asked unit's day"
    await another_unit_may_not_answer_and_a_stranger_finds_nothing(client_for, case, assignment)

    said = await made(await answer(karin, assignment, "decline", reason="Har för många."))
    assert (said["status"], said["answerReason"]) == ("declined", "Har för många.")
    assert "coordinator_accept" not in await due(karin)
    assert (await whom_to_call(school, case))["name"] == "Sara Ekdahl"

    other = await ask(school, case, "region.bup")
    assert other.status_code == 201, "somebody else can be asked now"
    said = await made(await answer(school, other.json()["assignment"], "withdrawal", reason="Har för många."))
    assert (said["status"], said["answerReason"]) == ("withdrawn", "Har för många.")
    assert (await whom_to_call(school, case))["name"] == "Sara Ekdahl"
    assert (await ask(school, case, "region.bup")).status_code == 201


async def another_unit_may_not_answer_and_a_stranger_finds_nothing(client_for, case, assignment):
    stranger = client_for("katrineholm.coordinator")
    for other in ("region.bup", "guardian.one"):
        assert problem(await answer(client_for(other), assignment, "acceptance")) == (403, "forbidden")
    for tried in (
        await stranger.get(address(assignment)),
        await stranger.get(f"/cases/{case['id']}/whom-to-call"),
        await answer(stranger, assignment, "acceptance"),
        await answer(stranger, assignment, "handover", **next_one("gnesta.school")),
    ):
        assert problem(tried) == (404, "not-found")


@pytest.mark.rule("R3.4")
async def test_a_hand_over_waits_with_its_checklist_and_ends_the_earlier_assignment(school, karin, bup):
    case = await a_joint_case(school)
    first = await a_coordinator(school, case, karin, "gnesta.coordinator")
    items = [{"text": "Ring familjen tillsammans", "done": True}, {"text": "Visa planen", "done": False}]

    second = await made(await answer(karin, first, "handover", **next_one("region.bup", checklistItems=items)))
    waiting = await whom_to_call(school, case)
    await made(await answer(bup, second, "acceptance"))

    assert (second["followsId"], second["checklistItems"]) == (first["id"], items)
    assert second["_links"]["follows"]["href"].endswith(address(first))
    assert waiting["name"] == "Karin Wallin"
    assert (await whom_to_call(school, case))["name"] == "Hanna Sjögren"
    listed = (await made(await school.get(f"/cases/{case['id']}/coordinators")))["items"]
    assert [(item["name"], item["status"]) for item in listed] == [
        ("Hanna Sjögren", "accepted"), ("Karin Wallin", "ended"),
    ]  # fmt: skip
    past = (await made(await school.get(f"/cases/{case['id']}/contacts")))["items"]
    assert [item["name"] for item in past if item["kind"] == "coordinator" and item["toAt"] is None] == [
        "Hanna Sjögren"
    ]
    shown = await made(await bup.get(f"/cases/{case['id']}"))
    assert shown["coordinator"]["name"] == "Hanna Sjögren", "of another authority"
    assert {"closure", "pause", "invite", "whom-to-call"} <= shown["_links"].keys()


async def test_a_manager_of_the_coordinators_unit_hands_over_for_somebody_who_is_ill(client_for, school, karin, bup):
    case = await a_joint_case(school)
    assignment = await a_coordinator(school, case, karin, "gnesta.coordinator")
    own = await made(await ask(karin, case, "gnesta.school2"))
    first = await made(await answer(client_for("gnesta.school2"), own["assignment"], "acceptance"))

    second = await answer(client_for("gnesta.schoolmanager"), first, "handover", **next_one("gnesta.school"))
    stranger = await answer(karin, first, "handover", **next_one("gnesta.school"))

    assert second.status_code == 201
    assert problem(stranger) == (403, "forbidden")
    await units_of_a_protected_child_are_not_named(client_for, case, assignment)


async def units_of_a_protected_child_are_not_named(client_for, case, assignment):
    school, bup = client_for("gnesta.school"), client_for("region.bup")
    await protect(school, case)
    await made(await bup.post(f"/children/{case['child']['id']}/checkpoints", json={"reason": "Planerar möte."}))

    there = await made(await bup.get(address(assignment)))
    at_home = await made(await school.get(address(assignment)))

    assert there["unitName"] is None
    assert at_home["unitName"] == "Samordningsfunktionen i Gnesta"
    assert problem(await client_for("gnesta.school2").get(address(assignment))) == (403, "checkpoint-required")


async def test_a_colleague_cannot_answer_for_the_one_who_was_asked_and_nobody_is_asked_when_it_is_over(
    client_for, school
):
    case, other = await a_case(school), await a_case(school)
    assignment = await asked(school, case, "gnesta.school2")
    manager = client_for("gnesta.schoolmanager")
    for deed in ("acceptance", "decline"):
        assert problem(await answer(manager, assignment, deed)) == (409, "not-the-one-asked")
    shown = await made(await manager.get(address(assignment)))
    assert "acceptance" not in shown["_links"]
    tried = await answer(manager, assignment, "handover", **next_one("gnesta.school"))
    assert problem(tried) == (409, "impossible-in-this-state"), "a hand-over starts from an accepted assignment"
    tried = await school.get(f"/cases/{other['id']}/coordinators/{assignment['id']}")
    assert problem(tried) == (404, "not-found"), "an assignment is found in its own case only"

    closure = {
        "closeReason": "need_met", "outcomeSummary": "Klart.", "childView": "Bra.", "openActionsHandled": True,
    }  # fmt: skip
    await made(await school.post(f"/cases/{case['id']}/closure", json=closure))
    assert problem(await ask(school, case, "gnesta.school2")) == (409, "impossible-in-this-state")
    assert (await answer(school, assignment, "withdrawal")).status_code == 201


@pytest.mark.rule("R5.3")
async def test_of_two_proposals_or_acceptances_at_once_one_wins(school, karin):
    case = await a_joint_case(school)
    people = ("gnesta.coordinator", "region.bup", "gnesta.school2", "gnesta.coordinator")
    answers = await asyncio.gather(*(ask(school, case, who) for who in people))

    assert sorted(one.status_code for one in answers) == [201, 409, 409, 409]
    assert {problem(one)[1] for one in answers if one.status_code == 409} == {"coordinator-already-asked"}
    (won,) = (one.json()["assignment"] for one in answers if one.status_code == 201)
    await made(await answer(school, won, "withdrawal"))

    assignment = await asked(school, case, "gnesta.coordinator")
    answers = await asyncio.gather(*(answer(karin, assignment, deed) for deed in ("acceptance", "decline") * 2))

    assert sorted(one.status_code for one in answers) == [201, 409, 409, 409]
    won = next(one for one in answers if one.status_code == 201).json()["status"]
    present = (await whom_to_call(school, case))["name"]
    assert present == {"accepted": "Karin Wallin", "declined": "Sara Ekdahl"}[won]
