"""Disclosures over HTTP: each on a named basis, open as long as it holds, and kept."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from app.demo.directory import UNITS
from app.disclosures.models import DisclosureBasis
from tests.builders import a_case, a_child, a_child_with_two_guardians, a_consent, invited, made

pytestmark = pytest.mark.database

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NEED = {"necessity": "Behövs för att planera stödet.", "legalReason": "Underårig, nödvändigt stöd."}


def share(child_id: str, unit: str, basis: str, **fields: Any) -> dict[str, Any]:
    """The body of a disclosure on paper, in no case, unless more is said."""
    return {
        "childId": child_id, "toUnitId": str(UNITS[unit]), "categories": ["plan"], "basis": basis, "channel": "paper",
        "informed": "yes", **fields,
    }  # fmt: skip


def to_bup(case: dict[str, Any], until: datetime) -> dict[str, Any]:
    """The body of a disclosure by social services, for BUP to read here until an instant."""
    return share(
        case["child"]["id"], "region-bup-nykoping", "OSL_26_9", caseId=case["id"], channel="portal",
        validTo=until.isoformat(), **NEED,
    )  # fmt: skip


async def shared_case(client: httpx.AsyncClient, *units: str, contact: str = "gnesta.social") -> dict[str, Any]:
    """An active case of the caller's unit with these units invited; nobody has consented."""
    case = await a_case(client, await a_child(client, birthDate="2020-05-06"), contact)
    for unit in units:
        await invited(client, case, unit)
    return case


def told(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


@pytest.mark.rule("R10.1")
async def test_nothing_is_shared_without_a_basis(client_for):
    school = client_for("gnesta.school")
    child = await a_child(school)
    body = share(child["id"], "gnesta-ifo", "necessary_10_2")

    unreasoned = await school.post("/disclosures", json=body)
    without = await school.post("/disclosures", json={key: value for key, value in body.items() if key != "basis"})

    assert told(unreasoned) == (422, "disclosure-needs-reason")
    assert (told(without), without.json()["errors"][0]["pointer"]) == ((422, "validation-failed"), "/basis")
    assert (await school.get(f"/disclosures?childId={child['id']}")).json()["items"] == []


@pytest.mark.rule("R10.1")
async def test_a_unit_in_the_circle_sees_nothing_until_something_opens_it(client_for):
    social, bup = client_for("gnesta.social"), client_for("region.bup")
    case = await shared_case(social, "region-bup-nykoping")
    assert (await bup.get(f"/cases/{case['id']}")).status_code == 404
    until = datetime.now(UTC) + timedelta(days=90)
    body = to_bup(case, until)

    disclosure = await made(await social.post("/disclosures", json=body))

    seen = await made(await bup.get(f"/cases/{case['id']}"))
    assert [(basis["basis"], basis["id"]) for basis in seen["openedBy"]] == [("disclosure", disclosure["id"])]
    shown = await made(await bup.get(f"/disclosures/{disclosure['id']}"))
    assert (shown["open"], shown["necessity"], shown["legalReason"]) == (True, None, None)
    assert [basis["id"] for basis in shown["openedBy"]] == [disclosure["id"]]
    assert (await client_for("region.bup-katrineholm").get(f"/disclosures/{disclosure['id']}")).status_code == 404


@pytest.mark.rule("R3.2")
async def test_a_unit_that_joins_later_sees_what_was_disclosed_to_it(client_for):
    social, bup = client_for("gnesta.social"), client_for("region.bup")
    case = await shared_case(social)
    until = datetime.now(UTC) + timedelta(days=90)
    body = to_bup(case, until)
    await made(await social.post("/disclosures", json=body))
    assert (await bup.get(f"/cases/{case['id']}")).status_code == 404

    await invited(social, case, "region-bup-nykoping")
    await invited(social, case, "region-bup-katrineholm")

    assert (await bup.get(f"/cases/{case['id']}")).status_code == 200
    assert (await client_for("region.bup-katrineholm").get(f"/cases/{case['id']}")).status_code == 404


@pytest.mark.rule("R10.3")
@pytest.mark.parametrize(
    ("sender", "unit", "basis", "holds"),
    [
        ("region.bup", "gnesta-ifo", "OSL_25_12", True),
        ("region.bup", "region-bvc-gnesta", "OSL_25_12", True),
        ("gnesta.social", "region-bup-nykoping", "OSL_26_9", True),
        ("gnesta.social", "region-bup-nykoping", "OSL_25_12", False),
        ("region.bup", "gnesta-ifo", "OSL_26_9", False),
        ("region.bup", "gnesta-skola", "OSL_25_12", False),
        ("gnesta.social", "gnesta-skola", "OSL_26_9", False),
        ("gnesta.social", "gnesta-elevhalsa", "OSL_26_9", False),
        ("gnesta.school", "gnesta-ifo", "OSL_26_9", False),
        ("gnesta.school", "region-bup-nykoping", "OSL_25_12", False),
    ],
)
async def test_the_rules_between_health_and_social_services_never_reach_school(client_for, sender, unit, basis, holds):
    client = client_for(sender)
    child = await a_child(client, birthDate="2014-05-06")

    answer = await client.post("/disclosures", json=share(child["id"], unit, basis, **NEED))

    assert told(answer) == ((201, "") if holds else (422, "secrecy-rule-does-not-apply"))


@pytest.mark.rule("R10.3")
async def test_they_need_the_need_in_writing_and_a_child_below_eighteen(client_for, clock):
    bup = client_for("region.bup")
    child = await a_child(bup, birthDate="2008-06-10")
    body = share(child["id"], "gnesta-ifo", "OSL_25_12", **NEED)

    clock.set(datetime(2026, 6, 9, 21, 59, 59, tzinfo=UTC))
    without = {key: value for key, value in body.items() if key != "necessity"}
    assert told(await bup.post("/disclosures", json=without)) == (422, "necessity-required")
    assert (await bup.post("/disclosures", json=body)).status_code == 201
    clock.set(datetime(2026, 6, 9, 22, 0, tzinfo=UTC))
    assert told(await bup.post("/disclosures", json=body)) == (422, "secrecy-rule-does-not-apply")


@pytest.mark.rule("R10.4")
@pytest.mark.parametrize("basis", ["police_10_24", "other"])
async def test_crime_rules_and_uncommon_bases_are_decided_by_a_manager(client_for, basis):
    social, manager = client_for("gnesta.social"), client_for("gnesta.socialmanager")
    child = await a_child(social)
    body = share(child["id"], "region-bup-nykoping", basis, legalReason="Beslut efter prövning.")

    assert told(await social.post("/disclosures", json=body)) == (403, "needs-manager")
    assert (await manager.post("/disclosures", json=body)).status_code == 201


@pytest.mark.rule("R10.2")
async def test_an_emergency_is_shared_first_and_explained_within_a_day(client_for, clock, owner_db):
    clock.set(START)
    school, social = client_for("gnesta.school"), client_for("gnesta.social")
    case = await shared_case(school, "gnesta-ifo", contact="gnesta.school")
    until = (START + timedelta(days=30)).isoformat()
    body = share(case["child"]["id"], "gnesta-ifo", "emergency", caseId=case["id"], channel="portal", validTo=until)

    shared = await made(await school.post("/disclosures", json=body))

    assert (shared["needsReview"], shared["reasonPending"], "completion" in shared["_links"]) == (True, True, True)
    assert (await social.get(f"/cases/{case['id']}")).status_code == 200
    query = "select due_at, met_at from deadlines where subject_id = %s and code = 'emergency_disclosure_reason'"
    due = owner_db.execute(query, [shared["id"]]).fetchone()
    assert due == {"due_at": START + timedelta(hours=24), "met_at": None}
    flagged = (await school.get(f"/disclosures?caseId={case['id']}&needsReview=true&includeTotal=true")).json()
    assert [item["id"] for item in flagged["items"]] == [shared["id"]]
    assert flagged["_meta"]["totalRecords"] == 1

    address = f"/disclosures/{shared['id']}/completion"
    completed = await made(await school.post(address, json={"legalReason": "Fara för barnet, nöd."}))

    assert (completed["needsReview"], completed["reasonPending"]) == (True, False)
    assert completed["legalReason"] == "Fara för barnet, nöd."
    owner_db.rollback()
    assert owner_db.execute(query, [shared["id"]]).fetchone()["met_at"] == START
    again = await school.post(address, json={"legalReason": "Ett annat skäl."})
    assert told(again) == (409, "reason-already-complete")


@pytest.mark.rule("R10.2")
async def test_an_emergency_with_its_reason_waits_for_none(client_for, owner_db):
    school = client_for("gnesta.school")
    child = await a_child(school)
    body = share(child["id"], "gnesta-ifo", "emergency", legalReason="Fara för barnet.")

    shared = await made(await school.post("/disclosures", json=body))

    assert (shared["needsReview"], shared["reasonPending"]) == (True, False)
    assert not owner_db.execute("select 1 from deadlines where subject_id = %s", [shared["id"]]).fetchall()
    answer = await school.post(f"/disclosures/{shared['id']}/completion", json={"legalReason": "Igen."})
    assert told(answer) == (409, "reason-already-complete")


@pytest.mark.rule("R10.2")
@pytest.mark.parametrize(
    ("basis", "days", "status"),
    [("emergency", 30, 201), ("emergency", 31, 422), ("emergency", 0, 422), ("emergency", None, 422),
     ("necessary_10_2", 31, 201), ("necessary_10_2", 366, 422), ("necessary_10_2", None, 422)],
)  # fmt: skip
async def test_reading_here_has_an_end(client_for, clock, basis, days, status):
    clock.set(START)
    school = client_for("gnesta.school")
    child = await a_child(school)
    until = {} if days is None else {"validTo": (START + timedelta(days=days)).isoformat()}
    body = share(child["id"], "gnesta-ifo", basis, channel="portal", legalReason="Prövat.", **until)

    answer = await school.post("/disclosures", json=body)

    assert told(answer) == (status, "" if status == 201 else "invalid-read-scope")


async def test_reading_ends_at_valid_to(client_for, clock):
    clock.set(START)
    social, bup = client_for("gnesta.social"), client_for("region.bup")
    case = await shared_case(social, "region-bup-nykoping")
    until = START + timedelta(days=7)
    body = to_bup(case, until)
    disclosure = await made(await social.post("/disclosures", json=body))

    clock.set(until - timedelta(microseconds=1))
    assert (await bup.get(f"/cases/{case['id']}")).status_code == 200
    clock.set(until)
    assert (await bup.get(f"/cases/{case['id']}")).status_code == 404
    assert (await made(await social.get(f"/disclosures/{disclosure['id']}")))["open"] is False


@pytest.mark.rule("R10.5")
async def test_revoking_ends_the_reading_and_keeps_the_record(client_for):
    social, bup = client_for("gnesta.social"), client_for("region.bup")
    case = await shared_case(social, "region-bup-nykoping")
    until = datetime.now(UTC) + timedelta(days=90)
    body = to_bup(case, until)
    disclosure = await made(await social.post("/disclosures", json=body))
    address = f"/disclosures/{disclosure['id']}"
    assert (await bup.post(f"{address}/revocation")).status_code == 403

    revoked = await made(await social.post(f"{address}/revocation", json={"reason": "Behovet har upphört."}))

    assert (revoked["open"], revoked["revokedAt"] is not None) == (False, True)
    for closed in (f"/cases/{case['id']}", f"/children/{case['child']['id']}", address):
        assert (await bup.get(closed)).status_code == 404
    kept = await made(await social.get(address))
    assert (kept["basis"], kept["categories"], kept["necessity"]) == ("OSL_26_9", ["plan"], NEED["necessity"])
    assert told(await social.post(f"{address}/revocation")) == (409, "already-revoked")


@pytest.mark.rule("R10.1")
@pytest.mark.rule("R10.5")
async def test_a_disclosure_on_consent_stays_within_it_and_ends_with_it(client_for):
    school = client_for("gnesta.school")
    case = await a_case(school, await a_child_with_two_guardians(school, birthDate="2020-05-06"))
    await invited(school, case, "gnesta-ifo")
    consent = await a_consent(school, case, ["gnesta-ifo"], ["plan"], answered=True)
    waiting = await a_consent(school, case, ["gnesta-ifo"], ["plan"])
    body = share(
        case["child"]["id"], "gnesta-ifo", "consent", caseId=case["id"], channel="portal", consentId=consent["id"]
    )

    for beyond in (
        {"categories": ["plan", "school"]},
        {"toUnitId": str(UNITS["region-bup-nykoping"])},
        {"consentId": waiting["id"]},
        {"consentId": str(UUID(int=7))},
        {"consentId": None},
        {"basis": "necessary_10_2", "legalReason": "Behövs."},
    ):
        assert told(await school.post("/disclosures", json={**body, **beyond})) == (422, "consent-does-not-cover")
    disclosure = await made(await school.post("/disclosures", json=body))
    assert disclosure["open"] is True

    await made(await client_for("guardian.one").post(f"/consents/{consent['id']}/withdrawal"))

    assert (await made(await school.get(f"/disclosures/{disclosure['id']}")))["open"] is False
    assert (await client_for("gnesta.social").get(f"/disclosures/{disclosure['id']}")).status_code == 404
    assert told(await school.post("/disclosures", json=body)) == (422, "consent-does-not-cover")


async def test_who_decided_what_was_tested_and_who_was_told_is_kept(client_for):
    school = client_for("gnesta.school")
    child = await a_child(school)
    me = (await school.get("/me")).json()["userId"]
    body = share(
        child["id"], "gnesta-ifo", "necessary_10_2", legalReason="Prövat.", informed="no",
        informedReason="Skulle kunna skada.", harmTest={"result": "in_part"},
        objectRefs=[{"type": "chronology-event", "id": child["id"], "version": 2}],
    )  # fmt: skip

    shared = await made(await school.post("/disclosures", json=body))

    assert (shared["decidedBy"], shared["harmTest"]) == (me, {"result": "in_part", "doneBy": me})
    assert shared["objectRefs"] == [{"type": "chronology-event", "id": child["id"], "version": 2}]
    assert (shared["informed"], shared["informedReason"]) == ("no", "Skulle kunna skada.")
    silent = {key: value for key, value in body.items() if key != "informedReason"}
    assert told(await school.post("/disclosures", json=silent)) == (422, "validation-failed")
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    early = {**body, "decidedAt": tomorrow}
    assert told(await school.post("/disclosures", json=early)) == (422, "decided-in-the-future")


async def test_receiver_and_case_must_exist_and_fit(client_for):
    school = client_for("gnesta.school")
    child, other = await a_child(school), await a_case(school)
    body = share(child["id"], "gnesta-ifo", "necessary_10_2", legalReason="Prövat.")

    nobody = await school.post("/disclosures", json={**body, "toUnitId": str(UUID(int=7))})
    elsewhere = await school.post("/disclosures", json={**body, "caseId": other["id"]})

    assert told(nobody) == (422, "unknown-reference")
    assert told(elsewhere) == (422, "case-is-not-the-childs")


async def test_strangers_and_family_meet_no_disclosure(client_for):
    school = client_for("gnesta.school")
    child = await a_child_with_two_guardians(school)
    body = share(child["id"], "gnesta-ifo", "necessary_10_2", legalReason="Prövat.")
    disclosure = await made(await school.post("/disclosures", json=body))
    address = f"/disclosures/{disclosure['id']}"

    assert (await client_for("vingaker.social").post("/disclosures", json=body)).status_code == 404
    assert (await client_for("vingaker.social").get(address)).status_code == 404
    assert (await client_for("gnesta.otherschool").get(address)).status_code == 404
    assert (await client_for("guardian.one").get(address)).status_code == 403
    assert (await client_for("gnesta.logreviewer").get("/disclosures")).json()["items"] == []
    assert (await client_for("stats.reader").get("/disclosures")).status_code == 403


@pytest.mark.rule("R2.5")
async def test_about_a_protected_child_only_past_the_checkpoint(client_for):
    school = client_for("gnesta.school")
    child = await a_child(school, protectedIdentity="sekretessmarkering")
    body = share(child["id"], "gnesta-ifo", "necessary_10_2", legalReason="Prövat.")

    assert told(await school.post("/disclosures", json=body)) == (403, "checkpoint-required")
    await made(await school.post(f"/children/{child['id']}/checkpoints", json={"reason": "Ska svara socialtjänsten."}))
    disclosure = await made(await school.post("/disclosures", json=body))
    listed = (await school.get("/disclosures?limit=200")).json()["items"]
    assert disclosure["id"] not in {item["id"] for item in listed}
    assert len((await school.get(f"/disclosures?childId={child['id']}")).json()["items"]) == 1


def test_every_basis_has_its_words_in_both_languages():
    assert all(basis.label.sv and basis.label.en for basis in DisclosureBasis)
