"""Endpoints of needs, goals and disagreements."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.kernel.access import Visiting
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.links import Action, links
from app.kernel.paging import PageQuery, whole
from app.permissions import Permission as P
from app.plan_contents import repository, schemas, service
from app.plan_contents.access import (
    PartOf,
    disagreement_for,
    disagreement_row_for,
    goal_for,
    goal_row_for,
    need_for,
    need_row_for,
)
from app.plan_contents.models import PlanDisagreement, PlanGoal, PlanNeed
from app.plans import service as plans
from app.plans.access import plan_for, plan_row_for, relations_of
from app.plans.models import OPEN, WRITABLE, Plan

needs = Router("needs", Text("Behoven i en plan.", "The needs in a plan."))
goals = Router("goals", Text("Målen i en plan.", "The goals in a plan."))
disagreements = Router(
    "disagreements", Text("Det som parterna inte är överens om.", "What the parties do not agree on.")
)

_EDIT = (Action("edit", "PATCH", "", P.PLAN_EDIT), Action("removal", "POST", "/removal", P.PLAN_EDIT))
_SETTLE = (Action("settlement", "POST", "/settlement", P.PLAN_EDIT),)


def _shown(visit: Visit, plan: Row, row: Row, place: str) -> dict[str, Any]:
    """A need or a goal, with what the caller may do with it while the plan can be written."""
    actions = _EDIT if row["removed_at"] is None and plan["status"] in WRITABLE else ()
    neighbours = {"plan": f"/plans/{plan['id']}"}
    if "need_id" in row:
        neighbours["need"] = f"/plans/{plan['id']}/needs/{row['need_id']}"
    path = f"/plans/{plan['id']}/{place}/{row['id']}"
    return {**row, "links": links(visit, path, actions, relations_of(visit, plan), neighbours=neighbours)}


def _present(visit: Visit, plan: Row, row: Row | None, place: str) -> dict[str, Any]:
    if row is None:
        raise NotFound
    visit.presents(f"/plans/{plan['id']}/{place}/{row['id']}", row["version"])
    return _disagreement(visit, plan, row) if place == "disagreements" else _shown(visit, plan, row, place)


def _disagreement(visit: Visit, plan: Row, row: Row) -> dict[str, Any]:
    actions = _SETTLE if row["settled_at"] is None and plan["status"] in OPEN else ()
    path, neighbours = f"/plans/{plan['id']}/disagreements/{row['id']}", {"plan": f"/plans/{plan['id']}"}
    return {**row, "links": links(visit, path, actions, relations_of(visit, plan), neighbours=neighbours)}


async def _plan(visit: Visit, plan_id: UUID) -> Row:
    row = await plans.plan_of(visit.tx, plan_id)
    if row is None:
        raise NotFound
    return row


@needs.get("/plans/{planId}/needs", operation_id="listNeeds", response_model=schemas.NeedPage)
async def list_needs(
    visit: Visiting, plan: Annotated[Row, plan_row_for(P.PLAN_READ)], query: Annotated[PageQuery, Query()]
) -> Any:
    """The needs that stand in a plan."""
    rows = await repository.needs(visit.tx, plan["id"])
    path = f"/plans/{plan['id']}/needs"
    return whole(visit, path, query, rows, lambda row: _shown(visit, plan, row, "needs"), descending=False)


@needs.post("/plans/{planId}/needs", operation_id="addNeed", status_code=201, response_model=schemas.Need)
async def add_need(visit: Visiting, plan: Annotated[Plan, plan_for(P.PLAN_EDIT)], body: schemas.NeedCreate) -> Any:
    """Write a need into the plan, with the child's and the guardians' own view of it."""
    need_id = await service.add_need(visit, plan, body)
    return _present(visit, await _plan(visit, plan.id), await repository.need(visit.tx, plan.id, need_id), "needs")


@needs.get("/plans/{planId}/needs/{needId}", operation_id="getNeed", response_model=schemas.Need)
async def get_need(visit: Visiting, found: Annotated[tuple[Row, Row], need_row_for(P.PLAN_READ)]) -> Any:
    """One need, also one that was taken out of the plan."""
    return _present(visit, *found, "needs")


@needs.patch("/plans/{planId}/needs/{needId}", operation_id="updateNeed", response_model=schemas.Need)
async def update_need(
    visit: Visiting, of: Annotated[PartOf[PlanNeed], need_for(P.PLAN_EDIT)], body: schemas.NeedPatch
) -> Any:
    """Put a need in other words."""
    await service.change_need(visit, of.plan, of.part, body)
    return _present(visit, of.plan, await repository.need(visit.tx, of.part.plan_id, of.part.id), "needs")


@needs.post(
    "/plans/{planId}/needs/{needId}/removal", operation_id="removeNeed", status_code=201, response_model=schemas.Need
)
async def remove_need(
    visit: Visiting, of: Annotated[PartOf[PlanNeed], need_for(P.PLAN_EDIT)], body: schemas.Removal
) -> Any:
    """Take a need out of the plan, with a reason; it is kept (R3.8)."""
    await service.remove(visit, of.plan, of.part, body.reason)
    return _present(visit, of.plan, await repository.need(visit.tx, of.part.plan_id, of.part.id), "needs")


@goals.get("/plans/{planId}/goals", operation_id="listGoals", response_model=schemas.GoalPage)
async def list_goals(
    visit: Visiting, plan: Annotated[Row, plan_row_for(P.PLAN_READ)], query: Annotated[PageQuery, Query()]
) -> Any:
    """The goals that stand in a plan, and how they went at the last follow-up."""
    rows = await repository.goals(visit.tx, plan["id"])
    path = f"/plans/{plan['id']}/goals"
    return whole(visit, path, query, rows, lambda row: _shown(visit, plan, row, "goals"), descending=False)


@goals.post("/plans/{planId}/goals", operation_id="addGoal", status_code=201, response_model=schemas.Goal)
async def add_goal(visit: Visiting, plan: Annotated[Plan, plan_for(P.PLAN_EDIT)], body: schemas.GoalCreate) -> Any:
    """Write a goal for one of the plan's needs, and what will show that it is reached."""
    goal_id = await service.add_goal(visit, plan, body)
    return _present(visit, await _plan(visit, plan.id), await repository.goal(visit.tx, plan.id, goal_id), "goals")


@goals.get("/plans/{planId}/goals/{goalId}", operation_id="getGoal", response_model=schemas.Goal)
async def get_goal(visit: Visiting, found: Annotated[tuple[Row, Row], goal_row_for(P.PLAN_READ)]) -> Any:
    """One goal, also one that was taken out of the plan."""
    return _present(visit, *found, "goals")


@goals.patch("/plans/{planId}/goals/{goalId}", operation_id="updateGoal", response_model=schemas.Goal)
async def update_goal(
    visit: Visiting, of: Annotated[PartOf[PlanGoal], goal_for(P.PLAN_EDIT)], body: schemas.GoalPatch
) -> Any:
    """Put a goal in other words. How it went is recorded by follow-ups only."""
    await service.change_goal(visit, of.plan, of.part, body)
    return _present(visit, of.plan, await repository.goal(visit.tx, of.part.plan_id, of.part.id), "goals")


@goals.post(
    "/plans/{planId}/goals/{goalId}/removal", operation_id="removeGoal", status_code=201, response_model=schemas.Goal
)
async def remove_goal(
    visit: Visiting, of: Annotated[PartOf[PlanGoal], goal_for(P.PLAN_EDIT)], body: schemas.Removal
) -> Any:
    """Take a goal out of the plan, with a reason; it is kept (R3.8)."""
    await service.remove(visit, of.plan, of.part, body.reason)
    return _present(visit, of.plan, await repository.goal(visit.tx, of.part.plan_id, of.part.id), "goals")


@disagreements.get(
    "/plans/{planId}/disagreements", operation_id="listDisagreements", response_model=schemas.DisagreementPage
)
async def list_disagreements(
    visit: Visiting, plan: Annotated[Row, plan_row_for(P.PLAN_READ)], query: Annotated[PageQuery, Query()]
) -> Any:
    """What the parties do not agree on, and what has been settled."""
    rows = await repository.disagreements(visit.tx, plan["id"])
    path = f"/plans/{plan['id']}/disagreements"
    return whole(visit, path, query, rows, lambda row: _disagreement(visit, plan, row), descending=False)


@disagreements.post(
    "/plans/{planId}/disagreements", operation_id="addDisagreement", status_code=201,
    response_model=schemas.Disagreement,
)  # fmt: skip
async def add_disagreement(
    visit: Visiting, plan: Annotated[Plan, plan_for(P.PLAN_ACCEPT)], body: schemas.DisagreementCreate
) -> Any:
    """Say what one does not agree with: every party may, the child and the guardians for themselves."""
    made = await service.disagree(visit, plan, body)
    row = await repository.disagreement(visit.tx, plan.id, made)
    return _present(visit, await _plan(visit, plan.id), row, "disagreements")


@disagreements.get(
    "/plans/{planId}/disagreements/{disagreementId}", operation_id="getDisagreement",
    response_model=schemas.Disagreement,
)  # fmt: skip
async def get_disagreement(
    visit: Visiting, found: Annotated[tuple[Row, Row], disagreement_row_for(P.PLAN_READ)]
) -> Any:
    """One disagreement."""
    return _present(visit, *found, "disagreements")


@disagreements.post(
    "/plans/{planId}/disagreements/{disagreementId}/settlement", operation_id="settleDisagreement", status_code=201,
    response_model=schemas.Disagreement,
)  # fmt: skip
async def settle_disagreement(
    visit: Visiting, of: Annotated[PartOf[PlanDisagreement], disagreement_for(P.PLAN_EDIT)], body: schemas.Settlement
) -> Any:
    """Note how a disagreement was settled; it stays (it is never removed)."""
    await service.settle(visit, of.plan, of.part, body.how)
    row = await repository.disagreement(visit.tx, of.part.plan_id, of.part.id)
    return _present(visit, of.plan, row, "disagreements")


routers = (needs, goals, disagreements)
