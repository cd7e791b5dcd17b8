"""Every query about requests to a coordination desk."""

from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, and_, any_, bindparam, case, func, literal_column, not_, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.cases.models import Case
from app.coordination.models import CoordinationRequest, RequestStatus, RequestTriage
from app.desks.models import CoordinationDesk
from app.kernel.circles import ME, NOW, CircleMember, open_to_me
from app.kernel.db import AnySelect, Prepared, Row, Transaction, prepared
from app.kernel.paging import Shape, Window, keyset
from app.organisations.models import Unit, User
from app.people.models import Child
from app.people.repository import my_checkpoint

R = CoordinationRequest


def _code(status: RequestStatus) -> Any:
    return literal_column(f"'{status.value}'", R.status.type)


# That a report of concern may exist must not show: whoever sent the request sees it as triaged, for ever (R9.6).
_shown_status = case(
    (and_(R.status == _code(RequestStatus.HANDLED_OUTSIDE), R.owner_unit_id != ME), _code(RequestStatus.TRIAGED)),
    else_=R.status,
)
_received = _shown_status == _code(RequestStatus.RECEIVED)
_triaged = _shown_status == _code(RequestStatus.TRIAGED)
_late_triage = and_(_received, R.acknowledge_due_at <= NOW)
_late_contact = and_(or_(_received, _triaged), R.contact_due_at <= NOW)
_protection = func.coalesce(Child.protected_identity, literal_column("'none'"))

_CORE = (
    R.id, R.version, R.desk_id, CoordinationDesk.name.label("desk_name"), CoordinationDesk.phone.label("desk_phone"),
    _shown_status.label("status"), R.asker_kind, R.channel, R.asker_name, R.asker_phone, R.asker_relation, R.subject,
    Child.id.label("child_id"), Case.id.label("case_id"), R.received_at, R.acknowledge_due_at, R.contact_due_at,
    R.due_basis, _late_triage.label("acknowledge_overdue"), _late_contact.label("contact_overdue"), R.triaged_at,
    R.answered_at, User.name.label("answered_by_name"), R.answer_text, R.referred_to_unit_id,
    func.coalesce(Unit.name, R.referred_to_name).label("referred_to_name"), Unit.phone.label("referred_to_phone"),
    R.referral_reason, R.closed_at, R.owner_unit_id, R.owner_authority_id, R.shielded,
    _protection.label("protected_identity"), my_checkpoint(Child.id, _protection).label("checkpoint_reason"),
    RequestTriage.id.label("triage_id"), RequestTriage.five_questions, RequestTriage.note, RequestTriage.attempts,
    open_to_me(R.id).label("grants"),
)  # fmt: skip


def _joined(statement: AnySelect) -> AnySelect:
    # The wall hides a case, a child and a triage that the caller may not see: then they are not there.
    return (
        statement.join(CoordinationDesk, CoordinationDesk.id == R.desk_id)
        .outerjoin(Child, Child.id == R.child_id)
        .outerjoin(Case, Case.id == R.case_id)
        .outerjoin(Unit, Unit.id == R.referred_to_unit_id)
        .outerjoin(User, User.id == R.answered_by)
        .outerjoin(RequestTriage, RequestTriage.request_id == R.id)
    )


_ONE = Prepared(_joined(select(*_CORE).select_from(R)).where(R.id == bindparam("request_id")))


async def one(tx: Transaction, request_id: UUID) -> Row | None:
    """A request as the caller may see it."""
    return await tx.one(_ONE, request_id=request_id)


_FILTERS = {
    "desk_id": R.desk_id == any_(bindparam("desk_id", type_=ARRAY(R.desk_id.type))),
    "status": _shown_status == any_(bindparam("status", type_=ARRAY(R.status.type))),
    "overdue": or_(_late_triage, _late_contact) == bindparam("overdue", type_=Boolean),
}


def _queue(statement: AnySelect) -> AnySelect:
    return statement.select_from(R).where(R.owner_unit_id == ME)


def _sent(statement: AnySelect) -> AnySelect:
    # Professionals are not shown a protected child's request in a list; the family may see its own (R2.5).
    unprotected = and_(not_(R.shielded), _protection == literal_column("'none'"))
    return (
        statement.select_from(CircleMember)
        .join(R, R.id == CircleMember.circle_id)
        .where(
            CircleMember.party_id == ME, CircleMember.left_at.is_(None), CircleMember.standing != "owner",
            or_(CircleMember.standing != "member", unprotected),
        )
    )  # fmt: skip


def _listed(statement: AnySelect, sent: bool, filters: frozenset[str]) -> AnySelect:
    rows = _joined(_sent(statement) if sent else _queue(statement))
    return rows.where(*(_FILTERS[name] for name in sorted(filters & _FILTERS.keys())))


@prepared
def _list(shape: Shape, sent: bool) -> AnySelect:
    column = R.contact_due_at if shape.sort_by == "contact_due_at" else R.received_at
    return keyset(_listed(select(*_CORE), sent, shape.filters), shape, column, R.id)


@prepared
def _count(filters: frozenset[str], sent: bool) -> AnySelect:
    rows = _listed(select(R.id), sent, filters)
    return select(func.count().label("n")).select_from(rows.limit(literal_column("10000")).subquery())


async def page_of(tx: Transaction, window: Window, *, sent: bool) -> list[Row]:
    """One page of what reached the caller's desk, or of what the caller has sent."""
    return await tx.all(_list(window.shape, sent), **window.values)


async def count(tx: Transaction, window: Window, *, sent: bool) -> int:
    """How many there are, at most 10,000."""
    row = await tx.one(_count(window.shape.filters, sent), **window.values)
    return int(row["n"]) if row else 0


async def record(tx: Transaction, request_id: UUID) -> CoordinationRequest | None:
    """The request for a change, locked."""
    return await tx.session.get(CoordinationRequest, request_id, with_for_update=True)


async def triage_record(tx: Transaction, request_id: UUID) -> RequestTriage | None:
    """What the desk has written for itself, for a change, locked."""
    found: RequestTriage | None = await tx.session.scalar(
        select(RequestTriage).where(RequestTriage.request_id == request_id).with_for_update()
    )
    return found
