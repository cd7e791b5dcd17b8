"""Endpoints of the chronology."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.cases.access import case_row_for, is_shielded
from app.chronology import repository, schemas, service
from app.chronology.access import event_for, event_row_for, relations
from app.chronology.models import ChronologyEvent
from app.corrections import service as corrections
from app.corrections.schemas import CorrectionPage
from app.kernel.access import Visiting
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.links import Action, links
from app.kernel.paging import PageQuery, page, whole, window
from app.permissions import Permission as P

router = Router(
    "chronology",
    Text("Det som har hänt, gott och svårt, var händelse med sin ägare.", "What happened, each event with its owner."),
)

_ACTIONS = (
    Action("correction", "PATCH", "", P.CHRONOLOGY_CORRECT),
    Action("versions", "GET", "/versions", P.CHRONOLOGY_READ),
)


def _shown(visit: Visit, row: Row) -> dict[str, Any]:
    path = f"/cases/{row['case_id']}/chronology-events/{row['id']}"
    neighbours = {"case": f"/cases/{row['case_id']}"}
    return {**row, "links": links(visit, path, _ACTIONS, relations(visit, row), neighbours=neighbours)}


def _present(visit: Visit, row: Row) -> dict[str, Any]:
    visit.presents(f"/cases/{row['case_id']}/chronology-events/{row['id']}", row["version"])
    return _shown(visit, row)


async def _answer(visit: Visit, case_id: UUID, event_id: UUID) -> dict[str, Any]:
    row = await repository.event(visit.tx, case_id, event_id)
    if row is None:
        raise NotFound
    return _present(visit, row)


@router.get("/cases/{caseId}/chronology", operation_id="listChronology", response_model=schemas.ChronologyPage)
async def list_chronology(
    visit: Visiting,
    row: Annotated[Row, case_row_for(P.CHRONOLOGY_READ)],
    query: Annotated[schemas.ChronologyQuery, Query()],
) -> Any:
    """The union of the events that the caller may see, each from its one owner (12.10)."""
    rows = await repository.chronology(visit.tx, row["id"], window(visit, query, "occurred_on"))
    if is_shielded(visit, row):
        rows = [{**event, "owner_unit_name": None} for event in rows]
    path = f"/cases/{row['id']}/chronology"
    return page(visit, path, query, rows, lambda event: _shown(visit, event), sort_by="occurred_on")


@router.post(
    "/cases/{caseId}/chronology-events", operation_id="addChronologyEvent", status_code=201,
    response_model=schemas.ChronologyEvent,
)  # fmt: skip
async def add_event(
    visit: Visiting, row: Annotated[Row, case_row_for(P.CHRONOLOGY_ADD)], body: schemas.ChronologyEventCreate
) -> Any:
    """Add a significant event, good or bad, with its effect on the child. Not a case-note: 1,000 characters."""
    return await _answer(visit, row["id"], await service.add_event(visit, row, body))


@router.get(
    "/cases/{caseId}/chronology-events/{eventId}", operation_id="getChronologyEvent",
    response_model=schemas.ChronologyEvent,
)  # fmt: skip
async def get_event(visit: Visiting, row: Annotated[Row, event_row_for(P.CHRONOLOGY_READ)]) -> Any:
    """One event."""
    return _present(visit, row)


@router.patch(
    "/cases/{caseId}/chronology-events/{eventId}", operation_id="correctChronologyEvent",
    response_model=schemas.ChronologyEvent,
)  # fmt: skip
async def correct_event(
    visit: Visiting,
    event: Annotated[ChronologyEvent, event_for(P.CHRONOLOGY_CORRECT)],
    body: schemas.ChronologyEventPatch,
) -> Any:
    """Correct an event of one's own unit; what it said is kept with who, when and why (R3.8)."""
    await service.correct_event(visit, event, body)
    return await _answer(visit, event.case_id, event.id)


@router.get(
    "/cases/{caseId}/chronology-events/{eventId}/versions", operation_id="listChronologyEventVersions",
    response_model=CorrectionPage,
)  # fmt: skip
async def list_versions(
    visit: Visiting, row: Annotated[Row, event_row_for(P.CHRONOLOGY_READ)], query: Annotated[PageQuery, Query()]
) -> Any:
    """What an event said before its corrections, newest first."""
    rows = await corrections.corrections_of(visit.tx, row["id"])
    path = f"/cases/{row['case_id']}/chronology-events/{row['id']}/versions"
    return whole(visit, path, query, rows, dict)


routers = (router,)
