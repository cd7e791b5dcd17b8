"""How a request obtains an action: its owner always does, the others through the plan that it stands in."""

from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import Path

from app.kernel.access import Visiting, admit, asks, bases, relations_to, require_version, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.people import service as people
from app.permissions import Permission, Relation, may
from app.plan_actions import repository
from app.plan_actions.models import ActionQuestion
from app.plan_contents import service as contents
from app.plan_contents.models import PlanAction
from app.plans import access as plan_access
from app.plans import service as plans
from app.plans.models import Plan

ActionId = Annotated[UUID, Path(alias="actionId")]
QuestionId = Annotated[UUID, Path(alias="questionId")]
_OWNERSHIP = frozenset({Relation.OWN_UNIT, Relation.OWN_AUTHORITY})
_FAMILY = frozenset({Relation.GUARDIAN_OF, Relation.ONESELF})


class Proposing(NamedTuple):
    """A plan to add an action to, and whether the caller may propose one for another party."""

    plan: Plan
    for_others: bool


class ActionSeen(NamedTuple):
    """An action, and the plan that it stands in; no plan for an owner to whom it has closed (R4.6)."""

    action: Row
    plan: Row | None


class ActionHeld(NamedTuple):
    """An action to change, locked, with its plan as in ``ActionSeen``."""

    action: PlanAction
    plan: Row | None


class QuestionSeen(NamedTuple):
    """A question and its action."""

    seen: ActionSeen
    question: Row


class QuestionHeld(NamedTuple):
    """A question to answer, locked, with its action."""

    seen: ActionSeen
    question: ActionQuestion


def relations(visit: Visit, seen: ActionSeen) -> frozenset[Relation]:
    """An action is its owner's; by the plan one is in its circle, or coordinates it (R5.5)."""
    own = relations_to(visit, seen.action["owner_unit_id"], seen.action["owner_authority_id"])
    if seen.plan is None:
        return own
    around = plan_access.relations_of(visit, seen.plan)
    taking_part = {Relation.MEMBER} if around & _OWNERSHIP else set()
    return own | (around - _OWNERSHIP) | taking_part


def changing(visit: Visit, seen: ActionSeen) -> frozenset[Relation]:
    """The same for whoever wants to change it: the family has its own effort only."""
    found = relations(visit, seen)
    return found if seen.action["own_effort"] else found - _FAMILY


async def _seen(visit: Visit, action_id: UUID, permission: Permission) -> ActionSeen:
    row = await contents.action_of(visit.tx, action_id)
    if row is None:
        raise unseen(visit, Subject("action", action_id))
    seen = ActionSeen(row, await plans.plan_of(visit.tx, row["plan_id"]))
    reads = permission is Permission.PLAN_READ
    child_id = seen.plan["child_id"] if seen.plan else None
    subject = Subject("action", action_id, row["case_id"], child_id, row["owner_authority_id"])
    admit(visit, permission, subject, relations(visit, seen) if reads else changing(visit, seen))
    if seen.plan is not None:
        people.require_checkpoint(visit, seen.plan)
    visit.trail.looked(subject, basis=bases(seen.plan) if seen.plan else None)
    return seen


def plan_to_act_in(permission: Permission) -> Any:
    """A plan to add an action to."""

    async def load(plan: Annotated[Plan, plan_access.plan_for(permission)], visit: Visiting) -> Proposing:
        row = await plans.plan_of(visit.tx, plan.id)
        if row is None:
            raise unseen(visit, plan.subject)
        return Proposing(plan, may(visit.actor.role, Permission.PLAN_EDIT, plan_access.relations_of(visit, row)))

    return asks(permission, load)


def action_row_for(permission: Permission) -> Any:
    """An action to read, or to ask about."""

    async def load(action_id: ActionId, visit: Visiting) -> ActionSeen:
        return await _seen(visit, action_id, permission)

    return asks(permission, load)


def action_for(permission: Permission) -> Any:
    """An action to change, locked, at the version that the caller states."""

    async def load(action_id: ActionId, visit: Visiting) -> ActionHeld:
        seen = await _seen(visit, action_id, permission)
        action = await contents.action_record(visit.tx, action_id)
        if action is None:
            raise unseen(visit, Subject("action", action_id))
        require_version(visit, action.version)
        return ActionHeld(action, seen.plan)

    return asks(permission, load)


def question_row_for(permission: Permission) -> Any:
    """A question to read."""

    async def load(action_id: ActionId, question_id: QuestionId, visit: Visiting) -> QuestionSeen:
        seen = await _seen(visit, action_id, permission)
        row = await repository.question(visit.tx, action_id, question_id)
        if row is None:
            raise unseen(visit, Subject("action_question", question_id, seen.action["case_id"]))
        return QuestionSeen(seen, row)

    return asks(permission, load)


def question_for(permission: Permission) -> Any:
    """A question to answer."""

    async def load(action_id: ActionId, question_id: QuestionId, visit: Visiting) -> QuestionHeld:
        seen = await _seen(visit, action_id, permission)
        question = await repository.question_record(visit.tx, question_id)
        if question is None or question.action_id != action_id:
            raise unseen(visit, Subject("action_question", question_id, seen.action["case_id"]))
        return QuestionHeld(seen, question)

    return asks(permission, load)
