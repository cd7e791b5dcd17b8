"""Every query about follow-ups of places, and the one about results."""

from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Text, Uuid, and_, any_, bindparam, func, literal_column, not_, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from app.contact_groups.models import ContactGroup
from app.group_follow_ups.models import PlaceFollowUp as F
from app.group_places.models import GroupPlace, PlaceRespondent
from app.group_queues.models import QueueEntry
from app.kernel.db import AnySelect, Row, Transaction, prepared
from app.kernel.paging import Shape, Window, keyset
from app.organisations.models import User
from app.people.models import Child

_COLUMNS = (
    F.id, F.version, F.place_id, GroupPlace.group_id, QueueEntry.given_name, F.respondent, F.occasion, F.asked_on,
    F.scale, F.text, F.not_interviewed_reason, F.shared_with_guardians, F.recorded_at,
    User.name.label("recorded_by_name"), F.entry_id,
)  # fmt: skip


def _joined(statement: AnySelect) -> AnySelect:
    return (
        statement.select_from(F)
        .join(GroupPlace, GroupPlace.id == F.place_id)
        .join(QueueEntry, QueueEntry.id == F.entry_id)
        .outerjoin(User, User.id == F.recorded_by)
    )


# A leader reads what leaders said: of the children no more than a first name and needed notes (R11.8).
_LEADERS: Any = F.respondent == literal_column(f"'{PlaceRespondent.LEADER}'")


def _told(statement: AnySelect, whole: bool) -> AnySelect:
    return statement if whole else statement.where(_LEADERS)


@prepared
def _of_place(whole: bool) -> AnySelect:
    rows = _joined(select(*_COLUMNS)).where(F.place_id == bindparam("place_id"))
    return _told(rows, whole).order_by(F.asked_on.desc(), F.id.desc())


async def of_place(tx: Transaction, place_id: UUID, *, whole: bool) -> list[Row]:
    """The follow-ups of a place that the wall shows the caller, newest first; all of them, or leaders' only."""
    return await tx.all(_of_place(whole), place_id=place_id)


@prepared
def _one(whole: bool) -> AnySelect:
    rows = _joined(select(*_COLUMNS)).where(F.place_id == bindparam("place_id"), F.id == bindparam("follow_up_id"))
    return _told(rows, whole)


async def one(tx: Transaction, place_id: UUID, follow_up_id: UUID, *, whole: bool) -> Row | None:
    """One follow-up."""
    return await tx.one(_one(whole), place_id=place_id, follow_up_id=follow_up_id)


_FILTERS = {
    "respondent": F.respondent == any_(bindparam("respondent", type_=ARRAY(Text))),
    "occasion": F.occasion == any_(bindparam("occasion", type_=ARRAY(Text))),
    "place_id": F.place_id == any_(bindparam("place_id", type_=ARRAY(Uuid))),
}


def _of_group(statement: AnySelect, filters: frozenset[str], whole: bool) -> AnySelect:
    # Protected children are in no professional's list (R2.5).
    unprotected = and_(
        not_(QueueEntry.shielded), func.coalesce(Child.protected_identity, "none") == literal_column("'none'")
    )
    rows = _joined(statement).outerjoin(Child, Child.id == GroupPlace.child_id)
    rows = rows.join(ContactGroup, ContactGroup.id == GroupPlace.group_id)
    rows = rows.where(GroupPlace.group_id == bindparam("group_id"), unprotected)
    return _told(rows.where(*(_FILTERS[name] for name in sorted(filters))), whole)


@prepared
def _list(shape: Shape, whole: bool) -> AnySelect:
    return keyset(_of_group(select(*_COLUMNS), shape.filters, whole), shape, F.id, F.id)


@prepared
def _count(filters: frozenset[str], whole: bool) -> AnySelect:
    rows = _of_group(select(F.id), filters, whole)
    return select(func.count().label("n")).select_from(rows.limit(literal_column("10000")).subquery())


async def of_group(tx: Transaction, group_id: UUID, window: Window, *, whole: bool) -> list[Row]:
    """One page of the follow-ups of a group's places."""
    return await tx.all(_list(window.shape, whole), **window.values, group_id=group_id)


async def count(tx: Transaction, group_id: UUID, window: Window, *, whole: bool) -> int:
    """How many there are, at most 10,000."""
    row = await tx.one(_count(window.shape.filters, whole), **window.values, group_id=group_id)
    return int(row["n"]) if row else 0


_POOLS = {
    "municipality_code": ContactGroup.municipality_code == any_(bindparam("municipality_code", type_=ARRAY(Text))),
    "term": ContactGroup.term == any_(bindparam("term", type_=ARRAY(Text))),
}


@prepared
def _results(filters: frozenset[str]) -> AnySelect:
    pool = (
        select(ContactGroup.municipality_code, ContactGroup.term)
        .where(*(_POOLS[name] for name in sorted(filters)))
        .distinct()
        .subquery()
    )
    # The wall's own function counts, and tells no small number.
    told = func.wall.contact_group_results(
        pool.c.municipality_code, pool.c.term, bindparam("smallest", type_=Integer), type_=JSONB
    )
    year, half = func.right(pool.c.term, literal_column("4")), func.left(pool.c.term, literal_column("2"))
    rows = select(pool.c.municipality_code, pool.c.term, told.label("told"))
    return rows.order_by(year.desc(), half, pool.c.municipality_code)


async def results(tx: Transaction, filters: dict[str, list[str]], smallest: int) -> list[Row]:
    """What may be told of how it went, for each municipality and term, newest term first (R11.9)."""
    return await tx.all(_results(frozenset(filters)), **filters, smallest=smallest)
