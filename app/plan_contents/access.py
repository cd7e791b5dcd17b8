"""How a request obtains a need, a goal or a disagreement: through its plan."""

from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import Path

from app.kernel.access import Visiting, asks, require_version, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.permissions import Permission
from app.plan_contents import repository
from app.plan_contents.models import PlanDisagreement, PlanGoal, PlanNeed, require_writable
from app.plans.access import PlanId, admitted

NeedId = Annotated[UUID, Path(alias="needId")]
GoalId = Annotated[UUID, Path(alias="goalId")]
DisagreementId = Annotated[UUID, Path(alias="disagreementId")]


class NeedOf(NamedTuple):
    """A need to change, locked, and the plan that it stands in."""

    plan: Row
    need: PlanNeed


class GoalOf(NamedTuple):
    """A goal to change, locked, and the plan that it stands in."""

    plan: Row
    goal: PlanGoal


class DisagreementOf(NamedTuple):
    """A disagreement to settle, locked, and the plan that it is about."""

    plan: Row
    disagreement: PlanDisagreement


def _missing(visit: Visit, plan: Row, kind: str, record_id: UUID) -> Exception:
    return unseen(visit, Subject(kind, record_id, plan["case_id"]))


def need_row_for(permission: Permission) -> Any:
    """A need to read, with its plan's row."""

    async def load(plan_id: PlanId, need_id: NeedId, visit: Visiting) -> tuple[Row, Row]:
        plan = await admitted(visit, plan_id, permission)
        row = await repository.need(visit.tx, plan_id, need_id)
        if row is None:
            raise _missing(visit, plan, "plan_need", need_id)
        return plan, row

    return asks(permission, load)


def need_for(permission: Permission) -> Any:
    """A need to change, while the plan can be written."""

    async def load(plan_id: PlanId, need_id: NeedId, visit: Visiting) -> NeedOf:
        plan = await admitted(visit, plan_id, permission)
        need = await repository.need_record(visit.tx, need_id)
        if need is None or need.plan_id != plan_id:
            raise _missing(visit, plan, "plan_need", need_id)
        require_version(visit, need.version)
        require_writable(plan["status"])
        return NeedOf(plan, need)

    return asks(permission, load)


def goal_row_for(permission: Permission) -> Any:
    """A goal to read, with its plan's row."""

    async def load(plan_id: PlanId, goal_id: GoalId, visit: Visiting) -> tuple[Row, Row]:
        plan = await admitted(visit, plan_id, permission)
        row = await repository.goal(visit.tx, plan_id, goal_id)
        if row is None:
            raise _missing(visit, plan, "plan_goal", goal_id)
        return plan, row

    return asks(permission, load)


def goal_for(permission: Permission) -> Any:
    """A goal to change, while the plan can be written."""

    async def load(plan_id: PlanId, goal_id: GoalId, visit: Visiting) -> GoalOf:
        plan = await admitted(visit, plan_id, permission)
        goal = await repository.goal_record(visit.tx, goal_id)
        if goal is None or goal.plan_id != plan_id:
            raise _missing(visit, plan, "plan_goal", goal_id)
        require_version(visit, goal.version)
        require_writable(plan["status"])
        return GoalOf(plan, goal)

    return asks(permission, load)


def disagreement_row_for(permission: Permission) -> Any:
    """A disagreement to read, with its plan's row."""

    async def load(plan_id: PlanId, disagreement_id: DisagreementId, visit: Visiting) -> tuple[Row, Row]:
        plan = await admitted(visit, plan_id, permission)
        row = await repository.disagreement(visit.tx, plan_id, disagreement_id)
        if row is None:
            raise _missing(visit, plan, "plan_disagreement", disagreement_id)
        return plan, row

    return asks(permission, load)


def disagreement_for(permission: Permission) -> Any:
    """A disagreement to settle."""

    async def load(plan_id: PlanId, disagreement_id: DisagreementId, visit: Visiting) -> DisagreementOf:
        plan = await admitted(visit, plan_id, permission)
        disagreement = await repository.disagreement_record(visit.tx, disagreement_id)
        if disagreement is None or disagreement.plan_id != plan_id:
            raise _missing(visit, plan, "plan_disagreement", disagreement_id)
        return DisagreementOf(plan, disagreement)

    return asks(permission, load)
