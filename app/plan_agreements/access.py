"""How a request obtains an acceptance: through its plan."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.kernel.access import Visiting, asks, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.permissions import Permission
from app.plan_agreements import service
from app.plans.access import PlanId, admitted, is_shielded

ApprovalId = Annotated[UUID, Path(alias="approvalId")]
#: What tells who and where, left out for other units about a protected child (R2.5).
_PLACES = ("unit_name", "authority_name", "name", "accepted_by_name")


def placeless(visit: Visit, plan: Row, row: Row) -> Row:
    """A party or an acceptance without what a caller may not know of a protected child."""
    return {**row, **{name: None for name in _PLACES if name in row}} if is_shielded(visit, plan) else row


def approval_row_for(permission: Permission) -> Any:
    """An acceptance to read."""

    async def load(plan_id: PlanId, approval_id: ApprovalId, visit: Visiting) -> Row:
        plan = await admitted(visit, plan_id, permission)
        for row in await service.approvals_of(visit, plan_id):
            if row["id"] == approval_id:
                return placeless(visit, plan, row)
        raise unseen(visit, Subject("plan_acceptance", approval_id, plan["case_id"]))

    return asks(permission, load)
