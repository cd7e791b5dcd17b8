"""The deeds of a case, each told as it happens: check, change, record, return."""

from datetime import date
from uuid import UUID

from app.cases import repository, schemas
from app.cases.models import (
    CASE_FLOW,
    CATEGORY_OF_SECTOR,
    AnalysisResult,
    Case,
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
from app.kernel.calendar import add_working_days, birthday, end_of_day
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row, Transaction
from app.kernel.deadlines import Deadline, meet, new_deadline
from app.kernel.ids import new_id
from app.kernel.paging import Window
from app.kernel.reactions import tell
from app.organisations import service as organisations
from app.organisations.models import UnknownReference
from app.people import service as people

FIRST_CONTACT_DAYS = 5  # practice of the county, unverified (12.5)
PRACTICE = "Överenskommen praxis, overifierad (domain.md 12.5) / agreed practice, unverified"
#: What the opening decision changes.
DECIDED = ("status", "analysis_result", "opened_at")
TRANSITION = "R3.5: förslag om ny namngiven kontakt vid övergång / proposal at a transition"


def own_category(visit: Visit) -> str:
    """The information category of the sector that the caller writes for."""
    return CATEGORY_OF_SECTOR[visit.actor.assignment.sector or "social"]


def record_step(visit: Visit, case: Case, deed: str, reason: str | None) -> None:
    """Keep one step of the state machine with its reason, in the category of the caller's sector."""
    case.updated_at = visit.now
    visit.tx.session.add(step(visit, case, deed, reason))


def step(visit: Visit, case: Case, deed: str, reason: str | None) -> CaseStep:
    """One step of the state machine, taken just now."""
    return CaseStep(
        id=new_id(), case_id=case.id, category=own_category(visit), deed=deed, status=case.status, reason=reason,
        taken_at=visit.now, taken_by=visit.actor.user_id, **visit.ownership(case.municipality_code),
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
    case.updated_at = visit.now
    visit.tx.session.add(contact(visit, case, kind, user_id, reason))
    visit.trail.changed(case.subject, f"{kind}_id", reason=reason)
    await visit.tx.session.flush()


def contact(visit: Visit, case: Case, kind: ContactKind, user_id: UUID, reason: str | None) -> CaseContact:
    """Somebody holds the case from now on."""
    case.hold(kind, user_id)
    return CaseContact(
        id=new_id(), case_id=case.id, kind=kind, user_id=user_id, from_at=visit.now, reason=reason,
        **visit.ownership(case.municipality_code),
    )  # fmt: skip


async def activate(visit: Visit, case: Case, body: schemas.Activation) -> None:
    """The opening decision is taken: the case has its named contact and its deadlines."""
    if body.named_contact_id is not None:
        await appoint(visit, case, ContactKind.NAMED_CONTACT, body.named_contact_id, visit.actor.unit_id, body.reason)
    visit.tx.session.add(decide(visit, case, body))
    visit.trail.changed(case.subject, *DECIDED, reason=body.reason)
    await visit.tx.session.flush()
    visit.tx.session.add_all(due(visit, case, await people.facts(visit.tx, case.child_id)))
    await visit.tx.session.flush()


def decide(visit: Visit, case: Case, body: schemas.Activation) -> CaseStep:
    """The opening decision, as a step of the case. Raises ``NamedContactRequired``."""
    case.activate(body.analysis_result, visit.now)
    case.updated_at = visit.now
    return step(visit, case, "activate", body.reason)


def due(visit: Visit, case: Case, child: Row | None) -> list[Deadline]:
    """What is due of a case from the opening decision on; without the child's own days where it is not seen."""
    today = stockholm_date(visit.now)
    soon = add_working_days(today, FIRST_CONTACT_DAYS)
    found = [_due(visit, case, "first_contact", soon, "case activated", PRACTICE)]
    if case.analysis_result == AnalysisResult.COOPERATION_NEEDED:
        found.append(_due(visit, case, "consent_requested", soon, "cooperation needed", PRACTICE))
    days = transitions(child["birth_date"], child["expected_birth_date"]) if child else []
    event = "transition in the child's life"
    return found + [_due(visit, case, code, on, event, TRANSITION) for code, on in days if on > today]


def transitions(born: date | None, expected: date | None) -> list[tuple[str, date]]:
    """When a new named contact is proposed: birth, school start, end of compulsory school, 18 (R3.5)."""
    if born is None:
        return [("new_contact_at_birth", expected)] if expected else []
    return [
        ("new_contact_at_school_start", date(born.year + 6, 8, 15)),
        ("new_contact_after_compulsory_school", date(born.year + 16, 6, 15)),
        ("new_contact_at_eighteen", birthday(born, 18)),
    ]


def _due(visit: Visit, case: Case, code: str, on: date, event: str, basis: str) -> Deadline:
    return new_deadline(
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


async def lines(tx: Transaction, frame: Window, *, protected_too: bool) -> list[Row]:
    """The next of the unit's own drafts and active cases; of protected children past a checkpoint, if wanted (R2.5)."""
    return await repository.lines(tx, frame, protected_too=protected_too)
