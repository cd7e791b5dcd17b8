"""Date arithmetic where law and practice count days (domain.md 12.9, 12.23 items 5, 13 and 15).

Everything here works on Stockholm dates; ``end_of_day`` is the one step from a date back to an instant.
"""

from datetime import date, datetime, timedelta
from functools import lru_cache

from dateutil.easter import easter
from dateutil.relativedelta import relativedelta

from app.kernel.clock import start_of_day

SATURDAY = 5
FEBRUARY_28 = (2, 28)
MARCH_1 = (3, 1)


def add_days(day: date, days: int) -> date:
    """Calendar days (kalenderdagar) later; weekends and holidays count, and the last day is not moved.

    Whether lag (1930:173) 2 § lets a deadline that ends on a holiday wait for the next working day is for the caller
    to decide, deadline by deadline: the default of domain.md 12.23 item 13 is that it does not (unverified).
    """
    return day + timedelta(days=days)


def add_months(day: date, months: int) -> date:
    """The same day of the month that many months later; the month's last day where that day is missing.

    31 October + 4 months is 28 February, 29 in a leap year. Source: lag (1930:173) 1 §.
    """
    return day + relativedelta(months=months)


def add_working_days(day: date, days: int) -> date:
    """The date on which the given number of working days (arbetsdagar) has passed; ``day`` itself is not counted.

    Zero gives ``day`` back, also on a holiday. ``ValueError`` when ``days`` is negative.
    """
    if days < 0:
        raise ValueError("working days are counted forwards")
    while days:
        day += timedelta(days=1)
        days -= is_working_day(day)
    return day


def is_working_day(day: date) -> bool:
    """True on a weekday (vardag) that is no public holiday and no midsummer, Christmas or New Year's Eve.

    The days off are those lag (1930:173) 2 § names: Saturdays, Sundays, the other public holidays of lag (1989:253),
    midsommarafton, julafton and nyårsafton. As the law reads since 2005: 6 June is free, Whit Monday is not.
    """
    return day.weekday() < SATURDAY and day not in _days_off(day.year)


def end_of_day(day: date) -> datetime:
    """The UTC instant at which a deadline due on that Stockholm date has passed: the start of the next day, exclusive.

    ``instant < end_of_day(due)`` is in time. An exclusive end leaves no gap after 23:59:59 and is right on the 23 and
    25 hour days when daylight saving begins and ends.
    """
    return start_of_day(day + timedelta(days=1))


def birthday(birth_date: date, age: int, leap_day: tuple[int, int] = FEBRUARY_28) -> date:
    """The date on which someone born on ``birth_date`` turns ``age``.

    ``leap_day`` is when someone born on 29 February turns a year older in a common year: ``FEBRUARY_28`` or
    ``MARCH_1``. No statute says which; the default follows lag (1930:173) 1 § by analogy (the last day of the month
    stands in for a day the month lacks) (gk, unverified).
    """
    try:
        return birth_date.replace(year=birth_date.year + age)
    except ValueError:
        return date(birth_date.year + age, *leap_day)


def age_on(birth_date: date, on: date, leap_day: tuple[int, int] = FEBRUARY_28) -> int:
    """Age in whole years on a date: the largest age whose ``birthday`` has come. ``ValueError`` before birth."""
    if on < birth_date:
        raise ValueError("not yet born on that date")
    age = on.year - birth_date.year
    return age if birthday(birth_date, age, leap_day) <= on else age - 1


@lru_cache(maxsize=64)
def _days_off(year: int) -> frozenset[date]:
    """The year's days off that may fall on Monday to Friday; midsommardagen and alla helgons dag are Saturdays."""
    easter_day = easter(year)
    good_friday, easter_monday, ascension = (easter_day + timedelta(days=days) for days in (-2, 1, 39))
    fixed = {(1, 1), (1, 6), (5, 1), (6, 6), (12, 24), (12, 25), (12, 26), (12, 31)}
    moving = {good_friday, easter_monday, ascension, _midsummer_eve(year)}
    return frozenset(moving | {date(year, month, day) for month, day in fixed})


def _midsummer_eve(year: int) -> date:
    """Midsommarafton: the Friday between 19 and 25 June, the eve of the Saturday that lag (1989:253) names."""
    return date(year, 6, 19) + relativedelta(weekday=SATURDAY - 1)
