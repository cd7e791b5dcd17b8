"""Coordinators (samordnare): asked, accepting, handing over, and whom one calls. ``domain.md`` R5.3-R5.7."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.audit import Subject
from app.kernel.db import Base
from app.kernel.errors import Conflict
from app.kernel.errors import Text as Words
from app.kernel.workflow import Workflow
from app.people.models import Owned

_INSTANT = TIMESTAMP(timezone=True)


class CoordinatorStatus(Coded):
    """Where an assignment as coordinator stands."""

    PROPOSED = "proposed", "Väntar på svar", "Waiting for an answer"
    ACCEPTED = "accepted", "Har tackat ja", "Accepted"
    DECLINED = "declined", "Har tackat nej", "Declined"
    WITHDRAWN = "withdrawn", "Återtaget", "Withdrawn"
    ENDED = "ended", "Avslutat", "Ended"


class CallRole(Coded):
    """As what somebody is the one to call."""

    COORDINATOR = "coordinator", "Samordnare", "Coordinator"
    NAMED_CONTACT = "named_contact", "Fast kontakt", "Named contact"
    DEPUTY = "deputy", "Ersättare", "Deputy"
    DESK_LEAD = "desk_lead", "Ansvarig för samordningsfunktionen", "Lead of the coordination desk"
    DESK = "desk", "Samordningsfunktionen", "The coordination desk"
    UNIT = "unit", "Enheten", "The unit"


class CallReason(Coded):
    """Why it is this one (R5.3, R5.4, R5.6)."""

    COORDINATES = "coordinates", "Samordnar ärendet", "Coordinates the case"
    IS_THE_CONTACT = "is_the_contact", "Fast kontakt; ingen samordnare svarar", "Named contact; no coordinator answers"
    FOR_THE_ABSENT = "for_the_absent", "Ersätter den som är frånvarande", "Stands in for somebody who is away"
    FOR_THE_SILENT = "for_the_silent", "Ersätter den som inte har hörts av", "Stands in for somebody not heard from"
    NOBODY_ELSE = "nobody_else", "Ingen annan är utsedd eller kan svara", "Nobody else is appointed, or can answer"


S = CoordinatorStatus
COORDINATOR_FLOW = Workflow(
    {
        (S.PROPOSED, "accept"): S.ACCEPTED,
        (S.PROPOSED, "decline"): S.DECLINED,
        (S.PROPOSED, "withdraw"): S.WITHDRAWN,
        (S.ACCEPTED, "hand_over"): S.ACCEPTED,
        (S.ACCEPTED, "end"): S.ENDED,
    }
)


class CoordinatorAlreadyAsked(Conflict):
    """One is asked at a time."""

    constraint = "uq_coordinator_assignments_proposed"
    title = Words("Någon är redan tillfrågad", "Somebody has been asked already")
    detail = Words(
        "Vänta på svaret, eller återta frågan först.", "Wait for the answer, or withdraw what was asked first."
    )


class CoordinatesAlready(Conflict):
    """Nobody is asked to take over from themselves."""

    constraint = "uq_coordinator_assignments_accepted"
    title = Words("Personen samordnar redan", "This person coordinates already")
    detail = Words("Ärendet har redan den samordnaren.", "The case has this coordinator already.")


class NotTheOneAsked(Conflict):
    """A colleague cannot answer for the one who was asked (R5.3)."""

    title = Words("Frågan gäller någon annan", "Somebody else was asked")
    detail = Words("Bara den som är tillfrågad kan svara.", "Only the one who was asked can answer.")


class CoordinatorAssignment(Owned, Base):
    """Somebody is asked to coordinate a case; until they accept, whoever did before answers (R5.3)."""

    __tablename__ = "coordinator_assignments"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    reason: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    proposed_at: Mapped[datetime] = mapped_column(_INSTANT)
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    accept_due_at: Mapped[datetime] = mapped_column(_INSTANT)
    answered_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    answer_reason: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    follows_id: Mapped[UUID | None] = mapped_column(ForeignKey("coordinator_assignments.id"))
    checklist: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}

    def answer(self, deed: str, by: UUID, at: datetime, reason: str | None) -> None:
        """Accept, decline or withdraw, once; only the one who was asked accepts or declines."""
        if deed != "withdraw" and by != self.user_id:
            raise NotTheOneAsked
        COORDINATOR_FLOW.go(self, deed)
        self.answered_at, self.answer_reason = at, reason

    def end(self, at: datetime) -> None:
        """Another has accepted: this one's time is over (R3.4)."""
        COORDINATOR_FLOW.go(self, "end")
        self.ended_at = at

    def require_another(self, user_id: UUID, unit_id: UUID) -> None:
        """Raises ``CoordinatesAlready`` when the next one is the present one."""
        if self.status == CoordinatorStatus.ACCEPTED and (self.user_id, self.unit_id) == (user_id, unit_id):
            raise CoordinatesAlready

    def subject(self, child_id: UUID | None = None) -> Subject:
        """What the access log says an entry is about."""
        return Subject("coordinator_assignment", self.id, self.case_id, child_id, self.owner_authority_id)
