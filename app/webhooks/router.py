"""Endpoints of webhooks."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.kernel.access import OWN, Visiting, allowed
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.links import Action, links
from app.kernel.paging import page, window
from app.permissions import Permission as P
from app.webhooks import repository, schemas, service
from app.webhooks.access import delivery_for, delivery_row_for, subscription_for, subscription_row_for
from app.webhooks.models import WEBHOOK_FLOW, WebhookDelivery, WebhookSubscription

router = Router(
    "webhooks",
    Text(
        "Händelser som skickas till en mottagare, signerade enligt Standard Webhooks, tills de har kommit fram.",
        "Events that are sent to a receiver, signed by Standard Webhooks, until they have arrived.",
    ),
)

_ACTIONS = (
    Action("edit", "PATCH", "", P.WEBHOOK_MANAGE, "change"),
    Action("secret", "POST", "/secret", P.WEBHOOK_MANAGE, "change"),
    Action("test", "POST", "/test", P.WEBHOOK_MANAGE, "send"),
    Action("pause", "POST", "/pause", P.WEBHOOK_MANAGE, "pause"),
    Action("resumption", "POST", "/resumption", P.WEBHOOK_MANAGE, "resume"),
    Action("activation", "POST", "/activation", P.WEBHOOK_MANAGE, "activate"),
    Action("ending", "POST", "/ending", P.WEBHOOK_MANAGE, "end"),
)
_DELIVERY_ACTIONS = (Action("resend", "POST", "/resend", P.WEBHOOK_MANAGE, "send"),)
Changing = Annotated[WebhookSubscription, subscription_for(P.WEBHOOK_MANAGE)]


def _shown(visit: Visit, row: Row) -> dict[str, Any]:
    path = f"/webhook-subscriptions/{row['id']}"
    return {
        **row,
        "links": links(
            visit, path, _ACTIONS, OWN, workflow=WEBHOOK_FLOW, status=row["status"],
            neighbours={"deliveries": f"{path}/deliveries"},
        ),
    }  # fmt: skip


def _delivery_shown(visit: Visit, row: Row) -> dict[str, Any]:
    subscription = f"/webhook-subscriptions/{row['subscription_id']}"
    return {
        **row,
        "links": links(
            visit, f"{subscription}/deliveries/{row['id']}", _DELIVERY_ACTIONS, OWN, workflow=WEBHOOK_FLOW,
            status=row["subscription_status"], neighbours={"subscription": subscription},
        ),
    }  # fmt: skip


def _present(visit: Visit, row: Row) -> dict[str, Any]:
    visit.presents(f"/webhook-subscriptions/{row['id']}", row["version"])
    return _shown(visit, row)


async def _answer(visit: Visit, subscription_id: UUID) -> dict[str, Any]:
    row = await repository.one(visit.tx, subscription_id)
    if row is None:
        raise NotFound
    return _present(visit, row)


async def _answer_delivery(visit: Visit, subscription_id: UUID, delivery_id: UUID) -> dict[str, Any]:
    row = await repository.delivery(visit.tx, subscription_id, delivery_id)
    if row is None:
        raise NotFound
    visit.presents(f"/webhook-subscriptions/{subscription_id}/deliveries/{delivery_id}")
    return _delivery_shown(visit, row)


@router.get(
    "/webhook-subscriptions", operation_id="listWebhookSubscriptions", response_model=schemas.WebhookSubscriptionPage
)
async def list_webhook_subscriptions(
    visit: Annotated[Visit, allowed(P.WEBHOOK_LIST)], query: Annotated[schemas.WebhookSubscriptionQuery, Query()]
) -> Any:
    """The caller's own subscriptions, newest first."""
    rows = await repository.mine(visit.tx, window(visit, query))
    visit.trail.looked(Subject("webhook_subscription_list"))
    return page(visit, "/webhook-subscriptions", query, rows, lambda row: _shown(visit, row))


@router.post(
    "/webhook-subscriptions", operation_id="createWebhookSubscription", status_code=201,
    response_model=schemas.WebhookSubscriptionWithSecret,
)  # fmt: skip
async def create_webhook_subscription(
    visit: Annotated[Visit, allowed(P.WEBHOOK_CREATE)], body: schemas.WebhookSubscriptionCreate
) -> Any:
    """Ask to be told of what happens from now on, as `GET /events` would tell the caller in this assignment.

    The answer holds the `secret` that the deliveries are signed with; it is shown now and never again. The address is
    https on the open internet; it is looked up and checked now and at every attempt. What is sent stands under
    `webhooks` in this contract.
    """
    subscription_id, secret = await service.create(visit, body)
    visit.shown_once = ("secret",)
    return {**await _answer(visit, subscription_id), "secret": secret}


@router.get(
    "/webhook-subscriptions/{subscriptionId}", operation_id="getWebhookSubscription",
    response_model=schemas.WebhookSubscription,
)  # fmt: skip
async def get_webhook_subscription(visit: Visiting, row: Annotated[Row, subscription_row_for(P.WEBHOOK_READ)]) -> Any:
    """A subscription; `failingSince` and `disabledBecause` tell when something is wrong with its receiver."""
    return _present(visit, row)


@router.patch(
    "/webhook-subscriptions/{subscriptionId}", operation_id="updateWebhookSubscription",
    response_model=schemas.WebhookSubscription,
)  # fmt: skip
async def update_webhook_subscription(
    visit: Visiting, subscription: Changing, body: schemas.WebhookSubscriptionPatch
) -> Any:
    """Change the address, or which events are told from now on. What waits is sent to the new address."""
    await service.change(visit, subscription, body)
    return await _answer(visit, subscription.id)


@router.post(
    "/webhook-subscriptions/{subscriptionId}/secret", operation_id="rotateWebhookSecret", status_code=201,
    response_model=schemas.WebhookSubscriptionWithSecret,
)  # fmt: skip
async def rotate_webhook_secret(visit: Visiting, subscription: Changing, body: schemas.WebhookRotation) -> Any:
    """A new `secret`, shown now and never again. Until the earlier one ends, every delivery is signed with both."""
    secret = await service.rotate(visit, subscription, body)
    visit.shown_once = ("secret",)
    return {**await _answer(visit, subscription.id), "secret": secret}


@router.post(
    "/webhook-subscriptions/{subscriptionId}/test", operation_id="testWebhookSubscription", status_code=201,
    response_model=schemas.WebhookDelivery,
)  # fmt: skip
async def test_webhook_subscription(visit: Visiting, subscription: Changing) -> Any:
    """Send an event of the type `se.tillsammans.webhook.test`. `Location` tells what becomes of it."""
    return await _answer_delivery(visit, subscription.id, await service.send_test(visit, subscription))


@router.post(
    "/webhook-subscriptions/{subscriptionId}/pause", operation_id="pauseWebhookSubscription", status_code=201,
    response_model=schemas.WebhookSubscription,
)  # fmt: skip
async def pause_webhook_subscription(visit: Visiting, subscription: Changing) -> Any:
    """Send nothing for a while. What happens meanwhile is sent afterwards, for as long as its events are kept."""
    await service.take_step(visit, subscription, "pause")
    return await _answer(visit, subscription.id)


@router.post(
    "/webhook-subscriptions/{subscriptionId}/resumption", operation_id="resumeWebhookSubscription", status_code=201,
    response_model=schemas.WebhookSubscription,
)  # fmt: skip
async def resume_webhook_subscription(visit: Visiting, subscription: Changing) -> Any:
    """Send again, beginning with what has waited."""
    await service.take_step(visit, subscription, "resume")
    return await _answer(visit, subscription.id)


@router.post(
    "/webhook-subscriptions/{subscriptionId}/activation", operation_id="activateWebhookSubscription", status_code=201,
    response_model=schemas.WebhookSubscription,
)  # fmt: skip
async def activate_webhook_subscription(visit: Visiting, subscription: Changing) -> Any:
    """Send again after the program disabled it, beginning with what has waited and in the caller's assignment of now.

    After `events_forgotten` there is a gap that cannot be sent: read the records anew, and be told from now on.
    """
    await service.take_step(visit, subscription, "activate")
    return await _answer(visit, subscription.id)


@router.post(
    "/webhook-subscriptions/{subscriptionId}/ending", operation_id="endWebhookSubscription", status_code=201,
    response_model=schemas.WebhookSubscription,
)  # fmt: skip
async def end_webhook_subscription(visit: Visiting, subscription: Changing) -> Any:
    """Send nothing ever more; what waits is withdrawn, and the secret is forgotten."""
    await service.take_step(visit, subscription, "end")
    return await _answer(visit, subscription.id)


@router.get(
    "/webhook-subscriptions/{subscriptionId}/deliveries", operation_id="listWebhookDeliveries",
    response_model=schemas.WebhookDeliveryPage,
)  # fmt: skip
async def list_webhook_deliveries(
    visit: Visiting,
    row: Annotated[Row, subscription_row_for(P.WEBHOOK_READ)],
    query: Annotated[schemas.WebhookDeliveryQuery, Query()],
) -> Any:
    """What was sent, newest first, and what waits to be."""
    rows = await repository.deliveries(visit.tx, row["id"], window(visit, query))
    path = f"/webhook-subscriptions/{row['id']}/deliveries"
    return page(visit, path, query, rows, lambda each: _delivery_shown(visit, each))


@router.get(
    "/webhook-subscriptions/{subscriptionId}/deliveries/{deliveryId}", operation_id="getWebhookDelivery",
    response_model=schemas.WebhookDelivery,
)  # fmt: skip
async def get_webhook_delivery(visit: Visiting, row: Annotated[Row, delivery_row_for(P.WEBHOOK_READ)]) -> Any:
    """What became of one event: how often it was tried, and how the last attempt ended."""
    return _delivery_shown(visit, row)


@router.post(
    "/webhook-subscriptions/{subscriptionId}/deliveries/{deliveryId}/resend", operation_id="resendWebhookDelivery",
    status_code=201, response_model=schemas.WebhookDelivery,
)  # fmt: skip
async def resend_webhook_delivery(
    visit: Visiting, delivery: Annotated[WebhookDelivery, delivery_for(P.WEBHOOK_MANAGE)]
) -> Any:
    """Send it now, whether it has failed, waits or has arrived. The `webhook-id` is the same as before."""
    await service.send_again(visit, delivery)
    return await _answer_delivery(visit, delivery.subscription_id, delivery.id)


routers = (router,)
