"""How a child comes into the line: whose wish it is, who records it, and what is kept until there is a consent."""

from datetime import UTC, datetime, timedelta

import pytest

from app.demo.staff import YOUTH_ONE
from tests.builders import a_child, free, made, problem
from tests.contact_groups.steps import an_open_group
from tests.group_queues.steps import (
    VINGAKER,
    a_consent_about,
    a_vingaker_child,
    answers,
    corrected,
    do,
    in_line,
    line_of,
    told,
    wish,
)

pytestmark = pytest.mark.database


@pytest.fixture
def manager(client_for):
    return client_for("vingaker.manager")


@pytest.fixture
def staff(client_for):
    """Somebody of the group's unit who does not manage it."""
    return client_for("system.vingaker-import")


@pytest.fixture
def school(client_for):
    return client_for("vingaker.school")


@pytest.fixture
def maria(client_for):
    return client_for("guardian.one")


@pytest.fixture(scope="module")
async def group(client_for):
    return await an_open_group(client_for("vingaker.manager"))


@pytest.mark.rule("R11.4")
async def test_the_unit_records_a_wish_that_was_made_on_the_telephone(staff, maria, group):
    child, earlier = await a_vingaker_child(staff), datetime.now(UTC) - timedelta(days=9)

    entry = await in_line(
        staff, group, child, wishedBy="guardian", requestedAt=earlier.isoformat(), priority="raised",
        priorityReason="Har väntat på annat stöd.", note="Lugn start.",
    )  # fmt: skip

    assert datetime.fromisoformat(entry["requestedAt"]) == earlier
    shown = {
        "status": "waiting", "priority": "raised", "wishedBy": "guardian", "askedVia": "ifo", "grade": 4,
        "givenName": "Alma", "consentState": "not_needed", "needs": "Lugn start.", "childId": child["id"],
    }  # fmt: skip
    assert entry.items() >= shown.items()
    assert (await told(maria, entry)).items() >= {**shown, "priority": None}.items()


async def test_a_guardian_asks_for_a_place_by_herself(staff, maria, client_for, group):
    child = await a_vingaker_child(staff)

    entry = await in_line(maria, group, child, note="Hon är blyg.")

    assert {"wishedBy": "guardian", "askedVia": "other", "consentState": "not_needed"}.items() <= entry.items()
    assert entry["rank"] is not None
    assert (await told(staff, entry))["needs"] == "Hon är blyg."
    assert problem(await wish(maria, group, child, wishedBy="professional")) == (422, "wish-is-your-own")
    assert problem(await wish(maria, group, child, askedVia="school")) == (422, "wish-is-your-own")
    assert problem(await wish(maria, group, child, priority="urgent")) == (403, "stated-by-groups-unit")
    assert problem(await wish(maria, group, child, requestedAt="2026-01-01T00:00:00Z")) == (
        403,
        "stated-by-groups-unit",
    )
    assert problem(await wish(maria, group, child)) == (409, "already-in-line")
    assert (await client_for("gnesta.social").get(f"/queue-entries/{entry['id']}")).status_code == 404


@pytest.mark.rule("R2.9")
async def test_a_guardian_follows_their_wish_until_the_child_is_of_age(manager, maria, group, clock):
    clock.set(datetime(2026, 3, 6, 9, tzinfo=UTC))
    entry = await in_line(maria, group, await a_vingaker_child(manager, birthDate="2008-03-10"))

    clock.set(datetime(2026, 3, 9, 22, 59, 59, tzinfo=UTC))
    day_before = await maria.get(f"/queue-entries/{entry['id']}")
    clock.set(datetime(2026, 3, 9, 23, tzinfo=UTC))
    birthday = await maria.get(f"/queue-entries/{entry['id']}")

    assert (day_before.status_code, problem(birthday)) == (200, (404, "not-found"))


async def test_a_young_person_asks_for_a_place(manager, client_for, group):
    await free(manager, YOUTH_ONE)
    child = await a_child(
        manager, municipalityCode=VINGAKER, identifiers=[{"type": "personnummer", "value": YOUTH_ONE}]
    )  # fmt: skip

    entry = await in_line(client_for("youth.one"), group, child, grade=7)

    assert {"wishedBy": "child", "status": "waiting", "consentState": "not_needed"}.items() <= entry.items()


@pytest.mark.rule("R11.3")
async def test_a_grade_outside_the_group_needs_the_managers_exception(manager, staff, client_for, group):
    child = await a_child(staff, municipalityCode=VINGAKER)

    refused = await wish(staff, group, child, grade=8)
    by_staff = await wish(staff, group, child, grade=8, gradeExceptionReason="Yngre kamrater.")
    gnesta = client_for("gnesta.socialmanager")
    by_another = await wish(gnesta, group, await a_child(gnesta), grade=8, gradeExceptionReason="Yngre kamrater.")
    entry = await in_line(manager, group, child, grade=8, gradeExceptionReason="Yngre kamrater.")

    assert problem(refused) == (422, "grade-outside-group")
    assert "3 to 7" in refused.json()["detail"]
    assert problem(by_staff) == problem(by_another) == (403, "grade-exception-by-manager")
    events = (await made(await staff.get(f"/queue-entries/{entry['id']}/history")))["items"]
    assert [(one["note"], one["text"]) for one in events if one["note"]] == [("grade_exception", "Yngre kamrater.")]


async def test_a_wish_says_what_can_be_true(manager, staff, school, maria, group):
    child, others = await a_vingaker_child(staff), await a_child(school)
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    consent = await a_consent_about(staff, child)
    ended = await an_open_group(manager)
    await made(await manager.post(f"/contact-groups/{ended['id']}/ending", json={"reason": "Terminen är slut."}))

    answers = [
        await wish(staff, group, child, priority="urgent"),
        await wish(staff, group, child, requestedAt=tomorrow),
        await wish(staff, group, child, consentId=consent["id"]),
        await wish(staff, group, others),
        await wish(maria, group, others),
        await wish(staff, ended, child),
        await wish(staff, {"id": child["id"]}, child),
    ]

    assert [problem(answer) for answer in answers] == [
        (422, "priority-needs-reason"), (422, "requested-in-the-future"), (409, "no-consent-needed"),
        (422, "unknown-reference"), (422, "unknown-reference"), (409, "group-has-ended"), (404, "not-found"),
    ]  # fmt: skip


@pytest.mark.rule("R10.1")
async def test_what_school_sends_holds_name_and_grade_until_there_is_a_consent(school, staff, maria, group):
    entry = await in_line(school, group, await a_vingaker_child(school), wishedBy="guardian")

    assert {"status": "held_back", "consentState": "missing", "askedVia": "school"}.items() <= entry.items()
    kept = await told(staff, entry)
    assert kept["senderUnitName"] == "Grundskolan i Vingåker"
    assert (kept["givenName"], kept["grade"], kept["childId"], kept["needs"]) == ("Alma", 4, None, None)
    assert (await told(maria, entry))["childId"] is not None, "the family knows whom it is about"
    assert problem(await corrected(staff, kept, note="Blyg.")) == (422, "note-awaits-consent")
    noted = await wish(school, group, await a_child(school), note="Blyg.")
    assert problem(noted) == (403, "stated-by-groups-unit")


async def test_the_unit_corrects_a_wish(manager, staff, school, group):
    entry = await in_line(staff, group, note="Blyg.")

    changed = await made(await corrected(staff, entry, grade=5, note="Behöver tid."))
    wrong = await corrected(staff, changed, grade=9)
    by_school = await corrected(staff, changed, askedVia="school")
    stale = await corrected(staff, entry, grade=6)
    excepted = await made(await corrected(manager, changed, grade=9, gradeExceptionReason="Går om."))

    assert (changed["grade"], changed["needs"], changed["version"]) == (5, "Behöver tid.", 2)
    assert problem(wrong) == (422, "grade-outside-group")
    assert problem(by_school) == (409, "consent-is-missing")
    assert problem(stale) == (412, "precondition-failed")
    assert excepted["grade"] == 9
    await made(await do(manager, excepted, "withdrawal"))
    assert problem(await corrected(staff, await told(staff, entry), grade=6)) == (409, "impossible-in-this-state")


async def test_a_guardian_who_calls_makes_the_wish_her_own(staff, school, maria, group):
    child = await a_vingaker_child(school)
    consent = await a_consent_about(school, child, answered=False)
    entry = await in_line(school, group, child, consentId=consent["id"])

    changed = await made(await corrected(staff, await told(staff, entry), wishedBy="guardian", note="Blyg."))
    await answers(maria, consent, "refused")

    assert {"status": "waiting", "consentState": "not_needed", "needs": "Blyg."}.items() <= changed.items()
    assert (await told(school, entry))["needs"] is None
    assert (await told(staff, entry))["status"] == "waiting", "it rests on no consent any longer"


@pytest.mark.rule("R2.5")
async def test_a_protected_child_stands_in_line_and_in_no_list(manager, school, maria, group):
    child = await a_vingaker_child(school, protectedIdentity="sekretessmarkering")
    guarded = await wish(school, group, child)
    await made(await school.post(f"/children/{child['id']}/checkpoints", json={"reason": "Eget ärende."}))
    entry = await in_line(school, group, child)
    mine = await made(await school.get("/queue-entries", params={"limit": 200}))
    about = await made(await school.get("/queue-entries", params={"childId": child["id"]}))

    assert problem(guarded) == (403, "checkpoint-required")
    assert (entry["groupName"], entry["senderUnitName"]) == (None, "Grundskolan i Vingåker")
    assert entry["id"] not in {item["id"] for item in mine["items"]}
    assert [item["id"] for item in about["items"]] == [entry["id"]], "past its checkpoint"
    in_its_line = next(item for item in await line_of(manager, group) if item["id"] == entry["id"])
    assert (in_its_line["givenName"], in_its_line["senderUnitName"]) == (None, None)
    kept = await told(manager, entry)
    assert (kept["givenName"], kept["senderUnitId"], kept["senderUnitName"]) == ("Alma", None, None)
    assert (await told(maria, entry))["groupName"] == group["name"]
