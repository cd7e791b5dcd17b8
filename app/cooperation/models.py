"""Hand-overs between units and contacts, and what can go wrong in a circle. ``domain.md`` R3.2, R3.5."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.audit import Subject
from app.kernel.db import Base
from app.kernel.errors import Conflict
from app.kernel.errors import Text as Words
from app.kernel.workflow import Workflow
from app.people.models import Owned

_INSTANT = TIMESTAMP(timezone=True)


class TransferKind(Coded):
    """What is handed over: the contact role within a unit, or the whole case to another unit."""

    CONTACT = "contact", "Kontaktrollen", "The contact role"
    UNIT = "unit", "Hela ärendet", "The whole case"


class TransferStatus(Coded):
    """A transfer waits for its acceptance."""

    PENDING = "pending", "Väntar på svar", "Waiting for an answer"
    ACCEPTED = "accepted", "Övertaget", "Accepted"
    DECLINED = "declined", "Avböjt", "Declined"
    WITHDRAWN = "withdrawn", "Återtaget", "Withdrawn"


TRANSFER_FLOW = Workflow(
    {
        (TransferStatus.PENDING, "accept"): TransferStatus.ACCEPTED,
        (TransferStatus.PENDING, "decline"): TransferStatus.DECLINED,
        (TransferStatus.PENDING, "withdraw"): TransferStatus.WITHDRAWN,
    }
)


class TransferNeedsBasis(Conflict):
    """R3.2: a case goes to another authority only on consent or a recorded basis."""

    title = Words("Överlämning kräver grund", "A transfer needs a basis")
    detail = Words(
        "Mottagande myndighet saknar giltigt samtycke eller annan sekretessbrytande grund.",
        "The receiving authority has no valid consent or other basis that breaks secrecy.",
    )


class TransferAlreadyAnswered(Conflict):
    """A transfer is answered once."""

    title = Words("Överlämningen är redan besvarad", "The transfer is already answered")
    detail = Words("Den väntar inte längre på svar.", "It no longer waits for an answer.")


class NotTheReceiver(Conflict):
    """Somebody else in the unit was asked to take over."""

    title = Words("Överlämningen gäller någon annan", "The transfer names somebody else")
    detail = Words("Bara den som är tillfrågad kan svara.", "Only the one who was asked can answer.")


class AlreadyMember(Conflict):
    """A unit is in a circle once."""

    title = Words("Enheten är redan med", "The unit is a member already")
    detail = Words("Enheten finns redan i ärendets krets.", "The unit is in the case's circle already.")


class OwnerCannotLeave(Conflict):
    """The owner hands over; it does not leave."""

    title = Words("Ägaren kan inte lämna kretsen", "The owner cannot leave the circle")
    detail = Words("Överlämna ärendet i stället.", "Transfer the case instead.")


class Transfer(Owned, Base):
    """A hand-over that waits for its acceptance; until then the old contact answers (R3.5)."""

    __tablename__ = "case_transfers"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[str] = mapped_column(Text)
    to_unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    to_authority_id: Mapped[UUID] = mapped_column(ForeignKey("authorities.id"))
    to_user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    requested_at: Mapped[datetime] = mapped_column(_INSTANT)
    requested_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    answered_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    answer_note: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}

    def answer(self, status: TransferStatus, by: UUID, at: datetime, note: str | None) -> None:
        """Accept, decline or withdraw, once; only the one who was asked accepts or declines."""
        if self.status != TransferStatus.PENDING:
            raise TransferAlreadyAnswered
        if status is not TransferStatus.WITHDRAWN and self.to_user_id not in (None, by):
            raise NotTheReceiver
        self.status, self.answered_by, self.answered_at, self.answer_note = status, by, at, note

    def subject(self, child_id: UUID | None = None) -> Subject:
        """What the access log says an entry is about."""
        return Subject("transfer", self.id, self.case_id, child_id, self.owner_authority_id)
