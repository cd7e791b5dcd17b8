"""What a consent opens, to whom, until when, and how it is taken back."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from app.demo.directory import UNITS
from tests.builders import a_consent, guardianships, invited, made, problem
from tests.consents.steps import START, asked, one_of, shared_case

pytestmark = pytest.mark.database


@pytest.mark.rule("R4.1")
@pytest.mark.rule("R4.11")
async def test_it_opens_to_the_named_authority_and_nobody_else(client_for):
    school = client_for("gnesta.school")
    case = await shared_case(school, "gnesta-ifo", "region-bup-nykoping")

    consent = await a_consent(school, case, ["gnesta-ifo"], ["plan"], answered=True)

    seen = await made(await client_for("gnesta.social").get(f"/cases/{case['id']}"))
    basis = {"basis": "consent", "id": consent["id"]}
    assert [{key: opened[key] for key in basis} for opened in seen["openedBy"]] == [basis]
    assert set(seen["openedBy"][0]["categories"]) == {"plan", "core"}
    shown = await made(await client_for("gnesta.social").get(f"/consents/{consent['id']}"))
    assert [opened["id"] for opened in shown["openedBy"]] == [consent["id"]]
    assert (await made(await school.get(f"/consents/{consent['id']}")))["openedBy"] == []
    for address in (f"/cases/{case['id']}", f"/children/{case['child']['id']}", f"/consents/{consent['id']}"):
        assert (await client_for("region.bup").get(address)).status_code == 404
    contact = f"/children/{case['child']['id']}/guardians"
    assert (await client_for("gnesta.social").get(contact)).json().get("items", []) == []


@pytest.mark.rule("R3.2")
async def test_a_unit_invited_after_the_consent_sees_what_it_opens(client_for):
    school = client_for("gnesta.school")
    case = await shared_case(school)
    await a_consent(school, case, ["gnesta-ifo"], ["plan"], answered=True)
    assert (await client_for("gnesta.social").get(f"/cases/{case['id']}")).status_code == 404

    await invited(school, case, "gnesta-ifo")

    assert (await client_for("gnesta.social").get(f"/cases/{case['id']}")).status_code == 200


async def test_a_consent_in_no_case_opens_the_cases_of_the_child(client_for):
    school, social = client_for("gnesta.school"), client_for("gnesta.social")
    case = await shared_case(school, "gnesta-ifo")
    child_id = case["child"]["id"]
    maria, johan = await guardianships(school, child_id)

    consent = await made(await school.post("/consents", json=asked(child_id, [one_of(maria), one_of(johan)])))
    for who in ("guardian.one", "guardian.two"):
        await made(await client_for(who).post(f"/consents/{consent['id']}/answers", json={"answer": "given"}))

    assert (await social.get(f"/cases/{case['id']}")).status_code == 200
    assert (await social.get(f"/children/{child_id}")).status_code == 200


@pytest.mark.rule("R4.7")
async def test_it_ends_at_valid_to_without_anybody_doing_anything(client_for, clock):
    clock.set(START)
    school, social = client_for("gnesta.school"), client_for("gnesta.social")
    case = await shared_case(school, "gnesta-ifo")
    consent = await a_consent(school, case, ["gnesta-ifo"], ["plan"], days=60, at=START, answered=True)
    addresses = (f"/cases/{case['id']}", f"/children/{case['child']['id']}", f"/consents/{consent['id']}")
    end = START + timedelta(days=60)

    clock.set(end - timedelta(microseconds=1))
    assert {(await social.get(address)).status_code for address in addresses} == {200}
    assert (await school.get(addresses[2])).json()["status"] == "given"

    clock.set(end)
    assert {(await social.get(address)).status_code for address in addresses} == {404}
    ended = (await school.get(addresses[2])).json()
    assert ended["status"] == "expired"
    assert "withdrawal" not in ended["_links"]
    listed = await made(await school.get(f"/consents?caseId={case['id']}&status=expired"))
    assert [item["id"] for item in listed["items"]] == [consent["id"]]
    assert (await school.get(f"/consents?caseId={case['id']}&status=given")).json()["items"] == []
    assert problem(await client_for("guardian.one").post(f"{addresses[2]}/withdrawal")) == (
        409, "impossible-in-this-state"
    )  # fmt: skip
    later = await a_case_member(client_for, case)
    assert later == 404


async def a_case_member(client_for, case) -> int:
    """What BUP meets when it is invited on a consent that has ended."""
    await invited(client_for("gnesta.school"), case, "region-bup-nykoping")
    return (await client_for("region.bup").get(f"/cases/{case['id']}")).status_code


@pytest.mark.rule("R4.7")
async def test_an_answer_after_the_end_opens_nothing(client_for, clock):
    clock.set(START)
    school, maria = client_for("gnesta.school"), client_for("guardian.one")
    case = await shared_case(school)
    consent = await a_consent(school, case, ["gnesta-ifo"], ["plan"], days=10, at=START)

    clock.set(START + timedelta(days=10))

    answer = await maria.post(f"/consents/{consent['id']}/answers", json={"answer": "given"})
    assert problem(answer) == (409, "period-is-over")


async def test_a_consent_that_begins_later_opens_later(client_for, clock):
    clock.set(START)
    school, social = client_for("gnesta.school"), client_for("gnesta.social")
    case = await shared_case(school, "gnesta-ifo")
    begins = START + timedelta(days=2)
    await a_consent(
        school, case, ["gnesta-ifo"], ["plan"], days=60, at=START, answered=True, validFrom=begins.isoformat()
    )

    assert (await social.get(f"/cases/{case['id']}")).status_code == 404
    clock.set(begins)
    assert (await social.get(f"/cases/{case['id']}")).status_code == 200


@pytest.mark.rule("R4.7")
async def test_its_end_is_brought_to_mind_thirty_and_seven_days_before(client_for, clock, owner_db):
    clock.set(START)
    school = client_for("gnesta.school")
    case = await shared_case(school)
    consent = await a_consent(school, case, ["gnesta-ifo"], ["plan"], days=60, at=START, answered=True)
    soon = await a_consent(school, case, ["region-bup-nykoping"], ["plan"], days=20, at=START, answered=True)

    def due(of: dict[str, Any]) -> dict[str, tuple[datetime, bool]]:
        query = "select code, due_at, met_at, kind from deadlines where subject_id = %s and kind = 'agreement'"
        owner_db.rollback()
        return {row["code"]: (row["due_at"], row["met_at"] is None) for row in owner_db.execute(query, [of["id"]])}

    assert due(consent) == {
        "consent_expires_in_30_days": (START + timedelta(days=30), True),
        "consent_expires_in_7_days": (START + timedelta(days=53), True),
    }
    assert set(due(soon)) == {"consent_expires_in_7_days"}

    await made(await client_for("guardian.one").post(f"/consents/{consent['id']}/withdrawal"))
    assert {open_ for _, open_ in due(consent).values()} == {False}


@pytest.mark.rule("R4.6")
async def test_withdrawn_between_list_and_detail_the_detail_is_gone(client_for):
    school, social = client_for("gnesta.school"), client_for("gnesta.social")
    case = await shared_case(school, "gnesta-ifo")
    consent = await a_consent(school, case, ["gnesta-ifo"], ["plan"], answered=True)
    listed = (await social.get(f"/cases?childId={case['child']['id']}")).json()["items"]
    assert [item["id"] for item in listed] == [case["id"]]

    await made(await client_for("guardian.two").post(f"/consents/{consent['id']}/withdrawal"))

    for address in (f"/cases/{case['id']}", f"/children/{case['child']['id']}", f"/consents/{consent['id']}"):
        assert (await social.get(address)).status_code == 404
    assert (await social.get(f"/consents?caseId={case['id']}")).json()["items"] == []
    await invited(school, case, "region-bup-nykoping")
    assert (await client_for("region.bup").get(f"/cases/{case['id']}")).status_code == 404


@pytest.mark.rule("R4.6")
async def test_a_member_that_records_a_withdrawal_is_told_of_it_and_sees_no_more(client_for):
    school, social = client_for("gnesta.school"), client_for("gnesta.social")
    case = await shared_case(school, "gnesta-ifo")
    consent = await a_consent(school, case, ["gnesta-ifo"], ["plan"], answered=True)
    giver = consent["givers"][0]["id"]

    withdrawn = await made(await social.post(f"/consents/{consent['id']}/withdrawal", json={"giverId": giver}))

    assert (withdrawn["status"], withdrawn["openedBy"]) == ("withdrawn", [])
    assert (await social.get(f"/consents/{consent['id']}")).status_code == 404


@pytest.mark.rule("R4.6")
async def test_history_stays_and_a_withdrawal_is_not_repeated(client_for, owner_db):
    school, maria = client_for("gnesta.school"), client_for("guardian.one")
    case = await shared_case(school)
    consent = await a_consent(school, case, ["gnesta-ifo"], ["plan"], answered=True)
    address = f"/consents/{consent['id']}"

    await made(await maria.post(f"{address}/withdrawal"))

    kept = await made(await school.get(address))
    assert (kept["status"], kept["withdrawnAt"] is not None, kept["purpose"]) == ("withdrawn", True, consent["purpose"])
    assert {giver["answer"] for giver in kept["givers"]} == {"given", "withdrawn"}
    assert problem(await maria.post(f"{address}/withdrawal")) == (409, "nothing-to-withdraw")
    rights = "select has_table_privilege('tillsammans_program', %s, 'delete') as may"
    tables = ("consents", "consent_givers", "disclosures")
    assert not any(owner_db.execute(rights, [table]).fetchone()["may"] for table in tables)


async def test_who_has_not_consented_has_nothing_to_withdraw(client_for):
    school, maria = client_for("gnesta.school"), client_for("guardian.one")
    case = await shared_case(school)
    consent = await a_consent(school, case, ["gnesta-ifo"], ["plan"])

    assert problem(await maria.post(f"/consents/{consent['id']}/withdrawal")) == (409, "nothing-to-withdraw")


@pytest.mark.rule("R4.6")
async def test_a_yes_can_be_taken_back_before_the_other_has_answered(client_for):
    school, maria = client_for("gnesta.school"), client_for("guardian.one")
    case = await shared_case(school)
    consent = await a_consent(school, case, ["gnesta-ifo"], ["plan"])
    await made(await maria.post(f"/consents/{consent['id']}/answers", json={"answer": "given"}))

    await made(await maria.post(f"/consents/{consent['id']}/withdrawal"))

    late = await client_for("guardian.two").post(f"/consents/{consent['id']}/answers", json={"answer": "given"})
    assert problem(late) == (409, "impossible-in-this-state")


async def test_a_newer_consent_takes_the_place_of_the_earlier_when_it_is_given(client_for):
    school, social = client_for("gnesta.school"), client_for("gnesta.social")
    case = await shared_case(school, "gnesta-ifo", "region-bup-nykoping")
    wide = await a_consent(school, case, ["gnesta-ifo", "region-bup-nykoping"], ["plan", "contact"], answered=True)

    narrow = await a_consent(school, case, ["gnesta-ifo"], ["plan"], supersedesId=wide["id"])
    assert (await made(await school.get(f"/consents/{wide['id']}")))["status"] == "given"
    for who in ("guardian.one", "guardian.two"):
        await made(await client_for(who).post(f"/consents/{narrow['id']}/answers", json={"answer": "given"}))

    assert (await made(await school.get(f"/consents/{wide['id']}")))["status"] == "superseded"
    assert (await client_for("region.bup").get(f"/cases/{case['id']}")).status_code == 404
    seen = await made(await social.get(f"/cases/{case['id']}"))
    assert {basis["id"] for basis in seen["openedBy"]} == {narrow["id"]}


async def test_after_a_transfer_the_new_owner_asks_and_opens_and_the_earlier_one_reads_its_own(client_for):
    school, taking_over = client_for("gnesta.school"), client_for("gnesta.otherschool")
    case = await shared_case(school, "gnesta-ifo")
    consent = await a_consent(school, case, ["gnesta-ifo"], ["plan"])
    address = f"/consents/{consent['id']}"
    body = {"toUnitId": str(UNITS["gnesta-skola-2"]), "reason": "Barnet har bytt skola."}
    transfer = await made(await school.post(f"/cases/{case['id']}/transfers", json=body))
    await made(await taking_over.post(f"/transfers/{transfer['id']}/acceptance", json={}))

    assert (await made(await school.get(address)))["status"] == "requested"
    by_the_earlier = {"answer": "given", "givenHow": "oral", "giverId": consent["givers"][0]["id"]}
    assert (await school.post(f"{address}/answers", json=by_the_earlier)).status_code == 403
    await a_consent(taking_over, case, ["region-bup-nykoping"], ["plan"])
    for who in ("guardian.one", "guardian.two"):
        await made(await client_for(who).post(f"{address}/answers", json={"answer": "given"}))
    assert (await client_for("gnesta.social").get(f"/cases/{case['id']}")).status_code == 200

    await made(await taking_over.post(f"{address}/withdrawal", json={"giverId": consent["givers"][0]["id"]}))

    assert (await client_for("gnesta.social").get(f"/cases/{case['id']}")).status_code == 404
    assert (await client_for("gnesta.social").get(f"/children/{case['child']['id']}")).status_code == 404
