"""What goes out about the history of a plan."""

from pydantic import Field

from app.kernel.shapes import Id, Out, Page, UtcInstant


class PlanStep(Out):
    """One step: what was done, where the plan stood after it, by whom and why."""

    id: Id
    deed: str = Field(json_schema_extra={"example": "prepare"})
    status: str = Field(json_schema_extra={"example": "preparing"})
    reason: str | None
    taken_at: UtcInstant
    taken_by: Id
    taken_by_name: str | None
    approved_by: Id | None = Field(description="The manager who answers for a refusal (R7.1).")
    approved_by_name: str | None


class PlanStepPage(Page[PlanStep]):
    """The steps of a plan, first to last."""
