"""Guardians (vårdnadshavare) and custody over time. ``domain.md`` 12.2."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.attributes import flag_modified

from app.codes import Coded
from app.kernel.calendar import birthday
from app.kernel.circles import FOREVER
from app.kernel.clock import start_of_day
from app.kernel.db import Base
from app.kernel.errors import Conflict, Problem
from app.kernel.errors import Text as Words
from app.people.models import EndsBeforeItBegins, Owned

MAJORITY = 18
_INSTANT = TIMESTAMP(timezone=True)


class Custody(Coded):
    """Custody (vårdnad): two joint custodians decide together (FB 6:13)."""

    JOINT = "joint", "Gemensam vårdnad", "Joint custody"
    SOLE = "sole", "Ensam vårdnad", "Sole custody"
    APPOINTED = "appointed", "Särskilt förordnad vårdnadshavare", "Appointed custodian"
    NONE = "none", "Ingen vårdnad", "No custody"


class GuardianRelation(Coded):
    """How a grown-up stands to the child."""

    MOTHER = "mother", "Mamma", "Mother"
    FATHER = "father", "Pappa", "Father"
    PARENT = "parent", "Förälder", "Parent"
    APPOINTED_GUARDIAN = "appointed_guardian", "Förordnad vårdnadshavare eller god man", "Appointed guardian"
    FOSTER_PARENT = "foster_parent", "Familjehemsförälder", "Foster parent"
    OTHER = "other", "Annan", "Other"


class ContactNeedsReason(Problem):
    """Whoever may not be contacted is so for a reason that others can read."""

    status = 422
    title = Words("Skäl saknas", "A reason is required")
    detail = Words("Ange contactReason när kontakt inte får tas.", "Give contactReason when contact is not allowed.")


class GuardianshipEnded(Conflict):
    """R2.8: what was true of custody stays as it was."""

    title = Words("Uppgiften är avslutad", "This guardianship has ended")
    detail = Words("En avslutad period ändras inte; lägg till en ny.", "An ended period is not changed; add a new one.")


def majority(birth_date: date | None) -> datetime:
    """The instant at which custody ends: when the child's 18th birthday begins in Stockholm (R2.9, FB 6:2)."""
    return FOREVER if birth_date is None else start_of_day(birthday(birth_date, MAJORITY))


class GuardianPerson(Owned, Base):
    """A grown-up around one child; their identifying number is not kept, only the key that follows from it."""

    __tablename__ = "guardian_persons"

    child_id: Mapped[UUID] = mapped_column(ForeignKey("children.id"))
    given_name: Mapped[str | None] = mapped_column(Text)
    family_name: Mapped[str] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    protected_identity: Mapped[str] = mapped_column(Text, server_default=text("'none'"))
    person_key: Mapped[UUID]

    __table_args__ = (UniqueConstraint("child_id", "person_key", name="uq_guardian_persons_child_id"),)


class Guardianship(Owned, Base):
    """A period in which a grown-up stands in one relation, with one kind of custody, to a child (R2.8)."""

    __tablename__ = "guardianships"

    child_id: Mapped[UUID] = mapped_column(ForeignKey("children.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("guardian_persons.id"))
    relation: Mapped[str] = mapped_column(Text)
    custody: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[datetime] = mapped_column(_INSTANT)
    valid_to: Mapped[datetime | None] = mapped_column(_INSTANT)
    source: Mapped[str | None] = mapped_column(Text)
    contact_allowed: Mapped[bool]
    contact_reason: Mapped[str | None] = mapped_column(Text)
    updated_at: Mapped[datetime] = mapped_column(_INSTANT)
    version: Mapped[int] = mapped_column(server_default=text("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index("ix_guardianships_child_id", "child_id", "id"),
        Index("uq_guardianships_current", "person_id", unique=True, postgresql_where=text("valid_to is null")),
    )

    def touch(self, at: datetime) -> None:
        """A change to the person is a new version of the guardianship too."""
        self.updated_at = at
        flag_modified(self, "updated_at")

    def require_open(self, at: datetime) -> None:
        """Raises ``GuardianshipEnded``."""
        if self.valid_to is not None and self.valid_to <= at:
            raise GuardianshipEnded

    def require_sound(self) -> None:
        """Raises ``ContactNeedsReason`` and ``EndsBeforeItBegins``."""
        if not self.contact_allowed and self.contact_reason is None:
            raise ContactNeedsReason
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise EndsBeforeItBegins
