"""How a request obtains an activity: anybody may read it, its own unit plans, cancels and counts."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.activities import repository
from app.activities.models import Activity
from app.kernel.access import Visiting, admit, asks, require_version, unseen
from app.kernel.audit import Subject
from app.kernel.context import Actor
from app.kernel.db import Row
from app.permissions import Permission, Relation

ActivityId = Annotated[UUID, Path(alias="activityId")]


def relations(actor: Actor | None, unit_id: UUID) -> frozenset[Relation]:
    """An activity is its unit's."""
    own = actor is not None and not actor.is_family and actor.assignment.unit_id == unit_id
    return frozenset({Relation.ANYONE, Relation.OWN_UNIT} if own else {Relation.ANYONE})


def activity_row_for(permission: Permission) -> Any:
    """An activity whose numbers are read."""

    async def load(activity_id: ActivityId, visit: Visiting) -> Row:
        subject = Subject("activity", activity_id)
        row = await repository.one(visit.tx, activity_id, visit.now)
        if row is None:
            raise unseen(visit, subject)
        admit(visit, permission, subject, relations(visit.actor, row["unit_id"]))
        visit.trail.looked(subject)
        return row

    return asks(permission, load)


def activity_for(permission: Permission) -> Any:
    """An activity to change or to count, locked, at the version that the caller states."""

    async def load(activity_id: ActivityId, visit: Visiting) -> Activity:
        subject = Subject("activity", activity_id)
        activity = await repository.record(visit.tx, activity_id)
        if activity is None:
            raise unseen(visit, subject)
        admit(visit, permission, subject, relations(visit.actor, activity.unit_id))
        require_version(visit, activity.version)
        return activity

    return asks(permission, load)
