"""From a Barnets plan to a SIP: a new plan that is linked to the earlier one."""

import pytest

from tests.builders import a_case, invited, problem
from tests.plan_upgrades.steps import made_active
from tests.plans.steps import a_circle, a_plan, deed, due, given, linked, prepared, read, withdrawn

pytestmark = pytest.mark.database

NEED = "BUP behöver vara med."


@pytest.fixture
def school(client_for):
    return client_for("gnesta.school")


async def an_active_barnets_plan(client_for, owner_db, **fields):
    """A Barnets plan of several authorities that is active, and the consent that it rests on."""
    school = client_for("gnesta.school")
    case = await a_circle(client_for)
    consent = await given(client_for, case)
    plan = await a_plan(school, case, kind="barnets_plan", **fields)
    plan = await prepared(school, await linked(school, plan, consent))
    await deed(school, plan, "drafting")
    made_active(owner_db, plan)
    return case, await read(school, plan), consent


@pytest.mark.rule("R7.4")
@pytest.mark.rule("R7.14")
async def test_one_sip_follows_a_barnets_plan_by_a_link_and_copies_nothing(
    client_for, owner_db, school, kernel, monkeypatch
):
    _, plan, consent = await an_active_barnets_plan(client_for, owner_db, whatMatters="Katten.")
    path, body = f"/plans/{plan['id']}/upgrade", {"needReason": NEED}
    assert "upgrade" in plan["_links"]
    for stranger in ("strangnas.social", "youth.one"):
        assert problem(await client_for(stranger).post(path, json=body)) == (404, "not-found")
    with monkeypatch.context() as agreement:
        agreement.setattr(kernel.settings, "school_may_initiate_sip", False)
        assert problem(await school.post(path, json=body)) == (403, "school-may-not-initiate")

    sip = await deed(school, plan, "upgrade", needReason=NEED)

    earlier = await read(school, plan)
    assert (sip["kind"], sip["needReason"], sip["whatMatters"]) == ("sip", NEED, None)
    assert (sip["upgradedFromId"], earlier["upgradedToId"]) == (plan["id"], sip["id"])
    assert sip["_links"]["upgraded-from"]["href"].endswith(f"/plans/{plan['id']}")
    assert earlier["_links"]["upgraded-to"]["href"].endswith(f"/plans/{sip['id']}")
    assert earlier["status"] == "active", "it holds until the SIP is active"
    assert (sip["status"], sip["consentIds"]) == ("consented", [consent["id"]]), "nobody is asked twice"
    assert {"plan_start", "plan_meeting"} <= (await due(school, sip)).keys()
    steps = (await school.get(f"/plans/{plan['id']}/steps")).json()["items"]
    assert (steps[-1]["deed"], steps[-1]["status"]) == ("upgrade", "active")

    assert problem(await school.post(path, json=body)) == (409, "not-upgradable")
    assert problem(await school.post(f"/plans/{sip['id']}/upgrade", json=body)) == (409, "not-upgradable")
    assert "upgrade" not in earlier["_links"]
    await withdrawn(client_for("guardian.one"), consent)
    assert (await read(school, plan))["status"] == "suspended"


@pytest.mark.rule("R7.14")
async def test_another_unit_upgrades_too_and_what_the_family_has_not_consented_to_is_asked(
    client_for, owner_db, school, kernel, monkeypatch
):
    case, plan, _ = await an_active_barnets_plan(client_for, owner_db)
    for unit in ("region-bvc-gnesta", "vingaker-ifo"):
        await invited(school, case, unit)
    monkeypatch.setattr(kernel.settings, "school_may_initiate_sip", False)

    sip = await deed(client_for("gnesta.social"), plan, "upgrade", needReason=NEED)

    assert (sip["kind"], sip["status"], sip["consentIds"]) == ("sip", "need_identified", [])


async def test_a_plan_that_is_not_active_is_not_upgraded(school):
    plan = await a_plan(school, await a_case(school), kind="barnets_plan")

    answer = await school.post(f"/plans/{plan['id']}/upgrade", json={"needReason": NEED})

    assert problem(answer) == (409, "impossible-in-this-state")
