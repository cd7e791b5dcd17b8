"""How a request obtains a copy of a plan: through the plan."""

from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import Path

from app.kernel.access import Visiting, asks, unseen
from app.kernel.audit import Subject
from app.kernel.db import Row
from app.permissions import Permission
from app.plan_agreements.access import placeless
from app.plan_deliveries import repository, service
from app.plan_deliveries.models import PlanDelivery
from app.plans.access import PlanId, admitted

DeliveryId = Annotated[UUID, Path(alias="deliveryId")]


class DeliveryOf(NamedTuple):
    """A copy to acknowledge, locked, and the plan that it is of."""

    plan: Row
    delivery: PlanDelivery


def delivery_row_for(permission: Permission) -> Any:
    """A copy to read."""

    async def load(plan_id: PlanId, delivery_id: DeliveryId, visit: Visiting) -> Row:
        plan = await admitted(visit, plan_id, permission)
        for row in await service.deliveries_of(visit, plan_id):
            if row["id"] == delivery_id:
                return placeless(visit, plan, row)
        raise unseen(visit, Subject("plan_delivery", delivery_id, plan["case_id"]))

    return asks(permission, load)


def delivery_for(permission: Permission) -> Any:
    """A copy to acknowledge."""

    async def load(plan_id: PlanId, delivery_id: DeliveryId, visit: Visiting) -> DeliveryOf:
        plan = await admitted(visit, plan_id, permission)
        delivery = await repository.record(visit.tx, delivery_id)
        if delivery is None or delivery.plan_id != plan_id:
            raise unseen(visit, Subject("plan_delivery", delivery_id, plan["case_id"]))
        return DeliveryOf(plan, delivery)

    return asks(permission, load)
