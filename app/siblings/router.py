"""Endpoints of siblings."""

from typing import Annotated, Any

from fastapi import Query

from app.kernel.access import Visiting
from app.kernel.db import Row
from app.kernel.errors import Text
from app.kernel.http.door import Router
from app.kernel.links import LinkDict, links
from app.kernel.paging import PageQuery, page, window
from app.people.access import child_record, child_row
from app.people.models import Child
from app.permissions import Permission
from app.siblings import repository, schemas, service

P = Permission
router = Router("siblings", Text("Syskon, vart och ett med sitt eget ärende.", "Siblings, each with their own case."))


def _links(visit: Visiting, row: Row) -> LinkDict:
    return links(visit, f"/children/{row['child_id']}", (), frozenset())


@router.get("/children/{childId}/siblings", operation_id="listSiblings", response_model=schemas.SiblingPage)
async def list_siblings(
    visit: Visiting,
    child: Annotated[Row, child_row(P.SIBLING_READ, "sibling_link")],
    query: Annotated[PageQuery, Query()],
) -> Any:
    """Siblings that the child's own unit knows of; none where someone in the family is protected (R2.6, R2.7)."""
    rows = await repository.siblings(visit.tx, child["id"], window(visit, query))
    path = f"/children/{child['id']}/siblings"
    return page(visit, path, query, rows, lambda row: {**row, "links": _links(visit, row)})


@router.post(
    "/children/{childId}/siblings", operation_id="linkSibling", status_code=201, response_model=schemas.Sibling
)
async def link_sibling(
    visit: Visiting, child: Annotated[Child, child_record(P.SIBLING_EDIT)], body: schemas.SiblingCreate
) -> Any:
    """Say that two children of the caller's unit are siblings. Each keeps its own case (R2.7)."""
    link_id = await service.link_sibling(visit, child, body)
    row = await repository.sibling_of(visit.tx, child.id, link_id) or {}
    visit.presents(f"/children/{child.id}/siblings")
    return {**row, "links": _links(visit, row)}


routers = (router,)
