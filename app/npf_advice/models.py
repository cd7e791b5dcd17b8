"""Advice, proposed actions and reviews in a matter before an NPF team. ``domain.md`` R13.5."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.db import Base
from app.kernel.errors import Problem
from app.kernel.errors import Text as Words
from app.kernel.workflow import Workflow
from app.people.models import Owned

_INSTANT = TIMESTAMP(timezone=True)


class MatterActionStatus(Coded):
    """What a principal has decided about what the team proposes to it (R13.5)."""

    PROPOSED = "proposed", "Föreslagen", "Proposed"
    TAKEN_ON = "taken_on", "Tar på sig", "Taken on"
    DECLINED = "declined", "Avböjd", "Declined"
    DONE = "done", "Gjord", "Done"


A = MatterActionStatus
MATTER_ACTION_FLOW = Workflow(
    {
        (A.PROPOSED, "edit"): A.PROPOSED,
        (A.PROPOSED, A.TAKEN_ON): A.TAKEN_ON,
        (A.PROPOSED, A.DECLINED): A.DECLINED,
        (A.TAKEN_ON, "edit"): A.TAKEN_ON,
        (A.TAKEN_ON, A.DONE): A.DONE,
        (A.TAKEN_ON, A.DECLINED): A.DECLINED,
    }
)


class UnitNotInMatter(Problem):
    """R13.5: an action is proposed to a principal who is there to decide about it."""

    status = 422
    title = Words("Enheten är inte med i ärendet", "The unit is not in the matter")
    detail = Words(
        "Föreslå åtgärden för en enhet som kan läsa ärendet.", "Propose the action to a unit that can read the matter."
    )


class MatterAdvice(Owned, Base):
    """What somebody of the team advises, in the name of the team's knowledge; final (R13.5)."""

    __tablename__ = "matter_advices"

    matter_id: Mapped[UUID] = mapped_column(ForeignKey("npf_matters.id"))
    text: Mapped[str] = mapped_column(Text)
    given_on: Mapped[date]
    given_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    recorded_at: Mapped[datetime] = mapped_column(_INSTANT)

    __table_args__ = (Index("ix_matter_advices_matter_id", "matter_id", "id"),)


class MatterAction(Owned, Base):
    """What the team proposes to one principal. It is that unit's from the first: nobody else decides (R13.5)."""

    __tablename__ = "matter_actions"

    matter_id: Mapped[UUID] = mapped_column(ForeignKey("npf_matters.id"))
    text: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date | None]
    status: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    proposed_at: Mapped[datetime] = mapped_column(_INSTANT)
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (Index("ix_matter_actions_matter_id", "matter_id", "id"),)

    def decide(self, stated: Mapping[str, Any], by: UUID, at: datetime) -> None:
        """The principal takes it on, declines it or has done it, and says by when and why; then it stays so."""
        MATTER_ACTION_FLOW.go(self, "edit")
        status = stated.get("status", self.status)
        if status != self.status:
            MATTER_ACTION_FLOW.go(self, status)
            self.decided_at, self.decided_by = at, by
        self.apply({name: stated[name] for name in stated.keys() & {"due_on", "note"}})


class MatterReview(Owned, Base):
    """How it went, looked at together; final."""

    __tablename__ = "matter_reviews"

    matter_id: Mapped[UUID] = mapped_column(ForeignKey("npf_matters.id"))
    text: Mapped[str] = mapped_column(Text)
    reviewed_on: Mapped[date]
    next_review_on: Mapped[date | None]
    reviewed_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    recorded_at: Mapped[datetime] = mapped_column(_INSTANT)

    __table_args__ = (Index("ix_matter_reviews_matter_id", "matter_id", "id"),)
