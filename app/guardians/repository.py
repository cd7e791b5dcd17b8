"""Every query about guardians, and about whose circles the family stands in."""

from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, column, select, table
from sqlalchemy.dialects.postgresql import ARRAY

from app.guardians.models import GuardianPerson, Guardianship
from app.kernel.circles import ME, CircleMember
from app.kernel.db import AnySelect, Base, Prepared, Row, Transaction, prepared
from app.kernel.paging import Shape, Window, keyset

_GUARDIANS = (
    select(
        Guardianship.id, Guardianship.version, Guardianship.child_id, Guardianship.person_id, Guardianship.relation,
        Guardianship.custody, Guardianship.valid_from, Guardianship.valid_to, Guardianship.source,
        Guardianship.contact_allowed, Guardianship.contact_reason, GuardianPerson.given_name,
        GuardianPerson.family_name, GuardianPerson.phone, GuardianPerson.email, GuardianPerson.protected_identity,
        GuardianPerson.person_key,
    )
    .join(GuardianPerson, GuardianPerson.id == Guardianship.person_id)
)  # fmt: skip
_ONE = Prepared(_GUARDIANS.where(Guardianship.id == bindparam("id"), Guardianship.child_id == bindparam("child_id")))
_OF_CHILD = _GUARDIANS.where(Guardianship.child_id == bindparam("child_id"))
_ALL = Prepared(_OF_CHILD.order_by(Guardianship.id))


@prepared
def _page(shape: Shape) -> AnySelect:
    return keyset(_OF_CHILD, shape, Guardianship.id, Guardianship.id)


async def guardianship_of(tx: Transaction, child_id: UUID, guardianship_id: UUID) -> Row | None:
    """One guardianship of a child, with the person."""
    return await tx.one(_ONE, id=guardianship_id, child_id=child_id)


async def page_of(tx: Transaction, child_id: UUID, window: Window) -> list[Row]:
    """One page of a child's guardianships."""
    return await tx.all(_page(window.shape), child_id=child_id, **window.values)


async def guardianships_of(tx: Transaction, child_id: UUID) -> list[Row]:
    """Every guardianship of a child, oldest first, ended ones too."""
    return await tx.all(_ALL, child_id=child_id)


_AMONG = Prepared(
    _GUARDIANS.where(
        Guardianship.child_id == any_(bindparam("child_ids", type_=ARRAY(Guardianship.child_id.type)))
    ).order_by(Guardianship.id)
)


async def guardianships_among(tx: Transaction, child_ids: list[UUID]) -> list[Row]:
    """Every guardianship of several children, oldest first, ended ones too."""
    return await tx.all(_AMONG, child_ids=child_ids)


async def record_of(tx: Transaction, model: type[Base], record_id: UUID) -> Any:
    """The ORM record for a change, locked."""
    return await tx.session.get(model, record_id, with_for_update=True)


# The layer above owns this table; knowing two of its columns is enough to bring the family in.
_CASES = table("cases", column("id", Uuid()), column("child_id", Uuid()), column("owner_unit_id", Uuid()))
_CASES_OF_CHILD = Prepared(
    select(_CASES.c.id).where(_CASES.c.child_id == bindparam("child_id"), _CASES.c.owner_unit_id == ME)
)


async def case_circles_of(tx: Transaction, child_id: UUID) -> list[UUID]:
    """The circles of the cases about a child that the caller's unit owns."""
    return [row["id"] for row in await tx.all(_CASES_OF_CHILD, child_id=child_id)]


_GUARDIANS_IN = Prepared(
    select(CircleMember.party_id).where(
        CircleMember.circle_id == bindparam("circle_id"), CircleMember.standing == "guardian",
        CircleMember.left_at.is_(None),
    )
)  # fmt: skip


async def guardians_in(tx: Transaction, circle_id: UUID) -> list[UUID]:
    """Who stands in a circle as a guardian now."""
    return [row["party_id"] for row in await tx.all(_GUARDIANS_IN, circle_id=circle_id)]
