"""What comes in and goes out about support offers.

Texts stand in both languages (``nameSv``, ``nameEn``); the field without a suffix is the one in the caller's language.
"""

from typing import Annotated

from pydantic import Field, StringConstraints

from app.kernel.paging import PageQuery
from app.kernel.shapes import Day, Id, In, Line, MunicipalityCode, Name, Page, Prose, Record, UtcInstant
from app.support_offers.models import (
    IdentityRecording,
    SupportAccess,
    SupportAgeOf,
    SupportAudience,
    SupportDecisionType,
    SupportKind,
    SupportNeed,
)

Summary = Annotated[str, StringConstraints(min_length=1, max_length=1000), Field(description="In plain words.")]
Age = Annotated[int, Field(ge=0, le=120)]
Audiences = Annotated[list[SupportAudience], Field(min_length=1, max_length=10)]
Needs = Annotated[list[SupportNeed], Field(max_length=20)]
MaxSessions = Annotated[int, Field(ge=1, le=1000)]
Web = Annotated[
    str, StringConstraints(pattern=r"^https://[^\s\x00]{1,300}$"), Field(examples=["https://gnesta.example/stod"])
]
_UNSAID = "Null: the source does not say."


class SupportOfferCreate(In):
    """A new offer of the caller's own unit. Leave out what nobody has said: null is not the same as no."""

    kind: SupportKind
    name_sv: Name
    name_en: Name
    summary_sv: Summary
    summary_en: Summary
    how_to_get_it_sv: Summary | None = None
    how_to_get_it_en: Summary | None = None
    municipality_code: MunicipalityCode | None = Field(
        default=None, description="The unit's own, when absent; null: the whole county."
    )
    audiences: Audiences
    needs: Needs = []
    age_min: Age | None = None
    age_max: Age | None = Field(default=None, description="The last age that is included.")
    age_of: SupportAgeOf = SupportAgeOf.PARTICIPANT
    is_free: bool | None = Field(default=None, description=_UNSAID)
    cost_note_sv: Line | None = None
    cost_note_en: Line | None = None
    max_sessions: MaxSessions | None = Field(default=None, description="After so many the next is refused (R14.2).")
    access: SupportAccess | None = Field(default=None, description=_UNSAID)
    decision_type: SupportDecisionType | None = Field(default=None, description=_UNSAID)
    board_decision_ref: Line | None = Field(default=None, description="The decision to give it without assessment.")
    conditions: Prose | None = Field(default=None, description="The board's conditions, in its own words.")
    identity_recording: IdentityRecording
    two_parties: bool | None = Field(
        default=None, description="Both parents are parties; of cooperation talks always (R14.5)."
    )
    private_to_person: bool | None = Field(
        default=None, description="Nobody but the provider hears of a use; of a youth clinic always (R14.6)."
    )
    valid_from: Day | None = Field(default=None, description="Today, when absent.")
    valid_to: Day | None = Field(default=None, description="Its last day; null: until further notice.")
    contact_phone: Name | None = None
    contact_url: Web | None = None


class SupportOfferPatch(In):
    """Changes to an offer; absent fields stay, null removes.

    Its kind, and what it records of whom, do not change under those who came on other terms: end it and make another.
    """

    name_sv: Name = ""
    name_en: Name = ""
    summary_sv: Summary = ""
    summary_en: Summary = ""
    how_to_get_it_sv: Summary | None = None
    how_to_get_it_en: Summary | None = None
    municipality_code: MunicipalityCode | None = None
    audiences: Audiences = []
    needs: Needs = []
    age_min: Age | None = None
    age_max: Age | None = None
    age_of: SupportAgeOf = SupportAgeOf.PARTICIPANT
    is_free: bool | None = None
    cost_note_sv: Line | None = None
    cost_note_en: Line | None = None
    max_sessions: MaxSessions | None = None
    access: SupportAccess | None = None
    decision_type: SupportDecisionType | None = None
    board_decision_ref: Line | None = None
    conditions: Prose | None = None
    valid_from: Day = None  # type: ignore[assignment]
    valid_to: Day | None = None
    contact_phone: Name | None = None
    contact_url: Web | None = None


class SupportAssurance(In):
    """It is still as it says."""


class SupportEnding(In):
    """The offer has a last day."""

    last_day: Day | None = Field(default=None, description="Today, when absent.")
    reason: Line | None = Field(default=None, description="Kept in the log.")


class SupportOffer(Record):
    """An offer of support (stöderbjudande). `name`, `summary`, `howToGetIt` and `costNote` follow Accept-Language."""

    unit_id: Id
    unit_name: str = Field(description="Who gives it.")
    municipality_code: str | None = Field(description="Null: the whole county.")
    kind: SupportKind
    name: str
    name_sv: str
    name_en: str
    summary: str
    summary_sv: str
    summary_en: str
    how_to_get_it: str | None
    how_to_get_it_sv: str | None
    how_to_get_it_en: str | None
    audiences: list[SupportAudience]
    needs: list[SupportNeed]
    age_min: int | None
    age_max: int | None
    age_of: SupportAgeOf
    is_free: bool | None = Field(description=_UNSAID)
    cost_note: str | None
    cost_note_sv: str | None
    cost_note_en: str | None
    max_sessions: int | None
    access: SupportAccess | None = Field(description=_UNSAID)
    decision_type: SupportDecisionType | None = Field(description=_UNSAID)
    board_decision_ref: str | None
    conditions: str | None
    identity_recording: IdentityRecording
    two_parties: bool
    private_to_person: bool
    valid_from: Day
    valid_to: Day | None
    is_valid: bool = Field(description="Whether it is valid today.")
    contact_phone: str | None
    contact_url: str | None
    assured_at: UtcInstant = Field(description="When somebody last assured that it is as it says.")
    assured_by: str = Field(description="Which unit did; the public hears no names of staff.")
    is_fresh: bool = Field(description="Whether that was lately enough.")


class SupportOfferPage(Page[SupportOffer]):
    """Offers of support."""


class SupportOfferQuery(PageQuery):
    """Filters of the catalogue: what somebody who looks for support can say."""

    age: Age | None = Field(default=None, description="Offers whose limits admit this age, and those without limits.")
    municipality_code: list[MunicipalityCode] = Field(
        default=[], description="Offers of the municipality, and of the whole county."
    )
    audience: list[SupportAudience] = []
    need: list[SupportNeed] = []
    kind: list[SupportKind] = []
    is_free: bool | None = Field(default=None, description="Only what is said to be free, or said to cost something.")
    decision_type: list[SupportDecisionType] = []


class OwnOfferQuery(PageQuery):
    """A unit's own offers are all there: also those to come, and those that have ended."""
