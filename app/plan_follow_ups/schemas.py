"""What comes in and goes out about follow-ups, and about how a plan ends."""

from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from app.kernel.shapes import Day, Id, In, Line, Linked, Out, Page, Prose, UtcInstant
from app.plan_follow_ups.models import GoalOutcome
from app.plans.models import PlanCloseReason


class GoalFollowUpIn(In):
    """How one goal goes."""

    goal_id: UUID
    outcome: GoalOutcome
    note: Prose | None = None


class ExperienceIn(In):
    """A free question and its answer (in the style of SIP-kollen): words, no scores."""

    question: Line = Field(examples=["Fick du säga det du ville säga?"])
    answer: Prose


class FollowUpCreate(In):
    """A follow-up that has taken place: every goal that is worked for, the child's and the family's view (R7.11)."""

    held_on: Day
    meeting_id: UUID | None = Field(default=None, description="The meeting at which it was done, in the same case.")
    goals: list[GoalFollowUpIn] = Field(default=[], max_length=100)
    child_view: Prose | None = None
    child_view_missing_reason: Line | None = None
    family_view: Prose | None = None
    family_view_missing_reason: Line | None = None
    experiences: list[ExperienceIn] = Field(default=[], max_length=20)
    next_follow_up_on: Day | None = Field(default=None, description="Required unless the plan is being closed.")

    @model_validator(mode="after")
    def _each_goal_once(self) -> Self:
        if len({goal.goal_id for goal in self.goals}) < len(self.goals):
            raise ValueError("each goal is named once")
        return self


class GoalFollowUp(Out):
    """How one goal went."""

    goal_id: Id
    outcome: GoalOutcome
    note: str | None


class Experience(Out):
    """A free question and its answer."""

    question: str
    answer: str


class FollowUp(Linked):
    """One follow-up of a plan. What was recorded stays as it is."""

    id: Id
    plan_id: Id
    meeting_id: Id | None
    held_on: Day
    goals: list[GoalFollowUp]
    child_view: str | None
    child_view_missing_reason: str | None
    family_view: str | None
    family_view_missing_reason: str | None
    experiences: list[Experience]
    next_follow_up_on: Day | None
    recorded_at: UtcInstant
    recorded_by: Id
    recorded_by_name: str | None


class FollowUpPage(Page[FollowUp]):
    """The follow-ups of a plan, newest first."""


class Closing(In):
    """Why the plan is about to end."""

    reason: Prose


class ClosingResumption(In):
    """Why the plan goes on after all."""

    reason: Line | None = None


class PlanClosureCreate(In):
    """How the plan ends (R7.10)."""

    close_reason: PlanCloseReason
    outcome_summary: Prose
    child_view: Prose | None = None
    child_view_missing_reason: Line | None = None


class PlanClosure(Linked):
    """How a plan ended."""

    id: Id
    plan_id: Id
    close_reason: PlanCloseReason
    outcome_summary: str
    child_view: str | None
    child_view_missing_reason: str | None
    closed_at: UtcInstant
    closed_by: Id
    closed_by_name: str | None
