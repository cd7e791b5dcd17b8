"""What comes in and goes out about visits: numbers, and no text at all (R12.6)."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from app.centre_visits.models import CentreVisitKind, CountPeriod
from app.kernel.paging import PageQuery
from app.kernel.shapes import Day, Id, In, Out, Page, Record, UtcInstant

Count = Annotated[int, Field(ge=0, le=10_000)]


class CentreVisitCreate(In):
    """How many came on a day: numbers only (R12.6)."""

    on_date: Day | None = Field(default=None, description="Today, when absent.")
    part_id: UUID | None = Field(default=None, description="The part that they came to; the whole centre, when absent.")
    kind: CentreVisitKind
    children: Count
    adults: Count


class CentreVisitPatch(In):
    """A correction; absent fields stay."""

    children: Count = 0
    adults: Count = 0


class CentreVisit(Record):
    """How many came on a day."""

    centre_id: Id
    part_id: Id | None
    part_name: str | None
    on_date: Day
    kind: CentreVisitKind
    children: int
    adults: int
    recorded_at: UtcInstant
    recorded_by: Id


class CentreVisitPage(Page[CentreVisit]):
    """Counted days, newest first."""


class CentreVisitQuery(PageQuery):
    """Filters of counted days."""

    from_: Day | None = Field(default=None, alias="from", description="From this day.")
    to: Day | None = Field(default=None, description="To this day, it included.")
    part_id: list[UUID] = []
    kind: list[CentreVisitKind] = []

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_ is not None and self.to is not None and self.to < self.from_:
            raise ValueError("to comes before from")
        return self


class CentreVisitCountQuery(CentreVisitQuery):
    """Which sums are asked for: whole periods that the days touch."""

    by: CountPeriod = CountPeriod.MONTH


class CentreVisitCount(Out):
    """How many came in a week, a month or a year."""

    from_on: Day
    to_on: Day
    days: int = Field(description="Days on which visits were counted.")
    children: int | None = Field(description="Null: too few to be told outside the unit, or to guard such a count.")
    adults: int | None


class CentreVisitCountPage(Page[CentreVisitCount]):
    """Sums by period, newest first."""
