"""Every query about the support catalogue."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Date, Integer, Text, Uuid, and_, any_, bindparam, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.kernel.db import AnySelect, Prepared, Row, Transaction, prepared
from app.kernel.paging import Shape, Window, keyset, onward
from app.organisations.models import Unit
from app.support_offers.models import SupportOffer

S = SupportOffer
#: How many alternatives are worth reading.
_ALTERNATIVES = 10

_TODAY = bindparam("today", type_=Date)
_VALID = and_(S.valid_from <= _TODAY, or_(S.valid_to.is_(None), S.valid_to >= _TODAY))


def _texts(name: str) -> Any:
    return bindparam(name, type_=ARRAY(Text))


def _admits(age: Any) -> Any:
    return and_(or_(S.age_min.is_(None), S.age_min <= age), or_(S.age_max.is_(None), S.age_max >= age))


_FILTERS = {
    "age": _admits(bindparam("age", type_=Integer)),
    "municipality_code": or_(S.municipality_code.is_(None), S.municipality_code == any_(_texts("municipality_code"))),
    "audience": S.audiences.overlap(_texts("audience")),
    "need": S.needs.overlap(_texts("need")),
    "kind": S.kind == any_(_texts("kind")),
    "is_free": S.is_free == bindparam("is_free", type_=Boolean),
    "decision_type": S.decision_type == any_(_texts("decision_type")),
}


def _offers() -> AnySelect:
    return select(
        *(column for column in S.__table__.c if column.key not in ("assured_by", "created_at")),
        Unit.name.label("unit_name"), Unit.authority_id, Unit.municipality_code.label("unit_municipality_code"),
    ).join(Unit, Unit.id == S.unit_id)  # fmt: skip


def _filtered(statement: AnySelect, filters: frozenset[str]) -> AnySelect:
    return statement.where(_VALID, *(_FILTERS[name] for name in sorted(filters)))


@prepared
def _list(shape: Shape) -> AnySelect:
    return keyset(_filtered(_offers(), shape.filters), shape, S.id, S.id)


@prepared
def _count(filters: frozenset[str]) -> AnySelect:
    rows = _filtered(select(S.id), filters).limit(literal_column("10000"))
    return select(func.count().label("n")).select_from(rows.subquery())


async def offers(tx: Transaction, window: Window, today: date) -> list[Row]:
    """One page of the offers that are valid today."""
    return await tx.all(_list(window.shape), today=today, **window.values)


async def count(tx: Transaction, window: Window, today: date) -> int:
    """How many there are, at most 10,000."""
    row = await tx.one(_count(window.shape.filters), today=today, **window.values)
    return int(row["n"]) if row else 0


_ONE = Prepared(_offers().where(S.id == bindparam("offer_id")))
_OF_UNIT = Prepared(_offers().where(S.unit_id == bindparam("unit_id")).order_by(S.id.desc()))
# What shares an audience or a need with the offer that does not fit comes first.
_FITTING = Prepared(
    _offers()
    .where(
        _VALID, _admits(bindparam("age", type_=Integer)), S.id != bindparam("offer_id"),
        or_(S.municipality_code.is_(None), S.municipality_code == bindparam("municipality_code", type_=Text)),
    )
    .order_by(or_(S.audiences.overlap(_texts("audiences")), S.needs.overlap(_texts("needs"))).desc(), S.id)
    .limit(literal_column(str(_ALTERNATIVES)))
)  # fmt: skip


async def offer(tx: Transaction, offer_id: UUID) -> Row | None:
    """One offer, valid or not."""
    return await tx.one(_ONE, offer_id=offer_id)


async def offers_of(tx: Transaction, unit_id: UUID) -> list[Row]:
    """Every offer of a unit, the newest first."""
    return await tx.all(_OF_UNIT, unit_id=unit_id)


_OF_AUTHORITY = Prepared(
    select(S.id)
    .join(Unit, Unit.id == S.unit_id)
    .where(S.id == any_(bindparam("ids", type_=ARRAY(Uuid))), Unit.authority_id == bindparam("authority_id"))
)


async def of_authority(tx: Transaction, ids: Iterable[UUID], authority_id: UUID) -> set[UUID]:
    """Which of these offers an authority's units make."""
    return {row["id"] for row in await tx.all(_OF_AUTHORITY, ids=list(ids), authority_id=authority_id)}


@prepared
def _lines(shape: Shape) -> AnySelect:
    statement = _offers().where(S.unit_id == bindparam("unit_id"))
    if "municipality_code" in shape.filters:
        statement = statement.where(_FILTERS["municipality_code"])
    return keyset(statement, shape, S.id, S.id)


async def lines(
    tx: Transaction, unit_id: UUID, after: UUID | None, limit: int, municipality_code: str | None
) -> list[Row]:
    """The next offers of a unit in the order of their ids; of a municipality those of the whole county too."""
    filters = {"municipality_code": [municipality_code]} if municipality_code is not None else {}
    shape, values = onward(after, limit, **filters)
    return await tx.all(_lines(shape), unit_id=unit_id, **values)


async def fitting(tx: Transaction, offer: Row, age: int, today: date) -> list[Row]:
    """Offers that admit an age in the same municipality instead of this one (R14.3)."""
    values = {name: offer[name] for name in ("municipality_code", "audiences", "needs")}
    return await tx.all(_FITTING, offer_id=offer["id"], age=age, today=today, **values)


async def offer_record(tx: Transaction, offer_id: UUID) -> SupportOffer | None:
    """The offer for a change, locked."""
    return await tx.session.get(SupportOffer, offer_id, with_for_update=True)
