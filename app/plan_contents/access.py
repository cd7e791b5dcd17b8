"""How a request obtains a need, a goal or a disagreement: through its plan."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Generic, NamedTuple, TypeVar
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

Part = TypeVar("Part", PlanNeed, PlanGoal, PlanDisagreement)


class PartOf(NamedTuple, Generic[Part]):
    """A part of a plan to change, locked, and the plan that it stands in."""

    plan: Row
    part: Part


def _missing(visit: Visit, plan: Row, kind: str, part_id: UUID) -> Exception:
    return unseen(visit, Subject(kind, part_id, plan["case_id"]))


def _row_for(permission: Permission, kind: str, name: str, find: Callable[..., Awaitable[Row | None]]) -> Any:
    async def load(plan_id: PlanId, part_id: Annotated[UUID, Path(alias=name)], visit: Visiting) -> tuple[Row, Row]:
        plan = await admitted(visit, plan_id, permission)
        row = await find(visit.tx, plan_id, part_id)
        if row is None:
            raise _missing(visit, plan, kind, part_id)
        return plan, row

    return asks(permission, load)


def _part_for(permission: Permission, kind: str, name: str, find: Callable[..., Awaitable[Part | None]]) -> Any:
    async def load(plan_id: PlanId, part_id: Annotated[UUID, Path(alias=name)], visit: Visiting) -> PartOf[Part]:
        plan = await admitted(visit, plan_id, permission)
        part = await find(visit.tx, part_id)
        if part is None or part.plan_id != plan_id:
            raise _missing(visit, plan, kind, part_id)
        require_version(visit, part.version)
        if not isinstance(part, PlanDisagreement):  # what is not agreed on is settled whenever it is settled
            require_writable(plan["status"])
        return PartOf(plan, part)

    return asks(permission, load)


def need_row_for(permission: Permission) -> Any:
    """A need to read, with its plan's row."""
    return _row_for(permission, "plan_need", "needId", repository.need)


def need_for(permission: Permission) -> Any:
    """A need to change, while the plan can be written."""
    return _part_for(permission, "plan_need", "needId", repository.need_record)


def goal_row_for(permission: Permission) -> Any:
    """A goal to read, with its plan's row."""
    return _row_for(permission, "plan_goal", "goalId", repository.goal)


def goal_for(permission: Permission) -> Any:
    """A goal to change, while the plan can be written."""
    return _part_for(permission, "plan_goal", "goalId", repository.goal_record)


def disagreement_row_for(permission: Permission) -> Any:
    """A disagreement to read, with its plan's row."""
    return _row_for(permission, "plan_disagreement", "disagreementId", repository.disagreement)


def disagreement_for(permission: Permission) -> Any:
    """A disagreement to settle."""
    return _part_for(permission, "plan_disagreement", "disagreementId", repository.disagreement_record)
