"""Every query about cases, their circle and their chronology."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import any_, bindparam, case, func, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import aliased
from sqlalchemy.sql import text

from app.cases.models import (
    Case,
    CaseAnalysis,
    CaseClosure,
    CaseContact,
)
from app.kernel.circles import ME, NOW, CircleGrant, CircleMember, open_to_me
from app.kernel.db import AnySelect, Prepared, Row, Transaction, prepared
from app.kernel.log_entries import AccessLog
from app.kernel.paging import Shape, Window, keyset
from app.organisations.models import Authority, Unit, User
from app.people.models import Child
from app.people.repository import IN_LINES, MAY_STAND_IN_LINES, my_checkpoint

_NC, _CO = aliased(User), aliased(User)
_OWNER = aliased(Unit)


def _person(user: Any, *, key: str) -> Any:
    built = func.jsonb_build_object(text("'user_id'"), user.id, text("'name'"), user.name)
    return case((user.id.is_not(None), built), else_=None).label(key)


def _core() -> tuple[Any, ...]:
    child = func.jsonb_build_object(
        text("'id'"), Child.id, text("'given_name'"), Child.given_name, text("'family_name'"), Child.family_name,
        text("'birth_date'"), Child.birth_date, text("'protected'"), Child.protected_identity != "none",
        type_=JSONB,
    ).label("child")  # fmt: skip
    return (
        Case.id, Case.version, Case.case_number, Case.status, Case.entry_route, Case.child_id, Case.owner_unit_id,
        Case.owner_authority_id, Case.municipality_code, Case.named_contact_id, Case.coordinator_id, Case.opened_at,
        Case.closed_at, Case.updated_at, Case.created_at, Child.protected_identity,
        my_checkpoint(Child.id, Child.protected_identity).label("checkpoint_reason"), child,
        _OWNER.name.label("owner_unit_name"), _OWNER.phone.label("owner_unit_phone"),
        _person(_NC, key="named_contact"), _person(_CO, key="coordinator"),
        open_to_me(Case.id).label("grants"),
    )  # fmt: skip


def _joined(statement: AnySelect) -> AnySelect:
    return (
        statement.join(Child, Child.id == Case.child_id)
        .join(_OWNER, _OWNER.id == Case.owner_unit_id)
        .outerjoin(_NC, _NC.id == Case.named_contact_id)
        .outerjoin(_CO, _CO.id == Case.coordinator_id)
    )


_ONE = Prepared(
    _joined(
        select(
            *_core(), Case.analysis_result, Case.source_system, Case.source_id,
            CaseAnalysis.reason_text, CaseAnalysis.level_of_need, CaseAnalysis.five_questions,
        ).select_from(Case)
    )
    .outerjoin(CaseAnalysis, CaseAnalysis.case_id == Case.id)
    .where(Case.id == bindparam("case_id"))
)  # fmt: skip


async def one(tx: Transaction, case_id: UUID) -> Row | None:
    """A case as the caller may see it."""
    return await tx.one(_ONE, case_id=case_id)


_FILTERS = {
    "status": Case.status == any_(bindparam("status", type_=ARRAY(Case.status.type))),
    "child_id": Case.child_id == any_(bindparam("child_id", type_=ARRAY(Case.child_id.type))),
    "case_number": Case.case_number == bindparam("case_number"),
    "source_system": Case.source_system == bindparam("source_system"),
    "source_id": Case.source_id == bindparam("source_id"),
    "municipality_code": Case.municipality_code == bindparam("municipality_code"),
    "updated_after": Case.updated_at > bindparam("updated_after", type_=TIMESTAMP(timezone=True)),
}


def _mine(statement: AnySelect, filters: frozenset[str]) -> AnySelect:
    # From the circle's index, as measured in house.md: one row a case, in the order of time-ordered ids.
    statement = statement.select_from(CircleMember).join(Case, Case.id == CircleMember.circle_id)
    statement = statement.where(CircleMember.party_id == ME, CircleMember.left_at.is_(None))
    return statement.where(*(_FILTERS[name] for name in sorted(filters)))


@prepared
def _list(shape: Shape) -> AnySelect:
    statement = _joined(_mine(select(*_core()), shape.filters)).where(Child.protected_identity == "none")
    if shape.sort_by == "updated_at":
        return keyset(statement, shape, Case.updated_at, Case.id)
    return keyset(statement, shape, CircleMember.circle_id, CircleMember.circle_id)


@prepared
def _count(filters: frozenset[str]) -> AnySelect:
    rows = _mine(select(Case.id), filters).join(Child, Child.id == Case.child_id)
    return select(func.count().label("n")).select_from(
        rows.where(Child.protected_identity == "none").limit(10_000).subquery()
    )


async def list_mine(tx: Transaction, window: Window) -> list[Row]:
    """One page of the cases in whose circle the caller is; protected children are left out (R2.5)."""
    return await tx.all(_list(window.shape), **window.values)


async def count_mine(tx: Transaction, window: Window) -> int:
    """How many there are, at most 10,000."""
    row = await tx.one(_count(window.shape.filters), **window.values)
    return int(row["n"]) if row else 0


@prepared
def _lines(shape: Shape) -> AnySelect:
    columns = (
        Case.id, Case.child_id, Case.owner_authority_id, Case.status, Case.entry_route, Case.analysis_result,
        Case.named_contact_id, Case.source_system, Case.source_id, CaseAnalysis.reason_text,
        CaseAnalysis.level_of_need, CaseAnalysis.five_questions, *IN_LINES,
    )  # fmt: skip
    own = (
        _mine(select(*columns), shape.filters)
        .join(CaseAnalysis, CaseAnalysis.case_id == Case.id)
        .join(Child, Child.id == Case.child_id)
        .where(Case.owner_unit_id == ME, or_(Case.status == "draft", Case.status == "active"), MAY_STAND_IN_LINES)
    )
    return keyset(own, shape, CircleMember.circle_id, CircleMember.circle_id)


async def lines(tx: Transaction, window: Window, *, protected_too: bool) -> list[Row]:
    """The unit's own drafts and active cases by their ids; of protected children past a checkpoint, if wanted."""
    return await tx.all(_lines(window.shape), **window.values, protected_too=protected_too)


async def record(tx: Transaction, case_id: UUID) -> Case | None:
    """The case for a change, locked."""
    return await tx.session.get(Case, case_id, with_for_update=True)


async def analysis_record(tx: Transaction, case_id: UUID) -> CaseAnalysis | None:
    """The analysis for a change, locked."""
    found: CaseAnalysis | None = await tx.session.scalar(
        select(CaseAnalysis).where(CaseAnalysis.case_id == case_id).with_for_update()
    )
    return found


async def end_contact(tx: Transaction, case_id: UUID, kind: str, at: datetime) -> None:
    """The current holder's time ends; history stays (R3.4)."""
    await tx.session.execute(
        update(CaseContact)
        .where(CaseContact.case_id == case_id, CaseContact.kind == kind, CaseContact.to_at.is_(None))
        .values(to_at=at)
    )


_CONTACTS = Prepared(
    select(CaseContact.id, CaseContact.kind, CaseContact.user_id, User.name, CaseContact.from_at, CaseContact.to_at)
    .join(User, User.id == CaseContact.user_id)
    .where(CaseContact.case_id == bindparam("case_id"))
    .order_by(CaseContact.from_at.desc(), CaseContact.id.desc())
)


async def contacts(tx: Transaction, case_id: UUID) -> list[Row]:
    """Who was contact, newest first."""
    return await tx.all(_CONTACTS, case_id=case_id)


_GRANTS = func.jsonb_build_object(
    text("'basis'"), CircleGrant.basis, text("'id'"), CircleGrant.basis_id,
    text("'categories'"), CircleGrant.categories, text("'validUntil'"), CircleGrant.valid_until,
)  # fmt: skip
_OPENED = (
    select(func.jsonb_agg(_GRANTS, type_=JSONB))
    .where(
        CircleGrant.circle_id == CircleMember.circle_id,
        CircleGrant.party_id == CircleMember.party_id,
        CircleGrant.basis != "owner",
        CircleGrant.valid_from <= NOW,
        CircleGrant.valid_until > NOW,
    )
    .scalar_subquery()
)
_MEMBERS = Prepared(
    select(
        CircleMember.id, CircleMember.party_id.label("unit_id"), Unit.name.label("unit_name"),
        CircleMember.authority_id,
        Authority.name.label("authority_name"), CircleMember.standing, CircleMember.joined_at, CircleMember.left_at,
        _OPENED.label("opened"),
    )
    .join(Unit, Unit.id == CircleMember.party_id)
    .join(Authority, Authority.id == CircleMember.authority_id)
    .where(CircleMember.circle_id == bindparam("case_id"), or_(CircleMember.standing == "owner",
    CircleMember.standing == "member"))
    .order_by(CircleMember.joined_at, CircleMember.id)
)  # fmt: skip


async def members(tx: Transaction, case_id: UUID) -> list[Row]:
    """The units in a circle, past ones too."""
    return await tx.all(_MEMBERS, case_id=case_id)


_CLOSURE = Prepared(
    select(
        CaseClosure.id, CaseClosure.case_id, CaseClosure.close_reason, CaseClosure.outcome_summary,
        CaseClosure.child_view,
        CaseClosure.child_view_missing_reason, CaseClosure.informed_unit_ids, CaseClosure.closed_at,
    )
    .where(CaseClosure.case_id == bindparam("case_id"))
    .order_by(CaseClosure.closed_at.desc())
)  # fmt: skip


async def closure(tx: Transaction, case_id: UUID) -> Row | None:
    """The latest closing of a case."""
    return await tx.one(_CLOSURE, case_id=case_id)


@prepared
def _log(shape: Shape) -> AnySelect:
    statement = (
        select(
            AccessLog.id, AccessLog.logged_at, AccessLog.kind, AccessLog.action, AccessLog.outcome, AccessLog.user_id,
            User.name.label("user_name"), AccessLog.role, AccessLog.unit_id, Unit.name.label("unit_name"),
            AccessLog.object_type, AccessLog.object_id, AccessLog.basis, AccessLog.reason, AccessLog.changed,
            AccessLog.trace_id,
        )
        .outerjoin(User, User.id == AccessLog.user_id)
        .outerjoin(Unit, Unit.id == AccessLog.unit_id)
        .where(AccessLog.circle_id == bindparam("case_id"))
    )  # fmt: skip
    return keyset(statement, shape, AccessLog.id, AccessLog.id)


async def access_log(tx: Transaction, case_id: UUID, window: Window) -> list[Row]:
    """One page of the access log of a case, as far as the wall lets the caller review it."""
    return await tx.all(_log(window.shape), **window.values, case_id=case_id)


_CONTROLLER = Prepared(
    select(AccessLog.controller_id)
    .where(AccessLog.circle_id == bindparam("case_id"), AccessLog.controller_id == bindparam("authority_id"))
    .limit(1)
)


async def is_controlled_by(tx: Transaction, case_id: UUID, authority_id: UUID) -> bool:
    """Whether an authority controls the case, told from its log: a reviewer sees no case."""
    return await tx.one(_CONTROLLER, case_id=case_id, authority_id=authority_id) is not None
