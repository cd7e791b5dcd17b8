"""What comes in and goes out about cases."""

from typing import Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from app.cases.models import (
    AnalysisResult,
    CaseStatus,
    CloseReason,
    ContactKind,
    EntryRoute,
    LevelOfNeed,
)
from app.kernel.paging import PageQuery
from app.kernel.shapes import (
    Code,
    Day,
    Id,
    In,
    Instant,
    Line,
    Linked,
    Name,
    Opened,
    Out,
    Page,
    Prose,
    Record,
    UtcInstant,
)


class FiveQuestions(In):
    """The five questions of every practitioner, each in short form (domain.md 1.3)."""

    what_stands_in_the_way: Prose | None = None
    do_i_have_the_information: Prose | None = None
    what_can_i_do_now: Prose | None = None
    what_can_my_service_do_now: Prose | None = None
    what_further_help_is_needed: Prose | None = None


class CaseCreate(In):
    """A new case about a child of the caller's unit, in single-agency mode: no consent is needed (R3.1)."""

    child_id: UUID
    entry_route: EntryRoute
    reason_text: Prose
    level_of_need: LevelOfNeed | None = None
    five_questions: FiveQuestions | None = None
    named_contact_id: UUID | None = Field(default=None, description="A user assigned to the unit.")
    source_system: Code | None = Field(default=None, description="The caller's own system; unique with sourceId.")
    source_id: Code | None = None

    @model_validator(mode="after")
    def _source_is_a_pair(self) -> Self:
        if (self.source_system is None) != (self.source_id is None):
            raise ValueError("sourceSystem and sourceId go together")
        return self


class CasePatch(In):
    """Changes to a case; absent fields stay. A changed reason is kept as a correction (R3.8)."""

    entry_route: EntryRoute = EntryRoute.OTHER
    reason_text: Prose = ""
    level_of_need: LevelOfNeed | None = None
    five_questions: FiveQuestions | None = None
    correction_reason: Line | None = None


class Contact(Out):
    """Whom the family and the professionals call."""

    user_id: Id
    name: str
    unit_name: str | None = None
    phone: str | None = None


class CaseChild(Out):
    """The child, as far as the circle may know; nothing of a protected child before a checkpoint."""

    id: Id
    given_name: str | None
    family_name: str | None
    birth_date: Day | None
    protected: bool


class CaseSummary(Record):
    """A case in a list."""

    case_number: str
    status: CaseStatus
    entry_route: EntryRoute
    child: CaseChild
    owner_unit_id: Id
    owner_unit_name: str | None = Field(description="Null where it would tell the place of a protected child.")
    owner_authority_id: Id
    municipality_code: str | None
    named_contact: Contact | None
    coordinator: Contact | None
    opened_at: UtcInstant | None
    closed_at: UtcInstant | None
    updated_at: UtcInstant
    opened_by: list[Opened] = Field(description="The consents and disclosures this answer rests on; empty for own.")


class Case(CaseSummary):
    """A case: the core for everybody in the circle, the reasons only where their category is open."""

    analysis_result: AnalysisResult | None
    reason_text: str | None = Field(description="Null where the category is not open to the caller.")
    level_of_need: LevelOfNeed | None
    five_questions: FiveQuestions | None
    source_system: str | None
    source_id: str | None
    created_at: UtcInstant


class CasePage(Page[CaseSummary]):
    """Cases that the caller may see."""


class CaseQuery(PageQuery):
    """Filters of cases. Identifiable children are searched by nothing else (ordinance 2001:637 section 15)."""

    status: list[CaseStatus] = []
    child_id: list[UUID] = []
    case_number: str | None = Field(default=None, max_length=40)
    source_system: str | None = Field(default=None, max_length=100)
    source_id: str | None = Field(default=None, max_length=100)
    updated_after: Instant | None = None
    sort_by: Literal["createdAt", "updatedAt"] = "createdAt"


class Activation(In):
    """The opening decision (Kronoberg path)."""

    analysis_result: AnalysisResult
    named_contact_id: UUID | None = None
    to_unit_id: UUID | None = Field(default=None, description="For other_service: who receives the case.")
    reason: Line | None = None


class Discard(In):
    """Why a draft comes to nothing."""

    reason: Line


class Pause(In):
    """Why the work rests."""

    reason: Line


class Resumption(In):
    """Why the work goes on."""

    reason: Line | None = None


class Reopening(In):
    """Why a closed case goes on."""

    reason: Line


class Closure(In):
    """What R3.7 asks of whoever closes."""

    close_reason: CloseReason
    outcome_summary: Prose
    child_view: Prose | None = None
    child_view_missing_reason: Line | None = None
    open_actions_handled: bool
    informed_unit_ids: list[UUID] = Field(default=[], max_length=100)


class Decline(In):
    """The family declines. No reason is asked (R3.6)."""


class ClosureRecord(Linked):
    """How a case ended."""

    id: Id
    close_reason: CloseReason
    outcome_summary: str | None
    child_view: str | None
    child_view_missing_reason: str | None
    informed_unit_ids: list[Id]
    closed_at: UtcInstant


class AccessLogEntry(Out):
    """One look, change or refusal. Names of changed fields, never values."""

    id: Id
    logged_at: UtcInstant
    kind: str = Field(json_schema_extra={"example": "look"})
    action: str = Field(json_schema_extra={"example": "getCase"})
    outcome: str = Field(json_schema_extra={"example": "allowed"})
    user_id: Id | None
    user_name: Name | None
    role: str | None
    unit_id: Id | None
    unit_name: str | None
    object_type: str
    object_id: Id | None
    basis: str | None
    reason: str | None
    changed: list[str] = Field(alias="changedFields")
    trace_id: str


class AccessLogPage(Page[AccessLogEntry]):
    """The access log of a case."""


class ExtractEntry(Out):
    """What the registered person is told: when, which unit, in which profession (12.20 LogExtract)."""

    id: Id
    logged_at: UtcInstant
    kind: str = Field(json_schema_extra={"example": "look"})
    outcome: str = Field(json_schema_extra={"example": "allowed"})
    role: str | None
    unit_name: str | None
    object_type: str


class ExtractPage(Page[ExtractEntry]):
    """The extract for the family."""


class ContactPeriod(Out):
    """Somebody's time as named contact or coordinator."""

    id: Id
    kind: ContactKind
    user_id: Id
    name: str
    from_at: UtcInstant
    to_at: UtcInstant | None


class ContactPage(Page[ContactPeriod]):
    """Past and present contacts."""
