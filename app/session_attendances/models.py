"""Attendance at sessions (närvaro). ``domain.md`` 12.11 (R11.8): the group's unit's and its leaders' own."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.group_sessions.models import SessionStatus
from app.kernel.audit import Subject
from app.kernel.db import Base, Row
from app.kernel.errors import Conflict, Problem
from app.kernel.errors import Text as Words
from app.people.models import Owned


class AttendanceMark(Coded):
    """Whether a child was at a session."""

    PRESENT = "present", "Var med", "Was there"
    ABSENT = "absent", "Var inte med", "Was not there"
    EXCUSED = "excused", "Hade anmält frånvaro", "Was excused"


class SessionWasCancelled(Conflict):
    """Nobody was at a session that there was not."""

    title = Words("Träffen ställdes in", "The session was cancelled")
    detail = Words("Närvaro kan inte noteras.", "Attendance cannot be marked.")


class AttendanceLiesAhead(Conflict):
    """Who was there is known on the day itself."""

    title = Words("Träffen har inte varit", "The session has not been")
    detail = Words("Närvaro noteras från och med träffens dag.", "Attendance is marked from the session's day onwards.")


class NoPlaceThatDay(Problem):
    """Marks are for those who had a place in the group on that day."""

    status = 422
    title = Words("Ingen plats den dagen", "No place on that day")
    detail = Words(
        "marks ska bara nämna platser i gruppen som gällde på träffens dag.",
        "marks must name only places of the group that were held on the session's day.",
    )


class SessionAttendance(Owned, Base):
    """Whether one child was at one session; the mark may be taken back, the row stays (R3.8)."""

    __tablename__ = "session_attendances"

    session_id: Mapped[UUID] = mapped_column(ForeignKey("group_sessions.id"))
    place_id: Mapped[UUID] = mapped_column(ForeignKey("group_places.id"))
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("queue_entries.id"))
    mark: Mapped[str | None] = mapped_column(Text)
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    recorded_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index("uq_session_attendances_session_id_place_id", "session_id", "place_id", unique=True),
        Index(None, "place_id"), Index(None, "entry_id"),
    )  # fmt: skip

    @property
    def subject(self) -> Subject:
        """What the access log says an entry is about."""
        return Subject("session_attendance", self.id, self.entry_id, None, self.owner_authority_id)

    def say(self, mark: str | None, by: UUID, at: datetime) -> bool:
        """Another mark, or none; whether that is a change."""
        if mark == self.mark:
            return False
        self.mark, self.recorded_by, self.recorded_at = mark, by, at
        return True


def has_been(session: Row, today: date) -> bool:
    """Whether somebody can have been at a session."""
    return bool(session["status"] != SessionStatus.CANCELLED and session["held_on"] <= today)


def require_been(session: Row, today: date) -> None:
    """Raise ``SessionWasCancelled``, ``AttendanceLiesAhead`` unless somebody can have been there."""
    if session["status"] == SessionStatus.CANCELLED:
        raise SessionWasCancelled
    if session["held_on"] > today:
        raise AttendanceLiesAhead


def require_places(stated: Iterable[UUID], held: Sequence[Row]) -> None:
    """Raise ``NoPlaceThatDay`` when a mark is for somebody else."""
    if not set(stated) <= {place["id"] for place in held}:
        raise NoPlaceThatDay


def version_of(marks: Iterable[Row]) -> int:
    """The version of a session's attendance as a whole: it grows with every mark, from nought."""
    return sum(mark["version"] for mark in marks)
