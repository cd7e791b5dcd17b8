"""The queue to a contact group (kö till kontaktgrupp). ``domain.md`` 12.11 (R11.4, R11.5).

An entry tells whom a claim of ``app.places`` stands for, and has the claim's id. It is a circle of its own: the group's
unit owns it, the family and whoever sent it are in it.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, SmallInteger, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.audit import Subject
from app.kernel.db import Base
from app.kernel.errors import Conflict
from app.kernel.errors import Text as Words
from app.kernel.workflow import ImpossibleInThisState, Workflow
from app.people.models import Owned
from app.places.models import CLAIM_FLOW, IN_LINE, ClaimStatus, OfferStatus

_INSTANT = TIMESTAMP(timezone=True)


class WishedBy(Coded):
    """Whose wish it is that the child has a place."""

    CHILD = "child", "Barnet", "The child"
    GUARDIAN = "guardian", "Vårdnadshavare", "Guardian"
    PROFESSIONAL = "professional", "Någon som arbetar med barnet", "A professional"


class AskedVia(Coded):
    """Where the family or the child asked; both social services and school are asked (0.1)."""

    IFO = "ifo", "Individ- och familjeomsorgen", "Social services"
    SCHOOL = "school", "Skolan", "School"
    OTHER = "other", "Annan väg", "Another way"


class QueueNoteKind(Coded):
    """What a note about an entry is: a reason that the rules ask for, or what the child needs."""

    PRIORITY = "priority", "Skäl till prioritet", "Reason for the priority"
    SKIP = "skip", "Skäl att gå förbi andra", "Reason for going past others"
    GRADE_EXCEPTION = "grade_exception", "Skäl till undantag från årskurs", "Reason for the exception from the grades"
    RETURN = "return", "Skäl till att barnet kom tillbaka i kön", "Reason for coming back into the line"
    NEEDS = "needs", "Vad barnet behöver", "What the child needs"


class QueueConclusion(Coded):
    """Who or what took an entry out of the line."""

    FAMILY = "family", "Familjen", "The family"
    UNIT = "unit", "Gruppens enhet", "The group's unit"
    SENDER = "sender", "Den som skickade önskemålet", "Whoever sent the wish"
    GROUP_ENDED = "group_ended", "Gruppen avslutades", "The group ended"
    CONSENT_REFUSED = "consent_refused", "Samtycke nekades", "Consent was refused"
    CONSENT_WITHDRAWN = "consent_withdrawn", "Samtycket återkallades", "The consent was withdrawn"
    CONSENT_EXPIRED = "consent_expired", "Samtycket gick ut", "The consent expired"


class NoConsentNeeded(Conflict):
    """A guardian's own wish, and what stays within one authority, needs none."""

    title = Words("Inget samtycke behövs", "No consent is needed")
    detail = Words("Barnet står i kö utan samtycke.", "The child stands in line without one.")


class ConsentIsMissing(Conflict):
    """Without the consent that a wish needs nobody stands in line, or comes back into it."""

    title = Words("Samtycke saknas", "There is no consent")
    detail = Words("Det här kräver ett samtycke som gäller.", "This needs a consent that is in force.")


S = ClaimStatus
_OUT = (S.DECLINED, S.EXPIRED, S.WITHDRAWN)
#: What may be done with an entry: what a claim can do, what is written about it while it waits, and its consent.
QUEUE_FLOW = Workflow(
    {
        **CLAIM_FLOW.steps,
        **{(status, "edit"): status for status in IN_LINE},
        **{(status, "consent"): status for status in (*IN_LINE, *_OUT)},
    }
)
OFFER_FLOW = Workflow(
    {
        (OfferStatus.OPEN, "accept"): OfferStatus.ACCEPTED,
        (OfferStatus.OPEN, "decline"): OfferStatus.DECLINED,
        (OfferStatus.OPEN, "expire"): OfferStatus.EXPIRED,
        (OfferStatus.OPEN, "withdraw"): OfferStatus.WITHDRAWN,
    }
)


def require_possible(status: str, deed: str) -> None:
    """Raise ``ImpossibleInThisState`` unless an entry that stands there can do that."""
    if not QUEUE_FLOW.allows(status, deed):
        raise ImpossibleInThisState(status=status, deed=deed)


class QueueEntry(Owned, Base):
    """A child's wish for a place in a group (köanmälan); where it stands in the line is its claim's."""

    __tablename__ = "queue_entries"

    id: Mapped[UUID] = mapped_column(ForeignKey("place_claims.id"), primary_key=True)
    group_id: Mapped[UUID] = mapped_column(ForeignKey("contact_groups.id"))
    child_id: Mapped[UUID] = mapped_column(ForeignKey("children.id"))
    person_key: Mapped[UUID]
    given_name: Mapped[str | None] = mapped_column(Text)
    grade: Mapped[int] = mapped_column(SmallInteger)
    wished_by: Mapped[str] = mapped_column(Text)
    asked_via: Mapped[str] = mapped_column(Text)
    sender_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    requested_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    consent_id: Mapped[UUID | None] = mapped_column(ForeignKey("consents.id"))
    consent_needed: Mapped[bool]
    shielded: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(_INSTANT)
    concluded_because: Mapped[str | None] = mapped_column(Text)
    concluded_reason: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (Index(None, "group_id"), Index(None, "child_id"), Index(None, "person_key"))

    @property
    def logged(self) -> Subject:
        """What the access log says an entry is about."""
        return Subject("queue_entry", self.id, self.id, self.child_id, self.owner_authority_id)

    def conclude(self, because: QueueConclusion, reason: str | None = None) -> None:
        """It is out of the line; a reason only where somebody gave one."""
        self.concluded_because, self.concluded_reason = because, reason

    def reopen(self) -> None:
        """It is in the line again."""
        self.concluded_because, self.concluded_reason = None, None


class QueueNote(Owned, Base):
    """What is written about an entry, and never changed (R11.3, R11.4)."""

    __tablename__ = "queue_notes"

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("queue_entries.id"))
    kind: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(_INSTANT)
    written_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))

    __table_args__ = (Index(None, "entry_id", "id"),)


class FamilyMove(Owned, Base):
    """Whose of the family a move in the line was: the move shares its id, and remembers nobody of them."""

    __tablename__ = "family_moves"

    id: Mapped[UUID] = mapped_column(ForeignKey("place_moves.id"), primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("queue_entries.id"))
    moved_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))

    __table_args__ = (Index(None, "entry_id", "id"),)
