"""How a request obtains a guardianship, past the child's checkpoint where there is one (R2.5)."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.guardians import repository
from app.guardians.models import Guardianship
from app.kernel.access import Visiting, asks, require_version, unseen
from app.kernel.context import Visit
from app.kernel.db import Row
from app.people.access import ChildId, admitted_child, looked, subject_of
from app.permissions import Permission

GuardianshipId = Annotated[UUID, Path(alias="guardianshipId")]


def guardianship_row(permission: Permission) -> Any:
    """One guardianship to read, as ``(child, guardianship)``."""

    async def load(child_id: ChildId, guardianship_id: GuardianshipId, visit: Visiting) -> tuple[Row, Row]:
        child, guardianship = await _admitted(visit, permission, child_id, guardianship_id)
        looked(visit, child, "guardianship", guardianship_id)
        return child, guardianship

    return asks(permission, load)


def guardianship_to_serve(permission: Permission) -> Any:
    """One guardianship that something is added to, as ``(child, guardianship)``; the deed itself is logged."""

    async def load(child_id: ChildId, guardianship_id: GuardianshipId, visit: Visiting) -> tuple[Row, Row]:
        return await _admitted(visit, permission, child_id, guardianship_id)

    return asks(permission, load)


def guardianship_record(permission: Permission) -> Any:
    """One guardianship to change, at the version that the caller states."""

    async def load(child_id: ChildId, guardianship_id: GuardianshipId, visit: Visiting) -> Guardianship:
        await _admitted(visit, permission, child_id, guardianship_id)
        record: Guardianship = await repository.record_of(visit.tx, Guardianship, guardianship_id)
        require_version(visit, record.version)
        return record

    return asks(permission, load)


async def _admitted(visit: Visit, permission: Permission, child_id: UUID, guardianship_id: UUID) -> tuple[Row, Row]:
    child = await admitted_child(visit, permission, child_id)
    guardianship = await repository.guardianship_of(visit.tx, child_id, guardianship_id)
    if guardianship is None:
        raise unseen(visit, subject_of("guardianship", child, guardianship_id))
    return child, guardianship
