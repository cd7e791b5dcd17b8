"""How a request obtains a child or an identifier, past the checkpoint where there is one (R2.5)."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.kernel.access import Visiting, admit, asks, opened_by, relations_to, require_version, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.people import repository
from app.people.models import Child, ChildIdentifier, ProtectedIdentity, require_checkpoint
from app.permissions import Permission, Relation, may

ChildId = Annotated[UUID, Path(alias="childId")]
IdentifierId = Annotated[UUID, Path(alias="identifierId")]


def relations_of(visit: Visit, child: Row) -> frozenset[Relation]:
    """How the caller stands to a child."""
    return relations_to(visit, child["owner_unit_id"], child["owner_authority_id"], child["grants"])


def hides(visit: Visit, *rows: Row, relations: frozenset[Relation]) -> bool:
    """Whether somebody is protected and the caller lacks the explicit permission to see where they are (R2.5)."""
    protected = any(row["protected_identity"] != ProtectedIdentity.NONE for row in rows)
    return protected and not may(visit.actor.role, Permission.PROTECTED_READ, relations)


def is_shielded_from(visit: Visit, row: Row, stand: Callable[[Visit, Row], frozenset[Relation]]) -> bool:
    """Whether what tells a place is left out of a record: a protected child seen from another unit (R2.5)."""
    if row["protected_identity"] == ProtectedIdentity.NONE:
        return False
    relations = stand(visit, row)
    return Relation.OWN_UNIT not in relations and hides(visit, row, relations=relations)


def subject_of(kind: str, child: Row, record_id: UUID | None = None) -> Subject:
    """What the access log says an entry about a child, or something that hangs on it, is about."""
    return Subject(kind, record_id, child["id"], child["id"], child["owner_authority_id"])


def child_row(permission: Permission, kind: str = "child") -> Any:
    """The child to read, or whose records of a kind are listed; a look is logged."""

    async def load(child_id: ChildId, visit: Visiting) -> Row:
        child = await admitted_child(visit, permission, child_id)
        looked(visit, child, kind, child_id if kind == "child" else None)
        return child

    return asks(permission, load)


def child_behind(permission: Permission) -> Any:
    """The child whose checkpoint is still to be passed."""

    async def load(child_id: ChildId, visit: Visiting) -> Row:
        return await admitted_child(visit, permission, child_id, guarded=False)

    return asks(permission, load)


def child_to_serve(permission: Permission) -> Any:
    """The child about whom something is added in another table; the deed itself is logged."""

    async def load(child_id: ChildId, visit: Visiting) -> Row:
        return await admitted_child(visit, permission, child_id)

    return asks(permission, load)


def child_record(permission: Permission) -> Any:
    """The child to change, or to add something to; a change at the version that the caller states."""

    async def load(child_id: ChildId, visit: Visiting) -> Child:
        await admitted_child(visit, permission, child_id)
        record: Child = await repository.record_of(visit.tx, Child, child_id)
        require_version(visit, record.version)
        return record

    return asks(permission, load)


def identifier_row(permission: Permission) -> Any:
    """One identifier to read, as ``(child, identifier)``."""

    async def load(child_id: ChildId, identifier_id: IdentifierId, visit: Visiting) -> tuple[Row, Row]:
        child = await admitted_child(visit, permission, child_id)
        identifier = await _identifier(visit, child, identifier_id)
        looked(visit, child, "identifier", identifier_id)
        return child, identifier

    return asks(permission, load)


def identifier_record(permission: Permission) -> Any:
    """One identifier to change, at the version that the caller states."""

    async def load(child_id: ChildId, identifier_id: IdentifierId, visit: Visiting) -> ChildIdentifier:
        await _identifier(visit, await admitted_child(visit, permission, child_id), identifier_id)
        record: ChildIdentifier = await repository.record_of(visit.tx, ChildIdentifier, identifier_id)
        require_version(visit, record.version)
        return record

    return asks(permission, load)


async def admitted_child(visit: Visit, permission: Permission, child_id: UUID, *, guarded: bool = True) -> Row:
    """The child, if the caller may; past its checkpoint unless that is still to be passed."""
    child = await repository.child_of(visit.tx, child_id)
    if child is None:
        raise unseen(visit, Subject("child", child_id))
    admit(visit, permission, subject_of("child", child, child_id), relations_of(visit, child))
    if guarded:
        require_checkpoint(visit, child)
    return child


async def _identifier(visit: Visit, child: Row, identifier_id: UUID) -> Row:
    identifier = await repository.identifier_of(visit.tx, child["id"], identifier_id)
    if identifier is None:
        raise unseen(visit, subject_of("identifier", child, identifier_id))
    return identifier


def looked(visit: Visit, child: Row, kind: str, record_id: UUID | None) -> None:
    """Log that a child, or something that hangs on it, was looked at, and what opened it."""
    basis = ",".join(f"{grant['basis']}:{grant['id']}" for grant in opened_by(child))
    visit.trail.looked(subject_of(kind, child, record_id), basis=basis or None)
