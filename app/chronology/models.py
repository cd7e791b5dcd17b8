"""The chronology: events with their effect on the child. ``domain.md`` 1.6 and 12.10."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.audit import Subject
from app.kernel.db import Base
from app.kernel.errors import Problem
from app.kernel.errors import Text as Words
from app.people.models import Owned

_INSTANT = TIMESTAMP(timezone=True)


class EventType(Coded):
    """Kinds of chronology events, good ones too."""

    STRENGTH = "strength", "Styrka", "Strength"
    CONCERN = "concern", "Oro", "Concern"
    CHANGE_AT_HOME = "change_at_home", "Förändring hemma", "Change at home"
    SCHOOL = "school", "Skola", "School"
    HEALTH = "health", "Hälsa", "Health"
    SUPPORT_STARTED = "support_started", "Stöd har börjat", "Support started"
    SUPPORT_ENDED = "support_ended", "Stöd har avslutats", "Support ended"
    DECISION = "decision", "Beslut", "Decision"
    CONTACT = "contact", "Kontakt", "Contact"
    TRANSITION = "transition", "Övergång", "Transition"
    OTHER = "other", "Annat", "Other"


class Impact(Coded):
    """The event's effect on the child."""

    POSITIVE = "positive", "Positiv", "Positive"
    NEUTRAL = "neutral", "Neutral", "Neutral"
    NEGATIVE = "negative", "Negativ", "Negative"


class CaseCategory(Coded):
    """The information category of an entry: whose secrecy it is under."""

    SCHOOL = "school", "Skola", "School"
    HEALTH = "health", "Hälso- och sjukvård", "Health care"
    SOCIAL = "social", "Socialtjänst", "Social services"
    PLAN = "plan", "Plan", "Plan"
    MEETING_NOTES = "meeting_notes", "Mötesanteckningar", "Meeting notes"


class CategoryNotYours(Problem):
    """An entry is written in the category of the sector that writes it."""

    status = 422
    title = Words("Fel informationskategori", "Wrong information category")
    detail = Words(
        "Enheten skriver i sin egen sektors kategori, i planen eller i mötesanteckningar.",
        "A unit writes in its own sector's category, in the plan or in meeting notes.",
    )


class ChronologyEvent(Owned, Base):
    """A significant event (kronologi), owned by the authority that wrote it; not a case-note (12.10)."""

    __tablename__ = "chronology_events"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    category: Mapped[str] = mapped_column(Text)
    occurred_on: Mapped[date]
    ended_on: Mapped[date | None]
    event_type: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    impact: Mapped[str] = mapped_column(Text)
    decision: Mapped[str | None] = mapped_column(Text)
    outcome: Mapped[str | None] = mapped_column(Text)
    significant: Mapped[bool]
    recorded_at: Mapped[datetime] = mapped_column(_INSTANT)
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}

    def subject(self, child_id: UUID | None = None) -> Subject:
        """What the access log says an entry is about."""
        return Subject("chronology_event", self.id, self.case_id, child_id, self.owner_authority_id)
