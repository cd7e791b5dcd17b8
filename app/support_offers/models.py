"""What support there is (stödutbud), for whom and how to get it. ``domain.md`` 12.14, R14.2-R14.7.

What a source does not say is null: nobody reads "free" or "open to all" out of silence.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.audit import Subject
from app.kernel.calendar import add_months
from app.kernel.clock import stockholm_date
from app.kernel.db import Base
from app.kernel.errors import Conflict, Problem
from app.kernel.errors import Text as Words

_INSTANT = TIMESTAMP(timezone=True)


class SupportKind(Coded):
    """What kind of support it is (stödform)."""

    ADVICE_TALKS = "advice_talks", "Råd- och stödsamtal", "Advice and support talks"
    COOPERATION_TALKS = "cooperation_talks", "Samarbetssamtal", "Cooperation talks"
    KOMET = "komet", "Komet", "Komet parent training"
    NPF_MEETINGS = "npf_meetings", "NPF-träffar", "Meetings about neurodevelopmental disabilities"
    NEXT_OF_KIN_SUPPORT = "next_of_kin_support", "Anhörigstöd", "Next-of-kin support"
    FAMILY_CENTRE = "family_centre", "Familjecentral", "Family centre"
    YOUTH_CLINIC = "youth_clinic", "Ungdomsmottagning", "Youth clinic"
    CONTACT_GROUP = "contact_group", "Kontaktgrupp", "Contact group"
    OTHER = "other", "Annat stöd", "Other support"


class SupportAudience(Coded):
    """Whom the support is for (målgrupp)."""

    CHILDREN = "children", "Barn", "Children"
    YOUNG_PEOPLE = "young_people", "Ungdomar", "Young people"
    GUARDIANS = "guardians", "Föräldrar och vårdnadshavare", "Parents and guardians"
    SEPARATED_PARENTS = "separated_parents", "Föräldrar som inte lever ihop", "Separated parents"
    NEXT_OF_KIN = "next_of_kin", "Anhöriga", "Next of kin"
    PROFESSIONALS = "professionals", "Yrkesverksamma", "Professionals"


class SupportNeed(Coded):
    """What somebody looks for help with, in plain words (behov)."""

    TALK_TO_SOMEBODY = "talk_to_somebody", "Någon att prata med", "Somebody to talk to"
    CONFLICTS_AT_HOME = "conflicts_at_home", "Mycket bråk hemma", "A lot of conflict at home"
    PARENTS_DISAGREE = "parents_disagree", "Föräldrar som inte kommer överens", "Parents who cannot agree"
    NPF = "npf", "Adhd, autism och liknande svårigheter", "ADHD, autism and similar difficulties"
    SUPPORTING_SOMEBODY = "supporting_somebody", "Stödja någon i vardagen", "Supporting somebody in everyday life"
    SMALL_CHILDREN = "small_children", "Att ha små barn", "Having small children"
    BEING_YOUNG = "being_young", "Frågor när man är ung", "Questions when you are young"
    FRIENDS_AND_LEISURE = "friends_and_leisure", "Kompisar och fritid", "Friends and leisure"
    OTHER = "other", "Något annat", "Something else"


class SupportAgeOf(Coded):
    """Whose age the limits of an offer count."""

    CHILD = "child", "Barnets ålder", "The child's age"
    PARTICIPANT = "participant", "Deltagarens ålder", "The participant's age"


class SupportAccess(Coded):
    """How the support is reached (vägen in)."""

    OPEN = "open", "Öppet, vänd dig direkt dit", "Open: turn to it directly"
    REFERRAL = "referral", "Efter remiss eller hänvisning", "After a referral"
    DECISION = "decision", "Efter beslut", "After a decision"


class SupportDecisionType(Coded):
    """On what the support is given (beslutsform)."""

    WITHOUT_NEEDS_ASSESSMENT = (
        "without_needs_assessment", "Utan individuell behovsprövning", "Without individual needs assessment",
    )  # fmt: skip
    NEEDS_ASSESSED = "needs_assessed", "Efter individuell behovsprövning", "After individual needs assessment"
    HEALTH_CARE = "health_care", "Hälso- och sjukvård", "Health care"


class IdentityRecording(Coded):
    """How much is recorded of who comes (registrering av identitet)."""

    NONE = "none", "Ingen: bara antal räknas", "None: only numbers are counted"
    MINIMAL = "minimal", "Minsta möjliga: en kod, inget namn", "Minimal: a code, no name"
    FULL = "full", "Full: barn eller förnamn", "Full: a child or a first name"


class AgesUnclear(Problem):
    """Ages go upwards."""

    status = 422
    title = Words("Åldersgränserna går inte ihop", "The age limits do not fit together")
    detail = Words("ageMax får inte vara lägre än ageMin.", "ageMax must not be lower than ageMin.")


class ValidityUnclear(Problem):
    """A period goes forward."""

    status = 422
    title = Words("Giltighetstiden går inte ihop", "The validity does not fit together")
    detail = Words(
        "Sista dagen får inte ligga före den första, och ett erbjudande avslutas tidigast i dag.",
        "The last day must not be before the first, and an offer ends today at the earliest.",
    )


class BothLanguagesNeeded(Problem):
    """R14.7: what stands in one language stands in the other."""

    status = 422
    title = Words("Texten behövs på båda språken", "The text is needed in both languages")
    detail = Words(
        "howToGetIt och costNote skrivs på både svenska och engelska, eller inte alls.",
        "howToGetIt and costNote are written in both Swedish and English, or not at all.",
    )


class BoardDecisionDoesNotFit(Problem):
    """A board decides on what is given without needs assessment (SoL), and on which conditions."""

    status = 422
    title = Words("Nämndens beslut hör inte till beslutsformen", "The board's decision does not fit the decision type")
    detail = Words(
        "boardDecisionRef och conditions anges bara när decisionType är without_needs_assessment.",
        "boardDecisionRef and conditions are stated only when decisionType is without_needs_assessment.",
    )


class YouthClinicIsPrivate(Problem):
    """R14.6: whoever comes to a youth clinic decides who knows."""

    status = 422
    title = Words("En ungdomsmottagning är den ungas egen", "A youth clinic is the young person's own")
    detail = Words(
        "privateToPerson måste vara sant för en ungdomsmottagning.", "privateToPerson must be true of a youth clinic."
    )


class CooperationTalksHaveTwoParties(Problem):
    """R14.5: both parents are parties."""

    status = 422
    title = Words("Samarbetssamtal har två parter", "Cooperation talks have two parties")
    detail = Words(
        "twoParties måste vara sant för samarbetssamtal: båda föräldrarna är parter.",
        "twoParties must be true of cooperation talks: both parents are parties.",
    )


class OfferHasEnded(Conflict):
    """What has ended is not ended again."""

    title = Words("Erbjudandet har upphört", "The offer has ended")
    detail = Words(
        "Erbjudandets sista dag har passerat. Ändra validTo om det ska gälla igen.",
        "The offer's last day has passed. Change validTo if it is to be valid again.",
    )


class SupportOffer(Base):
    """One offer of support, as its provider tells of it."""

    __tablename__ = "support_offers"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    municipality_code: Mapped[str | None] = mapped_column(ForeignKey("municipalities.code"))
    kind: Mapped[str] = mapped_column(Text)
    name_sv: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    summary_sv: Mapped[str] = mapped_column(Text)
    summary_en: Mapped[str] = mapped_column(Text)
    how_to_get_it_sv: Mapped[str | None] = mapped_column(Text)
    how_to_get_it_en: Mapped[str | None] = mapped_column(Text)
    audiences: Mapped[list[str]] = mapped_column(ARRAY(Text))
    needs: Mapped[list[str]] = mapped_column(ARRAY(Text))
    age_min: Mapped[int | None] = mapped_column(SmallInteger)
    age_max: Mapped[int | None] = mapped_column(SmallInteger)
    age_of: Mapped[str] = mapped_column(Text)
    is_free: Mapped[bool | None]
    cost_note_sv: Mapped[str | None] = mapped_column(Text)
    cost_note_en: Mapped[str | None] = mapped_column(Text)
    max_sessions: Mapped[int | None] = mapped_column(SmallInteger)
    access: Mapped[str | None] = mapped_column(Text)
    decision_type: Mapped[str | None] = mapped_column(Text)
    board_decision_ref: Mapped[str | None] = mapped_column(Text)
    conditions: Mapped[str | None] = mapped_column(Text)
    identity_recording: Mapped[str] = mapped_column(Text)
    two_parties: Mapped[bool]
    private_to_person: Mapped[bool]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    contact_phone: Mapped[str | None] = mapped_column(Text)
    contact_url: Mapped[str | None] = mapped_column(Text)
    assured_at: Mapped[datetime] = mapped_column(_INSTANT)
    assured_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(_INSTANT)
    version: Mapped[int] = mapped_column(server_default=text("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (Index(None, "unit_id"), Index(None, "municipality_code"))

    @property
    def subject(self) -> Subject:
        """What the log says an entry is about."""
        return Subject("support_offer", self.id)

    def write(self, stated: Mapping[str, Any]) -> None:
        """Take over what was stated, field by field; raises what ``require_sound`` does."""
        for name, value in stated.items():
            setattr(self, name, value)
        self.require_sound()

    def require_sound(self) -> None:
        """Raise ``AgesUnclear``, ``ValidityUnclear``, ``BothLanguagesNeeded``, or what its kind and decision demand."""
        if self.age_min is not None and self.age_max is not None and self.age_max < self.age_min:
            raise AgesUnclear
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValidityUnclear
        pairs = (self.how_to_get_it_sv, self.how_to_get_it_en), (self.cost_note_sv, self.cost_note_en)
        if any((swedish is None) != (english is None) for swedish, english in pairs):
            raise BothLanguagesNeeded
        if self.kind == SupportKind.YOUTH_CLINIC and not self.private_to_person:
            raise YouthClinicIsPrivate
        if self.kind == SupportKind.COOPERATION_TALKS and not self.two_parties:
            raise CooperationTalksHaveTwoParties
        decided = self.board_decision_ref is not None or self.conditions is not None
        if decided and self.decision_type != SupportDecisionType.WITHOUT_NEEDS_ASSESSMENT:
            raise BoardDecisionDoesNotFit

    def assure(self, by: UUID, at: datetime) -> None:
        """Somebody has looked: it is still as it says."""
        self.assured_by, self.assured_at = by, at

    def end(self, last_day: date, today: date) -> None:
        """This is its last day; raises ``OfferHasEnded``, ``ValidityUnclear``."""
        if self.valid_to is not None and self.valid_to < today:
            raise OfferHasEnded
        if last_day < today or last_day < self.valid_from:
            raise ValidityUnclear
        self.valid_to = last_day


def is_valid(offer: Mapping[str, Any], on: date) -> bool:
    """Whether an offer is valid on a day; its last day counts."""
    return bool(offer["valid_from"] <= on and (offer["valid_to"] is None or on <= offer["valid_to"]))


def admits(offer: Mapping[str, Any], age: int) -> bool:
    """Whether an age is within the offer's limits; both limits count (13-23 admits 13 and 23)."""
    return (offer["age_min"] is None or age >= offer["age_min"]) and (
        offer["age_max"] is None or age <= offer["age_max"]
    )


def is_fresh(assured_at: datetime, months: int, today: date) -> bool:
    """Whether somebody has assured an offer within so many months."""
    return stockholm_date(assured_at) >= add_months(today, -months)
