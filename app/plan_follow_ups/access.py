"""How a request obtains a follow-up: through its plan."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.kernel.access import Visiting, asks, unseen
from app.kernel.audit import Subject
from app.kernel.db import Row
from app.permissions import Permission
from app.plan_follow_ups import repository
from app.plans.access import PlanId, admitted

FollowUpId = Annotated[UUID, Path(alias="followUpId")]


def follow_up_row_for(permission: Permission) -> Any:
    """A follow-up to read."""

    async def load(plan_id: PlanId, follow_up_id: FollowUpId, visit: Visiting) -> Row:
        plan = await admitted(visit, plan_id, permission)
        row = await repository.follow_up(visit.tx, plan_id, follow_up_id)
        if row is None:
            raise unseen(visit, Subject("plan_follow_up", follow_up_id, plan["case_id"]))
        return row

    return asks(permission, load)
