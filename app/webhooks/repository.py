"""Every query about webhooks. All of it passes the wall: a subscription and its deliveries are its subscriber's alone.

Jobs are deferred here, on the transaction's own connection: there is a job exactly when there is something to deliver.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from procrastinate import App, PsycopgConnector
from procrastinate.types import JSONDict
from sqlalchemy import any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from app.kernel.db import AnySelect, Prepared, Row, Transaction, prepared
from app.kernel.paging import Shape, Window, keyset
from app.webhooks.models import WebhookDelivery, WebhookProgress, WebhookSecret, WebhookSubscription

#: The job that carries a delivery, and the queue that it stands in.
JOB: Final = "deliver-webhook"
QUEUE: Final = "webhooks"
_JOBS: Final = App(connector=PsycopgConnector())  # never opened: it only says how a job is written


def _subscriptions() -> AnySelect:
    return select(
        WebhookSubscription.id, WebhookSubscription.version, WebhookSubscription.url, WebhookSubscription.description,
        WebhookSubscription.record_types, WebhookSubscription.operations, WebhookSubscription.status,
        WebhookSubscription.disabled_because, WebhookSubscription.status_since, WebhookSubscription.created_at,
        WebhookProgress.failing_since,
    ).join(WebhookProgress, WebhookProgress.subscription_id == WebhookSubscription.id)  # fmt: skip


def _deliveries() -> AnySelect:
    return select(
        WebhookDelivery.id, WebhookDelivery.subscription_id, WebhookDelivery.event_id, WebhookDelivery.event_type,
        WebhookDelivery.status, WebhookDelivery.attempts, WebhookDelivery.status_code, WebhookDelivery.fault,
        WebhookDelivery.created_at, WebhookDelivery.next_attempt_at, WebhookDelivery.delivered_at,
        WebhookSubscription.status.label("subscription_status"),
    ).join(WebhookSubscription, WebhookSubscription.id == WebhookDelivery.subscription_id)  # fmt: skip


_ONE = Prepared(_subscriptions().where(WebhookSubscription.id == bindparam("subscription_id")))
_DELIVERY = Prepared(
    _deliveries().where(
        WebhookDelivery.id == bindparam("delivery_id"),
        WebhookDelivery.subscription_id == bindparam("subscription_id"),
    )
)
_SECRETS = Prepared(
    select(WebhookSecret.sealed)
    .where(
        WebhookSecret.subscription_id == bindparam("subscription_id"),
        (WebhookSecret.valid_until.is_(None)) | (WebhookSecret.valid_until > bindparam("at")),
    )
    .order_by(WebhookSecret.id.desc())
)


@prepared
def _mine(shape: Shape) -> AnySelect:
    statement = _subscriptions()
    if "status" in shape.filters:
        statement = statement.where(WebhookSubscription.status == any_(bindparam("status", type_=ARRAY(Text))))
    return keyset(statement, shape, WebhookSubscription.id, WebhookSubscription.id)


@prepared
def _made(shape: Shape) -> AnySelect:
    statement = _deliveries().where(WebhookDelivery.subscription_id == bindparam("subscription_id"))
    if "status" in shape.filters:
        statement = statement.where(WebhookDelivery.status == any_(bindparam("status", type_=ARRAY(Text))))
    return keyset(statement, shape, WebhookDelivery.id, WebhookDelivery.id)


async def mine(tx: Transaction, window: Window) -> list[Row]:
    """One page of the caller's subscriptions."""
    return await tx.all(_mine(window.shape), **window.values)


async def one(tx: Transaction, subscription_id: UUID) -> Row | None:
    """One of the caller's subscriptions."""
    return await tx.one(_ONE, subscription_id=subscription_id)


async def record(tx: Transaction, subscription_id: UUID) -> WebhookSubscription | None:
    """The subscription to change, locked."""
    return await tx.session.get(WebhookSubscription, subscription_id, with_for_update=True, populate_existing=True)


async def deliveries(tx: Transaction, subscription_id: UUID, window: Window) -> list[Row]:
    """One page of a subscription's deliveries."""
    return await tx.all(_made(window.shape), **window.values, subscription_id=subscription_id)


async def delivery(tx: Transaction, subscription_id: UUID, delivery_id: UUID) -> Row | None:
    """One delivery of a subscription."""
    return await tx.one(_DELIVERY, subscription_id=subscription_id, delivery_id=delivery_id)


async def delivery_record(tx: Transaction, delivery_id: UUID) -> WebhookDelivery | None:
    """The delivery to send again, locked."""
    return await tx.session.get(WebhookDelivery, delivery_id, with_for_update=True, populate_existing=True)


async def secrets(tx: Transaction, subscription_id: UUID, at: datetime) -> list[bytes]:
    """The sealed secrets that are valid, the newest first."""
    rows = await tx.all(_SECRETS, subscription_id=subscription_id, at=at)
    return [bytes(row["sealed"]) for row in rows]


async def end_secrets(tx: Transaction, subscription_id: UUID, at: datetime) -> None:
    """None of the secrets there are is valid beyond an instant; what is past is forgotten."""
    await tx.rows(
        "update webhook_secrets set valid_until = least(valid_until, %s) where subscription_id = %s",
        [at, subscription_id],
    )


async def forget_secrets(tx: Transaction, subscription_id: UUID, at: datetime) -> None:
    """Those that signed for the last time before an instant are not kept."""
    await tx.rows("delete from webhook_secrets where subscription_id = %s and valid_until <= %s", [subscription_id, at])


async def withdraw(tx: Transaction, subscription_id: UUID) -> None:
    """Nothing that waits is sent any more."""
    await tx.rows(
        "update webhook_deliveries set status = 'failed', fault = 'withdrawn', next_attempt_at = null "
        "where subscription_id = %s and status = 'waiting'",
        [subscription_id],
    )


async def wake(tx: Transaction, subscription_id: UUID, at: datetime) -> None:
    """Everything that waits is due now, with all its attempts before it."""
    rows = await tx.rows(
        "update webhook_deliveries set next_attempt_at = %s, attempts = 0 "
        "where subscription_id = %s and status = 'waiting' returning id",
        [at, subscription_id],
    )
    await defer(tx, [row["id"] for row in rows])


async def defer(tx: Transaction, delivery_ids: Sequence[UUID]) -> None:
    """A job for each delivery, in this transaction."""
    if delivery_ids:
        job = _JOBS.configure_task(JOB, queue=QUEUE, connection=tx.connection)
        named: list[JSONDict] = [{"delivery_id": str(one)} for one in delivery_ids]
        await job.batch_defer_async(*named)


async def add_deliveries(tx: Transaction, made: Sequence[WebhookDelivery]) -> None:
    """New deliveries, and a job for each."""
    if made:
        await tx.insert(made)
        await defer(tx, [one.id for one in made])


async def due(tx: Transaction, most: int) -> list[Row]:
    """Whom there may be something to tell, and in which assignment: told by the wall, and nothing else of them."""
    return await tx.rows("select * from wall.due_webhooks(%s)", [most])


async def whose(tx: Transaction, delivery_id: UUID) -> Row | None:
    """As whom a delivery is made: told by the wall."""
    rows = await tx.rows("select * from wall.webhook_of(%s)", [delivery_id])
    return rows[0] if rows else None


async def turn(tx: Transaction, subscription_id: UUID) -> Row | None:
    """What to tell, and from where, for the only one who tells until the transaction ends; none when another does."""
    rows = await tx.rows(
        "select p.position, s.record_types, s.operations from webhook_progress p "
        "join webhook_subscriptions s on s.id = p.subscription_id "
        "where p.subscription_id = %s and s.status = 'active' for update of p skip locked",
        [subscription_id],
    )
    return rows[0] if rows else None


async def move(tx: Transaction, subscription_id: UUID, position: int) -> None:
    """Everything up to here has been told."""
    await tx.rows("update webhook_progress set position = %s where subscription_id = %s", [position, subscription_id])


_CLAIM = """update webhook_deliveries d set attempts = attempts + 1, next_attempt_at = %(until)s
from webhook_subscriptions s
where d.id = %(delivery_id)s and d.status = 'waiting' and d.next_attempt_at <= %(at)s
  and s.id = d.subscription_id and s.status = 'active'
returning d.subscription_id, d.event_id, d.body, d.attempts, s.url"""


async def claim(tx: Transaction, delivery_id: UUID, at: datetime, until: datetime) -> Row | None:
    """Take a delivery that is due for one attempt: nobody else makes one until then. None when it is not due."""
    rows = await tx.rows(_CLAIM, {"delivery_id": delivery_id, "at": at, "until": until})
    return rows[0] if rows else None


async def waits_until(tx: Transaction, delivery_id: UUID) -> datetime | None:
    """When a delivery that waits is due; none when it does not wait, or its subscription sends nothing now."""
    rows = await tx.rows(
        "select d.next_attempt_at from webhook_deliveries d join webhook_subscriptions s on s.id = d.subscription_id "
        "where d.id = %s and d.status = 'waiting' and s.status = 'active'",
        [delivery_id],
    )
    return rows[0]["next_attempt_at"] if rows else None


_SETTLE = """update webhook_deliveries set status = %(status)s, status_code = %(status_code)s, fault = %(fault)s,
    next_attempt_at = %(next_attempt_at)s, delivered_at = %(delivered_at)s
where id = %(delivery_id)s and status = 'waiting'"""


async def settle(tx: Transaction, delivery_id: UUID, values: dict[str, Any]) -> None:
    """What became of an attempt, unless the subscription has ended meanwhile."""
    await tx.rows(_SETTLE, {**values, "delivery_id": delivery_id})


async def fails_since(tx: Transaction, subscription_id: UUID, at: datetime) -> datetime:
    """Another failure; since when there have been only such."""
    rows = await tx.rows(
        "update webhook_progress set failing_since = coalesce(failing_since, %s) where subscription_id = %s "
        "returning failing_since",
        [at, subscription_id],
    )
    since: datetime = rows[0]["failing_since"]
    return since


async def arrives(tx: Transaction, subscription_id: UUID) -> None:
    """Something has arrived, or everything begins anew."""
    await tx.rows(
        "update webhook_progress set failing_since = null where subscription_id = %s and failing_since is not null",
        [subscription_id],
    )


async def abandon(tx: Transaction, subscription_id: UUID, at: datetime) -> bool:
    """There is nobody left to tell as: the wall disables the subscription. False when there was, or it was."""
    rows = await tx.rows("select wall.abandon_webhook(%s, %s) as done", [subscription_id, at])
    return bool(rows[0]["done"])


async def forget(tx: Transaction, before: datetime, most: int) -> int:
    """Forget deliveries that were settled, the oldest first; how many."""
    return int((await tx.rows("select wall.forget_deliveries(%s, %s) as number", [before, most]))[0]["number"])
