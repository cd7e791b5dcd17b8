"""Every query about the use of support."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Integer, Text, any_, bindparam, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from app.kernel.db import AnySelect, Prepared, Row, Transaction, prepared
from app.kernel.paging import Shape, Window, keyset
from app.people.models import Child
from app.people.repository import my_checkpoint
from app.support_uses.models import SupportUse, SupportUseCount, UseSession

U, C = SupportUse, SupportUseCount

_NONE = literal_column("'none'", Text)
_protection = func.coalesce(Child.protected_identity, _NONE)
_checkpoint = my_checkpoint(Child.id, _protection)
_FILTERS = {
    "status": U.status == any_(bindparam("status", type_=ARRAY(Text))),
    "child_id": U.child_id == any_(bindparam("child_id", type_=ARRAY(U.child_id.type))),
}


def _uses() -> AnySelect:
    dates = select(UseSession.on_date).where(UseSession.use_id == U.id).order_by(UseSession.on_date).scalar_subquery()
    return (
        select(
            U.id, U.version, U.offer_id, U.status, U.code_hash.is_not(None).label("has_code"),
            Child.id.label("child_id"), U.first_name, U.parties, U.age_years, U.sessions_used, U.sessions_allowed,
            func.array(dates).label("session_dates"), U.extension_reason, U.started_on, U.ended_on, U.owner_unit_id,
            U.owner_authority_id, _protection.label("protected_identity"), _checkpoint.label("checkpoint_reason"),
        )
        .select_from(U)
        .outerjoin(Child, Child.id == U.child_id)
    )  # fmt: skip


def _of_offer(statement: AnySelect, filters: frozenset[str]) -> AnySelect:
    # A protected child is in no list before its checkpoint (R2.5).
    return statement.where(
        U.owner_unit_id == bindparam("unit_id"), U.offer_id == bindparam("offer_id"),
        or_(_protection == _NONE, _checkpoint.is_not(None)), *(_FILTERS[name] for name in sorted(filters)),
    )  # fmt: skip


@prepared
def _list(shape: Shape) -> AnySelect:
    return keyset(_of_offer(_uses(), shape.filters), shape, U.id, U.id)


@prepared
def _count(filters: frozenset[str]) -> AnySelect:
    rows = _of_offer(select(U.id).outerjoin(Child, Child.id == U.child_id), filters)
    return select(func.count().label("n")).select_from(rows.limit(literal_column("10000")).subquery())


async def uses(tx: Transaction, window: Window, offer: Row) -> list[Row]:
    """One page of the uses of an offer, by its own unit."""
    return await tx.all(_list(window.shape), unit_id=offer["unit_id"], offer_id=offer["id"], **window.values)


async def count(tx: Transaction, window: Window, offer: Row) -> int:
    """How many there are, at most 10,000."""
    values = {**window.values, "unit_id": offer["unit_id"], "offer_id": offer["id"]}
    row = await tx.one(_count(window.shape.filters), **values)
    return int(row["n"]) if row else 0


_ONE = Prepared(_uses().where(U.id == bindparam("use_id")))
_BY_CODE = Prepared(_uses().where(U.code_hash == bindparam("code_hash")))


async def use(tx: Transaction, use_id: UUID) -> Row | None:
    """One use."""
    return await tx.one(_ONE, use_id=use_id)


async def use_by_code(tx: Transaction, code_hash: str) -> Row | None:
    """The use whose person was given this code."""
    return await tx.one(_BY_CODE, code_hash=code_hash)


async def use_record(tx: Transaction, use_id: UUID) -> SupportUse | None:
    """The use for a change, locked."""
    return await tx.session.get(SupportUse, use_id, with_for_update=True)


_SESSION = Prepared(
    select(UseSession.id).where(UseSession.use_id == bindparam("use_id"), UseSession.on_date == bindparam("on"))
)


async def has_session(tx: Transaction, use_id: UUID, on: date) -> bool:
    """Whether that day's talk is counted already."""
    return await tx.one(_SESSION, use_id=use_id, on=on) is not None


async def add_people(tx: Transaction, row_id: UUID, offer_id: UUID, on: date, people: int) -> None:
    """A day's number grows; two who count at once are both counted."""
    grown = insert(C).values(id=row_id, offer_id=offer_id, on_date=on, people=people)
    day = grown.on_conflict_do_update(
        index_elements=[C.offer_id, C.on_date], set_={"people": C.people + grown.excluded.people}
    )
    await tx.session.execute(day)


def _counts(begins: Any, ends: Any) -> AnySelect:
    return (
        select(begins.label("from_date"), ends.label("to_date"), func.sum(C.people).label("people"))
        .where(
            C.offer_id == bindparam("offer_id"), C.on_date >= bindparam("first", type_=Date),
            C.on_date <= bindparam("last", type_=Date),
        )
        .group_by(begins, ends)
        .order_by(begins.desc())
    )  # fmt: skip


_month = func.date_trunc(literal_column("'month'"), C.on_date)
_DAYS = Prepared(_counts(C.on_date, C.on_date))
_MONTHS = Prepared(
    _counts(
        func.date(_month), func.date(_month + literal_column("interval '1 month' - interval '1 day'"))
    ).having(func.sum(C.people) >= bindparam("smallest", type_=Integer))
)  # fmt: skip


async def counts_by_day(tx: Transaction, offer_id: UUID, first: date, last: date) -> list[Row]:
    """How many each day, the latest first."""
    return await tx.all(_DAYS, offer_id=offer_id, first=first, last=last)


async def counts_by_month(tx: Transaction, offer_id: UUID, first: date, last: date, smallest: int) -> list[Row]:
    """How many each month, the latest first; a month with fewer than the smallest count is left out."""
    return await tx.all(_MONTHS, offer_id=offer_id, first=first, last=last, smallest=smallest)
