"""What comes in and goes out about the chronology."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from app.chronology.models import CaseCategory, EventType, Impact
from app.kernel.paging import PageQuery, SortOrder
from app.kernel.shapes import Day, Id, In, Line, Page, Record, UtcInstant

ShortProse = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class ChronologyEventCreate(In):
    """A significant event, good or bad. Not a case-note: at most 1,000 characters."""

    occurred_on: Day
    ended_on: Day | None = None
    event_type: EventType
    text: ShortProse
    impact: Impact = Impact.NEUTRAL
    decision: ShortProse | None = None
    outcome: ShortProse | None = None
    significant: bool = False
    category: CaseCategory | None = Field(default=None, description="The unit's own sector, when absent.")

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.ended_on is not None and self.ended_on < self.occurred_on:
            raise ValueError("endedOn comes before occurredOn")
        return self


class ChronologyEventPatch(In):
    """A correction: what it was is kept, with who, when and why (R3.8)."""

    occurred_on: Day = None  # type: ignore[assignment]
    ended_on: Day | None = None
    event_type: EventType = EventType.OTHER
    text: ShortProse = ""
    impact: Impact = Impact.NEUTRAL
    decision: ShortProse | None = None
    outcome: ShortProse | None = None
    significant: bool = False
    correction_reason: Line


class ChronologyEvent(Record):
    """An event of the chronology, with the authority that owns it."""

    case_id: Id
    category: CaseCategory
    occurred_on: Day
    ended_on: Day | None
    event_type: EventType
    text: str
    impact: Impact
    decision: str | None
    outcome: str | None
    significant: bool
    owner_unit_id: Id
    owner_unit_name: str | None = Field(description="Null where it would tell the place of a protected child.")
    recorded_at: UtcInstant
    corrected: bool


class ChronologyPage(Page[ChronologyEvent]):
    """The union of the events that the caller may see."""


class ChronologyQuery(PageQuery):
    """The chronology is read from its beginning."""

    sort_order: SortOrder = SortOrder.ASC
