"""Cases over HTTP: one success, and one test for each thing that can go wrong."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from app.demo.directory import UNITS
from app.demo.staff import USER_IDS, YOUTH_ONE
from tests.builders import a_case, a_child, a_child_with_two_guardians, a_consent, a_draft, free, invited, made

pytestmark = pytest.mark.database

#: Rows of ids and numbers that are gone when they are used up; who is meant stands behind the wall (decision 0010).
#: Lines and seats, keys of a file that is being imported as fingerprints, jobs by ids, and sealed secrets.
KNOW_NOBODY = {
    "place_seats", "place_endings", "queue_consents", "import_keys", "procrastinate_jobs", "procrastinate_workers",
    "webhook_secrets",
}  # fmt: skip

CLOSURE = {
    "closeReason": "need_met", "outcomeSummary": "Går till skolan igen.", "childView": "”Det är bra nu.”",
    "openActionsHandled": True,
}  # fmt: skip


@pytest.fixture
def school(client_for):
    return client_for("gnesta.school")


@pytest.mark.rule("R3.1")
async def test_a_practitioner_opens_a_case_without_anybodys_consent(school):
    case = await a_draft(school)

    assert case["status"] == "draft"
    assert case["openedBy"] == []
    assert case["_links"]["activation"]["method"] == "POST"
    assert "closure" not in case["_links"]


async def test_the_answer_tells_where_the_case_is_and_in_which_version(school):
    child = await a_child(school)
    body = {"childId": child["id"], "entryRoute": "family_request", "reasonText": "Mamma ringde."}

    answer = await school.post("/cases", json=body)

    read = await school.get(answer.headers["location"])
    assert read.json() == answer.json()
    assert read.headers["etag"] == answer.headers["etag"]


async def test_a_unit_has_one_open_case_about_a_child(school):
    child = await a_child(school)
    await a_draft(school, child)

    again = await school.post(
        "/cases", json={"childId": child["id"], "entryRoute": "professional", "reasonText": "En gång till."}
    )

    assert (again.status_code, again.json()["code"]) == (409, "case-already-open")


@pytest.mark.rule("R3.10")
async def test_parallel_cases_in_two_authorities_do_not_reveal_one_another(client_for, school):
    number = {"identifiers": [{"type": "personnummer", "value": "201203052392"}]}
    theirs = await a_case(school, await a_child(school, **number))
    social = client_for("gnesta.social")
    own = await a_draft(social, await a_child(social, **number))

    lookup = {"identifier": {"type": "personnummer", "value": "201203052392"}}
    found = await made(await social.post("/child-lookups", json=lookup))

    assert found["childId"] == own["child"]["id"]
    assert (await social.get(f"/cases/{theirs['id']}")).status_code == 404
    assert theirs["id"] not in (await social.get("/cases?limit=200")).text


async def test_a_case_is_only_opened_about_a_child_of_ones_own_unit(client_for, school):
    child = await a_child(school)
    body = {"childId": child["id"], "entryRoute": "professional", "reasonText": "Vi med."}

    answer = await client_for("gnesta.social").post("/cases", json=body)

    assert (answer.status_code, answer.json()["code"]) == (422, "unknown-reference")


@pytest.mark.rule("R2.7")
async def test_siblings_have_a_case_each(school):
    cases = [await a_draft(school, await a_child(school, givenName=name)) for name in ("Alma", "Bo")]

    assert cases[0]["child"]["id"] != cases[1]["child"]["id"]
    assert cases[0]["caseNumber"] != cases[1]["caseNumber"]


@pytest.mark.rule("R3.3")
async def test_a_case_without_a_named_contact_is_not_activated(school):
    case = await a_draft(school)

    answer = await school.post(f"/cases/{case['id']}/activation", json={"analysisResult": "own_service"})

    assert (answer.status_code, answer.json()["code"]) == (422, "named-contact-required")
    assert (await school.get(f"/cases/{case['id']}")).json()["status"] == "draft"


async def test_the_named_contact_works_in_the_unit(school):
    case = await a_draft(school)
    body = {"analysisResult": "own_service", "namedContactId": str(USER_IDS["gnesta.social"])}

    answer = await school.post(f"/cases/{case['id']}/activation", json=body)

    assert (answer.status_code, answer.json()["code"]) == (422, "contact-not-in-unit")


async def test_activation_stores_the_deadlines_that_follow(client_for, school):
    case = await a_case(school)

    due = (await school.get(f"/deadlines?subjectId={case['id']}&limit=50")).json()["items"]

    assert {item["code"] for item in due} >= {"first_contact", "consent_requested", "new_contact_at_eighteen"}
    assert {item["kind"] for item in due} == {"agreement"}
    assert all(item["legalBasis"] for item in due)


async def test_another_service_gets_the_case_once_it_accepts(client_for, school):
    case = await a_draft(school)
    body = {
        "analysisResult": "other_service", "namedContactId": str(USER_IDS["gnesta.school"]),
        "toUnitId": str(UNITS["gnesta-skola-2"]),
    }  # fmt: skip

    handed = await made(await school.post(f"/cases/{case['id']}/activation", json=body))

    assert handed["status"] == "transferring"
    assert handed["namedContact"]["name"] == "Sara Ekdahl", "the old contact answers until the new one accepts"


@pytest.mark.parametrize("deed", ["pause", "closure", "resumption", "reopening"])
async def test_a_deed_that_the_state_does_not_allow_has_no_link_and_is_refused(school, deed):
    case = await a_draft(school)
    body = {"pause": {"reason": "Väntar"}, "closure": CLOSURE, "resumption": {}, "reopening": {"reason": "Igen"}}[deed]

    answer = await school.post(f"/cases/{case['id']}/{deed}", json=body)

    assert deed not in case["_links"]
    assert answer.status_code in (403, 409)
    assert (await school.get(f"/cases/{case['id']}")).json()["status"] == "draft"


async def test_an_impossible_step_names_state_and_deed(client_for, school):
    case = await a_case(school)
    await made(await school.post(f"/cases/{case['id']}/pause", json={"reason": "Sommarlov"}))

    again = await school.post(f"/cases/{case['id']}/pause", json={"reason": "Sommarlov"})

    assert (again.status_code, again.json()["code"]) == (409, "impossible-in-this-state")
    assert "paused" in again.json()["detail"]


async def test_pause_and_resume(school):
    case = await a_case(school)

    paused = await made(await school.post(f"/cases/{case['id']}/pause", json={"reason": "Sommarlov"}))
    resumed = await made(await school.post(f"/cases/{case['id']}/resumption", json={}))

    assert (paused["status"], resumed["status"]) == ("paused", "active")
    assert "resumption" in paused["_links"]
    assert "pause" not in paused["_links"]


@pytest.mark.rule("R3.7")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"childView": None}, "child-view-missing"),
        ({"openActionsHandled": False}, "open-actions-not-handled"),
        ({"outcomeSummary": ""}, "validation-failed"),
    ],
)
async def test_closing_demands_what_the_rule_asks(school, change, code):
    case = await a_case(school)

    answer = await school.post(f"/cases/{case['id']}/closure", json={**CLOSURE, **change})

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert (await school.get(f"/cases/{case['id']}")).json()["status"] == "active"


@pytest.mark.rule("R3.7")
async def test_every_unit_that_takes_part_is_told_before_the_case_is_closed(school):
    case = await a_case(school, await a_child_with_two_guardians(school))
    await invited(school, case, "gnesta-ifo")
    await a_consent(school, case, ["gnesta-ifo"], ["plan"], answered=True)

    untold = await school.post(f"/cases/{case['id']}/closure", json=CLOSURE)
    told = {**CLOSURE, "informedUnitIds": [str(UNITS["gnesta-ifo"])]}
    closed = await made(await school.post(f"/cases/{case['id']}/closure", json=told))

    assert (untold.status_code, untold.json()["code"]) == (422, "members-not-told")
    assert closed["status"] == "closed"
    kept = await made(await school.get(f"/cases/{case['id']}/closure"))
    assert kept["childView"] == "”Det är bra nu.”"
    assert (await school.get(f"/deadlines?subjectId={case['id']}")).json()["items"] == []


@pytest.mark.rule("R3.6")
async def test_the_family_declines_and_nothing_is_derived_from_it(client_for, school):
    case = await a_case(school, await a_child_with_two_guardians(school))
    maria = client_for("guardian.one")
    seen = await made(await maria.get(f"/cases/{case['id']}"))
    assert "decline" in seen["_links"]

    declined = await made(await maria.post(f"/cases/{case['id']}/decline", json={}))

    assert declined["status"] == "closed"
    assert not {key for key in declined if "risk" in key.lower() or "flag" in key.lower()}


@pytest.mark.rule("R3.6")
def test_no_schema_of_the_api_has_a_place_for_a_risk_flag():
    from tests.contract import DOCUMENT

    names = {
        name.lower() for schema in DOCUMENT["components"]["schemas"].values() for name in schema.get("properties", {})
    }
    assert not {name for name in names if "risk" in name or "score" in name}


async def test_a_closed_case_is_reopened_and_not_too_late(school, clock):
    case = await a_case(school)
    await made(await school.post(f"/cases/{case['id']}/closure", json=CLOSURE))

    clock.advance(timedelta(days=200))
    late = await school.post(f"/cases/{case['id']}/reopening", json={"reason": "Svårt igen."})
    clock.release()
    reopened = await made(await school.post(f"/cases/{case['id']}/reopening", json={"reason": "Svårt igen."}))

    assert (late.status_code, late.json()["code"]) == (409, "too-late-to-reopen")
    assert reopened["status"] == "active"


async def test_a_draft_is_discarded_and_stays(school):
    case = await a_draft(school)

    discarded = await made(await school.post(f"/cases/{case['id']}/discard", json={"reason": "Fel barn."}))

    assert discarded["status"] == "discarded"
    assert (await school.get(f"/cases/{case['id']}")).status_code == 200


@pytest.mark.rule("R3.8")
async def test_a_corrected_reason_keeps_what_it_said(school, owner_db):
    case = await a_draft(school)
    etag = (await school.get(f"/cases/{case['id']}")).headers["etag"]

    changed = await school.patch(
        f"/cases/{case['id']}",
        json={"reasonText": "Kommer sällan till skolan.", "correctionReason": "Fel formulerat."},
        headers={"if-match": etag},
    )

    assert changed.json()["reasonText"] == "Kommer sällan till skolan."
    kept = owner_db.execute("select * from corrections where circle_id = %s", [case["id"]]).fetchone()
    assert kept["earlier"] == {"reason_text": "Trivs inte, kommer sällan."}
    assert (kept["reason"], kept["corrected_by"]) == ("Fel formulerat.", USER_IDS["gnesta.school"])


@pytest.mark.rule("R3.8")
def test_the_program_cannot_delete_anything_about_a_child(program_db):
    deletable = program_db.execute(
        """select table_name from information_schema.role_table_grants
           where grantee in ('tillsammans_program', 'PUBLIC') and privilege_type in ('DELETE', 'TRUNCATE')
           and table_schema not in ('pg_catalog', 'information_schema')"""
    ).fetchall()

    assert {row["table_name"] for row in deletable} == KNOW_NOBODY


@pytest.mark.rule("R3.4")
async def test_contacts_change_and_their_history_stays(client_for, school):
    case = await a_case(school)
    body = {"userId": str(USER_IDS["gnesta.school2"]), "reason": "Byter tjänst."}
    transfer = await made(await school.post(f"/cases/{case['id']}/named-contact", json=body))
    await made(await client_for("gnesta.school2").post(f"/transfers/{transfer['id']}/acceptance", json={}))

    periods = (await school.get(f"/cases/{case['id']}/contacts")).json()["items"]

    named = [period for period in periods if period["kind"] == "named_contact"]
    assert [period["name"] for period in named] == ["Oskar Nyberg", "Sara Ekdahl"]
    assert [period["toAt"] is None for period in named] == [True, False]


@pytest.mark.rule("R3.9")
async def test_a_case_has_no_place_for_a_report_of_concern(school):
    child = await a_child(school)
    body = {"childId": child["id"], "entryRoute": "concern_report", "reasonText": "Orosanmälan 2026-03-01"}

    as_route = await school.post("/cases", json=body)
    as_field = await school.post("/cases", json={**body, "entryRoute": "other", "concernReport": "…"})

    assert as_route.status_code == 422
    assert [error["pointer"] for error in as_route.json()["errors"]] == ["/entryRoute"]
    assert (as_field.status_code, as_field.json()["errors"][0]["code"]) == (422, "extra-forbidden")


async def test_own_system_references_are_unique(school):
    reference = {"sourceSystem": "elevregister", "sourceId": f"E-{uuid4().hex[:8]}"}
    case = await a_draft(school, **reference)

    again = await school.post(
        "/cases",
        json={"childId": (await a_child(school))["id"], "entryRoute": "other", "reasonText": "x", **reference},
    )

    assert (again.status_code, again.json()["code"]) == (409, "already-exists")
    found = (await school.get("/cases", params=reference)).json()["items"]
    assert [item["id"] for item in found] == [case["id"]]


@pytest.mark.parametrize("term", ["problem", "category", "reasonText", "q", "diagnosis"])
async def test_children_are_not_searched_by_problem(school, term):
    answer = await school.get("/cases", params={term: "oro"})

    assert (answer.status_code, answer.json()["code"]) == (400, "search-not-allowed")


async def test_total_counts_only_what_the_caller_may_see(client_for, school):
    await a_case(school)
    stranger = client_for("strangnas.social")

    mine = (await school.get("/cases?includeTotal=true&limit=1")).json()["_meta"]
    theirs = (await stranger.get("/cases?includeTotal=true")).json()["_meta"]

    assert mine["totalRecords"] >= 1
    assert theirs["totalRecords"] == theirs["count"]


async def test_fifty_patches_with_one_etag_one_wins(school):
    case = await a_draft(school)
    etag = (await school.get(f"/cases/{case['id']}")).headers["etag"]

    answers = await asyncio.gather(
        *(
            school.patch(
                f"/cases/{case['id']}",
                json={"reasonText": f"Version {number}", "correctionReason": "Kapplöpning"},
                headers={"if-match": etag},
            )
            for number in range(50)
        )
    )

    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200] + [412] * 49
    assert (await school.get(f"/cases/{case['id']}")).json()["version"] == 2


async def test_fifty_posts_with_one_key_make_one_case(school):
    child = await a_child(school)
    body = {"childId": child["id"], "entryRoute": "professional", "reasonText": "Samma, samma."}
    key = {"idempotency-key": f"case-{uuid4()}"}

    answers = await asyncio.gather(*(school.post("/cases", json=body, headers=key) for _ in range(50)))
    retried = await school.post("/cases", json=body, headers=key)

    assert {answer.status_code for answer in answers} <= {201, 409}
    made_ids = {answer.json()["id"] for answer in [*answers, retried] if answer.status_code == 201}
    assert len(made_ids) == 1
    assert retried.status_code == 201
    found = (await school.get("/cases", params={"childId": child["id"]})).json()["items"]
    assert [item["id"] for item in found] == list(made_ids)


async def test_a_key_with_another_body_is_refused(school):
    child, other = await a_child(school), await a_child(school)
    key = {"idempotency-key": f"case-{uuid4()}"}
    body = {"childId": child["id"], "entryRoute": "professional", "reasonText": "Först."}
    await made(await school.post("/cases", json=body, headers=key))

    answer = await school.post("/cases", json={**body, "childId": other["id"]}, headers=key)

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-key-reused")


async def test_a_young_person_sees_who_the_contact_is(client_for, school):
    await free(school, YOUTH_ONE)
    youth = await a_child(school, birthDate="2010-10-07", identifiers=[{"type": "personnummer", "value": YOUTH_ONE}])
    case = await a_case(school, youth)

    seen = await made(await client_for("youth.one").get(f"/cases/{case['id']}"))

    assert seen["namedContact"]["name"] == "Sara Ekdahl"
    assert seen["reasonText"] is None
