"""Asking for consent over HTTP: specific, by the right people, or on a recorded exception."""

from typing import Any
from uuid import uuid4

import pytest

from app.demo.staff import YOUTH_ONE
from tests.builders import a_case, a_child, a_consent, authority_of, free, guardian, guardianships, made, problem
from tests.consents.steps import PAPER, START, asked, exempted, family, one_of, shared_case

pytestmark = pytest.mark.database


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

    assert problem(answer) == (422, "validation-failed")
    assert answer.json()["errors"][0]["pointer"].startswith(f"/{field}")


@pytest.mark.rule("R4.2")
async def test_a_set_without_one_guardian_is_refused(client_for):
    school = client_for("gnesta.school")
    child_id, maria, _ = await family(school)

    answer = await school.post("/consents", json=asked(child_id, [one_of(maria, **PAPER)]))

    assert problem(answer) == (422, "consent-set-incomplete")
    assert (await school.get(f"/consents?childId={child_id}")).json()["items"] == []


@pytest.mark.rule("R4.3")
@pytest.mark.parametrize("missing", ["requirement", "information", "givers"])
async def test_a_professional_confirms_who_consents_and_why(client_for, missing):
    school = client_for("gnesta.school")
    child_id, maria, johan = await family(school)
    body = asked(child_id, [one_of(maria), one_of(johan)])
    del body[missing]

    assert problem(await school.post("/consents", json=body)) == (422, "validation-failed")


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

    assert problem(nobody) == (422, "unknown-reference")
    assert problem(elsewhere) == (422, "case-is-not-the-childs")


async def test_only_the_unit_of_the_child_asks(client_for):
    school = client_for("gnesta.school")
    case = await shared_case(school, "gnesta-ifo")
    maria, johan = await guardianships(school, case["child"]["id"])
    body = asked(case["child"]["id"], [one_of(maria), one_of(johan)])

    assert (await client_for("gnesta.social").post("/consents", json=body)).status_code == 404
    await a_consent(school, case, ["gnesta-ifo"], ["plan"], answered=True)
    assert (await client_for("gnesta.social").post("/consents", json=body)).status_code == 403
    assert (await client_for("guardian.one").post("/consents", json=body)).status_code == 403


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
    assert problem(with_reason) == (422, "validation-failed")
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
        assert problem(await school.post("/consents", json=wrong)) == (422, "six-thirteen-a-does-not-apply")
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
    assert problem(await social.post("/consents", json=wrong)) == (422, "twelve-year-route-does-not-apply")


@pytest.mark.rule("R4.2")
async def test_from_fifteen_the_young_person_answers_in_person(client_for, clock):
    clock.set(START)
    school, liam = client_for("gnesta.school"), client_for("youth.one")
    await free(school, YOUTH_ONE)
    child = await a_child(
        school, givenName="Liam", birthDate="2010-10-07",
        identifiers=[{"type": "personnummer", "value": YOUTH_ONE}], guardians=[guardian(None, "Eva", "sole")],
    )  # fmt: skip
    (eva,) = await guardianships(school, child["id"])
    without = asked(child["id"], [one_of(eva, **PAPER)], validTo="2026-09-01T00:00:00Z")
    assert problem(await school.post("/consents", json=without)) == (422, "consent-set-incomplete")

    body = {**without, "givers": [one_of(eva, **PAPER), {"kind": "child"}]}
    consent = await made(await school.post("/consents", json=body))
    assert consent["status"] == "requested"
    assert "answer" in (await made(await liam.get(f"/consents/{consent['id']}")))["_links"]
    given = await made(await liam.post(f"/consents/{consent['id']}/answers", json={"answer": "given"}))

    assert given["status"] == "given"
    own = next(giver for giver in given["givers"] if giver["oneself"])
    assert (own["kind"], own["givenHow"]) == ("child", "e_sign")


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
    assert problem(await school.post("/consents", json=body)) == (422, "maturity-not-recorded")

    body["maturity"] = {"conclusion": "decides_alone"}
    consent = await made(await school.post("/consents", json=body))

    assert consent["status"] == "given"
    me = (await school.get("/me")).json()["userId"]
    assert (consent["maturity"]["conclusion"], consent["maturity"]["assessedBy"]) == ("decides_alone", me)
