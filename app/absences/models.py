"""Absences of staff, deputies and signs. ``domain.md`` R5.6. Nothing here is about a child."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.audit import Subject
from app.kernel.calendar import add_days
from app.kernel.clock import start_of_day, stockholm_date
from app.kernel.db import Base
from app.kernel.errors import Conflict, Problem
from app.kernel.errors import Text as Words

_INSTANT = TIMESTAMP(timezone=True)


class AbsenceReason(Coded):
    """Why somebody is away."""

    LEAVE = "leave", "Ledighet", "Leave"
    SICK = "sick", "Sjukdom", "Illness"
    OTHER = "other", "Annat skäl", "Other reason"


class DeputyNotInUnit(Problem):
    """A deputy works in the same unit: the family calls the same place."""

    status = 422
    title = Words("Ersättaren har inget uppdrag i enheten", "The deputy holds no assignment in the unit")
    detail = Words(
        "Ange en ersättare med gällande uppdrag i samma enhet.", "Name a deputy with a valid assignment in the unit."
    )


class DeputyIsOneself(Problem):
    """Somebody else stands in."""

    status = 422
    title = Words("Ersättaren är samma person", "The deputy is the same person")
    detail = Words("Någon annan ska ersätta den som är borta.", "Somebody else stands in for the one who is away.")


class DeputyIsAway(Conflict):
    """A deputy is there in those days; so that no two ever stand in for each other."""

    title = Words("Ersättaren är också borta", "The deputy is away too")
    detail = Words("Välj en ersättare som är på plats de dagarna.", "Choose a deputy who is there in those days.")


class AwayAlready(Conflict):
    """One absence covers a day."""

    title = Words("Frånvaro är redan anmäld", "An absence is reported already")
    detail = Words(
        "Personen är redan anmäld som frånvarande någon av dagarna.",
        "The person is reported away on some of these days already.",
    )


class AbsenceIsOver(Conflict):
    """What has ended does not end again."""

    title = Words("Frånvaron är redan slut", "The absence is over already")
    detail = Words("Den har avslutats, eller sista dagen har gått.", "It was ended, or its last day has passed.")


class CoordinatorAbsence(Base):
    """Somebody of a unit is away, from day to day, and who stands in (R5.6). About staff, not about a child."""

    __tablename__ = "coordinator_absences"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    deputy_user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(Text)
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    ended_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}

    @property
    def subject(self) -> Subject:
        """What the access log says an entry is about."""
        return Subject("absence", self.id)

    def require_somebody_else(self) -> None:
        """Raises ``DeputyIsOneself``."""
        if self.deputy_user_id == self.user_id:
            raise DeputyIsOneself

    def end(self, at: datetime) -> None:
        """Back again, before the day that was thought or when there was none."""
        if self.ended_at is not None or (self.to_on is not None and self.to_on < stockholm_date(at)):
            raise AbsenceIsOver
        self.ended_at = at


class CoordinatorSign(Base):
    """When a coordinator last gave a sign, and who answers if none comes (R5.6).

    The access log would know too, but nobody reads the log of others; a sign is given to be seen.
    """

    __tablename__ = "coordinator_signs"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    seen_at: Mapped[datetime] = mapped_column(_INSTANT)
    deputy_user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))


def is_silent(assigned_at: datetime, seen_at: datetime | None, today: date, days: int) -> bool:
    """Whether somebody has coordinated for so many days, and given no sign in as many, counted in Stockholm (R5.6)."""
    heard = max(assigned_at, seen_at or assigned_at)
    return heard < start_of_day(add_days(today, 1 - days))


def who_answers(user_id: UUID, deputies: Mapping[UUID, UUID | None]) -> UUID | None:
    """The person, or the deputy of whoever is away, or the deputy's deputy; none when nobody is left.

    ``deputies`` names everybody who is away, each with who stands in.
    """
    asked: set[UUID] = set()
    answering: UUID | None = user_id
    while answering is not None and answering in deputies:
        if answering in asked:
            return None
        asked.add(answering)
        answering = deputies[answering]
    return answering
