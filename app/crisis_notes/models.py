"""Crisis notes beside a plan, each in a circle of its own. ``domain.md`` 12.7, R7.12."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Text, Uuid
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.audit import Subject
from app.kernel.db import Base
from app.kernel.errors import Conflict, Problem
from app.kernel.errors import Text as Words
from app.people.models import Owned

_INSTANT = TIMESTAMP(timezone=True)


class NamedUnitNotInPlan(Problem):
    """R7.12: a unit that is named has a basis for the plan of its own, and loses the note with it."""

    status = 422
    title = Words("En namngiven enhet är inte med", "A named unit does not take part")
    detail = Words(
        "namedUnitIds ska vara enheter i kretsen som får se planen, på samtycke eller inom samma myndighet.",
        "namedUnitIds must be units of the circle that may see the plan, by consent or within the same authority.",
    )


class NoteAlreadyEnded(Conflict):
    """A crisis note ends once."""

    title = Words("Krisinformationen har redan upphört", "The crisis note has ended already")
    detail = Words("Skriv en ny i stället.", "Write a new one instead.")


class CrisisNote(Owned, Base):
    """What to know and do in a crisis; the note is its own circle, and nothing of it stands in the case's."""

    __tablename__ = "crisis_notes"

    circle_id: Mapped[UUID]
    case_id: Mapped[UUID]
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plans.id"))
    text: Mapped[str] = mapped_column(Text)
    named_unit_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()))
    written_at: Mapped[datetime] = mapped_column(_INSTANT)
    written_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    ended_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}

    def end(self, at: datetime) -> None:
        """It holds no longer; it is kept (R3.8)."""
        if self.ended_at is not None:
            raise NoteAlreadyEnded
        self.ended_at = at

    def subject(self, child_id: UUID) -> Subject:
        """What the access log says an entry is about: in the note's own circle, so that the case's log is silent."""
        return Subject("crisis_note", self.id, self.circle_id, child_id, self.owner_authority_id)
