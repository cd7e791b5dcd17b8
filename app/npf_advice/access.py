"""How a request obtains an action that is proposed in a matter: through the matter (R13.6)."""

from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import Path

from app.kernel.access import Visiting, admit, asks, require_version, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.npf_advice import repository
from app.npf_advice.models import MatterAction
from app.npf_matters.access import MatterId, admitted, held_for
from app.npf_matters.models import NpfMatter
from app.npf_teams.access import TeamId
from app.permissions import Permission, Relation

ActionId = Annotated[UUID, Path(alias="actionId")]


class ActionHeld(NamedTuple):
    """An action of one's own to decide about, locked, and its matter."""

    row: Row
    matter: NpfMatter
    action: MatterAction


def action_row_for(permission: Permission) -> Any:
    """An action to read, with its matter."""

    async def load(team_id: TeamId, matter_id: MatterId, action_id: ActionId, visit: Visiting) -> tuple[Row, Row]:
        row = await admitted(visit, team_id, matter_id, permission)
        return row, await _action(visit, row, action_id)

    return asks(permission, load)


def action_for(permission: Permission) -> Any:
    """An action to decide about, at the version that the caller states: only its principal does (R13.5)."""

    async def load(team_id: TeamId, matter_id: MatterId, action_id: ActionId, visit: Visiting) -> ActionHeld:
        row = await admitted(visit, team_id, matter_id, permission)
        found = await _action(visit, row, action_id)
        admit(visit, permission, Subject("matter_action", action_id, row["id"]), principal(visit, found))
        action = await repository.action_record(visit.tx, action_id)
        if action is None:
            raise unseen(visit, Subject("matter_action", action_id))
        require_version(visit, action.version)
        return ActionHeld(row, await held_for(visit, row), action)

    return asks(permission, load)


def principal(visit: Visit, action: Row) -> frozenset[Relation]:
    """An action is its principal's, and nobody else's to decide about."""
    own = action["unit_id"] == visit.actor.assignment.unit_id
    return frozenset({Relation.OWN_UNIT}) if own else frozenset()


async def _action(visit: Visit, row: Row, action_id: UUID) -> Row:
    action = await repository.part(visit.tx, MatterAction, row["id"], action_id)
    if action is None:
        raise unseen(visit, Subject("matter_action", action_id))
    return action
