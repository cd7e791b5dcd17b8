"""How a request obtains an absence of the caller's own unit; those of other units are not there."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.absences import repository, schemas
from app.absences.models import CoordinatorAbsence
from app.kernel.access import Visiting, admit, asks, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.permissions import Permission, Relation

AbsenceId = Annotated[UUID, Path(alias="absenceId")]


def relations(visit: Visit, user_id: UUID) -> frozenset[Relation]:
    """How the caller stands to somebody's absence: always of the own unit, and perhaps one's own."""
    oneself = {Relation.ONESELF} if user_id == visit.actor.user_id else set()
    return frozenset({Relation.ANYONE, Relation.OWN_UNIT} | oneself)


def reporting_absence(permission: Permission) -> Any:
    """For a new absence: everybody their own, managers everybody's in the unit."""

    async def check(body: schemas.AbsenceCreate, visit: Visiting) -> Visit:
        admit(visit, permission, Subject("absence"), relations(visit, body.user_id))
        return visit

    return asks(permission, check)


async def _absence(visit: Visit, absence_id: UUID, permission: Permission) -> Row:
    unit_id = visit.actor.assignment.unit_id
    row = unit_id and await repository.absence(visit.tx, unit_id, absence_id)
    if not row:
        raise unseen(visit, Subject("absence", absence_id))
    admit(visit, permission, Subject("absence", absence_id), relations(visit, row["user_id"]))
    return row


def absence_row_for(permission: Permission) -> Any:
    """An absence in the caller's unit to read."""

    async def load(absence_id: AbsenceId, visit: Visiting) -> Row:
        return await _absence(visit, absence_id, permission)

    return asks(permission, load)


def absence_for(permission: Permission) -> Any:
    """An absence to end, locked."""

    async def load(absence_id: AbsenceId, visit: Visiting) -> CoordinatorAbsence:
        await _absence(visit, absence_id, permission)
        record = await repository.absence_record(visit.tx, absence_id)
        if record is None:
            raise unseen(visit, Subject("absence", absence_id))
        return record

    return asks(permission, load)
