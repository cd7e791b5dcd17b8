"""Every query about what a plan holds."""

from uuid import UUID

from sqlalchemy import Date, and_, any_, bindparam, case, exists, func, null, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.kernel.circles import NOW
from app.kernel.db import AnySelect, Prepared, Row, Transaction
from app.kernel.deadlines import Deadline
from app.organisations.models import Authority, Unit, User
from app.plan_contents.models import (
    DECIDE,
    UNFINISHED,
    PlanAction,
    PlanDisagreement,
    PlanGoal,
    PlanNeed,
)
from app.wellbeing.models import Assessment

_PLAN = bindparam("plan_id", type_=PlanNeed.plan_id.type)


def _needs() -> AnySelect:
    return select(
        PlanNeed.id, PlanNeed.version, PlanNeed.plan_id, PlanNeed.case_id, PlanNeed.wheel_dimensions,
        PlanNeed.assessment_id, PlanNeed.description, PlanNeed.child_view, PlanNeed.guardian_view,
        PlanNeed.created_at, PlanNeed.removed_at,
    ).where(PlanNeed.plan_id == _PLAN)  # fmt: skip


_NEEDS = Prepared(_needs().where(PlanNeed.removed_at.is_(None)).order_by(PlanNeed.id))
_NEED = Prepared(_needs().where(PlanNeed.id == bindparam("need_id")))


async def needs(tx: Transaction, plan_id: UUID) -> list[Row]:
    """What stands in the plan, in the order in which it was written."""
    return await tx.all(_NEEDS, plan_id=plan_id)


async def need(tx: Transaction, plan_id: UUID, need_id: UUID) -> Row | None:
    """One need, also one that was taken out."""
    return await tx.one(_NEED, plan_id=plan_id, need_id=need_id)


async def need_record(tx: Transaction, need_id: UUID) -> PlanNeed | None:
    """The need for a change, locked."""
    return await tx.session.get(PlanNeed, need_id, with_for_update=True)


def _goals() -> AnySelect:
    return select(
        PlanGoal.id, PlanGoal.version, PlanGoal.plan_id, PlanGoal.case_id, PlanGoal.need_id, PlanGoal.text,
        PlanGoal.horizon, PlanGoal.evidence, PlanGoal.status, PlanGoal.created_at, PlanGoal.removed_at,
    ).where(PlanGoal.plan_id == _PLAN)  # fmt: skip


_GOALS = Prepared(_goals().where(PlanGoal.removed_at.is_(None)).order_by(PlanGoal.id))
_GOAL = Prepared(_goals().where(PlanGoal.id == bindparam("goal_id")))


async def goals(tx: Transaction, plan_id: UUID) -> list[Row]:
    """What stands in the plan, in the order in which it was written."""
    return await tx.all(_GOALS, plan_id=plan_id)


async def goal(tx: Transaction, plan_id: UUID, goal_id: UUID) -> Row | None:
    """One goal, also one that was taken out."""
    return await tx.one(_GOAL, plan_id=plan_id, goal_id=goal_id)


async def goal_record(tx: Transaction, goal_id: UUID) -> PlanGoal | None:
    """The goal for a change, locked."""
    return await tx.session.get(PlanGoal, goal_id, with_for_update=True)


_COMMITTED = and_(~PlanAction.own_effort, PlanAction.other_party_name.is_(None))
_UNFINISHED = PlanAction.status == any_(
    bindparam("unfinished", value=list(UNFINISHED), type_=ARRAY(PlanAction.status.type))
)
_TODAY = func.timezone("Europe/Stockholm", NOW).cast(Date)
_ASKED_AT = (
    select(func.max(Deadline.started_at))
    .where(Deadline.subject_id == PlanAction.id, Deadline.code == DECIDE)
    .scalar_subquery()
)


def _actions() -> AnySelect:
    """A committing unit is named; for the family and for others, who have none here, it is null."""
    return (
        select(
            PlanAction.id, PlanAction.version, PlanAction.plan_id, PlanAction.case_id, PlanAction.goal_id,
            PlanAction.principal, PlanAction.responsible_id, User.name.label("responsible_name"),
            PlanAction.description, PlanAction.own_effort, PlanAction.other_party_name, PlanAction.start_on,
            PlanAction.due_on, PlanAction.status, PlanAction.result, PlanAction.commitment, PlanAction.decision,
            PlanAction.decision_reason, PlanAction.decided_at, PlanAction.created_at, PlanAction.removed_at,
            PlanAction.owner_unit_id, PlanAction.owner_authority_id,
            case((_COMMITTED, PlanAction.owner_unit_id), else_=null()).label("unit_id"),
            case((_COMMITTED, Unit.name), else_=null()).label("unit_name"),
            case((_COMMITTED, Authority.name), else_=null()).label("authority_name"),
            and_(func.coalesce(PlanAction.due_on < _TODAY, False), _UNFINISHED).label("overdue"),
            _ASKED_AT.label("asked_at"),
        )
        .join(Unit, Unit.id == PlanAction.owner_unit_id)
        .join(Authority, Authority.id == PlanAction.owner_authority_id)
        .outerjoin(User, User.id == PlanAction.responsible_id)
    )  # fmt: skip


_ACTIONS = Prepared(
    _actions().where(PlanAction.plan_id == _PLAN, PlanAction.removed_at.is_(None)).order_by(PlanAction.id)
)
_ACTION = Prepared(_actions().where(PlanAction.id == bindparam("action_id")))


async def actions(tx: Transaction, plan_id: UUID) -> list[Row]:
    """What stands in the plan, in the order in which it was written."""
    return await tx.all(_ACTIONS, plan_id=plan_id)


async def action(tx: Transaction, action_id: UUID) -> Row | None:
    """One action, also one that was taken out."""
    return await tx.one(_ACTION, action_id=action_id)


async def action_record(tx: Transaction, action_id: UUID) -> PlanAction | None:
    """The action for a change, locked."""
    return await tx.session.get(PlanAction, action_id, with_for_update=True)


def _disagreements() -> AnySelect:
    return select(
        PlanDisagreement.id, PlanDisagreement.version, PlanDisagreement.plan_id, PlanDisagreement.case_id,
        PlanDisagreement.whose, PlanDisagreement.text, PlanDisagreement.recorded_at, PlanDisagreement.settled_at,
        PlanDisagreement.settled_how,
    ).where(PlanDisagreement.plan_id == _PLAN)  # fmt: skip


_DISAGREEMENTS = Prepared(_disagreements().order_by(PlanDisagreement.id))
_DISAGREEMENT = Prepared(_disagreements().where(PlanDisagreement.id == bindparam("disagreement_id")))


async def disagreements(tx: Transaction, plan_id: UUID) -> list[Row]:
    """All of them, settled or not, in the order in which they were said."""
    return await tx.all(_DISAGREEMENTS, plan_id=plan_id)


async def disagreement(tx: Transaction, plan_id: UUID, disagreement_id: UUID) -> Row | None:
    """One disagreement."""
    return await tx.one(_DISAGREEMENT, plan_id=plan_id, disagreement_id=disagreement_id)


async def disagreement_record(tx: Transaction, disagreement_id: UUID) -> PlanDisagreement | None:
    """The disagreement for its settlement, locked."""
    return await tx.session.get(PlanDisagreement, disagreement_id, with_for_update=True)


_IN_USE = Prepared(
    select(
        or_(
            exists().where(PlanGoal.need_id == bindparam("id"), PlanGoal.removed_at.is_(None)),
            exists().where(PlanAction.goal_id == bindparam("id"), PlanAction.removed_at.is_(None)),
        ).label("used")
    )
)


async def is_in_use(tx: Transaction, record_id: UUID) -> bool:
    """Whether goals rest on this need, or actions on this goal."""
    row = await tx.one(_IN_USE, id=record_id)
    return bool(row and row["used"])


_ASSESSED = Prepared(
    select(
        exists().where(Assessment.id == bindparam("assessment_id"), Assessment.child_id == bindparam("child_id"))
        .label("there")
    )
)  # fmt: skip


async def is_assessment_of(tx: Transaction, child_id: UUID, assessment_id: UUID) -> bool:
    """Whether this is a wheel of the child that the caller may see."""
    row = await tx.one(_ASSESSED, child_id=child_id, assessment_id=assessment_id)
    return bool(row and row["there"])
