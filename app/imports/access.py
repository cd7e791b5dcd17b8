"""How a request obtains an import: one's own, and nobody else's."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.imports import repository
from app.imports.models import Import
from app.kernel.access import Visiting, admit_own, asks, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.permissions import Permission

ImportId = Annotated[UUID, Path(alias="importId")]


async def _own(visit: Visit, import_id: UUID, permission: Permission) -> Row:
    return admit_own(visit, await repository.one(visit.tx, import_id), permission, Subject("import", import_id))


def import_row_for(permission: Permission) -> Any:
    """An import to read."""

    async def load(import_id: ImportId, visit: Visiting) -> Row:
        return await _own(visit, import_id, permission)

    return asks(permission, load)


def import_for(permission: Permission) -> Any:
    """An import to end, locked: the block that is being imported is finished first."""

    async def load(import_id: ImportId, visit: Visiting) -> Import:
        await _own(visit, import_id, permission)
        job = await repository.record(visit.tx, import_id)
        if job is None:
            raise unseen(visit, Subject("import", import_id))
        return job

    return asks(permission, load)
