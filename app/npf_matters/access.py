"""How a request obtains a matter: through being in the team, or having brought it (R13.6).

The wall knows units: in SQL a matter is open to the units of the team as it was when the matter was brought. Here it is
shown to persons: to those who are in the team now, acting for the unit that they stand for there, and to whoever
brought it. A colleague of theirs in the same unit does not hear of it.
"""

from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import Path

from app.kernel.access import Visiting, admit, asks, bases, require_version, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.npf_matters import repository
from app.npf_matters.models import NpfMatter
from app.npf_teams import service as teams
from app.npf_teams.access import TeamId
from app.people import service as people
from app.permissions import Permission, Relation

MatterId = Annotated[UUID, Path(alias="matterId")]


class MatterHeld(NamedTuple):
    """A matter to change, locked, and how the caller sees it."""

    row: Row
    matter: NpfMatter

    @property
    def readable(self) -> bool:
        """Whether the team can read it now."""
        return bool(self.row["open_to_team"])


def relations(visit: Visit, row: Row) -> frozenset[Relation]:
    """A matter is the unit's that brought it, to those of it who may know; the others are in the team, or lead it."""
    found = {Relation.MEMBER} if row["in_team"] else set()
    if row["owner_unit_id"] == visit.actor.assignment.unit_id:
        found.add(Relation.OWN_UNIT)
    if row["in_team"] and row["lead_user_id"] == visit.actor.user_id:
        found.add(Relation.LEADER_OF)
    return frozenset(found)


def path_of(row: Row) -> str:
    """Where a matter stands."""
    return f"/npf-teams/{row['team_id']}/matters/{row['id']}"


def is_shielded(visit: Visit, row: Row) -> bool:
    """Whether what tells a place is left out: a protected child seen from another unit (R2.5)."""
    protected = row["shielded"] or row["protected_identity"] != "none"
    return protected and Relation.OWN_UNIT not in relations(visit, row)


def looked(visit: Visit, row: Row) -> None:
    """Somebody read a matter, on which basis (R4.11)."""
    visit.trail.looked(_subject(row), basis=bases(row))


def _subject(row: Row) -> Subject:
    return Subject("npf_matter", row["id"], row["id"], row["child_id"], row["owner_authority_id"])


async def admitted(visit: Visit, team_id: UUID | None, matter_id: UUID, permission: Permission) -> Row:
    row = await repository.matter(visit.tx, matter_id)
    if row is None or team_id not in (None, row["team_id"]):
        raise unseen(visit, Subject("npf_matter", matter_id, matter_id))
    admit(visit, permission, _subject(row), relations(visit, row))
    people.require_checkpoint(visit, row)
    looked(visit, row)
    return row


async def held_for(visit: Visit, row: Row) -> NpfMatter:
    matter = await repository.record(visit.tx, row["id"])
    if matter is None:
        raise unseen(visit, Subject("npf_matter", row["id"], row["id"]))
    return matter


def team_listing(permission: Permission) -> Any:
    """A team whose matters are listed, as far as the caller may hear of them."""

    async def load(team_id: TeamId, visit: Visiting) -> Row:
        admit(visit, permission, Subject("npf_matter_list"), frozenset({Relation.ANYONE}))
        team = await teams.team(visit.tx, team_id)
        if team is None:
            raise unseen(visit, Subject("npf_team", team_id))
        return team

    return asks(permission, load)


def team_to_ask(permission: Permission) -> Any:
    """A team to which one of its members brings a matter."""

    async def load(team_id: TeamId, visit: Visiting) -> Row:
        team = await teams.team(visit.tx, team_id)
        if team is None:
            raise unseen(visit, Subject("npf_team", team_id))
        me = visit.actor.user_id, visit.actor.assignment.unit_id
        members = {(row["user_id"], row["unit_id"]) for row in await teams.members_now(visit.tx, team_id)}
        stand = frozenset({Relation.MEMBER}) if me in members else frozenset[Relation]()
        admit(visit, permission, Subject("npf_team", team_id), stand)
        return team

    return asks(permission, load)


def matter_row_for(permission: Permission) -> Any:
    """A matter to read."""

    async def load(team_id: TeamId, matter_id: MatterId, visit: Visiting) -> Row:
        return await admitted(visit, team_id, matter_id, permission)

    return asks(permission, load)


def matter_found_for(permission: Permission) -> Any:
    """A matter to read, by its own id alone: a deadline leads there."""

    async def load(matter_id: MatterId, visit: Visiting) -> Row:
        return await admitted(visit, None, matter_id, permission)

    return asks(permission, load)


def matter_for(permission: Permission) -> Any:
    """A matter to go on with, locked."""

    async def load(team_id: TeamId, matter_id: MatterId, visit: Visiting) -> MatterHeld:
        row = await admitted(visit, team_id, matter_id, permission)
        return MatterHeld(row, await held_for(visit, row))

    return asks(permission, load)


def own_matter_for(permission: Permission) -> Any:
    """A matter to correct, at the version that the caller states: the unit that brought it does."""

    async def load(team_id: TeamId, matter_id: MatterId, visit: Visiting) -> MatterHeld:
        row = await admitted(visit, team_id, matter_id, permission)
        admit(visit, permission, _subject(row), relations(visit, row) & {Relation.OWN_UNIT})
        matter = await held_for(visit, row)
        require_version(visit, matter.version)
        return MatterHeld(row, matter)

    return asks(permission, load)
