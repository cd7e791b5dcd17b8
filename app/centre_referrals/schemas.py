"""What comes in and goes out about referrals."""

from uuid import UUID

from pydantic import Field

from app.centre_referrals.labels import ReferralDirection, ReferralNeed, ReferralResult, ReferralUrgency
from app.centre_referrals.models import ReferralStatus
from app.family_centres.models import CapacityAnswer
from app.kernel.paging import PageQuery
from app.kernel.shapes import Id, In, Line, Name, Opened, Out, Page, Prose, Record, UtcInstant
from app.people.schemas import BirthDay
from app.referral_parties.models import SenderKind


class FamilyCentreReferralCreate(In):
    """A referral: a professional's as a draft, a family member's own sent at once (their act, so no consent)."""

    centre_id: UUID
    part_id: UUID | None = Field(default=None, description="The part that is to receive it; the centre, when absent.")
    child_id: UUID | None = Field(
        default=None, description="A child of one's own unit, or of one's own family. The family may leave it out."
    )
    given_name: Name | None = Field(
        default=None, description="Where no record is named; a young person's is known from the sign-in."
    )
    birth_date: BirthDay | None = Field(
        default=None, description="Or the expected day. Where no record tells it; only the age is kept."
    )
    kind_of_need: ReferralNeed
    urgency: ReferralUrgency = ReferralUrgency.ORDINARY
    reason: Prose = Field(description="Shown to the receiver once it has accepted.")
    wishes: Prose | None = None
    contact: Line | None = Field(default=None, description="How and when to reach the family or the young person.")
    private: bool | None = Field(
        default=None,
        description="Nobody else of the family is in it (R21.1). Decided by a professional from 13 years on; true for "
        "a young person of 13 or more who says nothing else, and always at a youth clinic.",
    )
    consent_id: UUID | None = Field(
        default=None, description="A professional's: what it will be sent on (R12.5); it can be named later."
    )
    feedback_allowed: bool = Field(
        default=False, description="The sender may be told more than the status. Whoever refers themselves always is."
    )


class FamilyCentreReferralPatch(In):
    """Changes by the sender while it is a draft or has come back; absent fields stay, null removes."""

    kind_of_need: ReferralNeed = ReferralNeed.OTHER
    urgency: ReferralUrgency = ReferralUrgency.ORDINARY
    reason: Prose = ""
    wishes: Prose | None = None
    contact: Line | None = None
    consent_id: UUID | None = Field(default=None, description="Only of a draft; later it is named at the sending.")
    feedback_allowed: bool = False


class ReferralSending(In):
    """Send it, for the first time or with what was asked for."""

    consent_id: UUID | None = Field(default=None, description="The one that the draft names, when absent (R12.5).")


class ReferralWithdrawal(In):
    """It goes no further."""

    reason: Line | None = Field(default=None, description="The family need give none.")


class ReferralDetails(Out):
    """Why, what is wished for, and how to reach somebody."""

    reason: str
    wishes: str | None
    contact: str | None = Field(description="Null to another unit where the child is protected (R2.5).")


class ReferralStep(Out):
    """One step, with the words that went with it."""

    deed: str = Field(json_schema_extra={"example": "accept"})
    status: ReferralStatus
    text: str | None = Field(description="Null in a preview, where others said it.")
    capacity_answer: CapacityAnswer | None
    unit_name: str | None = Field(description="Null for the family, and where it would tell a protected child's place.")
    to_unit_name: str | None = Field(description="The next receiver, of a redirection.")
    taken_at: UtcInstant


class ReferralOutcome(Out):
    """What became of it; to the sender where the receiver shares it and the family allows it."""

    outcome: ReferralResult
    text: str | None
    shared: bool
    recorded_at: UtcInstant


class FamilyCentreReferralSummary(Record):
    """A referral in a list: no more than what is needed to decide about it."""

    status: ReferralStatus
    sender_kind: SenderKind
    from_unit_id: Id | None = Field(description="Null for the family's own, and to the receiver of a protected child.")
    from_unit_name: str | None
    centre_id: Id | None
    centre_name: str | None
    part_id: Id | None
    part_name: str | None
    receiver_unit_id: Id
    receiver_unit_name: str
    child_given_name: str | None
    age_years: int | None = Field(description="When it was sent. Null before birth.", json_schema_extra={"example": 4})
    kind_of_need: ReferralNeed
    urgency: ReferralUrgency
    private: bool
    sent_at: UtcInstant | None
    acknowledge_due_at: UtcInstant | None = Field(
        description="R12.7: received in time means before this instant; agreed practice, unverified."
    )
    acknowledge_overdue: bool
    booked_for: UtcInstant | None


class FamilyCentreReferral(FamilyCentreReferralSummary):
    """A referral. Until its receiver has accepted it, the receiver sees a preview: what is needed to decide."""

    preview: bool = Field(description="True to a receiver that has not accepted it (or no longer has it).")
    child_id: Id | None = Field(description="Null where the caller may not know of the child's record.")
    consent_id: Id | None = Field(description="What it was sent on; to the receiver it stands in openedBy.")
    feedback_allowed: bool | None = Field(description="Null in a preview.")
    details: ReferralDetails | None = Field(description="Null in a preview.")
    requested_at: UtcInstant
    received_at: UtcInstant | None
    accepted_at: UtcInstant | None
    started_at: UtcInstant | None
    completed_at: UtcInstant | None
    open_until: UtcInstant | None = Field(description="When the consent ends; the referral ends with it.")
    redirected_from_unit_name: str | None
    steps: list[ReferralStep] = Field(description="The earliest first.")
    outcomes: list[ReferralOutcome]
    opened_by: list[Opened] = Field(description="The consent that opens it to the receiver (R4.11).", examples=[[]])


class FamilyCentreReferralPage(Page[FamilyCentreReferralSummary]):
    """Referrals in whose circle the caller is."""


class FamilyCentreReferralQuery(PageQuery):
    """Filters of referrals; never by what kind of need it is (5.5)."""

    direction: ReferralDirection | None = Field(default=None, description="Sent from here, or received; both, if none.")
    status: list[ReferralStatus] = []
    urgency: list[ReferralUrgency] = []
    centre_id: list[UUID] = []
    child_id: list[UUID] = []
