"""The deeds of a case, each told as it happens: check, change, record, return."""

import secrets
from datetime import date
from uuid import UUID

from app.cases import repository, schemas
from app.cases.models import (
    CASE_FLOW,
    CATEGORY_OF_SECTOR,
    AnalysisResult,
    Case,
    CaseAlreadyOpen,
    CaseAnalysis,
    CaseClosure,
    CaseContact,
    CaseEnds,
    CaseStep,
    ChildViewMissing,
    ContactKind,
    ContactNotInUnit,
    MembersNotTold,
    OpenActionsNotHandled,
)
from app.corrections import service as corrections
from app.guardians import service as guardians
from app.kernel import circles
from app.kernel.calendar import add_working_days, birthday, end_of_day
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row, Transaction
from app.kernel.deadlines import meet, set_deadline
from app.kernel.ids import new_id
from app.kernel.reactions import tell
from app.organisations import service as organisations
from app.organisations.models import UnknownReference
from app.people import service as people

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
FIRST_CONTACT_DAYS = 5  # practice of the county, unverified (12.5)
PRACTICE = "Överenskommen praxis, overifierad (domain.md 12.5) / agreed practice, unverified"
TRANSITION = "R3.5: förslag om ny namngiven kontakt vid övergång / proposal at a transition"


async def open_case(visit: Visit, body: schemas.CaseCreate) -> UUID:
    """A case is opened as a draft, in single-agency mode: own records, no consent (R3.1).

    Raises ``UnknownReference`` for a child that is not the unit's own, ``CaseAlreadyOpen``.
    """
    child = await people.facts(visit.tx, body.child_id)
    if child is None or child["owner_unit_id"] != visit.actor.unit_id:
        raise UnknownReference(field="childId")
    people.require_checkpoint(visit, child)
    if await repository.has_open_case(visit.tx, body.child_id):
        raise CaseAlreadyOpen
    case = Case(
        id=new_id(),
        case_number="-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(2)),
        status="draft",
        created_at=visit.now,
        updated_at=visit.now,
        **body.model_dump(include={"child_id", "entry_route", "source_system", "source_id"}),
        **visit.ownership(child["municipality_code"]),
    )
    await circles.open_circle(visit.tx, case.id)
    visit.tx.session.add(case)
    visit.tx.session.add(_analysis(visit, case, body))
    record_step(visit, case, "open", None)
    await visit.tx.session.flush()
    if body.named_contact_id is not None:
        await appoint(visit, case, ContactKind.NAMED_CONTACT, body.named_contact_id, visit.actor.unit_id, None)
    await guardians.bring_into(visit, case.id, await guardians.family_of(visit.tx, case.child_id, visit.now))
    visit.trail.changed(case.subject, *body.model_fields_set)
    return case.id


def _analysis(visit: Visit, case: Case, body: schemas.CaseCreate) -> CaseAnalysis:
    return CaseAnalysis(
        id=new_id(),
        case_id=case.id,
        category=own_category(visit),
        reason_text=body.reason_text,
        level_of_need=body.level_of_need,
        five_questions=body.five_questions and body.five_questions.model_dump(exclude_none=True),
        **visit.ownership(case.municipality_code),
    )


def own_category(visit: Visit) -> str:
    """The information category of the sector that the caller writes for."""
    return CATEGORY_OF_SECTOR[visit.actor.assignment.sector or "social"]


def record_step(visit: Visit, case: Case, deed: str, reason: str | None) -> None:
    """Keep one step of the state machine with its reason, in the category of the caller's sector."""
    case.updated_at = visit.now
    visit.tx.session.add(
        CaseStep(
            id=new_id(), case_id=case.id, category=own_category(visit), deed=deed, status=case.status, reason=reason,
            taken_at=visit.now, taken_by=visit.actor.user_id, **visit.ownership(case.municipality_code),
        )
    )  # fmt: skip


async def change_case(visit: Visit, case: Case, body: schemas.CasePatch) -> None:
    """Correct how the need came in or why; what the reason was is kept (R3.8)."""
    stated = {name: value for name, value in body.stated.items() if name != "correction_reason"}
    if "entry_route" in stated:
        case.entry_route = stated.pop("entry_route")
    if stated:
        analysis = await repository.analysis_record(visit.tx, case.id)
        if analysis is None:
            raise UnknownReference(field="reasonText")
        reason = body.correction_reason or "–"
        corrections.keep_earlier(visit, case.id, "case_analysis", analysis, reason, tuple(stated))
        for name, value in stated.items():
            setattr(analysis, name, value.model_dump(exclude_none=True) if hasattr(value, "model_dump") else value)
    case.updated_at = visit.now
    visit.trail.changed(case.subject, *body.model_fields_set, reason=body.correction_reason)
    await visit.tx.session.flush()


async def appoint(
    visit: Visit, case: Case, kind: ContactKind, user_id: UUID, unit_id: UUID, reason: str | None
) -> None:
    """Somebody becomes the one named contact or coordinator; the earlier one's time ends (R3.4)."""
    if await organisations.assignment_in(visit.tx, user_id, unit_id, visit.now) is None:
        raise ContactNotInUnit
    await repository.end_contact(visit.tx, case.id, kind, visit.now)
    case.hold(kind, user_id)
    case.updated_at = visit.now
    visit.tx.session.add(
        CaseContact(
            id=new_id(), case_id=case.id, kind=kind, user_id=user_id, from_at=visit.now, reason=reason,
            **visit.ownership(case.municipality_code),
        )
    )  # fmt: skip
    visit.trail.changed(case.subject, f"{kind}_id", reason=reason)
    await visit.tx.session.flush()


async def activate(visit: Visit, case: Case, body: schemas.Activation) -> None:
    """The opening decision is taken: the case has its named contact and its deadlines."""
    if body.named_contact_id is not None:
        await appoint(visit, case, ContactKind.NAMED_CONTACT, body.named_contact_id, visit.actor.unit_id, body.reason)
    case.activate(body.analysis_result, visit.now)
    record_step(visit, case, "activate", body.reason)
    visit.trail.changed(case.subject, "status", "analysis_result", "opened_at", reason=body.reason)
    await visit.tx.session.flush()
    await _set_deadlines(visit, case)


async def _set_deadlines(visit: Visit, case: Case) -> None:
    today = stockholm_date(visit.now)
    _due(visit, case, "first_contact", add_working_days(today, FIRST_CONTACT_DAYS), "case activated", PRACTICE)
    if case.analysis_result == AnalysisResult.COOPERATION_NEEDED:
        due = add_working_days(today, FIRST_CONTACT_DAYS)
        _due(visit, case, "consent_requested", due, "cooperation needed", PRACTICE)
    child = await people.facts(visit.tx, case.child_id)
    if child is not None:
        for code, on in transitions(child["birth_date"], child["expected_birth_date"]):
            if on > today:
                _due(visit, case, code, on, "transition in the child's life", TRANSITION)
    await visit.tx.session.flush()


def transitions(born: date | None, expected: date | None) -> list[tuple[str, date]]:
    """When a new named contact is proposed: birth, school start, end of compulsory school, 18 (R3.5)."""
    if born is None:
        return [("new_contact_at_birth", expected)] if expected else []
    return [
        ("new_contact_at_school_start", date(born.year + 6, 8, 15)),
        ("new_contact_after_compulsory_school", date(born.year + 16, 6, 15)),
        ("new_contact_at_eighteen", birthday(born, 18)),
    ]


def _due(visit: Visit, case: Case, code: str, on: date, event: str, basis: str) -> None:
    set_deadline(
        visit, case.subject, code=code, due_at=end_of_day(on), start_event=event, legal_basis=basis,
        owner=case.ownership,
    )  # fmt: skip


async def take_step(visit: Visit, case: Case, deed: str, reason: str | None) -> None:
    """Discard, pause or resume: a step of the state machine with its reason."""
    CASE_FLOW.go(case, deed)
    record_step(visit, case, deed, reason)
    visit.trail.changed(case.subject, "status", reason=reason)
    if deed == "discard":
        await meet(visit.tx, case.id, visit.now)
    await visit.tx.session.flush()


async def close(visit: Visit, case: Case, body: schemas.Closure) -> None:
    """Close with what R3.7 asks: outcome, the child's view, open actions handled, everybody told."""
    if body.child_view is None and body.child_view_missing_reason is None:
        raise ChildViewMissing
    if not body.open_actions_handled:
        raise OpenActionsNotHandled
    taking_part = {
        row["unit_id"] for row in await repository.members(visit.tx, case.id)
        if row["left_at"] is None and row["standing"] == "member" and row["opened"]
    }  # fmt: skip
    if not taking_part <= set(body.informed_unit_ids):
        raise MembersNotTold
    await tell(visit, CaseEnds(case.id, declined=False))
    case.close(visit.now)
    visit.tx.session.add(
        CaseClosure(
            id=new_id(), case_id=case.id, category=own_category(visit), closed_at=visit.now,
            closed_by=visit.actor.user_id, **body.model_dump(exclude={"open_actions_handled"}),
            **visit.ownership(case.municipality_code),
        )
    )  # fmt: skip
    await _ended(visit, case, "close", body.model_fields_set)


async def decline(visit: Visit, case: Case) -> None:
    """The family declines: the case ends, no reason is asked, and nothing is derived from it (R3.6)."""
    case.decline(visit.now)
    case.updated_at = visit.now
    await tell(visit, CaseEnds(case.id, declined=True))
    await _ended(visit, case, None, {"status", "closed_at"})


async def _ended(visit: Visit, case: Case, deed: str | None, fields: set[str]) -> None:
    if deed:
        record_step(visit, case, deed, None)
    await meet(visit.tx, case.id, visit.now)
    visit.trail.changed(case.subject, "status", *fields)
    await visit.tx.session.flush()


async def reopen(visit: Visit, case: Case, reason: str) -> None:
    """A closed case goes on; raises ``TooLateToReopen`` after the configured months."""
    case.reopen(visit.now, visit.settings.reopen_months)
    record_step(visit, case, "reopen", reason)
    visit.trail.changed(case.subject, "status", "closed_at", reason=reason)
    await visit.tx.session.flush()


async def circle_of(tx: Transaction, case_id: UUID) -> list[Row]:
    """The units in a case's circle, past ones too."""
    return await repository.members(tx, case_id)


async def record_of(tx: Transaction, case_id: UUID) -> Case | None:
    """The case for a change that another package tells, locked."""
    return await repository.record(tx, case_id)
