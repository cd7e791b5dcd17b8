"""The review of a place in a contact group, once each term (terminsgenomgång). ``domain.md`` 12.11 (R11.6)."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.audit import Subject
from app.kernel.db import Base
from app.kernel.errors import Problem
from app.kernel.errors import Text as Words
from app.people.models import Owned


class ReviewOutcome(Coded):
    """What a review found; the place itself ends by a decision of its own (R11.6)."""

    CONTINUES = "continues", "Fortsätter", "Goes on"
    ENDS = "ends", "Bör avslutas", "Should end"


class ReviewLiesAhead(Problem):
    """What is recorded has taken place, while the child had the place."""

    status = 422
    title = Words("Genomgången ligger fel i tiden", "The review lies at the wrong time")
    detail = Words(
        "reviewedOn ska vara i dag eller tidigare, men inte före platsens första dag.",
        "reviewedOn must be today or earlier, and not before the first day of the place.",
    )


class PlaceReview(Owned, Base):
    """A review of a place, one each term (terminsgenomgång, R11.6); what it says is not changed any more."""

    __tablename__ = "place_reviews"

    place_id: Mapped[UUID] = mapped_column(ForeignKey("group_places.id"))
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("queue_entries.id"))
    reviewed_on: Mapped[date]
    note: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(Text)
    next_review_on: Mapped[date]
    reviewed_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    reviewed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))

    __table_args__ = (Index(None, "place_id", "id"), Index(None, "entry_id"))

    def subject(self, child_id: UUID) -> Subject:
        """What the access log says an entry is about."""
        return Subject("place_review", self.id, self.entry_id, child_id, self.owner_authority_id)

    def require_day(self, from_on: date, today: date) -> None:
        """Raise ``ReviewLiesAhead``."""
        if not from_on <= self.reviewed_on <= today:
            raise ReviewLiesAhead
