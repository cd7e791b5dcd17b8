"""What a plan's consents make of it: it waits, begins, rests, and goes on."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import a_case, a_child_with_two_guardians, made, problem
from tests.plans.steps import (
    BUP,
    IFO,
    a_circle,
    a_drafted_sip,
    a_plan,
    answers,
    asked,
    deed,
    due,
    given,
    linked,
    prepared,
    read,
    withdrawn,
)

pytestmark = pytest.mark.database


@pytest.fixture
def school(client_for):
    return client_for("gnesta.school")


@pytest.fixture(scope="module")
async def case(client_for):
    """A case in which each test has a plan and consents of its own."""
    return await a_circle(client_for)


def link(client, plan, *consents):
    return client.post(f"/plans/{plan['id']}/consents", json={"consentIds": [consent["id"] for consent in consents]})


async def test_a_plan_waits_until_everybody_has_answered(client_for, school, case):
    plan, consent = await a_plan(school, case), await asked(client_for, case)

    waiting = await linked(school, plan, consent)
    await answers(client_for, consent, "given")
    after_one = await read(school, plan)
    await made(await client_for("guardian.two").post(f"/consents/{consent['id']}/answers", json={"answer": "given"}))

    assert waiting["status"] == after_one["status"] == "consent_pending"
    assert (await read(school, plan))["status"] == "consented"
    assert "plan_meeting" in await due(school, plan)


async def test_a_plan_goes_on_at_once_on_what_is_given_already_and_holds(client_for, school, case):
    plan, other = await a_plan(school, case), await a_plan(school, case)
    consent, in_no_case = await given(client_for, case), await given(client_for, case, caseId=None)

    for each, carries in ((plan, consent), (other, in_no_case)):
        assert (await linked(school, each, carries))["status"] == "consented"

    await withdrawn(client_for("guardian.one"), consent)
    assert problem(await link(school, await a_plan(school, case), consent)) == (409, "consent-required")


async def test_a_plan_may_wait_for_several_consents(client_for, school, case):
    social, bup = await asked(client_for, case, IFO), await asked(client_for, case, BUP)
    plan = await linked(school, await a_plan(school, case), social, bup)

    await answers(client_for, social)
    after_one = await read(school, plan)
    await answers(client_for, bup)

    assert after_one["status"] == "consent_pending"
    assert (await read(school, plan))["status"] == "consented"


async def test_a_no_is_documented_and_the_plan_is_closed_without_more(client_for, school, case):
    plan, consent = await a_plan(school, case), await asked(client_for, case)
    await linked(school, plan, consent)

    await answers(client_for, consent, "refused")

    declined = await read(school, plan)
    assert (declined["status"], declined["closeReason"]) == ("declined", "declined")
    assert await due(school, plan) == {}
    again = await linked(school, await a_plan(school, case), consent)
    assert again["status"] == "declined"


async def test_a_consent_is_about_the_child_in_its_case_and_covers_the_plan(client_for, school, case):
    other = await a_case(school, await a_child_with_two_guardians(school))
    plan = await a_plan(school, case)
    wrong = [
        await asked(client_for, other),
        await asked(client_for, case, categories=["contact"]),
        {"id": case["id"]},
    ]

    for consent in wrong:
        assert problem(await link(school, plan, consent)) == (422, "consent-not-of-this-case")
    assert problem(await link(school, plan, wrong[0], wrong[0])) == (422, "validation-failed")
    assert (await read(school, plan))["status"] == "need_identified"


@pytest.mark.rule("R4.6")
async def test_a_withdrawal_lets_the_plan_rest_in_that_instant_until_a_new_consent(client_for, school):
    case, plan, consent = await a_drafted_sip(client_for)

    await withdrawn(client_for("guardian.two"), consent)

    suspended = await read(school, plan)
    assert suspended["status"] == "suspended"
    assert suspended["_links"].keys().isdisjoint({"add-need", "add-action", "activation"})
    assert problem(await client_for("region.bup").get(f"/plans/{plan['id']}")) == (404, "not-found")
    steps = (await made(await school.get(f"/plans/{plan['id']}/steps")))["items"]
    assert (steps[-1]["deed"], steps[-1]["takenByName"]) == ("withdraw", "Johan Sandell")
    assert (await read(client_for("guardian.one"), plan))["status"] == "suspended"

    newer = await asked(client_for, case)
    resting = await linked(school, plan, newer)
    await answers(client_for, newer)

    assert (resting["status"], resting["consentIds"]) == ("suspended", [newer["id"]])
    assert (await read(school, plan))["status"] == "consented"
    assert (await deed(school, plan, "drafting"))["status"] == "plan_draft", "the meeting has been"


async def a_prepared_plan(client_for, school, case):
    consent = await given(client_for, case)
    return await prepared(school, await linked(school, await a_plan(school, case), consent)), consent


async def test_a_professional_of_another_unit_records_a_withdrawal(client_for, school, case):
    plan, consent = await a_prepared_plan(client_for, school, case)
    bup = client_for("region.bup")
    giver = (await made(await bup.get(f"/consents/{consent['id']}")))["givers"][0]["id"]

    await made(await bup.post(f"/consents/{consent['id']}/withdrawal", json={"giverId": giver}))

    assert (await read(school, plan))["status"] == "suspended"


@pytest.mark.rule("R4.7")
async def test_a_plan_begins_and_rests_with_the_first_and_last_day_of_its_consent(client_for, school, clock):
    case = await a_circle(client_for)
    starts = datetime.now(UTC) + timedelta(days=7)
    consent = await given(client_for, case, validFrom=starts.isoformat())
    plan = await linked(school, await a_plan(school, case), consent)

    clock.set(starts)

    assert plan["status"] == "consent_pending"
    assert (await read(school, plan))["status"] == "consented"
    assert (await prepared(school, plan))["status"] == "preparing"

    clock.advance(timedelta(days=91))

    resting = await read(school, plan)
    assert resting["status"] == "suspended", "as if it had been withdrawn"
    path = f"/plans/{plan['id']}"
    again = await school.post(f"{path}/preparation", json={"question": "Vad behöver Alma?"})
    assert problem(again) == (409, "impossible-in-this-state")
    read_at = {"if-match": f'"v{resting["version"]}"'}
    settled = await made(await school.patch(path, json={"plainText": "Vi väntar."}, headers=read_at))
    assert settled["status"] == "suspended"
    steps = (await made(await school.get(f"{path}/steps")))["items"]
    assert steps[-1]["deed"] == "withdraw"


async def test_a_newer_consent_takes_the_earlier_ones_place_and_carries_the_plan_if_it_covers_it(
    client_for, school, case
):
    plan, consent = await a_prepared_plan(client_for, school, case)

    newer = await answers(client_for, await asked(client_for, case, supersedesId=consent["id"]))
    after = await read(school, plan)
    assert (after["status"], after["consentIds"]) == ("preparing", [newer["id"]])

    await answers(client_for, await asked(client_for, case, supersedesId=newer["id"], categories=["contact"]))
    after = await read(school, plan)
    assert (after["status"], after["consentIds"]) == ("suspended", [newer["id"]])


async def test_a_plan_that_goes_on_takes_only_consents_that_are_given(client_for, school, case):
    plan, consent = await a_prepared_plan(client_for, school, case)
    newer = await asked(client_for, case)

    refused = await link(school, plan, newer)
    await answers(client_for, newer)

    assert problem(refused) == (409, "consent-required")
    both = await linked(school, plan, newer)
    assert (both["status"], both["consentIds"]) == ("preparing", [consent["id"], newer["id"]])


@pytest.mark.rule("R7.3")
async def test_a_plan_rests_on_consent_unless_it_is_a_barnets_plan_of_one_authority(client_for, school, case):
    alone = await a_case(school)
    shared = await a_plan(school, case, kind="barnets_plan")
    for plan in (await a_plan(school, alone), shared):
        refused = await school.post(f"/plans/{plan['id']}/preparation", json={"question": "Vad behöver Alma?"})
        assert problem(refused) == (409, "consent-required")
    consented = await linked(school, shared, await given(client_for, case))
    assert (await prepared(school, consented))["status"] == "preparing"

    own = await a_plan(school, alone, kind="barnets_plan")
    ready = await prepared(school, own)
    assert (ready["status"], ready["question"]) == ("preparing", "Hur kan Alma komma tillbaka till skolan?")
    assert (await deed(school, own, "drafting"))["status"] == "plan_draft"
