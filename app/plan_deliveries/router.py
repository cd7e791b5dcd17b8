"""Endpoints of the copies of a plan."""

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
from app.plan_agreements.access import placeless
from app.plan_deliveries import schemas, service
from app.plan_deliveries.access import DeliveryOf, delivery_for, delivery_row_for
from app.plans import service as plans
from app.plans.access import plan_for, plan_row_for, relations_of
from app.plans.models import Plan

router = Router(
    "plan-deliveries",
    Text("Kopior av planen: vem som fått vilken version.", "Copies of the plan: who was given which version."),
)
_RECEIPT = Action("receipt", "POST", "/receipt", P.PLAN_RECEIVE)


def _shown(visit: Visit, plan: Row, row: Row) -> dict[str, Any]:
    path = f"/plans/{plan['id']}"
    neighbours = {
        "plan": path, "version": f"{path}/versions/{row['version_number']}",
        "document": f"{path}/document?version={row['version_number']}",
    }  # fmt: skip
    actions = (_RECEIPT,) if row["mine"] and row["acknowledged_at"] is None else ()
    place = f"{path}/deliveries/{row['id']}"
    return {**row, "links": links(visit, place, actions, relations_of(visit, plan), neighbours=neighbours)}


def _present(visit: Visit, plan: Row, row: Row) -> dict[str, Any]:
    visit.presents(f"/plans/{plan['id']}/deliveries/{row['id']}", row["version"])
    return _shown(visit, plan, row)


async def _answer(visit: Visit, plan_id: UUID, delivery_id: UUID) -> dict[str, Any]:
    plan = await plans.plan_of(visit.tx, plan_id)
    for row in await service.deliveries_of(visit, plan_id):
        if plan is not None and row["id"] == delivery_id:
            return _present(visit, plan, placeless(visit, plan, row))
    raise NotFound


@router.get("/plans/{planId}/deliveries", operation_id="listPlanDeliveries", response_model=schemas.PlanDeliveryPage)
async def list_deliveries(
    visit: Visiting, plan: Annotated[Row, plan_row_for(P.PLAN_READ)], query: Annotated[PageQuery, Query()]
) -> Any:
    """Who was given which version and how, newest first; and which parties have none of the newest (R7.9)."""
    rows = await service.deliveries_of(visit, plan["id"])
    path = f"/plans/{plan['id']}/deliveries"
    found = whole(visit, path, query, rows, lambda row: _shown(visit, plan, placeless(visit, plan, row)))
    missing = await service.not_delivered(visit, plan["id"])
    return {**found, "not_delivered_to": [placeless(visit, plan, party) for party in missing]}


@router.post(
    "/plans/{planId}/deliveries", operation_id="recordPlanDelivery", status_code=201,
    response_model=schemas.PlanDelivery,
)  # fmt: skip
async def record_delivery(
    visit: Visiting, plan: Annotated[Plan, plan_for(P.PLAN_DELIVER)], body: schemas.DeliveryCreate
) -> Any:
    """A copy was given in another way than here: by SDK or on paper."""
    return await _answer(visit, plan.id, await service.record_sent(visit, plan, body))


@router.get(
    "/plans/{planId}/deliveries/{deliveryId}", operation_id="getPlanDelivery", response_model=schemas.PlanDelivery
)
async def get_delivery(visit: Visiting, row: Annotated[Row, delivery_row_for(P.PLAN_READ)]) -> Any:
    """One copy."""
    return await _answer(visit, row["plan_id"], row["id"])


@router.post(
    "/plans/{planId}/deliveries/{deliveryId}/receipt", operation_id="acknowledgePlanDelivery", status_code=201,
    response_model=schemas.PlanDelivery,
)  # fmt: skip
async def acknowledge_delivery(
    visit: Visiting, found: Annotated[DeliveryOf, delivery_for(P.PLAN_RECEIVE)], _body: schemas.DeliveryReceipt
) -> Any:
    """The recipient says that the copy came, and keeps it in its own system (R7.9)."""
    await service.acknowledge(visit, found.delivery, found.plan["child_id"])
    return await _answer(visit, found.plan["id"], found.delivery.id)


routers = (router,)
