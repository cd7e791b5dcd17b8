"""Every query about organisations, users and assignments."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import any_, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP

from app.kernel.db import AnySelect, Base, Prepared, Row, Transaction, prepared
from app.kernel.paging import Shape, Window, keyset
from app.organisations.models import Assignment, Authority, Municipality, Organisation, Unit, User

_AT = bindparam("at", type_=TIMESTAMP(timezone=True))


def _valid() -> Any:
    return (Assignment.valid_from <= _AT, or_(Assignment.valid_to.is_(None), Assignment.valid_to > _AT))


def _assignments() -> AnySelect:
    return (
        select(
            Assignment.id,
            Assignment.version,
            Assignment.user_id,
            Assignment.role,
            Assignment.unit_id,
            Assignment.valid_from,
            Assignment.valid_to,
            User.name.label("user_name"),
            Unit.name.label("unit_name"),
            Unit.unit_type,
            Unit.municipality_code,
            Unit.authority_id,
            Authority.name.label("authority_name"),
            Authority.sector,
        )
        .join(User, User.id == Assignment.user_id)
        .outerjoin(Unit, Unit.id == Assignment.unit_id)
        .outerjoin(Authority, Authority.id == Unit.authority_id)
    )


_SIGNED_IN = Prepared(
    _assignments()
    .add_columns(User.person_id)
    .where(
        User.subject == bindparam("subject"),
        or_(User.issuer.is_(None), User.issuer == bindparam("issuer")),
        User.active,
        *_valid(),
    )
    .order_by(Assignment.id)
)
_MUNICIPALITIES = Prepared(
    select(
        Municipality.code, Municipality.name, Municipality.joined_on, Municipality.joined_note,
        Organisation.org_number, Organisation.org_number_verified,
    )
    .outerjoin(
        Organisation, (Organisation.municipality_code == Municipality.code) & (Organisation.kind == "municipality")
    )
    .order_by(Municipality.code)
)  # fmt: skip


async def assignments_of_subject(tx: Transaction, subject: str, issuer: str, at: datetime) -> list[Row]:
    """The assignments in which a signed-in subject may act at an instant."""
    return await tx.all(_SIGNED_IN, subject=subject, issuer=issuer, at=at)


async def municipalities(tx: Transaction) -> list[Row]:
    """The nine, by code."""
    return await tx.all(_MUNICIPALITIES)


def _authority_rows() -> AnySelect:
    return select(
        Authority.id, Authority.version, Authority.name, Authority.sector, Authority.secrecy_regime,
        Authority.organisation_id, Organisation.name.label("organisation_name"),
        Organisation.kind.label("organisation_kind"), Organisation.municipality_code,
    ).join(Organisation, Organisation.id == Authority.organisation_id)  # fmt: skip


def _unit_rows() -> AnySelect:
    return select(
        Unit.id, Unit.version, Unit.name, Unit.unit_type, Unit.municipality_code, Unit.hsa_id, Unit.function_address,
        Unit.phone, Unit.authority_id, Authority.name.label("authority_name"), Authority.sector,
    ).join(Authority, Authority.id == Unit.authority_id)  # fmt: skip


def _user_rows() -> AnySelect:
    return select(User.id, User.version, User.kind, User.name, User.hsa_id, User.email, User.active, User.subject)


_FILTERS: dict[str, Any] = {
    "authority.sector": Authority.sector,
    "authority.municipality_code": Organisation.municipality_code,
    "unit.authority_id": Unit.authority_id,
    "unit.municipality_code": Unit.municipality_code,
    "unit.unit_type": Unit.unit_type,
    "user.kind": User.kind,
    "assignment.user_id": Assignment.user_id,
    "assignment.unit_id": Assignment.unit_id,
    "assignment.role": Assignment.role,
}
_ROWS: dict[str, tuple[Any, Any]] = {
    "authority": (_authority_rows, Authority.id),
    "unit": (_unit_rows, Unit.id),
    "user": (_user_rows, User.id),
    "assignment": (_assignments, Assignment.id),
}


@prepared
def _list(kind: str, shape: Shape) -> AnySelect:
    rows, id_column = _ROWS[kind]
    statement: AnySelect = rows()
    for name in sorted(shape.filters - {"unit_scope", "authority_scope"}):
        column = _FILTERS[f"{kind}.{name}"]
        statement = statement.where(column == any_(bindparam(name, type_=ARRAY(column.type))))
    if "authority_scope" in shape.filters:
        within = select(Assignment.user_id).join(Unit, Unit.id == Assignment.unit_id)
        within = within.where(Unit.authority_id == bindparam("authority_scope"))
        statement = statement.where((User.id if kind == "user" else Assignment.user_id).in_(within))
    return keyset(statement, shape, id_column, id_column)


@prepared
def _one(kind: str) -> AnySelect:
    rows, id_column = _ROWS[kind]
    statement: AnySelect = rows().where(id_column == bindparam("id"))
    return statement


async def list_of(tx: Transaction, kind: str, window: Window, authority_scope: UUID | None = None) -> list[Row]:
    """One page of authorities, units, users or assignments; users only of one authority when a scope is given."""
    shape, values = window
    if authority_scope is not None:
        shape = shape._replace(filters=shape.filters | {"authority_scope"})
        values = {**values, "authority_scope": authority_scope}
    return await tx.all(_list(kind, shape), **values)


async def one_of(tx: Transaction, kind: str, record_id: UUID) -> Row | None:
    """One authority, unit, user or assignment."""
    return await tx.one(_one(kind), id=record_id)


async def record_of(tx: Transaction, model: type[Base], record_id: UUID) -> Any:
    """The ORM record for a change, locked."""
    return await tx.session.get(model, record_id, with_for_update=True)


_SHARES_AUTHORITY = Prepared(
    select(func.count())
    .select_from(Assignment)
    .join(Unit, Unit.id == Assignment.unit_id)
    .where(Assignment.user_id == bindparam("user_id"), Unit.authority_id == bindparam("authority_id"))
)


async def works_in(tx: Transaction, user_id: UUID, authority_id: UUID) -> bool:
    """Whether a user has, or had, an assignment in an authority."""
    row = await tx.one(_SHARES_AUTHORITY, user_id=user_id, authority_id=authority_id)
    return bool(row and row["count_1"])


_HELD = Prepared(_assignments().where(Assignment.user_id == bindparam("user_id"), *_valid()).order_by(Assignment.id))


async def assignments_of_user(tx: Transaction, user_id: UUID, at: datetime) -> list[Row]:
    """The assignments that a user holds at an instant."""
    return await tx.all(_HELD, user_id=user_id, at=at)


_ASSIGNED = Prepared(
    _assignments().where(
        Assignment.user_id == bindparam("user_id"), Assignment.unit_id == bindparam("unit_id"), *_valid()
    )
)


async def assignment_in(tx: Transaction, user_id: UUID, unit_id: UUID, at: datetime) -> Row | None:
    """A user's valid assignment in a unit, if there is one."""
    return await tx.one(_ASSIGNED, user_id=user_id, unit_id=unit_id, at=at)
