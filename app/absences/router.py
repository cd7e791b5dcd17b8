"""Endpoints of absences, and of the sign that somebody is there."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.absences import repository, schemas, service
from app.absences.access import absence_for, absence_row_for, relations, reporting_absence
from app.absences.models import CoordinatorAbsence
from app.kernel.access import Visiting, allowed
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.links import Action, links
from app.kernel.paging import PageQuery, page, window
from app.permissions import Permission as P
from app.permissions import Relation, Role

absences = Router("coordinator-absences", Text("Frånvaro, och vem som ersätter.", "Absences, and who stands in."))
signs = Router("coordination-workload", Text("Samordnarnas arbete i siffror.", "Coordinators' work in numbers."))

_ENDING = (Action("ending", "POST", "/ending", P.ABSENCE_REPORT),)


def _absence(visit: Visit, row: Row) -> dict[str, Any]:
    mine, over = relations(visit, row["user_id"]), row["ended_at"] is not None
    over = over or (row["to_on"] is not None and row["to_on"] < stockholm_date(visit.now))
    # That somebody is ill is nothing for the colleagues; that they are away is.
    knows = Relation.ONESELF in mine or visit.actor.role is Role.UNIT_MANAGER
    return {
        **row,
        "reason": row["reason"] if knows else None,
        "links": links(visit, f"/coordinator-absences/{row['id']}", () if over else _ENDING, mine),
    }


async def _one_absence(visit: Visit, absence_id: UUID) -> dict[str, Any]:
    row = await repository.absence(visit.tx, visit.actor.unit_id, absence_id)
    if row is None:
        raise NotFound
    return _present_absence(visit, row)


def _present_absence(visit: Visit, row: Row) -> dict[str, Any]:
    visit.presents(f"/coordinator-absences/{row['id']}", row["version"])
    return _absence(visit, row)


@absences.get(
    "/coordinator-absences", operation_id="listCoordinatorAbsences", response_model=schemas.CoordinatorAbsencePage
)
async def list_absences(visit: Annotated[Visit, allowed(P.ABSENCE_LIST)], query: Annotated[PageQuery, Query()]) -> Any:
    """Who is, was or will be away in the caller's unit, and who stands in; newest first."""
    rows = await repository.absences(visit.tx, visit.actor.unit_id, window(visit, query))
    return page(visit, "/coordinator-absences", query, rows, lambda row: _absence(visit, row))


@absences.post(
    "/coordinator-absences", operation_id="reportCoordinatorAbsence", status_code=201,
    response_model=schemas.CoordinatorAbsence,
)  # fmt: skip
async def report_absence(
    visit: Annotated[Visit, reporting_absence(P.ABSENCE_REPORT)], body: schemas.AbsenceCreate
) -> Any:
    """Report an absence: one's own, or as a manager somebody's of the unit. The deputy answers in those days (R5.6)."""
    return await _one_absence(visit, await service.report_absence(visit, body))


@absences.get(
    "/coordinator-absences/{absenceId}", operation_id="getCoordinatorAbsence", response_model=schemas.CoordinatorAbsence
)
async def get_absence(visit: Visiting, row: Annotated[Row, absence_row_for(P.ABSENCE_LIST)]) -> Any:
    """One absence in the caller's unit."""
    return _present_absence(visit, row)


@absences.post(
    "/coordinator-absences/{absenceId}/ending", operation_id="endCoordinatorAbsence", status_code=201,
    response_model=schemas.CoordinatorAbsence,
)  # fmt: skip
async def end_absence(
    visit: Visiting,
    absence: Annotated[CoordinatorAbsence, absence_for(P.ABSENCE_REPORT)],
    _body: schemas.AbsenceEnding,
) -> Any:
    """Back again: from this moment the person answers for themselves."""
    await service.end_absence(visit, absence)
    return await _one_absence(visit, absence.id)


@signs.post(
    "/coordination-workload/acknowledgement", operation_id="acknowledgeWorkload", status_code=201,
    response_model=schemas.CoordinatorSign,
)  # fmt: skip
async def acknowledge(
    visit: Annotated[Visit, allowed(P.COORDINATOR_ACKNOWLEDGE)], body: schemas.Acknowledgement
) -> Any:
    """Give a sign: I have seen my work list. Without one for so many days the deputy named here answers (R5.6)."""
    await service.acknowledge(visit, body)
    return await _sign(visit)


@signs.get(
    "/coordination-workload/acknowledgement", operation_id="getWorkloadAcknowledgement",
    response_model=schemas.CoordinatorSign,
)  # fmt: skip
async def get_acknowledgement(visit: Annotated[Visit, allowed(P.ABSENCE_LIST)]) -> Any:
    """The caller's own last sign; 404 before the first."""
    return await _sign(visit)


async def _sign(visit: Visit) -> dict[str, Any]:
    row = await service.last_sign(visit)
    if row is None:
        raise NotFound
    path = "/coordination-workload/acknowledgement"
    visit.presents(path)
    return {**row, "links": links(visit, path, (), frozenset())}


routers = (absences, signs)
