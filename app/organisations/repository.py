"""Every query about organisations, users and assignments."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, any_, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP

from app.kernel.db import AnySelect, Base, Prepared, Row, Transaction, prepared
from app.kernel.paging import Shape, Window, keyset, onward
from app.organisations.models import Assignment, Authority, Municipality, Organisation, Unit, User, UserKind

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
        User.kind == any_(bindparam("kinds", type_=ARRAY(User.kind.type))),
        User.active,
        *_valid(),
    )
    .order_by(Assignment.id)
)
_STILL_ASSIGNED = Prepared(
    _assignments()
    .add_columns(User.person_id)
    .where(Assignment.id == bindparam("assignment_id"), User.active, *_valid())
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


async def assignments_of_subject(
    tx: Transaction, subject: str, issuer: str, kinds: list[UserKind], at: datetime
) -> list[Row]:
    """The assignments in which a signed-in subject of these kinds may act at an instant."""
    return await tx.all(_SIGNED_IN, subject=subject, issuer=issuer, kinds=kinds, at=at)


async def assignment_now(tx: Transaction, assignment_id: UUID, at: datetime) -> Row | None:
    """An assignment as it may be acted in at an instant, or none."""
    return await tx.one(_STILL_ASSIGNED, assignment_id=assignment_id, at=at)


async def municipalities(tx: Transaction) -> list[Row]:
    """The nine, by code."""
    return await tx.all(_MUNICIPALITIES)


def _authority_rows() -> AnySelect:
    return select(
        Authority.id, Authority.version, Authority.name, Authority.sector, Authority.secrecy_regime,
        Authority.organisation_id, Organisation.name.label("organisation_name"),
        Organisation.kind.label("organisation_kind"), Organisation.municipality_code,
        Organisation.org_number, Organisation.hsa_id,
    ).join(Organisation, Organisation.id == Authority.organisation_id)  # fmt: skip


def _organisations() -> AnySelect:
    return select(
        Organisation.id, Organisation.kind, Organisation.name, Organisation.municipality_code, Organisation.org_number,
        Organisation.hsa_id,
    ).order_by(Organisation.id)  # fmt: skip


def _unit_rows() -> AnySelect:
    return select(
        Unit.id, Unit.version, Unit.name, Unit.unit_type, Unit.municipality_code, Unit.hsa_id, Unit.function_address,
        Unit.phone, Unit.authority_id, Authority.name.label("authority_name"), Authority.sector,
    ).join(Authority, Authority.id == Unit.authority_id)  # fmt: skip


def _user_rows() -> AnySelect:
    return select(
        User.id, User.version, User.kind, User.name, User.hsa_id, User.email, User.active, User.subject, User.issuer
    )


_FILTERS: dict[str, Any] = {
    "authority.sector": Authority.sector,
    "authority.municipality_code": Organisation.municipality_code,
    "unit.authority_id": Unit.authority_id,
    "unit.municipality_code": Unit.municipality_code,
    "unit.unit_type": Unit.unit_type,
    "user.kind": User.kind,
    "assignment.municipality_code": Unit.municipality_code,
    "assignment.user_id": Assignment.user_id,
    "assignment.unit_id": Assignment.unit_id,
    "assignment.role": Assignment.role,
}
_SCOPES = frozenset({"authority_scope", "working_in", "staff"})
_ROWS: dict[str, tuple[Any, Any]] = {
    "authority": (_authority_rows, Authority.id),
    "unit": (_unit_rows, Unit.id),
    "user": (_user_rows, User.id),
    "assignment": (_assignments, Assignment.id),
}


def _working(where: Any) -> AnySelect:
    return select(Assignment.user_id).join(Unit, Unit.id == Assignment.unit_id).where(where)


@prepared
def _list(kind: str, shape: Shape) -> AnySelect:
    rows, id_column = _ROWS[kind]
    statement: AnySelect = rows()
    for name in sorted(shape.filters - _SCOPES):
        column = _FILTERS[f"{kind}.{name}"]
        statement = statement.where(column == any_(bindparam(name, type_=ARRAY(column.type))))
    if "authority_scope" in shape.filters:
        within = _working(Unit.authority_id == bindparam("authority_scope"))
        statement = statement.where((User.id if kind == "user" else Assignment.user_id).in_(within))
    if "working_in" in shape.filters:
        statement = statement.where(User.id.in_(_working(Unit.municipality_code == bindparam("working_in"))))
    if "staff" in shape.filters:
        statement = statement.where(User.person_id.is_(None))
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


async def lines(
    tx: Transaction, kind: str, after: UUID | None, limit: int, scope: UUID | None, municipality_code: str | None
) -> list[Row]:
    """The next records in the order of their ids. The family is left out: theirs are accounts of somebody in person."""
    filters: dict[str, Any] = {"staff": True} if kind in ("user", "assignment") else {}
    if municipality_code is not None:
        filters |= {"working_in": municipality_code} if kind == "user" else {"municipality_code": [municipality_code]}
    return await list_of(tx, kind, onward(after, limit, **filters), scope)


_NUMBERED = Prepared(_organisations().where(Organisation.org_number == bindparam("org_number")))
_CALLED = Prepared(
    _organisations().where(
        Organisation.kind == bindparam("kind"), Organisation.name == bindparam("name"),
        Organisation.municipality_code.is_not_distinct_from(bindparam("municipality_code", type_=Text)),
        or_(Organisation.org_number.is_(None), bindparam("org_number", type_=Text).is_(None)),
    )
)  # fmt: skip
_ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtextextended('organisations', 0))"


async def organisation_like(tx: Transaction, described: dict[str, Any]) -> Row | None:
    """The organisation with this number, or of this kind, name and municipality.

    Whoever asks is alone in asking until the transaction ends: nobody else makes the one that was not found.
    """
    await tx.rows(_ONE_AT_A_TIME)
    number = described["org_number"]
    found = await tx.one(_NUMBERED, org_number=number) if number else None
    named = {name: described[name] for name in ("kind", "name", "municipality_code")}
    return found or await tx.one(_CALLED, org_number=number, **named)


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


_ASSIGNED_AMONG = Prepared(
    select(Assignment.user_id).where(
        Assignment.user_id == any_(bindparam("user_ids", type_=ARRAY(Assignment.user_id.type))),
        Assignment.unit_id == bindparam("unit_id"),
        *_valid(),
    )
)


async def assigned_among(tx: Transaction, user_ids: list[UUID], unit_id: UUID, at: datetime) -> list[UUID]:
    """Which of these users have a valid assignment in a unit."""
    return [row["user_id"] for row in await tx.all(_ASSIGNED_AMONG, user_ids=user_ids, unit_id=unit_id, at=at)]
