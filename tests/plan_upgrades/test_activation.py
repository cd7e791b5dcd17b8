"""What happens around a plan when it takes effect, moves its follow-up, or ends: seen from ``plans``."""

import pytest

from tests.builders import free, made
from tests.plan_agreements.steps import a_written_sip, accepted, an_active_sip, in_days
from tests.plan_contents.steps import a_goal, added, an_action
from tests.plan_contents.steps import due as due_of_action
from tests.plan_upgrades.steps import made_active
from tests.plans.steps import (
    BUP,
    IFO,
    a_circle,
    a_plan,
    change,
    deed,
    due,
    given,
    linked,
    met,
    overall,
    prepared,
    problem,
    read,
)

pytestmark = pytest.mark.database

NUMBER = "201105192387"


@pytest.fixture
def school(client_for):
    return client_for("gnesta.school")


@pytest.mark.rule("R7.4")
async def test_the_active_sip_takes_the_place_of_the_barnets_plan(client_for, owner_db, school):
    case = await a_circle(client_for)
    consent = await given(client_for, case)
    earlier = await prepared(school, await linked(school, await a_plan(school, case, kind="barnets_plan"), consent))
    made_active(owner_db, earlier)
    sip = await prepared(school, await deed(school, earlier, "upgrade", needReason="BUP behöver vara med."))
    await met(school, sip)
    await deed(school, sip, "drafting")
    await a_goal(school, sip)
    for subject, unit, principal in (("gnesta.social", IFO, "municipality"), ("region.bup", BUP, "region")):
        await added(client_for(subject), sip, an_action(unit, principal))
    nobody_else = {"othersMeasuresNote": "Ingen annan gör något.", "childViewMissingReason": "Ville inte."}
    await made(await change(school, sip, nextFollowUpOn=in_days(60), **nobody_else, **overall()))
    await accepted(client_for, sip, "gnesta.social", "region.bup")

    active = await deed(school, sip, "activation")

    replaced = await read(school, earlier)
    assert active["status"] == "active"
    assert (replaced["status"], replaced["closeReason"]) == ("closed", "replaced")
    steps = (await made(await school.get(f"/plans/{earlier['id']}/steps")))["items"]
    assert steps[-1]["deed"] == "replace"


@pytest.mark.rule("R7.5")
async def test_whose_sip_it_is_follows_the_identifier_that_the_child_has_by_then(client_for, owner_db, school):
    case, plan, *_ = await a_written_sip(client_for)
    await free(school, NUMBER)

    def keys():
        found = owner_db.execute("select child_id, child_key from plans where id = %s", [plan["id"]]).fetchone()
        owner_db.rollback()
        return found["child_id"], found["child_key"]

    before = keys()
    identifier = {"type": "personnummer", "value": NUMBER}
    await made(await school.post(f"/children/{case['child']['id']}/identifiers", json=identifier))
    await accepted(client_for, plan)
    await deed(school, plan, "activation")

    assert before[0] == before[1], "without an identifier it is only this record's child"
    assert keys()[0] != keys()[1]


async def test_another_day_in_the_plan_moves_the_deadline_of_the_follow_up(client_for, school):
    active = await an_active_sip(client_for)
    before = (await due(school, active.plan))["follow_up"]

    await made(await change(school, active.plan, nextFollowUpOn=in_days(30)))

    after = (await due(school, active.plan))["follow_up"]
    assert after["dueAt"] < before["dueAt"]
    assert problem(await change(school, active.plan, nextFollowUpOn=in_days(400)))[0] == 422
    assert problem(await change(school, active.plan, nextFollowUpOn=None))[0] == 422


async def test_nothing_is_due_of_the_actions_of_a_plan_that_is_over(client_for, school):
    active = await an_active_sip(client_for)
    social = client_for("gnesta.social")
    action = active.actions["gnesta.social"]
    path = f"/actions/{action['id']}"
    await made(await social.patch(path, json={"dueOn": in_days(20)}, headers={"if-match": "*"}))
    before = await due_of_action(social, action)

    await made(await client_for("guardian.one").post(f"/cases/{active.case['id']}/decline", json={}))

    assert "action_due" in before
    assert await due_of_action(social, action) == {}
