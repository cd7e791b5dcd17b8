"""How a request obtains an authority, a unit, a user or an assignment."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.kernel.access import Visiting, admit, asks, require_version, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.organisations import repository
from app.organisations.models import Assignment, Authority, Unit, User
from app.permissions import Permission, Relation, Role

_MODELS: dict[str, Any] = {"authority": Authority, "unit": Unit, "user": User, "assignment": Assignment}
ANYONE = frozenset({Relation.ANYONE})


def row_for(kind: str, permission: Permission) -> Any:
    """One directory record to read, as a plain row."""

    async def load(record_id: Annotated[UUID, Path(alias=f"{kind}Id")], visit: Visiting) -> Row:
        return await seen(visit, kind, permission, record_id)

    return asks(permission, load)


def record_for(kind: str, permission: Permission) -> Any:
    """One directory record to change, at the version that the caller states."""

    async def load(record_id: Annotated[UUID, Path(alias=f"{kind}Id")], visit: Visiting) -> Any:
        return await held(visit, kind, permission, record_id)

    return asks(permission, load)


async def seen(visit: Visit, kind: str, permission: Permission, record_id: UUID) -> Row:
    """A directory record with which the caller may do this; raises ``NotFound``, ``Denied``."""
    row = await repository.one_of(visit.tx, kind, record_id)
    if row is None:
        raise unseen(visit, Subject(kind, record_id))
    admit(visit, permission, Subject(kind, record_id), await _relations(visit, kind, row))
    return row


async def held(visit: Visit, kind: str, permission: Permission, record_id: UUID) -> Any:
    """The same record for a change, locked, at the version that the caller states."""
    await seen(visit, kind, permission, record_id)
    record = await repository.record_of(visit.tx, _MODELS[kind], record_id)
    require_version(visit, record.version)
    return record


async def _relations(visit: Visit, kind: str, row: Row) -> frozenset[Relation]:
    actor = visit.actor
    relations = {Relation.ANYONE}
    if actor.is_family or actor.role is Role.SYSTEM_ADMIN:
        return frozenset(relations)
    if kind == "assignment" and row["unit_id"] == actor.unit_id:
        relations.add(Relation.OWN_UNIT)
    if kind == "user" and await repository.works_in(visit.tx, row["id"], actor.authority_id):
        relations.add(Relation.OWN_AUTHORITY)
    if kind == "assignment" and row["authority_id"] == actor.authority_id:
        relations.add(Relation.OWN_AUTHORITY)
    return frozenset(relations)
