"""Endpoints of my day."""

from typing import Annotated, Any

from fastapi import Query

from app.kernel.access import Visiting, allowed
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.deadlines import Deadline
from app.kernel.errors import Text
from app.kernel.http.door import Router
from app.kernel.links import Action, links
from app.kernel.paging import page, window
from app.my_day import repository, schemas, service
from app.my_day.access import deadline_for, deadline_row_for, relations
from app.permissions import Permission as P

router = Router("deadlines", Text("Tidsfrister: vad, när och varför.", "Deadlines: what, when and why."))

_ACTIONS = (Action("extension", "POST", "/extension", P.DEADLINE_EXTEND),)


def _shown(visit: Visit, row: Row) -> dict[str, Any]:
    kind = row["subject_type"].replace("_", "-")
    subject = {kind: f"/{kind}s/{row['subject_id']}"}
    return {
        **row,
        "links": links(visit, f"/deadlines/{row['id']}", _ACTIONS, relations(visit, row), neighbours=subject),
    }


def _present(visit: Visit, row: Row) -> dict[str, Any]:
    visit.presents(f"/deadlines/{row['id']}", row["version"])
    return _shown(visit, row)


@router.get("/deadlines", operation_id="listDeadlines", response_model=schemas.DeadlinePage)
async def list_deadlines(
    visit: Annotated[Visit, allowed(P.DEADLINE_LIST)], query: Annotated[schemas.DeadlineQuery, Query()]
) -> Any:
    """What is due for the caller's unit, soonest first, with why and on which basis."""
    rows = await repository.open_of_unit(visit.tx, window(visit, query, "due_at"))
    visit.trail.looked(Subject("deadline_list"))
    return page(visit, "/deadlines", query, rows, lambda row: _shown(visit, row), sort_by="due_at")


@router.get("/deadlines/{deadlineId}", operation_id="getDeadline", response_model=schemas.Deadline)
async def get_deadline(visit: Visiting, row: Annotated[Row, deadline_row_for(P.DEADLINE_READ)]) -> Any:
    """One deadline."""
    return _present(visit, row)


@router.post(
    "/deadlines/{deadlineId}/extension", operation_id="extendDeadline", status_code=201, response_model=schemas.Deadline
)
async def extend_deadline(
    visit: Visiting, deadline: Annotated[Deadline, deadline_for(P.DEADLINE_EXTEND)], body: schemas.Extension
) -> Any:
    """Set a later date, with a reason; the first date is kept."""
    await service.extend(visit, deadline, body)
    return _present(visit, await repository.one(visit.tx, deadline.id) or {})


routers = (router,)
