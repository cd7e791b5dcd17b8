"""Every query about meetings and their minutes."""

from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Uuid, any_, bindparam, case, exists, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import aliased
from sqlalchemy.sql import text

from app.cases.models import Case
from app.kernel.circles import ME, CircleMember, open_to_me
from app.kernel.db import AnySelect, Prepared, Row, Transaction, prepared
from app.kernel.paging import Shape, Window, keyset
from app.meetings.models import Meeting, MeetingAgenda, MeetingMinutes, MeetingParticipation, MeetingStatus
from app.organisations.models import Unit, User
from app.people.models import Child
from app.people.repository import my_checkpoint

_CONVENER, _CHAIR, _DOCUMENTER = aliased(Unit), aliased(User), aliased(User)
_PART = MeetingParticipation
_PARTICIPATION = case(
    (
        _PART.id.is_not(None),
        func.jsonb_build_object(
            text("'present'"), _PART.present, text("'prepared'"), _PART.prepared,
            text("'represented_by'"), _PART.represented_by, text("'view'"), _PART.view,
            text("'effect'"), _PART.effect, text("'missing_reason'"), _PART.missing_reason,
            type_=JSONB,
        ),
    ),
    else_=None,
).label("child_participation")  # fmt: skip
_THERE = aliased(CircleMember)
_CONVENER_LEFT = ~exists().where(
    _THERE.circle_id == Meeting.case_id, _THERE.party_id == Meeting.owner_unit_id, _THERE.left_at.is_(None)
)


def _columns() -> tuple[Any, ...]:
    return (
        Meeting.id, Meeting.version, Meeting.case_id, Meeting.child_id, Meeting.plan_id, Meeting.meeting_type,
        Meeting.status, Meeting.starts_at, Meeting.ends_at, Meeting.place, Meeting.video_link, Meeting.chair_user_id,
        _CHAIR.name.label("chair_name"), Meeting.documenter_user_id, _DOCUMENTER.name.label("documenter_name"),
        Meeting.documenter_unit_id, Meeting.interpreter_language, Meeting.call_basis_notice_at,
        Meeting.cancelled_reason, Meeting.sequence, Meeting.created_at, Meeting.owner_unit_id,
        Meeting.owner_authority_id, _CONVENER.name.label("owner_unit_name"), _CONVENER_LEFT.label("convener_left"),
        Case.owner_unit_id.label("case_unit_id"), Case.owner_authority_id.label("case_authority_id"),
        Case.named_contact_id, Case.coordinator_id, Child.protected_identity,
        my_checkpoint(Child.id, Child.protected_identity).label("checkpoint_reason"),
        open_to_me(Meeting.case_id).label("grants"),
    )  # fmt: skip


def _joined(statement: AnySelect) -> AnySelect:
    return (
        statement.join(Case, Case.id == Meeting.case_id)
        .join(Child, Child.id == Meeting.child_id)
        .join(_CONVENER, _CONVENER.id == Meeting.owner_unit_id)
        .join(_CHAIR, _CHAIR.id == Meeting.chair_user_id)
        .join(_DOCUMENTER, _DOCUMENTER.id == Meeting.documenter_user_id)
    )


_ONE = Prepared(
    _joined(
        select(
            *_columns(), MeetingAgenda.question, MeetingAgenda.agenda, MeetingMinutes.id.label("minutes_id"),
            _PARTICIPATION,
        ).select_from(Meeting)
    )
    .outerjoin(MeetingAgenda, MeetingAgenda.meeting_id == Meeting.id)
    .outerjoin(MeetingMinutes, MeetingMinutes.meeting_id == Meeting.id)
    .outerjoin(_PART, _PART.meeting_id == Meeting.id)
    .where(Meeting.id == bindparam("meeting_id"))
)  # fmt: skip


async def one(tx: Transaction, meeting_id: UUID) -> Row | None:
    """A meeting as the caller may see it."""
    return await tx.one(_ONE, meeting_id=meeting_id)


_OF_PLAN = Prepared(
    _joined(select(*_columns()).select_from(Meeting))
    .where(Meeting.plan_id == bindparam("plan_id", type_=Uuid()))
    .order_by(Meeting.starts_at, Meeting.id)
)


async def of_plan(tx: Transaction, plan_id: UUID) -> list[Row]:
    """The meetings about a plan, earliest first."""
    return await tx.all(_OF_PLAN, plan_id=plan_id)


_INSTANT = TIMESTAMP(timezone=True)
_FILTERS = {
    "case_id": Meeting.case_id == any_(bindparam("case_id", type_=ARRAY(Uuid()))),
    "plan_id": Meeting.plan_id == any_(bindparam("plan_id", type_=ARRAY(Uuid()))),
    "status": Meeting.status == any_(bindparam("status", type_=ARRAY(Meeting.status.type))),
    "from_": Meeting.starts_at >= bindparam("from_", type_=_INSTANT),
    "to": Meeting.starts_at < bindparam("to", type_=_INSTANT),
}


def _mine(statement: AnySelect, filters: frozenset[str]) -> AnySelect:
    # From the circles that the caller is in, as lists of cases do: the wall then looks at few other rows.
    statement = statement.select_from(CircleMember).join(Meeting, Meeting.case_id == CircleMember.circle_id)
    statement = statement.where(CircleMember.party_id == ME, CircleMember.left_at.is_(None))
    listed = or_(Child.protected_identity == "none", bindparam("protected_too", type_=Boolean))
    return _joined(statement).where(listed, *(_FILTERS[name] for name in sorted(filters)))


@prepared
def _list(shape: Shape) -> AnySelect:
    return keyset(_mine(select(*_columns()), shape.filters), shape, Meeting.starts_at, Meeting.id)


@prepared
def _count(filters: frozenset[str]) -> AnySelect:
    return select(func.count().label("n")).select_from(_mine(select(Meeting.id), filters).limit(10_000).subquery())


async def list_mine(tx: Transaction, window: Window, *, protected_too: bool) -> list[Row]:
    """One page of the meetings in the caller's circles; of protected children only when told so (R2.5)."""
    return await tx.all(_list(window.shape), **window.values, protected_too=protected_too)


async def count_mine(tx: Transaction, window: Window, *, protected_too: bool) -> int:
    """How many there are, at most 10,000."""
    row = await tx.one(_count(window.shape.filters), **window.values, protected_too=protected_too)
    return int(row["n"]) if row else 0


async def record(tx: Transaction, meeting_id: UUID, *, shared: bool = False) -> Meeting | None:
    """The meeting for a change, locked; shared for a change to what hangs on it, which others may do meanwhile."""
    return await tx.session.get(Meeting, meeting_id, with_for_update={"read": True} if shared else True)


async def open_in(tx: Transaction, case_id: UUID) -> list[Meeting]:
    """The meetings of a case that have neither been held nor cancelled, locked."""
    found = select(Meeting).where(
        Meeting.case_id == case_id, or_(Meeting.status == MeetingStatus.PLANNED, Meeting.status == MeetingStatus.CALLED)
    )
    return list(await tx.session.scalars(found.order_by(Meeting.id).with_for_update()))


async def agenda_record(tx: Transaction, meeting_id: UUID) -> MeetingAgenda:
    """The agenda of a meeting for a change, locked."""
    found = select(MeetingAgenda).where(MeetingAgenda.meeting_id == meeting_id).with_for_update()
    return (await tx.session.scalars(found)).one()


_MINUTES = Prepared(
    select(
        MeetingMinutes.id, MeetingMinutes.version, MeetingMinutes.meeting_id, MeetingMinutes.case_id,
        MeetingMinutes.notes, MeetingMinutes.decisions, MeetingMinutes.interpreter_used, MeetingMinutes.written_at,
        MeetingMinutes.confirmed_at, MeetingMinutes.confirmed_by, MeetingMinutes.owner_unit_id,
        MeetingMinutes.owner_authority_id, Unit.name.label("owner_unit_name"), _PARTICIPATION,
    )
    .join(Unit, Unit.id == MeetingMinutes.owner_unit_id)
    .outerjoin(_PART, _PART.meeting_id == MeetingMinutes.meeting_id)
    .where(MeetingMinutes.meeting_id == bindparam("meeting_id"))
)  # fmt: skip


async def minutes(tx: Transaction, meeting_id: UUID) -> Row | None:
    """The minutes of a meeting."""
    return await tx.one(_MINUTES, meeting_id=meeting_id)


async def minutes_record(tx: Transaction, meeting_id: UUID) -> MeetingMinutes | None:
    """The minutes of a meeting for a change, locked."""
    found = select(MeetingMinutes).where(MeetingMinutes.meeting_id == meeting_id).with_for_update()
    return (await tx.session.scalars(found)).one_or_none()


async def in_scope(tx: Transaction, case_id: UUID) -> list[Row]:
    """To whom something of a case is open now: units and family, as ``{party_id, standing}`` (R8.1)."""
    return await tx.rows("select party_id, standing from wall.in_scope(%s)", [case_id])
