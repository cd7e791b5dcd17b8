from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.clock import STOCKHOLM, FixedClock, SystemClock, start_of_day, stockholm_date

DATES = st.dates(min_value=date(1980, 1, 1), max_value=date(2100, 12, 31))


def test_the_system_clock_tells_aware_utc_between_two_readings_of_the_machine() -> None:
    before = datetime.now(UTC)
    now = SystemClock().now()
    assert before <= now <= datetime.now(UTC)
    assert now.utcoffset() == timedelta(0)


def test_a_fixed_clock_stands_still_and_keeps_microseconds() -> None:
    at = datetime(2026, 3, 12, 10, 0, 0, 123456, tzinfo=UTC)
    clock = FixedClock(at)
    assert clock.now() == clock.now() == at


def test_a_fixed_clock_answers_in_utc_whatever_zone_it_was_set_in() -> None:
    clock = FixedClock(datetime(2026, 7, 1, 12, tzinfo=STOCKHOLM))
    assert clock.now().isoformat() == "2026-07-01T10:00:00+00:00"


def test_a_fixed_clock_is_set_and_advanced() -> None:
    clock = FixedClock(datetime(2026, 3, 12, tzinfo=UTC))
    clock.set(datetime(2026, 3, 28, 23, tzinfo=UTC))
    clock.advance(timedelta(hours=24))
    assert clock.now() == datetime(2026, 3, 29, 23, tzinfo=UTC)
    assert clock.today() == date(2026, 3, 30)


@pytest.mark.parametrize("read", [FixedClock, stockholm_date])
def test_a_naive_instant_is_refused(read: Callable[[datetime], object]) -> None:
    with pytest.raises(ValueError, match="time zone"):
        read(datetime(2026, 3, 12))


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2026-01-14T22:59:59.999999+00:00", date(2026, 1, 14)),
        ("2026-01-14T23:00:00+00:00", date(2026, 1, 15)),
        ("2026-07-14T21:59:59.999999+00:00", date(2026, 7, 14)),
        ("2026-07-14T22:00:00+00:00", date(2026, 7, 15)),
    ],
)
def test_the_date_changes_at_midnight_in_stockholm_winter_and_summer(instant: str, expected: date) -> None:
    assert stockholm_date(datetime.fromisoformat(instant)) == expected
    assert FixedClock(datetime.fromisoformat(instant)).today() == expected


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 3, 28), 24)])
def test_a_day_has_23_or_25_hours_when_daylight_saving_begins_or_ends(day: date, hours: int) -> None:
    assert start_of_day(day + timedelta(days=1)) - start_of_day(day) == timedelta(hours=hours)


@given(DATES)
def test_a_day_starts_at_its_own_first_instant(day: date) -> None:
    start = start_of_day(day)
    assert start.tzinfo is UTC
    assert stockholm_date(start) == day
    assert stockholm_date(start - timedelta(microseconds=1)) == day - timedelta(days=1)


@given(st.datetimes(datetime(1980, 1, 2), datetime(2100, 1, 1)), st.integers(-12, 14))
def test_the_date_does_not_depend_on_the_zone_the_instant_is_written_in(at: datetime, offset: int) -> None:
    instant = at.replace(tzinfo=UTC)
    assert stockholm_date(instant.astimezone(timezone(timedelta(hours=offset)))) == stockholm_date(instant)
