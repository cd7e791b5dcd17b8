"""How a request obtains a child, an identifier or a guardianship, past the checkpoint where there is one (R2.5)."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.kernel.access import Visiting, admit, asks, relations_to, require_version, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.people import repository
from app.people.models import Child, ChildIdentifier, Guardianship, ProtectedIdentity, require_checkpoint
from app.permissions import Permission, Relation, may

ChildId = Annotated[UUID, Path(alias="childId")]
_MODELS: dict[str, Any] = {"identifier": ChildIdentifier, "guardianship": Guardianship}


def relations_of(visit: Visit, child: Row) -> frozenset[Relation]:
    """How the caller stands to a child."""
    return relations_to(visit, child["owner_unit_id"], child["owner_authority_id"], child["grants"])


def opened_by(child: Row) -> list[dict[str, Any]]:
    """The consents and disclosures that open another unit's child to the caller (R4.11)."""
    return [grant for grant in child["grants"] or () if grant["basis"] in ("consent", "disclosure")]


def hides(visit: Visit, *rows: Row, relations: frozenset[Relation]) -> bool:
    """Whether somebody is protected and the caller lacks the explicit permission to see where they are (R2.5)."""
    protected = any(row["protected_identity"] != ProtectedIdentity.NONE for row in rows)
    return protected and not may(visit.actor.role, Permission.PROTECTED_READ, relations)


def subject_of(kind: str, child: Row, record_id: UUID | None = None) -> Subject:
    """What the access log says an entry about a child, or something that hangs on it, is about."""
    return Subject(kind, record_id, child["id"], child["id"], child["owner_authority_id"])


def child_row(permission: Permission, kind: str = "child") -> Any:
    """The child to read, or whose records of a kind are listed; a look is logged."""

    async def load(child_id: ChildId, visit: Visiting) -> Row:
        child = await _admitted(visit, permission, child_id)
        _looked(visit, child, kind, child_id if kind == "child" else None)
        return child

    return asks(permission, load)


def child_behind(permission: Permission) -> Any:
    """The child whose checkpoint is still to be passed."""

    async def load(child_id: ChildId, visit: Visiting) -> Row:
        return await _admitted(visit, permission, child_id, guarded=False)

    return asks(permission, load)


def child_to_serve(permission: Permission) -> Any:
    """The child about whom something is added in another table; the deed itself is logged."""

    async def load(child_id: ChildId, visit: Visiting) -> Row:
        return await _admitted(visit, permission, child_id)

    return asks(permission, load)


def child_record(permission: Permission) -> Any:
    """The child to change, or to add something to; a change at the version that the caller states."""

    async def load(child_id: ChildId, visit: Visiting) -> Child:
        await _admitted(visit, permission, child_id)
        record: Child = await repository.record_of(visit.tx, Child, child_id)
        require_version(visit, record.version)
        return record

    return asks(permission, load)


def part_row(kind: str, permission: Permission) -> Any:
    """One identifier or guardianship to read, as ``(child, part)``."""

    async def load(
        child_id: ChildId, part_id: Annotated[UUID, Path(alias=f"{kind}Id")], visit: Visiting
    ) -> tuple[Row, Row]:
        child = await _admitted(visit, permission, child_id)
        part = await _part(visit, kind, child, part_id)
        _looked(visit, child, kind, part_id)
        return child, part

    return asks(permission, load)


def part_to_serve(kind: str, permission: Permission) -> Any:
    """One identifier or guardianship that something is added to, as ``(child, part)``; the deed itself is logged."""

    async def load(
        child_id: ChildId, part_id: Annotated[UUID, Path(alias=f"{kind}Id")], visit: Visiting
    ) -> tuple[Row, Row]:
        child = await _admitted(visit, permission, child_id)
        return child, await _part(visit, kind, child, part_id)

    return asks(permission, load)


def part_record(kind: str, permission: Permission) -> Any:
    """One identifier or guardianship to change, at the version that the caller states."""

    async def load(child_id: ChildId, part_id: Annotated[UUID, Path(alias=f"{kind}Id")], visit: Visiting) -> Any:
        await _part(visit, kind, await _admitted(visit, permission, child_id), part_id)
        record = await repository.record_of(visit.tx, _MODELS[kind], part_id)
        require_version(visit, record.version)
        return record

    return asks(permission, load)


async def _admitted(visit: Visit, permission: Permission, child_id: UUID, *, guarded: bool = True) -> Row:
    child = await repository.child_of(visit.tx, child_id)
    if child is None:
        raise unseen(visit, Subject("child", child_id))
    admit(visit, permission, subject_of("child", child, child_id), relations_of(visit, child))
    if guarded:
        require_checkpoint(visit, child)
    return child


async def _part(visit: Visit, kind: str, child: Row, part_id: UUID) -> Row:
    part = await repository.part_of(visit.tx, kind, child["id"], part_id)
    if part is None:
        raise unseen(visit, subject_of(kind, child, part_id))
    return part


def _looked(visit: Visit, child: Row, kind: str, record_id: UUID | None) -> None:
    basis = ",".join(f"{grant['basis']}:{grant['id']}" for grant in opened_by(child))
    visit.trail.looked(subject_of(kind, child, record_id), basis=basis or None)
