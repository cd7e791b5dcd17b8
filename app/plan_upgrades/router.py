"""The endpoint of an upgrade."""

from typing import Annotated, Any

from app.kernel.access import Visiting
from app.kernel.http.door import Router
from app.permissions import Permission as P
from app.plan_upgrades import schemas, service
from app.plan_upgrades.access import Upgradable, upgradable_for
from app.plans.router import answer
from app.plans.schemas import Plan

router = Router("plans")


@router.post("/plans/{planId}/upgrade", operation_id="upgradePlan", status_code=201, response_model=Plan)
async def upgrade_plan(
    visit: Visiting, found: Annotated[Upgradable, upgradable_for(P.PLAN_CREATE)], body: schemas.PlanUpgrade
) -> Any:
    """Begin the SIP that follows a Barnets plan: a plan of its own, linked both ways. The earlier one still holds."""
    return await answer(visit, await service.upgrade(visit, found.plan, found.case, body))


routers = (router,)
