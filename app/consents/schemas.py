"""What comes in and goes out about consents."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from app.consent_requirements.models import ConsentKind, ConsentRoute, Exemption, GiverKind, Maturity, MeasureType
from app.consents.models import ConsentStatus, GivenHow, GiverAnswer
from app.kernel.paging import PageQuery
from app.kernel.shapes import Code, Id, In, Instant, Line, Opened, Out, Page, Prose, Record, UtcInstant
from app.organisations.models import Sector
from app.people.schemas import Language
from app.sharing.models import InformationCategory
from app.sharing.schemas import SharedIn
from app.wheel_templates.models import WheelDimension

Authorities = Annotated[list[UUID], Field(min_length=1, max_length=20)]


class InformationIn(In):
    """What the family was told before it was asked, and how."""

    text_version: Code = Field(description="The version of the information text.", examples=["samtycke-2026-1"])
    language: Language = "sv"
    interpreter: bool = False


class RequirementIn(In):
    """A professional's confirmation of who must consent (R4.3): the route, and why."""

    route: ConsentRoute
    confirmed_reason: Prose


class MaturityIn(In):
    """A professional's assessment of the child's maturity for this question."""

    conclusion: Maturity
    assessed_at: Instant | None = Field(default=None, description="Now, when absent.")


class ReplyIn(In):
    """An answer that was given on paper or by word of mouth, recorded with the request. A refusal needs no reason."""

    answer: GiverAnswer = Field(description="given or refused")
    given_how: GivenHow
    answered_at: Instant | None = Field(default=None, description="Now, when absent.")

    @model_validator(mode="after")
    def _is_a_reply(self) -> Self:
        if self.answer not in (GiverAnswer.GIVEN, GiverAnswer.REFUSED):
            raise ValueError("a reply is given or refused")
        return self


class ExemptionIn(In):
    """Why somebody who would be asked is not; FB 6:13 a also needs its decision (R4.4)."""

    kind: Exemption
    reason: Prose
    decision_id: Line | None = None
    deciding_authority_id: UUID | None = None


class GiverIn(In):
    """Somebody who is asked, has answered, or is exempted."""

    model_config = ConfigDict(json_schema_extra={"example": {"kind": "child"}})

    kind: GiverKind
    guardianship_id: UUID | None = None
    answer: ReplyIn | None = None
    exemption: ExemptionIn | None = None

    @model_validator(mode="after")
    def _is_one_person(self) -> Self:
        if (self.guardianship_id is None) != (self.kind is GiverKind.CHILD):
            raise ValueError("a guardian has a guardianshipId, the child has none")
        if self.answer is not None and self.exemption is not None:
            raise ValueError("who is exempted does not answer")
        return self


class ConsentCreate(SharedIn):
    """Ask for consent. It is specific: named authorities, named categories, one purpose, an end (R4.1)."""

    child_id: UUID
    case_id: UUID | None = None
    kind: ConsentKind = ConsentKind.SECRECY_DISCLOSURE
    purpose: Prose
    receiving_authority_ids: Authorities
    measure_type: MeasureType | None = None
    valid_from: Instant | None = Field(default=None, description="Now, when absent.")
    valid_to: Instant
    information: InformationIn
    requirement: RequirementIn
    maturity: MaturityIn | None = None
    supersedes_id: UUID | None = Field(default=None, description="A given consent that this one replaces when given.")
    givers: list[GiverIn] = Field(min_length=1, max_length=10)

    @model_validator(mode="after")
    def _each_giver_once(self) -> Self:
        if len({(giver.kind, giver.guardianship_id) for giver in self.givers}) < len(self.givers):
            raise ValueError("each giver is stated once")
        return self


class AnswerCreate(In):
    """A giver's answer. Family answers for itself; a professional names the giver and how the answer came."""

    answer: GiverAnswer = Field(description="given or refused")
    giver_id: UUID | None = None
    given_how: GivenHow | None = None
    answered_at: Instant | None = Field(default=None, description="Now, when absent; ignored from family.")

    @model_validator(mode="after")
    def _is_a_reply(self) -> Self:
        if self.answer not in (GiverAnswer.GIVEN, GiverAnswer.REFUSED):
            raise ValueError("an answer is given or refused")
        return self


class ConsentWithdrawal(In):
    """Taking a consent back. No reason is asked. A professional names whose withdrawal is recorded."""

    giver_id: UUID | None = None


class Giver(Out):
    """One giver and what they said."""

    id: Id
    kind: GiverKind
    guardianship_id: Id | None
    oneself: bool = Field(description="The caller is this giver.")
    answer: GiverAnswer
    given_how: GivenHow | None
    answered_at: UtcInstant | None
    recorded_by: Id | None
    exemption: Exemption | None
    exemption_reason: str | None = Field(description="Only to the unit that asks.", examples=["Abroad, not reachable."])
    decision_id: str | None = Field(description="Only to the unit that asks.", examples=["SN 2026-123"])
    deciding_authority_id: Id | None
    withdrawn_at: UtcInstant | None


class ReceivingAuthority(Out):
    """An authority that the consent names."""

    id: Id
    name: str = Field(examples=["Socialnämnden i Gnesta"])
    sector: Sector


class Information(Out):
    """What the family was told, and how."""

    text_version: str = Field(examples=["samtycke-2026-1"])
    language: str = Field(examples=["sv"])
    interpreter: bool


class Requirement(Out):
    """The route that a professional confirmed."""

    route: ConsentRoute
    confirmed_reason: str | None = Field(description="Only to the unit that asks.", examples=["Joint custody."])


class MaturityAssessment(Out):
    """Who assessed the child's maturity, when, and with which conclusion. Only to the unit that asks."""

    conclusion: Maturity
    assessed_by: Id
    assessed_at: UtcInstant


class Consent(Record):
    """A consent. Its status is the one at this instant: what has ended is expired."""

    child_id: Id
    case_id: Id | None
    kind: ConsentKind
    purpose: str = Field(examples=["Joint planning around school attendance."])
    receiving_authorities: list[ReceivingAuthority]
    categories: list[InformationCategory]
    wheel_dimensions: list[WheelDimension] | None = Field(description="The chosen dimensions; null is the whole wheel.")
    measure_type: MeasureType | None
    valid_from: UtcInstant
    valid_to: UtcInstant
    status: ConsentStatus
    givers: list[Giver]
    requirement: Requirement
    information: Information
    maturity: MaturityAssessment | None
    supersedes_id: Id | None
    requested_at: UtcInstant
    requested_by: Id
    concluded_at: UtcInstant | None = Field(description="When it was given or refused.")
    withdrawn_at: UtcInstant | None
    privacy_notice: str = Field(
        description="The GDPR basis is the authority's task or duty, never this consent (R4.9).",
        examples=["Personal data are processed on the authority's task or legal obligation."],
    )
    opened_by: list[Opened] = Field(description="The consents and disclosures this answer rests on; empty for own.")


class ConsentPage(Page[Consent]):
    """Consents."""


class ConsentQuery(PageQuery):
    """Filters of consents."""

    child_id: list[UUID] = Field(default=[])
    case_id: list[UUID] = Field(default=[])
    status: list[ConsentStatus] = Field(default=[])
