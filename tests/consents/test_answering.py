"""Answering over HTTP, and what a consent is not."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from app.demo.directory import UNITS
from tests.builders import a_child_with_two_guardians, a_consent, guardianships, made, problem
from tests.consents.steps import asked, one_of, shared_case

pytestmark = pytest.mark.database


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

    assert problem(for_johan) == (403, "not-this-giver")
    assert problem(again) == (409, "already-answered")
    assert "answer" not in (await made(await maria.get(f"/consents/{consent['id']}")))["_links"]


@pytest.mark.rule("R4.2")
async def test_two_guardians_who_answer_at_once_are_both_heard(client_for):
    school, social = client_for("gnesta.school"), client_for("gnesta.social")
    case = await shared_case(school, "gnesta-ifo")
    consent = await a_consent(school, case, ["gnesta-ifo"], ["plan"])
    address = f"/consents/{consent['id']}"

    both = (client_for("guardian.one"), client_for("guardian.two"))
    await asyncio.gather(*(each.post(f"{address}/answers", json={"answer": "given"}) for each in both))

    assert (await made(await school.get(address)))["status"] == "given"
    assert (await social.get(f"/cases/{case['id']}")).status_code == 200


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
    assert problem(await school.post(answers, json=early)) == (422, "answer-in-the-future")
    assert (await school.post(answers, json={"answer": "exempted", "givenHow": "oral"})).status_code == 422
    for giver in givers:
        body = {"answer": "given", "givenHow": "oral", "giverId": giver}
        consent = await made(await school.post(answers, json=body))
    assert consent["status"] == "given"


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
    address = f"/consents?caseId={case['id']}&status=requested&limit=2&includeTotal=true"

    first = await made(await school.get(address))
    second = await made(await school.get(first["_links"]["next"]["href"]))

    assert [item["id"] for item in first["items"] + second["items"]] == made_ids[::-1]
    assert first["_meta"]["totalRecords"] == 3
    assert (await school.get("/consents?purpose=x")).status_code == 400


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
        assert problem(refused) == (403, "checkpoint-required")
    assert consent["id"] in {item["id"] for item in (await maria.get("/consents?limit=200")).json()["items"]}
    await made(await school.post(f"/children/{child['id']}/checkpoints", json={"reason": "Ska följa upp samtycket."}))
    assert (await school.get(address)).status_code == 200
    assert [item["id"] for item in (await school.get(listed)).json()["items"]] == [consent["id"]]
