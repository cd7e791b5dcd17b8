"""How a request obtains an export: one's own, and nobody else's."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.exports import repository
from app.kernel.access import Visiting, admit, asks, unseen
from app.kernel.audit import Subject
from app.kernel.db import Row
from app.permissions import Permission, Relation

ExportId = Annotated[UUID, Path(alias="exportId")]
OWN = frozenset({Relation.ONESELF})


def export_row_for(permission: Permission) -> Any:
    """An export to read or to fetch."""

    async def load(export_id: ExportId, visit: Visiting) -> Row:
        row = await repository.one(visit.tx, export_id)
        subject = Subject("export", export_id)
        if row is None:
            raise unseen(visit, subject)
        admit(visit, permission, subject, OWN)
        visit.trail.looked(subject)
        return row

    return asks(permission, load)
