"""Organisations, authorities (nämnder), units (enheter), users and assignments (uppdrag). ``domain.md`` 12.1."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.db import Base
from app.kernel.errors import Conflict, Problem
from app.kernel.errors import Text as Words
from app.permissions import Role


class OrganisationKind(Coded):
    """What kind of organisation; names of boards are free text, these are not (R1.6)."""

    REGION = "region", "Region", "Region"
    MUNICIPALITY = "municipality", "Kommun", "Municipality"
    NSV = "nsv", "Nämnden för samverkan (NSV)", "Joint committee for cooperation (NSV)"
    PRIVATE_PROVIDER = "private_provider", "Privat utförare", "Private provider"
    CIVIL_SOCIETY = "civil_society", "Civilsamhälle", "Civil society"
    POLICE = "police", "Polis", "Police"


class Sector(Coded):
    """The sector an authority works in."""

    SOCIAL = "social", "Socialtjänst", "Social services"
    EDUCATION = "education", "Förskola och skola", "Preschool and school"
    HEALTH = "health", "Hälso- och sjukvård", "Health care"
    JOINT = "joint", "Gemensam", "Joint"


class SecrecyRegime(Coded):
    """Which secrecy rule binds an authority's staff (OSL chapter, or skollagen 29:14 for private schools)."""

    OSL25 = "OSL25", "OSL 25 kap. hälso- och sjukvård", "OSL chapter 25, health care"
    OSL26 = "OSL26", "OSL 26 kap. socialtjänst", "OSL chapter 26, social services"
    OSL23_STRONG = "OSL23_strong", "OSL 23 kap. skola, stark sekretess", "OSL chapter 23, school, strong secrecy"
    OSL23_WEAK = "OSL23_weak", "OSL 23 kap. skola, svag sekretess", "OSL chapter 23, school, weak secrecy"
    SKOLLAG29_14 = "skollag29_14", "Skollagen 29 kap. 14 §, tystnadsplikt", "Education Act 29:14, confidentiality"


class UnitType(Coded):
    """What a unit does."""

    BVC = "bvc", "Barnavårdscentral", "Child health centre"
    MHV = "mhv", "Mödrahälsovård", "Maternal health care"
    PRESCHOOL = "preschool", "Förskola", "Preschool"
    SCHOOL = "school", "Skola", "School"
    ELEVHALSA_MEDICAL = "elevhalsa_medical", "Elevhälsans medicinska insats", "Pupil health, medical"
    ELEVHALSA_OTHER = "elevhalsa_other", "Elevhälsa, övriga insatser", "Pupil health, other"
    SOCIAL_IFO = "social_ifo", "Individ- och familjeomsorg", "Individual and family care"
    OPEN_SOCIAL = "open_social", "Öppen socialtjänst", "Open social services"
    BUP = "bup", "Barn- och ungdomspsykiatri", "Child and adolescent psychiatry"
    YOUTH_CLINIC = "youth_clinic", "Ungdomsmottagning", "Youth clinic"
    HABILITATION = "habilitation", "Habilitering", "Habilitation"
    FAMILY_CENTRE_PART = "family_centre_part", "Del av familjecentral", "Part of a family centre"
    KAA = "kaa", "Kommunalt aktivitetsansvar", "Municipal activity responsibility"
    OTHER = "other", "Annan", "Other"


class UserKind(Coded):
    """A person, or a system that calls with client credentials."""

    PERSON = "person", "Person", "Person"
    SYSTEM = "system", "System", "System"


class UnknownMunicipality(Problem):
    """R1.7: the code is one of the county's nine, and a string."""

    status = 422
    title = Words("Okänd kommunkod", "Unknown municipality code")
    detail = Words(
        "Koden ska vara en av länets nio kommuner, fyra siffror som text.",
        "The code must be one of the county's nine municipalities, four digits as a string.",
    )


class UnknownReference(Problem):
    """A reference to a record that does not exist, or that the caller may not know of."""

    status = 422
    title = Words("Okänd referens", "Unknown reference")
    detail = Words("Posten som {field} pekar på finns inte.", "The record that {field} points at does not exist.")


class AssignmentEndsBeforeItBegins(Conflict):
    """An assignment's last day cannot come before its first."""

    title = Words("Uppdraget slutar innan det börjar", "The assignment ends before it begins")
    detail = Words("validTo ska vara efter validFrom.", "validTo must be after validFrom.")


class RoleNeedsNoUnit(Problem):
    """Family members act for themselves; everybody else acts for a unit."""

    status = 422
    title = Words("Rollen och enheten går inte ihop", "Role and unit do not go together")
    detail = Words(
        "Vårdnadshavare och unga har ingen enhet; alla andra roller har en.",
        "Guardians and young people have no unit; every other role has one.",
    )


class Municipality(Base):
    """A municipality of the county, by its SCB code: a string with its leading zero (R1.7)."""

    __tablename__ = "municipalities"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    joined_on: Mapped[date | None]
    joined_note: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (CheckConstraint("code ~ '^[0-9]{4}$'", name="code"),)


class Organisation(Base):
    """A legal person: municipality, region, private provider …"""

    __tablename__ = "organisations"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    municipality_code: Mapped[str | None] = mapped_column(ForeignKey("municipalities.code"))
    org_number: Mapped[str | None] = mapped_column(Text)
    org_number_verified: Mapped[bool] = mapped_column(server_default=text("false"))
    hsa_id: Mapped[str | None] = mapped_column(Text)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))

    __mapper_args__ = {"version_id_col": version}


class Authority(Base):
    """An authority (nämnd) or region board: the controller of what its units record (R1.5, R1.6)."""

    __tablename__ = "authorities"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    name: Mapped[str] = mapped_column(Text)
    sector: Mapped[str] = mapped_column(Text)
    secrecy_regime: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(server_default=text("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (Index(None, "organisation_id"),)


class Unit(Base):
    """A unit (enhet) of an authority, with its function address for secure messages (SDK)."""

    __tablename__ = "units"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    authority_id: Mapped[UUID] = mapped_column(ForeignKey("authorities.id"))
    name: Mapped[str] = mapped_column(Text)
    unit_type: Mapped[str] = mapped_column(Text)
    municipality_code: Mapped[str | None] = mapped_column(ForeignKey("municipalities.code"))
    hsa_id: Mapped[str | None] = mapped_column(Text)
    function_address: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(server_default=text("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (Index(None, "authority_id"),)


class User(Base):
    """Somebody, or some system, that signs in. ``subject`` is the identity provider's name for them."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    issuer: Mapped[str | None] = mapped_column(Text)
    hsa_id: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    person_id: Mapped[UUID | None]
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    version: Mapped[int] = mapped_column(server_default=text("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (Index("uq_users_subject_issuer", "subject", text("coalesce(issuer, '')"), unique=True),)


class Assignment(Base):
    """An assignment (uppdrag): this user, in this unit and role, from and to. An ended one opens nothing (R1.3)."""

    __tablename__ = "assignments"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    role: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    valid_to: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    version: Mapped[int] = mapped_column(server_default=text("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (Index(None, "user_id"), Index(None, "unit_id"))

    def end(self, at: datetime) -> None:
        """Access stops at this instant, also for sessions that are open (R1.3)."""
        if at < self.valid_from:
            raise AssignmentEndsBeforeItBegins
        self.valid_to = at

    @staticmethod
    def require_fitting_unit(role: Role, unit_id: UUID | None) -> None:
        """Family acts in person, staff for a unit."""
        if (unit_id is None) != (role in (Role.GUARDIAN, Role.YOUNG_PERSON)):
            raise RoleNeedsNoUnit
