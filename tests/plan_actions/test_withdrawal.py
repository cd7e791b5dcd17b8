"""What becomes of open actions when consent has ended (R4.6): each owner decides, also one to whom all is closed."""

from datetime import timedelta

import pytest

from tests.builders import made, problem
from tests.plan_contents.steps import added, an_action, due, patched
from tests.plans.steps import BUP, IFO, a_circle, a_plan, a_prepared_sip, given, linked, prepared, withdrawn

pytestmark = pytest.mark.database
GOES_ON = {"decision": "goes_on", "reason": "BUP fortsätter på egen hand."}


@pytest.fixture
def school(client_for):
    return client_for("gnesta.school")


@pytest.fixture
def bup(client_for):
    return client_for("region.bup")


@pytest.mark.rule("R4.6")
async def test_an_owner_to_whom_all_is_closed_decides_about_its_own_actions(client_for, school, bup):
    case, plan, consent = await a_prepared_sip(client_for)
    action, other, late = [await added(bup, plan, an_action(BUP, "region", dueOn="2030-04-01")) for _ in range(3)]
    await withdrawn(client_for("guardian.one"), consent)
    address = f"/actions/{action['id']}"
    for subject in ("gnesta.school", "guardian.one"):
        answer = await client_for(subject).post(f"{address}/decision", json=GOES_ON)
        assert problem(answer) == (403, "forbidden"), "nobody else decides"

    assert problem(await bup.get(f"/plans/{plan['id']}")) == (404, "not-found")
    own = await made(await bup.get(address))
    assert own["awaitsDecision"] is True
    assert own["_links"].keys() == {"self", "decision"}
    assert (await made(await bup.get(f"{address}/questions")))["items"] == []
    for answer in (
        await patched(bup, address, status="ongoing"),
        await bup.post(f"{address}/removal", json={"reason": "Nej."}),
    ):
        assert problem(answer) == (409, "plan-closed-to-you")
    decided = await made(await bup.post(f"{address}/decision", json=GOES_ON))

    assert (decided["decision"], decided["status"], decided["awaitsDecision"]) == ("goes_on", "planned", False)
    assert (await due(bup, action)).keys() == {"action_due"}
    assert (await made(await school.get(address)))["decisionReason"] == GOES_ON["reason"]
    assert problem(await bup.post(f"{address}/decision", json=GOES_ON)) == (409, "nothing-to-decide")

    await made(await bup.post(f"/actions/{other['id']}/decision", json={"decision": "stops"}))
    assert await due(bup, other) == {}
    assert (await made(await school.get(f"/actions/{other['id']}")))["status"] == "stopped"

    assert "decide_after_withdrawal" in await due(bup, late)
    await linked(school, plan, await given(client_for, case))
    assert (await made(await bup.get(f"/actions/{late['id']}")))["awaitsDecision"] is False, "consent holds again"
    assert (await due(bup, late)).keys() == {"action_due"}


@pytest.mark.rule("R4.6")
async def test_each_owner_of_an_open_action_decides_and_who_is_still_in_goes_on_reporting(client_for, school, bup):
    _, plan, consent = await a_prepared_sip(client_for)
    maria = client_for("guardian.one")
    schools, done = [await added(school, plan, an_action("gnesta-skola")) for _ in range(2)]
    bups = await added(bup, plan, an_action(BUP, "region"))
    familys = await added(school, plan, an_action(principal="family"))
    address = f"/actions/{schools['id']}"
    await made(await patched(school, f"/actions/{done['id']}", status="stopped"))
    answer = await school.post(f"{address}/decision", json=GOES_ON)
    assert problem(answer) == (409, "nothing-to-decide"), "there is nothing to decide while consent holds"

    await withdrawn(maria, consent)

    items = (await made(await school.get(f"/plans/{plan['id']}/actions")))["items"]
    assert {row["id"]: row["awaitsDecision"] for row in items} == {
        schools["id"]: True, bups["id"]: True, familys["id"]: True, done["id"]: False,
    }  # fmt: skip
    assert (await due(school, schools)).keys() == {"decide_after_withdrawal"}
    assert (await due(bup, bups)).keys() == {"decide_after_withdrawal"}
    assert await due(school, done) == {}
    assert "decision" in (await made(await school.get(address)))["_links"]
    decided = await made(await school.post(f"{address}/decision", json={"decision": "goes_on"}))
    assert decided["decidedAt"] is not None
    assert await due(school, schools) == {}
    assert problem(await patched(school, address, description="Mer.")) == (409, "plan-is-not-writable")
    assert (await made(await patched(school, address, status="ongoing")))["status"] == "ongoing"

    decided = await made(await maria.post(f"/actions/{familys['id']}/decision", json={"decision": "stops"}))
    assert decided["status"] == "stopped", "the family decides about its own effort"


async def test_only_the_one_whose_consent_ended_is_outside(client_for, school, bup):
    case = await a_circle(client_for)
    first, second = await given(client_for, case, IFO), await given(client_for, case, BUP)
    plan = await linked(school, await a_plan(school, case), first, second)
    await prepared(school, plan)
    action = await added(bup, plan, an_action(BUP, "region"))

    await withdrawn(client_for("guardian.one"), first)

    seen = await made(await bup.get(f"/actions/{action['id']}"))
    assert seen["awaitsDecision"] is True
    assert (await made(await bup.post(f"/actions/{action['id']}/decision", json=GOES_ON)))["decision"] == "goes_on"


@pytest.mark.rule("R4.7")
async def test_a_consent_that_has_run_out_asks_for_a_decision_too(client_for, school, clock):
    case = await a_circle(client_for)
    plan = await linked(school, await a_plan(school, case), await given(client_for, case, days=10))
    await prepared(school, plan)
    action = await added(school, plan, an_action("gnesta-skola"))

    clock.advance(timedelta(days=11))

    assert (await made(await school.get(f"/actions/{action['id']}")))["awaitsDecision"] is True
    decided = await made(await school.post(f"/actions/{action['id']}/decision", json=GOES_ON))
    assert decided["awaitsDecision"] is False
