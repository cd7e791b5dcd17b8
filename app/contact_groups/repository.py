"""Every query about contact groups and their leaders."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    SmallInteger,
    SQLColumnExpression,
    Text,
    and_,
    any_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, aggregate_order_by
from sqlalchemy.dialects.postgresql import UUID as PGUUID

from app.contact_groups.models import ContactGroup, GroupLeader, GroupStatus
from app.kernel.circles import ME, NOW
from app.kernel.db import AnySelect, Prepared, Row, Transaction, prepared
from app.kernel.paging import Shape, Window, keyset
from app.organisations.models import Unit, User
from app.places.models import PlacePool
from app.places.repository import COUNTS, GIVEABLE, HELD

_TODAY = func.timezone("Europe/Stockholm", NOW).cast(Date)
_free = next(count for count in COUNTS if count.name == "free")
_shown_status = case(
    (and_(ContactGroup.status == GroupStatus.OPEN.value, _free <= 0), GroupStatus.FULL.value),
    else_=ContactGroup.status,
)


def leads_on(day: SQLColumnExpression[date]) -> ColumnElement[bool]:
    """Whether a leader's time covers a day, for a select on ``GroupLeader``."""
    return and_(GroupLeader.from_on <= day, or_(GroupLeader.to_on.is_(None), GroupLeader.to_on >= day))


def leaders_now() -> ColumnElement[list[UUID]]:
    """The users who lead a group today, for a select on ``ContactGroup``."""
    found = select(func.array_agg(GroupLeader.user_id, type_=ARRAY(PGUUID))).where(
        GroupLeader.group_id == ContactGroup.id, leads_on(_TODAY)
    )
    return func.coalesce(found.scalar_subquery(), literal_column("'{}'::uuid[]")).label("leaders_now")


_LEADER = func.jsonb_build_object(
    literal_column("'id'"), GroupLeader.id,
    literal_column("'userId'"), GroupLeader.user_id,
    literal_column("'name'"), User.name,
    literal_column("'fromOn'"), GroupLeader.from_on,
    literal_column("'policeRecordCheckedOn'"), GroupLeader.police_record_checked_on,
)  # fmt: skip
_LEADERS = (
    select(func.jsonb_agg(aggregate_order_by(_LEADER, GroupLeader.from_on, GroupLeader.id), type_=JSONB))
    .join(User, User.id == GroupLeader.user_id)
    .where(GroupLeader.group_id == ContactGroup.id, leads_on(_TODAY))
    .scalar_subquery()
)


def _groups() -> AnySelect:
    return (
        select(
            ContactGroup.id, ContactGroup.version, ContactGroup.unit_id, Unit.name.label("unit_name"),
            Unit.authority_id, ContactGroup.municipality_code, ContactGroup.name, ContactGroup.term,
            ContactGroup.grade_min, ContactGroup.grade_max, ContactGroup.weekday, ContactGroup.starts_at,
            ContactGroup.ends_at, ContactGroup.place, ContactGroup.note, ContactGroup.status.label("step"),
            _shown_status.label("status"), ContactGroup.status_reason, ContactGroup.default_decision_type,
            ContactGroup.created_at, ContactGroup.ended_at, PlacePool.offer_days,
            PlacePool.automatic.label("automatic_offers"), *COUNTS, HELD.label("held"),
            GIVEABLE.label("giveable"), leaders_now(),
            func.coalesce(_LEADERS, literal_column("'[]'::jsonb", JSONB)).label("leaders"),
        )
        .join(Unit, Unit.id == ContactGroup.unit_id)
        .join(PlacePool, PlacePool.id == ContactGroup.id)
    )  # fmt: skip


_FILTERS = {
    "municipality_code": ContactGroup.municipality_code == any_(bindparam("municipality_code", type_=ARRAY(Text))),
    "unit_id": ContactGroup.unit_id == any_(bindparam("unit_id", type_=ARRAY(PGUUID))),
    "status": _shown_status == any_(bindparam("status", type_=ARRAY(Text))),
    "term": ContactGroup.term == any_(bindparam("term", type_=ARRAY(Text))),
    "grade": and_(
        ContactGroup.grade_min <= bindparam("grade", type_=SmallInteger),
        ContactGroup.grade_max >= bindparam("grade", type_=SmallInteger),
    ),
}


def _filtered(statement: AnySelect, filters: frozenset[str]) -> AnySelect:
    return statement.where(*(_FILTERS[name] for name in sorted(filters)))


@prepared
def _list(shape: Shape) -> AnySelect:
    return keyset(_filtered(_groups(), shape.filters), shape, ContactGroup.id, ContactGroup.id)


@prepared
def _count(filters: frozenset[str]) -> AnySelect:
    rows = select(ContactGroup.id).join(PlacePool, PlacePool.id == ContactGroup.id)
    counted = _filtered(rows, filters).limit(literal_column("10000")).subquery()
    return select(func.count().label("n")).select_from(counted)


async def groups(tx: Transaction, window: Window) -> list[Row]:
    """One page of the groups."""
    return await tx.all(_list(window.shape), **window.values)


async def count(tx: Transaction, window: Window) -> int:
    """How many there are, at most 10,000."""
    row = await tx.one(_count(window.shape.filters), **window.values)
    return int(row["n"]) if row else 0


@prepared
def _lines(shape: Shape) -> AnySelect:
    own = _filtered(_groups(), shape.filters).where(ContactGroup.unit_id == ME)
    return keyset(own, shape, ContactGroup.id, ContactGroup.id)


async def lines(tx: Transaction, window: Window) -> list[Row]:
    """The next groups of the caller's unit in the order of their ids."""
    return await tx.all(_lines(window.shape), **window.values)


_OF_AUTHORITY = Prepared(
    select(ContactGroup.id)
    .join(Unit, Unit.id == ContactGroup.unit_id)
    .where(
        ContactGroup.id == any_(bindparam("ids", type_=ARRAY(PGUUID))),
        Unit.authority_id == bindparam("authority_id", type_=PGUUID),
    )
)


async def of_authority(tx: Transaction, ids: Iterable[UUID], authority_id: UUID) -> set[UUID]:
    """Which of these groups an authority holds."""
    return {row["id"] for row in await tx.all(_OF_AUTHORITY, ids=list(ids), authority_id=authority_id)}


_ONE = Prepared(_groups().where(ContactGroup.id == bindparam("group_id")))


async def group(tx: Transaction, group_id: UUID) -> Row | None:
    """One group with its places and those who lead it today."""
    return await tx.one(_ONE, group_id=group_id)


async def group_record(tx: Transaction, group_id: UUID) -> ContactGroup | None:
    """The group for a change, locked; rows that point at it may be added meanwhile, so that no two wait in a ring."""
    return await tx.session.get(ContactGroup, group_id, with_for_update={"key_share": True})


def _leaders() -> AnySelect:
    return select(
        GroupLeader.id, GroupLeader.version, GroupLeader.group_id, GroupLeader.user_id, User.name,
        GroupLeader.police_record_checked_on, GroupLeader.from_on, GroupLeader.to_on,
    ).join(User, User.id == GroupLeader.user_id)  # fmt: skip


_OF_GROUP = _leaders().where(GroupLeader.group_id == bindparam("group_id"))
_ALL_LEADERS = Prepared(_OF_GROUP.order_by(GroupLeader.from_on, GroupLeader.id))
_ONE_LEADER = Prepared(_OF_GROUP.where(GroupLeader.id == bindparam("leader_id")))


async def leaders(tx: Transaction, group_id: UUID) -> list[Row]:
    """Who leads a group, did, and will, the earliest first."""
    return await tx.all(_ALL_LEADERS, group_id=group_id)


_FROM_NOW_ON = Prepared(
    _leaders()
    .where(
        GroupLeader.group_id == any_(bindparam("group_ids", type_=ARRAY(PGUUID))),
        or_(GroupLeader.to_on.is_(None), GroupLeader.to_on >= _TODAY),
    )
    .order_by(GroupLeader.group_id, GroupLeader.from_on, GroupLeader.id)
)


async def leaders_from_now_on(tx: Transaction, group_ids: list[UUID]) -> list[Row]:
    """Who leads these groups today, and will, the earliest first."""
    return await tx.all(_FROM_NOW_ON, group_ids=group_ids)


async def leader(tx: Transaction, group_id: UUID, leader_id: UUID) -> Row | None:
    """One leader's time with a group."""
    return await tx.one(_ONE_LEADER, group_id=group_id, leader_id=leader_id)


async def leader_record(tx: Transaction, leader_id: UUID) -> GroupLeader | None:
    """A leader's time for a change, locked; the group is locked first."""
    return await tx.session.get(GroupLeader, leader_id, with_for_update=True)


async def other_leaders(tx: Transaction, leader: GroupLeader) -> list[GroupLeader]:
    """The times of everybody else with the leader's group, and of the same person before and after."""
    found = await tx.session.scalars(
        select(GroupLeader).where(GroupLeader.group_id == leader.group_id, GroupLeader.id != leader.id)
    )
    return list(found)


_LEADING = Prepared(
    select(GroupLeader.user_id).where(
        GroupLeader.group_id == bindparam("group_id"), leads_on(bindparam("on", type_=Date))
    )
)


async def leading_on(tx: Transaction, group_id: UUID, on: date) -> list[UUID]:
    """The users who lead a group on a day."""
    return [row["user_id"] for row in await tx.all(_LEADING, group_id=group_id, on=on)]
