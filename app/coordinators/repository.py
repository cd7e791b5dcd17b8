"""Every query about coordinators, and how much they have to do."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, any_, bindparam, case, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, DATE
from sqlalchemy.orm import aliased

from app.absences.models import CoordinatorAbsence, CoordinatorSign
from app.absences.repository import away_on, held_now
from app.cases.models import Case, CaseContact
from app.coordinators.models import CoordinatorAssignment
from app.kernel.circles import ME, NOW, CircleMember, open_to_me
from app.kernel.db import AnySelect, Prepared, Row, Transaction
from app.kernel.deadlines import Deadline
from app.organisations.models import Assignment, Unit, User
from app.people.models import Child
from app.people.repository import my_checkpoint

_HELD, _DEPUTY = aliased(Assignment), aliased(User)
_DAY = bindparam("day", type_=DATE)
_OPEN = Case.status == any_(bindparam("open", type_=ARRAY(Case.status.type)))
_OPEN_CASES = ["active", "paused", "transferring"]


def _assignments() -> AnySelect:
    asked = CoordinatorAssignment
    # The owner is the case's: how one stands to an assignment is how one stands to its case.
    return (
        select(
            asked.id, asked.version, asked.case_id, asked.user_id, User.name, asked.unit_id,
            Unit.name.label("unit_name"), asked.reason, asked.status, asked.proposed_at, asked.proposed_by,
            asked.accept_due_at, asked.answered_at, asked.answer_reason, asked.ended_at, asked.follows_id,
            asked.checklist.label("checklist_items"), Case.child_id, Case.owner_unit_id, Case.owner_authority_id,
            Case.named_contact_id, Case.coordinator_id, Child.protected_identity,
            my_checkpoint(Child.id, Child.protected_identity).label("checkpoint_reason"),
            open_to_me(asked.case_id).label("grants"),
        )
        .select_from(asked)
        .join(User, User.id == asked.user_id)
        .join(Unit, Unit.id == asked.unit_id)
        .join(Case, Case.id == asked.case_id)
        .join(Child, Child.id == Case.child_id)
        .where(asked.case_id == bindparam("case_id"))
    )  # fmt: skip


_ASSIGNMENT = Prepared(_assignments().where(CoordinatorAssignment.id == bindparam("assignment_id")))
_ASSIGNMENTS = Prepared(_assignments().order_by(CoordinatorAssignment.id.desc()))


async def assignment(tx: Transaction, case_id: UUID, assignment_id: UUID) -> Row | None:
    """One assignment of a case."""
    return await tx.one(_ASSIGNMENT, case_id=case_id, assignment_id=assignment_id)


async def assignments(tx: Transaction, case_id: UUID) -> list[Row]:
    """The assignments of a case, newest first."""
    return await tx.all(_ASSIGNMENTS, case_id=case_id)


async def assignment_record(tx: Transaction, assignment_id: UUID) -> CoordinatorAssignment | None:
    """The assignment for an answer, locked."""
    return await tx.session.get(CoordinatorAssignment, assignment_id, with_for_update=True)


async def record_in(tx: Transaction, case_id: UUID, status: str) -> CoordinatorAssignment | None:
    """The one assignment of a case that is proposed, or accepted; locked."""
    asked = CoordinatorAssignment
    found: CoordinatorAssignment | None = await tx.session.scalar(
        select(asked).where(asked.case_id == case_id, asked.status == status).with_for_update()
    )
    return found


def _taking_part(person: Any) -> AnySelect:
    # Somebody counts where they hold an assignment today, in a unit to which the case is open today.
    return (
        select(User.id.label("user_id"), User.name, Unit.id.label("unit_id"), Unit.name.label("unit_name"), Unit.phone)
        .select_from(User)
        .join(_HELD, and_(_HELD.user_id == User.id, held_now(_HELD)))
        .join(Unit, Unit.id == _HELD.unit_id)
        .join(CircleMember, and_(CircleMember.party_id == Unit.id, CircleMember.left_at.is_(None)))
        .where(
            User.id == person,
            User.active,
            CircleMember.circle_id == bindparam("case_id"),
            func.wall.takes_part(CircleMember.circle_id, Unit.id),
        )
    )


_MEMBER = Prepared(_taking_part(bindparam("user_id")).where(Unit.id == bindparam("unit_id")))


async def takes_part(tx: Transaction, case_id: UUID, user_id: UUID, unit_id: UUID) -> bool:
    """Whether somebody works in a unit to which a case is open (R3.2)."""
    return await tx.one(_MEMBER, case_id=case_id, user_id=user_id, unit_id=unit_id) is not None


def _holder() -> AnySelect:
    stands_in = aliased(Assignment)
    accepted = and_(CoordinatorAssignment.case_id == CaseContact.case_id, CoordinatorAssignment.status == "accepted")
    deputy = and_(
        stands_in.user_id == CoordinatorSign.deputy_user_id, stands_in.unit_id == Unit.id, held_now(stands_in)
    )
    return (
        _taking_part(CaseContact.user_id)
        .add_columns(CaseContact.from_at, CoordinatorSign.seen_at, _DEPUTY.id.label("deputy_id"),
                     _DEPUTY.name.label("deputy_name"))
        .join(Case, Case.id == CircleMember.circle_id)
        .join(CaseContact, and_(CaseContact.case_id == Case.id, CaseContact.to_at.is_(None)))
        .outerjoin(CoordinatorAssignment, accepted)
        .outerjoin(CoordinatorSign, CoordinatorSign.user_id == User.id)
        .outerjoin(stands_in, deputy)
        .outerjoin(_DEPUTY, and_(_DEPUTY.id == stands_in.user_id, _DEPUTY.active))
        .where(CaseContact.kind == bindparam("kind"))
        .order_by(
            Unit.id.is_distinct_from(CoordinatorAssignment.unit_id), Unit.id.is_distinct_from(Case.owner_unit_id)
        )
    )  # fmt: skip


_HOLDER = Prepared(_holder())


async def holder(tx: Transaction, case_id: UUID, kind: str) -> Row | None:
    """The present named contact or coordinator where they work in the circle, with last sign and standing deputy."""
    return await tx.one(_HOLDER, case_id=case_id, kind=kind)


def _counted() -> Any:
    colleague = (
        select(_HELD.user_id, func.bool_or(_HELD.role == "coordinator").label("by_role"))
        .where(_HELD.unit_id == ME, held_now(_HELD))
        .group_by(_HELD.user_id)
        .subquery()
    )
    asked, absence = CoordinatorAssignment, CoordinatorAbsence
    cases = select(func.count()).select_from(Case).where(Case.coordinator_id == User.id, _OPEN)
    proposed = select(func.count()).select_from(asked).join(Case, Case.id == asked.case_id)
    proposed = proposed.where(asked.user_id == User.id, asked.unit_id == ME, asked.status == "proposed", _OPEN)
    late = and_(Deadline.circle_id == Case.id, Deadline.met_at.is_(None), Deadline.due_at <= NOW)
    stands_in = case((absence.id.is_not(None), absence.deputy_user_id), else_=CoordinatorSign.deputy_user_id)
    return (
        select(
            User.id.label("user_id"), User.name, colleague.c.by_role, cases.scalar_subquery().label("cases"),
            proposed.scalar_subquery().label("proposed"), cases.join(Deadline, late).scalar_subquery().label("overdue"),
            absence.id.is_not(None).label("absent"), _DEPUTY.name.label("deputy_name"),
        )
        .select_from(User)
        .join(colleague, colleague.c.user_id == User.id)
        .outerjoin(absence, and_(absence.user_id == User.id, absence.unit_id == ME, away_on(_DAY)))
        .outerjoin(CoordinatorSign, CoordinatorSign.user_id == User.id)
        .outerjoin(_DEPUTY, _DEPUTY.id == stands_in)
        .subquery()
    )  # fmt: skip


def _workload() -> AnySelect:
    found = _counted().c
    shown = select(found.user_id, found.name, found.cases, found.proposed, found.overdue, found.absent,
                   found.deputy_name)  # fmt: skip
    return shown.where(or_(found.by_role, found.cases > 0, found.proposed > 0)).order_by(found.name, found.user_id)


_WORKLOAD = Prepared(_workload())


async def workload(tx: Transaction, day: date) -> list[Row]:
    """The coordinators of the caller's unit, each with what the wall lets the unit count (R5.7)."""
    return await tx.all(_WORKLOAD, day=day, open=_OPEN_CASES)
