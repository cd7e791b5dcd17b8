"""Every query about children and those around them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import Select, String, Uuid, any_, bindparam, case, column, exists, func, literal_column, or_, select, table
from sqlalchemy import Text as TextType
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import aliased

from app.kernel.circles import ME, NOW, CircleGrant, open_to_me
from app.kernel.db import Base, Prepared, Row, Transaction, prepared
from app.kernel.paging import Shape, Window, keyset
from app.organisations.models import Assignment, User
from app.people.models import (
    Checkpoint,
    Child,
    ChildDetails,
    ChildIdentifier,
    Guardianship,
    GuardianPerson,
    IdentityLevel,
    ProtectedIdentity,
    SiblingLink,
)
from app.permissions import Role

MOST_COUNTED = 10_000
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


_CHILD = select(
    Child.id, Child.version, Child.given_name, Child.family_name, Child.birth_date, Child.expected_birth_date,
    Child.protected_identity, Child.person_key, Child.municipality_code, Child.source_system, Child.source_id,
    Child.deceased_on, Child.moved_out_on, Child.owner_unit_id, Child.owner_authority_id, Child.created_at,
    Child.updated_at, open_to_me(Child.id).label("grants"),
    my_checkpoint(Child.id, Child.protected_identity).label("checkpoint_reason"),
)  # fmt: skip
_ONE_CHILD = Prepared(
    _CHILD.add_columns(
        select(func.to_jsonb(ChildDetails.__table__.table_valued(), type_=JSONB))
        .where(ChildDetails.child_id == Child.id)
        .scalar_subquery()
        .label("details")
    ).where(Child.id == bindparam("id"))
)
_FACTS = Prepared(_CHILD.where(Child.id == bindparam("id")))


async def child_of(tx: Transaction, child_id: UUID) -> Row | None:
    """One child with its details, if they are open."""
    return await tx.one(_ONE_CHILD, id=child_id)


async def facts(tx: Transaction, child_id: UUID) -> Row | None:
    """One child without details, for other packages."""
    return await tx.one(_FACTS, id=child_id)


async def record_of(tx: Transaction, model: type[Base], record_id: UUID) -> Any:
    """The ORM record for a change, locked."""
    return await tx.session.get(model, record_id, with_for_update=True)


_DETAILS_ID = Prepared(select(ChildDetails.id).where(ChildDetails.child_id == bindparam("child_id")))


async def details_record(tx: Transaction, child_id: UUID) -> ChildDetails:
    """The ORM record of a child's details; each child has one from the beginning."""
    row = await tx.one(_DETAILS_ID, child_id=child_id)
    record: ChildDetails = await record_of(tx, ChildDetails, (row or {})["id"])
    return record


def _visible(filters: frozenset[str]) -> Select[Any]:
    """Children open to the caller, driven by the index of what is open (docs/decisions/0002)."""
    grant = CircleGrant.__table__.c
    statement = (
        select(
            Child.id, Child.version, Child.given_name, Child.family_name, Child.birth_date, Child.expected_birth_date,
            Child.deceased_on, Child.moved_out_on, Child.owner_unit_id, open_to_me(Child.id).label("grants"),
        )
        .select_from(CircleGrant)
        .join(Child, Child.id == grant.circle_id)
        .where(grant.party_id == ME, grant.valid_from <= NOW, grant.valid_until > NOW)
        .distinct(grant.circle_id)
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
def _children(shape: Shape) -> Select[Any]:
    circle = CircleGrant.__table__.c.circle_id
    return keyset(_visible(shape.filters), shape, circle, circle)


@prepared
def _count(filters: frozenset[str]) -> Select[Any]:
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
_GUARDIANS = (
    select(
        Guardianship.id, Guardianship.version, Guardianship.child_id, Guardianship.person_id, Guardianship.relation,
        Guardianship.custody, Guardianship.valid_from, Guardianship.valid_to, Guardianship.source,
        Guardianship.contact_allowed, Guardianship.contact_reason, GuardianPerson.given_name,
        GuardianPerson.family_name, GuardianPerson.phone, GuardianPerson.email, GuardianPerson.protected_identity,
        GuardianPerson.person_key,
    )
    .join(GuardianPerson, GuardianPerson.id == Guardianship.person_id)
)  # fmt: skip
_PARTS: dict[str, tuple[Select[Any], Any]] = {
    "identifier": (_IDENTIFIERS, ChildIdentifier),
    "guardianship": (_GUARDIANS, Guardianship),
}


@prepared
def _part(kind: str) -> Select[Any]:
    statement, model = _PARTS[kind]
    return statement.where(model.id == bindparam("id"), model.child_id == bindparam("child_id"))


@prepared
def _part_page(kind: str, shape: Shape) -> Select[Any]:
    statement, model = _PARTS[kind]
    return keyset(statement.where(model.child_id == bindparam("child_id")), shape, model.id, model.id)


@prepared
def _all_parts(kind: str) -> Select[Any]:
    statement, model = _PARTS[kind]
    return statement.where(model.child_id == bindparam("child_id")).order_by(model.id)


async def part_of(tx: Transaction, kind: str, child_id: UUID, record_id: UUID) -> Row | None:
    """One identifier or guardianship of a child."""
    return await tx.one(_part(kind), id=record_id, child_id=child_id)


async def page_of(tx: Transaction, kind: str, child_id: UUID, window: Window) -> list[Row]:
    """One page of a child's identifiers or guardianships."""
    return await tx.all(_part_page(kind, window.shape), child_id=child_id, **window.values)


async def all_of(tx: Transaction, kind: str, child_id: UUID) -> list[Row]:
    """Every identifier or guardianship of a child, oldest first."""
    return await tx.all(_all_parts(kind), child_id=child_id)


# The layer above owns this table; knowing two of its columns is enough to bring the family in.
_CASES = table("cases", column("id", Uuid()), column("child_id", Uuid()), column("owner_unit_id", Uuid()))
_CASES_OF_CHILD = Prepared(
    select(_CASES.c.id).where(_CASES.c.child_id == bindparam("child_id"), _CASES.c.owner_unit_id == ME)
)


async def case_circles_of(tx: Transaction, child_id: UUID) -> list[UUID]:
    """The circles of the cases about a child that the caller's unit owns."""
    return [row["id"] for row in await tx.all(_CASES_OF_CHILD, child_id=child_id)]


_SIBLING = aliased(Child)
_PAIR: Any = (SiblingLink.child_id, SiblingLink.sibling_id)
_OTHER: Any = case((SiblingLink.child_id == bindparam("child_id"), SiblingLink.sibling_id), else_=SiblingLink.child_id)


def _of_link(child_id: Any) -> Any:
    return child_id.in_(_PAIR)


def _somebody_protected(within: Callable[[Any], Any]) -> Any:
    """Whether one of the children, or a grown-up around one of them, is protected (R2.6)."""
    none = literal_column("'none'")
    return or_(
        exists().where(within(Child.id), Child.protected_identity != none).correlate_except(Child),
        exists()
        .where(within(GuardianPerson.child_id), GuardianPerson.protected_identity != none)
        .correlate_except(GuardianPerson),
    )


@prepared
def _siblings(shape: Shape | None) -> Select[Any]:
    statement = (
        select(
            SiblingLink.id, SiblingLink.relation, _SIBLING.id.label("child_id"), _SIBLING.given_name,
            _SIBLING.family_name, _SIBLING.birth_date,
        )
        .join(_SIBLING, _SIBLING.id == _OTHER)
        .where(or_(*(end == bindparam("child_id") for end in _PAIR)), ~_somebody_protected(_of_link))
    )  # fmt: skip
    if shape is None:
        return statement.where(SiblingLink.id == bindparam("id"))
    return keyset(statement, shape, SiblingLink.id, SiblingLink.id)


async def siblings(tx: Transaction, child_id: UUID, window: Window) -> list[Row]:
    """One page of a child's siblings; none where somebody is protected (R2.6)."""
    return await tx.all(_siblings(window.shape), child_id=child_id, **window.values)


async def sibling_of(tx: Transaction, child_id: UUID, link_id: UUID) -> Row | None:
    """One sibling link, seen from a child."""
    return await tx.one(_siblings(None), child_id=child_id, id=link_id)


_IDS = bindparam("ids", type_=ARRAY(Uuid()))
_ANY_PROTECTED = Prepared(select(_somebody_protected(lambda child_id: child_id == any_(_IDS)).label("protected")))


async def any_protected(tx: Transaction, child_ids: list[UUID]) -> bool:
    """Whether somebody in these children's families is protected (R2.6)."""
    row = await tx.one(_ANY_PROTECTED, ids=child_ids)
    return bool(row and row["protected"])


_USER = Prepared(
    select(
        User.id,
        User.person_id,
        exists()
        .where(
            Assignment.user_id == User.id,
            Assignment.role == bindparam("role", type_=String),
            or_(Assignment.valid_to.is_(None), Assignment.valid_to > NOW),
        )
        .label("has_role"),
    ).where(
        User.subject == bindparam("subject"),
        func.coalesce(User.issuer, literal_column("''")) == bindparam("issuer", type_=String),
    )
)
_USERS_OF_PERSON = Prepared(select(User.id).where(User.person_id == bindparam("person_id")))


async def user_with_subject(tx: Transaction, subject: str, issuer: str | None, role: Role) -> Row | None:
    """Who signs in under this subject, and whether they act in this role."""
    return await tx.one(_USER, subject=subject, issuer=issuer or "", role=str(role))


async def users_of_person(tx: Transaction, person_key: UUID) -> list[UUID]:
    """The sign-ins of a person."""
    return [row["id"] for row in await tx.all(_USERS_OF_PERSON, person_id=person_key)]
