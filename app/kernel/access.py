"""The door: a request obtains a record by saying what it wants to do with it, and in no other way (house rule 1).

A loader is a FastAPI dependency that carries its permission. ``kernel.http.door`` refuses to construct an endpoint
that has none. Unseen is 404, seen but denied is 403, and both are logged.
"""

from collections.abc import Callable, Iterable
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request

from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import Denied, NotFound, PreconditionFailed, PreconditionRequired
from app.permissions import Permission, Relation, may

_BY_BASIS = {
    "authority": Relation.MEMBER,
    "consent": Relation.MEMBER,
    "disclosure": Relation.MEMBER,
    "transfer": Relation.INVITED,
    "guardian": Relation.GUARDIAN_OF,
    "child": Relation.ONESELF,
}
_FAMILY = ("guardian", "child")
#: How a user stands to what is their own.
OWN = frozenset({Relation.ONESELF})
_CHANGING = frozenset({"PUT", "PATCH", "DELETE"})


async def visit_of(request: Request) -> Visit:
    """The visit that the door opened for this request."""
    visit: Visit = request.state.visit
    return visit


Visiting = Annotated[Visit, Depends(visit_of)]


def asks(permission: Permission, load: Callable[..., Any]) -> Any:
    """Turn a loader into the dependency that asks for this permission."""
    load.permission = permission  # type: ignore[attr-defined]
    return Depends(load)


def allowed(permission: Permission) -> Any:
    """For deeds that start from no record: listing, creating, looking up."""

    async def check(visit: Visiting) -> Visit:
        admit(visit, permission, Subject(permission.split(".")[0]), frozenset({Relation.ANYONE}))
        return visit

    return asks(permission, check)


def relations_to(
    visit: Visit,
    owner_unit_id: UUID,
    owner_authority_id: UUID,
    grants: Iterable[dict[str, Any]] | None = None,
    *,
    named_contact_id: UUID | None = None,
    coordinator_id: UUID | None = None,
) -> frozenset[Relation]:
    """How the caller stands to a record, from who owns it, who answers for it and what the wall has opened."""
    actor = visit.actor
    relations = {_BY_BASIS[grant["basis"]] for grant in grants or () if grant["basis"] in _BY_BASIS}
    if not actor.is_family:
        if owner_unit_id == actor.assignment.unit_id:
            relations.add(Relation.OWN_UNIT)
        if owner_authority_id == actor.assignment.authority_id:
            relations.add(Relation.OWN_AUTHORITY)
        if named_contact_id == actor.user_id:
            relations.add(Relation.NAMED_CONTACT_OF)
        if coordinator_id == actor.user_id:
            relations.add(Relation.COORDINATOR_OF)
    return frozenset(relations)


def opened_by(row: Row) -> list[dict[str, Any]]:
    """The consents and disclosures that open a record of another authority to the caller, as it is told (R4.11)."""
    return [grant for grant in row["grants"] or () if grant["basis"] in ("consent", "disclosure")]


def bases(row: Row) -> str | None:
    """What a look rests on, as the access log keeps it; the family's own standing is no basis (R4.11)."""
    found = [f"{grant['basis']}:{grant['id']}" for grant in row["grants"] or () if grant["basis"] not in _FAMILY]
    return ",".join(found) or None


def admit(visit: Visit, permission: Permission, subject: Subject, relations: frozenset[Relation]) -> None:
    """Raise ``Denied`` unless the caller's role, so related, holds the permission."""
    visit.asked = subject
    if not may(visit.actor.role, permission, relations):
        raise Denied


def unseen(visit: Visit, subject: Subject) -> NotFound:
    """What a record outside the caller's circle is: not there. The attempt is logged."""
    visit.asked = subject
    return NotFound()


def admit_own(visit: Visit, row: Row | None, permission: Permission, subject: Subject) -> Row:
    """What the wall shows to its submitter alone: there, permitted and looked at, or unseen like anybody else's."""
    if row is None:
        raise unseen(visit, subject)
    admit(visit, permission, subject, OWN)
    visit.trail.looked(subject)
    return row


def require_version(visit: Visit, version: int) -> None:
    """PUT, PATCH and DELETE name the version they change (RFC 9110 13.1.1, RFC 6585 section 3)."""
    if visit.method not in _CHANGING:
        return
    if visit.if_match is None:
        raise PreconditionRequired
    stated = {tag.strip().strip('"').split("-")[0] for tag in visit.if_match.split(",")}
    if f"v{version}" not in stated and "*" not in stated:
        raise PreconditionFailed(headers={"ETag": f'"v{version}"'})
