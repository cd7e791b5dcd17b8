"""Every query about follow-ups, and about how plans end."""

from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql import text

from app.kernel.db import AnySelect, Prepared, Row, Transaction
from app.meetings.models import Meeting
from app.organisations.models import User
from app.plan_follow_ups.models import PlanClosure, PlanFollowUp, PlanGoalOutcome


def _outcomes() -> Any:
    outcome = func.jsonb_build_object(
        text("'goal_id'"), PlanGoalOutcome.goal_id, text("'outcome'"), PlanGoalOutcome.outcome,
        text("'note'"), PlanGoalOutcome.note,
    )  # fmt: skip
    found = select(func.jsonb_agg(outcome, type_=JSONB)).where(PlanGoalOutcome.follow_up_id == PlanFollowUp.id)
    return func.coalesce(found.scalar_subquery(), text("'[]'::jsonb"), type_=JSONB)


def _follow_ups() -> AnySelect:
    return (
        select(
            PlanFollowUp.id, PlanFollowUp.plan_id, PlanFollowUp.case_id, PlanFollowUp.meeting_id,
            PlanFollowUp.held_on, PlanFollowUp.child_view, PlanFollowUp.child_view_missing_reason,
            PlanFollowUp.family_view, PlanFollowUp.family_view_missing_reason, PlanFollowUp.experiences,
            PlanFollowUp.next_follow_up_on, PlanFollowUp.recorded_at, PlanFollowUp.recorded_by,
            User.name.label("recorded_by_name"), _outcomes().label("goals"),
        )
        .outerjoin(User, User.id == PlanFollowUp.recorded_by)
        .where(PlanFollowUp.plan_id == bindparam("plan_id"))
    )  # fmt: skip


_FOLLOW_UPS = Prepared(_follow_ups().order_by(PlanFollowUp.held_on.desc(), PlanFollowUp.id.desc()))
_FOLLOW_UP = Prepared(_follow_ups().where(PlanFollowUp.id == bindparam("follow_up_id")))


async def follow_ups(tx: Transaction, plan_id: UUID) -> list[Row]:
    """The follow-ups of a plan, newest first."""
    return await tx.all(_FOLLOW_UPS, plan_id=plan_id)


async def follow_up(tx: Transaction, plan_id: UUID, follow_up_id: UUID) -> Row | None:
    """One follow-up."""
    return await tx.one(_FOLLOW_UP, plan_id=plan_id, follow_up_id=follow_up_id)


_CLOSURE = Prepared(
    select(
        PlanClosure.id, PlanClosure.plan_id, PlanClosure.close_reason, PlanClosure.outcome_summary,
        PlanClosure.child_view, PlanClosure.child_view_missing_reason, PlanClosure.closed_at, PlanClosure.closed_by,
        User.name.label("closed_by_name"),
    )
    .outerjoin(User, User.id == PlanClosure.closed_by)
    .where(PlanClosure.plan_id == bindparam("plan_id"))
    .order_by(PlanClosure.closed_at.desc())
)  # fmt: skip


async def closure(tx: Transaction, plan_id: UUID) -> Row | None:
    """How a plan ended."""
    return await tx.one(_CLOSURE, plan_id=plan_id)


_MEETING = Prepared(
    select(
        exists().where(Meeting.id == bindparam("meeting_id"), Meeting.case_id == bindparam("case_id")).label("there")
    )
)


async def is_meeting_of(tx: Transaction, case_id: UUID, meeting_id: UUID) -> bool:
    """Whether this is a meeting of the case."""
    row = await tx.one(_MEETING, meeting_id=meeting_id, case_id=case_id)
    return bool(row and row["there"])
