"""Deeds of a plan's contents, and what other packages ask of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from app.kernel.context import Visit
from app.kernel.db import Row, Transaction
from app.kernel.ids import new_id
from app.organisations.models import UnknownReference
from app.permissions import Role
from app.plan_contents import repository, schemas
from app.plan_contents.models import (
    UNFINISHED,
    DisagreementSide,
    GoalStatus,
    PlanAction,
    PlanDisagreement,
    PlanGoal,
    PlanNeed,
    SpeaksForAnother,
    StillInUse,
    require_open,
)
from app.plans.models import Plan

_SIDE_OF_ROLE = {Role.GUARDIAN: DisagreementSide.GUARDIAN, Role.YOUNG_PERSON: DisagreementSide.CHILD}


class Contents(NamedTuple):
    """What stands in a plan now, as the caller sees it; what was taken out is left out."""

    needs: list[Row]
    goals: list[Row]
    actions: list[Row]
    disagreements: list[Row]


async def contents_of(tx: Transaction, plan_id: UUID) -> Contents:
    """Needs, goals, actions and disagreements. Crisis notes are never among them (R7.12)."""
    return Contents(
        await repository.needs(tx, plan_id), await repository.goals(tx, plan_id),
        await repository.actions(tx, plan_id), await repository.disagreements(tx, plan_id),
    )  # fmt: skip


async def actions_of(tx: Transaction, plan_id: UUID) -> list[Row]:
    """The actions that stand in a plan."""
    return await repository.actions(tx, plan_id)


async def open_actions(tx: Transaction, plan_id: UUID) -> list[Row]:
    """Those that are neither done nor stopped."""
    return [row for row in await repository.actions(tx, plan_id) if row["status"] in UNFINISHED]


def commitments_of(actions: Iterable[Row]) -> dict[UUID | None, dict[str, int]]:
    """What each unit has committed itself to: its actions and how each stands. None is the family, by own effort."""
    found: dict[UUID | None, dict[str, int]] = defaultdict(dict)
    for row in actions:
        found[None if row["own_effort"] else row["owner_unit_id"]][str(row["id"])] = row["commitment"]
    return dict(found)


async def action_of(tx: Transaction, action_id: UUID) -> Row | None:
    """One action as the caller sees it; its owner always does."""
    return await repository.action(tx, action_id)


async def action_record(tx: Transaction, action_id: UUID) -> PlanAction | None:
    """The action for a change that another package tells, locked."""
    return await repository.action_record(tx, action_id)


async def require_goal(tx: Transaction, plan_id: UUID, goal_id: UUID | None) -> None:
    """Raise ``UnknownReference`` unless there is no goal, or it stands in the plan."""
    if goal_id is None:
        return
    row = await repository.goal(tx, plan_id, goal_id)
    if row is None or row["removed_at"] is not None:
        raise UnknownReference(field="goalId")


async def add_need(visit: Visit, plan: Plan, body: schemas.NeedCreate) -> UUID:
    """A need is written into the plan, which owns it: it is written together."""
    plan.require_writable()
    await _require_assessment(visit, plan.child_id, body.assessment_id)
    need = PlanNeed(
        id=new_id(), case_id=plan.case_id, plan_id=plan.id, created_at=visit.now, **_plain(body.model_dump()),
        **plan.ownership,
    )  # fmt: skip
    visit.tx.session.add(need)
    visit.trail.changed(need.named("plan_need", plan.child_id), *body.model_fields_set)
    await visit.tx.session.flush()
    return need.id


async def change_need(visit: Visit, plan: Row, need: PlanNeed, body: schemas.NeedPatch) -> None:
    """Put it in other words."""
    need.require_present()
    await _require_assessment(visit, plan["child_id"], body.stated.get("assessment_id"))
    need.apply(_plain(body.stated))
    visit.trail.changed(need.named("plan_need", plan["child_id"]), *body.stated)
    await visit.tx.session.flush()


async def _require_assessment(visit: Visit, child_id: UUID, assessment_id: UUID | None) -> None:
    if assessment_id is not None and not await repository.is_assessment_of(visit.tx, child_id, assessment_id):
        raise UnknownReference(field="assessmentId")


def _plain(stated: Mapping[str, Any]) -> dict[str, Any]:
    """Each dimension once."""
    dimensions = stated.get("wheel_dimensions")
    return dict(stated) if dimensions is None else {**stated, "wheel_dimensions": list(dict.fromkeys(dimensions))}


async def add_goal(visit: Visit, plan: Plan, body: schemas.GoalCreate) -> UUID:
    """A goal for one of the plan's needs."""
    plan.require_writable()
    await _require_need(visit.tx, plan.id, body.need_id)
    goal = PlanGoal(
        id=new_id(), case_id=plan.case_id, plan_id=plan.id, created_at=visit.now, status=GoalStatus.OPEN,
        **body.model_dump(), **plan.ownership,
    )  # fmt: skip
    visit.tx.session.add(goal)
    visit.trail.changed(goal.named("plan_goal", plan.child_id), *body.model_fields_set)
    await visit.tx.session.flush()
    return goal.id


async def change_goal(visit: Visit, plan: Row, goal: PlanGoal, body: schemas.GoalPatch) -> None:
    """Put it in other words, or under another need."""
    goal.require_present()
    if "need_id" in body.stated:
        await _require_need(visit.tx, goal.plan_id, body.need_id)
    goal.apply(body.stated)
    visit.trail.changed(goal.named("plan_goal", plan["child_id"]), *body.stated)
    await visit.tx.session.flush()


async def _require_need(tx: Transaction, plan_id: UUID, need_id: UUID) -> None:
    row = await repository.need(tx, plan_id, need_id)
    if row is None or row["removed_at"] is not None:
        raise UnknownReference(field="needId")


async def remove(visit: Visit, plan: Row, part: PlanNeed | PlanGoal, reason: str) -> None:
    """Take a need or a goal out of the plan; raises ``StillInUse`` while something rests on it."""
    if await repository.is_in_use(visit.tx, part.id):
        raise StillInUse
    part.remove(visit.now)
    kind = "plan_need" if isinstance(part, PlanNeed) else "plan_goal"
    visit.trail.changed(part.named(kind, plan["child_id"]), "removed_at", reason=reason)
    await visit.tx.session.flush()


async def record_outcomes(visit: Visit, plan: Plan, outcomes: Mapping[UUID, GoalStatus]) -> None:
    """How each goal went, as a follow-up found it (R7.11)."""
    for goal_id, outcome in outcomes.items():
        goal = await repository.goal_record(visit.tx, goal_id)
        if goal is None or goal.plan_id != plan.id:
            raise UnknownReference(field="goalId")
        goal.status = outcome
        visit.trail.changed(goal.named("plan_goal", plan.child_id), "status")
    await visit.tx.session.flush()


async def disagree(visit: Visit, plan: Plan, body: schemas.DisagreementCreate) -> UUID:
    """What somebody does not agree with; the family says it for itself, a professional also for others."""
    require_open(plan.status)
    own = _SIDE_OF_ROLE.get(visit.actor.role)
    if own is not None and body.whose not in (None, own):
        raise SpeaksForAnother
    disagreement = PlanDisagreement(
        id=new_id(), case_id=plan.case_id, plan_id=plan.id, text=body.text, recorded_at=visit.now,
        whose=own or body.whose or DisagreementSide.PROFESSIONAL, recorded_by=visit.actor.user_id,
        **(plan.ownership if own else visit.ownership(plan.municipality_code)),
    )  # fmt: skip
    visit.tx.session.add(disagreement)
    visit.trail.changed(disagreement.named("plan_disagreement", plan.child_id), *body.model_fields_set)
    await visit.tx.session.flush()
    return disagreement.id


async def settle(visit: Visit, plan: Row, disagreement: PlanDisagreement, how: str) -> None:
    """How it was settled. Raises ``AlreadySettled``; it is never taken away."""
    require_open(plan["status"])
    disagreement.settle(how, visit.now)
    visit.trail.changed(disagreement.named("plan_disagreement", plan["child_id"]), "settled_at", "settled_how")
    await visit.tx.session.flush()
