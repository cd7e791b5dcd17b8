"""What comes in and goes out about disclosures."""

from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from app.disclosures.models import DisclosureBasis, DisclosureChannel, FamilyInformed, HarmTestResult
from app.kernel.paging import PageQuery
from app.kernel.shapes import Code, Id, In, Instant, Line, Opened, Out, Page, Prose, Record, UtcInstant
from app.sharing.models import InformationCategory
from app.sharing.schemas import SharedIn
from app.wheel_templates.models import WheelDimension


class HarmTestIn(In):
    """The harm test (menprövning)."""

    result: HarmTestResult
    done_by: UUID | None = Field(default=None, description="A user; the caller, when absent.")


class ObjectRef(In):
    """A record that was shared, as it was at that version."""

    type: Code = Field(examples=["chronology-event"])
    id: UUID
    version: int | None = Field(default=None, ge=1)


class DisclosureCreate(SharedIn):
    """Share across a secrecy border, on one named basis (R10.1)."""

    child_id: UUID
    case_id: UUID | None = None
    to_unit_id: UUID
    object_refs: list[ObjectRef] = Field(default_factory=list, max_length=100)
    basis: DisclosureBasis
    consent_id: UUID | None = None
    legal_reason: Prose | None = Field(default=None, description="Required unless consent; may follow in an emergency.")
    necessity: Prose | None = Field(default=None, description="Required with OSL 25:12 and 26:9.")
    harm_test: HarmTestIn | None = None
    decided_at: Instant | None = Field(default=None, description="Now, when absent.")
    channel: DisclosureChannel
    informed: FamilyInformed
    informed_reason: Line | None = Field(default=None, description="Why not, when nobody was told.")
    valid_to: Instant | None = Field(default=None, description="The end of reading here; not needed with consent.")

    @model_validator(mode="after")
    def _not_informed_has_a_reason(self) -> Self:
        if self.informed is FamilyInformed.NO and self.informed_reason is None:
            raise ValueError("informedReason is required when nobody was told")
        return self


class DisclosureCompletion(In):
    """The reason of an emergency disclosure, within 24 hours (R10.2)."""

    legal_reason: Prose


class DisclosureRevocation(In):
    """The end of the reading that a disclosure opened (R10.5)."""

    reason: Line | None = None


class HarmTest(Out):
    """The harm test (menprövning)."""

    result: HarmTestResult
    done_by: Id


class ObjectReference(Out):
    """A record that was shared."""

    type: str = Field(examples=["chronology-event"])
    id: Id
    version: int | None


class Disclosure(Record):
    """A disclosure. Reasons and harm test are shown to the unit that shared."""

    child_id: Id
    case_id: Id | None
    from_unit_id: Id
    from_authority_id: Id
    to_unit_id: Id
    to_authority_id: Id
    to_unit_name: str = Field(examples=["Barn och familj"])
    categories: list[InformationCategory]
    wheel_dimensions: list[WheelDimension] | None = Field(description="The chosen dimensions; null is the whole wheel.")
    object_refs: list[ObjectReference]
    basis: DisclosureBasis
    consent_id: Id | None
    legal_reason: str | None = Field(examples=["Need of care assessed with BUP."])
    necessity: str | None = Field(examples=["Needed to plan joint support."])
    harm_test: HarmTest | None
    decided_by: Id
    decided_at: UtcInstant
    channel: DisclosureChannel
    informed: FamilyInformed
    informed_reason: str | None = Field(examples=["Would put the child at risk."])
    valid_to: UtcInstant | None
    open: bool = Field(description="The reading that this disclosure opens is open at this instant.")
    needs_review: bool = Field(description="An emergency, to be reviewed (R10.2).")
    reason_pending: bool = Field(description="The reason of an emergency is still to be completed.")
    completed_at: UtcInstant | None
    revoked_at: UtcInstant | None
    created_at: UtcInstant
    opened_by: list[Opened] = Field(description="The consents and disclosures this answer rests on; empty for own.")


class DisclosurePage(Page[Disclosure]):
    """Disclosures."""


class DisclosureQuery(PageQuery):
    """Filters of disclosures."""

    child_id: list[UUID] = Field(default=[])
    case_id: list[UUID] = Field(default=[])
    to_unit_id: list[UUID] = Field(default=[])
    basis: list[DisclosureBasis] = Field(default=[])
    needs_review: bool | None = None
