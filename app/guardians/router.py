"""Endpoints of guardians, and of the deeds about a child that change who the family is."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.guardians import repository, schemas, service
from app.guardians.access import guardianship_record, guardianship_row
from app.guardians.models import Guardianship
from app.kernel.access import Visiting
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import Text
from app.kernel.http.door import Router
from app.kernel.links import Action
from app.kernel.paging import PageQuery, page, window
from app.people import schemas as child_schemas
from app.people import service as people
from app.people.access import child_record, child_row, hides, identifier_record, relations_of
from app.people.models import Child, ChildIdentifier
from app.people.router import answer, answer_identifier, of_child
from app.permissions import Permission

children, identifiers = Router("children"), Router("identifiers")
guardians = Router("guardians", Text("Vårdnadshavare, från och till.", "Guardians, from and to."))
P = Permission

_GUARDIAN_DEEDS = (
    Action("edit", "PATCH", "", P.GUARDIAN_EDIT),
    Action("give-account", "POST", "/account", P.ACCOUNT_GIVE),
)


def _guardian(visit: Visit, child: Row, row: Row) -> dict[str, Any]:
    relations = relations_of(visit, child)
    hidden = {"phone": None, "email": None} if hides(visit, child, row, relations=relations) else {}
    path = f"/children/{child['id']}/guardians/{row['id']}"
    return {**row, **hidden, **of_child(visit, child, path, _GUARDIAN_DEEDS, relations)}


async def _answer(visit: Visit, child_id: UUID, guardianship_id: UUID) -> dict[str, Any]:
    child = await people.facts(visit.tx, child_id) or {}
    return _present(visit, child, await repository.guardianship_of(visit.tx, child_id, guardianship_id) or {})


def _present(visit: Visit, child: Row, row: Row) -> dict[str, Any]:
    visit.presents(f"/children/{child['id']}/guardians/{row['id']}", row["version"])
    return _guardian(visit, child, row)


@children.patch("/children/{childId}", operation_id="updateChild", response_model=child_schemas.Child)
async def update_child(
    visit: Visiting, child: Annotated[Child, child_record(P.CHILD_EDIT)], body: child_schemas.ChildPatch
) -> Any:
    """Change a child: names, birth, protection, death or moving out; null removes a value."""
    await service.change_child(visit, child, body)
    return await answer(visit, child.id)


@identifiers.post(
    "/children/{childId}/identifiers",
    operation_id="createIdentifier",
    status_code=201,
    response_model=child_schemas.Identifier,
)
async def create_identifier(
    visit: Visiting, child: Annotated[Child, child_record(P.IDENTIFIER_EDIT)], body: child_schemas.IdentifierCreate
) -> Any:
    """Add an identifier. With ``replaces`` an earlier one ends today: a samordningsnummer becomes a personnummer."""
    return await answer_identifier(visit, child.id, await service.add_identifier(visit, child, body))


@identifiers.patch(
    "/children/{childId}/identifiers/{identifierId}",
    operation_id="updateIdentifier",
    response_model=child_schemas.Identifier,
)
async def update_identifier(
    visit: Visiting,
    identifier: Annotated[ChildIdentifier, identifier_record(P.IDENTIFIER_EDIT)],
    body: child_schemas.IdentifierPatch,
) -> Any:
    """End an identifier, or say how sure it is; its value never changes."""
    await service.change_identifier(visit, identifier, body)
    return await answer_identifier(visit, identifier.child_id, identifier.id)


@guardians.get("/children/{childId}/guardians", operation_id="listGuardians", response_model=schemas.GuardianPage)
async def list_guardians(
    visit: Visiting,
    child: Annotated[Row, child_row(P.GUARDIAN_READ, "guardianship")],
    query: Annotated[PageQuery, Query()],
) -> Any:
    """Grown-ups around the child and their custody, ended periods too; empty where the category contact is not open."""
    rows = await repository.page_of(visit.tx, child["id"], window(visit, query))
    path = f"/children/{child['id']}/guardians"
    return page(visit, path, query, rows, lambda row: _guardian(visit, child, row))


@guardians.post(
    "/children/{childId}/guardians", operation_id="createGuardian", status_code=201, response_model=schemas.Guardian
)
async def create_guardian(
    visit: Visiting, child: Annotated[Child, child_record(P.GUARDIAN_EDIT)], body: schemas.GuardianCreate
) -> Any:
    """Add a grown-up with the custody they have. Custody opens the child's circle to them until 18 (R2.8, R2.9)."""
    return await _answer(visit, child.id, await service.add_guardian(visit, child, body))


@guardians.get(
    "/children/{childId}/guardians/{guardianshipId}", operation_id="getGuardian", response_model=schemas.Guardian
)
async def get_guardian(visit: Visiting, found: Annotated[tuple[Row, Row], guardianship_row(P.GUARDIAN_READ)]) -> Any:
    """One guardian in one period."""
    return _present(visit, *found)


@guardians.patch(
    "/children/{childId}/guardians/{guardianshipId}", operation_id="updateGuardian", response_model=schemas.Guardian
)
async def update_guardian(
    visit: Visiting,
    guardianship: Annotated[Guardianship, guardianship_record(P.GUARDIAN_EDIT)],
    body: schemas.GuardianPatch,
) -> Any:
    """Change or end a guardianship. Another custody is a new period: the answer has its id and address (R2.8)."""
    changed_id = await service.change_guardian(visit, guardianship, body)
    return await _answer(visit, guardianship.child_id, changed_id)


routers = (children, identifiers, guardians)
