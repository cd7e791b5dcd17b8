"""Endpoints of visits as counts."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.centre_visits import repository, schemas, service
from app.centre_visits.access import (
    Counting,
    Standing,
    counting,
    relations_to,
    sums_of,
    visit_for,
    visit_row_for,
    visits_of,
)
from app.centre_visits.models import CentreVisit
from app.kernel.access import Visiting
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.links import Action, links
from app.kernel.paging import page, whole, window
from app.permissions import Permission as P

router = Router(
    "centre-visits",
    Text("Besök på familjecentraler, bara antal.", "Visits to family centres, numbers only."),
)

_CORRECT = (Action("correct", "PATCH", "", P.VISIT_COUNT),)


def _shown(visit: Visit, centre: Row, row: Row) -> dict[str, Any]:
    path = f"/family-centres/{centre['id']}"
    neighbours = {"centre": path} | ({"part": f"{path}/parts/{row['part_id']}"} if row["part_id"] else {})
    mine = relations_to(visit, centre, row)
    return {**row, "links": links(visit, f"{path}/visits/{row['id']}", _CORRECT, mine, neighbours=neighbours)}


def _present(visit: Visit, centre: Row, row: Row) -> dict[str, Any]:
    visit.presents(f"/family-centres/{centre['id']}/visits/{row['id']}", row["version"])
    return _shown(visit, centre, row)


async def _answer(visit: Visit, centre: Row, visit_id: UUID) -> dict[str, Any]:
    row = await repository.visit(visit.tx, centre["id"], visit_id)
    if row is None:
        raise NotFound
    return _present(visit, centre, row)


@router.get(
    "/family-centres/{centreId}/visits", operation_id="listCentreVisits", response_model=schemas.CentreVisitPage
)
async def list_visits(
    visit: Visiting,
    found: Annotated[Standing, visits_of(P.VISIT_READ)],
    query: Annotated[schemas.CentreVisitQuery, Query()],
) -> Any:
    """Counted days for those who work there; the unit of a part reads its own part."""
    centre, frame = found.centre, window(visit, query, "on_date")
    rows = await repository.visits(visit.tx, centre["id"], frame, found.own_unit)
    total = await repository.count(visit.tx, centre["id"], frame, found.own_unit) if query.include_total else None
    visit.trail.looked(Subject("family_centre", centre["id"]))
    path = f"/family-centres/{centre['id']}/visits"
    return page(visit, path, query, rows, lambda row: _shown(visit, centre, row), sort_by="on_date", total=total)


@router.post(
    "/family-centres/{centreId}/visits", operation_id="countCentreVisits", status_code=201,
    response_model=schemas.CentreVisit,
)  # fmt: skip
async def count_visits(
    visit: Visiting, where: Annotated[Counting, counting(P.VISIT_COUNT)], body: schemas.CentreVisitCreate
) -> Any:
    """Count who came on a day: two numbers, no names (R12.6)."""
    return await _answer(visit, where.centre, await service.count(visit, where.centre, where.part, body))


@router.get(
    "/family-centres/{centreId}/visits/{visitId}", operation_id="getCentreVisit", response_model=schemas.CentreVisit
)
async def get_visit(visit: Visiting, found: Annotated[tuple[Row, Row], visit_row_for(P.VISIT_READ)]) -> Any:
    """One counted day."""
    centre, row = found
    visit.trail.looked(Subject("centre_visit", row["id"]))
    return _present(visit, centre, row)


@router.patch(
    "/family-centres/{centreId}/visits/{visitId}", operation_id="correctCentreVisit",
    response_model=schemas.CentreVisit,
)  # fmt: skip
async def correct_visit(
    visit: Visiting,
    found: Annotated[tuple[Row, CentreVisit], visit_for(P.VISIT_COUNT)],
    body: schemas.CentreVisitPatch,
) -> Any:
    """Correct the numbers of a day."""
    centre, counted = found
    await service.correct(visit, counted, body)
    return await _answer(visit, centre, counted.id)


@router.get(
    "/family-centres/{centreId}/visit-counts", operation_id="listCentreVisitCounts",
    response_model=schemas.CentreVisitCountPage,
)  # fmt: skip
async def list_counts(
    visit: Visiting,
    found: Annotated[Standing, sums_of(P.VISIT_READ)],
    query: Annotated[schemas.CentreVisitCountQuery, Query()],
) -> Any:
    """How many came in each week, month or year. Outside the unit small counts, and those that tell them, are null."""
    centre_id = found.centre["id"]
    if found.works_there:
        rows = await service.sums_inside(visit, centre_id, query, found.own_unit)
    else:
        rows = await service.sums_outside(visit, centre_id, query)
    visit.trail.looked(Subject("family_centre", centre_id))
    return whole(visit, f"/family-centres/{centre_id}/visit-counts", query, rows, dict)


routers = (router,)
