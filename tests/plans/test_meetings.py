"""A plan and its meeting: called, cancelled, held, and then written."""

import pytest

from tests.builders import a_case, made
from tests.plans.steps import (
    a_called_meeting,
    a_drafted_sip,
    a_plan,
    a_prepared_sip,
    deed,
    due,
    held,
    met,
    prepared,
    problem,
    read,
)

pytestmark = pytest.mark.database


@pytest.fixture
def school(client_for):
    return client_for("gnesta.school")


async def cancel(client, meeting):
    await made(await client.post(f"/meetings/{meeting['id']}/cancellation", json={"reason": "Flera är sjuka."}))


async def test_the_plan_follows_its_meeting(client_for, school):
    _, plan, _ = await a_prepared_sip(client_for)
    before = await due(school, plan)

    meeting, invitations = await a_called_meeting(school, plan)
    called = await read(school, plan)
    await held(school, meeting, invitations)

    after = await read(school, plan)
    assert "plan_meeting" in before
    assert (called["status"], called["metAt"]) == ("called", None)
    assert (after["status"], after["metAt"] is not None) == ("meeting_held", True)
    assert await due(school, plan) == {}


async def test_a_cancelled_meeting_leaves_the_plan_in_preparation(client_for, school):
    _, plan, _ = await a_prepared_sip(client_for)
    meeting, _ = await a_called_meeting(school, plan)

    await cancel(school, meeting)

    assert (await read(school, plan))["status"] == "preparing"


async def test_a_plan_stays_called_while_another_meeting_is(client_for, school):
    _, plan, _ = await a_prepared_sip(client_for)
    first, _ = await a_called_meeting(school, plan)
    second, _ = await a_called_meeting(school, plan)

    await cancel(school, first)
    between = await read(school, plan)
    await cancel(school, second)

    assert between["status"] == "called"
    assert (await read(school, plan))["status"] == "preparing"


async def test_a_sip_is_not_written_before_its_meeting(client_for, school):
    _, plan, _ = await a_prepared_sip(client_for)

    refused = await school.post(f"/plans/{plan['id']}/drafting", json={})
    await met(school, plan)

    assert problem(refused) == (409, "meeting-required")
    assert (await deed(school, plan, "drafting"))["status"] == "plan_draft"


async def test_a_meeting_changes_nothing_in_a_plan_that_is_past_it(client_for, school):
    _, plan, _ = await a_drafted_sip(client_for)

    await met(school, plan)

    assert (await read(school, plan))["status"] == "plan_draft"


async def test_a_meeting_in_another_case_is_not_the_plans(client_for, school):
    _, plan, _ = await a_prepared_sip(client_for)
    other = await a_case(school)

    await a_called_meeting(school, {"id": plan["id"], "caseId": other["id"]}, "gnesta-skola")

    assert (await read(school, plan))["status"] == "preparing"


async def test_a_meeting_before_the_preparation_means_nothing_to_the_plan(client_for, school):
    case = await a_case(school)
    plan = await a_plan(school, case, kind="barnets_plan")

    await a_called_meeting(school, plan, "gnesta-skola")

    assert (await read(school, plan))["status"] == "need_identified"
    assert (await prepared(school, plan))["status"] == "preparing"
