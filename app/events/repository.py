"""Queries about events, and about the records that they tell of, as far as the wall shows these to the caller."""

from collections.abc import Sequence
from datetime import datetime
from string import Formatter
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Table,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    exists,
    false,
    func,
    literal_column,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY

from app.absences.models import CoordinatorAbsence, CoordinatorSign
from app.centre_referrals.models import Referral
from app.centre_visits.models import CentreVisit
from app.contact_groups.models import GroupLeader
from app.contact_groups.repository import leads_on
from app.events.models import Event, EventFeed, Wanted
from app.events.records import RECORDS, Child, Record
from app.family_centres.models import CentrePart, FamilyCentre
from app.group_follow_ups.models import PlaceFollowUp
from app.group_places.models import PlaceRespondent
from app.group_places.repository import TODAY
from app.kernel.circles import ME, NOW, CircleGrant, CircleMember
from app.kernel.db import AnySelect, Base, Prepared, Row, Transaction, prepared
from app.npf_matters.repository import known_to_me
from app.organisations.models import Assignment, Unit, User
from app.people.models import Child as ChildRecord
from app.people.repository import my_checkpoint
from app.siblings.repository import nobody_protected

_ACTOR: Any = literal_column("(select wall.actor())", Uuid())
_MY_AUTHORITY: Any = literal_column("(select wall.authority())", Uuid())
_UNPROTECTED: Any = literal_column("'none'")


async def place(tx: Transaction, most: int) -> Row:
    """Give positions to what has been committed: ``number`` of them, and the ``last`` position that there is."""
    return (await tx.rows("select * from wall.place_events(%s)", [most]))[0]


async def forget(tx: Transaction, before: datetime, most: int) -> int:
    """Forget the oldest events; how many."""
    return int((await tx.rows("select wall.forget_events(%s, %s) as number", [before, most]))[0]["number"])


_EXTENT = Prepared(select(EventFeed.placed, EventFeed.forgotten))


async def extent(tx: Transaction) -> Row:
    """From behind which position to which there are events: ``forgotten``, ``placed``."""
    return await tx.one(_EXTENT) or {"forgotten": 0, "placed": 0}


@prepared
def _window(by_type: bool, by_operation: bool) -> AnySelect:
    statement = select(
        Event.id, Event.position, Event.occurred_at, Event.record_type, Event.record_id, Event.circle_id,
        Event.operation,
    ).where(
        Event.position > bindparam("after", type_=BigInteger), Event.position <= bindparam("until", type_=BigInteger)
    )  # fmt: skip
    if by_type:
        statement = statement.where(Event.record_type == any_(bindparam("record_types", type_=ARRAY(Text))))
    if by_operation:
        statement = statement.where(Event.operation == any_(bindparam("operations", type_=ARRAY(Text))))
    found = statement.order_by(Event.position).limit(bindparam("most", type_=Integer)).lateral("found")
    # In one statement: what is forgotten or placed in the next moment is neither missed nor seen in half.
    return select(EventFeed.placed, EventFeed.forgotten, found).select_from(EventFeed).outerjoin(found, true())


async def window(tx: Transaction, after: int, until: int, most: int, wanted: Wanted) -> list[Row]:
    """The next events in the caller's circles and the directory, each with the feed's extent; one row when none."""
    return await tx.all(
        _window(bool(wanted.record_types), bool(wanted.operations)),
        after=after, until=until, most=most, record_types=list(wanted.record_types), operations=list(wanted.operations),
    )  # fmt: skip


async def records(tx: Transaction, kind: str, ids: Sequence[UUID]) -> dict[UUID, Row]:
    """The records of a type that the wall shows, and what tells how the caller stands to each."""
    return {row["id"]: row for row in await tx.all(_records(kind), ids=list(ids))}


@prepared
def _records(kind: str) -> AnySelect:
    record = RECORDS[kind]
    own, above = _tables(record)
    path = {name for _, name, _, _ in Formatter().parse(record.path or "") if name}
    statement = select(
        own.c.id,
        _UNITS.get(kind, _column(record.unit, own, above)).label("unit_id"),
        _AUTHORITIES.get(kind, own.c.get("owner_authority_id", null())).label("authority_id"),
        _bases(own.c[record.circle]).label("bases") if record.circle else null().label("bases"),
        (_leads(kind, _column("group_id", own, above)) if record.led else false()).label("leads"),
        own.c.id.label("case_id") if kind == "case" else own.c.get("case_id", null()).label("case_id"),
        *(_column(name, own, above) for name in sorted(path - {"id", "case_id"})),
    ).where(own.c.id == any_(bindparam("ids", type_=ARRAY(Uuid()))))
    if record.through:
        statement = statement.join(above, above.c.id == own.c[record.through.by])
    if kind in _ONLY:
        statement = statement.where(_ONLY[kind])
    return _with_child(statement, record, own if record.through is None else above)


def _tables(record: Record) -> tuple[Table, Table]:
    tables = Base.metadata.tables
    return tables[record.table], tables[record.through.table if record.through else record.table]


def _column(name: str | None, own: Table, above: Table) -> Any:
    return null() if name is None else own.c.get(name, above.c.get(name))


def _bases(circle: ColumnElement[UUID]) -> ColumnElement[Any]:
    """On what the circle is open to the caller now; its owner's own is among them."""
    grant = CircleGrant.__table__.c
    return (
        select(func.array_agg(grant.basis.distinct()))
        .where(grant.circle_id == circle, grant.party_id == ME, grant.valid_from <= NOW, grant.valid_until > NOW)
        .scalar_subquery()
    )


def _leads(kind: str, group: ColumnElement[UUID]) -> ColumnElement[bool]:
    leader = exists().where(GroupLeader.group_id == group, GroupLeader.user_id == _ACTOR, leads_on(TODAY))
    # A leader reads what leaders said: of the children no more than a first name and needed notes (R11.8).
    said_by_one = PlaceFollowUp.respondent == literal_column(f"'{PlaceRespondent.LEADER}'")
    return and_(leader, said_by_one) if kind == "place_follow_up" else leader


def _with_child(statement: AnySelect, record: Record, knows: Table) -> AnySelect:
    """Who is protected, as in the lists: known to be now, or when it was handed in; and the caller's checkpoint."""
    if record.child is Child.NOBODY:
        return statement.add_columns(false().label("guarded"), null().label("checkpoint_reason"))
    child = ChildRecord.__table__
    protection = func.coalesce(child.c.protected_identity, _UNPROTECTED)
    if record.child is not Child.ITSELF:
        statement = statement.join(child, child.c.id == knows.c.child_id, isouter=record.child is Child.PERHAPS)
    return statement.add_columns(
        or_(knows.c.get("shielded", false()), protection != _UNPROTECTED).label("guarded"),
        my_checkpoint(child.c.id, protection).label("checkpoint_reason"),
    )


def _family_of(circle: ColumnElement[UUID]) -> ColumnElement[bool]:
    member = CircleMember
    return exists().where(
        member.circle_id == circle, member.party_id == ME, member.left_at.is_(None),
        or_(member.standing == literal_column("'guardian'"), member.standing == literal_column("'child'")),
    )  # fmt: skip


#: What is known to fewer than the wall shows it to, as by hand.
_ONLY: dict[str, ColumnElement[bool]] = {
    "absence": CoordinatorAbsence.unit_id == ME,
    "coordinator_sign": CoordinatorSign.user_id == _ACTOR,
    # An earlier receiver has nothing to do with it any more.
    "family_centre_referral": or_(
        Referral.from_unit_id == ME, Referral.receiver_unit_id == ME, _family_of(Referral.__table__.c.id)
    ),
    **dict.fromkeys(("npf_matter", "matter_action", "matter_advice", "matter_review"), known_to_me()),
    "sibling_link": nobody_protected(),
}
#: Whose a record is, where a column alone does not tell.
_UNITS: dict[str, ColumnElement[Any]] = {
    "centre_visit": case(
        (exists().where(CentrePart.id == CentreVisit.part_id, CentrePart.unit_id == ME), ME), else_=FamilyCentre.unit_id
    ),
}
_AUTHORITIES: dict[str, ColumnElement[Any]] = {
    "assignment": select(Unit.authority_id).where(Unit.id == Assignment.unit_id).scalar_subquery(),
    "user": case(
        (
            exists().where(
                and_(Assignment.user_id == User.id, Unit.id == Assignment.unit_id, Unit.authority_id == _MY_AUTHORITY)
            ),
            _MY_AUTHORITY,
        )
    ),
}
