"""Children (barn), their identifiers, and checkpoints. ``domain.md`` 12.2, 5.9, 6.1."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.attributes import flag_modified

from app.codes import Coded
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Base, Row
from app.kernel.errors import Conflict, Denied, FieldError, Invalid, NotFound
from app.kernel.errors import Text as Words

_INSTANT = TIMESTAMP(timezone=True)


class ProtectedIdentity(Coded):
    """The two forms of protection that a system may know of (5.9). There is no third one here (R2.4)."""

    NONE = "none", "Ingen", "None"
    SEKRETESSMARKERING = "sekretessmarkering", "Sekretessmarkering", "Secrecy marking"
    SKYDDAD_FOLKBOKFORING = "skyddad_folkbokforing", "Skyddad folkbokföring", "Protected population registration"


class IdentityLevel(Coded):
    """How well the identity behind a samordningsnummer is known (lag 2022:1697)."""

    STYRKT = "styrkt", "Styrkt", "Proven"
    SANNOLIK = "sannolik", "Sannolik", "Probable"
    OSAKER = "osaker", "Osäker", "Uncertain"


class CheckpointRequired(Denied):
    """R2.5: a protected person's record opens on a stated reason, for a while, to one user."""

    code = "checkpoint-required"
    title = Words("Ange skäl först", "State a reason first")
    detail = Words(
        "Posten kräver en kontrollpunkt: skicka ditt skäl med POST /children/{{childId}}/checkpoints och försök igen.",
        "The record needs a checkpoint: send your reason with POST /children/{{childId}}/checkpoints and retry.",
    )


class NoCertainMatch(NotFound):
    """R2.3: nobody, somebody hidden, and several answer alike."""

    title = Words("Ingen säker träff", "No certain match")
    detail = Words(
        "Sökningen gav inte en enda säker träff bland de barn som du får se.",
        "The look-up did not give one certain match among the children that you may see.",
    )


class EndsBeforeItBegins(Conflict):
    """A period goes forward."""

    title = Words("Slutar innan det börjar", "It ends before it begins")
    detail = Words("Slutet ska komma efter början.", "The end comes after the beginning.")


def require_checkpoint(visit: Visit, child: Row) -> None:
    """Before a record about a protected child is read or changed (R2.5); the reason goes into every log entry.

    ``child`` is a row with ``protected_identity`` and ``checkpoint_reason``. Raises ``CheckpointRequired``. The family
    needs none to see its own.
    """
    if child["protected_identity"] == ProtectedIdentity.NONE or visit.actor.is_family:
        return
    if child["checkpoint_reason"] is None:
        raise CheckpointRequired
    visit.trail.reason = child["checkpoint_reason"]


class Owned:
    """Columns of every record about a child: one owner, and the municipality for aggregates."""

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner_unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    owner_authority_id: Mapped[UUID] = mapped_column(ForeignKey("authorities.id"))
    municipality_code: Mapped[str | None] = mapped_column(Text)

    @property
    def ownership(self) -> dict[str, Any]:
        """The columns of what hangs on this record, or is due of it: it has the same owner."""
        return {
            "owner_unit_id": self.owner_unit_id,
            "owner_authority_id": self.owner_authority_id,
            "municipality_code": self.municipality_code,
        }

    def apply(self, stated: Mapping[str, Any]) -> None:
        """Take over what was stated, field by field."""
        for name, value in stated.items():
            setattr(self, name, value)


class Child(Owned, Base):
    """A child as one unit knows it. No identifier is needed: the unborn and newly arrived have none (R2.2)."""

    __tablename__ = "children"

    given_name: Mapped[str | None] = mapped_column(Text)
    family_name: Mapped[str] = mapped_column(Text)
    birth_date: Mapped[date | None]
    expected_birth_date: Mapped[date | None]
    protected_identity: Mapped[str] = mapped_column(Text, server_default=text("'none'"))
    person_key: Mapped[UUID]
    source_system: Mapped[str | None] = mapped_column(Text)
    source_id: Mapped[str | None] = mapped_column(Text)
    deceased_on: Mapped[date | None]
    moved_out_on: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(_INSTANT)
    updated_at: Mapped[datetime] = mapped_column(_INSTANT)
    version: Mapped[int] = mapped_column(server_default=text("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index("ix_children_owner_unit_id", "owner_unit_id", "id"),
        Index("uq_children_source", "owner_authority_id", "source_system", "source_id", unique=True,
              postgresql_where=text("source_system is not null")),
    )  # fmt: skip

    @property
    def ownership(self) -> dict[str, Any]:
        """The same, and which child it is about."""
        return {"child_id": self.id, **super().ownership}

    def subject(self, kind: str, record_id: UUID) -> Subject:
        """What the access log says an entry about the child, or something that hangs on it, is about."""
        return Subject(kind, record_id, self.id, self.id, self.owner_authority_id)

    def touch(self, at: datetime) -> None:
        """A change to what hangs on the child is a new version of the child, also within one instant."""
        self.updated_at = at
        flag_modified(self, "updated_at")

    def require_plausible(self, today: date) -> None:
        """Dates that can be true together; raises ``Invalid`` with one error a field."""
        wrong = []
        if self.birth_date is not None and self.birth_date > today:
            wrong.append(("/birthDate", "date-in-future", _FUTURE))
        if self.birth_date is not None and self.expected_birth_date is not None:
            wrong.append(("/expectedBirthDate", "already-born", _BORN))
        if self.deceased_on is not None and self.deceased_on > today:
            wrong.append(("/deceasedOn", "date-in-future", _FUTURE))
        if self.deceased_on is not None and self.birth_date is not None and self.deceased_on < self.birth_date:
            wrong.append(("/deceasedOn", "date-before-birth", _BEFORE_BIRTH))
        if (self.source_system is None) != (self.source_id is None):
            wrong.append(("/sourceId", "source-incomplete", _SOURCE))
        if wrong:
            raise Invalid(errors=tuple(FieldError(*found) for found in wrong))


_FUTURE = Words("Datumet ligger i framtiden", "The date is in the future")
_BORN = Words("Ett fött barn har inget beräknat födelsedatum", "A born child has no expected birth date")
_BEFORE_BIRTH = Words("Datumet ligger före födelsen", "The date is before birth")
_SOURCE = Words("sourceSystem och sourceId anges tillsammans", "sourceSystem and sourceId go together")


class ChildDetails(Owned, Base):
    """Where the child is reached: the category ``contact``, and what protection hides (R2.5)."""

    __tablename__ = "child_details"

    child_id: Mapped[UUID] = mapped_column(ForeignKey("children.id"))
    care_of: Mapped[str | None] = mapped_column(Text)
    street_address: Mapped[str | None] = mapped_column(Text)
    postal_code: Mapped[str | None] = mapped_column(Text)
    city: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    school_name: Mapped[str | None] = mapped_column(Text)
    school_address: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(Text)
    interpreter_needed: Mapped[bool] = mapped_column(server_default=text("false"))

    __table_args__ = (UniqueConstraint("child_id"),)


class ChildIdentifier(Owned, Base):
    """One identifier of a child, from and to; never a key (R2.3)."""

    __tablename__ = "child_identifiers"

    child_id: Mapped[UUID] = mapped_column(ForeignKey("children.id"))
    type: Mapped[str] = mapped_column(Text)
    value: Mapped[str] = mapped_column(Text)
    oid: Mapped[str] = mapped_column(Text)
    identity_level: Mapped[str | None] = mapped_column(Text)
    dormant: Mapped[bool] = mapped_column(server_default=text("false"))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index("ix_child_identifiers_child_id", "child_id", "id"),
        Index("uq_child_identifiers_current", "owner_unit_id", "type", "oid", "value", unique=True,
              postgresql_where=text("valid_to is null")),
        Index("ix_child_identifiers_value", "value", "type", postgresql_where=text("valid_to is null")),
    )  # fmt: skip

    def require_period(self, today: date) -> None:
        """Raises ``EndsBeforeItBegins``, or ``Invalid`` for an end that has not come yet."""
        if self.valid_to is not None and self.valid_to > today:
            raise Invalid(errors=(FieldError("/validTo", "date-in-future", _FUTURE),))
        if self.valid_to is not None and self.valid_from is not None and self.valid_to < self.valid_from:
            raise EndsBeforeItBegins


class Checkpoint(Owned, Base):
    """A reason that one user stated to see a protected person, good for a while (12.20)."""

    __tablename__ = "checkpoints"

    child_id: Mapped[UUID] = mapped_column(ForeignKey("children.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(Text)
    passed_at: Mapped[datetime] = mapped_column(_INSTANT)
    valid_until: Mapped[datetime] = mapped_column(_INSTANT)

    __table_args__ = (Index("ix_checkpoints_child_id", "child_id", "user_id", "id"),)
