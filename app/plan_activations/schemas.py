"""What comes in when a plan takes effect, and when a new version of it does."""

from pydantic import Field

from app.kernel.shapes import Day, In, Line


class PlanActivation(In):
    """The plan takes effect."""

    next_follow_up_on: Day | None = Field(default=None, description="The plan's own, when absent.")


class PlanPublication(In):
    """What has changed in the plan is agreed: why there is a new version."""

    reason: Line
