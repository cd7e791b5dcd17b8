"""What ``plans`` asks of the history: write a step or a refusal down, and tell them again."""

from typing import Any
from uuid import UUID

from app.kernel.context import Visit
from app.kernel.db import Row, Transaction
from app.kernel.ids import new_id
from app.plan_steps import repository
from app.plan_steps.models import PlanRefusal, PlanStep


def keep_step(visit: Visit, plan: Any, deed: str, reason: str | None) -> None:
    """Keep one step with its reason. It is the plan's, whoever takes it: the family has no unit of its own."""
    visit.tx.session.add(
        PlanStep(
            id=new_id(), case_id=plan.case_id, plan_id=plan.id, deed=deed, status=plan.status, reason=reason,
            taken_at=visit.now, taken_by=visit.actor.user_id, **plan.ownership,
        )
    )  # fmt: skip


def keep_refusal(visit: Visit, plan: Any, reason: str, approved_by: UUID) -> None:
    """Keep why no plan is made, and who answers for it (R7.1)."""
    visit.tx.session.add(
        PlanRefusal(
            id=new_id(), case_id=plan.case_id, plan_id=plan.id, reason=reason, approved_by=approved_by,
            refused_at=visit.now, **plan.ownership,
        )
    )  # fmt: skip


async def steps_of(tx: Transaction, plan_id: UUID) -> list[Row]:
    """The steps of a plan, first to last."""
    return await repository.steps(tx, plan_id)
