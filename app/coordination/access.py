"""How a request to a desk is obtained: to read as a row, to handle as a record."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.coordination import repository
from app.coordination.models import CoordinationRequest
from app.kernel.access import Visiting, admit, asks, relations_to, require_version, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.people import service as people
from app.permissions import Permission, Relation

RequestId = Annotated[UUID, Path(alias="requestId")]


def relations(visit: Visit, row: Row) -> frozenset[Relation]:
    """A request is the desk's unit's; whoever sent it is in its circle."""
    return relations_to(visit, row["owner_unit_id"], row["owner_authority_id"], row["grants"])


def is_shielded(visit: Visit, row: Row) -> bool:
    """Whether places and telephones are left out: a protected child seen by a professional who is not the desk."""
    protected = row["shielded"] or row["protected_identity"] != "none"
    return protected and not visit.actor.is_family and Relation.OWN_UNIT not in relations(visit, row)


async def _admitted(visit: Visit, request_id: UUID, permission: Permission) -> Row:
    row = await repository.one(visit.tx, request_id)
    if row is None:
        raise unseen(visit, Subject("coordination_request", request_id, request_id))
    subject = Subject("coordination_request", request_id, request_id, row["child_id"], row["owner_authority_id"])
    admit(visit, permission, subject, relations(visit, row))
    people.require_checkpoint(visit, row)
    visit.trail.looked(subject)
    return row


def request_row_for(permission: Permission) -> Any:
    """A request to read."""

    async def load(request_id: RequestId, visit: Visiting) -> Row:
        return await _admitted(visit, request_id, permission)

    return asks(permission, load)


def request_for(permission: Permission) -> Any:
    """A request to handle, locked; a correction at the version that the caller states."""

    async def load(request_id: RequestId, visit: Visiting) -> CoordinationRequest:
        await _admitted(visit, request_id, permission)
        request = await repository.record(visit.tx, request_id)
        if request is None:
            raise unseen(visit, Subject("coordination_request", request_id, request_id))
        require_version(visit, request.version)
        return request

    return asks(permission, load)
