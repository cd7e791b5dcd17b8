"""Following up and ending a plan, over HTTP."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.builders import Json, made, problem
from tests.plan_agreements.steps import (
    CARE,
    SCHOOL,
    SOCIAL,
    ClientFor,
    Written,
    an_action_of_each,
    an_active_sip,
    in_days,
    listed,
)
from tests.plan_contents.steps import patched
from tests.plans.steps import a_prepared_sip, change, deed, read, withdrawn

pytestmark = pytest.mark.database


def told(written: Written, outcome: str = "partly", **fields: Any) -> Json:
    """What a follow-up says: of the one goal, by the child, and when it is looked at again."""
    return {
        "heldOn": in_days(0), "goals": [{"goalId": written.goal["id"], "outcome": outcome, "note": "Tre dagar."}],
        "childView": "Det går bättre.", "familyViewMissingReason": "Kunde inte komma.",
        "experiences": [{"question": "Fick du säga det du ville?", "answer": "Ja, nästan allt."}],
        "nextFollowUpOn": in_days(90), **fields,
    }  # fmt: skip


async def follow_up(client: httpx.AsyncClient, written: Written, **fields: Any) -> httpx.Response:
    return await client.post(f"/plans/{written.plan['id']}/follow-ups", json=told(written, **fields))


async def waiting(client: httpx.AsyncClient, plan: Json) -> dict[str, str]:
    items = (await made(await client.get(f"/deadlines?subjectId={plan['id']}&limit=50")))["items"]
    return {item["code"]: item["dueAt"][:10] for item in items if item["metAt"] is None}


async def finished(client_for: ClientFor, written: Written) -> None:
    """Every action is done."""
    for party, action in written.actions.items():
        doer = client_for(SCHOOL if party == "family" else party)
        await made(await patched(doer, f"/actions/{action['id']}", status="ongoing"))
        await made(await patched(doer, f"/actions/{action['id']}", status="done"))


@pytest.mark.rule("R7.11")
async def test_a_follow_up_says_how_each_goal_goes_and_when_it_is_looked_at_again(client_for: ClientFor) -> None:
    written = await an_active_sip(client_for)
    school = client_for(SCHOOL)
    await each_thing_that_is_missing_has_a_name(client_for, written)
    (meeting,) = (await made(await school.get(f"/meetings?caseId={written.case['id']}")))["items"]
    answer = await follow_up(school, written, meetingId=meeting["id"])
    record = await made(answer)

    assert record["meetingId"] == meeting["id"]
    assert record["goals"] == [{"goalId": written.goal["id"], "outcome": "partly", "note": "Tre dagar."}]
    assert record["experiences"] == [{"question": "Fick du säga det du ville?", "answer": "Ja, nästan allt."}]
    assert (record["childView"], record["familyView"]) == ("Det går bättre.", None)
    assert await made(await client_for("guardian.one").get(answer.headers["location"])) == record
    assert await listed(client_for(CARE), written.plan, "follow-ups") == [record]
    assert [goal["status"] for goal in await listed(school, written.plan, "goals")] == ["partly"]
    plan = await read(school, written.plan)
    assert (plan["status"], plan["nextFollowUpOn"]) == ("active", in_days(90))
    assert (await waiting(school, written.plan))["follow_up"] == in_days(90)

    assert (await made(await follow_up(school, written, outcome="reached")))["meetingId"] is None
    await made(await follow_up(school, written, goals=[]))
    found = await listed(school, written.plan, "follow-ups")
    assert [len(one["goals"]) for one in found] == [0, 1, 1], "a goal that is reached is not asked for again"


async def each_thing_that_is_missing_has_a_name(client_for: ClientFor, written: Written) -> None:
    school, goal = client_for(SCHOOL), {"goalId": written.goal["id"], "outcome": "partly"}
    expected: list[tuple[str, dict[str, Any]]] = [
        ("held-in-the-future", {"heldOn": in_days(1)}),
        ("child-view-missing", {"childView": None}),
        ("family-view-missing", {"familyViewMissingReason": None}),
        ("goals-not-covered", {"goals": []}),
        ("unknown-reference", {"goals": [goal, {**goal, "goalId": str(uuid4())}]}),
        ("unknown-reference", {"meetingId": str(uuid4())}),
        ("next-follow-up-missing", {"nextFollowUpOn": None}),
        ("next-follow-up-out-of-range", {"nextFollowUpOn": in_days(200)}),
        ("validation-failed", {"goals": [goal, goal]}),
    ]
    for code, fields in expected:
        assert problem(await follow_up(school, written, **fields)) == (422, code)
    assert await listed(school, written.plan, "follow-ups") == []
    assert problem(await follow_up(client_for(CARE), written)) == (403, "forbidden")
    answer = await school.get(f"/plans/{written.plan['id']}/follow-ups/{uuid4()}")
    assert problem(answer) == (404, "not-found")


@pytest.mark.rule("R7.10")
async def test_the_main_responsible_ends_the_plan_when_nothing_is_open(client_for: ClientFor) -> None:
    written = await an_active_sip(client_for)
    school, path = client_for(SCHOOL), f"/plans/{written.plan['id']}/closure"
    body = {"closeReason": "goals_met", "outcomeSummary": "Alma är i skolan varje dag.", "childView": "Det är bra nu."}
    assert problem(await school.post(path, json=body)) == (409, "impossible-in-this-state")
    await it_goes_on_after_it_was_about_to_end(client_for, written)
    closing = await deed(school, written.plan, "closing", reason="Målen är nådda.")
    assert closing["status"] == "closing"
    assert {"close", "resumption"} <= closing["_links"].keys()
    await made(await change(school, written.plan, nextFollowUpOn=None))
    assert "follow_up" not in await waiting(school, written.plan), "while it is being closed a day is not needed"
    await made(await follow_up(school, written, outcome="reached", nextFollowUpOn=None))
    assert problem(await school.post(path, json=body)) == (409, "open-actions")
    await finished(client_for, written)
    assert problem(await school.post(path, json={**body, "childView": None})) == (422, "child-view-missing")
    wrong = {**body, "closeReason": "consent_withdrawn"}
    assert problem(await school.post(path, json=wrong)) == (422, "close-reason-does-not-fit")
    for other in (SOCIAL, CARE, "gnesta.schoolmanager", "guardian.one"):
        assert problem(await client_for(other).post(path, json=body)) == (403, "forbidden")
    assert problem(await school.get(path)) == (404, "not-found")

    closed = await made(await school.post(path, json=body))
    assert (closed["status"], closed["closeReason"]) == ("closed", "goals_met")
    assert closed["closedAt"] is not None
    assert await waiting(school, written.plan) == {}
    ending = await made(await client_for("guardian.two").get(path))
    assert (ending["outcomeSummary"], ending["childView"]) == ("Alma är i skolan varje dag.", "Det är bra nu.")
    assert problem(await follow_up(school, written)) == (409, "impossible-in-this-state")


async def it_goes_on_after_it_was_about_to_end(client_for: ClientFor, written: Written) -> None:
    school = client_for(SCHOOL)
    await deed(school, written.plan, "closing", reason="Målen är nådda.")
    assert (await deed(school, written.plan, "resumption", reason="Inte riktigt än."))["status"] == "active"
    for path in ("closing", "resumption"):
        answer = await client_for(CARE).post(f"/plans/{written.plan['id']}/{path}", json={"reason": "Nej."})
        assert problem(answer) == (403, "forbidden")
    answer = await school.post(f"/plans/{written.plan['id']}/resumption", json={})
    assert problem(answer) == (409, "impossible-in-this-state")


@pytest.mark.rule("R7.10")
async def test_a_plan_without_consent_ends_when_every_owner_has_decided(client_for: ClientFor) -> None:
    _, plan, consent = await a_prepared_sip(client_for)
    actions = await an_action_of_each(client_for, plan)
    school, path = client_for(SCHOOL), f"/plans/{plan['id']}/closure"
    await withdrawn(client_for("guardian.one"), consent)
    body = {"closeReason": "consent_withdrawn", "outcomeSummary": "Familjen vill inte.",
            "childViewMissingReason": "Har inte frågats."}  # fmt: skip
    assert problem(await school.post(path, json=body)) == (409, "open-actions")
    assert problem(await school.post(path, json={**body, "closeReason": "goals_met"})) == (
        422, "close-reason-does-not-fit",
    )  # fmt: skip
    for party, action in actions.items():
        doer = client_for(SCHOOL if party == "family" else party)
        await made(await doer.post(f"/actions/{action['id']}/decision", json={"decision": "goes_on"}))

    closed = await made(await school.post(path, json=body))
    assert (closed["status"], closed["closeReason"]) == ("closed", "consent_withdrawn")
