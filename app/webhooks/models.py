"""Webhooks (prenumerationer): who wants to be told of which events, at which address, and what became of it.

A subscription is a consumer of the feed with a position of its own, and acts as the assignment that made it. All of it
is the subscriber's own: nobody else sees it, whatever their role. ``docs/decisions/0015-webhooks.md``.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.audit import Subject
from app.kernel.db import Base
from app.kernel.errors import Problem
from app.kernel.errors import Text as Words
from app.kernel.workflow import Workflow

_INSTANT = TIMESTAMP(timezone=True)


class WebhookStatus(Coded):
    """Whether events are sent."""

    ACTIVE = "active", "Aktiv", "Active"
    PAUSED = "paused", "Pausad", "Paused"
    DISABLED = "disabled", "Avstängd", "Disabled"
    ENDED = "ended", "Avslutad", "Ended"


class WebhookDisabledReason(Coded):
    """Why nothing is sent any more, until somebody activates it."""

    GONE = "gone", "Mottagaren svarade 410", "The receiver answered 410"
    FAILING = "failing", "Inget har kommit fram på flera dagar", "Nothing has arrived for days"
    ASSIGNMENT_ENDED = "assignment_ended", "Uppdraget har upphört", "The assignment has ended"
    EVENTS_FORGOTTEN = (
        "events_forgotten", "Händelserna på tur finns inte kvar", "The events that were next are no longer kept"
    )  # fmt: skip


class WebhookDeliveryStatus(Coded):
    """Where a delivery stands."""

    WAITING = "waiting", "Väntar", "Waiting"
    DELIVERED = "delivered", "Levererad", "Delivered"
    FAILED = "failed", "Misslyckad", "Failed"


class WebhookFault(Coded):
    """Why the last attempt did not arrive."""

    STATUS = "status", "Mottagaren svarade inte med 2xx", "The receiver did not answer 2xx"
    TIMEOUT = "timeout", "Mottagaren svarade inte i tid", "The receiver did not answer in time"
    UNREACHABLE = "unreachable", "Mottagaren gick inte att nå", "The receiver could not be reached"
    UNTRUSTED = "untrusted", "Mottagarens certifikat godtogs inte", "The receiver's certificate was not accepted"
    REFUSED = "refused", "Adressen är inte tillåten", "The address is not allowed"
    WITHDRAWN = "withdrawn", "Prenumerationen avslutades", "The subscription ended"


S = WebhookStatus
WEBHOOK_FLOW = Workflow(
    {
        (S.ACTIVE, "pause"): S.PAUSED,
        (S.PAUSED, "resume"): S.ACTIVE,
        (S.ACTIVE, "disable"): S.DISABLED,
        (S.DISABLED, "activate"): S.ACTIVE,
        (S.ACTIVE, "send"): S.ACTIVE,
        (S.ACTIVE, "change"): S.ACTIVE,
        (S.PAUSED, "change"): S.PAUSED,
        (S.DISABLED, "change"): S.DISABLED,
        (S.ACTIVE, "end"): S.ENDED,
        (S.PAUSED, "end"): S.ENDED,
        (S.DISABLED, "end"): S.ENDED,
    }
)


class WebhookSubscription(Base):
    """One subscriber's wish to be told (prenumeration)."""

    __tablename__ = "webhook_subscriptions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    submitted_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    assignment_id: Mapped[UUID] = mapped_column(ForeignKey("assignments.id"))
    client_id: Mapped[str | None] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    url: Mapped[str] = mapped_column(Text)
    description: Mapped[str | None] = mapped_column(Text)
    record_types: Mapped[list[str]] = mapped_column(ARRAY(Text))
    operations: Mapped[list[str]] = mapped_column(ARRAY(Text))
    status: Mapped[str] = mapped_column(Text)
    disabled_because: Mapped[str | None] = mapped_column(Text)
    status_since: Mapped[datetime] = mapped_column(_INSTANT)
    created_at: Mapped[datetime] = mapped_column(_INSTANT)
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index("ix_webhook_subscriptions_submitted_by", "submitted_by", "id"),
        Index("ix_webhook_subscriptions_assignment_id", "assignment_id"),
    )

    @property
    def subject(self) -> Subject:
        """What the access log says an entry is about."""
        return Subject("webhook_subscription", self.id)

    def change(self, stated: Mapping[str, Any]) -> None:
        """Apply the stated fields; raises ``ImpossibleInThisState`` when it has ended."""
        WEBHOOK_FLOW.go(self, "change")
        for name, value in stated.items():
            setattr(self, name, value)

    def go(self, deed: str, at: datetime) -> None:
        """Pause, resume, activate or end; raises ``ImpossibleInThisState``."""
        WEBHOOK_FLOW.go(self, deed)
        self.status_since, self.disabled_because = at, None

    def disable(self, because: WebhookDisabledReason, at: datetime) -> None:
        """Send nothing more until somebody has looked at it; raises ``ImpossibleInThisState``."""
        self.go("disable", at)
        self.disabled_because = because


class WebhookProgress(Base):
    """How far a subscriber has been told, and since when nothing arrives. No change of the subscription itself."""

    __tablename__ = "webhook_progress"

    subscription_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_subscriptions.id"), primary_key=True)
    submitted_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    position: Mapped[int] = mapped_column(BigInteger)
    failing_since: Mapped[datetime | None] = mapped_column(_INSTANT)

    __table_args__ = (Index("ix_webhook_progress_submitted_by", "submitted_by"),)


class WebhookSecret(Base):
    """What a subscriber's deliveries are signed with, sealed; during a rotation there are two."""

    __tablename__ = "webhook_secrets"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    subscription_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_subscriptions.id"))
    submitted_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(_INSTANT)
    valid_until: Mapped[datetime | None] = mapped_column(_INSTANT)

    __table_args__ = (
        Index("ix_webhook_secrets_subscription_id", "subscription_id"),
        Index("ix_webhook_secrets_submitted_by", "submitted_by"),
    )


class WebhookDelivery(Base):
    """One event on its way to one subscriber, as it was when it was told."""

    __tablename__ = "webhook_deliveries"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    subscription_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_subscriptions.id"))
    submitted_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    event_id: Mapped[UUID]
    event_type: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(server_default=sql("0"))
    status_code: Mapped[int | None]
    fault: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_INSTANT)
    next_attempt_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    delivered_at: Mapped[datetime | None] = mapped_column(_INSTANT)

    __table_args__ = (
        UniqueConstraint("subscription_id", "event_id", name="uq_webhook_deliveries_event"),
        Index("ix_webhook_deliveries_subscription_id", "subscription_id", "id"),
        Index("ix_webhook_deliveries_submitted_by", "submitted_by"),
        Index("ix_webhook_deliveries_created_at", "created_at"),
    )

    def send_again(self, at: datetime) -> None:
        """It is due now, with all its attempts before it, whatever became of it earlier."""
        self.status, self.attempts, self.next_attempt_at = WebhookDeliveryStatus.WAITING, 0, at


def wait_after(attempts: int, schedule: list[float], spread: float) -> timedelta | None:
    """How long to wait after so many attempts, lengthened by a part of itself; None when there is no further one."""
    if attempts > len(schedule):
        return None
    return timedelta(seconds=schedule[attempts - 1] * (1 + spread))


class WebhookTargetRefused(Problem):
    """A receiver is reached over the open internet: the program's own network is nobody's to reach through it."""

    status = 422
    title = Words("Adressen är inte tillåten", "The address is not allowed")
    detail = Words(
        "Ange en https-adress på det öppna nätet, utan användarnamn, lösenord eller fragment.",
        "Name an https address on the open internet, without user name, password or fragment.",
    )
