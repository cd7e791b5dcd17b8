"""A plan takes effect: what must be there, one SIP for one child, and what follows."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from app.demo.directory import UNITS
from app.demo.staff import USER_IDS
from app.people.testnumbers import TEST_PERSONNUMMER
from tests.builders import Json, a_case, a_child_with_two_guardians, a_consent, free, invited, made, problem
from tests.plan_agreements.steps import (
    CARE,
    SCHOOL,
    SOCIAL,
    ClientFor,
    a_written_sip,
    accepted,
    an_active_sip,
    day,
    in_days,
    listed,
)
from tests.plan_contents.steps import added, an_action, patched
from tests.plans.steps import (
    BUP,
    IFO,
    SHARED,
    a_called_meeting,
    a_drafted_sip,
    a_plan,
    change,
    deed,
    due,
    given,
    held,
    linked,
    overall,
    prepared,
    read,
)

pytestmark = pytest.mark.database


async def activate(client: httpx.AsyncClient, plan: Json, **body: str) -> httpx.Response:
    return await client.post(f"/plans/{plan['id']}/activation", json=body)


@pytest.mark.rule("R7.2")
async def test_a_sip_takes_effect_when_everything_is_there_and_not_before(client_for: ClientFor) -> None:
    school = client_for(SCHOOL)
    case, plan, _ = await a_drafted_sip(client_for)
    assert problem(await activate(school, plan)) == (409, "action-missing")

    await added(client_for(SOCIAL), plan, an_action(IFO))
    assert problem(await activate(school, plan)) == (409, "both-principals-required")
    await added(client_for(CARE), plan, an_action(BUP, "region"))
    assert problem(await activate(school, plan)) == (409, "others-measures-missing")
    await made(await change(school, plan, othersMeasuresNote="Ingen annan gör något."))
    assert problem(await activate(school, plan)) == (409, "overall-principal-missing")
    await made(await change(school, plan, overallPrincipal="municipality", mainResponsibleId=None))
    assert problem(await activate(school, plan)) == (409, "main-responsible-missing")
    await made(await change(school, plan, **overall()))
    assert problem(await activate(school, plan)) == (409, "child-view-not-recorded")
    await made(await change(school, plan, childViewMissingReason="Ville inte vara med i dag."))
    assert problem(await activate(school, plan)) == (409, "acceptance-missing")
    await accepted(client_for, plan, SOCIAL, CARE)
    assert problem(await activate(school, plan)) == (422, "next-follow-up-missing")
    for wrong in (in_days(0), in_days(190)):
        answer = await activate(school, plan, nextFollowUpOn=wrong)
        assert problem(answer) == (422, "next-follow-up-out-of-range")
    assert "activation" in (await read(school, plan))["_links"]

    active = await made(await activate(school, plan, nextFollowUpOn=in_days(80)))
    assert (active["status"], active["nextFollowUpOn"]) == ("active", in_days(80))
    assert active["activatedAt"] is not None
    assert {"document", "publish-version", "follow-up", "closing"} <= active["_links"].keys()
    assert problem(await activate(school, plan)) == (409, "impossible-in-this-state")
    assert [one["deed"] for one in await listed(school, plan, "steps")][-1] == "activate"
    assert case["id"] == active["caseId"]


@pytest.mark.rule("R7.2")
async def test_who_coordinates_activates_while_the_consents_name_every_party(client_for: ClientFor) -> None:
    written = await a_written_sip(client_for)
    school, plan = client_for(SCHOOL), written.plan
    await accepted(client_for, plan)
    publication = await school.post(f"/plans/{plan['id']}/versions", json={"reason": "Klar."})
    assert problem(publication) == (409, "impossible-in-this-state"), "a draft is not published"
    for other in (SOCIAL, CARE, "gnesta.school2", "guardian.one"):
        assert problem(await activate(client_for(other), plan)) == (403, "forbidden")

    await given(client_for, written.case, IFO, supersedesId=written.consent["id"])
    assert problem(await activate(school, plan)) == (409, "consent-required"), "BUP is a party, and not named any more"


async def test_an_active_sip_has_deadlines_and_what_changes_is_published_when_all_accept(client_for: ClientFor) -> None:
    written = await an_active_sip(client_for)
    school, plan = client_for(SCHOOL), written.plan
    found = await due(school, plan)
    assert found["plan_copies"]["metAt"] is None
    assert found["follow_up"]["metAt"] is None
    assert found["follow_up"]["kind"] == "agreement"
    assert found["follow_up"]["dueAt"][:10] == plan["nextFollowUpOn"]
    assert await due(client_for(CARE), plan) == {}

    await made(await change(school, plan, nextFollowUpOn=in_days(30)))
    items = (await made(await school.get(f"/deadlines?subjectId={plan['id']}&limit=50")))["items"]
    waiting = [item for item in items if item["code"] == "follow_up" and item["metAt"] is None]
    assert [item["dueAt"][:10] for item in waiting] == [in_days(30)]
    assert waiting[0]["dueAt"] < found["follow_up"]["dueAt"]
    assert problem(await change(school, plan, nextFollowUpOn=in_days(300))) == (422, "next-follow-up-out-of-range")
    assert problem(await change(school, plan, nextFollowUpOn=None))[0] == 422

    address, body = f"/plans/{plan['id']}/versions", {"reason": "BUP har satt en tid."}
    await made(await patched(client_for(CARE), f"/actions/{written.actions[CARE]['id']}", dueOn=in_days(40)))
    assert problem(await school.post(address, json=body)) == (409, "acceptance-missing")
    assert problem(await client_for(SOCIAL).post(address, json=body)) == (403, "forbidden")
    await accepted(client_for, plan, CARE)
    answer = await school.post(address, json=body)
    version = await made(answer)
    assert (version["number"], version["reason"]) == (2, "BUP har satt en tid.")
    assert answer.headers["location"].endswith("/versions/2")
    dates = {one["description"]: one["dueOn"] for one in version["content"]["actions"]}
    assert day(dates["Utredning på mottagningen."]) == day(in_days(40))
    copies = await listed(school, plan, "deliveries")
    assert [one["versionNumber"] for one in copies] == [2] * 6 + [1] * 6


@pytest.mark.rule("R7.3")
@pytest.mark.rule("R7.4")
async def test_a_barnets_plan_needs_neither_consent_nor_meeting_until_a_sip_replaces_it(client_for: ClientFor) -> None:
    school = client_for(SCHOOL)
    case = await a_case(school, await a_child_with_two_guardians(school))
    plan = await prepared(school, await a_plan(school, case, kind="barnets_plan", childView="Jag vill cykla."))
    await deed(school, plan, "drafting")
    await added(school, plan, an_action("gnesta-skola"))
    await accepted(client_for, plan, SCHOOL)

    active = await made(await activate(school, plan, nextFollowUpOn=in_days(30)))
    assert active["status"] == "active"
    copies = await listed(school, plan, "deliveries")
    assert [one["kind"] for one in copies] == ["unit", "guardian", "guardian", "child"]

    sip = await a_sip_after(client_for, case, plan)
    assert (await read(school, plan))["status"] == "active"
    assert (await made(await activate(school, sip, nextFollowUpOn=in_days(60))))["status"] == "active"
    earlier = await read(school, plan)
    assert (earlier["status"], earlier["closeReason"]) == ("closed", "replaced")
    assert (await listed(school, plan, "steps"))[-1]["deed"] == "replace"


async def a_sip_after(client_for: ClientFor, case: Json, plan: Json) -> Json:
    """A SIP that follows the Barnets plan when others come into the case; it only has to be activated."""
    school = client_for(SCHOOL)
    for unit in (IFO, BUP):
        await invited(school, case, unit)
    sip = await deed(school, plan, "upgrade", initiatorKind="professional", needReason="BUP behövs också.")
    await prepared(school, await linked(school, sip, await given(client_for, case)))
    await held(school, *await a_called_meeting(school, sip))
    await deed(school, sip, "drafting")
    await added(client_for(SOCIAL), sip, an_action(IFO))
    await added(client_for(CARE), sip, an_action(BUP, "region"))
    note = {"othersMeasuresNote": "Ingen annan.", "childView": "Jag vill cykla."}
    await made(await change(school, sip, **note, **overall()))
    await accepted(client_for, sip, SOCIAL, CARE)
    return sip


async def ready(client_for: ClientFor, staff: str, unit: str, number: str) -> Json:
    """A SIP of one unit about its own record of a child, one-sided, that only has to be activated."""
    client = client_for(staff)
    await free(client, number)
    identifiers = [{"type": "personnummer", "value": number}]
    case = await a_case(client, await a_child_with_two_guardians(client, identifiers=identifiers), contact=staff)
    await invited(client, case, BUP)
    consent = await a_consent(client, case, [BUP], SHARED, answered=True)
    plan = await linked(client, await a_plan(client, case, childView="Jag vill cykla."), consent)
    me = str(USER_IDS[staff])
    await prepared(client, plan, chairId=me, documenterId=me, mainResponsibleId=me)
    await met_at(client, plan, me)
    await deed(client, plan, "drafting")
    await added(client, plan, an_action(unit))
    texts = {"oneSidedReason": "Regionen gör inget nu.", "othersMeasuresNote": "Ingen annan."}
    await made(await change(client, plan, **texts, overallPrincipal="municipality"))
    await accepted(client_for, plan, staff)
    return plan


async def met_at(client: httpx.AsyncClient, plan: Json, me: str) -> None:
    starts = datetime.now(UTC) + timedelta(days=14)
    body = {
        "caseId": plan["caseId"], "planId": plan["id"], "meetingType": "sip", "startsAt": starts.isoformat(),
        "endsAt": (starts + timedelta(hours=1)).isoformat(), "chairUserId": me, "documenterUserId": me,
        "question": "Hur kan Alma komma tillbaka till skolan?",
    }  # fmt: skip
    meeting = await made(await client.post("/meetings", json=body))
    whom = {"unitIds": [str(UNITS[BUP])]}
    invitations = await made(await client.post(f"/meetings/{meeting['id']}/invitations", json=whom))
    await held(client, meeting, invitations["items"])


@pytest.mark.rule("R7.5")
async def test_of_two_units_that_activate_at_once_one_gets_the_sip(client_for: ClientFor) -> None:
    """Each has its own record of the same child, and neither sees the other's; the database knows one SIP a child."""
    number = TEST_PERSONNUMMER[40]
    plans = {
        "gnesta.school": await ready(client_for, "gnesta.school", "gnesta-skola", number),
        "katrineholm.school": await ready(client_for, "katrineholm.school", "katrineholm-skola", number),
    }
    both = [activate(client_for(who), plan, nextFollowUpOn=in_days(60)) for who, plan in plans.items()]
    first, second = await asyncio.gather(*both)

    assert sorted([first.status_code, second.status_code]) == [201, 409]
    refused = first if first.status_code == 409 else second
    assert problem(refused) == (409, "active-sip-exists")
    loser = list(plans)[[first, second].index(refused)]
    assert (await read(client_for(loser), plans[loser]))["status"] == "plan_draft"
    again = await activate(client_for(loser), plans[loser], nextFollowUpOn=in_days(60))
    assert problem(again) == (409, "active-sip-exists")
