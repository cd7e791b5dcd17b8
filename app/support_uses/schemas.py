"""What comes in and goes out about the use of support."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from app.kernel.paging import PageQuery
from app.kernel.shapes import Day, Id, In, Line, Linked, Name, Out, Page, Record
from app.support_offers.schemas import Age
from app.support_uses.models import SupportUseStatus

SpokenCode = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9 -]{8,20}$"), Field(description="As told.", examples=["7KQM-4XPD"])
]
PastDay = Annotated[Day | None, Field(description="Today, when absent; not in the future.")]


class SupportUseCreate(In):
    """Somebody uses an offer. What may be said of them is what the offer records (`identityRecording`)."""

    on_date: PastDay = None
    people: Annotated[int, Field(ge=1, le=500)] | None = Field(
        default=None, description="How many came, one when absent: of an offer that records nobody."
    )
    age_years: Age | None = Field(
        default=None,
        description="The age that the offer's limits count (`ageOf`). Needed where there are limits and somebody is "
        "recorded, unless the child's birth date is known.",
    )
    child_id: UUID | None = Field(default=None, description="A child of the caller's unit: of a `full` recording.")
    first_name: Name | None = Field(default=None, description="Of a `full` recording, instead of a child.")


class RecordedUse(Linked):
    """What was recorded: a number (R14.4), or a use of its own with, once, the code that its person says next time."""

    counted: bool = Field(description="Always true: the day's number has grown.")
    on_date: Day
    use_id: Id | None = Field(description="Null where nobody is recorded.")
    code: str | None = Field(
        description="To be told to whoever came; it is shown this once.", json_schema_extra={"example": "7KQM-4XPD"}
    )


class SupportUse(Record):
    """A use of support (nyttjande), read by the provider's unit alone."""

    offer_id: Id
    status: SupportUseStatus
    has_code: bool = Field(description="Whether whoever comes is known by a code only.")
    child_id: Id | None
    first_name: str | None
    parties: int = Field(description="2: both parents are parties (R14.5).", json_schema_extra={"example": 1})
    age_years: int | None
    sessions_used: int
    sessions_allowed: int | None = Field(description="Null: the offer has no limit.")
    session_dates: list[Day]
    extension_reason: str | None
    started_on: Day
    ended_on: Day | None


class SupportUsePage(Page[SupportUse]):
    """Uses of an offer."""


class SupportUseQuery(PageQuery):
    """Filters of uses."""

    status: list[SupportUseStatus] = []
    child_id: list[UUID] = Field(default=[], description="Uses by these children of the unit's own.")


class UseSessionCreate(In):
    """One talk was held."""

    on_date: PastDay = None


class UseExtension(In):
    """The manager grants more talks (R14.2)."""

    sessions: int = Field(ge=1, le=50, description="How many more.")
    reason: Line


class UseEnding(In):
    """Whoever came comes no more."""

    on_date: PastDay = None


class SupportUseLookup(In):
    """The code that somebody was given the first time."""

    code: SpokenCode


class UseCountQuery(PageQuery):
    """Which days are counted."""

    from_: Day | None = Field(default=None, alias="from", description="The first day; a year before `to` when absent.")
    to: Day | None = Field(default=None, description="The last day; today when absent.")


class UseCount(Out):
    """How many in a period: a day for the provider's own unit, a whole month that is over for others."""

    from_date: Day
    to_date: Day
    people: int = Field(json_schema_extra={"example": 12})


class UseCountPage(Page[UseCount]):
    """How many used an offer. Others than the provider see months, and none with fewer than the smallest count."""
