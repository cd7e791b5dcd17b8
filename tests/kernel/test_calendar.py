from calendar import isleap, monthrange
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.calendar import (
    FEBRUARY_28,
    MARCH_1,
    add_days,
    add_months,
    add_working_days,
    age_on,
    birthday,
    end_of_day,
    is_working_day,
)
from app.kernel.clock import stockholm_date

DATES = st.dates(min_value=date(1980, 1, 1), max_value=date(2100, 12, 31))
LEAP_DAYS = st.sampled_from([FEBRUARY_28, MARCH_1])


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        (date(2026, 10, 31), 4, date(2027, 2, 28)),
        (date(2027, 10, 31), 4, date(2028, 2, 29)),
        (date(2026, 3, 31), 1, date(2026, 4, 30)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 1, 15), 12, date(2027, 1, 15)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
    ],
)
def test_months_end_on_the_same_day_or_on_the_last_of_a_short_month(start: date, months: int, expected: date) -> None:
    assert add_months(start, months) == expected


@given(DATES, st.integers(-120, 120))
def test_adding_months_never_leaves_the_target_month(start: date, months: int) -> None:
    end = add_months(start, months)
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day == min(start.day, monthrange(end.year, end.month)[1])


def test_fourteen_calendar_days_from_a_saturday_count_weekends_and_holidays() -> None:
    arrived_at_23_50 = datetime(2026, 12, 12, 22, 50, tzinfo=UTC)
    assert add_days(stockholm_date(arrived_at_23_50), 14) == date(2026, 12, 26)


def test_the_days_off_of_2026_that_are_not_weekends() -> None:
    weekdays = (date(2026, 1, 1) + timedelta(days=n) for n in range(365))
    assert [day for day in weekdays if day.weekday() < 5 and not is_working_day(day)] == [
        date(2026, 1, 1),
        date(2026, 1, 6),
        date(2026, 4, 3),
        date(2026, 4, 6),
        date(2026, 5, 1),
        date(2026, 5, 14),
        date(2026, 6, 19),
        date(2026, 12, 24),
        date(2026, 12, 25),
        date(2026, 12, 31),
    ]


@pytest.mark.parametrize("day", [date(2025, 6, 6), date(2027, 6, 25), date(2025, 12, 26), date(2024, 3, 29)])
def test_other_years_days_off(day: date) -> None:
    assert day.weekday() < 5
    assert not is_working_day(day)


@pytest.mark.parametrize("day", [date(2026, 5, 25), date(2026, 6, 18), date(2026, 4, 2), date(2026, 4, 30)])
def test_whit_monday_and_ordinary_eves_are_working_days(day: date) -> None:
    assert is_working_day(day)


@given(st.integers(1980, 2100))
def test_midsummer_eve_is_the_one_friday_off_between_19_and_25_june(year: int) -> None:
    weekdays = [date(year, 6, day) for day in range(19, 26) if date(year, 6, day).weekday() < 5]
    assert [day.weekday() for day in weekdays if not is_working_day(day)] == [4]


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        (date(2026, 3, 12), 2, date(2026, 3, 16)),
        (date(2026, 3, 14), 1, date(2026, 3, 16)),
        (date(2026, 4, 2), 1, date(2026, 4, 7)),
        (date(2026, 12, 23), 1, date(2026, 12, 28)),
        (date(2026, 12, 30), 1, date(2027, 1, 4)),
        (date(2026, 4, 3), 0, date(2026, 4, 3)),
    ],
)
def test_working_days_skip_weekends_easter_and_christmas(start: date, days: int, expected: date) -> None:
    assert add_working_days(start, days) == expected


@given(DATES, st.integers(1, 30))
def test_exactly_that_many_working_days_pass(start: date, days: int) -> None:
    end = add_working_days(start, days)
    passed = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert sum(map(is_working_day, passed)) == days
    assert is_working_day(end)


def test_working_days_are_not_counted_backwards() -> None:
    with pytest.raises(ValueError, match="forwards"):
        add_working_days(date(2026, 3, 12), -1)


@pytest.mark.parametrize(
    ("due", "ends"),
    [
        (date(2026, 2, 28), "2026-02-28T23:00:00+00:00"),
        (date(2026, 3, 29), "2026-03-29T22:00:00+00:00"),
        (date(2026, 10, 25), "2026-10-25T23:00:00+00:00"),
    ],
)
def test_a_deadline_lasts_until_the_next_stockholm_midnight_over_daylight_saving(due: date, ends: str) -> None:
    assert end_of_day(due) == datetime.fromisoformat(ends)
    assert stockholm_date(end_of_day(due) - timedelta(microseconds=1)) == due


def test_someone_born_on_leap_day_turns_18_on_28_february_unless_told_otherwise() -> None:
    born = date(2008, 2, 29)
    assert birthday(born, 18) == date(2026, 2, 28)
    assert birthday(born, 18, MARCH_1) == date(2026, 3, 1)
    assert birthday(born, 16) == birthday(born, 16, MARCH_1) == date(2024, 2, 29)


@pytest.mark.parametrize("age", [12, 15, 18])
def test_age_changes_on_the_birthday_and_not_the_day_before(age: int) -> None:
    born = date(2008, 6, 15)
    assert age_on(born, date(2008 + age, 6, 14)) == age - 1
    assert age_on(born, date(2008 + age, 6, 15)) == age


def test_nobody_has_an_age_before_birth() -> None:
    assert age_on(date(2026, 3, 12), date(2026, 3, 12)) == 0
    with pytest.raises(ValueError, match="born"):
        age_on(date(2026, 3, 12), date(2026, 3, 11))


@given(DATES, st.integers(0, 100), LEAP_DAYS)
def test_age_and_birthday_agree(born: date, age: int, leap_day: tuple[int, int]) -> None:
    turns = birthday(born, age, leap_day)
    assert age_on(born, turns, leap_day) == age
    if age > 0:
        assert age_on(born, turns - timedelta(days=1), leap_day) == age - 1


@given(DATES, st.integers(0, 100), LEAP_DAYS)
def test_only_leap_day_births_have_a_birthday_on_another_date(born: date, age: int, leap_day: tuple[int, int]) -> None:
    turns = birthday(born, age, leap_day)
    moved = (born.month, born.day) == (2, 29) and not isleap(turns.year)
    assert (turns.month, turns.day) == (leap_day if moved else (born.month, born.day))
