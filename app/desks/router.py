"""Endpoints of coordination desks."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.desks import repository, schemas, service
from app.desks.access import desk_for, desk_row_for, relations, staff_for, unit_for_desk
from app.desks.models import CoordinationDesk, DeskStaff
from app.kernel.access import Visiting, allowed
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.links import Action, links
from app.kernel.paging import PageQuery, page, whole, window
from app.opening_hours import is_open, next_opening
from app.permissions import Permission as P

router = Router(
    "coordination-desks",
    Text("Samordningsfunktioner: vem man ringer.", "Coordination desks: whom to call."),
)

_PATH = "/coordination-desks"
_ACTIONS = (
    Action("edit", "PATCH", "", P.DESK_MANAGE),
    Action("staff", "GET", "/staff", P.DESK_READ),
    Action("add-staff", "POST", "/staff", P.DESK_MANAGE),
)


def _shown(visit: Visit, row: Row) -> dict[str, Any]:
    hours = row["opening_hours"], row["closed_on_holidays"]
    neighbours = {"unit": f"/units/{row['unit_id']}"}
    return {
        **row,
        "open_now": is_open(*hours, visit.now),
        "next_opening": next_opening(*hours, visit.now),
        "links": links(
            visit, f"{_PATH}/{row['id']}", _ACTIONS, relations(visit, row["unit_id"]), neighbours=neighbours
        ),
    }


def _present(visit: Visit, row: Row) -> dict[str, Any]:
    visit.presents(f"{_PATH}/{row['id']}", row["version"])
    return _shown(visit, row)


async def _answer(visit: Visit, desk_id: UUID) -> dict[str, Any]:
    row = await repository.desk(visit.tx, desk_id)
    if row is None:
        raise NotFound
    return _present(visit, row)


def _member(visit: Visit, desk: Row, row: Row) -> dict[str, Any]:
    path = f"{_PATH}/{desk['id']}/staff"
    ending = () if row["to_at"] else (Action("ending", "POST", f"/{row['user_id']}/ending", P.DESK_MANAGE),)
    return {**row, "links": links(visit, path, ending, relations(visit, desk["unit_id"]))}


async def _answer_member(visit: Visit, desk_id: UUID, staff_id: UUID) -> dict[str, Any]:
    desk, row = await repository.desk(visit.tx, desk_id), await repository.staff_member(visit.tx, staff_id)
    if desk is None or row is None:
        raise NotFound
    visit.presents(f"{_PATH}/{desk_id}/staff")
    return _member(visit, desk, row)


@router.get("/coordination-desks", operation_id="listCoordinationDesks", response_model=schemas.DeskPage)
async def list_desks(
    visit: Annotated[Visit, allowed(P.DESK_READ)], query: Annotated[schemas.DeskQuery, Query()]
) -> Any:
    """Coordination desks by municipality and unit, with whom to call and whether they are open now."""
    rows = await repository.desks(visit.tx, window(visit, query))
    return page(visit, _PATH, query, rows, lambda row: _shown(visit, row))


@router.post(
    "/coordination-desks", operation_id="createCoordinationDesk", status_code=201,
    response_model=schemas.CoordinationDesk,
)  # fmt: skip
async def create_desk(
    visit: Visiting, _unit_id: Annotated[UUID, unit_for_desk(P.DESK_MANAGE)], body: schemas.DeskCreate
) -> Any:
    """Make a unit a coordination desk, with the lead who answers when nobody else does (R5.3)."""
    return await _answer(visit, await service.create_desk(visit, body))


@router.get("/coordination-desks/{deskId}", operation_id="getCoordinationDesk", response_model=schemas.CoordinationDesk)
async def get_desk(visit: Visiting, row: Annotated[Row, desk_row_for(P.DESK_READ)]) -> Any:
    """One coordination desk."""
    return _present(visit, row)


@router.patch(
    "/coordination-desks/{deskId}", operation_id="updateCoordinationDesk", response_model=schemas.CoordinationDesk
)
async def update_desk(
    visit: Visiting, desk: Annotated[CoordinationDesk, desk_for(P.DESK_MANAGE)], body: schemas.DeskPatch
) -> Any:
    """Change a desk; its opening hours are replaced as a whole."""
    await service.change_desk(visit, desk, body)
    return await _answer(visit, desk.id)


@router.get("/coordination-desks/{deskId}/staff", operation_id="listDeskStaff", response_model=schemas.DeskStaffPage)
async def list_staff(
    visit: Visiting, row: Annotated[Row, desk_row_for(P.DESK_READ)], query: Annotated[PageQuery, Query()]
) -> Any:
    """Who answers at a desk, and who did."""
    rows = await repository.staff(visit.tx, row["id"])
    path = f"{_PATH}/{row['id']}/staff"
    return whole(visit, path, query, rows, lambda member: _member(visit, row, member), descending=False)


@router.post(
    "/coordination-desks/{deskId}/staff", operation_id="addDeskStaff", status_code=201,
    response_model=schemas.DeskStaffMember,
)  # fmt: skip
async def add_staff(
    visit: Visiting, row: Annotated[Row, desk_row_for(P.DESK_MANAGE)], body: schemas.DeskStaffCreate
) -> Any:
    """Add somebody of the desk's unit to those who answer."""
    return await _answer_member(visit, row["id"], await service.add_staff(visit, row, body.user_id))


@router.post(
    "/coordination-desks/{deskId}/staff/{userId}/ending", operation_id="endDeskStaff", status_code=201,
    response_model=schemas.DeskStaffMember,
)  # fmt: skip
async def end_staff(
    visit: Visiting, staff: Annotated[DeskStaff, staff_for(P.DESK_MANAGE)], body: schemas.DeskStaffEnding
) -> Any:
    """Somebody answers at the desk no more; that they did is kept."""
    await service.end_staff(visit, staff, body.reason)
    return await _answer_member(visit, staff.desk_id, staff.id)


routers = (router,)
