"""How a request obtains an export: one's own, and nobody else's."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.exports import repository
from app.kernel.access import Visiting, admit_own, asks
from app.kernel.audit import Subject
from app.kernel.db import Row
from app.permissions import Permission

ExportId = Annotated[UUID, Path(alias="exportId")]


def export_row_for(permission: Permission) -> Any:
    """An export to read or to fetch."""

    async def load(export_id: ExportId, visit: Visiting) -> Row:
        return admit_own(visit, await repository.one(visit.tx, export_id), permission, Subject("export", export_id))

    return asks(permission, load)
