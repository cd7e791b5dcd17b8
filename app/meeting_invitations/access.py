"""How a request obtains an invitation: to read as a row, to answer as a record."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.kernel.access import Visiting, admit, asks, bases, unseen
from app.kernel.context import Visit
from app.kernel.db import Row
from app.meeting_invitations import repository
from app.meeting_invitations.models import MeetingInvitation
from app.meetings import access as meetings
from app.meetings.access import MeetingId, subject_of
from app.meetings.models import Meeting
from app.permissions import Permission, Relation

InvitationId = Annotated[UUID, Path(alias="invitationId")]
_KIND = "meeting_invitation"


@dataclass(frozen=True, slots=True)
class Invited:
    """A meeting and one of its invitations, locked; the meeting so that others may answer meanwhile."""

    meeting: Meeting
    invitation: MeetingInvitation


def relations(visit: Visit, meeting: Row, invitation: Row) -> frozenset[Relation]:
    """How the caller stands to the meeting, and whether the invitation is its own."""
    actor = visit.actor
    me = invitation["person_key"] if actor.is_family else invitation["unit_id"]
    mine = me is not None and me == actor.party_id
    return meetings.relations(visit, meeting) | ({Relation.INVITED} if mine else set())


async def _admitted(visit: Visit, meeting_id: UUID, invitation_id: UUID, permission: Permission) -> tuple[Row, Row]:
    """The meeting and the invitation, once the caller may see the one and do this with the other."""
    meeting = await meetings.visible(visit, meeting_id)
    invitation = await repository.one(visit.tx, meeting_id, invitation_id)
    subject = subject_of(meeting, _KIND, invitation_id)
    if invitation is None:
        raise unseen(visit, subject)
    admit(visit, permission, subject, relations(visit, meeting, invitation))
    visit.trail.looked(subject, basis=bases(meeting))
    return meeting, invitation


def invitation_row_for(permission: Permission) -> Any:
    """An invitation to read, as ``(meeting, invitation)``."""

    async def load(meeting_id: MeetingId, invitation_id: InvitationId, visit: Visiting) -> tuple[Row, Row]:
        return await _admitted(visit, meeting_id, invitation_id, permission)

    return asks(permission, load)


def invitation_for(permission: Permission) -> Any:
    """An invitation to answer, acknowledge or explain."""

    async def load(meeting_id: MeetingId, invitation_id: InvitationId, visit: Visiting) -> Invited:
        row, _ = await _admitted(visit, meeting_id, invitation_id, permission)
        meeting = await meetings.locked(visit, meeting_id, shared=True)
        invitation = await repository.record(visit.tx, invitation_id)
        if invitation is None:
            raise unseen(visit, subject_of(row, _KIND, invitation_id))
        return Invited(meeting, invitation)

    return asks(permission, load)
