"""How a plan went, goal by goal, and how it ended. ``domain.md`` 12.7, R7.10, R7.11.

A follow-up holds what the child and the family say, and answers to free questions (in the style of SIP-kollen): no
scores, nothing to add up. What is recorded is not changed any more.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.calendar import add_months
from app.kernel.db import Base, Row
from app.kernel.errors import Conflict, Problem
from app.kernel.errors import Text as Words
from app.people.models import Owned
from app.plan_actions.models import awaits_decision
from app.plan_contents.models import UNFINISHED, GoalStatus, PartOfPlan
from app.plans.models import PlanCloseReason, PlanStatus

_INSTANT = TIMESTAMP(timezone=True)


class GoalOutcome(Coded):
    """How a goal went, as a follow-up finds it (R7.11)."""

    REACHED = "reached", "Uppnått", "Reached"
    PARTLY = "partly", "Delvis uppnått", "Partly reached"
    NOT_REACHED = "not_reached", "Inte uppnått", "Not reached"
    CHANGED = "changed", "Ändrat", "Changed"


#: Goals that are still worked for: each follow-up says how they go.
PURSUED = (GoalStatus.OPEN, GoalStatus.PARTLY, GoalStatus.NOT_REACHED)
#: Why a plan ends whose consent has ended: nobody may say of it that its goals are met.
WHILE_SUSPENDED = (
    PlanCloseReason.CONSENT_WITHDRAWN,
    PlanCloseReason.DECLINED,
    PlanCloseReason.MOVED,
    PlanCloseReason.TURNED_18,
)


class GoalsNotCovered(Problem):
    """R7.11: a follow-up says of each goal how it goes."""

    status = 422
    title = Words("Alla mål är inte uppföljda", "Not every goal is followed up")
    detail = Words(
        "goals ska nämna varje mål som planen fortfarande arbetar för.",
        "goals must name every goal that the plan still works for.",
    )


class FamilyViewMissing(Problem):
    """R7.11: the family's view, or the reason that it is missing."""

    status = 422
    title = Words("Familjens syn saknas", "The family's view is missing")
    detail = Words("Ange familyView eller familyViewMissingReason.", "Give familyView or familyViewMissingReason.")


class HeldInTheFuture(Problem):
    """What is recorded has taken place."""

    status = 422
    title = Words("Uppföljningen ligger i framtiden", "The follow-up lies in the future")
    detail = Words("heldOn ska inte vara efter i dag.", "heldOn must not be after today.")


class NextFollowUpMissing(Problem):
    """R7.2: a plan that goes on has a day on which it is looked at again."""

    status = 422
    title = Words("Nästa uppföljning saknas", "The next follow-up is missing")
    detail = Words("Ange nextFollowUpOn.", "Give nextFollowUpOn.")


class NextFollowUpOutOfRange(Problem):
    """12.7: the next follow-up lies ahead, and not too far."""

    status = 422
    title = Words("Nästa uppföljning ligger fel i tiden", "The next follow-up is too early or too late")
    detail = Words(
        "nextFollowUpOn ska ligga efter i dag och inom {months} månader.",
        "nextFollowUpOn must lie after today and within {months} months.",
    )


class OpenActions(Conflict):
    """R7.10: no action is left behind without its owner's word."""

    title = Words("Det finns öppna åtgärder", "There are open actions")
    detail = Words(
        "Varje åtgärd ska vara genomförd eller avbruten; när samtycket har upphört ska varje ägare ha beslutat.",
        "Every action must be done or stopped; when consent has ended, every owner must have decided.",
    )


class CloseReasonDoesNotFit(Problem):
    """A plan whose consent has ended closes for that, or because the family is gone; another for what it came to."""

    status = 422
    title = Words("Avslutsskälet stämmer inte med läget", "The reason does not fit the plan's state")
    detail = Words(
        "En vilande plan avslutas för att samtycket är återkallat, familjen tackar nej eller har flyttat, eller barnet "
        "har fyllt 18; consent_withdrawn gäller bara en vilande plan.",
        "A suspended plan closes because consent was withdrawn, the family declines or has moved, or the child has "
        "turned 18; consent_withdrawn is for a suspended plan only.",
    )


def require_next(on: date | None, today: date, months: int) -> None:
    """Raise ``NextFollowUpMissing`` or ``NextFollowUpOutOfRange`` unless the day lies ahead and near enough."""
    if on is None:
        raise NextFollowUpMissing
    if not today < on <= add_months(today, months):
        raise NextFollowUpOutOfRange(months=months)


def require_covered(goals: Iterable[Row], followed: Collection[UUID]) -> None:
    """Raise ``GoalsNotCovered`` while a goal that is still worked for is not spoken of."""
    if any(goal["status"] in PURSUED and goal["id"] not in followed for goal in goals):
        raise GoalsNotCovered


def require_closable(status: str, reason: PlanCloseReason, actions: Sequence[Row]) -> None:
    """Raise ``CloseReasonDoesNotFit`` or ``OpenActions`` unless a plan in this state may end so (R7.10)."""
    suspended = status == PlanStatus.SUSPENDED
    if reason not in WHILE_SUSPENDED if suspended else reason == PlanCloseReason.CONSENT_WITHDRAWN:
        raise CloseReasonDoesNotFit
    unfinished = [action for action in actions if action["status"] in UNFINISHED]
    if any(not suspended or awaits_decision(action, status) for action in unfinished):
        raise OpenActions


class PlanFollowUp(PartOfPlan, Base):
    """One follow-up (uppföljning) with the child's and the family's own words."""

    __tablename__ = "plan_follow_ups"

    meeting_id: Mapped[UUID | None]
    held_on: Mapped[date]
    child_view: Mapped[str | None] = mapped_column(Text)
    child_view_missing_reason: Mapped[str | None] = mapped_column(Text)
    family_view: Mapped[str | None] = mapped_column(Text)
    family_view_missing_reason: Mapped[str | None] = mapped_column(Text)
    experiences: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    next_follow_up_on: Mapped[date | None]
    recorded_at: Mapped[datetime] = mapped_column(_INSTANT)
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))


class PlanGoalOutcome(Owned, Base):
    """How one goal went, at one follow-up."""

    __tablename__ = "plan_goal_outcomes"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    follow_up_id: Mapped[UUID] = mapped_column(ForeignKey("plan_follow_ups.id"))
    goal_id: Mapped[UUID] = mapped_column(ForeignKey("plan_goals.id"))
    outcome: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)


class PlanClosure(PartOfPlan, Base):
    """How a plan ended (R7.10)."""

    __tablename__ = "plan_closures"

    close_reason: Mapped[str] = mapped_column(Text)
    outcome_summary: Mapped[str] = mapped_column(Text)
    child_view: Mapped[str | None] = mapped_column(Text)
    child_view_missing_reason: Mapped[str | None] = mapped_column(Text)
    closed_at: Mapped[datetime] = mapped_column(_INSTANT)
    closed_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
