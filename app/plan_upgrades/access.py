"""How a request obtains a plan to upgrade, with its case."""

from typing import Any, NamedTuple

from app.cases import access as cases
from app.kernel.access import Visiting, asks, unseen
from app.kernel.audit import Subject
from app.kernel.db import Row
from app.permissions import Permission
from app.plans import access as plans
from app.plans import service
from app.plans.access import PlanId
from app.plans.models import Plan


class Upgradable(NamedTuple):
    """A plan, locked, and the case as a row."""

    plan: Plan
    case: Row


def upgradable_for(permission: Permission) -> Any:
    """A plan and its case: the SIP will be a new plan of the case."""

    async def load(plan_id: PlanId, visit: Visiting) -> Upgradable:
        row = await plans.admitted(visit, plan_id, permission)
        case = await cases.admitted(visit, row["case_id"], permission)
        plan = await service.record_of(visit.tx, plan_id)
        if plan is None:
            raise unseen(visit, Subject("plan", plan_id))
        await service.settle(visit, plan)
        return Upgradable(plan, case)

    return asks(permission, load)
