"""How a request obtains an NPF team: everybody may read it, its lead and the unit that leads manage it."""

from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import Path

from app.kernel.access import Visiting, admit, asks, require_version, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.npf_teams import repository
from app.npf_teams.models import NpfTeam, NpfTeamMember
from app.permissions import Permission, Relation

TeamId = Annotated[UUID, Path(alias="teamId")]
MemberId = Annotated[UUID, Path(alias="memberId")]


class MemberHeld(NamedTuple):
    """A membership to end, and its team, both locked."""

    team: NpfTeam
    member: NpfTeamMember


def relations(visit: Visit, team: Row) -> frozenset[Relation]:
    """A team is the unit's that leads it; its lead leads it when acting for that unit."""
    found = {Relation.ANYONE}
    if not visit.actor.is_family and visit.actor.assignment.unit_id == team["unit_id"]:
        found.add(Relation.OWN_UNIT)
        if visit.actor.user_id == team["lead_user_id"]:
            found.add(Relation.LEADER_OF)
    return frozenset(found)


async def _admitted(visit: Visit, team_id: UUID, permission: Permission) -> Row:
    row = await repository.team(visit.tx, team_id)
    subject = Subject("npf_team", team_id)
    if row is None:
        raise unseen(visit, subject)
    admit(visit, permission, subject, relations(visit, row))
    return row


async def _held(visit: Visit, team_id: UUID, permission: Permission) -> NpfTeam:
    await _admitted(visit, team_id, permission)
    team = await repository.team_record(visit.tx, team_id)
    if team is None:
        raise unseen(visit, Subject("npf_team", team_id))
    return team


def new_team(permission: Permission) -> Any:
    """A team yet to be: it will be the caller's own unit's."""

    async def check(visit: Visiting) -> Visit:
        admit(visit, permission, Subject("npf_team"), frozenset({Relation.OWN_UNIT}))
        return visit

    return asks(permission, check)


def team_row_for(permission: Permission) -> Any:
    """A team to read."""

    async def load(team_id: TeamId, visit: Visiting) -> Row:
        return await _admitted(visit, team_id, permission)

    return asks(permission, load)


def team_for(permission: Permission) -> Any:
    """A team to change, locked, at the version that the caller states."""

    async def load(team_id: TeamId, visit: Visiting) -> NpfTeam:
        team = await _held(visit, team_id, permission)
        require_version(visit, team.version)
        return team

    return asks(permission, load)


def member_for(permission: Permission) -> Any:
    """Somebody in the team, to take leave of."""

    async def load(team_id: TeamId, member_id: MemberId, visit: Visiting) -> MemberHeld:
        team = await _held(visit, team_id, permission)
        member = await repository.member_record(visit.tx, team_id, member_id)
        if member is None:
            raise unseen(visit, Subject("npf_team_member", member_id))
        return MemberHeld(team, member)

    return asks(permission, load)
