"""How a request obtains the child that consent is to be asked for."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.kernel.access import Visiting, admit, asks, relations_to, unseen
from app.kernel.audit import Subject
from app.kernel.db import Row
from app.people import service as people
from app.permissions import Permission


async def admitted_child(visit: Visiting, permission: Permission, child_id: UUID) -> Row:
    """The child's facts, for a caller who may do this and, when the child is protected, has passed the checkpoint."""
    child = await people.facts(visit.tx, child_id)
    if child is None:
        raise unseen(visit, Subject("child", child_id))
    subject = Subject("child", child_id, child_id, child_id, child["owner_authority_id"])
    relations = relations_to(visit, child["owner_unit_id"], child["owner_authority_id"], child["grants"])
    admit(visit, permission, subject, relations)
    people.require_checkpoint(visit, child)
    return child


def child_for(permission: Permission) -> Any:
    """The child of the path; looking is logged."""

    async def load(child_id: Annotated[UUID, Path(alias="childId")], visit: Visiting) -> Row:
        child = await admitted_child(visit, permission, child_id)
        visit.trail.looked(Subject("child", child_id, child_id, child_id, child["owner_authority_id"]))
        return child

    return asks(permission, load)
