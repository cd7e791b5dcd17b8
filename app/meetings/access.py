"""How a request obtains a meeting or its minutes: to read as a row, to change as a record."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.cases import access as cases
from app.kernel.access import Visiting, admit, asks, bases, relations_to, require_version, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.meetings import repository, schemas
from app.meetings.models import Meeting, MeetingMinutes
from app.people import service as people
from app.permissions import Permission, Relation

MeetingId = Annotated[UUID, Path(alias="meetingId")]


@dataclass(frozen=True, slots=True)
class Documented:
    """A meeting and its minutes, both locked."""

    meeting: Meeting
    minutes: MeetingMinutes


def relations(visit: Visit, row: Row) -> frozenset[Relation]:
    """The convener's unit owns a meeting; the case's unit takes over what a unit that has left the circle planned."""
    actor = visit.actor
    found = relations_to(visit, row["owner_unit_id"], row["owner_authority_id"], row["grants"]) - {Relation.INVITED}
    if actor.is_family:
        return found
    found |= {Relation.MEMBER}
    if row["convener_left"] and row["case_unit_id"] == actor.assignment.unit_id:
        found |= {Relation.OWN_UNIT}
    if (row["documenter_user_id"], row["documenter_unit_id"]) == (actor.user_id, actor.assignment.unit_id):
        found |= {Relation.DOCUMENTER_OF}
    return found


def is_shielded(visit: Visit, row: Row) -> bool:
    """Whether names of units are left out: a protected child seen from another unit than the case's, or by family."""
    case_unit = {"owner_unit_id": row["case_unit_id"], "owner_authority_id": row["case_authority_id"]}
    return cases.is_shielded(visit, {**row, **case_unit})


def hides_place(visit: Visit, row: Row) -> bool:
    """Whether the place is left out too: only whoever chose it knows it anyway (R2.5)."""
    return is_shielded(visit, row) and Relation.OWN_UNIT not in relations(visit, row)


def subject_of(row: Row, kind: str = "meeting", record_id: UUID | None = None) -> Subject:
    """What the access log says an entry about a meeting, or something that hangs on it, is about."""
    return Subject(kind, record_id or row["id"], row["case_id"], row["child_id"], row["owner_authority_id"])


async def visible(visit: Visit, meeting_id: UUID) -> Row:
    """The meeting as the caller may see it, past the checkpoint of a protected child (R2.5)."""
    row = await repository.one(visit.tx, meeting_id)
    if row is None:
        raise unseen(visit, Subject("meeting", meeting_id))
    visit.asked = subject_of(row)
    people.require_checkpoint(visit, row)
    return row


async def admitted(visit: Visit, meeting_id: UUID, permission: Permission) -> Row:
    """The meeting as the caller may see it, once the permission is held on it; the log has the look."""
    row = await visible(visit, meeting_id)
    admit(visit, permission, subject_of(row), relations(visit, row))
    visit.trail.looked(subject_of(row), basis=bases(row))
    return row


async def locked(visit: Visit, meeting_id: UUID, *, shared: bool = False) -> Meeting:
    """The record of a meeting that the caller is admitted to."""
    meeting = await repository.record(visit.tx, meeting_id, shared=shared)
    if meeting is None:
        raise unseen(visit, Subject("meeting", meeting_id))
    return meeting


def case_to_meet_about(permission: Permission) -> Any:
    """The case that a new meeting is to be about."""

    async def load(body: schemas.MeetingCreate, visit: Visiting) -> Row:
        return await cases.admitted(visit, body.case_id, permission)

    return asks(permission, load)


def meeting_row_for(permission: Permission) -> Any:
    """A meeting to read."""

    async def load(meeting_id: MeetingId, visit: Visiting) -> Row:
        return await admitted(visit, meeting_id, permission)

    return asks(permission, load)


def meeting_for(permission: Permission) -> Any:
    """A meeting to change, locked, at the version that the caller states."""

    async def load(meeting_id: MeetingId, visit: Visiting) -> Meeting:
        await admitted(visit, meeting_id, permission)
        meeting = await locked(visit, meeting_id)
        require_version(visit, meeting.version)
        return meeting

    return asks(permission, load)


def minutes_row_for(permission: Permission) -> Any:
    """The minutes to read, as ``(meeting, minutes)``."""

    async def load(meeting_id: MeetingId, visit: Visiting) -> tuple[Row, Row]:
        meeting = await admitted(visit, meeting_id, permission)
        minutes = await repository.minutes(visit.tx, meeting_id)
        if minutes is None:
            raise unseen(visit, subject_of(meeting, "meeting_minutes"))
        visit.trail.looked(subject_of(meeting, "meeting_minutes", minutes["id"]), basis=bases(meeting))
        return meeting, minutes

    return asks(permission, load)


def minutes_for(permission: Permission) -> Any:
    """The minutes to change or confirm, locked with their meeting, at the version that the caller states."""

    async def load(meeting_id: MeetingId, visit: Visiting) -> Documented:
        row = await admitted(visit, meeting_id, permission)
        meeting = await locked(visit, meeting_id)
        minutes = await repository.minutes_record(visit.tx, meeting_id)
        if minutes is None:
            raise unseen(visit, subject_of(row, "meeting_minutes"))
        require_version(visit, minutes.version)
        return Documented(meeting, minutes)

    return asks(permission, load)
