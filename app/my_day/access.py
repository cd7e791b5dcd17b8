"""How a request obtains a deadline."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.kernel.access import Visiting, admit, asks, relations_to, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.deadlines import Deadline
from app.my_day import repository
from app.permissions import Permission, Relation

DeadlineId = Annotated[UUID, Path(alias="deadlineId")]


def relations(visit: Visit, row: Row) -> frozenset[Relation]:
    """A deadline is the unit's that has to meet it."""
    return relations_to(visit, row["owner_unit_id"], row["owner_authority_id"])


def subject_of(row: Row) -> Subject:
    """What the access log says an entry is about."""
    return Subject("deadline", row["id"], row["circle_id"], row["child_id"], row["owner_authority_id"])


async def _admitted(visit: Visit, deadline_id: UUID, permission: Permission) -> Row:
    row = await repository.one(visit.tx, deadline_id)
    if row is None:
        raise unseen(visit, Subject("deadline", deadline_id))
    admit(visit, permission, subject_of(row), relations(visit, row))
    visit.trail.looked(subject_of(row))
    return row


def deadline_row_for(permission: Permission) -> Any:
    """A deadline to read."""

    async def load(deadline_id: DeadlineId, visit: Visiting) -> Row:
        return await _admitted(visit, deadline_id, permission)

    return asks(permission, load)


def deadline_for(permission: Permission) -> Any:
    """A deadline to extend, locked."""

    async def load(deadline_id: DeadlineId, visit: Visiting) -> Deadline:
        row = await _admitted(visit, deadline_id, permission)
        deadline = await repository.record(visit.tx, deadline_id)
        if deadline is None:
            raise unseen(visit, subject_of(row))
        return deadline

    return asks(permission, load)
