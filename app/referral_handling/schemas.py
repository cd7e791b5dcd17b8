"""What the receiver of a referral says at each step."""

from uuid import UUID

from pydantic import Field

from app.centre_referrals.labels import ReferralResult
from app.family_centres.models import CapacityAnswer
from app.kernel.shapes import In, Instant, Prose


class ReferralReceipt(In):
    """It has arrived and will be looked at (R12.7)."""


class ReferralAcceptance(In):
    """The receiver takes it on, and may say whether there is room now."""

    capacity_answer: CapacityAnswer | None = None
    text: Prose | None = Field(default=None, description="To the sender and the family.")


class ReferralReturn(In):
    """More is needed to decide."""

    what: Prose = Field(description="What the sender is asked for.")


class ReferralDecline(In):
    """No, and why: the sender and the family read it."""

    reason: Prose
    capacity_answer: CapacityAnswer | None = None


class ReferralBooking(In):
    """A first time, or another one. No message tells where (R21.3)."""

    at: Instant


class ReferralStart(In):
    """They have come."""


class ReferralNoShow(In):
    """They did not come; another time can be booked."""

    text: Prose | None = Field(default=None, description="To the sender and the family.")


class ReferralCompletion(In):
    """It is done. The sender always sees that; what became of it, where the family allows it."""

    outcome: ReferralResult
    text: Prose | None = None
    share_with_sender: bool


class ReferralRedirection(In):
    """Somebody else is better placed: another centre, a part of one, or a unit (BUP)."""

    centre_id: UUID | None = None
    part_id: UUID | None = None
    unit_id: UUID | None = None
    reason: Prose = Field(description="The sender, the family and, once it has accepted, the next receiver read it.")
    person_agrees: bool = Field(
        default=False, description="Whoever referred themselves has been asked; a consent is asked for what it covers."
    )
