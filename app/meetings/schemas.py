"""What comes in and goes out about meetings and their minutes."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from app.kernel.paging import PageQuery, SortOrder
from app.kernel.shapes import Day, Id, In, Instant, Line, Name, Opened, Page, Prose, Record, UtcInstant
from app.meetings.models import MeetingStatus, MeetingType
from app.people.schemas import Language

VideoLink = Annotated[
    str,
    StringConstraints(pattern=r"^https://[^\s\x00]+$", max_length=500),
    Field(examples=["https://video.example/rum/4711"]),
]
Notes = Annotated[str, StringConstraints(min_length=1, max_length=20_000, pattern=r"^[^\x00]+$")]


class MeetingCreate(In):
    """A new meeting about a case. Its question and agenda stand in no invitation (R8.3)."""

    case_id: UUID
    plan_id: UUID | None = Field(default=None, description="The plan that the meeting is about.")
    meeting_type: MeetingType
    starts_at: Instant
    ends_at: Instant
    place: Name | None = None
    video_link: VideoLink | None = None
    chair_user_id: UUID = Field(
        description="Leads the meeting (mötesledare): somebody of a unit that may see the case."
    )
    documenter_user_id: UUID = Field(description="Writes the minutes, which belong to their authority (R8.2).")
    question: Prose = Field(description="The question (frågeställning).")
    agenda: list[Line] = Field(default=[], max_length=50)
    interpreter_language: Language | None = None
    discharge_notice_at: Instant | None = Field(
        default=None, description="LSP: when the notice of discharge came. The call is due within days of it (R7.15)."
    )


class MeetingPatch(In):
    """Changes to a meeting. After the call another time or place asks everybody again."""

    starts_at: Instant = None  # type: ignore[assignment]
    ends_at: Instant = None  # type: ignore[assignment]
    place: Name | None = None
    video_link: VideoLink | None = None
    chair_user_id: UUID = None  # type: ignore[assignment]
    documenter_user_id: UUID = None  # type: ignore[assignment]
    question: Prose = ""
    agenda: list[Line] = Field(default=[], max_length=50)
    interpreter_language: Language | None = None


class MeetingCancellation(In):
    """Why the meeting will not take place. Everybody in the circle reads it: nothing sensitive."""

    reason: Line


class ChildParticipation(In):
    """How the child took part (R8.5)."""

    present: bool
    prepared: bool = Field(description="Whether somebody talked with the child before the meeting.")
    represented_by: Name | None = None
    view: Prose | None = Field(default=None, description="The child's own view.")
    effect: Prose | None = Field(default=None, description="What the child's view led to.")
    missing_reason: Line | None = Field(default=None, description="Needed when the child was not there.")


class MeetingSummary(Record):
    """A meeting in a list."""

    case_id: Id
    plan_id: Id | None
    meeting_type: MeetingType
    status: MeetingStatus
    starts_at: UtcInstant
    ends_at: UtcInstant
    place: str | None = Field(description="Null where it would tell the place of a protected child.")
    video_link: str | None = Field(description="Null where place is left out.")
    chair_user_id: Id
    chair_name: str
    documenter_user_id: Id
    documenter_name: str
    documenter_unit_id: Id
    interpreter_language: str | None
    call_basis_notice_at: UtcInstant | None = Field(alias="dischargeNoticeAt")
    cancelled_reason: str | None
    sequence: int = Field(description="Grows when people have to change their calendars (RFC 5545 section 3.8.7.4).")
    owner_unit_id: Id
    owner_unit_name: str | None = Field(description="Who convenes. Null where it would tell a protected child's place.")
    created_at: UtcInstant
    opened_by: list[Opened] = Field(description="The consents and disclosures this answer rests on; empty for own.")


class Meeting(MeetingSummary):
    """A meeting, with its question where the category plan is open to the caller."""

    question: str | None = Field(description="Null where the category plan is not open to the caller.")
    agenda: list[str] | None
    child_participation: ChildParticipation | None = Field(
        description="Null before the meeting is held, and where the category meeting_notes is not open to the caller."
    )


class MeetingPage(Page[MeetingSummary]):
    """Meetings that the caller may see."""


class MeetingQuery(PageQuery):
    """Filters of meetings."""

    sort_order: SortOrder = SortOrder.ASC
    case_id: list[UUID] = []
    plan_id: list[UUID] = []
    status: list[MeetingStatus] = []
    from_: Instant | None = Field(default=None, alias="from", description="Meetings that begin then or later.")
    to: Instant | None = Field(default=None, description="Meetings that begin before then.")


class MeetingDecision(In):
    """What was decided, and who does it until when."""

    text: Prose
    responsible_unit_id: UUID | None = Field(default=None, description="A unit of the case's circle.")
    due_on: Day | None = None


class MinutesCreate(In):
    """The minutes (minnesanteckningar) of a meeting."""

    notes: Notes
    decisions: list[MeetingDecision] = Field(default=[], max_length=100)
    interpreter_used: bool | None = None


class MinutesPatch(In):
    """Changes to minutes that are not confirmed yet."""

    notes: Notes = ""
    decisions: list[MeetingDecision] = Field(default=[], max_length=100)
    interpreter_used: bool | None = None


class MinutesConfirmation(In):
    """The minutes are confirmed (justerade). From then on they do not change."""


class Minutes(Record):
    """The minutes of a meeting, with the authority that owns them (R8.2)."""

    meeting_id: Id
    notes: str
    decisions: list[MeetingDecision]
    interpreter_used: bool | None
    child_participation: ChildParticipation | None
    owner_unit_id: Id
    owner_unit_name: str | None = Field(description="Null where it would tell the place of a protected child.")
    owner_authority_id: Id
    written_at: UtcInstant
    confirmed_at: UtcInstant | None
    confirmed_by: Id | None
