"""What comes in and goes out about advice, proposed actions and reviews."""

from uuid import UUID

from pydantic import Field

from app.kernel.shapes import Day, Id, In, Linked, Page, Record, UtcInstant
from app.npf_advice.models import MatterActionStatus
from app.npf_matters.schemas import SHIELDED, Short


class MatterAdviceCreate(In):
    """Advice of the team. What is decided, each principal decides (R13.5)."""

    text: Short
    given_on: Day | None = Field(default=None, description="Today, when absent.")


class MatterActionCreate(In):
    """What the team proposes that a principal does."""

    unit_id: UUID = Field(description="The principal: a unit that can read the matter. It alone decides (R13.5).")
    text: Short
    due_on: Day | None = None


class MatterActionPatch(In):
    """What the principal has decided; absent fields stay, null removes."""

    status: MatterActionStatus = MatterActionStatus.PROPOSED
    due_on: Day | None = None
    note: Short | None = None


class MatterReviewCreate(In):
    """How it went."""

    text: Short
    reviewed_on: Day | None = Field(default=None, description="Today, when absent.")
    next_review_on: Day | None = Field(default=None, description="When the team looks at it again, if it does.")


class MatterAdvice(Linked):
    """Advice that was given (R13.5)."""

    id: Id
    text: str
    given_on: Day
    given_by_name: str | None = Field(description=SHIELDED)
    unit_id: Id | None = Field(description=SHIELDED)
    unit_name: str | None = Field(description=SHIELDED)
    recorded_at: UtcInstant


class MatterAdvicePage(Page[MatterAdvice]):
    """The advice in a matter, newest first."""


class MatterAction(Record):
    """What is proposed to a principal, and what it decides (R13.5)."""

    text: str
    unit_id: Id | None = Field(description=SHIELDED)
    unit_name: str | None = Field(description=SHIELDED)
    due_on: Day | None
    status: MatterActionStatus
    note: str | None
    proposed_at: UtcInstant
    decided_at: UtcInstant | None
    decided_by_name: str | None = Field(description=SHIELDED)


class MatterActionPage(Page[MatterAction]):
    """What is proposed in a matter, newest first."""


class MatterReview(Linked):
    """How it went, looked at together."""

    id: Id
    text: str
    reviewed_on: Day
    next_review_on: Day | None
    reviewed_by_name: str | None = Field(description=SHIELDED)
    unit_id: Id | None = Field(description=SHIELDED)
    unit_name: str | None = Field(description=SHIELDED)
    recorded_at: UtcInstant


class MatterReviewPage(Page[MatterReview]):
    """The reviews of a matter, newest first."""
