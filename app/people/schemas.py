"""What comes in and goes out about children."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from app.kernel.paging import PageQuery
from app.kernel.shapes import (
    Code,
    Day,
    Id,
    In,
    Line,
    Linked,
    MunicipalityCode,
    Name,
    Opened,
    Out,
    Page,
    Prose,
    Record,
    UtcInstant,
)
from app.people.identifiers import IdentifierType
from app.people.models import IdentityLevel, ProtectedIdentity

Language = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$"),
    Field(description="BCP 47", examples=["so"]),
]
IdentifierValue = Annotated[
    str,
    StringConstraints(min_length=6, max_length=40),
    Field(
        description="Personnummer and samordningsnummer with 10 or 12 digits, with or without a sign.",
        examples=["20130310-2394"],
    ),
]
BirthDay = Annotated[Day, Field(ge=date(1900, 1, 1), le=date(2200, 1, 1))]


class IdentifierIn(In):
    """An identifier as somebody wrote it; it is checked and kept in one form (R2.1)."""

    type: IdentifierType
    value: IdentifierValue


class IdentifierCreate(IdentifierIn):
    """An identifier of a child. Its date need not be the birth date (R2.1)."""

    oid: Code | None = Field(default=None, description="Required for a local reserve number: who issues it.")
    valid_from: Day | None = None
    identity_level: IdentityLevel | None = Field(default=None, description="Only of a samordningsnummer.")
    dormant: bool = Field(default=False, description="Vilande; only of a samordningsnummer.")
    replaces: UUID | None = Field(default=None, description="The child's identifier that ends today with this one.")


class IdentifierPatch(In):
    """Changes to an identifier; its value never changes: end it and add another."""

    valid_to: Day | None = Field(default=None, description="Its last day, not in the future; null lifts the end.")
    identity_level: IdentityLevel | None = None
    dormant: bool = False


class Identifier(Record):
    """An identifier of a child."""

    type: IdentifierType
    value: str
    oid: str
    identity_level: IdentityLevel | None
    dormant: bool
    valid_from: Day | None
    valid_to: Day | None
    opened_by: list[Opened]


class IdentifierPage(Page[Identifier]):
    """Identifiers of one child."""


class DetailsIn(In):
    """Where the child is reached; absent fields stay, null removes."""

    care_of: Line | None = None
    street_address: Line | None = None
    postal_code: Name | None = None
    city: Name | None = None
    phone: Name | None = None
    school_name: Line | None = None
    school_address: Line | None = None
    language: Language | None = None
    interpreter_needed: bool = False


class Details(Out):
    """Where the child is reached. Of a protected child all but the language is left out (R2.5)."""

    care_of: str | None
    street_address: str | None
    postal_code: str | None
    city: str | None
    phone: str | None
    school_name: str | None
    school_address: str | None
    language: str | None
    interpreter_needed: bool


class NewChild(In):
    """A new child without those around it."""

    given_name: Name | None = None
    family_name: Name
    birth_date: BirthDay | None = None
    expected_birth_date: BirthDay | None = None
    protected_identity: ProtectedIdentity = ProtectedIdentity.NONE
    municipality_code: MunicipalityCode | None = Field(default=None, description="Home municipality.")
    source_system: Code | None = None
    source_id: Code | None = Field(default=None, description="The child's id there; never a person identifier.")
    details: DetailsIn | None = None
    identifiers: list[IdentifierCreate] = Field(default=[], max_length=6)


class ChildPatch(In):
    """Changes to a child; absent fields stay, null removes. A stated birth date ends the expected one."""

    given_name: Name | None = None
    family_name: Name = ""
    birth_date: BirthDay | None = None
    expected_birth_date: BirthDay | None = None
    protected_identity: ProtectedIdentity = ProtectedIdentity.NONE
    municipality_code: MunicipalityCode | None = None
    source_system: Code | None = None
    source_id: Code | None = None
    deceased_on: BirthDay | None = None
    moved_out_on: BirthDay | None = None
    details: DetailsIn | None = None


class ChildSummary(Record):
    """A child in a list."""

    given_name: str | None
    family_name: str
    birth_date: Day | None
    expected_birth_date: Day | None
    deceased_on: Day | None
    moved_out_on: Day | None
    owner_unit_id: Id | None
    opened_by: list[Opened] = Field(description="What opens another unit's record to the caller; empty for one's own.")


class Child(ChildSummary):
    """A child. Address, school, home municipality and unit of a protected child are left out (R2.5)."""

    protected_identity: ProtectedIdentity
    municipality_code: str | None
    source_system: str | None
    source_id: str | None
    created_at: UtcInstant
    updated_at: UtcInstant
    details: Details | None = Field(description="Null where the category contact is not open to the caller.")


class ChildPage(Page[ChildSummary]):
    """Children that the caller may see, without the protected (R2.5)."""


class ChildQuery(PageQuery):
    """What an identifiable child may be searched by; by identifier with POST /child-lookups."""

    name: Name | None = Field(default=None, description="The beginning of the family name, or of the whole name.")
    source_system: Code | None = Field(default=None, description="Together with sourceId.")
    source_id: Code | None = None

    @model_validator(mode="after")
    def _source_is_whole(self) -> Self:
        if (self.source_system is None) != (self.source_id is None):
            raise ValueError("sourceSystem and sourceId go together")
        return self


class ChildLookupCreate(In):
    """The identifier to look up; it stands in no address and no log (R2.3)."""

    identifier: IdentifierIn


class ChildLookup(Linked):
    """The one certain match. Of a protected child no more than that it needs a checkpoint."""

    child_id: Id
    checkpoint_required: bool
    given_name: str | None
    family_name: str | None
    birth_date: Day | None
    opened_by: list[Opened]


class CheckpointCreate(In):
    """Why the record is needed. It is logged with everything that it opens."""

    reason: Annotated[Prose, StringConstraints(min_length=10, max_length=1000)] = Field(
        examples=["Planerat möte med familjen i dag."]
    )


class Checkpoint(Linked):
    """A passed checkpoint: until then the protected child's record opens to this user."""

    id: Id
    child_id: Id
    passed_at: UtcInstant
    valid_until: UtcInstant
