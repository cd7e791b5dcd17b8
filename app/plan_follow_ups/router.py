"""Endpoints of follow-ups, and of how a plan ends."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.kernel.access import Visiting
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.links import links
from app.kernel.paging import PageQuery, whole
from app.permissions import Permission as P
from app.plan_follow_ups import repository, schemas, service
from app.plan_follow_ups.access import follow_up_row_for
from app.plans import schemas as plan_schemas
from app.plans import service as plans
from app.plans.access import plan_for, plan_row_for
from app.plans.models import Plan
from app.plans.router import answer

follow_ups = Router(
    "plan-follow-ups",
    Text("Hur planen går, mål för mål och med familjens ord.", "How a plan goes: each goal, in the family's words."),
)
closures = Router("plan-closures", Text("Hur en plan avslutas.", "How a plan ends."))


def _shown(visit: Visit, row: Row) -> dict[str, Any]:
    plan = f"/plans/{row['plan_id']}"
    path = f"{plan}/follow-ups/{row['id']}"
    return {**row, "links": links(visit, path, (), frozenset(), neighbours={"plan": plan})}


def _present(visit: Visit, row: Row | None) -> dict[str, Any]:
    if row is None:
        raise NotFound
    visit.presents(f"/plans/{row['plan_id']}/follow-ups/{row['id']}")
    return _shown(visit, row)


@follow_ups.get(
    "/plans/{planId}/follow-ups", operation_id="listPlanFollowUps", response_model=schemas.FollowUpPage
)  # fmt: skip
async def list_follow_ups(
    visit: Visiting, row: Annotated[Row, plan_row_for(P.PLAN_READ)], query: Annotated[PageQuery, Query()]
) -> Any:
    """The follow-ups of a plan, newest first."""
    rows = await repository.follow_ups(visit.tx, row["id"])
    return whole(visit, f"/plans/{row['id']}/follow-ups", query, rows, lambda each: _shown(visit, each))


@follow_ups.post(
    "/plans/{planId}/follow-ups", operation_id="addPlanFollowUp", status_code=201, response_model=schemas.FollowUp
)
async def add_follow_up(
    visit: Visiting, plan: Annotated[Plan, plan_for(P.PLAN_FOLLOW_UP)], body: schemas.FollowUpCreate
) -> Any:
    """Record a follow-up: how each goal goes, what the child and the family say, and the next day (R7.11)."""
    follow_up_id: UUID = await service.follow_up(visit, plan, body)
    return _present(visit, await repository.follow_up(visit.tx, plan.id, follow_up_id))


@follow_ups.get(
    "/plans/{planId}/follow-ups/{followUpId}", operation_id="getPlanFollowUp", response_model=schemas.FollowUp
)
async def get_follow_up(visit: Visiting, row: Annotated[Row, follow_up_row_for(P.PLAN_READ)]) -> Any:
    """One follow-up."""
    return _present(visit, row)


@closures.post(
    "/plans/{planId}/closing", operation_id="beginClosingPlan", status_code=201, response_model=plan_schemas.Plan
)
async def begin_closing(visit: Visiting, plan: Annotated[Plan, plan_for(P.PLAN_CLOSE)], body: schemas.Closing) -> Any:
    """The plan is about to end: what is left is finished and followed up."""
    await plans.take_step(visit, plan, "begin_closing", body.reason)
    return await answer(visit, plan.id)


@closures.post(
    "/plans/{planId}/resumption", operation_id="resumePlan", status_code=201, response_model=plan_schemas.Plan
)
async def resume_plan(
    visit: Visiting, plan: Annotated[Plan, plan_for(P.PLAN_CLOSE)], body: schemas.ClosingResumption
) -> Any:
    """The plan goes on after all."""
    await plans.take_step(visit, plan, "go_on", body.reason)
    return await answer(visit, plan.id)


@closures.post("/plans/{planId}/closure", operation_id="closePlan", status_code=201, response_model=plan_schemas.Plan)
async def close_plan(
    visit: Visiting, plan: Annotated[Plan, plan_for(P.PLAN_CLOSE)], body: schemas.PlanClosureCreate
) -> Any:
    """End the plan: only the main responsible of the principal with overall responsibility does (R7.10)."""
    await service.close(visit, plan, body)
    return await answer(visit, plan.id)


@closures.get("/plans/{planId}/closure", operation_id="getPlanClosure", response_model=schemas.PlanClosure)
async def get_closure(visit: Visiting, row: Annotated[Row, plan_row_for(P.PLAN_READ)]) -> Any:
    """How the plan ended."""
    closure = await repository.closure(visit.tx, row["id"])
    if closure is None:
        raise NotFound
    path = f"/plans/{row['id']}"
    return {**closure, "links": links(visit, f"{path}/closure", (), frozenset(), neighbours={"plan": path})}


routers = (follow_ups, closures)
