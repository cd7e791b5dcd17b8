"""Every query about sessions."""

from datetime import date
from uuid import UUID

from sqlalchemy import Date, Text, any_, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.contact_groups.models import ContactGroup, GroupLeader
from app.contact_groups.repository import leaders_now, leads_on
from app.group_sessions.models import GroupSession, SessionStatus
from app.kernel.db import AnySelect, Prepared, Row, Transaction, prepared
from app.kernel.paging import Shape, Window, keyset
from app.organisations.models import User

_LEADERS_THEN = (
    select(func.count())
    .select_from(GroupLeader)
    .where(GroupLeader.group_id == GroupSession.group_id, leads_on(GroupSession.held_on))
    .correlate(GroupSession)
    .scalar_subquery()
)


def _sessions() -> AnySelect:
    """A session without times of its own is held when the group meets."""
    return (
        select(
            GroupSession.id, GroupSession.version, GroupSession.group_id, ContactGroup.name.label("group_name"),
            ContactGroup.unit_id, ContactGroup.status.label("group_status"), leaders_now(), GroupSession.held_on,
            func.coalesce(GroupSession.starts_at, ContactGroup.starts_at).label("starts_at"),
            func.coalesce(GroupSession.ends_at, ContactGroup.ends_at).label("ends_at"),
            GroupSession.status, GroupSession.note, GroupSession.cancel_reason, GroupSession.created_by,
            User.name.label("created_by_name"), GroupSession.owner_unit_id, GroupSession.owner_authority_id,
            GroupSession.municipality_code, _LEADERS_THEN.label("leaders_then"),
        )
        .join(ContactGroup, ContactGroup.id == GroupSession.group_id)
        .join(User, User.id == GroupSession.created_by)
    )  # fmt: skip


_FILTERS = {
    "status": GroupSession.status == any_(bindparam("status", type_=ARRAY(Text))),
    "held_from": GroupSession.held_on >= bindparam("held_from", type_=Date),
    "held_to": GroupSession.held_on <= bindparam("held_to", type_=Date),
}


def _of_group(statement: AnySelect, filters: frozenset[str]) -> AnySelect:
    return statement.where(
        GroupSession.group_id == bindparam("group_id"), *(_FILTERS[name] for name in sorted(filters))
    )


@prepared
def _list(shape: Shape) -> AnySelect:
    return keyset(_of_group(_sessions(), shape.filters), shape, GroupSession.held_on, GroupSession.id)


@prepared
def _count(filters: frozenset[str]) -> AnySelect:
    counted = _of_group(select(GroupSession.id), filters).limit(literal_column("10000")).subquery()
    return select(func.count().label("n")).select_from(counted)


async def sessions(tx: Transaction, group_id: UUID, window: Window) -> list[Row]:
    """One page of a group's sessions."""
    return await tx.all(_list(window.shape), **window.values, group_id=group_id)


async def count(tx: Transaction, group_id: UUID, window: Window) -> int:
    """How many there are, at most 10,000."""
    row = await tx.one(_count(window.shape.filters), **window.values, group_id=group_id)
    return int(row["n"]) if row else 0


_ONE = Prepared(_sessions().where(GroupSession.id == bindparam("session_id")))


async def session(tx: Transaction, session_id: UUID) -> Row | None:
    """One session as the wall shows it: to the group's own unit."""
    return await tx.one(_ONE, session_id=session_id)


async def session_record(tx: Transaction, session_id: UUID) -> GroupSession | None:
    """The session for a change, locked; rows that point at it may be added meanwhile."""
    return await tx.session.get(GroupSession, session_id, with_for_update={"key_share": True})


_SAME_DAY = Prepared(
    select(GroupSession.id).where(
        GroupSession.group_id == bindparam("group_id"),
        GroupSession.held_on == bindparam("held_on", type_=Date),
        GroupSession.status != SessionStatus.CANCELLED.value,
        GroupSession.id != bindparam("session_id"),
    )
)


async def meets_on(tx: Transaction, group_id: UUID, day: date, *, beside: UUID) -> bool:
    """Whether a group has a session on a day beside this one; a cancelled one does not count."""
    return await tx.one(_SAME_DAY, group_id=group_id, held_on=day, session_id=beside) is not None


async def planned_from(tx: Transaction, group_id: UUID, day: date) -> list[GroupSession]:
    """What a group still had before it from a day on, locked."""
    found = await tx.session.scalars(
        select(GroupSession)
        .where(
            GroupSession.group_id == group_id,
            GroupSession.status == SessionStatus.PLANNED.value,
            GroupSession.held_on >= day,
        )
        .order_by(GroupSession.id)
        .with_for_update(key_share=True)
    )
    return list(found)
