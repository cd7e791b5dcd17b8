"""Deeds of following up and of ending a plan."""

from uuid import UUID

from app.cases.models import ChildViewMissing
from app.kernel.calendar import end_of_day
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row, Transaction
from app.kernel.deadlines import meet, set_deadline
from app.kernel.ids import new_id
from app.kernel.reactions import reacts_to
from app.organisations import service as organisations
from app.organisations.models import UnknownReference
from app.plan_contents import service as contents
from app.plan_contents.models import GoalStatus
from app.plan_follow_ups import repository, schemas
from app.plan_follow_ups.models import (
    FamilyViewMissing,
    HeldInTheFuture,
    PlanClosure,
    PlanFollowUp,
    PlanGoalOutcome,
    require_closable,
    require_covered,
    require_next,
)
from app.plans import service as plans
from app.plans.models import FollowUpMoved, Plan, PlanStatus

FOLLOW_UP = "follow_up"


async def follow_ups_of(tx: Transaction, plan_id: UUID) -> list[Row]:
    """The follow-ups of a plan, newest first, each with its ``goals``."""
    return await repository.follow_ups(tx, plan_id)


async def owner_of_deadlines(visit: Visit, plan: Plan) -> dict[str, object]:
    """Whose the deadlines of an agreed plan are: the main responsible's unit; else whoever made the plan."""
    unit_id = plan.main_responsible_unit_id
    unit = await organisations.unit(visit.tx, unit_id) if unit_id else None
    if unit is None:
        return plan.ownership
    return organisations.owned_by(unit, plan.municipality_code)


async def expect_next(visit: Visit, plan: Plan) -> None:
    """From now on the next follow-up is due; whatever was due before is not (12.7).

    Raises ``NextFollowUpMissing``, ``NextFollowUpOutOfRange``.
    """
    on = plan.next_follow_up_on
    require_next(on, stockholm_date(visit.now), visit.settings.follow_up_max_months)
    if on is None:
        return
    await meet(visit.tx, plan.id, visit.now, FOLLOW_UP)
    set_deadline(
        visit, plan.subject, code=FOLLOW_UP, due_at=end_of_day(on), start_event="follow-up agreed",
        legal_basis=plans.PRACTICE, owner=await owner_of_deadlines(visit, plan),
    )  # fmt: skip
    await visit.tx.session.flush()


@reacts_to(FollowUpMoved)
async def follow_up_moved(visit: Visit, happening: FollowUpMoved) -> None:
    """Another day was agreed for the next follow-up of a plan that is in effect."""
    plan = await plans.record_of(visit.tx, happening.plan_id)
    if plan is None or plan.status not in (PlanStatus.ACTIVE, PlanStatus.CLOSING):
        return
    if plan.status == PlanStatus.ACTIVE or plan.next_follow_up_on is not None:
        await expect_next(visit, plan)
    else:
        await meet(visit.tx, plan.id, visit.now, FOLLOW_UP)


async def follow_up(visit: Visit, plan: Plan, body: schemas.FollowUpCreate) -> UUID:
    """Record how the plan goes: every goal, the child's and the family's words, and when it is looked at again (R7.11).

    Raises ``HeldInTheFuture``, ``ChildViewMissing``, ``FamilyViewMissing``, ``GoalsNotCovered``, ``UnknownReference``,
    ``NextFollowUpMissing``, ``NextFollowUpOutOfRange``.
    """
    await plans.take_step(visit, plan, "follow_up")
    if body.held_on > stockholm_date(visit.now):
        raise HeldInTheFuture
    if body.child_view is None and body.child_view_missing_reason is None:
        raise ChildViewMissing
    if body.family_view is None and body.family_view_missing_reason is None:
        raise FamilyViewMissing
    if body.meeting_id and not await repository.is_meeting_of(visit.tx, plan.case_id, body.meeting_id):
        raise UnknownReference(field="meetingId")
    await _record_goals(visit, plan, body)
    follow_up = _recorded(visit, plan, body)
    await meet(visit.tx, plan.id, visit.now, FOLLOW_UP)
    plan.next_follow_up_on = body.next_follow_up_on
    visit.trail.changed(plan.subject, "next_follow_up_on")
    await visit.tx.session.flush()
    visit.tx.session.add_all(_outcomes(plan, follow_up, body))
    if plan.status == PlanStatus.ACTIVE or body.next_follow_up_on is not None:
        await expect_next(visit, plan)
    await visit.tx.session.flush()
    return follow_up.id


async def _record_goals(visit: Visit, plan: Plan, body: schemas.FollowUpCreate) -> None:
    standing = (await contents.contents_of(visit.tx, plan.id)).goals
    followed = {goal.goal_id: GoalStatus(goal.outcome) for goal in body.goals}
    if not followed.keys() <= {goal["id"] for goal in standing}:
        raise UnknownReference(field="goalId")
    require_covered(standing, followed)
    await contents.record_outcomes(visit, plan, followed)


def _recorded(visit: Visit, plan: Plan, body: schemas.FollowUpCreate) -> PlanFollowUp:
    record = PlanFollowUp(
        id=new_id(), case_id=plan.case_id, plan_id=plan.id, recorded_at=visit.now, recorded_by=visit.actor.user_id,
        experiences=[each.model_dump() for each in body.experiences],
        **body.model_dump(exclude={"goals", "experiences"}), **plan.ownership,
    )  # fmt: skip
    visit.tx.session.add(record)
    visit.trail.changed(record.named("plan_follow_up", plan.child_id), *body.model_fields_set)
    return record


def _outcomes(plan: Plan, follow_up: PlanFollowUp, body: schemas.FollowUpCreate) -> list[PlanGoalOutcome]:
    return [
        PlanGoalOutcome(
            id=new_id(), case_id=plan.case_id, follow_up_id=follow_up.id, **goal.model_dump(), **plan.ownership
        )
        for goal in body.goals
    ]


async def close(visit: Visit, plan: Plan, body: schemas.PlanClosureCreate) -> None:
    """The main responsible ends the plan; nothing is due any more (R7.10).

    Raises ``ChildViewMissing``, ``CloseReasonDoesNotFit``, ``OpenActions``.
    """
    if body.child_view is None and body.child_view_missing_reason is None:
        raise ChildViewMissing
    before = plan.status
    await plans.end(visit, plan, "close", body.close_reason, body.close_reason.value)
    require_closable(before, body.close_reason, await contents.actions_of(visit.tx, plan.id))
    record = PlanClosure(
        id=new_id(), case_id=plan.case_id, plan_id=plan.id, closed_at=visit.now, closed_by=visit.actor.user_id,
        **body.model_dump(), **plan.ownership,
    )  # fmt: skip
    visit.tx.session.add(record)
    visit.trail.changed(record.named("plan_closure", plan.child_id), *body.model_fields_set)
    await visit.tx.session.flush()
