"""What comes in and goes out about reviews of places."""

from pydantic import Field

from app.kernel.shapes import Day, Id, In, Linked, Page, Prose, UtcInstant
from app.place_reviews.models import ReviewOutcome


class PlaceReviewCreate(In):
    """A review that has taken place."""

    reviewed_on: Day | None = Field(default=None, description="Today, when absent.")
    note: Prose
    outcome: ReviewOutcome = Field(
        default=ReviewOutcome.CONTINUES, description="`ends` ends nothing by itself: that is a decision of its own."
    )


class PlaceReview(Linked):
    """A review (terminsgenomgång) of a place; what it says is not changed any more."""

    id: Id
    place_id: Id
    reviewed_on: Day
    note: str
    outcome: ReviewOutcome
    next_review_on: Day = Field(description="The end of the term whose review comes next, as the program set it.")
    reviewed_at: UtcInstant
    reviewed_by_name: str | None


class PlaceReviewPage(Page[PlaceReview]):
    """The reviews of a place."""
