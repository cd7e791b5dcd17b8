"""How a request obtains a consent: to read as a row, to answer or withdraw as a record."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.consents import repository, schemas
from app.consents.models import Consent
from app.kernel.access import Visiting, asks, bases, require_version, unseen
from app.kernel.db import Row
from app.permissions import Permission
from app.sharing.access import admitted_child, admitted_record, relations_of, relations_to_read

ConsentId = Annotated[UUID, Path(alias="consentId")]


def consent_row_for(permission: Permission) -> Any:
    """A consent to read; the log has the look."""

    async def load(consent_id: ConsentId, visit: Visiting) -> Row:
        found = await repository.one(visit.tx, consent_id)
        row, subject = await admitted_record(visit, "consent", consent_id, found, permission, relations_to_read)
        visit.trail.looked(subject, basis=bases(row))
        return row

    return asks(permission, load)


def consent_for(permission: Permission) -> Any:
    """A consent to answer or withdraw, locked."""

    async def load(consent_id: ConsentId, visit: Visiting) -> Consent:
        found = await repository.one(visit.tx, consent_id)
        _, subject = await admitted_record(visit, "consent", consent_id, found, permission, relations_of)
        consent = await repository.record(visit.tx, consent_id)
        if consent is None:
            raise unseen(visit, subject)
        require_version(visit, consent.version)
        return consent

    return asks(permission, load)


def child_asked_about(permission: Permission) -> Any:
    """The child of a new consent: the caller's own, or of a case of its own; past the checkpoint when protected."""

    async def load(body: schemas.ConsentCreate, visit: Visiting) -> Row:
        return await admitted_child(visit, permission, body.child_id, body.case_id)

    return asks(permission, load)
