"""How a request obtains a registration: whoever made it, and the unit whose activity it is for."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.activities import service as activities
from app.activities.access import ActivityId
from app.activity_registrations import repository, schemas, service
from app.activity_registrations.models import subject_of
from app.kernel.access import Visiting, admit, asks, bases, relations_to, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.permissions import Permission, Relation

RegistrationId = Annotated[UUID, Path(alias="registrationId")]


def relations(visit: Visit, row: Row) -> frozenset[Relation]:
    """A registration is the activity's unit's; whoever made it is in its circle: a person, or a professional's unit."""
    return relations_to(visit, row["owner_unit_id"], row["owner_authority_id"], row["grants"])


def _admitted(visit: Visit, row: Row | None, permission: Permission, subject: Subject) -> Row:
    if row is None:
        raise unseen(visit, subject)
    seen = subject_of(row["id"], row["owner_authority_id"])
    admit(visit, permission, seen, relations(visit, row))
    visit.trail.looked(seen, basis=bases(row))
    return row


def registration_row_for(permission: Permission) -> Any:
    """A registration to read or to answer: the line that it stands in is locked by the deed."""

    async def load(registration_id: RegistrationId, visit: Visiting) -> Row:
        row = await repository.one(visit.tx, registration_id)
        return _admitted(visit, row, permission, Subject("activity_registration", registration_id, registration_id))

    return asks(permission, load)


def registration_by_code(permission: Permission) -> Any:
    """The registration whose booking code is said."""

    async def load(body: schemas.RegistrationLookup, visit: Visiting) -> Row:
        row = await service.by_code(visit, body.booking_code)
        return _admitted(visit, row, permission, Subject("activity_registration"))

    return asks(permission, load)


def activity_to_join(permission: Permission) -> Any:
    """An activity to register for, that nobody changes or cancels meanwhile."""

    async def load(activity_id: ActivityId, visit: Visiting) -> Row:
        admit(visit, permission, Subject("activity", activity_id), frozenset({Relation.ANYONE}))
        row = await activities.still(visit.tx, activity_id, visit.now)
        if row is None:
            raise unseen(visit, Subject("activity", activity_id))
        return row

    return asks(permission, load)


def activity_with_registrations(permission: Permission) -> Any:
    """An activity whose registrations are listed, as far as they are the caller's."""

    async def load(activity_id: ActivityId, visit: Visiting) -> Row:
        admit(visit, permission, Subject("activity", activity_id), frozenset({Relation.ANYONE}))
        row = await activities.activity_of(visit.tx, activity_id, visit.now)
        if row is None:
            raise unseen(visit, Subject("activity", activity_id))
        return row

    return asks(permission, load)
