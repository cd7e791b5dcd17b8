"""Contact groups (kontaktgrupper) and their leaders. ``domain.md`` 12.11, 8.1.

A group is directory: nothing here is about a child. Its places and the line for them are a pool of ``app.places`` that
has the group's id.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, SmallInteger, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.attributes import flag_modified

from app.codes import Coded
from app.kernel.audit import Subject
from app.kernel.db import Base
from app.kernel.errors import Conflict, Problem
from app.kernel.errors import Text as Words
from app.kernel.workflow import Workflow

_INSTANT = TIMESTAMP(timezone=True)


class GroupStatus(Coded):
    """Where a contact group stands; full is an open one in which no place is free."""

    PLANNED = "planned", "Planerad", "Planned"
    OPEN = "open", "Öppen", "Open"
    FULL = "full", "Full", "Full"
    PAUSED = "paused", "Pausad", "Paused"
    ENDED = "ended", "Avslutad", "Ended"


class DecisionType(Coded):
    """On what a place rests; which of them a group is given by is the board's decision (nämndens beslut, 8.1)."""

    INDIVIDUAL_NEEDS_ASSESSMENT = (
        "individual_needs_assessment", "Efter individuell behovsprövning", "After an individual needs assessment",
    )  # fmt: skip
    WITHOUT_NEEDS_ASSESSMENT = "without_needs_assessment", "Utan behovsprövning", "Without a needs assessment"


class GroupWarning(Coded):
    """What does not stop a group or a session, but should not stay so (R11.2)."""

    ONE_LEADER = "one_leader", "Bara en ledare", "One leader only"
    NO_LEADER = "no_leader", "Ingen ledare", "No leader"


class NotSocialServices(Problem):
    """12.11: a contact group is an effort of social services."""

    status = 422
    title = Words("Enheten hör inte till socialtjänsten", "The unit is not of social services")
    detail = Words(
        "En kontaktgrupp är en insats från socialtjänsten och drivs av en av dess enheter.",
        "A contact group is an effort of social services and is run by one of their units.",
    )


class GradesDoNotFit(Problem):
    """A group is for grades from and to."""

    status = 422
    title = Words("Årskurserna går inte ihop", "The grades do not fit together")
    detail = Words("gradeMin får inte vara högre än gradeMax.", "gradeMin must not be above gradeMax.")


class TimesDoNotFit(Problem):
    """A session ends after it begins, and states both times or neither."""

    status = 422
    title = Words("Tiderna går inte ihop", "The times do not fit together")
    detail = Words(
        "Ange både startsAt och endsAt, eller ingen av dem; slutet ska komma efter början.",
        "State both startsAt and endsAt, or neither; the end comes after the beginning.",
    )


class GroupHasEnded(Conflict):
    """An ended group is history."""

    title = Words("Gruppen är avslutad", "The group has ended")
    detail = Words("Den kan läsas, men inte ändras.", "It can be read, but not changed.")


class GroupHasPlaces(Conflict):
    """R11.6: nobody loses a place because the group is taken away from under it."""

    title = Words("Gruppen har upptagna eller erbjudna platser", "Places of the group are taken or offered")
    detail = Words(
        "Avsluta platserna och vänta in eller återta erbjudandena först.",
        "End the places, and await or take back the offers, first.",
    )


class LeaderNotEmployedBySocialServices(Problem):
    """12.11: leaders are employed by social services."""

    status = 422
    title = Words("Ledaren arbetar inte i socialtjänsten", "The leader does not work in social services")
    detail = Words(
        "En gruppledare ska ha ett gällande uppdrag i en enhet som hör till socialtjänsten.",
        "A group leader needs a valid assignment in a unit of social services.",
    )


class TooManyLeaders(Conflict):
    """12.11: so many at a time and no more."""

    title = Words("Gruppen har redan sina ledare", "The group has its leaders already")
    detail = Words("En grupp har högst {limit} ledare åt gången.", "A group has at most {limit} leaders at a time.")


class AlreadyLeader(Conflict):
    """Somebody leads a group once at a time."""

    constraint = "uq_group_leaders_current"
    title = Words("Personen leder redan gruppen", "The person leads the group already")
    detail = Words("De dagarna är personen redan ledare.", "The person is a leader on those days already.")


class LeaderEndsBeforeBeginning(Problem):
    """A leader's last day is not before the first."""

    status = 422
    title = Words("Ledarens sista dag är före den första", "The leader's last day is before the first")
    detail = Words("Sista dagen ska vara den första eller senare.", "The last day is the first one or later.")


class LeaderHasLeft(Conflict):
    """Whoever leads no more cannot stop doing so again."""

    title = Words("Ledaren har redan slutat", "The leader has left already")
    detail = Words("Rätta sista dagen i stället.", "Correct the last day instead.")


class PoliceCheckInTheFuture(Problem):
    """8.1: the extract from the police records was seen on a day that has been."""

    status = 422
    title = Words("Registerkontrollen ligger i framtiden", "The police record check lies in the future")
    detail = Words("Ange dagen då utdraget visades.", "State the day on which the extract was shown.")


G = GroupStatus
GROUP_FLOW = Workflow(
    {
        (G.PLANNED, "open"): G.OPEN,
        (G.PLANNED, "end"): G.ENDED,
        (G.OPEN, "pause"): G.PAUSED,
        (G.OPEN, "end"): G.ENDED,
        (G.PAUSED, "resume"): G.OPEN,
        (G.PAUSED, "end"): G.ENDED,
    }
)


@dataclass(frozen=True, slots=True)
class GroupEnded:
    """A group is no more: whoever waits for it waits in vain, and what was planned will not be."""

    group_id: UUID
    reason: str


class ContactGroup(Base):
    """A contact group: when and where it meets, and for which grades. How many places it has, its pool says."""

    __tablename__ = "contact_groups"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipalities.code"))
    name: Mapped[str] = mapped_column(Text)
    term: Mapped[str] = mapped_column(Text)
    grade_min: Mapped[int] = mapped_column(SmallInteger)
    grade_max: Mapped[int] = mapped_column(SmallInteger)
    weekday: Mapped[int] = mapped_column(SmallInteger)
    starts_at: Mapped[str] = mapped_column(Text)
    ends_at: Mapped[str] = mapped_column(Text)
    place: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    status_reason: Mapped[str | None] = mapped_column(Text)
    default_decision_type: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_INSTANT)
    ended_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (Index(None, "unit_id"),)

    @property
    def subject(self) -> Subject:
        """What the log says an entry is about: the group is its own circle."""
        return Subject("contact_group", self.id, self.id)

    def require_running(self) -> None:
        """Raises ``GroupHasEnded``."""
        if self.status == GroupStatus.ENDED:
            raise GroupHasEnded

    def require_order(self) -> None:
        """Raises ``GradesDoNotFit``, ``TimesDoNotFit``."""
        if self.grade_min > self.grade_max:
            raise GradesDoNotFit
        require_times(self.starts_at, self.ends_at)

    def change(self, stated: Mapping[str, Any]) -> None:
        """Take over what was stated; a change to the group's places alone is a new version of the group too."""
        self.require_running()
        for name, value in stated.items():
            setattr(self, name, value)
        self.require_order()
        flag_modified(self, "name")

    def step(self, deed: str, at: datetime, reason: str | None = None) -> None:
        """Take a step; the reason stands for as long as the group is paused or ended."""
        GROUP_FLOW.go(self, deed)
        self.status_reason = reason
        self.ended_at = at if self.status == GroupStatus.ENDED else None


class GroupLeader(Base):
    """A leader of a group (gruppledare), from and to, with the day on which the police record extract was seen."""

    __tablename__ = "group_leaders"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    group_id: Mapped[UUID] = mapped_column(ForeignKey("contact_groups.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    police_record_checked_on: Mapped[date]
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (Index(None, "user_id"),)

    @property
    def subject(self) -> Subject:
        """What the log says an entry is about."""
        return Subject("group_leader", self.id, self.group_id)

    def leads_on(self, day: date) -> bool:
        """Whether the person is a leader on that day."""
        return self.from_on <= day and (self.to_on is None or day <= self.to_on)

    def require_order(self, today: date) -> None:
        """Raises ``PoliceCheckInTheFuture``, ``LeaderEndsBeforeBeginning``."""
        if self.police_record_checked_on > today:
            raise PoliceCheckInTheFuture
        if self.to_on is not None and self.to_on < self.from_on:
            raise LeaderEndsBeforeBeginning

    def require_room(self, others: Iterable["GroupLeader"], limit: int) -> None:
        """Raises ``AlreadyLeader``, ``TooManyLeaders`` when on some day of this time there would be one too many."""
        beside = [other for other in others if _overlap(self, other)]
        if any(other.user_id == self.user_id for other in beside):
            raise AlreadyLeader
        # The most are there on a day on which somebody begins.
        for day in {self.from_on, *(other.from_on for other in beside if self.leads_on(other.from_on))}:
            if sum(other.leads_on(day) for other in beside) >= limit:
                raise TooManyLeaders(limit=limit)

    def end(self, last_on: date, today: date) -> None:
        """Leads no more after that day. Raises ``LeaderHasLeft``, ``LeaderEndsBeforeBeginning``."""
        if self.to_on is not None and self.to_on < today:
            raise LeaderHasLeft
        self.to_on = last_on
        self.require_order(today)


def _overlap(one: GroupLeader, other: GroupLeader) -> bool:
    return one.leads_on(other.from_on) or other.leads_on(one.from_on)


def require_times(starts_at: str | None, ends_at: str | None) -> None:
    """Raise ``TimesDoNotFit`` unless both are there and in order, or none."""
    if (starts_at is None) != (ends_at is None) or (starts_at and ends_at and starts_at >= ends_at):
        raise TimesDoNotFit


def warnings(leaders: int) -> list[GroupWarning]:
    """What so many leaders call for: two lead a group (R11.2)."""
    if leaders == 0:
        return [GroupWarning.NO_LEADER]
    return [GroupWarning.ONE_LEADER] if leaders == 1 else []
