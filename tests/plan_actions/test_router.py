"""Actions over HTTP: each principal's own in a common plan."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors

from app.demo.directory import UNITS
from app.demo.staff import USER_IDS
from tests.builders import a_case, invited, made, problem
from tests.plan_actions.steps import become
from tests.plan_contents.steps import a_goal, added, an_action, due, patched
from tests.plans.steps import BUP, IFO, a_circle, a_plan, a_prepared_sip, deed, given, linked, prepared

pytestmark = pytest.mark.database


@pytest.fixture
def school(client_for):
    return client_for("gnesta.school")


@pytest.fixture
def bup(client_for):
    return client_for("region.bup")


@pytest.fixture(scope="module")
async def plan(client_for):
    """A SIP in which each test has actions of its own."""
    _, plan, _ = await a_prepared_sip(client_for)
    return plan


async def listed(client, plan, action):
    """Where the action stands in the list of the plan."""
    items = (await made(await client.get(f"/plans/{plan['id']}/actions?limit=200")))["items"]
    return [item for item in items if item["id"] == action["id"]]


@pytest.mark.rule("R7.8")
async def test_a_unit_commits_itself_and_everybody_reads_it(client_for, school, bup, plan):
    goal = await a_goal(school, plan)
    body = an_action(
        BUP, "region", goalId=goal["id"], responsibleId=str(USER_IDS["region.bup"]), startOn="2030-03-01",
        dueOn="2030-04-01",
    )  # fmt: skip

    action = await added(bup, plan, body)

    assert (action["unitName"], action["responsibleName"]) == ("BUP Nyköping", "Hanna Sjögren")
    assert (action["status"], action["commitment"], action["overdue"]) == ("planned", 1, False)
    assert action["_links"].keys() == {"self", "plan", "questions", "edit", "removal"}
    assert (await due(bup, action))["action_due"]["dueAt"] == "2030-04-01T22:00:00Z"
    for subject in ("gnesta.school", "gnesta.social", "guardian.one"):
        (seen,) = await listed(client_for(subject), plan, action)
        assert seen["description"] == action["description"]
        assert not {"edit", "removal"} & seen["_links"].keys()


@pytest.mark.rule("R7.8")
async def test_what_is_proposed_for_another_unit_is_that_units_to_change(client_for, school, bup, plan):
    action = await added(school, plan, an_action(BUP, "region"))
    address = f"/actions/{action['id']}"

    for subject in ("gnesta.school", "gnesta.social", "guardian.one"):
        other = client_for(subject)
        assert problem(await patched(other, address, description="Mer.")) == (403, "forbidden")
        assert problem(await patched(other, address, status="ongoing")) == (403, "forbidden")
        assert problem(await other.post(f"{address}/removal", json={"reason": "Nej."})) == (403, "forbidden")
    assert (await made(await patched(bup, address, description="Samtal på BUP.")))["commitment"] == 2


@pytest.mark.rule("R7.8")
@pytest.mark.rule("R5.5")
async def test_the_database_itself_lets_only_the_owner_change_an_action(school, plan, program_db, settings):
    action = await added(school, plan, an_action(BUP, "region"))
    change = "update plan_actions set description = 'Annat' where id = %s"

    become(program_db, settings, "gnesta.school")
    assert program_db.execute("select 1 from plan_actions where id = %s", [action["id"]]).rowcount == 1
    with pytest.raises(errors.InsufficientPrivilege, match="only its owner"):
        program_db.execute(change, [action["id"]])
    program_db.rollback()
    become(program_db, settings, "region.bup")
    assert program_db.execute(change, [action["id"]]).rowcount == 1


async def test_a_party_adds_for_itself_only(bup, plan):
    for body in (an_action(IFO), an_action(principal="family")):
        assert problem(await bup.post(f"/plans/{plan['id']}/actions", json=body)) == (403, "proposes-for-another")


async def test_the_documenter_proposes_for_others_and_a_unit_without_consent_commits_itself_to_nothing(
    client_for, school, bup
):
    case = await a_circle(client_for, BUP)
    plan = await linked(school, await a_plan(school, case), await given(client_for, case, BUP))
    await prepared(school, plan, documenterId=str(USER_IDS["region.bup"]))
    await invited(school, case, IFO)
    refused = await school.post(f"/plans/{plan['id']}/actions", json=an_action(IFO))
    assert problem(refused) == (409, "consent-required")
    await linked(school, plan, await given(client_for, case, IFO))

    action = await added(bup, plan, an_action(IFO))

    assert action["unitId"] == str(UNITS[IFO])
    assert await made(await patched(client_for("gnesta.social"), f"/actions/{action['id']}", status="ongoing"))


async def test_only_who_takes_part_commits_itself(school, plan):
    outside = await school.post(f"/plans/{plan['id']}/actions", json=an_action("strangnas-ifo"))
    unknown = await school.post(f"/plans/{plan['id']}/actions", json=an_action() | {"unitId": str(uuid4())})

    assert problem(outside) == (422, "unit-not-in-plan")
    assert problem(unknown) == (422, "unknown-reference")


async def test_a_unit_commits_the_principal_that_it_belongs_to(school, plan):
    answer = await school.post(f"/plans/{plan['id']}/actions", json=an_action(BUP, "municipality"))

    assert problem(answer) == (422, "action-principal-does-not-fit")


async def test_whoever_is_responsible_works_in_the_unit(school, bup, plan):
    body = an_action(BUP, "region", responsibleId=str(USER_IDS["gnesta.school"]))
    assert problem(await school.post(f"/plans/{plan['id']}/actions", json=body)) == (422, "responsible-not-in-unit")

    action = await added(school, plan, an_action(BUP, "region"))
    answer = await patched(bup, f"/actions/{action['id']}", responsibleId=str(USER_IDS["gnesta.social"]))
    assert problem(answer) == (422, "responsible-not-in-unit")


@pytest.mark.parametrize(
    "body",
    [
        {"principal": "region"},
        {"principal": "family", "unitId": str(UNITS[BUP])},
        {"principal": "civil_society"},
        {"principal": "family", "otherPartyName": "Ridklubben"},
    ],
)
async def test_an_action_says_who_does_it(school, plan, body):
    answer = await school.post(f"/plans/{plan['id']}/actions", json={"description": "Något.", **body})

    assert problem(answer) == (422, "validation-failed")


async def test_an_action_is_not_due_before_it_starts(school, plan):
    body = an_action("gnesta-skola", startOn="2030-03-02", dueOn="2030-03-01")

    assert problem(await school.post(f"/plans/{plan['id']}/actions", json=body)) == (409, "ends-before-it-begins")


async def test_an_action_serves_a_goal_of_its_plan(school, plan):
    action = await added(school, plan, an_action("gnesta-skola"))
    body = an_action("gnesta-skola", goalId=str(uuid4()))

    assert problem(await school.post(f"/plans/{plan['id']}/actions", json=body)) == (422, "unknown-reference")
    answer = await patched(school, f"/actions/{action['id']}", goalId=str(uuid4()))
    assert problem(answer) == (422, "unknown-reference")


async def test_civil_society_is_known_by_name_and_looked_after_by_the_plans_unit(school, bup, plan):
    action = await added(school, plan, an_action(principal="civil_society", otherPartyName="Ridklubben"))

    assert (action["otherPartyName"], action["unitId"], action["ownEffort"]) == ("Ridklubben", None, False)
    assert problem(await patched(bup, f"/actions/{action['id']}", status="ongoing")) == (403, "forbidden")
    assert (await made(await patched(school, f"/actions/{action['id']}", status="ongoing")))["status"] == "ongoing"


async def test_the_family_says_how_its_own_effort_goes(client_for, school, plan):
    action = await added(school, plan, an_action(principal="family", description="Vi äter frukost tillsammans."))
    maria, address = client_for("guardian.one"), f"/actions/{action['id']}"

    done = await made(await patched(maria, address, status="ongoing", result="Fyra dagar av fem."))

    assert (done["ownEffort"], done["status"], done["commitment"]) == (True, "ongoing", 1)
    assert "edit" in done["_links"]
    for answer in (
        await patched(maria, address, description="Annat."),
        await maria.post(f"{address}/removal", json={"reason": "Nej."}),
    ):
        assert problem(answer) == (403, "only-reports")
    assert (await made(await patched(school, address, description="Vi äter middag.")))["commitment"] == 2


@pytest.mark.rule("R7.8")
async def test_only_a_changed_commitment_asks_the_others_again(school, plan):
    action = await added(school, plan, an_action("gnesta-skola", dueOn="2030-04-01"))
    address = f"/actions/{action['id']}"

    same = await made(await patched(school, address, description=action["description"], dueOn="2030-04-01"))
    told = await made(await patched(school, address, status="ongoing", result="Det går bra."))
    moved = await made(await patched(school, address, dueOn="2030-05-01"))

    assert [step["commitment"] for step in (same, told, moved)] == [1, 1, 2]
    assert (await due(school, action))["action_due"]["dueAt"] == "2030-05-01T22:00:00Z"
    await made(await patched(school, address, status="done"))
    assert await due(school, action) == {}


async def test_an_action_does_not_go_back(school, plan):
    action = await added(school, plan, an_action("gnesta-skola"))
    address = f"/actions/{action['id']}"
    assert problem(await patched(school, address, status="done")) == (409, "impossible-in-this-state")

    await made(await patched(school, address, status="stopped"))

    for fields in ({"status": "ongoing"}, {"status": "planned"}, {"description": "Mer."}):
        assert problem(await patched(school, address, **fields)) == (409, "impossible-in-this-state")
    assert (await made(await patched(school, address, result="Avslutat i förtid.")))["result"] is not None


async def test_an_action_is_overdue_when_its_day_has_passed(school, clock):
    today = datetime.now(UTC).date()
    plan = await a_plan(school, await a_case(school), kind="barnets_plan")
    await deed(school, plan, "preparation", question="Vad behöver Alma?")
    action = await added(school, plan, an_action("gnesta-skola", dueOn=str(today + timedelta(days=3))))
    assert action["overdue"] is False

    clock.advance(timedelta(days=5))

    assert (await made(await school.get(f"/actions/{action['id']}")))["overdue"] is True
    await made(await patched(school, f"/actions/{action['id']}", status="ongoing"))
    assert (await made(await patched(school, f"/actions/{action['id']}", status="done")))["overdue"] is False


@pytest.mark.rule("R3.8")
async def test_an_action_that_is_taken_out_stays(school, plan):
    action = await added(school, plan, an_action("gnesta-skola", dueOn="2030-04-01"))
    address = f"/actions/{action['id']}"

    removed = await made(await school.post(f"{address}/removal", json={"reason": "Ersätts."}))

    assert removed["_links"].keys() == {"self", "plan", "questions"}
    assert await listed(school, plan, action) == []
    assert await due(school, action) == {}
    assert problem(await patched(school, address, status="ongoing")) == (409, "already-removed")
    assert problem(await school.post(f"{address}/removal", json={"reason": "Igen."})) == (409, "already-removed")


@pytest.mark.rule("R5.5")
async def test_whoever_coordinates_asks_and_the_owner_answers(client_for, school, bup, plan):
    action = await added(bup, plan, an_action(BUP, "region"))
    address = f"/actions/{action['id']}"
    assert "question" in (await made(await school.get(address)))["_links"]

    asked = await made(await school.post(f"{address}/questions", json={"question": "Hur går det?"}))
    again = await made(await school.post(f"{address}/questions", json={"question": "När börjar ni?"}))

    assert asked["askedByName"] == "Sara Ekdahl"
    assert (await due(bup, action)).keys() == {"answer_question"}
    answer_at = f"{address}/questions/{asked['id']}/answer"
    assert problem(await school.post(answer_at, json={"answer": "Bra."})) == (403, "forbidden")
    answered = await made(await bup.post(answer_at, json={"answer": "Första samtalet är på måndag."}))
    assert (answered["answer"], answered["_links"].keys()) == ("Första samtalet är på måndag.", {"self", "action"})
    assert problem(await bup.post(answer_at, json={"answer": "Igen."})) == (409, "question-already-answered")
    assert (await due(bup, action)).keys() == {"answer_question"}, "one question is left"
    await made(await bup.post(f"{address}/questions/{again['id']}/answer", json={"answer": "I april."}))
    assert await due(bup, action) == {}
    listed = (await made(await client_for("guardian.one").get(f"{address}/questions")))["items"]
    assert [item["answer"] for item in listed] == ["Första samtalet är på måndag.", "I april."]
    assert (await made(await bup.get(f"{address}/questions/{asked['id']}")))["id"] == asked["id"]


async def test_others_do_not_ask(client_for, bup, plan):
    action = await added(bup, plan, an_action(BUP, "region"))

    for subject in ("gnesta.social", "region.bup", "guardian.one"):
        answer = await client_for(subject).post(f"/actions/{action['id']}/questions", json={"question": "Hur går det?"})
        assert problem(answer) == (403, "forbidden")


async def test_a_question_belongs_to_its_action(school, bup, plan):
    action, other = [await added(bup, plan, an_action(BUP, "region")) for _ in range(2)]
    asked = await made(await school.post(f"/actions/{action['id']}/questions", json={"question": "Hur går det?"}))
    elsewhere = f"/actions/{other['id']}/questions/{asked['id']}"

    assert problem(await school.get(elsewhere)) == (404, "not-found")
    assert problem(await bup.post(f"{elsewhere}/answer", json={"answer": "Bra."})) == (404, "not-found")


async def test_a_stranger_finds_no_action(client_for, school, plan):
    action = await added(school, plan, an_action("gnesta-skola"))

    stranger = client_for("strangnas.social")

    assert problem(await stranger.get(f"/actions/{action['id']}")) == (404, "not-found")
    assert problem(await patched(stranger, f"/actions/{action['id']}", status="ongoing")) == (404, "not-found")


@pytest.mark.rule("R2.5")
async def test_a_protected_childs_action_does_not_tell_the_place(client_for, school, bup):
    manager = client_for("gnesta.schoolmanager")
    _, plan, _ = await a_prepared_sip(client_for)
    action = await added(school, plan, an_action("gnesta-skola"))
    child = plan["child"]["id"]
    shield = {"protectedIdentity": "sekretessmarkering"}
    await made(await manager.patch(f"/children/{child}", json=shield, headers={"if-match": "*"}))
    address = f"/actions/{action['id']}"

    assert problem(await bup.get(address)) == (403, "checkpoint-required")
    assert problem(await patched(school, address, status="ongoing")) == (403, "checkpoint-required")
    await made(await bup.post(f"/children/{child}/checkpoints", json={"reason": "Ska följa upp planen."}))

    seen = await made(await bup.get(address))
    assert (seen["unitName"], seen["description"]) == (None, action["description"])


async def test_a_barnets_plan_of_one_authority_holds_actions_without_consent(client_for, school):
    case = await a_circle(client_for, "gnesta-skola-2")
    plan = await a_plan(school, case, kind="barnets_plan")
    await deed(school, plan, "preparation", question="Vad behöver Alma?")

    action = await added(school, plan, an_action("gnesta-skola-2"))

    assert await made(await patched(client_for("gnesta.otherschool"), f"/actions/{action['id']}", status="ongoing"))


def test_nobody_decides_about_anothers_action(program_db: psycopg.Connection, settings):
    become(program_db, settings, "gnesta.school")

    with pytest.raises(errors.InsufficientPrivilege, match="only its owner decides"):
        program_db.execute("select wall.decide_own_action(%s, 'stops', null)", [uuid4()])
