"""Deeds of webhooks: somebody asks to be told, with which secret, and that something is sent once more."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.events import service as events
from app.events.models import FeedStart, Wanted
from app.events.schemas import Event
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import InsufficientScope
from app.kernel.ids import new_id
from app.permissions import Permission, in_scope, scope_of
from app.webhooks import repository, schemas, sending, signing
from app.webhooks.models import (
    WEBHOOK_FLOW,
    WebhookDelivery,
    WebhookDeliveryStatus,
    WebhookDisabledReason,
    WebhookProgress,
    WebhookSecret,
    WebhookStatus,
    WebhookSubscription,
)

#: So many events are told in one transaction.
PAGE = 200


async def create(visit: Visit, body: schemas.WebhookSubscriptionCreate) -> tuple[UUID, str]:
    """A new subscription, told of what happens from now on, and its secret.

    Raises ``WebhookTargetRefused``, and ``InsufficientScope`` for a token that could not read the feed.
    """
    _require_feed(visit)
    await sending.require_target(visit.settings, body.url)
    subscription = WebhookSubscription(
        id=new_id(), status=WebhookStatus.ACTIVE, status_since=visit.now, created_at=visit.now, version=1,
        submitted_by=visit.actor.user_id, **_standing(visit), **body.model_dump(),
    )  # fmt: skip
    visit.tx.session.add(subscription)
    await visit.tx.session.flush()
    position = await events.begin(visit.tx, FeedStart.NOW)
    visit.tx.session.add(
        WebhookProgress(subscription_id=subscription.id, submitted_by=visit.actor.user_id, position=position)
    )
    secret = await _add_secret(visit, subscription)
    visit.trail.changed(subscription.subject, *body.stated)
    await visit.tx.session.flush()
    return subscription.id, secret


def _require_feed(visit: Visit) -> None:
    if not in_scope(Permission.EVENT_LIST, visit.actor.scopes):
        raise InsufficientScope(scope=scope_of(Permission.EVENT_LIST))


def _standing(visit: Visit) -> dict[str, Any]:
    """As whom events are told: the assignment of whoever asks, as far as their token reaches."""
    actor = visit.actor
    return {"assignment_id": actor.assignment.id, "client_id": actor.client_id, "scopes": sorted(actor.scopes)}


async def change(visit: Visit, subscription: WebhookSubscription, body: schemas.WebhookSubscriptionPatch) -> None:
    """Apply the stated fields. Raises ``WebhookTargetRefused`` and ``ImpossibleInThisState``."""
    if "url" in body.stated:
        await sending.require_target(visit.settings, body.url)
    subscription.change(body.stated)
    visit.trail.changed(subscription.subject, *body.stated)
    await visit.tx.session.flush()


async def rotate(visit: Visit, subscription: WebhookSubscription, body: schemas.WebhookRotation) -> str:
    """A new secret, beside which the earlier ones sign for a while. Raises ``ImpossibleInThisState``."""
    subscription.change({})
    await repository.forget_secrets(visit.tx, subscription.id, visit.now)
    until = visit.now + timedelta(minutes=body.overlap_minutes)
    await repository.end_secrets(visit.tx, subscription.id, until)
    secret = await _add_secret(visit, subscription)
    visit.trail.changed(subscription.subject, "secret")
    await visit.tx.session.flush()
    return secret


async def _add_secret(visit: Visit, subscription: WebhookSubscription) -> str:
    secret = signing.new_secret()
    visit.tx.session.add(
        WebhookSecret(
            id=new_id(), subscription_id=subscription.id, submitted_by=subscription.submitted_by,
            sealed=signing.seal(visit.settings, secret), made_at=visit.now,
        )
    )  # fmt: skip
    return secret


async def take_step(visit: Visit, subscription: WebhookSubscription, deed: str) -> None:
    """Pause, resume, activate or end; raises ``ImpossibleInThisState``.

    What waited is sent when it goes on, and so is what happened meanwhile; whoever activates is told as the one that
    they are now. Where the events that were next are forgotten, it goes on with those from now.
    """
    lost = subscription.disabled_because == WebhookDisabledReason.EVENTS_FORGOTTEN
    subscription.go(deed, visit.now)
    if deed == "activate":
        _require_feed(visit)
        for name, value in _standing(visit).items():
            setattr(subscription, name, value)
        await repository.arrives(visit.tx, subscription.id)
        if lost:
            await repository.move(visit.tx, subscription.id, await events.begin(visit.tx, FeedStart.NOW))
    if deed == "end":
        await repository.withdraw(visit.tx, subscription.id)
        await repository.end_secrets(visit.tx, subscription.id, visit.now)
        await repository.forget_secrets(visit.tx, subscription.id, visit.now)
    visit.trail.changed(subscription.subject, "status")
    await visit.tx.session.flush()
    if subscription.status == WebhookStatus.ACTIVE:
        await repository.wake(visit.tx, subscription.id, visit.now)


async def send_test(visit: Visit, subscription: WebhookSubscription) -> UUID:
    """An event that nothing happened for, delivered like any other. Raises ``ImpossibleInThisState``."""
    WEBHOOK_FLOW.go(subscription, "send")
    tested = {
        "id": new_id(), "source": visit.settings.api_url, "type": "se.tillsammans.webhook.test",
        "subject": f"/webhook-subscriptions/{subscription.id}", "time": visit.now, "sequence": f"{0:019}",
        "data": {
            "record_type": subscription.subject.type, "record_id": subscription.id,
            "operation": "testWebhookSubscription", "case_id": None,
        },
    }  # fmt: skip
    made = _delivery(visit, subscription.id, tested)
    await repository.add_deliveries(visit.tx, [made])
    visit.trail.changed(subscription.subject, "deliveries")
    return made.id


async def send_again(visit: Visit, delivery: WebhookDelivery) -> None:
    """A delivery is due once more, whatever became of it. Raises ``ImpossibleInThisState``."""
    subscription = await repository.record(visit.tx, delivery.subscription_id)
    if subscription is None:
        raise RuntimeError("a delivery belongs to a subscription")
    WEBHOOK_FLOW.go(subscription, "send")
    delivery.send_again(visit.now)
    visit.trail.changed(subscription.subject, "deliveries")
    await visit.tx.session.flush()
    await repository.defer(visit.tx, [delivery.id])


async def tell(visit: Visit, subscription_id: UUID, turn: Row) -> bool:
    """The next events for a subscriber become deliveries, and the position moves; True when there may be more.

    What a subscriber is told is what ``GET /events`` would tell them now. Raises ``EventsForgotten``.
    """
    wanted = Wanted(tuple(turn["record_types"]), tuple(turn["operations"]))
    found = await events.feed(visit, turn["position"], PAGE, wanted)
    made = [_delivery(visit, subscription_id, event) for event in found.items]
    await repository.add_deliveries(visit.tx, made)
    await repository.move(visit.tx, subscription_id, found.position)
    return len(made) == PAGE


def _delivery(visit: Visit, subscription_id: UUID, event: Mapping[str, Any]) -> WebhookDelivery:
    told = Event.model_validate(event)
    return WebhookDelivery(
        id=new_id(), subscription_id=subscription_id, submitted_by=visit.actor.user_id, event_id=told.id,
        event_type=told.type, body=told.model_dump_json(by_alias=True), status=WebhookDeliveryStatus.WAITING,
        created_at=visit.now, next_attempt_at=visit.now, attempts=0,
    )  # fmt: skip


async def disable(visit: Visit, subscription_id: UUID, because: WebhookDisabledReason) -> None:
    """Nothing more is sent; done by the program itself, and nothing when it is no longer active."""
    subscription = await repository.record(visit.tx, subscription_id)
    if subscription is None or not WEBHOOK_FLOW.allows(subscription.status, "disable"):
        return
    subscription.disable(because, visit.now)
    visit.trail.changed(subscription.subject, "status", action="disableWebhookSubscription", reason=because)
    await visit.tx.session.flush()
