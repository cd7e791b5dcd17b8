"""Endpoints of invitations to meetings."""

from typing import Annotated, Any

from fastapi import Query

from app.kernel.access import Visiting
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.http.files import Calendar
from app.kernel.links import Action, links
from app.kernel.paging import PageQuery, whole
from app.meeting_invitations import repository, schemas, service
from app.meeting_invitations.access import Invited, invitation_for, invitation_row_for, relations
from app.meeting_invitations.models import InvitationKind, InvitationNotice
from app.meetings import service as meetings
from app.meetings.access import is_shielded, meeting_for, meeting_row_for
from app.meetings.models import MEETING_FLOW, Meeting
from app.meetings.router import answer as meeting_answer
from app.meetings.schemas import Meeting as MeetingOut
from app.permissions import Permission as P

meeting = Router(
    "meetings",
    Text(
        "Möten kring ett barn: SIP-möten, uppföljningar, teammöten.",
        "Meetings around a child: SIP, follow-up, team around the child.",
    ),
)
invitations = Router(
    "invitations",
    Text("Kallelser och inbjudningar till möten, utan känsligt innehåll.", "Calls and invitations to meetings."),
)

_ANSWER = Action("answer", "POST", "/answer", P.INVITATION_ANSWER, "answer")
_RECEIPT = Action("receipt", "POST", "/receipt", P.INVITATION_ANSWER)
_EXPLANATION = Action("explanation", "POST", "/explanation", P.INVITATION_EXPLAIN)


def _actions(row: Row) -> list[Action]:
    """What is left to say."""
    cancelled = row["told"] == InvitationNotice.CANCELLED and row["acknowledged_at"] is None
    absent = row["kind"] == InvitationKind.KALLELSE and row["attended"] is False and row["absence_explained_at"] is None
    wanted = ((_ANSWER, True), (_RECEIPT, cancelled), (_EXPLANATION, absent))
    return [action for action, possible in wanted if possible]


def _shown(visit: Visit, meeting: Row, row: Row) -> dict[str, Any]:
    path = f"/meetings/{meeting['id']}/invitations/{row['id']}"
    if row["unit_id"] is not None and is_shielded(visit, meeting):
        row = {**row, "name": None}
    return {
        **row,
        "links": links(
            visit, path, _actions(row), relations(visit, meeting, row), workflow=MEETING_FLOW,
            status=meeting["status"],
            neighbours={"meeting": f"/meetings/{meeting['id']}", "calendar": f"{path}/calendar"},
        ),
    }  # fmt: skip


def _present(visit: Visit, meeting: Row, row: Row) -> dict[str, Any]:
    visit.presents(f"/meetings/{meeting['id']}/invitations/{row['id']}", row["version"])
    return _shown(visit, meeting, row)


async def _answer(visit: Visit, found: Invited) -> dict[str, Any]:
    row = await meetings.meeting_of(visit.tx, found.meeting.id)
    invitation = await repository.one(visit.tx, found.meeting.id, found.invitation.id)
    if row is None or invitation is None:
        raise NotFound
    return _present(visit, row, invitation)


async def _page(visit: Visit, row: Row, query: PageQuery) -> dict[str, Any]:
    rows = await repository.of_meeting(visit.tx, row["id"])
    path = f"/meetings/{row['id']}/invitations"
    return whole(visit, path, query, rows, lambda one: _shown(visit, row, one), descending=False)


@invitations.post(
    "/meetings/{meetingId}/invitations",
    operation_id="inviteToMeeting",
    status_code=201,
    response_model=schemas.InvitationPage,
)
async def invite_to_meeting(
    visit: Visiting, found: Annotated[Meeting, meeting_for(P.MEETING_EDIT)], body: schemas.InvitationsCreate
) -> Any:
    """Call or invite units, the family and whom the family wants there; answers with all invitations of the meeting.

    Principals of health care and social services are called to a SIP meeting and have to come; everybody else is
    invited (R7.7). Nobody is on the list to whom nothing of the case is open (R8.1).
    """
    await service.invite(visit, found, body)
    row = await meetings.meeting_of(visit.tx, found.id)
    if row is None:
        raise NotFound
    visit.presents(f"/meetings/{found.id}/invitations")
    return await _page(visit, row, PageQuery(limit=200))


@invitations.get(
    "/meetings/{meetingId}/invitations", operation_id="listInvitations", response_model=schemas.InvitationPage
)
async def list_invitations(
    visit: Visiting, row: Annotated[Row, meeting_row_for(P.MEETING_READ)], query: Annotated[PageQuery, Query()]
) -> Any:
    """Who is called or invited to a meeting, what they answered, and whether they came."""
    return await _page(visit, row, query)


@invitations.get(
    "/meetings/{meetingId}/invitations/{invitationId}",
    operation_id="getInvitation",
    response_model=schemas.Invitation,
)
async def get_invitation(visit: Visiting, found: Annotated[tuple[Row, Row], invitation_row_for(P.MEETING_READ)]) -> Any:
    """One invitation."""
    return _present(visit, *found)


@invitations.get(
    "/meetings/{meetingId}/invitations/{invitationId}/calendar",
    operation_id="getInvitationCalendar",
    response_class=Calendar,
    responses=Calendar.documented("The invitation for a calendar (iCalendar, RFC 5545)."),
)
async def get_calendar(visit: Visiting, found: Annotated[tuple[Row, Row], invitation_row_for(P.MEETING_READ)]) -> Any:
    """The invitation for a calendar: when, and where to log in. No names, no question (R8.3)."""
    return Calendar(service.calendar_file(visit, *found))


@invitations.post(
    "/meetings/{meetingId}/invitations/{invitationId}/answer",
    operation_id="answerInvitation",
    status_code=201,
    response_model=schemas.Invitation,
)
async def answer_invitation(
    visit: Visiting, found: Annotated[Invited, invitation_for(P.INVITATION_ANSWER)], body: schemas.InvitationReply
) -> Any:
    """Answer a call or an invitation, as the invited unit or family member; a later answer replaces the earlier one."""
    await service.reply(visit, found.meeting, found.invitation, body)
    return await _answer(visit, found)


@invitations.post(
    "/meetings/{meetingId}/invitations/{invitationId}/receipt",
    operation_id="acknowledgeCancellation",
    status_code=201,
    response_model=schemas.Invitation,
)
async def acknowledge(
    visit: Visiting, found: Annotated[Invited, invitation_for(P.INVITATION_ANSWER)], _body: schemas.InvitationReceipt
) -> Any:
    """Acknowledge that the meeting is cancelled (R8.4)."""
    await service.acknowledge(visit, found.invitation)
    return await _answer(visit, found)


@invitations.post(
    "/meetings/{meetingId}/invitations/{invitationId}/explanation",
    operation_id="explainAbsence",
    status_code=201,
    response_model=schemas.Invitation,
)
async def explain_absence(
    visit: Visiting, found: Annotated[Invited, invitation_for(P.INVITATION_EXPLAIN)], body: schemas.AbsenceExplanation
) -> Any:
    """Explain why a called principal did not come, as its unit's manager (R7.7)."""
    await service.explain(visit, found.invitation, body.explanation)
    return await _answer(visit, found)


@meeting.post(
    "/meetings/{meetingId}/attendance", operation_id="holdMeeting", status_code=201, response_model=MeetingOut
)
async def hold_meeting(
    visit: Visiting, found: Annotated[Meeting, meeting_for(P.MEETING_EDIT)], body: schemas.Attendance
) -> Any:
    """Say who came and how the child took part: the meeting has been held (R8.5)."""
    await service.hold(visit, found, body)
    return await meeting_answer(visit, found.id)


routers = (invitations, meeting)
