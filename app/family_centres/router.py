"""Endpoints of family centres and their parts."""

from collections import defaultdict
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.centre_kinds.models import faults
from app.family_centres import repository, schemas, service
from app.family_centres.access import (
    PartOfCentre,
    centre_for,
    centre_row_for,
    part_for,
    part_row_for,
    relations,
    unit_for_centre,
)
from app.family_centres.models import CENTRE_FLOW, CentreStatus, FamilyCentre
from app.kernel.access import Visiting, allowed
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.links import Action, LinkDict, links
from app.kernel.paging import PageQuery, page, whole, window
from app.opening_hours import is_open, next_opening
from app.permissions import Permission as P
from app.permissions import Relation

router = Router(
    "family-centres",
    Text("Familjecentraler och deras delar.", "Family centres and their parts."),
)

_PATH = "/family-centres"
_ACTIONS = (
    Action("edit", "PATCH", "", P.CENTRE_MANAGE),
    Action("opening", "POST", "/opening", P.CENTRE_MANAGE, "open"),
    Action("closure", "POST", "/closure", P.CENTRE_MANAGE, "close"),
    Action("capacity-answer", "POST", "/capacity-answer", P.CENTRE_ANSWER, "answer"),
    Action("parts", "GET", "/parts", P.CENTRE_READ),
    Action("add-part", "POST", "/parts", P.CENTRE_MANAGE),
)
#: Whoever works there, also in a part of another authority, counts who comes; other readers get sums.
_VISITS = (
    Action("visits", "GET", "/visits", P.VISIT_READ, "count"),
    Action("count-visits", "POST", "/visits", P.VISIT_COUNT, "count"),
)
_COUNTS = (Action("visit-counts", "GET", "/visit-counts", P.VISIT_READ),)
_PART_ACTIONS = (
    Action("edit", "PATCH", "", P.CENTRE_MANAGE),
    Action("ending", "POST", "/ending", P.CENTRE_MANAGE),
)


async def _shown(visit: Visit, rows: list[Row]) -> dict[UUID, dict[str, Any]]:
    """The centres as they are read, by id: each with the parts that it has and those to come."""
    parts: dict[UUID, list[Row]] = defaultdict(list)
    today = stockholm_date(visit.now)
    for part in await repository.parts(visit.tx, [row["id"] for row in rows]):
        if part["to_on"] is None or part["to_on"] > today:
            parts[part["centre_id"]].append(part)
    return {row["id"]: _centre(visit, row, parts[row["id"]]) for row in rows}


def _centre(visit: Visit, row: Row, parts: list[Row]) -> dict[str, Any]:
    hours = row["opening_hours"], row["closed_on_holidays"]
    opened = row["status"] == CentreStatus.OPEN
    return {
        **row,
        "is_open_now": opened and is_open(*hours, visit.now),
        "next_opening": next_opening(*hours, visit.now) if opened else None,
        "capacity_answer": row["capacity_answer"] and {
            "answer": row["capacity_answer"], "note": row["capacity_note"], "valid_until": row["capacity_until"],
            "said_at": row["capacity_said_at"], "said_by": row["capacity_said_by"],
            "said_by_name": row["capacity_said_by_name"],
        },
        "parts": [_part(visit, part) for part in parts],
        "warnings": [] if opened else faults(row["kind"], parts),
        "links": _centre_links(visit, row, parts),
    }  # fmt: skip


def _centre_links(visit: Visit, row: Row, parts: list[Row]) -> LinkDict:
    path, status = f"{_PATH}/{row['id']}", row["status"]
    neighbours = {"unit": f"/units/{row['unit_id']}", "activities": f"{path}/activities"}
    own = relations(visit, row["unit_id"])
    there = own | relations(visit, *(part["unit_id"] for part in parts))
    return {
        **links(visit, path, _ACTIONS, own, workflow=CENTRE_FLOW, status=status, neighbours=neighbours),
        **links(visit, path, _VISITS, there - {Relation.ANYONE}, workflow=CENTRE_FLOW, status=status),
        **links(visit, path, _COUNTS, there),
    }


def _part(visit: Visit, part: Row) -> dict[str, Any]:
    centre = f"{_PATH}/{part['centre_id']}"
    actions = _PART_ACTIONS if part["to_on"] is None else ()
    own = relations(visit, part["centre_unit_id"])
    return {**part, "links": links(visit, f"{centre}/parts/{part['id']}", actions, own, neighbours={"centre": centre})}


async def _present(visit: Visit, row: Row) -> dict[str, Any]:
    visit.presents(f"{_PATH}/{row['id']}", row["version"])
    return (await _shown(visit, [row]))[row["id"]]


async def _answer(visit: Visit, centre_id: UUID) -> dict[str, Any]:
    row = await repository.centre(visit.tx, centre_id)
    if row is None:
        raise NotFound
    return await _present(visit, row)


def _present_part(visit: Visit, part: Row) -> dict[str, Any]:
    visit.presents(f"{_PATH}/{part['centre_id']}/parts/{part['id']}", part["version"])
    return _part(visit, part)


async def _answer_part(visit: Visit, centre_id: UUID, part_id: UUID) -> dict[str, Any]:
    part = await repository.part(visit.tx, centre_id, part_id)
    if part is None:
        raise NotFound
    return _present_part(visit, part)


@router.get(_PATH, operation_id="listFamilyCentres", response_model=schemas.FamilyCentrePage)
async def list_centres(
    visit: Annotated[Visit, allowed(P.CENTRE_READ)], query: Annotated[schemas.FamilyCentreQuery, Query()]
) -> Any:
    """Family centres by municipality, kind, part and age, with whether they are open and have room now."""
    frame = window(visit, query)
    rows = await repository.centres(visit.tx, frame)
    total = await repository.count(visit.tx, frame) if query.include_total else None
    shown = await _shown(visit, rows)
    return page(visit, _PATH, query, rows, lambda row: shown[row["id"]], total=total)


@router.post(_PATH, operation_id="createFamilyCentre", status_code=201, response_model=schemas.FamilyCentre)
async def create_centre(
    visit: Visiting, unit_id: Annotated[UUID, unit_for_centre(P.CENTRE_MANAGE)], body: schemas.FamilyCentreCreate
) -> Any:
    """Plan a centre; `warnings` tells what it lacks for its kind before it can open (R12.1-R12.3)."""
    return await _answer(visit, await service.create_centre(visit, unit_id, body))


@router.get("/family-centres/{centreId}", operation_id="getFamilyCentre", response_model=schemas.FamilyCentre)
async def get_centre(visit: Visiting, row: Annotated[Row, centre_row_for(P.CENTRE_READ)]) -> Any:
    """One family centre, with its parts and whose they are."""
    return await _present(visit, row)


@router.patch("/family-centres/{centreId}", operation_id="updateFamilyCentre", response_model=schemas.FamilyCentre)
async def update_centre(
    visit: Visiting, centre: Annotated[FamilyCentre, centre_for(P.CENTRE_MANAGE)], body: schemas.FamilyCentrePatch
) -> Any:
    """Change a centre. While it is open it stays what its kind demands (R12.1-R12.3)."""
    await service.change_centre(visit, centre, body)
    return await _answer(visit, centre.id)


@router.post(
    "/family-centres/{centreId}/opening", operation_id="openFamilyCentre", status_code=201,
    response_model=schemas.FamilyCentre,
)  # fmt: skip
async def open_centre(
    visit: Visiting, centre: Annotated[FamilyCentre, centre_for(P.CENTRE_MANAGE)], body: schemas.CentreOpening
) -> Any:
    """Open a centre that has the parts its kind demands (R12.1-R12.3); a closed one opens again."""
    await service.open_centre(visit, centre, body)
    return await _answer(visit, centre.id)


@router.post(
    "/family-centres/{centreId}/closure", operation_id="closeFamilyCentre", status_code=201,
    response_model=schemas.FamilyCentre,
)  # fmt: skip
async def close_centre(
    visit: Visiting, centre: Annotated[FamilyCentre, centre_for(P.CENTRE_MANAGE)], body: schemas.CentreClosure
) -> Any:
    """Close a centre; everybody may read the reason."""
    await service.close_centre(visit, centre, body)
    return await _answer(visit, centre.id)


@router.post(
    "/family-centres/{centreId}/capacity-answer", operation_id="answerFamilyCentreCapacity", status_code=201,
    response_model=schemas.FamilyCentre,
)  # fmt: skip
async def say_capacity(
    visit: Visiting, centre: Annotated[FamilyCentre, centre_for(P.CENTRE_ANSWER)], body: schemas.CapacityAnswerCreate
) -> Any:
    """Say whether there is room: one of four answers, with who said so and when. The next answer takes its place."""
    await service.say_capacity(visit, centre, body)
    return await _answer(visit, centre.id)


@router.get("/family-centres/{centreId}/parts", operation_id="listCentreParts", response_model=schemas.CentrePartPage)
async def list_parts(
    visit: Visiting, row: Annotated[Row, centre_row_for(P.CENTRE_READ)], query: Annotated[PageQuery, Query()]
) -> Any:
    """The parts of a centre with their owners, also those that were."""
    rows = await repository.parts(visit.tx, [row["id"]])
    path = f"{_PATH}/{row['id']}/parts"
    return whole(visit, path, query, rows, lambda part: _part(visit, part), descending=False)


@router.post(
    "/family-centres/{centreId}/parts", operation_id="addCentrePart", status_code=201,
    response_model=schemas.CentrePart,
)  # fmt: skip
async def add_part(
    visit: Visiting, centre: Annotated[FamilyCentre, centre_for(P.CENTRE_MANAGE)], body: schemas.CentrePartCreate
) -> Any:
    """Add a part and its owner; `centreKind` when the centre becomes another kind by it (R12.2)."""
    return await _answer_part(visit, centre.id, await service.add_part(visit, centre, body))


@router.get(
    "/family-centres/{centreId}/parts/{partId}", operation_id="getCentrePart", response_model=schemas.CentrePart
)
async def get_part(visit: Visiting, part: Annotated[Row, part_row_for(P.CENTRE_READ)]) -> Any:
    """One part of a centre."""
    return _present_part(visit, part)


@router.patch(
    "/family-centres/{centreId}/parts/{partId}", operation_id="updateCentrePart", response_model=schemas.CentrePart
)
async def update_part(
    visit: Visiting, found: Annotated[PartOfCentre, part_for(P.CENTRE_MANAGE)], body: schemas.CentrePartPatch
) -> Any:
    """Change a part. While the centre is open it stays what its kind demands (R12.1-R12.3)."""
    await service.change_part(visit, found.centre, found.part, body)
    return await _answer_part(visit, found.centre.id, found.part.id)


@router.post(
    "/family-centres/{centreId}/parts/{partId}/ending", operation_id="endCentrePart", status_code=201,
    response_model=schemas.CentrePart,
)  # fmt: skip
async def end_part(
    visit: Visiting, found: Annotated[PartOfCentre, part_for(P.CENTRE_MANAGE)], body: schemas.CentrePartEnding
) -> Any:
    """The part is one no more from a day on; that it was is kept."""
    await service.end_part(visit, found.centre, found.part, body)
    return await _answer_part(visit, found.centre.id, found.part.id)


routers = (router,)
