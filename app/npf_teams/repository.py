"""Every query about NPF teams and their members."""

from typing import Any
from uuid import UUID

from sqlalchemy import Text, and_, any_, bindparam, case, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from app.kernel.db import AnySelect, Prepared, Row, Transaction, prepared
from app.kernel.paging import Shape, Window, keyset
from app.npf_teams.models import NpfTeam, NpfTeamMember
from app.organisations.models import Unit, User

M = NpfTeamMember
_TheirUnit = aliased(Unit)
#: BUP counts for itself: it is health care that a team cannot do without (R13.2).
_BUP: Any = literal_column("'bup'", Text())
_FILTERS = {
    name: column == any_(bindparam(name, type_=ARRAY(column.type)))
    for name, column in {
        "municipality_code": NpfTeam.municipality_code, "status": NpfTeam.status, "unit_id": NpfTeam.unit_id,
    }.items()
}  # fmt: skip


def _profession(unit: Any) -> Any:
    return case((unit.unit_type == _BUP, _BUP), else_=M.sector)


def _teams() -> AnySelect:
    professions = (
        select(func.array_agg(func.distinct(_profession(_TheirUnit))))
        .join_from(M, _TheirUnit, _TheirUnit.id == M.unit_id)
        .where(M.team_id == NpfTeam.id, M.to_on.is_(None))
        .scalar_subquery()
    )
    return (
        select(
            NpfTeam.id, NpfTeam.version, NpfTeam.municipality_code, NpfTeam.name, NpfTeam.unit_id,
            Unit.name.label("unit_name"), NpfTeam.lead_user_id, User.name.label("lead_name"), NpfTeam.status,
            NpfTeam.plan_text, NpfTeam.plan_year, NpfTeam.plan_adopted_on, NpfTeam.created_at,
            professions.label("professions"),
        )
        .join(Unit, Unit.id == NpfTeam.unit_id)
        .outerjoin(User, User.id == NpfTeam.lead_user_id)
    )  # fmt: skip


@prepared
def _list(shape: Shape) -> AnySelect:
    statement = _teams().where(*(_FILTERS[name] for name in sorted(shape.filters)))
    return keyset(statement, shape, NpfTeam.id, NpfTeam.id)


async def teams(tx: Transaction, window: Window) -> list[Row]:
    """One page of the teams."""
    return await tx.all(_list(window.shape), **window.values)


@prepared
def _count(filters: frozenset[str]) -> AnySelect:
    rows = select(NpfTeam.id).where(*(_FILTERS[name] for name in sorted(filters)))
    return select(func.count().label("n")).select_from(rows.limit(literal_column("10000")).subquery())


async def count(tx: Transaction, window: Window) -> int:
    """How many there are, at most 10,000."""
    row = await tx.one(_count(window.shape.filters), **window.values)
    return int(row["n"]) if row else 0


_ONE = Prepared(_teams().where(NpfTeam.id == bindparam("team_id")))


async def team(tx: Transaction, team_id: UUID) -> Row | None:
    """One team."""
    return await tx.one(_ONE, team_id=team_id)


async def team_record(tx: Transaction, team_id: UUID) -> NpfTeam | None:
    """The team for a change, locked: who is in it changes under the same lock."""
    return await tx.session.get(NpfTeam, team_id, with_for_update=True)


def _members() -> AnySelect:
    leads = and_(NpfTeam.lead_user_id == M.user_id, M.to_on.is_(None))
    return (
        select(
            M.id, M.version, M.team_id, M.user_id, User.name, M.unit_id, Unit.name.label("unit_name"),
            Unit.authority_id, M.sector, _profession(Unit).label("profession"), M.from_on, M.to_on,
            func.coalesce(leads, literal_column("false")).label("leads"),
        )
        .join(User, User.id == M.user_id)
        .join(Unit, Unit.id == M.unit_id)
        .join(NpfTeam, NpfTeam.id == M.team_id)
    )  # fmt: skip


_MEMBERS = Prepared(_members().where(M.team_id == bindparam("team_id")).order_by(M.id))
_MEMBER = Prepared(_members().where(M.id == bindparam("member_id")))


async def members(tx: Transaction, team_id: UUID) -> list[Row]:
    """Who is in a team and who was, in the order in which they came."""
    return await tx.all(_MEMBERS, team_id=team_id)


async def member(tx: Transaction, member_id: UUID) -> Row | None:
    """One membership."""
    return await tx.one(_MEMBER, member_id=member_id)


async def member_record(tx: Transaction, team_id: UUID, member_id: UUID) -> NpfTeamMember | None:
    """A membership of a team for a change, locked."""
    found: NpfTeamMember | None = await tx.session.scalar(
        select(M).where(M.id == member_id, M.team_id == team_id).with_for_update()
    )
    return found
