"""How a request obtains a subscription and its deliveries: one's own, and nobody else's."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.kernel.access import Visiting, admit_own, asks, require_version, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.permissions import Permission
from app.webhooks import repository
from app.webhooks.models import WebhookDelivery, WebhookSubscription

SubscriptionId = Annotated[UUID, Path(alias="subscriptionId")]
DeliveryId = Annotated[UUID, Path(alias="deliveryId")]


async def _own(visit: Visit, subscription_id: UUID, permission: Permission) -> Row:
    subject = Subject("webhook_subscription", subscription_id)
    return admit_own(visit, await repository.one(visit.tx, subscription_id), permission, subject)


def subscription_row_for(permission: Permission) -> Any:
    """A subscription to read, or whose deliveries are read."""

    async def load(subscription_id: SubscriptionId, visit: Visiting) -> Row:
        return await _own(visit, subscription_id, permission)

    return asks(permission, load)


def subscription_for(permission: Permission) -> Any:
    """A subscription to change, locked."""

    async def load(subscription_id: SubscriptionId, visit: Visiting) -> WebhookSubscription:
        await _own(visit, subscription_id, permission)
        subscription = await repository.record(visit.tx, subscription_id)
        if subscription is None:
            raise unseen(visit, Subject("webhook_subscription", subscription_id))
        require_version(visit, subscription.version)
        return subscription

    return asks(permission, load)


async def _delivery(visit: Visit, subscription_id: UUID, delivery_id: UUID, permission: Permission) -> Row:
    await _own(visit, subscription_id, permission)
    row = await repository.delivery(visit.tx, subscription_id, delivery_id)
    if row is None:
        raise unseen(visit, Subject("webhook_delivery", delivery_id))
    return row


def delivery_row_for(permission: Permission) -> Any:
    """A delivery to read."""

    async def load(subscription_id: SubscriptionId, delivery_id: DeliveryId, visit: Visiting) -> Row:
        return await _delivery(visit, subscription_id, delivery_id, permission)

    return asks(permission, load)


def delivery_for(permission: Permission) -> Any:
    """A delivery to send again, locked."""

    async def load(subscription_id: SubscriptionId, delivery_id: DeliveryId, visit: Visiting) -> WebhookDelivery:
        await _delivery(visit, subscription_id, delivery_id, permission)
        delivery = await repository.delivery_record(visit.tx, delivery_id)
        if delivery is None:
            raise unseen(visit, Subject("webhook_delivery", delivery_id))
        return delivery

    return asks(permission, load)
