"""Queries about the circles around a child: who owns one, who is in it, and what was made in which."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, and_, any_, bindparam, column, or_, select, table
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from app.kernel.circles import ME, CircleMember
from app.kernel.db import Prepared, Row, Transaction

# Cases stand above consents and are not imported: only whose case it is must be known here.
_CASES = table("cases", column("id", Uuid()), column("child_id", Uuid()))


def steward_of(circle_id: Any) -> Any:
    """The party that owns a circle now, as far as the caller may know; null for who has left it."""
    member = aliased(CircleMember)
    return (
        select(member.party_id)
        .where(member.circle_id == circle_id, member.standing == "owner", member.left_at.is_(None))
        .scalar_subquery()
    )


_OWN_CASE = Prepared(
    select(_CASES.c.child_id).where(_CASES.c.id == bindparam("case_id"), steward_of(_CASES.c.id) == ME)
)


async def child_of_own_case(tx: Transaction, case_id: UUID) -> UUID | None:
    """The child of a case whose circle the caller owns."""
    row = await tx.one(_OWN_CASE, case_id=case_id)
    return row["child_id"] if row else None


_OPENER = aliased(CircleMember)
_RECEIVERS = Prepared(
    select(CircleMember.circle_id, CircleMember.party_id)
    .join(_OPENER, _OPENER.circle_id == CircleMember.circle_id)
    .where(
        CircleMember.circle_id == any_(bindparam("circles", type_=ARRAY(Uuid()))),
        or_(CircleMember.standing == "member", CircleMember.standing == "owner"),
        CircleMember.left_at.is_(None),
        or_(
            CircleMember.authority_id == any_(bindparam("authorities", type_=ARRAY(Uuid()))),
            CircleMember.party_id == any_(bindparam("units", type_=ARRAY(Uuid()))),
        ),
        _OPENER.party_id == ME,
        _OPENER.standing != "member",
        _OPENER.left_at.is_(None),
    )
)


async def receivers(
    tx: Transaction, circles: Sequence[UUID], *, authorities: Sequence[UUID] = (), units: Sequence[UUID] = ()
) -> list[Row]:
    """Who is in these circles now for these authorities or units, in circles that the caller may open."""
    return await tx.all(_RECEIVERS, circles=list(circles), authorities=list(authorities), units=list(units))


_CASES_OF_CHILD = Prepared(select(_CASES.c.id).where(_CASES.c.child_id == bindparam("child_id")))


async def cases_of_child(tx: Transaction, child_id: UUID) -> list[UUID]:
    """The cases about a child that the caller sees."""
    return [row["id"] for row in await tx.all(_CASES_OF_CHILD, child_id=child_id)]


def about_case(case_id: Any, child_id: Any) -> Any:
    """What was made in the case ``:case_id``, or about its child in no case at all."""
    of_case = select(_CASES.c.child_id).where(_CASES.c.id == bindparam("case_id")).scalar_subquery()
    return or_(case_id == bindparam("case_id"), and_(case_id.is_(None), child_id == of_case))
