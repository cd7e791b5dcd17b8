"""Every query about visits as counts."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Date, any_, bindparam, distinct, func, select
from sqlalchemy.dialects.postgresql import ARRAY, DATE, TEXT, TIMESTAMP
from sqlalchemy.dialects.postgresql import UUID as UUIDS

from app.centre_visits.models import CentreVisit, CountPeriod
from app.family_centres.models import CentrePart
from app.kernel.db import AnySelect, Prepared, Row, Transaction, prepared
from app.kernel.paging import Shape, Window, keyset

_FROM, _TO = bindparam("from_", type_=DATE), bindparam("to", type_=DATE)
_FILTERS: dict[str, Any] = {
    "from_": CentreVisit.on_date >= _FROM,
    "to": CentreVisit.on_date <= _TO,
    "part_id": CentreVisit.part_id == any_(bindparam("part_id", type_=ARRAY(UUIDS))),
    "kind": CentreVisit.kind == any_(bindparam("kind", type_=ARRAY(TEXT))),
    "own_unit": CentrePart.unit_id == bindparam("own_unit", type_=UUIDS),
}


def _chosen(rows: AnySelect, filters: frozenset[str]) -> AnySelect:
    joined = rows.outerjoin(CentrePart, CentrePart.id == CentreVisit.part_id)
    conditions = (_FILTERS[name] for name in sorted(filters))
    return joined.where(CentreVisit.centre_id == bindparam("centre_id"), *conditions)


def _visits(filters: frozenset[str] = frozenset()) -> AnySelect:
    visit = CentreVisit
    rows = select(
        visit.id, visit.version, visit.centre_id, visit.part_id, CentrePart.name.label("part_name"), visit.on_date,
        visit.kind, visit.children, visit.adults, visit.recorded_at, visit.recorded_by,
    )  # fmt: skip
    return _chosen(rows, filters)


@prepared
def _list(shape: Shape) -> AnySelect:
    return keyset(_visits(shape.filters), shape, CentreVisit.on_date, CentreVisit.id)


@prepared
def _count(filters: frozenset[str]) -> AnySelect:
    rows = _chosen(select(CentreVisit.id), filters)
    return select(func.count().label("n")).select_from(rows.limit(10_000).subquery())


_ONE = Prepared(_visits().where(CentreVisit.id == bindparam("visit_id")))


_COUNTED = Prepared(
    _visits().where(
        CentreVisit.on_date == bindparam("on_date", type_=DATE), CentreVisit.kind == bindparam("kind"),
        CentreVisit.part_id.is_not_distinct_from(bindparam("part_id", type_=UUIDS)),
    )
)  # fmt: skip


async def counted(tx: Transaction, visit: CentreVisit) -> Row | None:
    """What is counted already for the same day, part and kind."""
    values = {"centre_id": visit.centre_id, "part_id": visit.part_id, "on_date": visit.on_date, "kind": visit.kind}
    return await tx.one(_COUNTED, **values)


def _own(shape: Shape, own_unit: UUID | None) -> Shape:
    return shape if own_unit is None else shape._replace(filters=shape.filters | {"own_unit"})


async def visits(tx: Transaction, centre_id: UUID, window: Window, own_unit: UUID | None) -> list[Row]:
    """One page of a centre's counted days; only those of one unit's parts when a unit is given."""
    shape, values = window
    return await tx.all(_list(_own(shape, own_unit)), **values, centre_id=centre_id, own_unit=own_unit)


async def count(tx: Transaction, centre_id: UUID, window: Window, own_unit: UUID | None) -> int:
    """How many there are, at most 10,000."""
    shape, values = window
    row = await tx.one(_count(_own(shape, own_unit).filters), **values, centre_id=centre_id, own_unit=own_unit)
    return int(row["n"]) if row else 0


async def visit(tx: Transaction, centre_id: UUID, visit_id: UUID) -> Row | None:
    """One counted day of a centre."""
    return await tx.one(_ONE, centre_id=centre_id, visit_id=visit_id)


async def visit_record(tx: Transaction, visit_id: UUID) -> CentreVisit | None:
    """The counted day for a correction, locked."""
    return await tx.session.get(CentreVisit, visit_id, with_for_update=True)


@prepared
def _sums(by: CountPeriod, filters: frozenset[str]) -> AnySelect:
    first = func.date_trunc(by.value, CentreVisit.on_date.cast(TIMESTAMP)).cast(Date)
    sums = select(
        first.label("from_on"),
        func.count(distinct(CentreVisit.on_date)).label("days"),
        func.sum(CentreVisit.children).label("children"),
        func.sum(CentreVisit.adults).label("adults"),
    )
    begins = {"from_": first >= _FROM, "to": first <= _TO}
    rows = _chosen(sums, filters - begins.keys()).where(*(begins[name] for name in sorted(filters & begins.keys())))
    return rows.group_by(first).order_by(first.desc())


async def sums(
    tx: Transaction, centre_id: UUID, by: CountPeriod, begins: tuple[date | None, date | None], **filters: Any
) -> list[Row]:
    """How many came, for each period that begins between two days; the newest first."""
    values = {**filters, "from_": begins[0], "to": begins[1]}
    stated = {name: value for name, value in values.items() if value}
    return await tx.all(_sums(by, frozenset(stated)), **stated, centre_id=centre_id)
