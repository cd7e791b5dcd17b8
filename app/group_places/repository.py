"""Every query about places in contact groups, and about seats that are to be free."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    Date,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal_column,
    not_,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from app.consents.models import Consent
from app.consents.repository import on_paper
from app.contact_groups.models import ContactGroup, GroupLeader
from app.contact_groups.repository import leaders_now, leads_on
from app.group_places.models import GroupPlace, GroupPlaceStatus, SeatToFree
from app.group_queues.models import QueueEntry, QueueNoteKind
from app.group_queues.repository import newest_note
from app.kernel.circles import ME, NOW, CircleMember, open_to_me
from app.kernel.db import AnySelect, Prepared, Row, Transaction, prepared
from app.kernel.paging import Shape, Window, keyset
from app.organisations.models import User
from app.people.models import Child
from app.people.repository import IN_LINES, MAY_STAND_IN_LINES, my_checkpoint
from app.places.models import PlaceClaim
from app.queue_consents.models import QueueConsent
from app.queue_consents.repository import in_line

#: As whom a list is asked for: a unit sees its own, a leader those of the groups led, the family its own.
Sight = Literal["unit", "leader", "family"]

P = GroupPlace
TODAY = func.timezone("Europe/Stockholm", NOW).cast(Date)
_ACTOR: Any = literal_column("(select wall.actor())", Uuid())
_decider = aliased(User)


def _code(status: GroupPlaceStatus) -> Any:
    return literal_column(f"'{status.value}'", P.status.type)


#: A place's status as it is today, also before anybody has written down that its last day has passed.
_status: Any = case(
    (and_(P.status == _code(GroupPlaceStatus.ENDING), P.to_on < TODAY), _code(GroupPlaceStatus.ENDED)), else_=P.status
)
_protection = func.coalesce(Child.protected_identity, literal_column("'none'"))
_COLUMNS = (
    P.id, P.version, P.entry_id, P.group_id, ContactGroup.name.label("group_name"), leaders_now(),
    Child.id.label("child_id"), QueueEntry.given_name, Child.family_name, QueueEntry.grade, QueueEntry.shielded,
    Child.birth_date, _protection.label("protected_identity"),
    my_checkpoint(Child.id, _protection).label("checkpoint_reason"), newest_note(QueueNoteKind.NEEDS).label("needs"),
    Consent.id.label("consent_id"), PlaceClaim.priority, P.from_on, P.to_on, P.goals, P.decision_type, P.decision_ref,
    P.documentation_exempt, _status.label("status"), P.end_reason, P.end_text, P.end_decided_at,
    _decider.name.label("end_decided_by_name"), P.next_review_on,
    and_(P.next_review_on < TODAY, P.status == _code(GroupPlaceStatus.ACTIVE)).label("review_overdue"),
    P.answered.label("heard_respondents"), User.name.label("given_by_name"), P.created_at, P.owner_unit_id,
    P.owner_authority_id, open_to_me(P.entry_id).label("grants"),
)  # fmt: skip


def _joined(statement: AnySelect) -> AnySelect:
    # The wall hides a child, and a consent, that another unit has: then only the entry tells the first name.
    return (
        statement.join(QueueEntry, QueueEntry.id == P.entry_id)
        .join(ContactGroup, ContactGroup.id == P.group_id)
        .join(PlaceClaim, PlaceClaim.id == P.entry_id)
        .outerjoin(Child, Child.id == P.child_id)
        .outerjoin(QueueConsent, QueueConsent.entry_id == P.entry_id)
        .outerjoin(Consent, Consent.id == QueueConsent.consent_id)
        .outerjoin(User, User.id == P.given_by)
        .outerjoin(_decider, _decider.id == P.end_decided_by)
    )


_ONE = Prepared(_joined(select(*_COLUMNS).select_from(P)).where(P.id == bindparam("place_id")))


async def place(tx: Transaction, place_id: UUID) -> Row | None:
    """A place as the caller may see it."""
    return await tx.one(_ONE, place_id=place_id)


_OF_ENTRY = Prepared(select(P.id).where(P.entry_id == bindparam("entry_id")))


async def place_of_entry(tx: Transaction, entry_id: UUID) -> UUID | None:
    """The place that a queue entry came to."""
    row = await tx.one(_OF_ENTRY, entry_id=entry_id)
    return row["id"] if row else None


_FILTERS = {
    "status": _status == any_(bindparam("status", type_=ARRAY(Text))),
    "group_id": P.group_id == any_(bindparam("group_id", type_=ARRAY(Uuid))),
    "child_id": P.child_id == any_(bindparam("child_id", type_=ARRAY(Uuid))),
}
_leads = exists().where(GroupLeader.group_id == P.group_id, GroupLeader.user_id == _ACTOR, leads_on(TODAY))
#: Protected children are in no professional's list (R2.5); the family may see its own.
_unprotected = and_(not_(QueueEntry.shielded), _protection == literal_column("'none'"))


def _seen(statement: AnySelect, sight: Sight) -> AnySelect:
    if sight == "family":
        rows = statement.select_from(CircleMember).join(P, P.entry_id == CircleMember.circle_id)
        return _joined(rows).where(
            CircleMember.party_id == ME, CircleMember.left_at.is_(None),
            CircleMember.standing == any_(literal_column("'{guardian,child}'::text[]")),
        )  # fmt: skip
    rows = _joined(statement.select_from(P)).where(P.owner_unit_id == ME, _unprotected)
    return rows.where(_leads) if sight == "leader" else rows


def _listed(statement: AnySelect, sight: Sight, filters: frozenset[str]) -> AnySelect:
    return _seen(statement, sight).where(*(_FILTERS[name] for name in sorted(filters)))


@prepared
def _list(shape: Shape, sight: Sight) -> AnySelect:
    return keyset(_listed(select(*_COLUMNS), sight, shape.filters), shape, P.id, P.id)


@prepared
def _count(filters: frozenset[str], sight: Sight) -> AnySelect:
    rows = _listed(select(P.id), sight, filters)
    return select(func.count().label("n")).select_from(rows.limit(literal_column("10000")).subquery())


async def places(tx: Transaction, window: Window, sight: Sight) -> list[Row]:
    """One page of the places that are the caller's to see."""
    return await tx.all(_list(window.shape, sight), **window.values)


async def count(tx: Transaction, window: Window, sight: Sight) -> int:
    """How many there are, at most 10,000."""
    row = await tx.one(_count(window.shape.filters, sight), **window.values)
    return int(row["n"]) if row else 0


_AT_SESSION = Prepared(
    _joined(select(P.id, P.entry_id, QueueEntry.given_name, QueueEntry.shielded,
                   _protection.label("protected_identity")).select_from(P))
    .where(
        P.group_id == bindparam("group_id"), P.from_on <= bindparam("on", type_=Date),
        (P.to_on.is_(None)) | (P.to_on >= bindparam("on", type_=Date)),
    )
    .order_by(P.id)
)  # fmt: skip


async def places_on(tx: Transaction, group_id: UUID, on: date) -> list[Row]:
    """The places of a group on a day: id, entry_id, given_name, and whether the child is protected."""
    return await tx.all(_AT_SESSION, group_id=group_id, on=on)


_LINE = (
    P.id, P.entry_id, P.group_id, P.child_id, P.owner_authority_id, QueueEntry.grade, QueueEntry.wished_by,
    QueueEntry.asked_via, newest_note(QueueNoteKind.NEEDS).label("note"),
    newest_note(QueueNoteKind.GRADE_EXCEPTION).label("grade_exception_reason"),
    newest_note(QueueNoteKind.SKIP).label("skip_reason"), QueueEntry.consent_id, on_paper(), P.from_on, P.to_on,
    P.goals, P.decision_type, P.decision_ref, P.documentation_exempt, P.end_reason, P.end_text,
    *IN_LINES,
)  # fmt: skip
_ONE_LINE = Prepared(_joined(select(*_LINE).select_from(P)).where(P.id == bindparam("place_id")))
_LINE_FILTERS = {"municipality_code": P.municipality_code == bindparam("municipality_code", type_=Text)}
_runs = or_(_status == _code(GroupPlaceStatus.ACTIVE), _status == _code(GroupPlaceStatus.ENDING))


@prepared
def _lines(shape: Shape) -> AnySelect:
    own = _joined(select(*_LINE).select_from(P)).where(
        P.owner_unit_id == ME, Child.owner_unit_id == ME, _runs, MAY_STAND_IN_LINES,
        *(_LINE_FILTERS[name] for name in sorted(shape.filters)),
    )  # fmt: skip
    return keyset(own, shape, P.id, P.id)


async def lines(tx: Transaction, window: Window, *, protected_too: bool) -> list[Row]:
    """The next places that the unit's own children have in its groups, in the order of their ids."""
    return await tx.all(_lines(window.shape), **window.values, protected_too=protected_too)


async def line_with(tx: Transaction, place_id: UUID) -> Row | None:
    """What a line would say of one place, wherever it stands."""
    return await tx.one(_ONE_LINE, place_id=place_id)


async def record(tx: Transaction, place_id: UUID) -> GroupPlace | None:
    """The place for a change, locked; what points at it may be added meanwhile."""
    return await tx.session.get(GroupPlace, place_id, with_for_update={"key_share": True}, populate_existing=True)


_same = aliased(QueueEntry)
_OTHERS = Prepared(
    select(QueueEntry.id, PlaceClaim.pool_id)
    .join(PlaceClaim, PlaceClaim.id == QueueEntry.id)
    .join(_same, _same.person_key == QueueEntry.person_key)
    .where(_same.id == bindparam("entry_id"), QueueEntry.id != _same.id, in_line())
)  # fmt: skip


async def other_entries(tx: Transaction, entry_id: UUID) -> list[Row]:
    """The same child's other entries that have no place yet, as far as the caller sees them, each with its line."""
    return await tx.all(_OTHERS, entry_id=entry_id)


_due = SeatToFree.free_on <= bindparam("today", type_=Date)
_POOLS_DUE = Prepared(select(SeatToFree.pool_id).where(_due).distinct().order_by(SeatToFree.pool_id))
_SEATS_DUE = Prepared(
    select(SeatToFree.claim_id).where(_due, SeatToFree.pool_id == bindparam("pool_id")).order_by(SeatToFree.claim_id)
)


async def pools_due(tx: Transaction, today: date) -> list[UUID]:
    """Pools with a seat that is to be free."""
    return [row["pool_id"] for row in await tx.all(_POOLS_DUE, today=today)]


async def seats_to_free(tx: Transaction, today: date, pool_id: UUID) -> list[UUID]:
    """Claims of a pool whose last day has passed."""
    return [row["claim_id"] for row in await tx.all(_SEATS_DUE, today=today, pool_id=pool_id)]


async def take_seat_to_free(tx: Transaction, claim_id: UUID) -> bool:
    """The seat is freed by whoever takes the note away; of two who try, one does."""
    gone = await tx.session.execute(
        delete(SeatToFree).where(SeatToFree.claim_id == claim_id).returning(SeatToFree.claim_id)
    )
    return gone.first() is not None
