"""Endpoints of coordinators, of their work, and of whom one calls."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.cases.access import case_for, case_row_for, is_shielded
from app.cases.models import Case
from app.cases.router import answer as case_answer
from app.coordinators import repository, schemas, service
from app.coordinators.access import Asked, assignment_for, assignment_row_for, relations_to_act
from app.coordinators.models import COORDINATOR_FLOW
from app.kernel.access import Visiting, allowed
from app.kernel.audit import Subject
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.links import Action, links
from app.kernel.paging import PageQuery, whole
from app.permissions import Permission as P

coordinators = Router(
    "coordinators",
    Text(
        "Samordnare: tillfrågade, som har tackat ja, och vem man ringer.",
        "Coordinators: asked, accepted, and whom one calls.",
    ),
)
workload = Router("coordination-workload", Text("Samordnarnas arbete i siffror.", "Coordinators' work in numbers."))

_ACTIONS = (
    Action("acceptance", "POST", "/acceptance", P.COORDINATOR_ACCEPT, "accept"),
    Action("decline", "POST", "/decline", P.COORDINATOR_ACCEPT, "decline"),
    Action("withdrawal", "POST", "/withdrawal", P.CASE_COORDINATOR, "withdraw"),
    Action("handover", "POST", "/handover", P.COORDINATOR_HANDOVER, "hand_over"),
)


def _shown(visit: Visit, row: Row) -> dict[str, Any]:
    path = f"/cases/{row['case_id']}/coordinators/{row['id']}"
    neighbours = {"case": f"/cases/{row['case_id']}"}
    if row["follows_id"] is not None:
        neighbours["follows"] = f"/cases/{row['case_id']}/coordinators/{row['follows_id']}"
    return {
        **row,
        "unit_name": None if is_shielded(visit, row) else row["unit_name"],
        "links": links(
            visit, path, _ACTIONS, relations_to_act(visit, row), workflow=COORDINATOR_FLOW, status=row["status"],
            neighbours=neighbours,
        ),
    }  # fmt: skip


async def _assignment(visit: Visit, case_id: UUID, assignment_id: UUID) -> dict[str, Any]:
    row = await repository.assignment(visit.tx, case_id, assignment_id)
    if row is None:
        raise NotFound
    visit.presents(f"/cases/{case_id}/coordinators/{assignment_id}", row["version"])
    return _shown(visit, row)


@coordinators.post(
    "/cases/{caseId}/coordinators",
    operation_id="appointCoordinator",
    status_code=201,
    response_model=schemas.CoordinatorProposed,
)
async def appoint_coordinator(
    visit: Visiting, case: Annotated[Case, case_for(P.CASE_COORDINATOR)], body: schemas.CoordinatorChange
) -> Any:
    """Ask somebody to be the one coordinator, from a unit of the circle. Until they accept, nothing changes (R5.3)."""
    assignment = await _assignment(visit, case.id, await service.propose(visit, case, body))
    return {**await case_answer(visit, case.id), "assignment": assignment}


@coordinators.get(
    "/cases/{caseId}/coordinators",
    operation_id="listCoordinators",
    response_model=schemas.CoordinatorAssignmentPage,
)
async def list_coordinators(
    visit: Visiting, row: Annotated[Row, case_row_for(P.CASE_READ)], query: Annotated[PageQuery, Query()]
) -> Any:
    """Who was asked to coordinate, and what they said, newest first."""
    rows = await repository.assignments(visit.tx, row["id"])
    return whole(visit, f"/cases/{row['id']}/coordinators", query, rows, lambda asked: _shown(visit, asked))


@coordinators.get(
    "/cases/{caseId}/coordinators/{assignmentId}",
    operation_id="getCoordinator",
    response_model=schemas.CoordinatorAssignment,
)
async def get_coordinator(visit: Visiting, row: Annotated[Row, assignment_row_for(P.CASE_READ)]) -> Any:
    """One assignment as coordinator."""
    visit.presents(f"/cases/{row['case_id']}/coordinators/{row['id']}", row["version"])
    return _shown(visit, row)


@coordinators.post(
    "/cases/{caseId}/coordinators/{assignmentId}/acceptance",
    operation_id="acceptCoordination",
    status_code=201,
    response_model=schemas.CoordinatorAssignment,
)
async def accept_coordination(
    visit: Visiting, asked: Annotated[Asked, assignment_for(P.COORDINATOR_ACCEPT)], body: schemas.CoordinatorAnswer
) -> Any:
    """Say yes: from now on the family and the others call this coordinator (R5.3, R5.4)."""
    await service.accept(visit, asked.assignment, asked.case, body.reason)
    return await _assignment(visit, asked.case.id, asked.assignment.id)


@coordinators.post(
    "/cases/{caseId}/coordinators/{assignmentId}/decline",
    operation_id="declineCoordination",
    status_code=201,
    response_model=schemas.CoordinatorAssignment,
)
async def decline_coordination(
    visit: Visiting, asked: Annotated[Asked, assignment_for(P.COORDINATOR_ACCEPT)], body: schemas.CoordinatorAnswer
) -> Any:
    """Say no: whoever answered before goes on."""
    await service.answer_no(visit, asked.assignment, asked.case, "decline", body.reason)
    return await _assignment(visit, asked.case.id, asked.assignment.id)


@coordinators.post(
    "/cases/{caseId}/coordinators/{assignmentId}/withdrawal",
    operation_id="withdrawCoordination",
    status_code=201,
    response_model=schemas.CoordinatorAssignment,
)
async def withdraw_coordination(
    visit: Visiting, asked: Annotated[Asked, assignment_for(P.CASE_COORDINATOR)], body: schemas.CoordinatorAnswer
) -> Any:
    """Take back what was asked, before it is answered."""
    await service.answer_no(visit, asked.assignment, asked.case, "withdraw", body.reason)
    return await _assignment(visit, asked.case.id, asked.assignment.id)


@coordinators.post(
    "/cases/{caseId}/coordinators/{assignmentId}/handover",
    operation_id="handOverCoordination",
    status_code=201,
    response_model=schemas.CoordinatorAssignment,
)
async def hand_over_coordination(
    visit: Visiting, current: Annotated[Asked, assignment_for(P.COORDINATOR_HANDOVER)], body: schemas.HandoverCreate
) -> Any:
    """Ask the next coordinator to take over, with a checklist. The answer is the new assignment, which waits (R5.3)."""
    next_one = await service.hand_over(visit, current.assignment, current.case, body)
    return await _assignment(visit, current.case.id, next_one)


@coordinators.get("/cases/{caseId}/whom-to-call", operation_id="getWhomToCall", response_model=schemas.WhomToCall)
async def get_whom_to_call(visit: Visiting, row: Annotated[Row, case_row_for(P.CASE_READ)]) -> Any:
    """Exactly one answer, the same for the family and for everybody around the child (R5.4).

    The accepted coordinator, or a deputy where the coordinator is away or has not been heard from; otherwise the named
    contact, and after that the coordination desk of the municipality.
    """
    found = await service.whom_to_call(visit, row)
    if is_shielded(visit, row):
        # No place (R2.5). The family is still told where to call; another unit finds its own way through the desk.
        found = {**found, "unit_name": None, "phone": found["phone"] if visit.actor.is_family else None}
    path = f"/cases/{row['id']}"
    neighbours = {"case": path}
    return {**found, "links": links(visit, f"{path}/whom-to-call", (), frozenset(), neighbours=neighbours)}


@workload.get(
    "/coordination-workload", operation_id="listCoordinationWorkload", response_model=schemas.CoordinatorWorkloadPage
)
async def list_workload(visit: Annotated[Visit, allowed(P.WORKLOAD_READ)], query: Annotated[PageQuery, Query()]) -> Any:
    """Each coordinator of the caller's unit: cases, what waits for an answer, what is overdue (R5.7)."""
    rows = await repository.workload(visit.tx, stockholm_date(visit.now))
    visit.trail.looked(Subject("coordination_workload"))
    return whole(visit, "/coordination-workload", query, rows, dict, descending=False)


routers = (coordinators, workload)
