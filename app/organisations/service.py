"""Deeds about organisations: each checks, changes, records and returns."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from app.kernel.audit import Subject
from app.kernel.auth import Identity
from app.kernel.context import Actor, Visit
from app.kernel.context import Assignment as ActingIn
from app.kernel.db import Base, Row, Transaction
from app.kernel.errors import AssignmentNotChosen, NoAssignment
from app.kernel.ids import new_id
from app.organisations import repository, schemas
from app.organisations.models import (
    Assignment,
    AssignmentEndsBeforeItBegins,
    Authority,
    Organisation,
    Unit,
    UnknownMunicipality,
    UnknownReference,
    User,
    UserKind,
)
from app.permissions import Role


async def find_actor(tx: Transaction, identity: Identity, wanted: str | None, at: datetime) -> Actor:
    """The caller in the one assignment of this request.

    Raises ``NoAssignment`` when there is none valid, ``AssignmentNotChosen`` when there are several.
    """
    # A client that calls by itself is a system, and never the person who may have the same name (RFC 9068 section 5).
    kinds = [UserKind.SYSTEM] if identity.client_id == identity.subject else [*UserKind]
    rows = await repository.assignments_of_subject(tx, identity.subject, identity.issuer, kinds, at)
    chosen = [row for row in rows if wanted is None or str(row["id"]) == wanted]
    if not chosen:
        raise NoAssignment
    if len(chosen) > 1:
        raise AssignmentNotChosen
    return _actor(chosen[0], identity.client_id, identity.scopes)


async def actor_in(
    tx: Transaction, assignment_id: UUID, at: datetime, *, client_id: str | None, scopes: frozenset[str]
) -> Actor:
    """Who asked for something that is done later, in the same assignment; ``NoAssignment`` when it has ended (R1.3)."""
    row = await repository.assignment_now(tx, assignment_id, at)
    if row is None:
        raise NoAssignment
    return _actor(row, client_id, scopes)


def _actor(row: Row, client_id: str | None, scopes: frozenset[str]) -> Actor:
    return Actor(row["user_id"], row["user_name"], _acting(row), row["person_id"], client_id, scopes)


def _acting(row: Row) -> ActingIn:
    return ActingIn(
        row["id"], Role(row["role"]), row["unit_id"], row["unit_name"], row["unit_type"], row["authority_id"],
        row["authority_name"], row["sector"], row["municipality_code"],
    )  # fmt: skip


async def create_authority(visit: Visit, body: schemas.AuthorityCreate) -> UUID:
    """A new authority; with a new organisation around it when one is described (R1.5)."""
    organisation_id = body.organisation_id
    if body.organisation is not None:
        await require_municipality(visit.tx, body.organisation.municipality_code)
        organisation_id = new_id()
        await _add(visit, Organisation(id=organisation_id, **body.organisation.model_dump()), "organisation")
    elif organisation_id is None or not await repository.record_of(visit.tx, Organisation, organisation_id):
        raise UnknownReference(field="organisationId")
    values = body.model_dump(exclude={"organisation", "organisation_id"})
    return await _add(visit, Authority(id=new_id(), organisation_id=organisation_id, **values), "authority")


async def organisation_like(visit: Visit, described: schemas.OrganisationIn) -> Row | None:
    """The organisation that is described, if it is there already: by its number, or by kind, name and municipality."""
    return await repository.organisation_like(visit.tx, described.model_dump())


async def create_unit(visit: Visit, body: schemas.UnitCreate) -> UUID:
    """A new unit in an authority."""
    await require_municipality(visit.tx, body.municipality_code)
    if not await repository.one_of(visit.tx, "authority", body.authority_id):
        raise UnknownReference(field="authorityId")
    return await _add(visit, Unit(id=new_id(), **body.model_dump()), "unit")


async def create_user(visit: Visit, body: schemas.UserCreate) -> UUID:
    """A new user; it can do nothing before it has an assignment."""
    return await _add(visit, User(id=new_id(), **body.model_dump()), "user")


async def create_assignment(visit: Visit, body: schemas.AssignmentCreate) -> UUID:
    """A user gets a role in a unit, from and to."""
    Assignment.require_fitting_unit(body.role, body.unit_id)
    starts = body.valid_from or visit.now
    if body.valid_to is not None and body.valid_to <= starts:
        raise AssignmentEndsBeforeItBegins
    if not await repository.one_of(visit.tx, "user", body.user_id):
        raise UnknownReference(field="userId")
    if body.unit_id is not None and not await repository.one_of(visit.tx, "unit", body.unit_id):
        raise UnknownReference(field="unitId")
    values = body.model_dump(exclude={"valid_from"})
    return await _add(visit, Assignment(id=new_id(), valid_from=starts, **values), "assignment")


async def change(visit: Visit, record: Base, kind: str, stated: dict[str, Any]) -> None:
    """Apply the stated fields to a directory record."""
    await require_municipality(visit.tx, stated.get("municipality_code"))
    for name, value in stated.items():
        setattr(record, name, value)
    visit.trail.changed(Subject(kind, record.id), *stated)  # type: ignore[attr-defined]
    await visit.tx.session.flush()


async def end_assignment(visit: Visit, assignment: Assignment, at: datetime | None) -> None:
    """Set or lift the end of an assignment (R1.3)."""
    if at is None:
        assignment.valid_to = None
    else:
        assignment.end(at)
    visit.trail.changed(Subject("assignment", assignment.id), "valid_to")
    await visit.tx.session.flush()


async def require_municipality(tx: Transaction, code: str | None) -> None:
    """Raise ``UnknownMunicipality`` unless the code is none or one of the county's (R1.7)."""
    if code is not None and code not in await municipality_codes(tx):
        raise UnknownMunicipality


async def municipality_codes(tx: Transaction) -> frozenset[str]:
    """The codes of the county's municipalities (R1.7)."""
    return frozenset(row["code"] for row in await repository.municipalities(tx))


async def assignment_in(tx: Transaction, user_id: UUID, unit_id: UUID, at: datetime) -> Row | None:
    """A user's valid assignment in a unit, or none."""
    return await repository.assignment_in(tx, user_id, unit_id, at)


async def assigned_among(tx: Transaction, user_ids: Iterable[UUID], unit_id: UUID, at: datetime) -> frozenset[UUID]:
    """Which of these users hold a valid assignment in a unit."""
    return frozenset(await repository.assigned_among(tx, list(user_ids), unit_id, at))


async def assignments_of(tx: Transaction, user_id: UUID, at: datetime) -> list[Row]:
    """The assignments that a user holds at an instant, each with its unit's authority and sector."""
    return await repository.assignments_of_user(tx, user_id, at)


async def unit(tx: Transaction, unit_id: UUID) -> Row | None:
    """A unit with its authority and sector."""
    return await repository.one_of(tx, "unit", unit_id)


async def lines(
    visit: Visit, kind: str, after: UUID | None, limit: int, municipality_code: str | None = None
) -> list[Row]:
    """The next records of the directory in the order of their ids; users and their assignments as they are listed."""
    scoped = kind in ("user", "assignment") and visit.actor.role is not Role.SYSTEM_ADMIN
    scope = visit.actor.authority_id if scoped else None
    return await repository.lines(visit.tx, kind, after, limit, scope, municipality_code)


def owned_by(unit: Row, municipality_code: str | None) -> dict[str, Any]:
    """The owner columns of what a unit other than the caller's is to have: its day, its part of a plan."""
    return {
        "owner_unit_id": unit["id"],
        "owner_authority_id": unit["authority_id"],
        "municipality_code": municipality_code,
    }


async def authority(tx: Transaction, authority_id: UUID) -> Row | None:
    """An authority with its sector."""
    return await repository.one_of(tx, "authority", authority_id)


async def _add(visit: Visit, record: Any, kind: str) -> UUID:
    visit.tx.session.add(record)
    visit.trail.changed(Subject(kind, record.id), *_stated(record))
    await visit.tx.session.flush()
    record_id: UUID = record.id
    return record_id


def _stated(record: Any) -> list[str]:
    return [column.name for column in record.__table__.columns if getattr(record, column.name) is not None]
