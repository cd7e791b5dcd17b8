"""How a request obtains a coordination desk: everybody may read it, its own unit and the administrator manage it."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.desks import repository, schemas
from app.desks.models import CoordinationDesk, DeskStaff
from app.kernel.access import Visiting, admit, asks, require_version, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.permissions import Permission, Relation

DeskId = Annotated[UUID, Path(alias="deskId")]
UserId = Annotated[UUID, Path(alias="userId")]


def relations(visit: Visit, unit_id: UUID) -> frozenset[Relation]:
    """A desk is its unit's."""
    own = not visit.actor.is_family and visit.actor.assignment.unit_id == unit_id
    return frozenset({Relation.ANYONE, Relation.OWN_UNIT} if own else {Relation.ANYONE})


async def _admitted(visit: Visit, desk_id: UUID, permission: Permission) -> Row:
    row = await repository.desk(visit.tx, desk_id)
    subject = Subject("coordination_desk", desk_id)
    if row is None:
        raise unseen(visit, subject)
    admit(visit, permission, subject, relations(visit, row["unit_id"]))
    return row


def unit_for_desk(permission: Permission) -> Any:
    """The unit that gets a desk: the caller's own, or any for the administrator."""

    async def load(body: schemas.DeskCreate, visit: Visiting) -> UUID:
        admit(visit, permission, Subject("coordination_desk"), relations(visit, body.unit_id))
        return body.unit_id

    return asks(permission, load)


def desk_row_for(permission: Permission) -> Any:
    """A desk to read, or to add somebody to."""

    async def load(desk_id: DeskId, visit: Visiting) -> Row:
        return await _admitted(visit, desk_id, permission)

    return asks(permission, load)


def desk_for(permission: Permission) -> Any:
    """A desk to change, locked, at the version that the caller states."""

    async def load(desk_id: DeskId, visit: Visiting) -> CoordinationDesk:
        await _admitted(visit, desk_id, permission)
        desk = await repository.desk_record(visit.tx, desk_id)
        if desk is None:
            raise unseen(visit, Subject("coordination_desk", desk_id))
        require_version(visit, desk.version)
        return desk

    return asks(permission, load)


def staff_for(permission: Permission) -> Any:
    """Somebody who is on a desk's staff now, to take leave of."""

    async def load(desk_id: DeskId, user_id: UserId, visit: Visiting) -> DeskStaff:
        await _admitted(visit, desk_id, permission)
        staff = await repository.staff_record(visit.tx, desk_id, user_id)
        if staff is None:
            raise unseen(visit, Subject("desk_staff"))
        return staff

    return asks(permission, load)
