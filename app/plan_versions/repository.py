"""Every query about the versions of a plan."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Integer, Uuid, and_, any_, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on

from app.kernel.circles import NOW, CircleMember
from app.kernel.db import AnySelect, Prepared, Row, Transaction
from app.organisations.models import Assignment, Unit, User
from app.plan_versions.models import PlanVersion


def _versions() -> AnySelect:
    return (
        select(
            PlanVersion.id, PlanVersion.plan_id, PlanVersion.case_id, PlanVersion.number, PlanVersion.reason,
            PlanVersion.made_at, PlanVersion.made_by, User.name.label("made_by_name"),
        )
        .outerjoin(User, User.id == PlanVersion.made_by)
        .where(PlanVersion.plan_id == bindparam("plan_id"))
    )  # fmt: skip


_NUMBER = bindparam("number", type_=Integer)
_ALL = Prepared(_versions().order_by(PlanVersion.number.desc()))
_ONE = Prepared(
    _versions()
    .add_columns(PlanVersion.content)
    .where(or_(_NUMBER.is_(None), PlanVersion.number == _NUMBER))
    .order_by(PlanVersion.number.desc())
)


async def versions(tx: Transaction, plan_id: UUID) -> list[Row]:
    """The versions of a plan without their content, newest first."""
    return await tx.all(_ALL, plan_id=plan_id)


async def version(tx: Transaction, plan_id: UUID, number: int | None) -> Row | None:
    """One version with its content; the newest when none is named."""
    return await tx.one(_ONE, plan_id=plan_id, number=number)


_LATEST = Prepared(
    select(func.coalesce(func.max(PlanVersion.number), 0).label("number")).where(
        PlanVersion.plan_id == bindparam("plan_id")
    )
)


async def latest_number(tx: Transaction, plan_id: UUID) -> int:
    """The number of the newest version; zero when there is none."""
    row = await tx.one(_LATEST, plan_id=plan_id)
    return int(row["number"]) if row else 0


_CIRCLE = select(CircleMember.party_id).where(
    CircleMember.circle_id == bindparam("case_id"), CircleMember.left_at.is_(None)
)
_PLACED = Prepared(
    select(User.id, User.name, Unit.name.label("unit_name"), Unit.phone)
    .select_from(User)
    .outerjoin(
        Assignment,
        and_(
            Assignment.user_id == User.id, Assignment.unit_id.in_(_CIRCLE), Assignment.valid_from <= NOW,
            or_(Assignment.valid_to.is_(None), Assignment.valid_to > NOW),
        ),
    )
    .outerjoin(Unit, Unit.id == Assignment.unit_id)
    .where(User.id == any_(bindparam("ids", type_=ARRAY(Uuid()))))
    .ext(distinct_on(User.id))
    .order_by(User.id, Assignment.id)
)  # fmt: skip


async def placed(tx: Transaction, case_id: UUID, user_ids: Sequence[UUID]) -> dict[UUID, Row]:
    """People with the unit of the case's circle that they work in, and its phone."""
    return {row["id"]: row for row in await tx.all(_PLACED, case_id=case_id, ids=list(user_ids))}
