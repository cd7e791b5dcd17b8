"""Opening hours of a desk or a centre, without a database."""

from datetime import UTC, datetime

import pytest

from app.demo.directory import DESK_HOURS
from app.opening_hours import OpeningHoursUnclear, is_open, next_opening, require_clear


def period(weekday: int, opens: str, closes: str) -> dict[str, object]:
    return {"weekday": weekday, "opens": opens, "closes": closes}


def stockholm_winter(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    """A clock time in Stockholm's winter, an hour ahead of UTC."""
    return datetime(2026, month, day, hour - 1, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    "hours",
    [
        [period(1, "10:00", "10:00")],
        [period(1, "16:00", "08:00")],
        [period(1, "08:00", "12:00"), period(1, "11:59", "16:00")],
        [period(1, "13:00", "16:00"), period(1, "08:00", "13:30")],
        [period(1, "08:00", "12:00"), period(1, "08:00", "12:00")],
    ],
    ids=["no time at all", "backwards", "overlapping", "overlapping, the later first", "twice the same"],
)
def test_hours_that_do_not_fit_together_are_refused(hours):
    with pytest.raises(OpeningHoursUnclear):
        require_clear(hours)


def test_periods_may_meet_and_other_days_may_have_the_same():
    require_clear([period(1, "12:00", "16:00"), period(1, "08:00", "12:00"), period(2, "08:00", "12:00")])


@pytest.mark.parametrize(
    ("at", "opened"),
    [
        (stockholm_winter(2, 7, 59), False),
        (stockholm_winter(2, 8), True),
        (stockholm_winter(2, 16, 29), True),
        (stockholm_winter(2, 16, 30), False),
        (stockholm_winter(5, 17, 59), True),
        (stockholm_winter(7, 12), False),
        (datetime(2026, 7, 1, 6, tzinfo=UTC), True),
        (datetime(2026, 7, 1, 5, 59, tzinfo=UTC), False),
    ],
    ids=["before", "first minute", "last minute", "closing", "late Thursday", "Saturday", "summer time", "before it"],
)
def test_a_desk_is_open_as_the_clock_in_stockholm_shows(at, opened):
    assert is_open(DESK_HOURS, True, at) is opened


def test_a_desk_that_is_closed_on_holidays_is_closed_on_one():
    epiphany = stockholm_winter(6, 10, month=1)

    assert not is_open(DESK_HOURS, True, epiphany)
    assert is_open(DESK_HOURS, False, epiphany)


def test_hours_of_a_saturday_are_meant():
    assert is_open([period(6, "10:00", "14:00")], True, stockholm_winter(7, 12))


@pytest.mark.parametrize(
    ("after", "opens"),
    [
        (stockholm_winter(2, 7), stockholm_winter(2, 8)),
        (stockholm_winter(2, 8), stockholm_winter(3, 8)),
        (stockholm_winter(6, 17), stockholm_winter(9, 8)),
        (stockholm_winter(5, 17, month=1), stockholm_winter(7, 8, month=1)),
        (datetime(2026, 3, 27, 17, tzinfo=UTC), datetime(2026, 3, 30, 6, tzinfo=UTC)),
    ],
    ids=["this morning", "while it is open: tomorrow", "over the weekend", "past epiphany", "into summer time"],
)
def test_the_next_opening_is_told_in_utc(after, opens):
    found = next_opening(DESK_HOURS, True, after)

    assert found == opens
    assert found.tzinfo is UTC


def test_a_desk_without_hours_never_opens():
    assert next_opening([], True, stockholm_winter(2, 8)) is None


def test_a_desk_that_opens_once_a_week_opens_after_two_holidays():
    thursdays = [period(4, "09:00", "12:00")]

    found = next_opening(thursdays, True, datetime(2025, 12, 24, 12, tzinfo=UTC))

    assert found == datetime(2026, 1, 8, 8, tzinfo=UTC)
