"""Every query about who is away, who stands in, and who was heard from."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, exists, or_, select
from sqlalchemy.dialects.postgresql import DATE, insert
from sqlalchemy.orm import aliased

from app.absences.models import CoordinatorAbsence, CoordinatorSign
from app.kernel.circles import NOW
from app.kernel.db import AnySelect, Prepared, Row, Transaction, prepared
from app.kernel.ids import new_id
from app.kernel.paging import Shape, Window, keyset
from app.organisations.models import Assignment, Unit, User

_HELD, _DEPUTY = aliased(Assignment), aliased(User)


def held_now(held: Any) -> Any:
    """The condition that an assignment is valid now."""
    return and_(held.valid_from <= NOW, or_(held.valid_to.is_(None), held.valid_to > NOW))


def away_on(day: Any) -> Any:
    """The condition that an absence covers a day and has not been ended."""
    absence = CoordinatorAbsence
    return and_(absence.ended_at.is_(None), absence.from_on <= day, or_(absence.to_on.is_(None), absence.to_on >= day))


_STAFF = Prepared(
    select(User.id.label("user_id"), User.name)
    .join(_HELD, and_(_HELD.user_id == User.id, held_now(_HELD)))
    .where(User.id == bindparam("user_id"), _HELD.unit_id == bindparam("unit_id"), User.active)
)


async def staff(tx: Transaction, unit_id: UUID, user_id: UUID) -> Row | None:
    """Somebody who works in a unit today."""
    return await tx.one(_STAFF, unit_id=unit_id, user_id=user_id)


_AWAY = Prepared(
    select(CoordinatorAbsence.user_id, _DEPUTY.id.label("deputy_id"), _DEPUTY.name.label("deputy_name"))
    .select_from(CoordinatorAbsence)
    .outerjoin(
        _HELD,
        and_(
            _HELD.user_id == CoordinatorAbsence.deputy_user_id,
            _HELD.unit_id == CoordinatorAbsence.unit_id,
            held_now(_HELD),
        ),
    )
    .outerjoin(_DEPUTY, and_(_DEPUTY.id == _HELD.user_id, _DEPUTY.active))
    .where(CoordinatorAbsence.unit_id == bindparam("unit_id"), away_on(bindparam("day", type_=DATE)))
)


async def away(tx: Transaction, unit_id: UUID, day: date) -> list[Row]:
    """Everybody of a unit who is away on a day, with a deputy who still works there."""
    return await tx.all(_AWAY, unit_id=unit_id, day=day)


async def lock_unit(tx: Transaction, unit_id: UUID) -> None:
    """Absences of one unit are reported one after the other: two at once could name each other as deputies."""
    await tx.session.execute(select(Unit.id).where(Unit.id == unit_id).with_for_update(key_share=True))


_OVERLAPPING = Prepared(
    select(
        exists()
        .where(
            CoordinatorAbsence.unit_id == bindparam("unit_id"),
            CoordinatorAbsence.user_id == bindparam("user_id"),
            CoordinatorAbsence.ended_at.is_(None),
            CoordinatorAbsence.from_on <= bindparam("last", type_=DATE),
            or_(CoordinatorAbsence.to_on.is_(None), CoordinatorAbsence.to_on >= bindparam("first", type_=DATE)),
        )
        .label("found")
    )
)


async def is_away(tx: Transaction, unit_id: UUID, user_id: UUID, first: date, last: date | None) -> bool:
    """Whether somebody is away on any of these days."""
    row = await tx.one(_OVERLAPPING, unit_id=unit_id, user_id=user_id, first=first, last=last or date.max)
    return bool(row and row["found"])


def _absences() -> AnySelect:
    absence = CoordinatorAbsence
    return (
        select(
            absence.id, absence.version, absence.user_id, User.name, absence.unit_id, absence.from_on, absence.to_on,
            absence.deputy_user_id, _DEPUTY.name.label("deputy_name"), absence.reason, absence.ended_at,
        )
        .select_from(absence)
        .join(User, User.id == absence.user_id)
        .outerjoin(_DEPUTY, _DEPUTY.id == absence.deputy_user_id)
        .where(absence.unit_id == bindparam("unit_id"))
    )  # fmt: skip


_ABSENCE = Prepared(_absences().where(CoordinatorAbsence.id == bindparam("absence_id")))


async def absence(tx: Transaction, unit_id: UUID, absence_id: UUID) -> Row | None:
    """One absence in a unit."""
    return await tx.one(_ABSENCE, unit_id=unit_id, absence_id=absence_id)


@prepared
def _absence_list(shape: Shape) -> AnySelect:
    return keyset(_absences(), shape, CoordinatorAbsence.id, CoordinatorAbsence.id)


async def absences(tx: Transaction, unit_id: UUID, window: Window) -> list[Row]:
    """One page of the absences in a unit."""
    return await tx.all(_absence_list(window.shape), **window.values, unit_id=unit_id)


async def absence_record(tx: Transaction, absence_id: UUID) -> CoordinatorAbsence | None:
    """The absence for a change, locked."""
    return await tx.session.get(CoordinatorAbsence, absence_id, with_for_update=True)


_SIGN = Prepared(
    select(CoordinatorSign.user_id, CoordinatorSign.seen_at, CoordinatorSign.deputy_user_id,
           _DEPUTY.name.label("deputy_name"))
    .outerjoin(_DEPUTY, _DEPUTY.id == CoordinatorSign.deputy_user_id)
    .where(CoordinatorSign.user_id == bindparam("user_id"))
)  # fmt: skip


async def sign(tx: Transaction, user_id: UUID) -> Row | None:
    """Somebody's last sign."""
    return await tx.one(_SIGN, user_id=user_id)


async def keep_sign(tx: Transaction, user_id: UUID, at: datetime, **deputy: UUID | None) -> UUID:
    """Somebody gave a sign; the standing deputy stays unless another, or none, is named. The row's id."""
    stated = {"seen_at": at, **deputy}
    kept = insert(CoordinatorSign).values(id=new_id(), user_id=user_id, **stated)
    kept = kept.on_conflict_do_update(index_elements=["user_id"], set_=stated)
    sign_id: UUID = (await tx.session.execute(kept.returning(CoordinatorSign.id))).scalar_one()
    return sign_id
