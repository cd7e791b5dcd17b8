"""Opening hours (öppettider) of a desk or a centre: whether it is open now, and when next, as Stockholm's clocks show.

They are kept as a list of ``{weekday, opens, closes}``: 1 is Monday, times are hours and minutes.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from app.kernel.calendar import is_working_day
from app.kernel.clock import STOCKHOLM, stockholm_date
from app.kernel.errors import Problem, Text
from app.kernel.shapes import In

_FRIDAY = 5
#: How far ahead the next opening is looked for: long enough for what opens once a week, over two holidays.
_LOOK_AHEAD_DAYS = 35

Hours = Sequence[Mapping[str, Any]]

ClockTime = Annotated[
    str,
    StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$"),
    Field(description="Hours and minutes in Europe/Stockholm.", examples=["08:00"]),
]


class OpeningPeriod(In):
    """One period of a weekday; a lunch break makes two of one day."""

    weekday: int = Field(ge=1, le=7, description="1 is Monday, 7 is Sunday (ISO 8601).")
    opens: ClockTime
    closes: ClockTime = Field(examples=["16:30"])


OpeningHours = Annotated[list[OpeningPeriod], Field(max_length=28)]


class OpeningHoursUnclear(Problem):
    """Within a day, times follow upon each other."""

    status = 422
    title = Text("Öppettiderna går inte ihop", "The opening hours do not fit together")
    detail = Text(
        "Varje tid ska sluta efter att den börjar, och tider på samma veckodag får inte gå in i varandra.",
        "Each period must end after it begins, and periods of one weekday must not overlap.",
    )


def require_clear(hours: Hours) -> None:
    """Raise ``OpeningHoursUnclear`` when a period ends before it begins, or two of one weekday overlap."""
    periods = sorted((period["weekday"], period["opens"], period["closes"]) for period in hours)
    backwards = any(closes <= opens for _, opens, closes in periods)
    overlapping = any(
        day == next_day and closes > opens for (day, _, closes), (next_day, opens, _) in pairwise(periods)
    )
    if backwards or overlapping:
        raise OpeningHoursUnclear


def is_open(hours: Hours, closed_on_holidays: bool, at: datetime) -> bool:
    """Whether it is open at an instant, as the clock and the calendar in Stockholm show."""
    return any(opens <= at < closes for opens, closes in _periods(hours, closed_on_holidays, stockholm_date(at)))


def next_opening(hours: Hours, closed_on_holidays: bool, after: datetime) -> datetime | None:
    """The first instant after this one at which it opens; none when it has no hours in the weeks to come."""
    today = stockholm_date(after)
    for ahead in range(_LOOK_AHEAD_DAYS):
        for opens, _ in _periods(hours, closed_on_holidays, today + timedelta(days=ahead)):
            if opens > after:
                return opens
    return None


def _periods(hours: Hours, closed_on_holidays: bool, day: date) -> Iterator[tuple[datetime, datetime]]:
    weekday = day.isoweekday()
    # Whoever states hours of a Saturday or Sunday means them: only free weekdays close it.
    if closed_on_holidays and weekday <= _FRIDAY and not is_working_day(day):
        return
    for period in sorted(hours, key=lambda period: str(period["opens"])):
        if period["weekday"] == weekday:
            yield _instant(day, period["opens"]), _instant(day, period["closes"])


def _instant(day: date, clock_time: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock_time), STOCKHOLM).astimezone(UTC)
