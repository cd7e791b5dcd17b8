"""The consent that a place in the line rests on. ``domain.md`` 12.11 (requests by school), R4.6, R4.7.

Ids alone, as the line itself: whoever gives or takes back a consent may see no entry, and time itself sees none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.db import Base
from app.kernel.errors import Problem
from app.kernel.errors import Text as Words

_INSTANT = TIMESTAMP(timezone=True)


class QueueConsentState(Coded):
    """Where the consent stands that an entry rests on."""

    NOT_NEEDED = "not_needed", "Behövs inte", "Not needed"
    MISSING = "missing", "Saknas", "Missing"
    REQUESTED = "requested", "Begärt", "Requested"
    GIVEN = "given", "Givet", "Given"
    REFUSED = "refused", "Nekat", "Refused"
    WITHDRAWN = "withdrawn", "Återkallat", "Withdrawn"
    EXPIRED = "expired", "Utgånget", "Expired"


#: Nothing else is in the way of a place in the line, now or once there is an answer.
HOPEFUL = (QueueConsentState.REQUESTED, QueueConsentState.GIVEN)
#: What a consent opens that lets the group's authority know of the child: one of these is enough.
OPENING = ("contact", "social")


class ConsentDoesNotFit(Problem):
    """A consent that opens something else, to somebody else, or at another time, lets nobody into the line."""

    status = 422
    title = Words("Samtycket passar inte", "The consent does not fit")
    detail = Words(
        "Samtycket ska gälla barnet, namnge gruppens myndighet med contact eller social, och vara begärt eller givet "
        "och gälla nu.",
        "The consent is to be about the child, to name the group's authority with contact or social, and to be asked "
        "for or given and in force now.",
    )


class QueueConsent(Base):
    """The consent that an entry rests on, by ids alone: what becomes of it reaches the line without a sight of it."""

    __tablename__ = "queue_consents"

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("place_claims.id"), primary_key=True)
    consent_id: Mapped[UUID] = mapped_column(ForeignKey("consents.id"))
    state: Mapped[str] = mapped_column(Text)
    valid_until: Mapped[datetime] = mapped_column(_INSTANT)

    __table_args__ = (Index(None, "consent_id"),)

    def become(self, state: QueueConsentState, valid_until: datetime) -> None:
        """What the consent has come to, and until when."""
        self.state, self.valid_until = state, valid_until


@dataclass(frozen=True, slots=True)
class Ground:
    """A consent that fits: asked for or given, and until when."""

    consent_id: UUID
    state: QueueConsentState
    valid_until: datetime


def opens_the_line(categories: Sequence[str]) -> bool:
    """Whether a consent opens enough for a place in the line."""
    return not set(OPENING).isdisjoint(categories)
