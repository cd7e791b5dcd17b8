"""Endpoints that put a plan, and later versions of it, into effect."""

from typing import Annotated, Any

from app.kernel.access import Visiting
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.permissions import Permission as P
from app.plan_activations import schemas, service
from app.plan_versions.access import version_of
from app.plan_versions.router import present
from app.plan_versions.schemas import PlanVersion
from app.plans import schemas as plan_schemas
from app.plans import service as plans
from app.plans.access import plan_for
from app.plans.models import Plan
from app.plans.router import answer

router = Router(
    "plan-activations",
    Text(
        "Planen börjar gälla, och nya versioner av den: när allt finns och alla har godkänt.",
        "A plan takes effect, and new versions of it: when everything is there and all have accepted.",
    ),
)


@router.post(
    "/plans/{planId}/activation", operation_id="activatePlan", status_code=201, response_model=plan_schemas.Plan
)
async def activate_plan(
    visit: Visiting, plan: Annotated[Plan, plan_for(P.PLAN_ACTIVATE)], body: schemas.PlanActivation
) -> Any:
    """Put the plan into effect: consent, the statutory items, acceptances and a follow-up are there (R7.2, R7.5)."""
    await service.activate(visit, plan, body)
    return await answer(visit, plan.id)


@router.post(
    "/plans/{planId}/versions", operation_id="publishPlanVersion", status_code=201, response_model=PlanVersion
)  # fmt: skip
async def publish_version(
    visit: Visiting, plan: Annotated[Plan, plan_for(P.PLAN_DELIVER)], body: schemas.PlanPublication
) -> Any:
    """Agree on what has changed in an active plan: a new version, and a copy of it for everybody (R7.9)."""
    number = await service.publish(visit, plan, body)
    row = await plans.plan_of(visit.tx, plan.id)
    if row is None:
        raise NotFound
    return present(visit, await version_of(visit, row, number))


routers = (router,)
