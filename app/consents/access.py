"""How a request obtains a consent: to read as a row, to answer or withdraw as a record."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.consents import repository, schemas
from app.consents.models import Consent
from app.kernel.access import Visiting, admit, asks, relations_to, require_version, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.people import service as people
from app.permissions import Permission, Relation

ConsentId = Annotated[UUID, Path(alias="consentId")]
_NOBODY = UUID(int=0)
_FAMILY = ("guardian", "child")


def relations_of(visit: Visit, row: Row) -> frozenset[Relation]:
    """How the caller stands to a record of a circle: who owns the circle now is its own unit."""
    return relations_to(visit, row["steward_id"] or _NOBODY, row["owner_authority_id"], row["grants"])


def relations_to_read(visit: Visit, row: Row) -> frozenset[Relation]:
    """The same, and the unit that once made the record goes on reading it."""
    relations = relations_of(visit, row)
    if not visit.actor.is_family and row["owner_unit_id"] == visit.actor.assignment.unit_id:
        relations |= {Relation.OWN_UNIT}
    return relations


def bases(row: Row) -> str | None:
    """What a look rests on, as the access log keeps it (R4.11)."""
    found = [f"{grant['basis']}:{grant['id']}" for grant in row["grants"] or () if grant["basis"] not in _FAMILY]
    return ",".join(found) or None


def subject_of(row: Row, kind: str) -> Subject:
    """What the access log calls a row."""
    return Subject(kind, row["id"], row["circle_id"], row["child_id"], row["owner_authority_id"])


async def pass_checkpoint(visit: Visit, row: Row, subject: Subject) -> None:
    """About somebody protected, the caller has stated a reason first (R2.5)."""
    if row["protected_identity"] != "none":
        child = await people.facts(visit.tx, row["child_id"])
        if child is None:
            raise unseen(visit, subject)
        people.require_checkpoint(visit, child)


def consent_row_for(permission: Permission) -> Any:
    """A consent to read; the log has the look."""

    async def load(consent_id: ConsentId, visit: Visiting) -> Row:
        row = await repository.one(visit.tx, consent_id)
        if row is None:
            raise unseen(visit, Subject("consent", consent_id))
        subject = subject_of(row, "consent")
        admit(visit, permission, subject, relations_to_read(visit, row))
        await pass_checkpoint(visit, row, subject)
        visit.trail.looked(subject, basis=bases(row))
        return row

    return asks(permission, load)


def consent_for(permission: Permission) -> Any:
    """A consent to answer or withdraw, locked."""

    async def load(consent_id: ConsentId, visit: Visiting) -> Consent:
        row = await repository.one(visit.tx, consent_id)
        if row is None:
            raise unseen(visit, Subject("consent", consent_id))
        subject = subject_of(row, "consent")
        admit(visit, permission, subject, relations_of(visit, row))
        await pass_checkpoint(visit, row, subject)
        consent = await repository.record(visit.tx, consent_id)
        if consent is None:
            raise unseen(visit, subject)
        require_version(visit, consent.version)
        return consent

    return asks(permission, load)


def child_asked_about(permission: Permission) -> Any:
    """The child of a new consent: the caller's own, past the checkpoint when protected."""

    async def load(body: schemas.ConsentCreate, visit: Visiting) -> Row:
        return await admitted_child(visit, permission, body.child_id)

    return asks(permission, load)


async def admitted_child(visit: Visit, permission: Permission, child_id: UUID) -> Row:
    """The facts of a child that something new is to be about."""
    child = await people.facts(visit.tx, child_id)
    if child is None:
        raise unseen(visit, Subject("child", child_id))
    subject = Subject("child", child_id, child_id, child_id, child["owner_authority_id"])
    relations = relations_to(visit, child["owner_unit_id"], child["owner_authority_id"], child["grants"])
    admit(visit, permission, subject, relations)
    people.require_checkpoint(visit, child)
    return child
