"""What comes in and goes out about sessions."""

from datetime import date

from pydantic import Field

from app.contact_groups.models import GroupWarning
from app.group_sessions.models import SessionStatus
from app.kernel.paging import PageQuery
from app.kernel.shapes import Day, Id, In, Line, Page, Prose, Record
from app.opening_hours import ClockTime

_ABOUT_THE_GROUP = "About the group, never about one child."


class GroupSessionCreate(In):
    """A session to come, or one that was and has not been written down. Without times: when the group meets."""

    held_on: Day
    starts_at: ClockTime | None = None
    ends_at: ClockTime | None = None
    note: Prose | None = Field(default=None, description=_ABOUT_THE_GROUP)


class GroupSessionPatch(In):
    """Changes to a planned session; absent fields stay, null removes."""

    held_on: Day = date.min
    starts_at: ClockTime | None = None
    ends_at: ClockTime | None = None
    note: Prose | None = Field(default=None, description=_ABOUT_THE_GROUP)


class SessionHolding(In):
    """The session has been."""

    note: Prose | None = Field(default=None, description=f"{_ABOUT_THE_GROUP} Absent: the note there is stays.")


class SessionCancellation(In):
    """The session will not be, or was not."""

    reason: Line = Field(description=_ABOUT_THE_GROUP)


class GroupSession(Record):
    """A session (träff) of a contact group."""

    group_id: Id
    group_name: str
    held_on: Day
    starts_at: str = Field(description="Hours and minutes in Europe/Stockholm.", json_schema_extra={"example": "15:00"})
    ends_at: str = Field(json_schema_extra={"example": "17:00"})
    status: SessionStatus
    note: str | None = Field(description=_ABOUT_THE_GROUP)
    cancel_reason: str | None
    created_by: Id
    created_by_name: str
    warnings: list[GroupWarning] = Field(description="Fewer than two leaders on its day (R11.2).")


class GroupSessionPage(Page[GroupSession]):
    """Sessions of a group."""


class GroupSessionQuery(PageQuery):
    """Filters of sessions."""

    status: list[SessionStatus] = []
    held_from: Day | None = Field(default=None, description="From this day on.")
    held_to: Day | None = Field(default=None, description="Until this day, itself included.")
