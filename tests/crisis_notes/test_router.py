"""Crisis notes over HTTP and in SQL: whoever is not named does not even learn that there is one (R7.12)."""

from uuid import uuid4

import pytest

from app.demo.directory import UNITS
from tests.builders import made
from tests.plan_actions.steps import become, count
from tests.plans.steps import BUP, IFO, a_circle, a_plan, a_prepared_sip, given, linked, prepared, problem, withdrawn

pytestmark = [pytest.mark.database, pytest.mark.rule("R7.12")]
TEXT = "Ring mormor först. Lämna inte Alma ensam."


@pytest.fixture
def school(client_for):
    return client_for("gnesta.school")


@pytest.fixture
def bup(client_for):
    return client_for("region.bup")


@pytest.fixture
async def plan(client_for):
    _, plan, _ = await a_prepared_sip(client_for)
    return plan


def notes(plan):
    return f"/plans/{plan['id']}/crisis-notes"


async def a_note(client, plan, *units):
    body = {"text": TEXT, "namedUnitIds": [str(UNITS[unit]) for unit in units]}
    return await made(await client.post(notes(plan), json=body))


async def seen_by(client, plan):
    return [note["text"] for note in (await made(await client.get(notes(plan))))["items"]]


async def test_those_who_are_named_and_the_family_read_it(client_for, school, bup, plan):
    note = await a_note(school, plan, BUP)

    assert note["namedUnitIds"] == [str(UNITS[BUP])]
    assert note["_links"].keys() == {"self", "plan", "ending"}
    for subject in ("gnesta.school", "region.bup", "guardian.one", "guardian.two"):
        assert await seen_by(client_for(subject), plan) == [TEXT]
    assert (await made(await bup.get(f"{notes(plan)}/{note['id']}")))["_links"].keys() == {"self", "plan"}


async def test_the_others_in_the_plan_learn_nothing(client_for, school, plan, program_db, settings):
    note = await a_note(school, plan, BUP)
    social = client_for("gnesta.social")

    assert await seen_by(social, plan) == []
    become(program_db, settings, "gnesta.social")
    assert count(program_db, "crisis_notes", "plan_id", plan["id"]) == 0
    for table in ("circle_members", "circle_grants"):
        assert count(program_db, table, "circle_id", note["id"]) == 0
    for column in ("object_id", "circle_id"):
        assert count(program_db, "access_log", column, note["id"]) == 0
    assert problem(await social.get(f"{notes(plan)}/{note['id']}")) == (404, "not-found")


async def test_the_cases_own_log_is_silent(client_for, bup, plan, owner_db):
    await a_note(bup, plan, IFO)
    await seen_by(client_for("gnesta.social"), plan)

    logged = owner_db.execute("select action, object_type from access_log where circle_id = %s", [plan["caseId"]])
    assert [row for row in logged if "risis" in row["action"] + row["object_type"]] == []


async def test_each_look_stands_in_the_log_of_the_note(client_for, school, bup, plan, owner_db):
    note = await a_note(school, plan, BUP)
    await seen_by(bup, plan)

    logged = owner_db.execute("select kind, action from access_log where circle_id = %s order by id", [note["id"]])
    assert [tuple(row.values()) for row in logged] == [("change", "writeCrisisNote"), ("look", "listCrisisNotes")]


async def test_a_note_without_names_is_for_its_unit_and_the_family(client_for, bup, plan):
    await a_note(bup, plan)

    assert await seen_by(client_for("guardian.one"), plan) == [TEXT]
    for subject in ("gnesta.school", "gnesta.social"):
        assert await seen_by(client_for(subject), plan) == []


async def test_the_cases_owner_may_be_named_by_another(client_for, school, bup, plan):
    await a_note(bup, plan, "gnesta-skola")

    assert await seen_by(school, plan) == [TEXT]


async def test_a_unit_of_the_same_authority_may_be_named(client_for, school):
    case = await a_circle(client_for, BUP, "gnesta-skola-2")
    plan = await linked(school, await a_plan(school, case), await given(client_for, case, BUP))
    await prepared(school, plan)

    await a_note(school, plan, "gnesta-skola-2")

    assert await seen_by(client_for("gnesta.otherschool"), plan) == [TEXT]
    assert await seen_by(client_for("region.bup"), plan) == []


@pytest.mark.rule("R4.6")
async def test_a_withdrawn_consent_closes_the_note_too(client_for, school, plan, program_db, settings):
    note = await a_note(school, plan, BUP)
    become(program_db, settings, "region.bup")
    assert count(program_db, "crisis_notes", "id", note["id"]) == 1
    program_db.rollback()

    await withdrawn(client_for("guardian.one"), {"id": plan["consentIds"][0]})

    become(program_db, settings, "region.bup")
    assert count(program_db, "crisis_notes", "id", note["id"]) == 0
    assert await seen_by(school, plan) == [TEXT]
    assert await seen_by(client_for("guardian.one"), plan) == [TEXT]


@pytest.mark.parametrize("unit", ["strangnas-ifo", None])
async def test_only_who_sees_the_plan_is_named(school, plan, unit):
    named = str(UNITS[unit] if unit else uuid4())

    answer = await school.post(notes(plan), json={"text": TEXT, "namedUnitIds": [named]})

    assert problem(answer) == (422, "named-unit-not-in-plan")


async def test_a_member_without_consent_is_not_named(client_for, school):
    case = await a_circle(client_for)
    plan = await linked(school, await a_plan(school, case), await given(client_for, case, BUP))
    await prepared(school, plan)

    answer = await school.post(notes(plan), json={"text": TEXT, "namedUnitIds": [str(UNITS[IFO])]})

    assert problem(answer) == (422, "named-unit-not-in-plan")


async def test_the_unit_that_wrote_it_ends_it(client_for, school, bup, plan):
    note = await a_note(school, plan, BUP)
    ending = f"{notes(plan)}/{note['id']}/ending"

    assert problem(await bup.post(ending, json={})) == (403, "forbidden")
    assert problem(await client_for("guardian.one").post(ending, json={})) == (403, "forbidden")
    assert problem(await client_for("gnesta.social").post(ending, json={})) == (404, "not-found")
    ended = await made(await school.post(ending, json={}))

    assert ended["endedAt"] is not None
    assert ended["_links"].keys() == {"self", "plan"}
    assert await seen_by(bup, plan) == [TEXT]
    assert problem(await school.post(ending, json={})) == (409, "note-already-ended")


async def test_the_family_reads_and_does_not_write(client_for, plan):
    answer = await client_for("guardian.one").post(notes(plan), json={"text": TEXT})

    assert problem(answer) == (403, "forbidden")


async def test_a_note_is_written_while_the_plan_can_be(client_for, school, plan):
    await withdrawn(client_for("guardian.one"), {"id": plan["consentIds"][0]})

    assert problem(await school.post(notes(plan), json={"text": TEXT})) == (409, "plan-is-not-writable")


async def test_a_stranger_finds_no_plan(client_for, school, plan):
    note = await a_note(school, plan)

    for address in (notes(plan), f"{notes(plan)}/{note['id']}"):
        assert problem(await client_for("strangnas.social").get(address)) == (404, "not-found")
