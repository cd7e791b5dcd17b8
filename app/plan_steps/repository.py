"""Every query about the history of a plan."""

from uuid import UUID

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import aliased

from app.kernel.db import Prepared, Row, Transaction
from app.organisations.models import User
from app.plan_steps.models import PlanRefusal, PlanStep

_BY, _MANAGER = aliased(User), aliased(User)
_STEPS = Prepared(
    select(
        PlanStep.id, PlanStep.deed, PlanStep.status, PlanStep.reason, PlanStep.taken_at, PlanStep.taken_by,
        _BY.name.label("taken_by_name"), PlanRefusal.approved_by, _MANAGER.name.label("approved_by_name"),
    )
    .outerjoin(_BY, _BY.id == PlanStep.taken_by)
    .outerjoin(PlanRefusal, and_(PlanRefusal.plan_id == PlanStep.plan_id, PlanStep.deed == "refuse"))
    .outerjoin(_MANAGER, _MANAGER.id == PlanRefusal.approved_by)
    .where(PlanStep.plan_id == bindparam("plan_id"))
    .order_by(PlanStep.taken_at, PlanStep.id)
)  # fmt: skip


async def steps(tx: Transaction, plan_id: UUID) -> list[Row]:
    """The steps of a plan, first to last."""
    return await tx.all(_STEPS, plan_id=plan_id)
