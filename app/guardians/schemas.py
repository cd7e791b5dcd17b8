"""What comes in and goes out about guardians."""

from pydantic import Field

from app.guardians.models import Custody, GuardianRelation
from app.kernel.shapes import Id, In, Instant, Line, Name, Opened, Page, Record, UtcInstant
from app.organisations.schemas import Email
from app.people.models import ProtectedIdentity
from app.people.schemas import IdentifierIn


class GuardianPersonIn(In):
    """The grown-up. The identifier gives them the same key in every authority; it is not kept."""

    given_name: Name | None = None
    family_name: Name = ""
    phone: Name | None = None
    email: Email | None = None
    protected_identity: ProtectedIdentity = ProtectedIdentity.NONE
    identifier: IdentifierIn | None = Field(default=None, description="Used once to recognise the person; not stored.")
    relation: GuardianRelation = GuardianRelation.OTHER
    custody: Custody = Custody.NONE
    valid_from: Instant | None = Field(default=None, description="From when this custody holds. Now, when absent.")
    source: Line | None = Field(default=None, description="Where the custody was read: population register, judgment …")
    contact_allowed: bool = True
    contact_reason: Line | None = Field(default=None, description="Required when contact is not allowed.")


class GuardianCreate(GuardianPersonIn):
    """A grown-up around the child, and the custody they have (R2.8)."""

    family_name: Name
    relation: GuardianRelation
    custody: Custody


class GuardianPatch(GuardianPersonIn):
    """Changes; absent fields stay. Another ``custody`` ends this period and begins a new one with an id of its own."""

    valid_to: Instant | None = Field(default=None, description="When the period ends; null: until further notice.")


class Guardian(Record):
    """A grown-up around the child, in one period. Contact details are left out where somebody is protected (R2.5)."""

    person_id: Id = Field(description="The same in every period of this person with this child.")
    given_name: str | None
    family_name: str
    relation: GuardianRelation
    custody: Custody
    valid_from: UtcInstant
    valid_to: UtcInstant | None
    source: str | None
    contact_allowed: bool
    contact_reason: str | None
    phone: str | None
    email: str | None
    protected_identity: ProtectedIdentity
    opened_by: list[Opened]


class GuardianPage(Page[Guardian]):
    """Guardians of one child, the latest first, ended ones too."""
