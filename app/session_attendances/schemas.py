"""What comes in and goes out about attendance."""

from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from app.kernel.shapes import Day, Id, In, Linked, Out, UtcInstant
from app.session_attendances.models import AttendanceMark


class MarkIn(In):
    """Whether one child was there."""

    place_id: UUID
    mark: AttendanceMark


class AttendancePut(In):
    """All marks of the session: who is left out is unmarked."""

    marks: list[MarkIn] = Field(max_length=200)

    @model_validator(mode="after")
    def _each_place_once(self) -> Self:
        if len({each.place_id for each in self.marks}) < len(self.marks):
            raise ValueError("each place is marked once")
        return self


class SessionMark(Out):
    """Whether one child was there; by first name, as leaders know it (R11.8)."""

    place_id: Id
    given_name: str | None = Field(description="Null for a protected child.")
    mark: AttendanceMark | None = Field(description="Null while nothing is said.")
    recorded_at: UtcInstant | None


class AttendanceCounts(Out):
    """The same for the group."""

    present: int
    absent: int
    excused: int
    unmarked: int


class SessionAttendance(Linked):
    """Attendance (närvaro) at one session: a mark for each place that was held that day, and the group's numbers."""

    session_id: Id
    group_id: Id
    held_on: Day
    version: int = Field(description="Grows with each mark; also in the ETag. 0 before the first.")
    marks: list[SessionMark]
    group: AttendanceCounts
