"""Crisis notes over HTTP and in SQL: whoever is not named does not even learn that there is one (R7.12)."""

from uuid import uuid4

import pytest

from app.demo.directory import UNITS
from tests.builders import made, problem
from tests.plan_actions.steps import become, count
from tests.plans.steps import BUP, IFO, a_circle, a_plan, a_prepared_sip, given, linked, prepared, withdrawn

pytestmark = [pytest.mark.database, pytest.mark.rule("R7.12")]
TEXT = "Ring mormor först. Lämna inte Alma ensam."


@pytest.fixture
def school(client_for):
    return client_for("gnesta.school")


@pytest.fixture
def bup(client_for):
    return client_for("region.bup")


@pytest.fixture(scope="module")
async def plan(client_for):
    """A SIP with social services and BUP, in which each test has notes of its own."""
    _, plan, _ = await a_prepared_sip(client_for)
    return plan


def notes(plan):
    return f"/plans/{plan['id']}/crisis-notes"


async def a_note(client, plan, *units):
    body = {"text": TEXT, "namedUnitIds": [str(UNITS[unit]) for unit in units]}
    return await made(await client.post(notes(plan), json=body))


async def seen_by(client, plan, *notes_):
    """What somebody reads of all notes of the plan, or of these."""
    items = (await made(await client.get(f"{notes(plan)}?limit=200")))["items"]
    return [item["text"] for item in items if not notes_ or item["id"] in {note["id"] for note in notes_}]


async def test_those_who_are_named_and_the_family_read_it_and_the_unit_that_wrote_it_ends_it(
    client_for, school, bup, plan
):
    note = await a_note(school, plan, BUP)
    ending = f"{notes(plan)}/{note['id']}/ending"

    assert note["namedUnitIds"] == [str(UNITS[BUP])]
    assert note["_links"].keys() == {"self", "plan", "ending"}
    for subject in ("gnesta.school", "region.bup", "guardian.one", "guardian.two"):
        assert await seen_by(client_for(subject), plan, note) == [TEXT]
    assert (await made(await bup.get(f"{notes(plan)}/{note['id']}")))["_links"].keys() == {"self", "plan"}

    assert problem(await bup.post(ending, json={})) == (403, "forbidden")
    assert problem(await client_for("guardian.one").post(ending, json={})) == (403, "forbidden")
    assert problem(await client_for("gnesta.social").post(ending, json={})) == (404, "not-found")
    ended = await made(await school.post(ending, json={}))

    assert ended["endedAt"] is not None
    assert ended["_links"].keys() == {"self", "plan"}
    assert await seen_by(bup, plan, note) == [TEXT]
    assert problem(await school.post(ending, json={})) == (409, "note-already-ended")


@pytest.mark.rule("R4.6")
async def test_the_others_in_the_plan_learn_nothing_and_it_closes_with_the_plan(
    client_for, school, bup, program_db, owner_db, settings
):
    """Nobody names social services in this plan: to them it has no notes at all."""
    _, plan, _ = await a_prepared_sip(client_for)
    note = await a_note(school, plan, BUP)
    social = client_for("gnesta.social")

    assert await seen_by(bup, plan) == [TEXT]
    logged = owner_db.execute("select action, object_type from access_log where circle_id = %s", [plan["caseId"]])
    assert [row for row in logged if "risis" in row["action"] + row["object_type"]] == [], "the case's log is silent"
    logged = owner_db.execute("select kind, action from access_log where circle_id = %s order by id", [note["id"]])
    assert [tuple(row.values()) for row in logged] == [("change", "writeCrisisNote"), ("look", "listCrisisNotes")]

    assert await seen_by(social, plan) == []
    become(program_db, settings, "gnesta.social")
    assert count(program_db, "crisis_notes", "plan_id", plan["id"]) == 0
    for table in ("circle_members", "circle_grants"):
        assert count(program_db, table, "circle_id", note["id"]) == 0
    for column in ("object_id", "circle_id"):
        assert count(program_db, "access_log", column, note["id"]) == 0
    assert problem(await social.get(f"{notes(plan)}/{note['id']}")) == (404, "not-found")
    program_db.rollback()
    await a_withdrawn_consent_closes_the_plan_and_its_note(client_for, school, plan, note, program_db, settings)


async def a_withdrawn_consent_closes_the_plan_and_its_note(client_for, school, plan, note, program_db, settings):
    become(program_db, settings, "region.bup")
    assert count(program_db, "crisis_notes", "id", note["id"]) == 1
    program_db.rollback()

    await withdrawn(client_for("guardian.one"), {"id": plan["consentIds"][0]})

    become(program_db, settings, "region.bup")
    assert count(program_db, "crisis_notes", "id", note["id"]) == 0
    assert await seen_by(school, plan) == [TEXT]
    assert await seen_by(client_for("guardian.one"), plan) == [TEXT]
    answer = await school.post(notes(plan), json={"text": TEXT})
    assert problem(answer) == (409, "plan-is-not-writable"), "a note is written while the plan can be"


async def test_a_note_is_for_its_unit_and_the_family_and_for_the_cases_owner_if_it_is_named(
    client_for, school, bup, plan
):
    alone, named = await a_note(bup, plan), await a_note(bup, plan, "gnesta-skola")
    socials = await a_note(bup, plan, IFO)

    assert await seen_by(client_for("guardian.one"), plan, alone) == [TEXT]
    for subject in ("gnesta.school", "gnesta.social"):
        assert await seen_by(client_for(subject), plan, alone) == []
    assert await seen_by(school, plan, named) == [TEXT]
    assert await seen_by(client_for("gnesta.social"), plan, socials) == [TEXT]


async def test_a_unit_of_the_same_authority_may_be_named_and_a_member_without_consent_may_not(client_for, school):
    case = await a_circle(client_for, BUP, "gnesta-skola-2", IFO)
    plan = await linked(school, await a_plan(school, case), await given(client_for, case, BUP))
    await prepared(school, plan)

    await a_note(school, plan, "gnesta-skola-2")

    assert await seen_by(client_for("gnesta.otherschool"), plan) == [TEXT]
    assert await seen_by(client_for("region.bup"), plan) == []
    answer = await school.post(notes(plan), json={"text": TEXT, "namedUnitIds": [str(UNITS[IFO])]})
    assert problem(answer) == (422, "named-unit-not-in-plan")


@pytest.mark.parametrize("unit", ["strangnas-ifo", None])
async def test_only_who_sees_the_plan_is_named(school, plan, unit):
    named = str(UNITS[unit] if unit else uuid4())

    answer = await school.post(notes(plan), json={"text": TEXT, "namedUnitIds": [named]})

    assert problem(answer) == (422, "named-unit-not-in-plan")


async def test_the_family_reads_and_does_not_write_and_a_stranger_finds_no_plan(client_for, school, plan):
    answer = await client_for("guardian.one").post(notes(plan), json={"text": TEXT})
    assert problem(answer) == (403, "forbidden")

    note = await a_note(school, plan)
    for address in (notes(plan), f"{notes(plan)}/{note['id']}"):
        assert problem(await client_for("strangnas.social").get(address)) == (404, "not-found")
