"""Referrals (remisser, hänvisningar) and what becomes of them. ``domain.md`` 7, 12.12 and 12.21; R12.4, R12.5, R12.7.

A referral is a circle of its own. Sent by a professional it is the sender's, and opens to the receiver on a consent;
what a family member hands in is the receiver's from the first moment. The reason stands in ``referral_details``, which
the database opens to the receiver when it accepts; what became of it in ``referral_outcomes``.
"""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index, SmallInteger, Text, Uuid
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.audit import Subject
from app.kernel.db import Base
from app.kernel.errors import Conflict, Problem
from app.kernel.errors import Text as Words
from app.kernel.workflow import Workflow
from app.people.models import Owned
from app.referral_parties.models import Receiver, SenderKind, YouthClinicIsOnesOwnChoice

_INSTANT = TIMESTAMP(timezone=True)
KIND = "family_centre_referral"


class ReferralStatus(Coded):
    """Where a referral stands."""

    DRAFT = "draft", "Utkast", "Draft"
    SENT = "sent", "Skickad", "Sent"
    RECEIVED = "received", "Mottagen", "Received"
    RETURNED = "returned", "Åter för komplettering", "Returned for more"
    ACCEPTED = "accepted", "Antagen", "Accepted"
    DECLINED = "declined", "Avböjd", "Declined"
    BOOKED = "booked", "Tid bokad", "Booked"
    STARTED = "started", "Påbörjad", "Started"
    NO_SHOW = "no_show", "Uteblev", "Did not come"
    COMPLETED = "completed", "Avslutad", "Completed"
    WITHDRAWN = "withdrawn", "Återkallad", "Withdrawn"


S = ReferralStatus
REFERRAL_FLOW = Workflow(
    {
        (S.DRAFT, "edit"): S.DRAFT,
        (S.DRAFT, "send"): S.SENT,
        (S.SENT, "receive"): S.RECEIVED,
        (S.RECEIVED, "accept"): S.ACCEPTED,
        (S.RECEIVED, "return"): S.RETURNED,
        (S.RETURNED, "edit"): S.RETURNED,
        (S.RETURNED, "send"): S.SENT,
        (S.RECEIVED, "decline"): S.DECLINED,
        (S.ACCEPTED, "book"): S.BOOKED,
        (S.BOOKED, "book"): S.BOOKED,
        (S.ACCEPTED, "start"): S.STARTED,
        (S.BOOKED, "start"): S.STARTED,
        (S.BOOKED, "miss"): S.NO_SHOW,
        (S.NO_SHOW, "book"): S.BOOKED,
        (S.NO_SHOW, "complete"): S.COMPLETED,
        (S.STARTED, "complete"): S.COMPLETED,
        (S.RECEIVED, "redirect"): S.SENT,
        (S.ACCEPTED, "redirect"): S.SENT,
        (S.BOOKED, "redirect"): S.SENT,
        **{
            (status, "withdraw"): S.WITHDRAWN
            for status in (S.DRAFT, S.SENT, S.RECEIVED, S.RETURNED, S.ACCEPTED, S.BOOKED, S.STARTED, S.NO_SHOW)
        },
    }
)
#: On its way or under way: what ends with the consent that it rests on.
UNDER_WAY = (S.SENT, S.RECEIVED, S.RETURNED, S.ACCEPTED, S.BOOKED, S.STARTED, S.NO_SHOW)
_REACHED = {"receive": "received_at", "accept": "accepted_at", "start": "started_at", "complete": "completed_at"}


class ReferralNeedsConsent(Conflict):
    """R12.5: without consent nothing is sent."""

    title = Words("Samtycke saknas", "There is no consent")
    detail = Words(
        "Ange i consentId ett gällande samtycke om barnet som nämner mottagarens myndighet och öppnar kontaktuppgifter "
        "och den egna sektorns uppgifter.",
        "Name in consentId a consent in force about the child that names the receiver's authority and opens contact "
        "details and what is of one's own sector.",
    )


class ConsentIsInUse(Conflict):
    """What has been out rests on its consent until it is sent on another."""

    title = Words("Samtycket är i bruk", "The consent is in use")
    detail = Words(
        "Ange det nya samtycket när remissen skickas igen.", "Name the new consent when the referral is sent again."
    )


class ConsentDoesNotCoverReceiver(Conflict):
    """R12.5 holds for a redirection too; whoever referred themselves is asked."""

    title = Words("Samtycket räcker inte till den mottagaren", "The consent does not reach that receiver")
    detail = Words(
        "Samtycket nämner inte mottagarens myndighet. För en egen anmälan: fråga, och skicka personAgrees: true.",
        "The consent does not name the receiver's authority. For a self-referral: ask, and send personAgrees: true.",
    )


class ReferralGoesElsewhere(Conflict):
    """A referral goes to another unit than the one that sends it or has it."""

    title = Words("Mottagaren är den egna enheten", "The receiver is one's own unit")
    detail = Words(
        "En remiss går till en annan enhet än den som skickar eller redan har den.",
        "A referral goes to another unit than the one that sends it or has it already.",
    )


class BookingInThePast(Problem):
    """A time is booked ahead."""

    status = 422
    title = Words("Tiden har varit", "The time has passed")
    detail = Words("Boka en tid som ligger framåt.", "Book a time that lies ahead.")


class FeedbackNotAllowed(Conflict):
    """12.12: what became of it is told to the sender only where the family allows it; the status always is."""

    title = Words("Avsändaren får inte veta mer", "The sender is not told more")
    detail = Words(
        "Familjen har inte gått med på återkoppling: shareWithSender ska vara false. Läget ser avsändaren ändå.",
        "The family has not agreed to feedback: shareWithSender must be false. The sender sees the status anyway.",
    )


class Referral(Owned, Base):
    """A referral: what its receiver needs to decide. Its own circle."""

    __tablename__ = "family_centre_referrals"

    status: Mapped[str] = mapped_column(Text)
    sender_kind: Mapped[str] = mapped_column(Text)
    from_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    centre_id: Mapped[UUID | None] = mapped_column(ForeignKey("family_centres.id"))
    part_id: Mapped[UUID | None] = mapped_column(ForeignKey("centre_parts.id"))
    receiver_unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    redirected_from_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    child_id: Mapped[UUID | None] = mapped_column(ForeignKey("children.id"))
    child_given_name: Mapped[str | None] = mapped_column(Text)
    age_years: Mapped[int | None] = mapped_column(SmallInteger)
    kind_of_need: Mapped[str] = mapped_column(Text)
    urgency: Mapped[str] = mapped_column(Text)
    consent_id: Mapped[UUID | None] = mapped_column(ForeignKey("consents.id"))
    consented_authority_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()), server_default=sql("'{}'"))
    open_until: Mapped[datetime | None] = mapped_column(_INSTANT)
    feedback_allowed: Mapped[bool]
    private: Mapped[bool]
    shielded: Mapped[bool]
    requested_at: Mapped[datetime] = mapped_column(_INSTANT)
    sent_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    acknowledge_due_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    received_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    accepted_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    booked_for: Mapped[datetime | None] = mapped_column(_INSTANT)
    started_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    completed_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index("ix_family_centre_referrals_from_unit_id", "from_unit_id", "id"),
        Index("ix_family_centre_referrals_receiver_unit_id", "receiver_unit_id", "id"),
        Index("ix_family_centre_referrals_owner_unit_id", "owner_unit_id", "id"),
        Index(None, "child_id"), Index(None, "centre_id"), Index(None, "part_id"), Index(None, "consent_id"),
    )  # fmt: skip

    @property
    def subject(self) -> Subject:
        """What the access log says an entry is about."""
        return subject_of(self.id, self.owner_authority_id, None if self.private else self.child_id)

    @property
    def subject_of_deadline(self) -> Subject:
        """The same for its receiver's deadline, which stands in the referral's circle and knows the child."""
        return subject_of(self.id, self.owner_authority_id, self.child_id)

    def settle(self, at: datetime) -> None:
        """Write down what time has done already: with its consent a referral is over (R4.7)."""
        if self.open_until is not None and self.open_until <= at and self.status in UNDER_WAY:
            REFERRAL_FLOW.go(self, "withdraw")

    def step(self, deed: str, at: datetime) -> None:
        """A step of the state machine, and when it was reached; raises ``ImpossibleInThisState``."""
        REFERRAL_FLOW.go(self, deed)
        if deed in _REACHED:
            setattr(self, _REACHED[deed], at)

    def send(self, at: datetime, due: datetime) -> None:
        """On its way, for the first time or with what was asked for; the receiver has until ``due`` (R12.7)."""
        REFERRAL_FLOW.go(self, "send")
        self._goes_out(at, due)

    def _goes_out(self, at: datetime, due: datetime) -> None:
        self.sent_at, self.acknowledge_due_at = at, due
        self.received_at = self.accepted_at = self.booked_for = None

    def book(self, time: datetime, at: datetime) -> None:
        """A time, or another one; raises ``BookingInThePast``."""
        REFERRAL_FLOW.go(self, "book")
        if time <= at:
            raise BookingInThePast
        self.booked_for = time

    def redirect(self, to: Receiver, at: datetime, due: datetime, *, person_agrees: bool) -> None:
        """Another receiver begins from the beginning, as far as consent reaches (R12.5).

        Raises ``ReferralGoesElsewhere``, ``ConsentDoesNotCoverReceiver``, ``PrivateFromSchools`` and
        ``YouthClinicIsOnesOwnChoice``.
        """
        REFERRAL_FLOW.go(self, "redirect")
        if to.unit_id in (self.receiver_unit_id, self.from_unit_id):
            raise ReferralGoesElsewhere
        own = self.sender_kind != SenderKind.PROFESSIONAL
        if not (person_agrees if own else to.authority_id in self.consented_authority_ids):
            raise ConsentDoesNotCoverReceiver
        if self.private:
            to.require_discreet()
        elif to.is_youth_clinic:
            raise YouthClinicIsOnesOwnChoice
        self.redirected_from_unit_id = self.receiver_unit_id
        self.apply(to.place)
        self._goes_out(at, due)

    def require_feedback(self, *, shared: bool) -> None:
        """Raise ``FeedbackNotAllowed`` where what became of it stays with the receiver (12.12)."""
        if shared and not self.feedback_allowed:
            raise FeedbackNotAllowed


class ReferralDetails(Owned, Base):
    """Why, what is wished for, and how to reach somebody: open to the receiver while it has taken the referral on."""

    __tablename__ = "referral_details"

    #: Who reads what it said before a completion: the family, and the unit that wrote it.
    category: ClassVar[str] = "family"

    referral_id: Mapped[UUID] = mapped_column(ForeignKey("family_centre_referrals.id"))
    reason: Mapped[str] = mapped_column(Text)
    wishes: Mapped[str | None] = mapped_column(Text)
    contact: Mapped[str | None] = mapped_column(Text)
    opened: Mapped[bool] = mapped_column(server_default=sql("false"))
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (Index("uq_referral_details_referral_id", "referral_id", unique=True),)


class ReferralStep(Owned, Base):
    """One step of a referral: who took it, with what words."""

    __tablename__ = "referral_steps"

    referral_id: Mapped[UUID] = mapped_column(ForeignKey("family_centre_referrals.id"))
    deed: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    text: Mapped[str | None] = mapped_column(Text)
    capacity_answer: Mapped[str | None] = mapped_column(Text)
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    to_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    taken_at: Mapped[datetime] = mapped_column(_INSTANT)
    taken_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))

    __table_args__ = (Index("ix_referral_steps_referral_id", "referral_id", "id"),)


class ReferralOutcome(Owned, Base):
    """What became of it, as its receiver says; the sender reads it where it is shared."""

    __tablename__ = "referral_outcomes"

    referral_id: Mapped[UUID] = mapped_column(ForeignKey("family_centre_referrals.id"))
    outcome: Mapped[str] = mapped_column(Text)
    text: Mapped[str | None] = mapped_column(Text)
    shared: Mapped[bool]
    recorded_at: Mapped[datetime] = mapped_column(_INSTANT)
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))

    __table_args__ = (Index("ix_referral_outcomes_referral_id", "referral_id", "id"),)


def subject_of(referral_id: UUID, authority_id: UUID, child_id: UUID | None) -> Subject:
    """A referral as the access log names it: its own circle. A private one names no child, to nobody (R14.6)."""
    return Subject(KIND, referral_id, referral_id, child_id, authority_id)
