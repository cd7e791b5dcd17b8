"""Visits as counts (R12.6), and which counts those outside the unit are told (R19.1). ``domain.md`` 7 and 12.12.

Visiting is voluntary and mostly unregistered: a count has a day, a kind and two numbers. Nobody is named anywhere.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, SmallInteger, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.centre_kinds.models import is_part
from app.codes import Coded
from app.kernel.audit import Subject
from app.kernel.calendar import add_months
from app.kernel.db import Base
from app.kernel.errors import Conflict, Problem
from app.kernel.errors import Text as Words


class CentreVisitKind(Coded):
    """What people came for."""

    OPEN_PRESCHOOL = "open_preschool", "Öppen förskola", "Open preschool"
    GROUP = "group", "Grupp", "Group"
    DROP_IN = "drop_in", "Öppet hus", "Drop-in"
    OTHER = "other", "Annat", "Other"


class CountPeriod(Coded):
    """What counts are summed by."""

    WEEK = "week", "Vecka", "Week"
    MONTH = "month", "Månad", "Month"
    YEAR = "year", "År", "Year"

    def first(self, day: date) -> date:
        """The first day of the period that a day lies in; weeks begin on Mondays (ISO 8601)."""
        if self is CountPeriod.WEEK:
            return day - timedelta(days=day.weekday())
        return day.replace(day=1) if self is CountPeriod.MONTH else day.replace(month=1, day=1)

    def last(self, first: date) -> date:
        """The last day of the period that begins on ``first``."""
        if self is CountPeriod.WEEK:
            return first + timedelta(days=6)
        return add_months(first, 1 if self is CountPeriod.MONTH else 12) - timedelta(days=1)


class VisitsAlreadyCounted(Conflict):
    """One count for each day, part and kind."""

    constraint = "uq_centre_visits_count"
    title = Words("Besöken är redan räknade", "The visits are counted already")
    detail = Words(
        "Rätta det antal som finns för dagen, delen och sorten.",
        "Correct the count that there is for the day, the part and the kind.",
    )


class NotOpenThatDay(Problem):
    """What is counted has been: the centre was open, and the part was one of its parts."""

    status = 422
    title = Words("Inget att räkna den dagen", "Nothing to count on that day")
    detail = Words(
        "Dagen har inte kommit, eller så var centralen inte öppnad eller delen inte med då.",
        "The day has not come, or the centre was not open, or the part no part of it, then.",
    )


class OnlyWholeCentres(Problem):
    """R19.1: fixed cubes, so that no two answers can be subtracted from each other."""

    status = 422
    title = Words("Bara månader och år för hela centralen", "Only months and years of the whole centre")
    detail = Words(
        "Den som inte arbetar där får antal för hela familjecentralen, per månad eller år, utan andra urval.",
        "Whoever does not work there is told counts of the whole centre, by month or year, without other filters.",
    )


class CentreVisit(Base):
    """How many came, on a day, to a part, for something."""

    __tablename__ = "centre_visits"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("family_centres.id"))
    part_id: Mapped[UUID | None] = mapped_column(ForeignKey("centre_parts.id"))
    on_date: Mapped[date]
    kind: Mapped[str] = mapped_column(Text)
    children: Mapped[int] = mapped_column(SmallInteger)
    adults: Mapped[int] = mapped_column(SmallInteger)
    recorded_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (Index(None, "centre_id", "on_date", "id"), Index(None, "part_id"))

    @property
    def subject(self) -> Subject:
        """What the log says an entry is about."""
        return Subject("centre_visit", self.id)


def require_open(centre: Mapping[str, Any], part: Mapping[str, Any] | None, day: date, today: date) -> None:
    """Raise ``NotOpenThatDay`` unless the day has come, the centre was open then, and the part was one of its."""
    opened, closed = centre["opened_on"], centre["closed_on"]
    was_open = opened is not None and opened <= day <= today and (closed is None or day < closed)
    if not was_open or (part is not None and not is_part(part, day)):
        raise NotOpenThatDay


def told(months: Mapping[date, int], smallest: int) -> set[date]:
    """The months of one year whose counts may be told beside the year's (R19.1).

    A count below the smallest is not told; nor are so many of the next smallest that neither one month, nor fewer
    visitors than the smallest count, remain when everything that is told is subtracted from the year.
    """
    rising = sorted(months, key=lambda month: (months[month], month))
    hidden = [month for month in rising if months[month] < smallest]
    for month in rising[len(hidden) :]:
        if not hidden or (len(hidden) > 1 and sum(months[month] for month in hidden) >= smallest):
            break
        hidden.append(month)
    return months.keys() - hidden
