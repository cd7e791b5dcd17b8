"""The deed of an upgrade."""

from uuid import UUID

from app.cases import service as cases
from app.kernel.context import Visit
from app.kernel.db import Row
from app.plan_steps.models import NotUpgradable
from app.plan_upgrades import schemas
from app.plans import service as plans
from app.plans.models import ConsentRequired, Plan, PlanKind


async def upgrade(visit: Visit, plan: Plan, case: Row, body: schemas.PlanUpgrade) -> UUID:
    """A SIP follows a Barnets plan, which holds until the SIP is active. Nothing is copied (R7.4).

    Raises ``NotUpgradable``, ``SchoolMayNotInitiate``.
    """
    earlier = await plans.plan_of(visit.tx, plan.id)
    if plan.kind == PlanKind.SIP or earlier is None or earlier["upgraded_to_id"] is not None:
        raise NotUpgradable
    await plans.take_step(visit, plan, "upgrade")
    later = await plans.open_plan(visit, case, PlanKind.SIP, body.model_dump(), upgraded_from_id=plan.id)
    if plan.consent_ids and await _is_covered(visit, plan):
        await plans.link_consents(visit, later, plan.consent_ids)
    return later.id


async def _is_covered(visit: Visit, plan: Plan) -> bool:
    """Whether what the family has consented to already names everybody in the circle: it is not asked again."""
    circle = await cases.circle_of(visit.tx, plan.case_id)
    try:
        await plans.require_consents(visit, plan, [row["authority_id"] for row in circle if row["left_at"] is None])
    except ConsentRequired:
        return False
    return True
