"""Which counts may be told outside the unit, and which days may be counted, without a database."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.centre_visits.models import CountPeriod, NotOpenThatDay, require_open, told


def year(*counts: int) -> dict[date, int]:
    return {date(2025, month, 1): count for month, count in enumerate(counts, start=1)}


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ((10, 20, 30), []),
        ((5, 20), []),
        ((4, 20, 30), [4, 20]),
        ((4, 3, 30), [3, 4]),
        ((1, 2, 6, 30), [1, 2, 6]),
        ((4,), [4]),
        ((0, 0, 40), [0, 0, 40]),
        ((), []),
    ],
    ids=str,
)
def test_a_small_count_is_hidden_and_guarded(counts, hidden):
    months = year(*counts)

    assert sorted(count for month, count in months.items() if month not in told(months, 5)) == hidden


@given(st.lists(st.integers(0, 40), max_size=12))
def test_no_small_count_is_left_when_everything_told_is_subtracted_from_the_year(counts):
    months = year(*counts)

    shown = told(months, 5)
    rest = sum(months.values()) - sum(months[month] for month in shown)

    assert all(months[month] >= 5 for month in shown)
    assert rest == 0 or rest >= 5 or sum(months.values()) < 5
    assert len(months) - len(shown) != 1 or len(months) == 1


@pytest.mark.parametrize(
    ("by", "first", "last"),
    [
        (CountPeriod.WEEK, date(2025, 12, 29), date(2026, 1, 4)),
        (CountPeriod.MONTH, date(2026, 1, 1), date(2026, 1, 31)),
        (CountPeriod.YEAR, date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_periods_are_those_of_the_calendar(by, first, last):
    assert by.first(date(2026, 1, 1)) == first
    assert by.last(first) == last


def test_only_days_on_which_it_was_open_are_counted():
    centre: dict[str, Any] = {"opened_on": date(2019, 9, 2), "closed_on": date(2026, 3, 1)}
    part = {"from_on": date(2020, 1, 1), "to_on": None}

    require_open(centre, None, date(2019, 9, 2), date(2026, 3, 2))
    require_open(centre, part, date(2026, 2, 28), date(2026, 3, 2))
    for wrong, of in (
        (date(2019, 9, 1), None), (date(2026, 3, 1), None), (date(2019, 12, 31), part), (date(2026, 3, 3), None),
    ):  # fmt: skip
        with pytest.raises(NotOpenThatDay):
            require_open(centre, of, wrong, date(2026, 3, 2))
    with pytest.raises(NotOpenThatDay):
        require_open({"opened_on": None, "closed_on": None}, None, date(2026, 3, 2), date(2026, 3, 2))
