"""Deeds of invitations: calling, answering, telling, and who came."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from app.codes import Text
from app.kernel.calendar import add_working_days, end_of_day
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.deadlines import meet, set_deadline
from app.kernel.ids import new_id
from app.kernel.reactions import reacts_to, tell
from app.meeting_invitations import repository, schemas
from app.meeting_invitations.models import (
    AlreadyInvited,
    AttendanceIncomplete,
    FamilyDoesNotWish,
    InvitationAnswer,
    InvitationKind,
    InvitationNotice,
    MeetingInvitation,
    NobodyToInvite,
    NoScopeToInvite,
    kind_of,
)
from app.meetings import service as meetings
from app.meetings.models import (
    MEETING_FLOW,
    Meeting,
    MeetingCalled,
    MeetingCancelled,
    MeetingMoved,
    MeetingStatus,
)
from app.organisations import service as organisations
from app.people.models import ProtectedIdentity

ANSWER, EXPLAIN, CANCELLED = "answer_invitation", "explain_absence", "meeting_cancelled"
DAYS = 5  # working days to answer or explain: practice, unverified
PRACTICE = "Överenskommen praxis, overifierad (domain.md 12.7, 12.8) / agreed practice, unverified"
SUMMARY = Text("Möte", "Meeting")
_FAMILY = ("guardian", "child")


async def invite(visit: Visit, meeting: Meeting, body: schemas.InvitationsCreate) -> None:
    """Call or invite; the first time the meeting becomes called. What they are is derived (R7.7).

    Raises ``NoScopeToInvite``, ``AlreadyInvited``, ``FamilyDoesNotWish``, ``NobodyToInvite``.
    """
    first = meeting.status == MeetingStatus.PLANNED
    MEETING_FLOW.go(meeting, "call")
    known = await repository.of_meeting(visit.tx, meeting.id)
    scope = await meetings.in_scope(visit.tx, meeting.case_id)
    units = await _units(visit, body.unit_ids, known, scope)
    guests = [{"unit_id": unit["id"], "kind": kind_of(meeting.meeting_type, unit["sector"])} for unit in units]
    guests += _family(known, scope) if body.family else []
    guests += _externals(body.externals)
    if not guests:
        raise NobodyToInvite
    owner = visit.ownership(meeting.municipality_code)
    visit.tx.session.add_all(
        MeetingInvitation(
            id=new_id(), meeting_id=meeting.id, case_id=meeting.case_id, answer=InvitationAnswer.WAITING,
            told=InvitationNotice.CALLED, told_at=visit.now, **guest, **owner,
        )
        for guest in guests
    )  # fmt: skip
    meeting.touch(visit.now)
    visit.trail.changed(meeting.subject, "status", "invitations")
    for unit in units:
        _due(visit, meeting, unit, ANSWER, _answer_by(visit, meeting), "called to the meeting")
    await visit.tx.session.flush()
    if first:
        await meet(visit.tx, meeting.id, visit.now, meetings.DISCHARGE_CALL)
        await tell(visit, MeetingCalled(**meeting.happening))


async def _units(visit: Visit, unit_ids: list[UUID], known: list[Row], scope: list[Row]) -> list[Row]:
    """The units to invite; only such to which something of the case is open now (R8.1)."""
    open_to, invited = {row["party_id"] for row in scope}, {row["unit_id"] for row in known}
    units = [
        unit
        for unit_id in dict.fromkeys(unit_ids)
        if unit_id in open_to and (unit := await organisations.unit(visit.tx, unit_id))
    ]
    if len(units) < len(set(unit_ids)):
        raise NoScopeToInvite
    if not invited.isdisjoint(unit_ids):
        raise AlreadyInvited
    return units


def _family(known: list[Row], scope: list[Row]) -> list[dict[str, Any]]:
    """The child first, and the guardians, each by itself: in the circle are those who may be contacted."""
    invited = {row["person_key"] for row in known}
    return [
        {"person_key": row["party_id"], "standing": row["standing"], "kind": InvitationKind.INBJUDAN}
        for row in sorted(scope, key=lambda row: (row["standing"], row["party_id"]))
        if row["standing"] in _FAMILY and row["party_id"] not in invited
    ]


def _externals(externals: list[schemas.External]) -> list[dict[str, Any]]:
    if not all(external.family_wishes for external in externals):
        raise FamilyDoesNotWish
    return [{"external_name": external.name, "kind": InvitationKind.INBJUDAN} for external in externals]


def _due(visit: Visit, meeting: Meeting, unit: Row, code: str, due_at: datetime, event: str) -> None:
    owner = organisations.owned_by(unit, unit["municipality_code"])
    set_deadline(visit, meeting.subject, code=code, due_at=due_at, start_event=event, legal_basis=PRACTICE, owner=owner)


def _in_working_days(visit: Visit) -> datetime:
    return end_of_day(add_working_days(stockholm_date(visit.now), DAYS))


def _answer_by(visit: Visit, meeting: Meeting) -> datetime:
    return min(_in_working_days(visit), meeting.starts_at)


async def reply(visit: Visit, meeting: Meeting, invitation: MeetingInvitation, body: schemas.InvitationReply) -> None:
    """The invited party answers, or answers otherwise; raises ``SubstituteNeedsName``, ``AbsenceNeedsReason``."""
    MEETING_FLOW.go(meeting, "answer")
    invitation.reply(body.answer, body.substitute_name, body.reason, visit.actor.user_id, visit.now)
    await _done(visit, invitation, ANSWER, *body.model_fields_set)


async def acknowledge(visit: Visit, invitation: MeetingInvitation) -> None:
    """The invited party has seen that the meeting is cancelled (R8.4); raises ``NothingToAcknowledge``."""
    invitation.acknowledge(visit.actor.user_id, visit.now)
    await _done(visit, invitation, CANCELLED, "acknowledged_at", "acknowledged_by")


async def explain(visit: Visit, invitation: MeetingInvitation, explanation: str) -> None:
    """The manager of a principal that did not come says why (R7.7); raises ``NothingToExplain``."""
    invitation.explain(explanation, visit.actor.user_id, visit.now)
    await _done(visit, invitation, EXPLAIN, "absence_explanation", "absence_explained_at", "absence_explained_by")


async def _done(visit: Visit, invitation: MeetingInvitation, code: str, *fields: str) -> None:
    visit.trail.changed(invitation.subject, *fields)
    await visit.tx.session.flush()
    if invitation.unit_id is not None:
        await meet(visit.tx, invitation.meeting_id, visit.now, code, unit_id=invitation.unit_id)


@reacts_to(MeetingMoved)
async def ask_again(visit: Visit, happening: MeetingMoved) -> None:
    """Another time or place: everybody is told, and asked anew."""
    await _tell_everybody(visit, happening.meeting_id, InvitationNotice.MOVED)


@reacts_to(MeetingCancelled)
async def call_off(visit: Visit, happening: MeetingCancelled) -> None:
    """R8.4: everybody is told."""
    await _tell_everybody(visit, happening.meeting_id, InvitationNotice.CANCELLED)


async def _tell_everybody(visit: Visit, meeting_id: UUID, notice: InvitationNotice) -> None:
    meeting = await meetings.record_of(visit.tx, meeting_id)
    invitations = await repository.records_of(visit.tx, meeting_id)
    for invitation in invitations:
        invitation.tell(notice, visit.now)
    await meet(visit.tx, meeting_id, visit.now, ANSWER)
    for unit in await _units_of(visit, meeting, invitations):
        if notice is InvitationNotice.MOVED:
            _due(visit, meeting, unit, ANSWER, _answer_by(visit, meeting), "meeting moved")
        else:
            _due(visit, meeting, unit, CANCELLED, _in_working_days(visit), "meeting cancelled")
    await visit.tx.session.flush()


async def hold(visit: Visit, meeting: Meeting, body: schemas.Attendance) -> None:
    """The meeting has taken place: who came, and how the child took part (R8.5).

    A called principal that did not come has to explain itself, through its manager (R7.7). Raises
    ``AttendanceIncomplete``, ``ChildParticipationMissing``.
    """
    await meetings.hold(visit, meeting, body.child_participation)
    invitations = {invitation.id: invitation for invitation in await repository.records_of(visit.tx, meeting.id)}
    stated = [presence.invitation_id for presence in body.attended]
    if len(stated) != len(invitations) or set(stated) != invitations.keys():
        raise AttendanceIncomplete
    for presence in body.attended:
        invitations[presence.invitation_id].attend(presence.attended, presence.substitute_name)
    missing = [invitation for invitation in invitations.values() if invitation.unexplained]
    for unit in await _units_of(visit, meeting, missing):
        _due(visit, meeting, unit, EXPLAIN, _in_working_days(visit), "absent from a meeting it was called to")
    await visit.tx.session.flush()


async def _units_of(visit: Visit, meeting: Meeting, invitations: Iterable[MeetingInvitation]) -> list[Row]:
    """The invited units that may still know of the meeting: a consent may have ended since the call."""
    scope = {row["party_id"] for row in await meetings.in_scope(visit.tx, meeting.case_id)}
    invited = {invitation.unit_id for invitation in invitations if invitation.unit_id} & scope
    return [unit for unit_id in sorted(invited) if (unit := await organisations.unit(visit.tx, unit_id))]


_PARTSTAT = {
    InvitationAnswer.WAITING: "NEEDS-ACTION",
    InvitationAnswer.WILL_ATTEND: "ACCEPTED",
    InvitationAnswer.SENDS_SUBSTITUTE: "ACCEPTED",
    InvitationAnswer.CANNOT: "DECLINED",
}


def calendar_file(visit: Visit, meeting: Row, invitation: Row) -> bytes:
    """The invitation for a calendar (RFC 5545, 5546): when, and where to log in. Nobody and nothing is named (R8.3).

    Of a protected child it does not say where either (trap 17): calendars are copied to many places.
    """
    from icalendar import CLASS, STATUS, Calendar, Event, vCalAddress  # here: a start would pay for its time zones

    cancelled = meeting["status"] == MeetingStatus.CANCELLED
    address = visit.href(f"/meetings/{meeting['id']}")
    protected = meeting["protected_identity"] != ProtectedIdentity.NONE
    where = ", ".join(filter(None, (meeting["place"], meeting["video_link"])))
    attendee = vCalAddress(f"{address}/invitations/{invitation['id']}")
    attendee.params["PARTSTAT"] = _PARTSTAT[invitation["answer"]]
    event = Event.new(
        uid=str(meeting["id"]), sequence=meeting["sequence"], stamp=invitation["told_at"], url=address,
        start=meeting["starts_at"], end=meeting["ends_at"], summary=SUMMARY.in_language(visit.language),
        location=None if protected else where or None, organizer=vCalAddress(visit.settings.public_url),
        attendees=[attendee], classification=CLASS.CONFIDENTIAL,
        status=STATUS.CANCELLED if cancelled else STATUS.CONFIRMED,
    )  # fmt: skip
    calendar = Calendar()
    calendar.add("prodid", f"-//Tillsammans//{visit.language.upper()}")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancelled else "REQUEST")
    calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content
