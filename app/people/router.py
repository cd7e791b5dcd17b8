"""Endpoints of children, look-ups, identifiers and checkpoints; what changes the family stands in ``guardians``."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.kernel.access import Visiting, allowed, opened_by
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import Text
from app.kernel.http.door import Router
from app.kernel.links import Action, links
from app.kernel.paging import PageQuery, page, window
from app.people import repository, schemas, service
from app.people.access import (
    child_behind,
    child_row,
    hides,
    identifier_row,
    relations_of,
)
from app.people.models import ProtectedIdentity
from app.permissions import Permission, Relation

children = Router("children", Text("Barn, med och utan personnummer.", "Children, with and without a personal number."))
identifiers = Router("identifiers", Text("Identitetsbeteckningar, aldrig en nyckel.", "Identifiers, never a key."))
P = Permission

_CHECKPOINT = Action("checkpoint", "POST", "/checkpoints", P.CHECKPOINT_PASS)
_DEEDS = (
    Action("edit", "PATCH", "", P.CHILD_EDIT),
    Action("guardians", "GET", "/guardians", P.GUARDIAN_READ),
    Action("add-guardian", "POST", "/guardians", P.GUARDIAN_EDIT),
    Action("identifiers", "GET", "/identifiers", P.IDENTIFIER_READ),
    Action("add-identifier", "POST", "/identifiers", P.IDENTIFIER_EDIT),
    Action("siblings", "GET", "/siblings", P.SIBLING_READ),
    Action("add-sibling", "POST", "/siblings", P.SIBLING_EDIT),
    Action("give-account", "POST", "/account", P.ACCOUNT_GIVE),
)
_IDENTIFIER_DEEDS = (Action("edit", "PATCH", "", P.IDENTIFIER_EDIT),)
_PLACES = ("care_of", "street_address", "postal_code", "city", "phone", "school_name", "school_address")


def _summary(visit: Visit, row: Row) -> dict[str, Any]:
    self_only = links(visit, f"/children/{row['id']}", (), frozenset())
    unit_id = row["owner_unit_id"] if row["protected_identity"] == ProtectedIdentity.NONE else None
    return {**row, "owner_unit_id": unit_id, "opened_by": opened_by(row), "links": self_only}


def _child(visit: Visit, row: Row) -> dict[str, Any]:
    relations = relations_of(visit, row)
    protected = row["protected_identity"] != ProtectedIdentity.NONE
    actions = (*_DEEDS, _CHECKPOINT) if protected else _DEEDS
    shown = {**row, "opened_by": opened_by(row)}
    shown["links"] = links(visit, f"/children/{row['id']}", actions, relations)
    if hides(visit, row, relations=relations):
        shown |= {"municipality_code": None, "owner_unit_id": None}
        shown["details"] = row["details"] and {**row["details"], **dict.fromkeys(_PLACES)}
    return shown


def _identifier(visit: Visit, child: Row, row: Row) -> dict[str, Any]:
    path = f"/children/{child['id']}/identifiers/{row['id']}"
    return {**row, **of_child(visit, child, path, _IDENTIFIER_DEEDS, relations_of(visit, child))}


def of_child(
    visit: Visit, child: Row, path: str, actions: tuple[Action, ...], relations: frozenset[Relation]
) -> dict[str, Any]:
    """What everything that hangs on a child shows: what opened it, and its links."""
    neighbours = {"child": f"/children/{child['id']}"}
    return {"opened_by": opened_by(child), "links": links(visit, path, actions, relations, neighbours=neighbours)}


async def answer(visit: Visit, child_id: UUID) -> dict[str, Any]:
    """A child as it is after a change."""
    return _present(visit, await repository.child_of(visit.tx, child_id) or {})


def _present(visit: Visit, row: Row) -> dict[str, Any]:
    visit.presents(f"/children/{row['id']}", row["version"])
    return _child(visit, row)


async def answer_identifier(visit: Visit, child_id: UUID, identifier_id: UUID) -> dict[str, Any]:
    """An identifier as it is after a change."""
    child = await repository.child_of(visit.tx, child_id) or {}
    return _present_identifier(visit, child, await repository.identifier_of(visit.tx, child_id, identifier_id) or {})


def _present_identifier(visit: Visit, child: Row, row: Row) -> dict[str, Any]:
    visit.presents(f"/children/{child['id']}/identifiers/{row['id']}", row["version"])
    return _identifier(visit, child, row)


@children.get("/children", operation_id="listChildren", response_model=schemas.ChildPage)
async def list_children(
    visit: Annotated[Visit, allowed(P.CHILD_LIST)], query: Annotated[schemas.ChildQuery, Query()]
) -> Any:
    """Children that the caller may see, by name or own-system id; the protected are left out (R2.5)."""
    family, view = visit.actor.is_family, window(visit, query)
    rows = await repository.children(visit.tx, view, protected=family)
    total = await repository.count_children(visit.tx, view, protected=family) if query.include_total else None
    visit.trail.looked(Subject("child_list"))
    return page(visit, "/children", query, rows, lambda row: _summary(visit, row), total=total)


@children.get("/children/{childId}", operation_id="getChild", response_model=schemas.Child)
async def get_child(visit: Visiting, child: Annotated[Row, child_row(P.CHILD_READ)]) -> Any:
    """One child. A protected child needs a checkpoint first, and its whereabouts stay hidden then too (R2.5)."""
    return _present(visit, child)


@children.post("/child-lookups", operation_id="lookUpChild", response_model=schemas.ChildLookup)
async def look_up_child(visit: Annotated[Visit, allowed(P.CHILD_LOOKUP)], body: schemas.ChildLookupCreate) -> Any:
    """Find a child by identifier: only one certain hit among what the caller may see is answered, and logged (R2.3)."""
    row = await service.look_up(visit, body)
    protected = row["protected_identity"] != ProtectedIdentity.NONE
    actions = (_CHECKPOINT,) if protected else ()
    hidden = {"given_name": None, "family_name": None, "birth_date": None} if protected else {}
    found = {**row, "child_id": row["id"], "checkpoint_required": protected, "opened_by": opened_by(row)}
    return {**found, **hidden, "links": links(visit, f"/children/{row['id']}", actions, relations_of(visit, row))}


@children.post(
    "/children/{childId}/checkpoints",
    operation_id="passCheckpoint",
    status_code=201,
    response_model=schemas.Checkpoint,
)
async def pass_checkpoint(
    visit: Visiting, child: Annotated[Row, child_behind(P.CHECKPOINT_PASS)], body: schemas.CheckpointCreate
) -> Any:
    """State why a protected child's record is needed: it opens to this user for a while, and the log has the reason."""
    passed, path = await service.pass_checkpoint(visit, child, body.reason), f"/children/{child['id']}"
    visit.presents(path)
    return {**passed, "links": links(visit, path, (), frozenset())}


@identifiers.get(
    "/children/{childId}/identifiers", operation_id="listIdentifiers", response_model=schemas.IdentifierPage
)
async def list_identifiers(
    visit: Visiting,
    child: Annotated[Row, child_row(P.IDENTIFIER_READ, "identifier")],
    query: Annotated[PageQuery, Query()],
) -> Any:
    """The child's identifiers, ended ones too; empty where the category contact is not open."""
    rows = await repository.page_of_identifiers(visit.tx, child["id"], window(visit, query))
    path = f"/children/{child['id']}/identifiers"
    return page(visit, path, query, rows, lambda row: _identifier(visit, child, row))


@identifiers.get(
    "/children/{childId}/identifiers/{identifierId}", operation_id="getIdentifier", response_model=schemas.Identifier
)
async def get_identifier(visit: Visiting, found: Annotated[tuple[Row, Row], identifier_row(P.IDENTIFIER_READ)]) -> Any:
    """One identifier, by its record id."""
    return _present_identifier(visit, *found)


routers = (children, identifiers)
