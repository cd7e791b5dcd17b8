"""How a request obtains a disclosure: to read as a row, to complete or revoke as a record."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.disclosures import repository, schemas
from app.disclosures.models import Disclosure
from app.kernel.access import Visiting, asks, bases, require_version, unseen
from app.kernel.db import Row
from app.permissions import Permission
from app.sharing.access import admitted_child, admitted_record, relations_of, relations_to_read

DisclosureId = Annotated[UUID, Path(alias="disclosureId")]


def disclosure_row_for(permission: Permission) -> Any:
    """A disclosure to read; the log has the look."""

    async def load(disclosure_id: DisclosureId, visit: Visiting) -> Row:
        found = await repository.one(visit.tx, disclosure_id)
        row, subject = await admitted_record(visit, "disclosure", disclosure_id, found, permission, relations_to_read)
        visit.trail.looked(subject, basis=bases(row))
        return row

    return asks(permission, load)


def disclosure_for(permission: Permission) -> Any:
    """A disclosure to complete or revoke, locked."""

    async def load(disclosure_id: DisclosureId, visit: Visiting) -> Disclosure:
        found = await repository.one(visit.tx, disclosure_id)
        _, subject = await admitted_record(visit, "disclosure", disclosure_id, found, permission, relations_of)
        disclosure = await repository.record(visit.tx, disclosure_id)
        if disclosure is None:
            raise unseen(visit, subject)
        require_version(visit, disclosure.version)
        return disclosure

    return asks(permission, load)


def child_disclosed_about(permission: Permission) -> Any:
    """The child of a new disclosure: the caller's own, or of a case of its own; past the checkpoint when protected."""

    async def load(body: schemas.DisclosureCreate, visit: Visiting) -> Row:
        return await admitted_child(visit, permission, body.child_id, body.case_id)

    return asks(permission, load)
