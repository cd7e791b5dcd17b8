"""Circles: who is around a record, and what is open to each of them right now.

A circle is the id of the record it surrounds (a case, a child). Its members are parties: units, or family members in
person. What a member may see stands in ``circle_grants``, written only by the wall's own functions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import ColumnElement, Text, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.dialects.postgresql import UUID as PGUUID
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql import text

from app.kernel.db import Base

if TYPE_CHECKING:
    from app.kernel.db import Transaction

Standing = Literal["owner", "member", "guardian", "child"]
Basis = Literal["authority", "consent", "disclosure", "transfer", "guardian", "child"]

#: The end of what has no end.
FOREVER = datetime(9999, 12, 31, tzinfo=UTC)


class CircleMember(Base):
    """One party in a circle, from and to."""

    __tablename__ = "circle_members"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    circle_id: Mapped[UUID]
    party_id: Mapped[UUID]
    authority_id: Mapped[UUID | None]
    standing: Mapped[str] = mapped_column(Text)
    joined_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    left_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


class CircleGrant(Base):
    """What is open to a party now, from when to when, and on which basis."""

    __tablename__ = "circle_grants"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    circle_id: Mapped[UUID]
    party_id: Mapped[UUID]
    steward_id: Mapped[UUID]
    categories: Mapped[list[str]] = mapped_column(ARRAY(Text))
    valid_from: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    valid_until: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    basis: Mapped[str] = mapped_column(Text)
    basis_id: Mapped[UUID]


ME: ColumnElement[UUID] = literal_column("(select wall.party())", PGUUID())
NOW: ColumnElement[datetime] = literal_column("(select wall.instant())", TIMESTAMP(timezone=True))


def open_to_me(circle_id: Any) -> ColumnElement[Any]:
    """A column with the caller's open grants in a circle: ``[{basis, id, categories, validUntil}]`` or null (R4.11)."""
    grant = CircleGrant.__table__.c
    entry = func.jsonb_build_object(
        text("'basis'"), grant.basis,
        text("'id'"), grant.basis_id,
        text("'categories'"), grant.categories,
        text("'validUntil'"), grant.valid_until,
    )  # fmt: skip
    return (
        select(func.jsonb_agg(entry, type_=JSONB))
        .where(
            grant.circle_id == circle_id,
            grant.party_id == ME,
            grant.basis != "owner",
            grant.valid_from <= NOW,
            grant.valid_until > NOW,
        )
        .scalar_subquery()
    )


@dataclass(frozen=True, slots=True)
class FamilyMember:
    """Who of the family may be in a child's circles, on which basis, from and until when."""

    party_id: UUID
    standing: Literal["guardian", "child"]
    basis_id: UUID
    valid_until: datetime
    valid_from: datetime


async def open_circle(tx: "Transaction", circle_id: UUID) -> None:
    """The caller's party becomes the owner of a new circle."""
    await tx.rows("select wall.open_circle(%s)", [circle_id])


async def open_circles(tx: "Transaction", families: Mapping[UUID, Sequence[FamilyMember]]) -> None:
    """The caller's party becomes the owner of new circles, each with the family around it, and in it, from the start.

    The family reads what is the family's, each from and until when the law lets them.
    """
    around = [{"circle": circle_id, **_as_told(one)} for circle_id, family in families.items() for one in family]
    await tx.rows("select wall.open_circles(%s, %s::jsonb)", [list(families), to_json(around).decode()])


def _as_told(one: FamilyMember) -> dict[str, object]:
    return {
        "party": one.party_id, "standing": one.standing, "basis": one.basis_id, "from": one.valid_from,
        "until": one.valid_until,
    }  # fmt: skip


async def hand_in(
    tx: "Transaction",
    circle_id: UUID,
    receiver_id: UUID,
    authority_id: UUID,
    standing: Literal["member", "guardian", "child"],
    family: Sequence[FamilyMember] = (),
) -> None:
    """Open a new circle that belongs to the receiving unit; the caller is in it and sees its core.

    The family around it reads what is the family's, each from and until when the law lets them.
    """
    around = to_json([_as_told(one) for one in family]).decode()
    await tx.rows(
        "select wall.hand_in_with(%s, %s, %s, %s, %s::jsonb)", [circle_id, receiver_id, authority_id, standing, around]
    )


async def join(
    tx: "Transaction", circle_id: UUID, party_id: UUID, authority_id: UUID | None, standing: Standing
) -> None:
    """The owner brings a party into the circle; nothing is open to it yet."""
    await tx.rows("select wall.join_circle(%s, %s, %s, %s)", [circle_id, party_id, authority_id, standing])


async def leave(tx: "Transaction", circle_id: UUID, party_id: UUID) -> None:
    """A party leaves; everything that was open to it closes."""
    await tx.rows("select wall.leave_circle(%s, %s)", [circle_id, party_id])


async def grant(
    tx: "Transaction",
    circle_id: UUID,
    party_id: UUID,
    categories: Sequence[str],
    *,
    valid_from: datetime,
    valid_until: datetime,
    basis: Basis,
    basis_id: UUID,
) -> None:
    """Open categories of a circle to a member until an instant, on a basis that can be named and taken back."""
    await tx.rows(
        "select wall.grant_access(%s, %s, %s, %s, %s, %s, %s)",
        [circle_id, party_id, list(categories), valid_from, valid_until, basis, basis_id],
    )


async def revoke(tx: "Transaction", basis_id: UUID) -> None:
    """Close everything that was open on a basis, in this instant (R4.6, R10.5)."""
    await tx.rows("select wall.revoke_access(%s)", [basis_id])


async def hand_over(tx: "Transaction", circle_id: UUID, receiver_id: UUID, authority_id: UUID) -> None:
    """Another unit becomes the circle's owner; the earlier owner leaves."""
    await tx.rows("select wall.hand_over_circle(%s, %s, %s)", [circle_id, receiver_id, authority_id])
