"""Every query about queue entries, what is written about them, and how many wait."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, SmallInteger, Text, Uuid, and_, any_, bindparam, case, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, aggregate_order_by
from sqlalchemy.orm import aliased

from app.consents.models import Consent
from app.consents.repository import on_paper
from app.contact_groups.models import ContactGroup
from app.group_queues.models import FamilyMove, QueueConclusion, QueueEntry, QueueNote, QueueNoteKind
from app.kernel.circles import ME, NOW, CircleMember, open_to_me
from app.kernel.db import AnySelect, Prepared, Row, Transaction, prepared
from app.kernel.paging import Shape, Window, keyset
from app.organisations.models import Unit, User
from app.people.models import Child
from app.people.repository import IN_LINES, MAY_STAND_IN_LINES, my_checkpoint
from app.places.models import IN_LINE, ClaimStatus, PlaceClaim, PlaceOffer, PlacePool
from app.places.repository import EFFECTIVE_STATUS, GIVEABLE, LENGTH, LINE, OFFER_STATUS, RANK
from app.queue_consents.models import QueueConsent, QueueConsentState
from app.queue_consents.repository import HOPES, in_line

E, C, Q = QueueEntry, PlaceClaim, QueueConsent
_EXPIRED = literal_column(f"'{QueueConsentState.EXPIRED.value}'", Text)
_lapsed = and_(HOPES, Q.valid_until <= NOW)
#: As it is now, also before anybody has noticed that an offer or a consent is over (R4.7, R11.5).
_status: Any = case(
    (and_(_lapsed, in_line()), literal_column(f"'{ClaimStatus.WITHDRAWN.value}'", Text)), else_=EFFECTIVE_STATUS
)
_consent_state = case(
    (E.consent_needed.is_(False), literal_column(f"'{QueueConsentState.NOT_NEEDED.value}'", Text)),
    (_lapsed, _EXPIRED),
    else_=func.coalesce(Q.state, literal_column(f"'{QueueConsentState.MISSING.value}'", Text)),
)
_by_consent = case(
    *(
        (_consent_state == state.value, literal_column(f"'{because.value}'", Text))
        for state, because in (
            (QueueConsentState.REFUSED, QueueConclusion.CONSENT_REFUSED),
            (QueueConsentState.WITHDRAWN, QueueConclusion.CONSENT_WITHDRAWN),
            (QueueConsentState.EXPIRED, QueueConclusion.CONSENT_EXPIRED),
        )
    ),
)
_over = or_(_status == ClaimStatus.WITHDRAWN.value, _status == ClaimStatus.DECLINED.value)
_protection = func.coalesce(Child.protected_identity, literal_column("'none'"))
_OFFER = func.jsonb_build_object(
    literal_column("'id'"), PlaceOffer.id,
    literal_column("'status'"), OFFER_STATUS,
    literal_column("'madeAt'"), PlaceOffer.made_at,
    literal_column("'expiresAt'"), PlaceOffer.expires_at,
)  # fmt: skip
_OFFERS = func.coalesce(
    select(func.jsonb_agg(aggregate_order_by(_OFFER, PlaceOffer.id.desc()), type_=JSONB))
    .where(PlaceOffer.claim_id == C.id)
    .scalar_subquery(),
    literal_column("'[]'::jsonb", JSONB),
)


def newest_note(kind: QueueNoteKind) -> Any:
    """What was written last of a kind about an entry, for a select on ``QueueEntry``."""
    written = select(QueueNote.text).where(QueueNote.entry_id == E.id, QueueNote.kind == kind.value)
    return written.order_by(QueueNote.id.desc()).limit(literal_column("1")).correlate(E).scalar_subquery()


_needs = newest_note(QueueNoteKind.NEEDS)
_SENDER = aliased(Unit)

_COLUMNS = (
    # Whatever moves the claim makes a new version of the entry too.
    E.id, (E.version + C.version - literal_column("1")).label("version"), E.group_id,
    ContactGroup.name.label("group_name"), E.child_id.label("about_child_id"), Child.id.label("child_id"),
    E.given_name, E.grade, E.wished_by, E.asked_via, E.sender_unit_id, _SENDER.name.label("sender_unit_name"),
    E.consent_needed, Consent.id.label("consent_id"), _consent_state.label("consent_state"), E.shielded, E.created_at,
    case((_over, func.coalesce(E.concluded_because, _by_consent))).label("concluded_because"),
    case((_over, E.concluded_reason)).label("concluded_reason"), C.requested_at, C.priority,
    _status.label("status"), RANK.label("rank"), LENGTH.label("waiting"), _OFFERS.label("offers"),
    and_(PlacePool.open, GIVEABLE).label("offerable"), _needs.label("needs"),
    E.owner_unit_id, E.owner_authority_id, _protection.label("protected_identity"),
    my_checkpoint(Child.id, _protection).label("checkpoint_reason"), open_to_me(E.id).label("grants"),
)  # fmt: skip


def _joined(statement: AnySelect) -> AnySelect:
    # The wall hides a child and a consent that the caller may not see: then they are not there.
    return (
        statement.join(C, C.id == E.id)
        .join(ContactGroup, ContactGroup.id == E.group_id)
        .join(PlacePool, PlacePool.id == E.group_id)
        .outerjoin(Q, Q.entry_id == E.id)
        .outerjoin(Consent, Consent.id == Q.consent_id)
        .outerjoin(Child, Child.id == E.child_id)
        .outerjoin(_SENDER, _SENDER.id == E.sender_unit_id)
    )


_ONE = Prepared(_joined(select(*_COLUMNS).select_from(E)).where(E.id == bindparam("entry_id")))


async def entry(tx: Transaction, entry_id: UUID) -> Row | None:
    """An entry as the caller may see it."""
    return await tx.one(_ONE, entry_id=entry_id)


_PERSONS = select(Child.person_key).where(Child.id == any_(bindparam("child_id", type_=ARRAY(Uuid))))
_FILTERS: dict[str, Any] = {
    "status": _status == any_(bindparam("status", type_=ARRAY(Text))),
    "child_id": E.person_key.in_(_PERSONS),
    # How urgent an entry is, is told to the group's unit alone.
    "priority": and_(C.priority == any_(bindparam("priority", type_=ARRAY(SmallInteger))), E.owner_unit_id == ME),
    "grade": E.grade == any_(bindparam("grade", type_=ARRAY(SmallInteger))),
}
_unprotected = and_(E.shielded.is_(False), _protection == literal_column("'none'"))


def _mine(statement: AnySelect) -> AnySelect:
    """What the caller's circles hold: the group's unit its lines, the family its own, a sender what it has sent.

    A protected child is in no list of a sender's (R2.5).
    """
    rows = statement.select_from(CircleMember).join(E, E.id == CircleMember.circle_id)
    return _joined(rows).where(
        CircleMember.party_id == ME, CircleMember.left_at.is_(None),
        or_(CircleMember.standing != "member", _unprotected, bindparam("protected_too", type_=Boolean)),
    )  # fmt: skip


def _filtered(statement: AnySelect, filters: frozenset[str]) -> AnySelect:
    return _mine(statement).where(*(_FILTERS[name] for name in sorted(filters)))


@prepared
def _list(shape: Shape) -> AnySelect:
    return keyset(_filtered(select(*_COLUMNS), shape.filters), shape, E.id, E.id)


@prepared
def _count(filters: frozenset[str]) -> AnySelect:
    rows = _filtered(select(E.id), filters).limit(literal_column("10000")).subquery()
    return select(func.count().label("n")).select_from(rows)


async def page_of(tx: Transaction, window: Window, *, protected_too: bool) -> list[Row]:
    """One page of the entries that the caller may see."""
    return await tx.all(_list(window.shape), **window.values, protected_too=protected_too)


async def count(tx: Transaction, window: Window, *, protected_too: bool) -> int:
    """How many there are, at most 10,000."""
    row = await tx.one(_count(window.shape.filters), **window.values, protected_too=protected_too)
    return int(row["n"]) if row else 0


@prepared
def _line(filters: frozenset[str]) -> AnySelect:
    rows = _filtered(select(*_COLUMNS), filters).where(E.group_id == bindparam("group_id"))
    return rows.order_by(_status != ClaimStatus.WAITING.value, *LINE)


async def line_of(tx: Transaction, group_id: UUID, filters: dict[str, Any]) -> list[Row]:
    """A group's whole line in its order, and behind it those who do not wait; as far as the caller may see it."""
    return await tx.all(_line(frozenset(filters)), **filters, group_id=group_id, protected_too=False)


_LINE = (
    E.id, E.group_id, E.child_id, E.owner_unit_id, E.owner_authority_id, E.sender_unit_id, E.grade, E.wished_by,
    E.asked_via, E.consent_id, C.requested_at, C.priority, _status.label("status"), _needs.label("note"),
    newest_note(QueueNoteKind.PRIORITY).label("priority_reason"),
    newest_note(QueueNoteKind.GRADE_EXCEPTION).label("grade_exception_reason"), on_paper(), *IN_LINES,
)  # fmt: skip
_ONE_LINE = Prepared(_joined(select(*_LINE).select_from(E)).where(E.id == bindparam("entry_id")))
_LINE_FILTERS = {"municipality_code": E.municipality_code == bindparam("municipality_code", type_=Text)}


@prepared
def _lines(shape: Shape) -> AnySelect:
    rows = select(*_LINE).select_from(CircleMember).join(E, E.id == CircleMember.circle_id)
    handed_in = _joined(rows).where(
        CircleMember.party_id == ME, CircleMember.left_at.is_(None), Child.owner_unit_id == ME, MAY_STAND_IN_LINES,
        _status == any_(literal_column("'{" + ",".join(IN_LINE) + "}'", ARRAY(Text))),
        *(_LINE_FILTERS[name] for name in sorted(shape.filters)),
    )  # fmt: skip
    return keyset(handed_in, shape, CircleMember.circle_id, CircleMember.circle_id)


async def lines(tx: Transaction, window: Window, *, protected_too: bool) -> list[Row]:
    """The next entries in line about the unit's own children that it keeps or has sent, in the order of their ids."""
    return await tx.all(_lines(window.shape), **window.values, protected_too=protected_too)


async def line_with(tx: Transaction, entry_id: UUID) -> Row | None:
    """What a line would say of one entry, wherever it stands."""
    return await tx.one(_ONE_LINE, entry_id=entry_id)


_CHILD_IN_LINE = Prepared(
    select(E.id)
    .join(C, C.id == E.id)
    .where(E.group_id == bindparam("group_id"), E.child_id == bindparam("child_id"), in_line())
)


async def child_in_line(tx: Transaction, group_id: UUID, child_id: UUID) -> UUID | None:
    """The entry with which a child has no place yet and may get one."""
    row = await tx.one(_CHILD_IN_LINE, group_id=group_id, child_id=child_id)
    return row["id"] if row else None


async def record(tx: Transaction, entry_id: UUID) -> QueueEntry | None:
    """The entry for a change, locked."""
    return await tx.session.get(QueueEntry, entry_id, with_for_update=True)


_STILL_IN_LINE = Prepared(
    select(E.id).join(C, C.id == E.id).where(E.group_id == bindparam("group_id"), in_line()).order_by(E.id)
)


async def still_in_line(tx: Transaction, group_id: UUID) -> list[UUID]:
    """The entries of a group that have no place yet and may still get one."""
    return [row["id"] for row in await tx.all(_STILL_IN_LINE, group_id=group_id)]


_NOTES = Prepared(
    select(QueueNote.id, QueueNote.kind, QueueNote.text, QueueNote.written_at, User.name.label("written_by_name"))
    .join(User, User.id == QueueNote.written_by)
    .where(QueueNote.entry_id == bindparam("entry_id"))
    .order_by(QueueNote.id)
)


async def notes_of(tx: Transaction, entry_id: UUID) -> list[Row]:
    """What is written about an entry, as far as the wall shows it, first to last."""
    return await tx.all(_NOTES, entry_id=entry_id)


_NAMES = Prepared(select(User.id, User.name).where(User.id == any_(bindparam("ids", type_=ARRAY(Uuid)))))


async def names_of(tx: Transaction, user_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The names of users."""
    return {row["id"]: row["name"] for row in await tx.all(_NAMES, ids=list(user_ids))}


_FAMILY_MOVES = Prepared(
    select(FamilyMove.id, User.name)
    .join(User, User.id == FamilyMove.moved_by)
    .where(FamilyMove.entry_id == bindparam("entry_id"))
)


async def family_moves_of(tx: Transaction, entry_id: UUID) -> dict[UUID, str]:
    """The moves that somebody of the family made, as far as the wall shows whose they were, and the names."""
    return {row["id"]: row["name"] for row in await tx.all(_FAMILY_MOVES, entry_id=entry_id)}
