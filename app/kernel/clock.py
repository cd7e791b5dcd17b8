"""The one clock: instants are UTC, dates are what the calendar on a Swedish wall shows."""

from abc import ABC, abstractmethod
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")


class Clock(ABC):
    """Tells the time; everything that asks for it gets a clock handed in."""

    @abstractmethod
    def now(self) -> datetime:
        """The present instant: aware, UTC, with microseconds."""

    def today(self) -> date:
        """The present date in Europe/Stockholm, where law counts days."""
        return stockholm_date(self.now())


class SystemClock(Clock):
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant: aware, UTC, with microseconds."""
        return datetime.now(UTC)


class FixedClock(Clock):
    """A clock that stands still until told otherwise; for tests and demo data.

    ``ValueError`` when handed a naive datetime.
    """

    def __init__(self, at: datetime) -> None:
        self.set(at)

    def now(self) -> datetime:
        """The instant the clock was last set to."""
        return self._at

    def set(self, at: datetime) -> None:
        """Moves to that instant, forwards or backwards."""
        self._at = _aware(at).astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        """Moves by that much elapsed time, whatever daylight saving does meanwhile."""
        self._at += by


def stockholm_date(instant: datetime) -> date:
    """The date in Europe/Stockholm at that instant; ``ValueError`` when it is naive."""
    return _aware(instant).astimezone(STOCKHOLM).date()


def start_of_day(day: date) -> datetime:
    """The UTC instant at which that Stockholm date begins (22:00 or 23:00 UTC the day before)."""
    return datetime.combine(day, time(), STOCKHOLM).astimezone(UTC)


def _aware(instant: datetime) -> datetime:
    # astimezone() would read a naive value in the machine's own zone, which differs from server to server.
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant
