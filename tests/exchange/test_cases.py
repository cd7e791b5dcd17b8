"""Cases as lines: made, changed and read as by hand, one by one and many at once."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.cases.models import CaseAlreadyOpen, ContactNotInUnit, NamedContactRequired, ReceiverRequired
from app.demo.staff import GUARDIAN_ONE, USER_IDS
from app.exchange import cases
from app.exchange.cases import CaseEntry, NextContactIsProposed
from app.exchange.children import ADAPTER as CHILDREN
from app.exchange.children import ChildEntry
from app.exchange.deeds import FieldIsFixed
from app.exchange.lines import RecordKind, Selection, UnknownSource
from app.kernel.errors import AlreadyExists, Denied, NotFound, Problem
from app.people.models import CheckpointRequired
from tests.builders import a_case, a_child, a_draft, guardian, made
from tests.exchange.steps import acting, as_json, change, create
from tests.exchange.traces import OF_CASE, traces

pytestmark = pytest.mark.database

SCHOOL, MANAGER = "gnesta.school", "gnesta.schoolmanager"
CASE = RecordKind.CASE
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
CONTACT = {"namedContactSourceSystem": "demo", "namedContactSourceId": SCHOOL}
ACTIVE = {"status": "active", "analysisResult": "cooperation_needed", **CONTACT}


def line(child: str | None = None, **fields: Any) -> dict[str, Any]:
    """A line of a case with a key of its own, about a child that is called by its id here."""
    about = {"childSourceSystem": "tillsammans", "childSourceId": child} if child else {}
    return {
        "sourceSystem": "pupils", "sourceId": uuid4().hex, "entryRoute": "professional",
        "reasonText": "Trivs inte, kommer sällan.", **about, **fields,
    }  # fmt: skip


async def told(kernel, case_id, subject=SCHOOL, **selection):
    """The line of a case, as an export tells it."""
    async with acting(kernel, subject, write=False) as visit:
        page = await cases.ADAPTER.page(visit, Selection(**selection), UUID(int=case_id.int - 1), 1)
    return as_json(page[0].entry) if page and page[0].id == case_id else None


async def many(kernel, lines, subject=SCHOOL):
    """What becomes of lines that are handed in together: ids, and types of problems."""
    async with acting(kernel, subject) as visit:
        outcomes = await cases.ADAPTER.create_many(visit, [CaseEntry.model_validate(one) for one in lines])
    return [type(one) if isinstance(one, Problem) else one for one in outcomes]


async def test_a_case_comes_in_and_goes_out_as_the_same_line(kernel, client_for):
    school = client_for(SCHOOL)
    child = await a_child(school)
    said = line(child["id"], **ACTIVE, levelOfNeed="selective", fiveQuestions={"whatCanIDoNow": "Prata med Alma."})

    case_id = await create(kernel, SCHOOL, CASE, **said)

    assert await told(kernel, case_id) == said
    assert not await change(kernel, SCHOOL, CASE, case_id, **said)
    shown = await made(await school.get(f"/cases/{case_id}"))
    assert (shown["status"], shown["namedContact"]["userId"]) == ("active", str(USER_IDS[SCHOOL]))


async def test_a_child_and_its_case_come_in_the_same_file(kernel):
    """Referred to by the child's own key, in the line's own system."""
    async with acting(kernel, SCHOOL) as visit:
        child = ChildEntry(source_system="pupils", source_id=uuid4().hex, family_name="Alm")
        (child_id,) = await CHILDREN.create_many(visit, [child])
        said = CaseEntry.model_validate(line(childSourceId=child.source_id))
        (case_id,) = await cases.ADAPTER.create_many(visit, [said])

    found = await told(kernel, case_id)
    assert (found["childSourceSystem"], found["childSourceId"]) == ("pupils", child.source_id)
    assert isinstance(child_id, UUID)


@pytest.mark.rule("R3.8")
async def test_what_differs_is_corrected_and_the_draft_is_activated(kernel, client_for, owner_db):
    child = await a_child(client_for(SCHOOL))
    said = line(child["id"], levelOfNeed="universal")
    case_id = await create(kernel, SCHOOL, CASE, **said)

    now = {**said, "reasonText": "Kommer inte alls.", "levelOfNeed": None, "entryRoute": "referral", **CONTACT}
    assert await change(kernel, SCHOOL, CASE, case_id, **now)
    assert not await change(kernel, SCHOOL, CASE, case_id, **now)
    assert await change(kernel, SCHOOL, CASE, case_id, **now | ACTIVE)
    assert not await change(kernel, SCHOOL, CASE, case_id, **now | ACTIVE)

    assert await told(kernel, case_id) == {k: v for k, v in (now | ACTIVE).items() if v is not None}
    entries = owner_db.execute(
        "select action, permission, reason from access_log where circle_id = %s and kind = 'change' order by id",
        [case_id],
    ).fetchall()
    assert [tuple(row.values()) for row in entries] == [
        ("createCase", "case.create", None), ("updateCase", "case.edit", cases.REASON),
        ("updateCase", "case.edit", cases.REASON), ("activateCase", "case.activate", None),
    ]  # fmt: skip
    kept = owner_db.execute("select earlier, reason from corrections where circle_id = %s", [case_id]).fetchone()
    assert kept == {
        "earlier": {"reason_text": "Trivs inte, kommer sällan.", "level_of_need": "universal"}, "reason": cases.REASON,
    }  # fmt: skip


@pytest.mark.rule("R3.5")
async def test_what_no_deed_by_hand_changes_is_refused(kernel, client_for):
    school = client_for(SCHOOL)
    case = await a_case(school)
    said = {**line(case["child"]["id"]), **ACTIVE}
    other = await a_child(school)
    for differing, problem in (
        ({"childSourceId": other["id"]}, FieldIsFixed),
        ({"status": "draft"}, FieldIsFixed),
        ({"analysisResult": "own_service"}, FieldIsFixed),
        ({"namedContactSourceId": "gnesta.school2"}, NextContactIsProposed),
        ({"namedContactSourceId": "nobody"}, UnknownSource),
    ):
        with pytest.raises(problem):
            await change(kernel, SCHOOL, CASE, UUID(case["id"]), **{**said, **differing})
    await made(await school.post(f"/cases/{case['id']}/pause", json={"reason": "Sommarlov"}))
    with pytest.raises(FieldIsFixed):
        await change(kernel, SCHOOL, CASE, UUID(case["id"]), **said)
    assert await told(kernel, UUID(case["id"])) is None


async def test_nobody_makes_or_changes_what_they_could_not_by_hand(kernel, client_for):
    draft = await a_draft(client_for(SCHOOL))
    with pytest.raises(Denied):
        await create(kernel, "stats.reader", CASE, **line(draft["child"]["id"]))
    with pytest.raises(NotFound):
        await change(kernel, "gnesta.social", CASE, UUID(draft["id"]), **line(draft["child"]["id"]))
    with pytest.raises(UnknownSource):
        await create(kernel, "gnesta.social", CASE, **line(draft["child"]["id"]))


@pytest.mark.rule("R2.5")
async def test_the_reason_to_see_one_child_is_no_reason_for_the_next(kernel, client_for, owner_db):
    manager = client_for(MANAGER)
    hidden = await a_child(manager, protectedIdentity="sekretessmarkering")
    lines = [line(hidden["id"]), line((await a_child(manager))["id"])]
    assert (await many(kernel, lines, MANAGER))[0] is CheckpointRequired
    await made(await manager.post(f"/children/{hidden['id']}/checkpoints", json={"reason": "Nytt system i skolan."}))
    lines[1] = line((await a_child(manager))["id"])

    hidden_case, case_id = await many(kernel, lines, MANAGER)

    found = {
        row["circle_id"]: row["reason"]
        for row in owner_db.execute(
            "select circle_id, reason from access_log where circle_id = any(%s) and kind = 'change'",
            [[hidden_case, case_id]],
        )
    }
    assert found == {hidden_case: "Nytt system i skolan.", case_id: None}
    assert await told(kernel, hidden_case, MANAGER) is None
    assert (await told(kernel, hidden_case, MANAGER, include_protected=True))["childSourceId"] == hidden["id"]


async def test_many_cases_are_what_they_are_one_by_one(kernel, clock, client_for, owner_db):
    """The same over HTTP and in one file: the same rows, the same entries, the same problems."""
    clock.set(NOW)
    school = client_for(SCHOOL)
    around = [guardian(GUARDIAN_ONE, "Maria"), guardian(None, "Eva", custody="none")]
    children = [
        {"guardians": around},
        {"birthDate": None, "expectedBirthDate": "2026-09-01"},
        {"birthDate": "2008-03-01"},
    ]
    stages: list[dict[str, Any]] = [
        {},
        {"analysisResult": "cooperation_needed"},
        {"analysisResult": "own_service"},
    ]  # fmt: skip
    bodies = [
        {"fiveQuestions": {"whatCanIDoNow": "Prata."}, "levelOfNeed": "selective"},
        {"namedContact": SCHOOL},
        {"namedContact": "gnesta.school2", "levelOfNeed": "specialised"},
    ]  # fmt: skip
    by_hand, in_file = [], []
    for child, body, decision in zip(children, bodies, stages, strict=True):
        said = {name: value for name, value in body.items() if name != "namedContact"}
        contact = body.get("namedContact")
        about = await a_child(school, **child)
        key = {"sourceSystem": "by-hand", "sourceId": uuid4().hex}
        draft = await a_draft(
            school, about, **said, **key, **({"namedContactId": str(USER_IDS[contact])} if contact else {})
        )
        if decision:
            await made(await school.post(f"/cases/{draft['id']}/activation", json=decision))
        by_hand.append(UUID(draft["id"]))
        named = {**CONTACT, "namedContactSourceId": contact} if contact else {}
        stage = {"status": "active", **decision} if decision else {}
        in_file.append(line((await a_child(school, **child))["id"], **said, **named, **stage))

    outcomes = await many(kernel, in_file)

    for case_id, outcome in zip(by_hand, outcomes, strict=True):
        found, expected = (traces(owner_db, one, tables=OF_CASE) for one in (outcome, case_id))
        # What was a draft for a moment is the next version when it is activated.
        assert [row.pop("version") for row in found["cases"]] == [1]
        assert [row.pop("version") for row in expected["cases"]] in ([1], [2])
        assert found == expected


async def test_what_cannot_be_opened_fails_alone_as_by_hand(kernel, client_for, owner_db):
    school, social = client_for(SCHOOL), client_for("gnesta.social")
    ids = [(await a_child(school))["id"] for _ in range(9)]
    busy, foreign = await a_draft(school), await a_child(social)
    there = line(ids[0])
    await create(kernel, SCHOOL, CASE, **there)
    elsewhere = {**CONTACT, "namedContactSourceId": "gnesta.social"}
    no_contact = {"status": "active", "analysisResult": "own_service"}
    first = line(ids[1])

    outcomes = await many(kernel, [
        first, line(busy["child"]["id"]), line(ids[1]), line(ids[2], sourceId=there["sourceId"]),
        line(ids[3], sourceId=first["sourceId"]), line(ids[4], **elsewhere), line(ids[5], **no_contact),
        line(ids[6], **{**ACTIVE, "analysisResult": "other_service"}), line("nobody"), line(foreign["id"]),
        line(ids[7], namedContactSourceId="nobody"), line(ids[8]),
    ])  # fmt: skip

    assert [one if isinstance(one, type) else None for one in outcomes] == [
        None, CaseAlreadyOpen, CaseAlreadyOpen, AlreadyExists, AlreadyExists, ContactNotInUnit, NamedContactRequired,
        ReceiverRequired, UnknownSource, UnknownSource, UnknownSource, None,
    ]  # fmt: skip
    named = "select count(*) from access_log where xact = (select xact from access_log where object_id = %s)"
    assert owner_db.execute(named, [outcomes[0]]).fetchone()["count"] == 2
