"""Endpoints of the versions of a plan."""

from typing import Annotated, Any

from fastapi import Query

from app.kernel.access import Visiting
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import Text
from app.kernel.http.door import Router
from app.kernel.links import links
from app.kernel.paging import PageQuery, whole
from app.permissions import Permission as P
from app.plan_versions import repository, schemas, service
from app.plan_versions.access import earlier_than, version_row_for
from app.plans.access import plan_row_for

router = Router(
    "plan-versions",
    Text(
        "Planens versioner: vad som sades när alla hade godkänt, och vad som har ändrats.",
        "The versions of a plan: what it said when all had accepted, and what has changed.",
    ),
)


def shown(visit: Visit, row: Row) -> dict[str, Any]:
    """A version as it goes out."""
    plan = f"/plans/{row['plan_id']}"
    path = f"{plan}/versions/{row['number']}"
    neighbours = {"plan": plan, "changes": f"{path}/changes", "document": f"{plan}/document?version={row['number']}"}
    return {**row, "links": links(visit, path, (), frozenset(), neighbours=neighbours)}


def present(visit: Visit, row: Row) -> dict[str, Any]:
    """One version as the answer, with its address."""
    visit.presents(f"/plans/{row['plan_id']}/versions/{row['number']}")
    return shown(visit, row)


@router.get("/plans/{planId}/versions", operation_id="listPlanVersions", response_model=schemas.PlanVersionPage)
async def list_versions(
    visit: Visiting, row: Annotated[Row, plan_row_for(P.PLAN_READ)], query: Annotated[PageQuery, Query()]
) -> Any:
    """The versions of a plan, newest first."""
    rows = await repository.versions(visit.tx, row["id"])
    return whole(visit, f"/plans/{row['id']}/versions", query, rows, lambda each: shown(visit, each))


@router.get(
    "/plans/{planId}/versions/{number}", operation_id="getPlanVersion", response_model=schemas.PlanVersion
)  # fmt: skip
async def get_version(visit: Visiting, row: Annotated[Row, version_row_for(P.PLAN_READ)]) -> Any:
    """One version with what the plan said."""
    return present(visit, row)


@router.get(
    "/plans/{planId}/versions/{number}/changes", operation_id="listPlanChanges", response_model=schemas.PlanChangePage
)
async def list_changes(
    visit: Visiting,
    row: Annotated[Row, version_row_for(P.PLAN_READ)],
    query: Annotated[schemas.PlanChangeQuery, Query()],
) -> Any:
    """What is another than in an earlier version, readable: needs, goals, actions and the plan's own texts."""
    earlier = await earlier_than(visit, row, query.since)
    path = f"/plans/{row['plan_id']}/versions/{row['number']}/changes"
    rows = service.changes(earlier, row["content"], visit.language)
    return whole(visit, path, query, rows, dict, descending=False)


routers = (router,)
