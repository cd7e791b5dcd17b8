"""Every query about children and their identifiers."""

from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, String, Uuid, and_, any_, bindparam, case, func, literal_column, or_, select
from sqlalchemy import Text as TextType
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, distinct_on
from sqlalchemy.orm import aliased

from app.kernel.circles import ME, NOW, CircleGrant, open_to_me
from app.kernel.db import AnySelect, Base, Prepared, Row, Transaction, prepared
from app.kernel.paging import Shape, Window, keyset
from app.organisations.models import User
from app.people.models import (
    Checkpoint,
    Child,
    ChildDetails,
    ChildIdentifier,
    IdentityLevel,
    ProtectedIdentity,
)

MOST_COUNTED = 10_000
# An alias: open_to_me has its own view of the same table.
_GRANT = aliased(CircleGrant)
_ACTOR: Any = literal_column("(select wall.actor())", Uuid())
_OPEN: Any = Child.protected_identity == literal_column(f"'{ProtectedIdentity.NONE}'")


def my_checkpoint(child_id: Any, protected_identity: Any) -> Any:
    """A column with the reason that this user has stated for a protected child, while it holds (R2.5)."""
    reason = (
        select(Checkpoint.reason)
        .where(Checkpoint.child_id == child_id, Checkpoint.user_id == _ACTOR, Checkpoint.valid_until > NOW)
        .order_by(Checkpoint.id.desc())
        .limit(literal_column("1"))
        .scalar_subquery()
    )
    return case((protected_identity != literal_column("'none'"), reason))


_protection = func.coalesce(Child.protected_identity, literal_column("'none'"))
_checkpoint = my_checkpoint(Child.id, _protection)
#: What a file's line about something of a child tells of the child, for a select joined with ``Child``.
IN_LINES = (
    Child.source_system.label("child_source_system"), Child.source_id.label("child_source_id"),
    _protection.label("protected_identity"), _checkpoint.label("checkpoint_reason"),
)  # fmt: skip
#: Whether it may stand in a file: of a protected child only where that is asked for, and past a checkpoint (R2.5).
MAY_STAND_IN_LINES = or_(
    _protection == literal_column("'none'"),
    and_(bindparam("protected_too", type_=Boolean), _checkpoint.is_not(None)),
)


_CHILD = select(
    Child.id, Child.version, Child.given_name, Child.family_name, Child.birth_date, Child.expected_birth_date,
    Child.protected_identity, Child.person_key, Child.municipality_code, Child.source_system, Child.source_id,
    Child.deceased_on, Child.moved_out_on, Child.owner_unit_id, Child.owner_authority_id, Child.created_at,
    Child.updated_at, open_to_me(Child.id).label("grants"),
    my_checkpoint(Child.id, Child.protected_identity).label("checkpoint_reason"),
)  # fmt: skip
_WITH_DETAILS = _CHILD.add_columns(
    select(func.to_jsonb(literal_column("child_details"), type_=JSONB))
    .where(ChildDetails.child_id == Child.id)
    .scalar_subquery()
    .label("details")
)
_ONE_CHILD = Prepared(_WITH_DETAILS.where(Child.id == bindparam("id")))
_FACTS = Prepared(_CHILD.where(Child.id == bindparam("id")))


async def child_of(tx: Transaction, child_id: UUID) -> Row | None:
    """One child with its details, if they are open."""
    return await tx.one(_ONE_CHILD, id=child_id)


async def facts(tx: Transaction, child_id: UUID) -> Row | None:
    """One child without details, for other packages."""
    return await tx.one(_FACTS, id=child_id)


_FACTS_OF = Prepared(_CHILD.where(Child.id == any_(bindparam("ids", type_=ARRAY(Child.id.type)))))


async def facts_of(tx: Transaction, child_ids: list[UUID]) -> list[Row]:
    """Several children without details."""
    return await tx.all(_FACTS_OF, ids=child_ids)


@prepared
def _lines(shape: Shape) -> AnySelect:
    own = _WITH_DETAILS.where(Child.owner_unit_id == ME, MAY_STAND_IN_LINES)
    if "municipality_code" in shape.filters:
        own = own.where(Child.municipality_code == bindparam("municipality_code"))
    return keyset(own, shape, Child.id, Child.id)


async def lines(tx: Transaction, window: Window, *, protected_too: bool) -> list[Row]:
    """The unit's own children with their details; protected ones past their checkpoint, if they are wanted (R2.5)."""
    return await tx.all(_lines(window.shape), **window.values, protected_too=protected_too)


_SOURCES = Prepared(
    select(Child.source_system, Child.source_id).where(
        Child.owner_authority_id == literal_column("(select wall.authority())", Uuid()),
        Child.source_system == any_(bindparam("systems", type_=ARRAY(Child.source_system.type))),
        Child.source_id == any_(bindparam("ids", type_=ARRAY(Child.source_id.type))),
    )
)
_CURRENT = Prepared(
    select(ChildIdentifier.type, ChildIdentifier.oid, ChildIdentifier.value).where(
        ChildIdentifier.owner_unit_id == ME,
        ChildIdentifier.value == any_(bindparam("values", type_=ARRAY(ChildIdentifier.value.type))),
        ChildIdentifier.valid_to.is_(None),
    )
)


async def sources_among(tx: Transaction, systems: list[str], ids: list[str]) -> list[Row]:
    """Keys in these systems that children of the caller's authority have, as far as the caller sees them."""
    return await tx.all(_SOURCES, systems=systems, ids=ids)


async def identifiers_among(tx: Transaction, values: list[str]) -> list[Row]:
    """Current identifiers of the unit's children, among these values."""
    return await tx.all(_CURRENT, values=values)


async def record_of(tx: Transaction, model: type[Base], record_id: UUID) -> Any:
    """The ORM record for a change, locked."""
    return await tx.session.get(model, record_id, with_for_update=True)


_DETAILS_ID = Prepared(select(ChildDetails.id).where(ChildDetails.child_id == bindparam("child_id")))


async def details_record(tx: Transaction, child_id: UUID) -> ChildDetails:
    """The ORM record of a child's details; each child has one from the beginning."""
    row = await tx.one(_DETAILS_ID, child_id=child_id)
    record: ChildDetails = await record_of(tx, ChildDetails, (row or {})["id"])
    return record


def _visible(filters: frozenset[str]) -> AnySelect:
    """Children open to the caller, driven by the index of what is open (docs/decisions/0002)."""
    statement = (
        select(
            Child.id, Child.version, Child.given_name, Child.family_name, Child.birth_date, Child.expected_birth_date,
            Child.deceased_on, Child.moved_out_on, Child.owner_unit_id, Child.protected_identity,
            open_to_me(Child.id).label("grants"),
        )
        .select_from(_GRANT)
        .join(Child, Child.id == _GRANT.circle_id)
        .where(_GRANT.party_id == ME, _GRANT.valid_from <= NOW, _GRANT.valid_until > NOW)
        .ext(distinct_on(_GRANT.circle_id))
    )  # fmt: skip
    if "protected" not in filters:
        statement = statement.where(_OPEN)
    if "name" in filters:
        pattern = func.lower(bindparam("name", type_=TextType))
        full = func.concat_ws(literal_column("' '"), Child.given_name, Child.family_name)
        statement = statement.where(or_(func.lower(Child.family_name).like(pattern), func.lower(full).like(pattern)))
    for name in sorted(filters & {"source_system", "source_id"}):
        statement = statement.where(getattr(Child, name) == bindparam(name))
    return statement


@prepared
def _children(shape: Shape) -> AnySelect:
    return keyset(_visible(shape.filters), shape, _GRANT.circle_id, _GRANT.circle_id)


@prepared
def _count(filters: frozenset[str]) -> AnySelect:
    return select(func.count().label("count")).select_from(
        _visible(filters).limit(literal_column(str(MOST_COUNTED))).subquery()
    )


def _bound(window: Window, protected: bool) -> Window:
    shape, values = window
    if protected:
        shape = shape._replace(filters=shape.filters | {"protected"})
    if "name" in values:
        escaped = values["name"].replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        values = {**values, "name": f"{escaped}%"}
    return Window(shape, values)


async def children(tx: Transaction, window: Window, *, protected: bool) -> list[Row]:
    """One page of the children that the caller may see; the protected only for the family itself (R2.5)."""
    shape, values = _bound(window, protected)
    return await tx.all(_children(shape), **values)


async def count_children(tx: Transaction, window: Window, *, protected: bool) -> int:
    """How many there are, at most ``MOST_COUNTED``."""
    shape, values = _bound(window, protected)
    row = await tx.one(_count(shape.filters), **values)
    return int((row or {})["count"])


_MATCHES = Prepared(
    _CHILD.add_columns((Child.owner_unit_id == ME).label("own"))
    .join(ChildIdentifier, ChildIdentifier.child_id == Child.id)
    .where(
        ChildIdentifier.value == bindparam("value", type_=String),
        ChildIdentifier.type == bindparam("type", type_=String),
        ChildIdentifier.valid_to.is_(None),
        ~ChildIdentifier.dormant,
        ChildIdentifier.identity_level.is_distinct_from(literal_column(f"'{IdentityLevel.OSAKER}'")),
    )
    .order_by((Child.owner_unit_id == ME).desc())
    .limit(literal_column("2"))
)


async def matches(tx: Transaction, kind: str, value: str) -> list[Row]:
    """At most two children with a current, certain identifier; the unit's own record first."""
    return await tx.all(_MATCHES, type=kind, value=value)


_IDENTIFIERS = select(
    ChildIdentifier.id, ChildIdentifier.version, ChildIdentifier.child_id, ChildIdentifier.type, ChildIdentifier.value,
    ChildIdentifier.oid, ChildIdentifier.identity_level, ChildIdentifier.dormant, ChildIdentifier.valid_from,
    ChildIdentifier.valid_to,
)  # fmt: skip
_ONE_IDENTIFIER = Prepared(
    _IDENTIFIERS.where(ChildIdentifier.id == bindparam("id"), ChildIdentifier.child_id == bindparam("child_id"))
)
_OF_CHILD = _IDENTIFIERS.where(ChildIdentifier.child_id == bindparam("child_id"))
_ALL_IDENTIFIERS = Prepared(_OF_CHILD.order_by(ChildIdentifier.id))


@prepared
def _identifier_page(shape: Shape) -> AnySelect:
    return keyset(_OF_CHILD, shape, ChildIdentifier.id, ChildIdentifier.id)


async def identifier_of(tx: Transaction, child_id: UUID, identifier_id: UUID) -> Row | None:
    """One identifier of a child."""
    return await tx.one(_ONE_IDENTIFIER, id=identifier_id, child_id=child_id)


async def page_of_identifiers(tx: Transaction, child_id: UUID, window: Window) -> list[Row]:
    """One page of a child's identifiers."""
    return await tx.all(_identifier_page(window.shape), child_id=child_id, **window.values)


async def identifiers_of(tx: Transaction, child_id: UUID) -> list[Row]:
    """Every identifier of a child, oldest first."""
    return await tx.all(_ALL_IDENTIFIERS, child_id=child_id)


_IDENTIFIERS_AMONG = Prepared(
    _IDENTIFIERS.where(
        ChildIdentifier.child_id == any_(bindparam("child_ids", type_=ARRAY(ChildIdentifier.child_id.type)))
    ).order_by(ChildIdentifier.id)
)


async def identifiers_of_all(tx: Transaction, child_ids: list[UUID]) -> list[Row]:
    """Every identifier of several children, oldest first, ended ones too."""
    return await tx.all(_IDENTIFIERS_AMONG, child_ids=child_ids)


_USERS_OF_PERSON = Prepared(select(User.id).where(User.person_id == bindparam("person_id")))


async def users_of_person(tx: Transaction, person_key: UUID) -> list[UUID]:
    """The sign-ins of a person."""
    return [row["id"] for row in await tx.all(_USERS_OF_PERSON, person_id=person_key)]
