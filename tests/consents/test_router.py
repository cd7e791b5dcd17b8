"""Consents over HTTP: asked, given, refused, withdrawn, ended, and what each opens to whom."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.demo.directory import UNITS
from app.demo.staff import YOUTH_ONE
from tests.builders import (
    a_case,
    a_child,
    a_child_with_two_guardians,
    a_consent,
    authority_of,
    guardian,
    guardianships,
    invited,
    made,
)

pytestmark = pytest.mark.database

PAPER = {"answer": {"answer": "given", "givenHow": "written"}}
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def asked(child_id: str, givers: list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
    """The body of a request for consent, in no case, unless more is said."""
    return {
        "childId": child_id,
        "purpose": "Samordna stöd i skola och hemma.",
        "receivingAuthorityIds": [authority_of("gnesta-ifo")],
        "categories": ["plan"],
        "validTo": (datetime.now(UTC) + timedelta(days=90)).isoformat(),
        "information": {"textVersion": "samtycke-2026-1", "language": "sv"},
        "requirement": {"route": "all_givers", "confirmedReason": "Gemensam vårdnad."},
        "givers": givers,
        **fields,
    }


def exempted(guardianship: str, kind: str, **fields: Any) -> dict[str, Any]:
    exemption = {"kind": kind, "reason": "Skälet är antecknat.", **fields}
    return {"kind": "guardian", "guardianshipId": guardianship, "exemption": exemption}


def one_of(guardianship: str, **fields: Any) -> dict[str, Any]:
    return {"kind": "guardian", "guardianshipId": guardianship, **fields}


async def family(client: httpx.AsyncClient, **fields: Any) -> tuple[str, str, str]:
    """A child of six and its two guardianships: Maria's and Johan's."""
    child = await a_child_with_two_guardians(client, **{"birthDate": "2020-05-06", **fields})
    maria, johan = await guardianships(client, child["id"])
    return child["id"], maria, johan


async def shared_case(client: httpx.AsyncClient, *units: str, **fields: Any) -> dict[str, Any]:
    """An active case with two guardians and these units invited."""
    child = await a_child_with_two_guardians(client, **{"birthDate": "2020-05-06", **fields})
    case = await a_case(client, child)
    for unit in units:
        await invited(client, case, unit)
    return case


async def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


# -- asking ------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R4.1")
@pytest.mark.parametrize(
    ("field", "value"),
    [("categories", []), ("categories", ["all"]), ("receivingAuthorityIds", []), ("purpose", ""), ("validTo", None)],
)
async def test_a_consent_is_specific(client_for, field, value):
    school = client_for("gnesta.school")
    child_id, maria, johan = await family(school)
    body = asked(child_id, [one_of(maria), one_of(johan)], **{field: value})
    if value is None:
        del body[field]

    answer = await school.post("/consents", json=body)

    assert await problem(answer) == (422, "validation-failed")
    assert answer.json()["errors"][0]["pointer"].startswith(f"/{field}")


@pytest.mark.rule("R4.2")
async def test_a_set_without_one_guardian_is_refused(client_for):
    school = client_for("gnesta.school")
    child_id, maria, _ = await family(school)

    answer = await school.post("/consents", json=asked(child_id, [one_of(maria, **PAPER)]))

    assert await problem(answer) == (422, "consent-set-incomplete")
    assert (await school.get(f"/consents?childId={child_id}")).json()["items"] == []


@pytest.mark.rule("R4.3")
@pytest.mark.parametrize("missing", ["requirement", "information", "givers"])
async def test_a_professional_confirms_who_consents_and_why(client_for, missing):
    school = client_for("gnesta.school")
    child_id, maria, johan = await family(school)
    body = asked(child_id, [one_of(maria), one_of(johan)])
    del body[missing]

    assert await problem(await school.post("/consents", json=body)) == (422, "validation-failed")


@pytest.mark.rule("R4.3")
async def test_the_confirmation_is_kept_and_shown_to_the_unit_that_asks_only(client_for):
    school = client_for("gnesta.school")
    case = await shared_case(school, "gnesta-ifo")
    consent = await a_consent(school, case, ["gnesta-ifo"], ["plan"], answered=True)

    own = await made(await school.get(f"/consents/{consent['id']}"))
    shared = await made(await client_for("gnesta.social").get(f"/consents/{consent['id']}"))

    assert own["requirement"]["confirmedReason"] == "Gemensam vårdnad enligt folkbokföringen."
    assert shared["requirement"] == {"route": "all_givers", "confirmedReason": None}


@pytest.mark.rule("R4.7")
async def test_a_consent_has_an_end_within_twelve_months(client_for, clock):
    clock.set(START)
    school = client_for("gnesta.school")
    child_id, maria, johan = await family(school)
    givers = [one_of(maria), one_of(johan)]

    for valid_to, status in (
        ("2027-03-02T22:59:59Z", 201),
        ("2027-03-02T23:00:00Z", 422),
        ("2026-03-02T09:00:00Z", 422),
    ):
        answer = await school.post("/consents", json=asked(child_id, givers, validTo=valid_to))
        assert answer.status_code == status, (valid_to, answer.text)
        if status == 422:
            assert answer.json()["code"] == "invalid-period"


async def test_receivers_and_cases_must_exist_and_fit(client_for):
    school = client_for("gnesta.school")
    child_id, maria, johan = await family(school)
    givers = [one_of(maria), one_of(johan)]
    other_case = await a_case(school)

    nobody = await school.post("/consents", json=asked(child_id, givers, receivingAuthorityIds=[str(uuid4())]))
    elsewhere = await school.post("/consents", json=asked(child_id, givers, caseId=other_case["id"]))

    assert await problem(nobody) == (422, "unknown-reference")
    assert await problem(elsewhere) == (422, "case-is-not-the-childs")


async def test_only_the_unit_of_the_child_asks(client_for):
    school = client_for("gnesta.school")
    case = await shared_case(school, "gnesta-ifo")
    maria, johan = await guardianships(school, case["child"]["id"])
    body = asked(case["child"]["id"], [one_of(maria), one_of(johan)])

    assert (await client_for("gnesta.social").post("/consents", json=body)).status_code == 404
    await a_consent(school, case, ["gnesta-ifo"], ["plan"], answered=True)
    assert (await client_for("gnesta.social").post("/consents", json=body)).status_code == 403
    assert (await client_for("guardian.one").post("/consents", json=body)).status_code == 403


# -- two guardians and the exceptions ----------------------------------------------------------------------------


@pytest.mark.rule("R4.2")
async def test_recorded_on_paper_by_both_it_is_given_at_once(client_for):
    school = client_for("gnesta.school")
    child_id, maria, johan = await family(school)

    consent = await made(
        await school.post("/consents", json=asked(child_id, [one_of(maria, **PAPER), one_of(johan, **PAPER)]))
    )

    assert consent["status"] == "given"
    assert {giver["givenHow"] for giver in consent["givers"]} == {"written"}


@pytest.mark.rule("R4.2")
@pytest.mark.rule("R4.8")
async def test_one_no_is_enough_and_no_reason_is_asked_or_kept(client_for, owner_db):
    school = client_for("gnesta.school")
    case = await shared_case(school, "gnesta-ifo")
    consent = await a_consent(school, case, ["gnesta-ifo"], ["plan"])
    answers = f"/consents/{consent['id']}/answers"

    await made(await client_for("guardian.one").post(answers, json={"answer": "given"}))
    refused = await made(await client_for("guardian.two").post(answers, json={"answer": "refused"}))
    with_reason = await client_for("guardian.two").post(answers, json={"answer": "refused", "reason": "…"})

    assert refused["status"] == "refused"
    assert await problem(with_reason) == (422, "validation-failed")
    assert (await client_for("gnesta.social").get(f"/cases/{case['id']}")).status_code == 404
    columns = "select column_name from information_schema.columns where table_name in ('consents', 'consent_givers')"
    names = " ".join(row["column_name"] for row in owner_db.execute(columns))
    assert "refus" not in names
    assert "risk" not in names


@pytest.mark.rule("R4.8")
async def test_a_refusal_changes_nothing_for_the_family(client_for):
    school = client_for("gnesta.school")
    case = await shared_case(school)
    before = await made(await school.get(f"/cases/{case['id']}"))
    consent = await a_consent(school, case, ["gnesta-ifo"], ["plan"])

    await made(await client_for("guardian.one").post(f"/consents/{consent['id']}/answers", json={"answer": "refused"}))

    after = await made(await school.get(f"/cases/{case['id']}"))
    assert {**after, "_links": None} == {**before, "_links": None}


@pytest.mark.rule("R4.2")
async def test_a_prevented_guardian_is_recorded_and_may_say_no_later(client_for):
    school = client_for("gnesta.school")
    child_id, maria, johan = await family(school)
    body = asked(
        child_id,
        [one_of(maria, **PAPER), exempted(johan, "prevented")],
        requirement={"route": "prevented", "confirmedReason": "Kan inte vänta."},
    )
    consent = await made(await school.post("/consents", json=body))
    assert consent["status"] == "given"

    withdrawn = await client_for("guardian.two").post(f"/consents/{consent['id']}/withdrawal")

    assert (await made(withdrawn))["status"] == "withdrawn"


@pytest.mark.rule("R4.4")
async def test_six_thirteen_a_takes_effect_at_once_with_a_decision_by_a_social_authority(client_for):
    school, bup = client_for("gnesta.school"), client_for("region.bup")
    case = await shared_case(school, "region-bup-nykoping")
    child_id = case["child"]["id"]
    maria, johan = await guardianships(school, child_id)
    decision = {"decisionId": "SN 2026-17", "decidingAuthorityId": authority_of("gnesta-ifo")}

    def body(**fields: Any) -> dict[str, Any]:
        stated = {"measureType": "psychiatric_treatment", **fields}
        made_by = stated.pop("decision", decision)
        return asked(
            child_id,
            [one_of(maria, **PAPER), exempted(johan, "fb_6_13_a", **made_by)],
            caseId=case["id"],
            receivingAuthorityIds=[authority_of("region-bup-nykoping")],
            requirement={"route": "fb_6_13_a", "confirmedReason": "Beslut i socialnämnden."},
            **stated,
        )

    by_school = {**decision, "decidingAuthorityId": authority_of("gnesta-skola")}
    without = {key: value for key, value in decision.items() if key != "decisionId"}
    for wrong in (body(measureType=None), body(decision=by_school), body(decision=without)):
        assert await problem(await school.post("/consents", json=wrong)) == (422, "six-thirteen-a-does-not-apply")
    assert (await school.post("/consents", json=body(measureType="school_placement"))).status_code == 422
    assert (await bup.get(f"/cases/{case['id']}")).status_code == 404

    consent = await made(await school.post("/consents", json=body()))

    assert consent["status"] == "given"
    assert (await bup.get(f"/cases/{case['id']}")).status_code == 200
    of_johan = next(giver for giver in consent["givers"] if giver["guardianshipId"] == johan)
    assert (of_johan["answer"], of_johan["decisionId"]) == ("exempted", "SN 2026-17")
    assert (await client_for("guardian.two").post(f"/consents/{consent['id']}/withdrawal")).status_code == 409


@pytest.mark.rule("R4.5")
async def test_the_twelve_year_route_is_the_social_boards_with_the_childs_consent(client_for):
    social = client_for("gnesta.social")
    child_id, maria, johan = await family(social, birthDate="2013-01-01")
    body = asked(
        child_id,
        [{"kind": "child", **PAPER}, exempted(maria, "twelve_years"), exempted(johan, "twelve_years")],
        measureType="contact_person",
        requirement={"route": "twelve_years", "confirmedReason": "Lämpligt: barnet har bett om en kontaktperson."},
    )

    consent = await made(await social.post("/consents", json=body))

    assert (consent["status"], consent["requirement"]["route"]) == ("given", "twelve_years")
    wrong = {**body, "measureType": "psychiatric_treatment"}
    assert await problem(await social.post("/consents", json=wrong)) == (422, "twelve-year-route-does-not-apply")


@pytest.mark.rule("R4.2")
async def test_from_fifteen_the_young_person_answers_in_person(client_for, clock):
    clock.set(START)
    school, liam = client_for("gnesta.school"), client_for("youth.one")
    child = await a_child(
        school, givenName="Liam", birthDate="2010-10-07",
        identifiers=[{"type": "personnummer", "value": YOUTH_ONE}], guardians=[guardian(None, "Eva", "sole")],
    )  # fmt: skip
    (eva,) = await guardianships(school, child["id"])
    without = asked(child["id"], [one_of(eva, **PAPER)], validTo="2026-09-01T00:00:00Z")
    assert await problem(await school.post("/consents", json=without)) == (422, "consent-set-incomplete")

    body = {**without, "givers": [one_of(eva, **PAPER), {"kind": "child"}]}
    consent = await made(await school.post("/consents", json=body))
    assert consent["status"] == "requested"
    assert "answer" in (await made(await liam.get(f"/consents/{consent['id']}")))["_links"]
    given = await made(await liam.post(f"/consents/{consent['id']}/answers", json={"answer": "given"}))

    assert given["status"] == "given"
    assert [(giver["kind"], giver["givenHow"]) for giver in given["givers"] if giver["oneself"]] == [("child", "e_sign")]


@pytest.mark.rule("R4.2")
async def test_maturity_is_recorded_with_who_and_when(client_for):
    school = client_for("gnesta.school")
    child_id, maria, johan = await family(school, birthDate="2013-01-01")
    route = "child_decides_alone"
    body = asked(
        child_id,
        [{"kind": "child", **PAPER}, exempted(maria, route), exempted(johan, route)],
        requirement={"route": route, "confirmedReason": "Frågan gäller barnets egen kontakt."},
    )
    assert await problem(await school.post("/consents", json=body)) == (422, "maturity-not-recorded")

    body["maturity"] = {"conclusion": "decides_alone"}
    consent = await made(await school.post("/consents", json=body))

    assert consent["status"] == "given"
    me = (await school.get("/me")).json()["userId"]
    assert (consent["maturity"]["conclusion"], consent["maturity"]["assessedBy"]) == ("decides_alone", me)


# -- answering ---------------------------------------------------------------------------------------------------


async def test_family_answers_only_for_itself_and_once(client_for):
    school, maria = client_for("gnesta.school"), client_for("guardian.one")
    case = await shared_case(school)
    consent = await a_consent(school, case, ["gnesta-ifo"], ["plan"])
    answers = f"/consents/{consent['id']}/answers"
    of_johan = next(giver["id"] for giver in (await made(await maria.get(f"/consents/{consent['id']}")))["givers"]
                    if not giver["oneself"])  # fmt: skip

    for_johan = await maria.post(answers, json={"answer": "given", "giverId": of_johan})
    await made(await maria.post(answers, json={"answer": "given"}))
    again = await maria.post(answers, json={"answer": "refused"})

    assert await problem(for_johan) == (403, "not-this-giver")
    assert await problem(again) == (409, "already-answered")
    assert "answer" not in (await made(await maria.get(f"/consents/{consent['id']}")))["_links"]


async def test_a_professional_records_an_answer_by_name_and_form(client_for):
    school = client_for("gnesta.school")
    case = await shared_case(school)
    consent = await a_consent(school, case, ["gnesta-ifo"], ["plan"])
    answers, givers = f"/consents/{consent['id']}/answers", [giver["id"] for giver in consent["givers"]]

    unnamed = await school.post(answers, json={"answer": "given", "givenHow": "oral"})
    formless = await school.post(answers, json={"answer": "given", "giverId": givers[0]})
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    early = {"answer": "given", "givenHow": "oral", "giverId": givers[0], "answeredAt": tomorrow}

    assert unnamed.json()["errors"][0]["pointer"] == "/giverId"
    assert formless.json()["errors"][0]["pointer"] == "/givenHow"
    assert await problem(await school.post(answers, json=early)) == (422, "answer-in-the-future")
    assert (await school.post(answers, json={"answer": "exempted", "givenHow": "oral"})).status_code == 422
    for giver in givers:
        body = {"answer": "given", "givenHow": "oral", "giverId": giver}
        consent = await made(await school.post(answers, json=body))
    assert consent["status"] == "given"


# -- what it opens, and until when -------------------------------------------------------------------------------


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
    assert await problem(await client_for("guardian.one").post(f"{addresses[2]}/withdrawal")) == (
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
    assert await problem(answer) == (409, "period-is-over")


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


# -- withdrawal --------------------------------------------------------------------------------------------------


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
    assert await problem(await maria.post(f"{address}/withdrawal")) == (409, "nothing-to-withdraw")
    rights = "select has_table_privilege('tillsammans_program', %s, 'delete') as may"
    tables = ("consents", "consent_givers", "disclosures")
    assert not any(owner_db.execute(rights, [table]).fetchone()["may"] for table in tables)


async def test_who_has_not_consented_has_nothing_to_withdraw(client_for):
    school, maria = client_for("gnesta.school"), client_for("guardian.one")
    case = await shared_case(school)
    consent = await a_consent(school, case, ["gnesta-ifo"], ["plan"])

    assert await problem(await maria.post(f"/consents/{consent['id']}/withdrawal")) == (409, "nothing-to-withdraw")


@pytest.mark.rule("R4.6")
async def test_a_yes_can_be_taken_back_before_the_other_has_answered(client_for):
    school, maria = client_for("gnesta.school"), client_for("guardian.one")
    case = await shared_case(school)
    consent = await a_consent(school, case, ["gnesta-ifo"], ["plan"])
    await made(await maria.post(f"/consents/{consent['id']}/answers", json={"answer": "given"}))

    await made(await maria.post(f"/consents/{consent['id']}/withdrawal"))

    late = await client_for("guardian.two").post(f"/consents/{consent['id']}/answers", json={"answer": "given"})
    assert await problem(late) == (409, "impossible-in-this-state")


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
    assert {basis["id"] for basis in (await made(await social.get(f"/cases/{case['id']}")))["openedBy"]} == {narrow["id"]}


# -- what it is not ----------------------------------------------------------------------------------------------


@pytest.mark.rule("R4.9")
async def test_consent_is_never_shown_as_the_gdpr_basis(client_for):
    school = client_for("gnesta.school")
    case = await shared_case(school)
    consent = await a_consent(school, case, ["gnesta-ifo"], ["plan"])
    address = f"/consents/{consent['id']}"

    swedish = (await school.get(address, headers={"accept-language": "sv"})).json()
    english = (await school.get(address, headers={"accept-language": "en"})).json()

    assert "artikel 6.1 c och e" in swedish["privacyNotice"]
    assert "article 6.1 c and e" in english["privacyNotice"]
    assert "6.1 a" not in str(swedish) + str(english)


@pytest.mark.rule("R4.10")
async def test_consent_gates_nothing_that_a_duty_demands(client_for):
    school = client_for("gnesta.school")
    case = await shared_case(school, "gnesta-ifo")
    consent = await a_consent(school, case, ["gnesta-ifo"], ["plan"])
    await made(await client_for("guardian.one").post(f"/consents/{consent['id']}/answers", json={"answer": "refused"}))
    body = {
        "childId": case["child"]["id"], "caseId": case["id"], "toUnitId": str(UNITS["gnesta-ifo"]),
        "categories": ["school"], "basis": "duty_10_28", "legalReason": "Svar till socialnämnden.",
        "channel": "paper", "informed": "later",
    }  # fmt: skip

    answered = await made(await school.post("/disclosures", json=body))

    assert (answered["basis"], answered["consentId"]) == ("duty_10_28", None)


# -- who sees it -------------------------------------------------------------------------------------------------


async def test_a_stranger_meets_neither_the_consent_nor_its_line_in_a_list(client_for):
    school, stranger = client_for("gnesta.school"), client_for("vingaker.social")
    case = await shared_case(school)
    consent = await a_consent(school, case, ["gnesta-ifo"], ["plan"])

    assert (await stranger.get(f"/consents/{consent['id']}")).status_code == 404
    assert (await stranger.post(f"/consents/{consent['id']}/withdrawal")).status_code == 404
    answer = {"answer": "given", "givenHow": "oral"}
    assert (await stranger.post(f"/consents/{consent['id']}/answers", json=answer)).status_code == 404
    assert (await stranger.get(f"/consents?childId={case['child']['id']}")).json()["items"] == []


async def test_lists_page_and_filter(client_for):
    school = client_for("gnesta.school")
    case = await shared_case(school)
    made_ids = [(await a_consent(school, case, ["gnesta-ifo"], ["plan"]))["id"] for _ in range(3)]
    address = f"/consents?caseId={case['id']}&status=requested&limit=2"

    first = await made(await school.get(address))
    second = await made(await school.get(first["_links"]["next"]["href"]))

    assert [item["id"] for item in first["items"] + second["items"]] == made_ids[::-1]
    assert (await school.get("/consents?purpose=x")).status_code == 422


@pytest.mark.rule("R2.5")
async def test_consents_about_a_protected_child_stand_in_no_list_and_behind_a_checkpoint(client_for):
    school, maria = client_for("gnesta.school"), client_for("guardian.one")
    child = await a_child_with_two_guardians(school, birthDate="2020-05-06")
    one, two = await guardianships(school, child["id"])
    consent = await made(await school.post("/consents", json=asked(child["id"], [one_of(one), one_of(two)])))
    shown = await school.get(f"/children/{child['id']}")
    shield = {"protectedIdentity": "sekretessmarkering"}
    await made(await school.patch(f"/children/{child['id']}", json=shield, headers={"if-match": shown.headers["etag"]}))
    address, listed = f"/consents/{consent['id']}", f"/consents?childId={child['id']}"

    assert consent["id"] not in {item["id"] for item in (await school.get("/consents?limit=200")).json()["items"]}
    for refused in (await school.get(address), await school.get(listed)):
        assert await problem(refused) == (403, "checkpoint-required")
    assert consent["id"] in {item["id"] for item in (await maria.get("/consents?limit=200")).json()["items"]}
    await made(await school.post(f"/children/{child['id']}/checkpoints", json={"reason": "Ska följa upp samtycket."}))
    assert (await school.get(address)).status_code == 200
    assert [item["id"] for item in (await school.get(listed)).json()["items"]] == [consent["id"]]
