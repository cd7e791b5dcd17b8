"""What comes in and goes out about needs, goals and disagreements."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.kernel.shapes import Id, In, Line, Page, Prose, Record, UtcInstant
from app.plan_contents.models import DisagreementSide, GoalHorizon, GoalStatus
from app.wheel_templates.models import WheelDimension

Dimensions = Annotated[list[WheelDimension], Field(max_length=9, description="Which dimensions of the wheel it is in.")]


class NeedCreate(In):
    """A need, in plain words."""

    wheel_dimensions: Dimensions = []
    assessment_id: UUID | None = Field(default=None, description="The wheel in which it was seen.")
    description: Prose
    child_view: Prose | None = None
    guardian_view: Prose | None = None


class NeedPatch(In):
    """Put a need in other words."""

    wheel_dimensions: Dimensions = []
    assessment_id: UUID | None = None
    description: Prose = ""
    child_view: Prose | None = None
    guardian_view: Prose | None = None


class Need(Record):
    """A need (behov) in a plan."""

    plan_id: Id
    wheel_dimensions: list[WheelDimension]
    assessment_id: Id | None
    description: str
    child_view: str | None
    guardian_view: str | None
    created_at: UtcInstant
    removed_at: UtcInstant | None = Field(description="When it was taken out of the plan.")


class NeedPage(Page[Need]):
    """The needs that stand in a plan."""


class GoalCreate(In):
    """A goal for one of the plan's needs, and what will show that it is reached."""

    need_id: UUID
    text: Prose
    horizon: GoalHorizon
    evidence: Prose | None = None


class GoalPatch(In):
    """Put a goal in other words. How it went is recorded by follow-ups only."""

    need_id: UUID = None  # type: ignore[assignment]
    text: Prose = ""
    horizon: GoalHorizon = GoalHorizon.SHORT
    evidence: Prose | None = None


class Goal(Record):
    """A goal (mål) in a plan."""

    plan_id: Id
    need_id: Id
    text: str
    horizon: GoalHorizon
    evidence: str | None
    status: GoalStatus
    created_at: UtcInstant
    removed_at: UtcInstant | None = Field(description="When it was taken out of the plan.")


class GoalPage(Page[Goal]):
    """The goals that stand in a plan."""


class Removal(In):
    """Why something is taken out of the plan. It stays, and so does the reason (R3.8)."""

    reason: Line


class DisagreementCreate(In):
    """What somebody does not agree with."""

    whose: DisagreementSide | None = Field(
        default=None, description="Whose it is; the professional's own, when absent. The family speaks for itself."
    )
    text: Prose


class Settlement(In):
    """How a disagreement was settled."""

    how: Prose


class Disagreement(Record):
    """A disagreement (oenighet); it stays when it is settled."""

    plan_id: Id
    whose: DisagreementSide
    text: str
    recorded_at: UtcInstant
    settled_at: UtcInstant | None
    settled_how: str | None


class DisagreementPage(Page[Disagreement]):
    """What the parties do not, or did not, agree on."""
