"""A plan and its meeting: called, cancelled, held, and then written."""

import pytest

from tests.builders import a_case, made, problem
from tests.plans.steps import a_called_meeting, a_plan, a_prepared_sip, deed, due, held, met, prepared, read

pytestmark = pytest.mark.database


@pytest.fixture
def school(client_for):
    return client_for("gnesta.school")


async def cancel(client, meeting):
    await made(await client.post(f"/meetings/{meeting['id']}/cancellation", json={"reason": "Flera är sjuka."}))


async def test_the_plan_follows_its_meetings(client_for, school):
    _, plan, _ = await a_prepared_sip(client_for)
    before = await due(school, plan)
    assert "plan_meeting" in before
    early = await school.post(f"/plans/{plan['id']}/drafting", json={})
    assert problem(early) == (409, "meeting-required"), "a SIP is not written before its meeting"

    first, _ = await a_called_meeting(school, plan)
    second, _ = await a_called_meeting(school, plan)
    await cancel(school, first)
    called = await read(school, plan)
    assert (called["status"], called["metAt"]) == ("called", None), "while another meeting is"
    other = await a_case(school)
    await a_called_meeting(school, {"id": plan["id"], "caseId": other["id"]}, "gnesta-skola")
    await cancel(school, second)
    assert (await read(school, plan))["status"] == "preparing", "a meeting in another case is not the plan's"

    meeting, invitations = await a_called_meeting(school, plan)
    assert (await read(school, plan))["status"] == "called"
    await held(school, meeting, invitations)
    after = await read(school, plan)
    assert (after["status"], after["metAt"] is not None) == ("meeting_held", True)
    assert await due(school, plan) == {}
    assert (await deed(school, plan, "drafting"))["status"] == "plan_draft"
    assert (await met(school, plan))["status"] == "plan_draft", "a meeting changes nothing in a plan that is past it"


async def test_a_meeting_before_the_preparation_means_nothing_to_the_plan(client_for, school):
    case = await a_case(school)
    plan = await a_plan(school, case, kind="barnets_plan")

    await a_called_meeting(school, plan, "gnesta-skola")

    assert (await read(school, plan))["status"] == "need_identified"
    assert (await prepared(school, plan))["status"] == "preparing"
