"""Endpoints of a plan's parties and their acceptances."""

from typing import Annotated, Any

from fastapi import Query

from app.kernel.access import Visiting
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.links import links
from app.kernel.paging import PageQuery, whole
from app.permissions import Permission as P
from app.plan_agreements import schemas, service
from app.plan_agreements.access import approval_row_for, placeless
from app.plan_contents import service as contents
from app.plans import service as plans
from app.plans.access import plan_for, plan_row_for
from app.plans.models import Plan

router = Router(
    "plan-approvals",
    Text(
        "Parterna i en plan: var och en godkänner sina egna åtgärder som de står.",
        "The parties of a plan: each accepts its own actions as they stand.",
    ),
)


def _shown(visit: Visit, row: Row) -> dict[str, Any]:
    plan = f"/plans/{row['plan_id']}"
    neighbours = {"plan": plan, "parties": f"{plan}/parties"}
    return {**row, "links": links(visit, f"{plan}/approvals/{row['id']}", (), frozenset(), neighbours=neighbours)}


def _present(visit: Visit, row: Row) -> dict[str, Any]:
    visit.presents(f"/plans/{row['plan_id']}/approvals/{row['id']}")
    return _shown(visit, row)


@router.get("/plans/{planId}/parties", operation_id="listPlanParties", response_model=schemas.PlanPartyPage)
async def list_parties(
    visit: Visiting, row: Annotated[Row, plan_row_for(P.PLAN_READ)], query: Annotated[PageQuery, Query()]
) -> Any:
    """Every unit with commitments, and the family: who has accepted, and who has not yet (R7.2)."""
    actions = await contents.actions_of(visit.tx, row["id"])
    parties = await service.parties_of(visit, row["id"], actions)
    path = f"/plans/{row['id']}/parties"
    return whole(visit, path, query, parties, lambda party: placeless(visit, row, party), descending=False)


@router.get("/plans/{planId}/approvals", operation_id="listPlanApprovals", response_model=schemas.ApprovalPage)
async def list_approvals(
    visit: Visiting, row: Annotated[Row, plan_row_for(P.PLAN_READ)], query: Annotated[PageQuery, Query()]
) -> Any:
    """Who accepted what and when, newest first; earlier wordings too."""
    rows = await service.approvals_of(visit, row["id"])
    path = f"/plans/{row['id']}/approvals"
    return whole(visit, path, query, rows, lambda each: _shown(visit, placeless(visit, row, each)))


@router.post(
    "/plans/{planId}/approvals", operation_id="approvePlan", status_code=201, response_model=schemas.Approval
)  # fmt: skip
async def approve_plan(
    visit: Visiting, plan: Annotated[Plan, plan_for(P.PLAN_ACCEPT)], body: schemas.ApprovalCreate
) -> Any:
    """Accept one's own part of the plan, as it stands. Whoever changes an action is asked again, nobody else."""
    approval_id = await service.accept(visit, plan, body)
    row = await plans.plan_of(visit.tx, plan.id)
    for each in await service.approvals_of(visit, plan.id):
        if row is not None and each["id"] == approval_id:
            return _present(visit, placeless(visit, row, each))
    raise NotFound


@router.get(
    "/plans/{planId}/approvals/{approvalId}", operation_id="getPlanApproval", response_model=schemas.Approval
)  # fmt: skip
async def get_approval(visit: Visiting, row: Annotated[Row, approval_row_for(P.PLAN_READ)]) -> Any:
    """One acceptance."""
    return _present(visit, row)


routers = (router,)
