"""How a request obtains a contact group: everybody may read it, its own unit and its leaders what stands inside."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.contact_groups import repository
from app.contact_groups.models import ContactGroup, GroupLeader
from app.kernel.access import Visiting, admit, asks, require_version, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.permissions import Permission, Relation

GroupId = Annotated[UUID, Path(alias="groupId")]
LeaderId = Annotated[UUID, Path(alias="leaderId")]


def relations(visit: Visit, row: Row) -> frozenset[Relation]:
    """A group is its unit's. Whoever leads it does so for that unit: the wall opens nothing to any other.

    The row needs ``unit_id`` and ``leaders_now``.
    """
    if visit.actor.is_family or visit.actor.assignment.unit_id != row["unit_id"]:
        return frozenset({Relation.ANYONE})
    leads = {Relation.LEADER_OF} if visit.actor.user_id in row["leaders_now"] else set()
    return frozenset({Relation.ANYONE, Relation.OWN_UNIT} | leads)


def relations_inside(visit: Visit, row: Row) -> frozenset[Relation]:
    """How the caller stands to what is inside a group: as one of its unit, as its leader, or not at all."""
    return relations(visit, row) - {Relation.ANYONE}


async def _group(visit: Visit, group_id: UUID) -> Row:
    row = await repository.group(visit.tx, group_id)
    if row is None:
        raise unseen(visit, Subject("contact_group", group_id))
    return row


async def admitted(visit: Visit, group_id: UUID, permission: Permission) -> Row:
    """A group of the directory, for what the caller wants to do with it. Raises ``NotFound``, ``Denied``."""
    row = await _group(visit, group_id)
    admit(visit, permission, Subject("contact_group", group_id), relations(visit, row))
    return row


async def admitted_inside(visit: Visit, group_id: UUID, permission: Permission) -> Row:
    """A group for what the caller wants to do inside it, as one of its unit or its leader. The look is logged."""
    row = await _group(visit, group_id)
    subject = Subject("contact_group", group_id, group_id, None, row["authority_id"])
    admit(visit, permission, subject, relations_inside(visit, row))
    visit.trail.looked(subject)
    return row


async def held(visit: Visit, group_id: UUID, permission: Permission) -> ContactGroup:
    """A group for a change, locked."""
    await admitted(visit, group_id, permission)
    group = await repository.group_record(visit.tx, group_id)
    if group is None:
        raise unseen(visit, Subject("contact_group", group_id))
    return group


async def held_leader(visit: Visit, group_id: UUID, leader_id: UUID, permission: Permission) -> GroupLeader:
    """A leader's time for a change, locked after its group."""
    await held(visit, group_id, permission)
    leader = await repository.leader_record(visit.tx, leader_id)
    if leader is None or leader.group_id != group_id:
        raise unseen(visit, Subject("group_leader", leader_id))
    return leader


def creating_group(permission: Permission) -> Any:
    """For a new group: it will be the caller's own unit's."""

    async def check(visit: Visiting) -> Visit:
        admit(visit, permission, Subject("contact_group"), frozenset({Relation.OWN_UNIT}))
        return visit

    return asks(permission, check)


def group_row_for(permission: Permission) -> Any:
    """A group of the directory, to read or to ask for a place in."""

    async def load(group_id: GroupId, visit: Visiting) -> Row:
        return await admitted(visit, group_id, permission)

    return asks(permission, load)


def own_group_for(permission: Permission) -> Any:
    """A group of the caller's unit, or one that the caller leads: for what is inside it. The look is logged."""

    async def load(group_id: GroupId, visit: Visiting) -> Row:
        return await admitted_inside(visit, group_id, permission)

    return asks(permission, load)


def group_for(permission: Permission) -> Any:
    """A group to change, locked, at the version that the caller states."""

    async def load(group_id: GroupId, visit: Visiting) -> ContactGroup:
        group = await held(visit, group_id, permission)
        require_version(visit, group.version)
        return group

    return asks(permission, load)


def leader_row_for(permission: Permission) -> Any:
    """A leader's time to read, with the unit that the group is of."""

    async def load(group_id: GroupId, leader_id: LeaderId, visit: Visiting) -> Row:
        await admitted(visit, group_id, permission)
        row = await repository.leader(visit.tx, group_id, leader_id)
        if row is None:
            raise unseen(visit, Subject("group_leader", leader_id))
        return row

    return asks(permission, load)


def leader_for(permission: Permission) -> Any:
    """A leader's time to change, locked after its group, at the version that the caller states."""

    async def load(group_id: GroupId, leader_id: LeaderId, visit: Visiting) -> GroupLeader:
        leader = await held_leader(visit, group_id, leader_id, permission)
        require_version(visit, leader.version)
        return leader

    return asks(permission, load)
