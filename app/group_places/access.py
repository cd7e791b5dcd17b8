"""How a request obtains a place: as one of the group's unit, as the group's leader, or as the family."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.contact_groups.access import relations as group_relations
from app.group_places import repository
from app.group_places.models import GroupPlace
from app.kernel.access import Visiting, admit, asks, relations_to, require_version, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.people import service as people
from app.permissions import Permission, Relation, Role, may

PlaceId = Annotated[UUID, Path(alias="placeId")]


def relations(visit: Visit, row: Row) -> frozenset[Relation]:
    """A place is the group's unit's; whoever leads the group does so for that unit; the family is in its circle."""
    mine = relations_to(visit, row["owner_unit_id"], row["owner_authority_id"], row["grants"])
    return mine | (group_relations(visit, {**row, "unit_id": row["owner_unit_id"]}) & {Relation.LEADER_OF})


def sees_whole(visit: Visit, row: Row) -> bool:
    """Whether a place is shown with all that the unit knows; a leader sees a first name and needed notes (R11.8)."""
    return may(visit.actor.role, Permission.PLACE_GIVE, relations(visit, row))


def sight_of(visit: Visit) -> repository.Sight:
    """As whom the caller lists places."""
    if visit.actor.is_family:
        return "family"
    return "leader" if visit.actor.role is Role.GROUP_LEADER else "unit"


async def admitted(visit: Visit, place_id: UUID, permission: Permission) -> Row:
    """A place for what the caller wants to do with it; a protected child's after its checkpoint. The look is logged."""
    row = await repository.place(visit.tx, place_id)
    if row is None:
        raise unseen(visit, Subject("place", place_id))
    subject = Subject("place", place_id, row["entry_id"], row["child_id"], row["owner_authority_id"])
    admit(visit, permission, subject, relations(visit, row))
    people.require_checkpoint(visit, row)
    visit.trail.looked(subject)
    return row


async def held(visit: Visit, place_id: UUID, permission: Permission) -> GroupPlace:
    """A place for a change, locked."""
    await admitted(visit, place_id, permission)
    place = await repository.record(visit.tx, place_id)
    if place is None:
        raise unseen(visit, Subject("place", place_id))
    return place


def place_row_for(permission: Permission) -> Any:
    """A place to read, or beside which something is recorded."""

    async def load(place_id: PlaceId, visit: Visiting) -> Row:
        return await admitted(visit, place_id, permission)

    return asks(permission, load)


def place_for(permission: Permission) -> Any:
    """A place to change, locked; a correction at the version that the caller states."""

    async def load(place_id: PlaceId, visit: Visiting) -> GroupPlace:
        place = await held(visit, place_id, permission)
        require_version(visit, place.version)
        return place

    return asks(permission, load)
