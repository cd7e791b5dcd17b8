"""How a request obtains an event of the chronology."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.cases.access import CaseId, admitted, is_shielded
from app.chronology import repository
from app.chronology.models import ChronologyEvent
from app.kernel.access import Visiting, admit, asks, relations_to, require_version, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.permissions import Permission, Relation

EventId = Annotated[UUID, Path(alias="eventId")]


def relations(visit: Visit, row: Row) -> frozenset[Relation]:
    """An event is its owner's; the circle's members may read it where its category is open."""
    return relations_to(visit, row["owner_unit_id"], row["owner_authority_id"]) | {Relation.MEMBER}


def event_row_for(permission: Permission) -> Any:
    """An event to read."""

    async def load(case_id: CaseId, event_id: EventId, visit: Visiting) -> Row:
        case = await admitted(visit, case_id, Permission.CHRONOLOGY_READ)
        event = await _event(visit, case_id, event_id, permission)
        return {**event, "owner_unit_name": None} if is_shielded(visit, case) else event

    return asks(permission, load)


def event_for(permission: Permission) -> Any:
    """An event to correct, locked, at the version that the caller states."""

    async def load(case_id: CaseId, event_id: EventId, visit: Visiting) -> ChronologyEvent:
        await admitted(visit, case_id, Permission.CHRONOLOGY_READ)
        await _event(visit, case_id, event_id, permission)
        event = await repository.event_record(visit.tx, event_id)
        if event is None:
            raise unseen(visit, Subject("chronology_event", event_id, case_id))
        require_version(visit, event.version)
        return event

    return asks(permission, load)


async def _event(visit: Visit, case_id: UUID, event_id: UUID, permission: Permission) -> Row:
    row = await repository.event(visit.tx, case_id, event_id)
    subject = Subject("chronology_event", event_id, case_id)
    if row is None:
        raise unseen(visit, subject)
    admit(visit, permission, subject, relations(visit, row))
    return row
