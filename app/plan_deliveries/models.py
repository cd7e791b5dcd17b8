"""Copies of a plan, delivered to its parties within the scope of consent. ``domain.md`` 12.7, R7.9.

Each party keeps its copy in its own system; here stands who was given which version, how, and who said that it came.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.audit import Subject
from app.kernel.db import Base
from app.kernel.errors import Conflict, Denied, Problem
from app.kernel.errors import Text as Words
from app.plan_contents.models import PartOfPlan

_INSTANT = TIMESTAMP(timezone=True)


class CopyChannel(Coded):
    """How a copy reaches somebody who does not read it here."""

    SDK = "sdk", "Säker digital kommunikation", "Secure digital communication (SDK)"
    PAPER = "paper", "Papper", "Paper"


class NotDeliveredReason(Coded):
    """Why a party has no copy of the newest version."""

    LEFT_CIRCLE = "left_circle", "Enheten har lämnat kretsen", "The unit has left the circle"
    OUTSIDE_CONSENT = "outside_consent", "Samtycket omfattar inte enheten nu", "Consent does not cover the unit now"
    NOT_SENT = "not_sent", "Inte skickad ännu", "Not sent yet"


class OutsideScope(Conflict):
    """R7.9: a copy goes to parties within the scope of consent, and to nobody else."""

    title = Words("Mottagaren får inte planen nu", "The recipient may not have the plan now")
    detail = Words(
        "Mottagaren är ingen part i planen, har lämnat kretsen eller omfattas inte av ett gällande samtycke.",
        "The recipient is no party of the plan, has left the circle or is not covered by a consent in force.",
    )


class NotTheRecipient(Denied):
    """Whoever was given the copy says that it came, and nobody for them."""

    code = "not-the-recipient"
    title = Words("Kopian är någon annans", "The copy is somebody else's")
    detail = Words("Bara mottagaren kan kvittera.", "Only the recipient can acknowledge it.")


class AlreadyReceived(Conflict):
    """A copy is received once."""

    title = Words("Redan kvitterad", "Already acknowledged")
    detail = Words("Mottagaren har redan kvitterat kopian.", "The recipient has acknowledged the copy already.")


class UnknownVersion(Problem):
    """A copy is of a version that there is."""

    status = 422
    title = Words("Versionen finns inte", "There is no such version")
    detail = Words(
        "versionNumber ska vara en av planens versioner.", "versionNumber must be one of the plan's versions."
    )


class PlanDelivery(PartOfPlan, Base):
    """One copy of one version, to one recipient: a unit, or a family member in person."""

    __tablename__ = "plan_deliveries"

    version_id: Mapped[UUID] = mapped_column(ForeignKey("plan_versions.id"))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    person_key: Mapped[UUID | None]
    standing: Mapped[str | None] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(Text)
    delivered_at: Mapped[datetime] = mapped_column(_INSTANT)
    acknowledged_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    acknowledged_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}

    def subject(self, child_id: UUID | None) -> Subject:
        """What the access log says an entry is about."""
        return self.named("plan_delivery", child_id)

    def send(self, channel: CopyChannel, at: datetime) -> None:
        """The copy was given in another way. Raises ``AlreadyReceived``."""
        self._require_outstanding()
        self.channel, self.delivered_at = channel, at

    def acknowledge(self, party_id: UUID | None, by: UUID, at: datetime) -> None:
        """The recipient says that it came. Raises ``NotTheRecipient``, ``AlreadyReceived``."""
        if party_id is None or party_id != (self.unit_id or self.person_key):
            raise NotTheRecipient
        self._require_outstanding()
        self.acknowledged_at, self.acknowledged_by = at, by

    def _require_outstanding(self) -> None:
        if self.acknowledged_at is not None:
            raise AlreadyReceived
