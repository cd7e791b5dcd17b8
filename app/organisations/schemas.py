"""What comes in and goes out about organisations."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from app.kernel.paging import PageQuery
from app.kernel.shapes import (
    Code,
    Day,
    Id,
    In,
    Instant,
    Line,
    Linked,
    MunicipalityCode,
    Name,
    Out,
    Page,
    Record,
    UtcInstant,
)
from app.organisations.models import OrganisationKind, SecrecyRegime, Sector, UnitType, UserKind
from app.permissions import Role

HsaId = Annotated[
    str,
    StringConstraints(pattern=r"^SE[0-9]{10}-[A-Za-z0-9]{1,18}$", max_length=31),
    Field(
        description="HSA-id: SE, organisation number, hyphen, letters and digits; at most 31 characters.",
        examples=["SE2321000032-1A2B"],
    ),
]
Email = Annotated[
    str, StringConstraints(pattern=r"^[^@\s]{1,64}@[^@\s]{1,190}$"), Field(examples=["anna.lind@gnesta.example"])
]
OrgNumber = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}-[0-9]{4}$"), Field(examples=["212000-2965"])]


class Municipality(Linked):
    """A municipality (kommun) of the county."""

    code: MunicipalityCode
    name: str
    org_number: str | None
    org_number_verified: bool = Field(description="False: from general knowledge, to be confirmed.")
    joined_on: Day | None = Field(description="When it joined the programme; null where the sources do not say.")
    joined_note: str | None


class MunicipalityPage(Page[Municipality]):
    """Municipalities."""


class Authority(Record):
    """An authority (nämnd) or board: the controller of what its units record."""

    name: str
    sector: Sector
    secrecy_regime: SecrecyRegime
    organisation_id: Id
    organisation_name: str
    organisation_kind: OrganisationKind
    municipality_code: str | None


class AuthorityPage(Page[Authority]):
    """Authorities."""


class AuthorityQuery(PageQuery):
    """Filters of authorities."""

    sector: list[Sector] = []
    municipality_code: list[MunicipalityCode] = []


class OrganisationIn(In):
    """The legal person an authority belongs to. A private provider is its own controller (R1.5)."""

    kind: OrganisationKind
    name: Name
    municipality_code: MunicipalityCode | None = None
    org_number: OrgNumber | None = None
    hsa_id: HsaId | None = None


class AuthorityCreate(In):
    """A new authority, in an existing organisation or with a new one."""

    name: Name
    sector: Sector
    secrecy_regime: SecrecyRegime
    organisation_id: UUID | None = None
    organisation: OrganisationIn | None = None


class AuthorityPatch(In):
    """Changes to an authority; absent fields stay."""

    name: Name = ""
    sector: Sector = Sector.JOINT
    secrecy_regime: SecrecyRegime = SecrecyRegime.OSL26


class Unit(Record):
    """A unit (enhet) of an authority."""

    name: str
    unit_type: UnitType
    authority_id: Id
    authority_name: str
    sector: Sector
    municipality_code: str | None
    hsa_id: str | None
    function_address: str | None
    phone: str | None


class UnitPage(Page[Unit]):
    """Units."""


class UnitQuery(PageQuery):
    """Filters of units."""

    authority_id: list[UUID] = []
    municipality_code: list[MunicipalityCode] = []
    unit_type: list[UnitType] = []


class UnitCreate(In):
    """A new unit."""

    authority_id: UUID
    name: Name
    unit_type: UnitType
    municipality_code: MunicipalityCode | None = None
    hsa_id: HsaId | None = None
    function_address: Line | None = None
    phone: Name | None = None


class UnitPatch(In):
    """Changes to a unit; absent fields stay, null removes."""

    name: Name = ""
    unit_type: UnitType = UnitType.OTHER
    municipality_code: MunicipalityCode | None = None
    hsa_id: HsaId | None = None
    function_address: Line | None = None
    phone: Name | None = None


class User(Record):
    """A person or a system that signs in."""

    kind: UserKind
    name: str
    subject: str
    hsa_id: str | None
    email: str | None
    active: bool


class UserPage(Page[User]):
    """Users."""


class UserQuery(PageQuery):
    """Filters of users."""

    kind: list[UserKind] = []


class UserCreate(In):
    """A new user: ``subject`` is what the identity provider calls them; a system's is its client id."""

    kind: UserKind = UserKind.PERSON
    name: Name
    subject: Code
    issuer: Line | None = Field(default=None, description="Null: any trusted issuer.")
    hsa_id: HsaId | None = None
    email: Email | None = None


class UserPatch(In):
    """Changes to a user; absent fields stay, null removes."""

    name: Name = ""
    hsa_id: HsaId | None = None
    email: Email | None = None
    active: bool = True


class Assignment(Record):
    """An assignment (uppdrag): this user, in this unit, in this role, from and to."""

    user_id: Id
    user_name: str
    role: Role
    unit_id: Id | None
    unit_name: str | None
    authority_id: Id | None
    authority_name: str | None
    municipality_code: str | None
    valid_from: UtcInstant
    valid_to: UtcInstant | None


class AssignmentPage(Page[Assignment]):
    """Assignments."""


class AssignmentQuery(PageQuery):
    """Filters of assignments."""

    user_id: list[UUID] = []
    unit_id: list[UUID] = []
    role: list[Role] = []


class AssignmentCreate(In):
    """A new assignment."""

    user_id: UUID
    unit_id: UUID | None = None
    role: Role
    valid_from: Instant | None = Field(default=None, description="Now, when absent.")
    valid_to: Instant | None = None


class AssignmentPatch(In):
    """When the assignment ends; null means until further notice. Access stops at that instant (R1.3)."""

    valid_to: Instant | None


class MyAssignment(Out):
    """One of the assignments that the caller holds now."""

    id: Id
    role: Role
    unit_id: Id | None
    unit_name: str | None
    authority_id: Id | None
    authority_name: str | None
    sector: Sector | None
    municipality_code: str | None


class Me(Linked):
    """Who the caller is here: the assignment of this request, the others, and what the role may do."""

    user_id: Id
    name: str
    assignment: MyAssignment
    assignments: list[MyAssignment]
    permissions: list[str] = Field(description="What this role may do on records that it is rightly related to.")
