"""Meetings around a child, and what is written down at them. ``domain.md`` 3.4, 12.7 (R7.15) and 12.8.

What everybody in the circle sees stands in ``meetings`` (category core). The question, the child's part and the minutes
stand in tables of their own, in the categories ``plan`` and ``meeting_notes``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.attributes import flag_modified

from app.codes import Coded
from app.kernel.audit import Subject
from app.kernel.db import Base
from app.kernel.errors import Conflict, Problem
from app.kernel.errors import Text as Words
from app.kernel.workflow import Workflow
from app.people.models import EndsBeforeItBegins, Owned

_INSTANT = TIMESTAMP(timezone=True)


class MeetingType(Coded):
    """What kind of meeting it is."""

    SIP = "sip", "SIP-möte", "SIP meeting"
    PLAN = "plan", "Planmöte", "Plan meeting"
    TEAM = "team", "Teammöte", "Team around the child meeting"
    FOLLOW_UP = "follow_up", "Uppföljningsmöte", "Follow-up meeting"
    OTHER = "other", "Annat möte", "Other meeting"


class MeetingStatus(Coded):
    """Where a meeting stands."""

    PLANNED = "planned", "Planerat", "Planned"
    CALLED = "called", "Kallat", "Called"
    HELD = "held", "Genomfört", "Held"
    CANCELLED = "cancelled", "Inställt", "Cancelled"
    NOTES_CONFIRMED = "notes_confirmed", "Anteckningar justerade", "Notes confirmed"


S = MeetingStatus
MEETING_FLOW = Workflow(
    {
        (S.PLANNED, "edit"): S.PLANNED,
        (S.PLANNED, "call"): S.CALLED,
        (S.PLANNED, "cancel"): S.CANCELLED,
        (S.CALLED, "edit"): S.CALLED,
        (S.CALLED, "call"): S.CALLED,
        (S.CALLED, "answer"): S.CALLED,
        (S.CALLED, "cancel"): S.CANCELLED,
        (S.CALLED, "hold"): S.HELD,
        (S.HELD, "document"): S.HELD,
        (S.HELD, "confirm_notes"): S.NOTES_CONFIRMED,
    }
)
#: What makes the answers worthless when it changes.
_MOVING = ("starts_at", "ends_at", "place", "video_link")


@dataclass(frozen=True, slots=True)
class MeetingCalled:
    """The first call has gone out."""

    meeting_id: UUID
    case_id: UUID
    plan_id: UUID | None


@dataclass(frozen=True, slots=True)
class MeetingMoved:
    """A meeting that people were called to has another time or place."""

    meeting_id: UUID
    case_id: UUID
    plan_id: UUID | None


@dataclass(frozen=True, slots=True)
class MeetingHeld:
    """The meeting has taken place."""

    meeting_id: UUID
    case_id: UUID
    plan_id: UUID | None


@dataclass(frozen=True, slots=True)
class MeetingCancelled:
    """The meeting will not take place."""

    meeting_id: UUID
    case_id: UUID
    plan_id: UUID | None


class MeetingNeedsOpenCase(Conflict):
    """People meet about a case that is open."""

    title = Words("Ärendet är inte öppet", "The case is not open")
    detail = Words("Möten planeras i öppna ärenden.", "Meetings are planned in open cases.")


class DischargeNeedsSip(Problem):
    """R7.15: a notice of discharge is the basis of the call to a SIP meeting."""

    status = 422
    title = Words("Utskrivning gäller SIP-möten", "A discharge concerns SIP meetings")
    detail = Words("dischargeNoticeAt anges bara för SIP-möten.", "dischargeNoticeAt is given for SIP meetings only.")


class NotInTheCircle(Problem):
    """R8.1: chair and documenter work in units that may know of the case."""

    status = 422
    title = Words("Personen är inte med i kretsen", "The person is not in the circle")
    detail = Words(
        "{field} ska ha ett gällande uppdrag i en enhet som får se ärendet.",
        "{field} needs a valid assignment in a unit that may see the case.",
    )


class ChildParticipationMissing(Problem):
    """R8.5: how the child took part, or why it did not."""

    status = 422
    title = Words("Barnets delaktighet saknas", "The child's participation is missing")
    detail = Words(
        "Ange childParticipation; med missingReason när barnet inte var med.",
        "Give childParticipation; with missingReason when the child was not there.",
    )


class MinutesAlreadyWritten(Conflict):
    """A meeting has one set of minutes."""

    constraint = "uq_meeting_minutes_meeting_id"
    title = Words("Anteckningar finns redan", "There are minutes already")
    detail = Words("Ändra dem i stället.", "Change them instead.")


class Meeting(Owned, Base):
    """A meeting; it belongs to the unit that convenes it. Nothing sensitive stands here (R8.3)."""

    __tablename__ = "meetings"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    child_id: Mapped[UUID] = mapped_column(ForeignKey("children.id"))
    plan_id: Mapped[UUID | None]
    meeting_type: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    starts_at: Mapped[datetime] = mapped_column(_INSTANT)
    ends_at: Mapped[datetime] = mapped_column(_INSTANT)
    place: Mapped[str | None] = mapped_column(Text)
    video_link: Mapped[str | None] = mapped_column(Text)
    chair_user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    documenter_user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    documenter_unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    interpreter_language: Mapped[str | None] = mapped_column(Text)
    call_basis_notice_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    cancelled_reason: Mapped[str | None] = mapped_column(Text)
    sequence: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(_INSTANT)
    updated_at: Mapped[datetime] = mapped_column(_INSTANT)
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}

    @property
    def subject(self) -> Subject:
        """What the access log says an entry is about."""
        return Subject("meeting", self.id, self.case_id, self.child_id, self.owner_authority_id)

    @property
    def happening(self) -> dict[str, Any]:
        """What those who react to a happening are told."""
        return {"meeting_id": self.id, "case_id": self.case_id, "plan_id": self.plan_id}

    def touch(self, at: datetime) -> None:
        """A change to what hangs on the meeting is a new version of the meeting too."""
        self.updated_at = at
        flag_modified(self, "updated_at")

    def require_order(self) -> None:
        """Raises ``EndsBeforeItBegins``."""
        if self.ends_at <= self.starts_at:
            raise EndsBeforeItBegins

    def change(self, stated: Mapping[str, Any]) -> bool:
        """Take over what was stated; whether people were called to another time or place than it has now."""
        MEETING_FLOW.go(self, "edit")
        before = [getattr(self, name) for name in _MOVING]
        self.apply(stated)
        self.require_order()
        moved = self.status == MeetingStatus.CALLED and before != [getattr(self, name) for name in _MOVING]
        self.sequence += moved
        return moved

    def cancel(self, reason: str) -> None:
        """It will not take place; calendars need a higher number for that too (RFC 5546 section 3.2.5)."""
        MEETING_FLOW.go(self, "cancel")
        self.cancelled_reason = reason
        self.sequence += 1


class MeetingAgenda(Owned, Base):
    """The question (frågeställning) and the agenda: what no invitation holds (R8.3)."""

    __tablename__ = "meeting_agendas"

    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meetings.id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    question: Mapped[str] = mapped_column(Text)
    agenda: Mapped[list[str]] = mapped_column(ARRAY(Text))


class MeetingParticipation(Owned, Base):
    """How the child took part in a meeting (R8.5)."""

    __tablename__ = "meeting_participations"

    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meetings.id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    present: Mapped[bool]
    prepared: Mapped[bool]
    represented_by: Mapped[str | None] = mapped_column(Text)
    view: Mapped[str | None] = mapped_column(Text)
    effect: Mapped[str | None] = mapped_column(Text)
    missing_reason: Mapped[str | None] = mapped_column(Text)

    def require_reason(self) -> None:
        """Raises ``ChildParticipationMissing``: it can be "no", and then "because"."""
        if not self.present and self.missing_reason is None:
            raise ChildParticipationMissing


class MeetingMinutes(Owned, Base):
    """The minutes (minnesanteckningar), of the documenter's authority (R8.2); final once they are confirmed."""

    __tablename__ = "meeting_minutes"

    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meetings.id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    notes: Mapped[str] = mapped_column(Text)
    decisions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB(none_as_null=True))
    interpreter_used: Mapped[bool | None]
    written_at: Mapped[datetime] = mapped_column(_INSTANT)
    confirmed_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}

    def subject(self, child_id: UUID) -> Subject:
        """What the access log says an entry is about."""
        return Subject("meeting_minutes", self.id, self.case_id, child_id, self.owner_authority_id)
