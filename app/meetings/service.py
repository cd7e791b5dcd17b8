"""Deeds of meetings and their minutes, and what other packages may ask of them."""

from datetime import date
from typing import Any
from uuid import UUID

from app.cases import service as cases
from app.cases.models import CaseEnds, CaseStatus
from app.kernel.calendar import add_days, end_of_day
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row, Transaction
from app.kernel.deadlines import DeadlineKind, meet, set_deadline
from app.kernel.errors import NotFound
from app.kernel.ids import new_id
from app.kernel.paging import window
from app.kernel.reactions import reacts_to, tell
from app.meetings import repository, schemas
from app.meetings.models import (
    MEETING_FLOW,
    ChildParticipationMissing,
    DischargeNeedsSip,
    Meeting,
    MeetingAgenda,
    MeetingCancelled,
    MeetingHeld,
    MeetingMinutes,
    MeetingMoved,
    MeetingNeedsOpenCase,
    MeetingParticipation,
    MeetingStatus,
    MeetingType,
    MinutesAlreadyWritten,
    NotInTheCircle,
)
from app.organisations import service as organisations
from app.organisations.models import UnknownReference

DISCHARGE_CALL = "discharge_call"
CASE_ENDED = "Ärendet är avslutat / the case has ended"
_ENDED = (CaseStatus.CLOSED, CaseStatus.DISCARDED)
_UNITS = ("owner", "member")
_AGENDA = frozenset({"question", "agenda"})


async def plan_meeting(visit: Visit, case: Row, body: schemas.MeetingCreate) -> UUID:
    """A meeting is planned; nobody is told of it before the call.

    Raises ``MeetingNeedsOpenCase``, ``DischargeNeedsSip``, ``NotInTheCircle``, ``EndsBeforeItBegins``.
    """
    if case["status"] in _ENDED:
        raise MeetingNeedsOpenCase
    if body.discharge_notice_at is not None and body.meeting_type is not MeetingType.SIP:
        raise DischargeNeedsSip
    await _unit_of(visit, body.case_id, body.chair_user_id, "chairUserId")
    documenter_unit_id = await _unit_of(visit, body.case_id, body.documenter_user_id, "documenterUserId")
    owner = visit.ownership(case["municipality_code"])
    meeting = Meeting(
        id=new_id(), child_id=case["child_id"], status=MeetingStatus.PLANNED, sequence=0, created_at=visit.now,
        updated_at=visit.now, documenter_unit_id=documenter_unit_id, call_basis_notice_at=body.discharge_notice_at,
        **body.model_dump(exclude={*_AGENDA, "discharge_notice_at"}), **owner,
    )  # fmt: skip
    meeting.require_order()
    visit.tx.session.add(meeting)
    visit.trail.changed(meeting.subject, *body.model_fields_set)
    await visit.tx.session.flush()
    agenda = body.model_dump(include={*_AGENDA})
    visit.tx.session.add(MeetingAgenda(id=new_id(), meeting_id=meeting.id, case_id=meeting.case_id, **agenda, **owner))
    if body.discharge_notice_at is not None:
        _call_is_due(visit, meeting, stockholm_date(body.discharge_notice_at))
    await visit.tx.session.flush()
    return meeting.id


def _call_is_due(visit: Visit, meeting: Meeting, noticed_on: date) -> None:
    """R7.15: whoever was told of the discharge calls within days; met by the call."""
    set_deadline(
        visit, meeting.subject, code=DISCHARGE_CALL, kind=DeadlineKind.STATUTORY, legal_basis="LSP (2017:612) 4 kap.",
        due_at=end_of_day(add_days(noticed_on, visit.settings.discharge_call_days)),
        start_event="notice of discharge", started_at=meeting.call_basis_notice_at,
        owner=meeting.ownership,
    )  # fmt: skip


async def _unit_of(visit: Visit, case_id: UUID, user_id: UUID, field: str) -> UUID:
    """The unit in scope that somebody works in, the convener's own first; raises ``NotInTheCircle`` (R8.1)."""
    units: list[UUID] = [row["party_id"] for row in await in_scope(visit.tx, case_id) if row["standing"] in _UNITS]
    for unit_id in sorted(units, key=lambda unit_id: unit_id != visit.actor.unit_id):
        if await organisations.assignment_in(visit.tx, user_id, unit_id, visit.now):
            return unit_id
    raise NotInTheCircle(field=field)


async def change_meeting(visit: Visit, meeting: Meeting, body: schemas.MeetingPatch) -> None:
    """Change a meeting; whoever was called to another time or place is told and asked again."""
    stated = body.stated
    if "chair_user_id" in stated:
        await _unit_of(visit, meeting.case_id, body.chair_user_id, "chairUserId")
    if "documenter_user_id" in stated:
        unit_id = await _unit_of(visit, meeting.case_id, body.documenter_user_id, "documenterUserId")
        stated["documenter_unit_id"] = unit_id
    inner = {name: stated.pop(name) for name in _AGENDA & stated.keys()}
    moved = meeting.change(stated)
    if inner:
        (await repository.agenda_record(visit.tx, meeting.id)).apply(inner)
    meeting.touch(visit.now)
    visit.trail.changed(meeting.subject, *body.model_fields_set)
    await visit.tx.session.flush()
    if moved:
        await tell(visit, MeetingMoved(**meeting.happening))


async def cancel(visit: Visit, meeting: Meeting, reason: str) -> None:
    """The meeting will not take place, and everybody who was invited is told (R8.4)."""
    meeting.cancel(reason)
    meeting.touch(visit.now)
    visit.trail.changed(meeting.subject, "status", "cancelled_reason", reason=reason)
    await visit.tx.session.flush()
    await meet(visit.tx, meeting.id, visit.now)
    await tell(visit, MeetingCancelled(**meeting.happening))


@reacts_to(CaseEnds)
async def case_ends(visit: Visit, happening: CaseEnds) -> None:
    """What was still planned about the case will not take place."""
    for meeting in await repository.open_in(visit.tx, happening.case_id):
        await cancel(visit, meeting, CASE_ENDED)


async def hold(visit: Visit, meeting: Meeting, part: schemas.ChildParticipation | None) -> None:
    """The meeting has taken place, and how the child took part is written down (R8.5).

    Raises ``ChildParticipationMissing``.
    """
    MEETING_FLOW.go(meeting, "hold")
    if part is None:
        raise ChildParticipationMissing
    participation = MeetingParticipation(
        id=new_id(), meeting_id=meeting.id, case_id=meeting.case_id, **part.model_dump(),
        **visit.ownership(meeting.municipality_code),
    )  # fmt: skip
    participation.require_reason()
    meeting.touch(visit.now)
    visit.tx.session.add(participation)
    visit.trail.changed(meeting.subject, "status", "child_participation")
    await visit.tx.session.flush()
    await meet(visit.tx, meeting.id, visit.now)
    await tell(visit, MeetingHeld(**meeting.happening))


async def write_minutes(visit: Visit, meeting: Meeting, body: schemas.MinutesCreate) -> None:
    """The documenter writes the minutes; they belong to the documenter's authority (R8.2).

    Raises ``MinutesAlreadyWritten``, ``UnknownReference``.
    """
    MEETING_FLOW.go(meeting, "document")
    if await repository.minutes(visit.tx, meeting.id) is not None:
        raise MinutesAlreadyWritten
    await _require_units(visit, meeting.case_id, body.decisions)
    minutes = MeetingMinutes(
        id=new_id(), meeting_id=meeting.id, case_id=meeting.case_id, written_at=visit.now, notes=body.notes,
        decisions=_stored(body.decisions), interpreter_used=body.interpreter_used,
        **visit.ownership(meeting.municipality_code),
    )  # fmt: skip
    visit.tx.session.add(minutes)
    visit.trail.changed(minutes.subject(meeting.child_id), *body.model_fields_set)
    await visit.tx.session.flush()


async def change_minutes(visit: Visit, meeting: Meeting, minutes: MeetingMinutes, body: schemas.MinutesPatch) -> None:
    """Change minutes that are not confirmed yet."""
    MEETING_FLOW.go(meeting, "document")
    stated = body.stated
    if "decisions" in stated:
        await _require_units(visit, meeting.case_id, body.decisions)
        stated["decisions"] = _stored(body.decisions)
    minutes.apply(stated)
    visit.trail.changed(minutes.subject(meeting.child_id), *body.model_fields_set)
    await visit.tx.session.flush()


async def confirm_minutes(visit: Visit, meeting: Meeting, minutes: MeetingMinutes) -> None:
    """The minutes are confirmed (justeras), and final."""
    MEETING_FLOW.go(meeting, "confirm_notes")
    meeting.touch(visit.now)
    minutes.confirmed_at, minutes.confirmed_by = visit.now, visit.actor.user_id
    visit.trail.changed(minutes.subject(meeting.child_id), "confirmed_at", "confirmed_by")
    visit.trail.changed(meeting.subject, "status")
    await visit.tx.session.flush()


async def _require_units(visit: Visit, case_id: UUID, decisions: list[schemas.MeetingDecision]) -> None:
    known = {row["unit_id"] for row in await cases.circle_of(visit.tx, case_id)}
    if any(decision.responsible_unit_id not in {None, *known} for decision in decisions):
        raise UnknownReference(field="responsibleUnitId")


def _stored(decisions: list[schemas.MeetingDecision]) -> list[dict[str, Any]]:
    return [decision.model_dump(mode="json", by_alias=False) for decision in decisions]


async def listed(visit: Visit, query: schemas.MeetingQuery) -> tuple[list[Row], int | None]:
    """One page, and the number when it is asked for; a protected child's meetings to its family only (R2.5)."""
    frame, protected_too = window(visit, query, "starts_at"), visit.actor.is_family
    rows = await repository.list_mine(visit.tx, frame, protected_too=protected_too)
    if not query.include_total:
        return rows, None
    return rows, await repository.count_mine(visit.tx, frame, protected_too=protected_too)


async def in_scope(tx: Transaction, case_id: UUID) -> list[Row]:
    """To whom something of a case is open now: units and family, as ``{party_id, standing}`` (R8.1)."""
    return await repository.in_scope(tx, case_id)


async def record_of(tx: Transaction, meeting_id: UUID) -> Meeting:
    """The meeting for a change that another package tells, locked."""
    meeting = await repository.record(tx, meeting_id)
    if meeting is None:
        raise NotFound
    return meeting


async def meeting_of(tx: Transaction, meeting_id: UUID) -> Row | None:
    """A meeting that the caller sees."""
    return await repository.one(tx, meeting_id)


async def meetings_of_plan(tx: Transaction, plan_id: UUID) -> list[Row]:
    """The meetings about a plan that the caller sees, earliest first."""
    return await repository.of_plan(tx, plan_id)
