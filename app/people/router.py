"""Endpoints of children, look-ups, identifiers, guardians and checkpoints."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.kernel.access import Visiting, allowed
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
    child_record,
    child_row,
    hides,
    opened_by,
    part_record,
    part_row,
    relations_of,
)
from app.people.models import Child, ChildIdentifier, Guardianship, ProtectedIdentity
from app.permissions import Permission, Relation

children = Router("children", Text("Barn, med och utan personnummer.", "Children, with and without a personal number."))
guardians = Router("guardians", Text("Vårdnadshavare, från och till.", "Guardians, from and to."))
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
_GUARDIAN_DEEDS = (
    Action("edit", "PATCH", "", P.GUARDIAN_EDIT),
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


def _guardian(visit: Visit, child: Row, row: Row) -> dict[str, Any]:
    relations = relations_of(visit, child)
    hidden = {"phone": None, "email": None} if hides(visit, child, row, relations=relations) else {}
    path = f"/children/{child['id']}/guardians/{row['id']}"
    return {**row, **hidden, **_of_child(visit, child, path, _GUARDIAN_DEEDS, relations)}


def _identifier(visit: Visit, child: Row, row: Row) -> dict[str, Any]:
    path = f"/children/{child['id']}/identifiers/{row['id']}"
    return {**row, **_of_child(visit, child, path, _IDENTIFIER_DEEDS, relations_of(visit, child))}


def _of_child(
    visit: Visit, child: Row, path: str, actions: tuple[Action, ...], relations: frozenset[Relation]
) -> dict[str, Any]:
    neighbours = {"child": f"/children/{child['id']}"}
    return {"opened_by": opened_by(child), "links": links(visit, path, actions, relations, neighbours=neighbours)}


async def _answer(visit: Visit, child_id: UUID) -> dict[str, Any]:
    return _present(visit, await repository.child_of(visit.tx, child_id) or {})


def _present(visit: Visit, row: Row) -> dict[str, Any]:
    visit.presents(f"/children/{row['id']}", row["version"])
    return _child(visit, row)


async def _answer_part(visit: Visit, kind: str, child_id: UUID, part_id: UUID) -> dict[str, Any]:
    child = await repository.child_of(visit.tx, child_id) or {}
    return _present_part(visit, kind, child, await repository.part_of(visit.tx, kind, child_id, part_id) or {})


def _present_part(visit: Visit, kind: str, child: Row, row: Row) -> dict[str, Any]:
    plural, show = _PARTS[kind]
    visit.presents(f"/children/{child['id']}/{plural}/{row['id']}", row["version"])
    return show(visit, child, row)


async def _page_of(visit: Visit, kind: str, child: Row, query: PageQuery) -> dict[str, Any]:
    plural, show = _PARTS[kind]
    rows = await repository.page_of(visit.tx, kind, child["id"], window(visit, query))
    return page(visit, f"/children/{child['id']}/{plural}", query, rows, lambda row: show(visit, child, row))


_PARTS = {"guardianship": ("guardians", _guardian), "identifier": ("identifiers", _identifier)}


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


@children.post("/children", operation_id="createChild", status_code=201, response_model=schemas.Child)
async def create_child(visit: Annotated[Visit, allowed(P.CHILD_CREATE)], body: schemas.ChildCreate) -> Any:
    """Add a child, with identifiers and guardians if they are known. The caller's unit owns the record (R2.2)."""
    return await _answer(visit, await service.create_child(visit, body))


@children.get("/children/{childId}", operation_id="getChild", response_model=schemas.Child)
async def get_child(visit: Visiting, child: Annotated[Row, child_row(P.CHILD_READ)]) -> Any:
    """One child. A protected child needs a checkpoint first, and its whereabouts stay hidden then too (R2.5)."""
    return _present(visit, child)


@children.patch("/children/{childId}", operation_id="updateChild", response_model=schemas.Child)
async def update_child(
    visit: Visiting, child: Annotated[Child, child_record(P.CHILD_EDIT)], body: schemas.ChildPatch
) -> Any:
    """Change a child: names, birth, protection, death or moving out; null removes a value."""
    await service.change_child(visit, child, body)
    return await _answer(visit, child.id)


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


@guardians.get("/children/{childId}/guardians", operation_id="listGuardians", response_model=schemas.GuardianPage)
async def list_guardians(
    visit: Visiting,
    child: Annotated[Row, child_row(P.GUARDIAN_READ, "guardianship")],
    query: Annotated[PageQuery, Query()],
) -> Any:
    """Grown-ups around the child and their custody, ended periods too; empty where the category contact is not open."""
    return await _page_of(visit, "guardianship", child, query)


@guardians.post(
    "/children/{childId}/guardians", operation_id="createGuardian", status_code=201, response_model=schemas.Guardian
)
async def create_guardian(
    visit: Visiting, child: Annotated[Child, child_record(P.GUARDIAN_EDIT)], body: schemas.GuardianCreate
) -> Any:
    """Add a grown-up with the custody they have. Custody opens the child's circle to them until 18 (R2.8, R2.9)."""
    return await _answer_part(visit, "guardianship", child.id, await service.add_guardian(visit, child, body))


@guardians.get(
    "/children/{childId}/guardians/{guardianshipId}", operation_id="getGuardian", response_model=schemas.Guardian
)
async def get_guardian(
    visit: Visiting, found: Annotated[tuple[Row, Row], part_row("guardianship", P.GUARDIAN_READ)]
) -> Any:
    """One guardian in one period."""
    return _present_part(visit, "guardianship", *found)


@guardians.patch(
    "/children/{childId}/guardians/{guardianshipId}", operation_id="updateGuardian", response_model=schemas.Guardian
)
async def update_guardian(
    visit: Visiting,
    guardianship: Annotated[Guardianship, part_record("guardianship", P.GUARDIAN_EDIT)],
    body: schemas.GuardianPatch,
) -> Any:
    """Change or end a guardianship. Another custody is a new period: the answer has its id and address (R2.8)."""
    changed_id = await service.change_guardian(visit, guardianship, body)
    return await _answer_part(visit, "guardianship", guardianship.child_id, changed_id)


@identifiers.get(
    "/children/{childId}/identifiers", operation_id="listIdentifiers", response_model=schemas.IdentifierPage
)
async def list_identifiers(
    visit: Visiting,
    child: Annotated[Row, child_row(P.IDENTIFIER_READ, "identifier")],
    query: Annotated[PageQuery, Query()],
) -> Any:
    """The child's identifiers, ended ones too; empty where the category contact is not open."""
    return await _page_of(visit, "identifier", child, query)


@identifiers.post(
    "/children/{childId}/identifiers",
    operation_id="createIdentifier",
    status_code=201,
    response_model=schemas.Identifier,
)
async def create_identifier(
    visit: Visiting, child: Annotated[Child, child_record(P.IDENTIFIER_EDIT)], body: schemas.IdentifierCreate
) -> Any:
    """Add an identifier. With ``replaces`` an earlier one ends today: a samordningsnummer becomes a personnummer."""
    return await _answer_part(visit, "identifier", child.id, await service.add_identifier(visit, child, body))


@identifiers.get(
    "/children/{childId}/identifiers/{identifierId}", operation_id="getIdentifier", response_model=schemas.Identifier
)
async def get_identifier(
    visit: Visiting, found: Annotated[tuple[Row, Row], part_row("identifier", P.IDENTIFIER_READ)]
) -> Any:
    """One identifier, by its record id."""
    return _present_part(visit, "identifier", *found)


@identifiers.patch(
    "/children/{childId}/identifiers/{identifierId}",
    operation_id="updateIdentifier",
    response_model=schemas.Identifier,
)
async def update_identifier(
    visit: Visiting,
    identifier: Annotated[ChildIdentifier, part_record("identifier", P.IDENTIFIER_EDIT)],
    body: schemas.IdentifierPatch,
) -> Any:
    """End an identifier, or say how sure it is; its value never changes."""
    await service.change_identifier(visit, identifier, body)
    return await _answer_part(visit, "identifier", identifier.child_id, identifier.id)


routers = (children, guardians, identifiers)
