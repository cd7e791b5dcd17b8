"""What comes in and goes out about follow-ups of places, and about results pooled over groups."""

from uuid import UUID

from pydantic import Field

from app.contact_groups.schemas import Term
from app.group_follow_ups.models import FollowUpOccasion
from app.group_places.models import PlaceRespondent
from app.kernel.paging import PageQuery
from app.kernel.shapes import Day, Id, In, Line, Linked, MunicipalityCode, Out, Page, Prose, Record, UtcInstant

_STEP = "A step of five, where somebody names one; what 1 and 5 stand for is said in the question. No instrument."


class PlaceFollowUpCreate(In):
    """What one of the three said, or why nobody asked (R11.7)."""

    respondent: PlaceRespondent | None = Field(
        default=None, description="Needed from the unit; follows from the sign-in of a family member or a leader."
    )
    occasion: FollowUpOccasion
    asked_on: Day | None = Field(default=None, description="Today, when absent.")
    scale: int | None = Field(default=None, ge=1, le=5, description=_STEP)
    text: Prose | None = None
    not_interviewed_reason: Line | None = Field(default=None, description="Instead of an answer.")
    shared_with_guardians: bool = Field(
        default=False, description="The child agrees that its guardians read what it said."
    )


class PlaceFollowUp(Record):
    """A follow-up (uppföljning) of a place; what it says is not changed any more."""

    place_id: Id
    group_id: Id
    given_name: str | None
    respondent: PlaceRespondent
    occasion: FollowUpOccasion
    asked_on: Day
    scale: int | None = Field(description=_STEP)
    text: str | None
    not_interviewed_reason: str | None
    shared_with_guardians: bool = Field(description="Whether guardians read what the child said.")
    recorded_at: UtcInstant
    recorded_by_name: str | None


class PlaceFollowUpPage(Page[PlaceFollowUp]):
    """Follow-ups that are the caller's to read: a leader reads leaders', guardians not what a child keeps to itself."""


class PlaceFollowUpQuery(PageQuery):
    """Filters of the follow-ups of a group's places."""

    respondent: list[PlaceRespondent] = []
    occasion: list[FollowUpOccasion] = []
    place_id: list[UUID] = []


class ContactGroupResultQuery(PageQuery):
    """Which results are shown. They are never pooled otherwise: two that overlap would tell what each leaves out."""

    municipality_code: list[MunicipalityCode] = []
    term: list[Term] = []


class StepAnswers(Out):
    """How many children's respondents named a step."""

    scale: int
    children: int


class RespondentResult(Out):
    """What one kind of respondent said, counted in children; null where it is too few to tell (R11.9)."""

    respondent: PlaceRespondent
    answered: int | None
    not_interviewed: int | None
    steps: list[StepAnswers] | None = Field(
        description="Null unless every step that was named may be told.",
        json_schema_extra={"example": [{"scale": 4, "children": 7}, {"scale": 5, "children": 9}]},
    )
    suppressed: bool = Field(description="Something is too few to tell.")


class ContactGroupResult(Linked):
    """Results pooled over the groups of a municipality in a term: never of one group, never of a few children (R11.9).

    A number is shown when it stands for at least ``smallestCount`` children of at least two groups.
    """

    municipality_code: str = Field(json_schema_extra={"example": "0428"})
    term: str = Field(json_schema_extra={"example": "HT2026"})
    smallest_count: int
    groups: int = Field(description="How many groups there were, whether or not anything can be told of them.")
    present_percent: int | None = Field(description="Of all marks at sessions, how many say that the child was there.")
    respondents: list[RespondentResult]
    suppressed: bool = Field(description="Something is too few to tell.")


class ContactGroupResultPage(Page[ContactGroupResult]):
    """Results, one for each municipality and term, newest term first."""
