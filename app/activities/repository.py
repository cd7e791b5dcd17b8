"""Every query about activities.

Anybody may ask, so nothing here looks at the wall's clock: the present instant is always given.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Label, Text, Uuid, and_, any_, bindparam, case, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.sql import ColumnElement

from app.activities.models import Activity, ActivityAttendance, ActivityEvaluation, ActivityStatus
from app.family_centres.models import FamilyCentre
from app.kernel.db import AnySelect, Prepared, Row, Transaction, prepared
from app.kernel.paging import Shape, Window, keyset
from app.organisations.models import Unit, User
from app.places.models import PlacePool
from app.places.repository import counts

A, S = Activity, ActivityStatus
_INSTANT = TIMESTAMP(timezone=True)
_AT: ColumnElement[datetime] = bindparam("at", type_=_INSTANT)
_SHOWN = ("capacity", "free", "waiting")


def _of_pool(count: Label[int]) -> ColumnElement[int | None]:
    # An activity without a pool has no number of places, not none.
    return case((PlacePool.id.is_not(None), count.element), else_=None)


_COUNTS = {count.name: _of_pool(count) for count in counts(_AT) if count.name in _SHOWN}
_OPEN = A.status == S.OPEN.value
#: Where an activity stands as anybody sees it: full and held follow from its places and the time.
STATUS: ColumnElement[str] = case(
    (A.status == S.CANCELLED.value, S.CANCELLED.value),
    (A.starts_at <= _AT, S.HELD.value),
    (and_(_OPEN, _COUNTS["free"] == 0), S.FULL.value),
    else_=A.status,
)
_REGISTRATION_OPEN = and_(
    _OPEN,
    or_(A.registration_opens_at.is_(None), A.registration_opens_at <= _AT),
    func.coalesce(A.registration_closes_at, A.starts_at) > _AT,
)


def _activities() -> AnySelect:
    return (
        select(
            A.id, A.version, A.unit_id, Unit.name.label("unit_name"), Unit.phone.label("unit_phone"),
            Unit.authority_id, A.municipality_code, A.centre_id, FamilyCentre.name.label("centre_name"),
            A.support_offer_id, A.type, A.title_sv, A.title_en, A.summary_sv, A.summary_en, A.audiences, A.age_min,
            A.age_max, A.starts_at, A.ends_at, A.place, A.registration_opens_at, A.registration_closes_at,
            A.cancel_reason,
            STATUS.label("status"), _REGISTRATION_OPEN.label("registration_open"),
            *(column.label(name) for name, column in _COUNTS.items()),
        )
        .join(Unit, Unit.id == A.unit_id)
        .outerjoin(FamilyCentre, FamilyCentre.id == A.centre_id)
        .outerjoin(PlacePool, PlacePool.id == A.id)
    )  # fmt: skip


def _any(name: str, column: Any, kind: Any) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column == any_(bindparam(name, type_=ARRAY(kind)))
    return found


def _fits(name: str) -> ColumnElement[bool]:
    age = bindparam(name, type_=A.age_min.type)
    return and_(or_(A.age_min.is_(None), A.age_min <= age), or_(A.age_max.is_(None), A.age_max >= age))


_FILTERS: dict[str, ColumnElement[bool]] = {
    "municipality_code": or_(A.municipality_code.is_(None), _any("municipality_code", A.municipality_code, Text)),
    "type": _any("type", A.type, Text),
    "audience": A.audiences.overlap(bindparam("audience", type_=ARRAY(Text))),
    "age": _fits("age"),
    "from_": A.starts_at >= bindparam("from_", type_=_INSTANT),
    "to": A.starts_at < bindparam("to", type_=_INSTANT),
    "status": _any("status", STATUS, Text),
    "unit_id": _any("unit_id", A.unit_id, Uuid()),
    "support_offer_id": _any("support_offer_id", A.support_offer_id, Uuid()),
    "centre_id": _any("centre_id", A.centre_id, Uuid()),
}


@prepared
def _list(shape: Shape) -> AnySelect:
    statement = _activities().where(*(_FILTERS[name] for name in sorted(shape.filters)))
    return keyset(statement, shape, A.starts_at, A.id)


@prepared
def _count(filters: frozenset[str]) -> AnySelect:
    rows = select(A.id).outerjoin(PlacePool, PlacePool.id == A.id)
    rows = rows.where(*(_FILTERS[name] for name in sorted(filters)))
    return select(func.count().label("n")).select_from(rows.limit(10_000).subquery())


async def page_of(tx: Transaction, window: Window, at: datetime) -> list[Row]:
    """One page of activities as they stand at an instant."""
    return await tx.all(_list(window.shape), at=at, **window.values)


async def count(tx: Transaction, window: Window, at: datetime) -> int:
    """How many there are, at most 10,000."""
    row = await tx.one(_count(window.shape.filters), at=at, **window.values)
    return int(row["n"]) if row else 0


_ONE = Prepared(_activities().where(A.id == bindparam("activity_id")))


async def one(tx: Transaction, activity_id: UUID, at: datetime) -> Row | None:
    """One activity as it stands at an instant."""
    return await tx.one(_ONE, activity_id=activity_id, at=at)


_FITTING = Prepared(
    _activities()
    .where(
        A.id != bindparam("activity_id"), _REGISTRATION_OPEN, _fits("age"),
        A.audiences.overlap(bindparam("audiences", type_=ARRAY(Text))),
        or_(
            A.municipality_code.is_(None),
            A.municipality_code.is_not_distinct_from(bindparam("municipality_code", type_=Text)),
        ),
    )
    .order_by(A.starts_at, A.id)
    .limit(5)
)  # fmt: skip


async def fitting(tx: Transaction, activity: Row, age: int, at: datetime) -> list[Row]:
    """Other activities for the same people near by that take somebody of this age, the earliest five."""
    return await tx.all(
        _FITTING, activity_id=activity["id"], age=age, at=at, audiences=activity["audiences"],
        municipality_code=activity["municipality_code"],
    )  # fmt: skip


async def record(tx: Transaction, activity_id: UUID, *, shared: bool = False) -> Activity | None:
    """The activity for a change, locked; ``shared`` only so that nobody changes it meanwhile."""
    return await tx.session.get(
        Activity, activity_id, with_for_update={"read": True} if shared else True, populate_existing=True
    )


_ATTENDANCE = Prepared(
    select(
        ActivityAttendance.id.label("activity_id"), ActivityAttendance.version, ActivityAttendance.children,
        ActivityAttendance.adults, ActivityAttendance.staff, ActivityAttendance.recorded_at,
        User.name.label("recorded_by_name"),
    )
    .join(User, User.id == ActivityAttendance.recorded_by)
    .where(ActivityAttendance.id == bindparam("activity_id"))
)  # fmt: skip
_EVALUATION = Prepared(
    select(
        ActivityEvaluation.id.label("activity_id"), ActivityEvaluation.version, ActivityEvaluation.text,
        ActivityEvaluation.answers, ActivityEvaluation.would_recommend, ActivityEvaluation.written_at,
        User.name.label("written_by_name"),
    )
    .join(User, User.id == ActivityEvaluation.written_by)
    .where(ActivityEvaluation.id == bindparam("activity_id"))
)  # fmt: skip


async def attendance(tx: Transaction, activity_id: UUID) -> Row | None:
    """How many came, if they were counted."""
    return await tx.one(_ATTENDANCE, activity_id=activity_id)


async def evaluation(tx: Transaction, activity_id: UUID) -> Row | None:
    """What was thought of it, if it was written down."""
    return await tx.one(_EVALUATION, activity_id=activity_id)


async def attendance_record(tx: Transaction, activity_id: UUID) -> ActivityAttendance | None:
    """The numbers for a correction, locked."""
    return await tx.session.get(ActivityAttendance, activity_id, with_for_update=True)


async def evaluation_record(tx: Transaction, activity_id: UUID) -> ActivityEvaluation | None:
    """The evaluation for a correction, locked."""
    return await tx.session.get(ActivityEvaluation, activity_id, with_for_update=True)
