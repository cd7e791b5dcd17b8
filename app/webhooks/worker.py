"""What becomes of events that somebody wants to be told of: deliveries and their jobs, and of those, attempts.

Two steps. **Telling** reads the feed as the subscriber, from where it last came to, and writes a delivery and a job for
each event in the transaction that moves the position: nothing is left out, and nothing comes twice. **Delivering** is a
job of procrastinate: it takes the delivery for one attempt, makes the attempt outside of any transaction, and writes
what became of it. Killed in between, the job is taken up by another worker and the attempt is made again: a receiver
may hear of an event twice, never not at all.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from secrets import SystemRandom
from typing import Any, Final, NamedTuple
from uuid import UUID

import structlog
from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.jobs import DeleteJobCondition, Job

from app.events.models import EventsForgotten
from app.kernel.audit import Subject, Trail
from app.kernel.context import Visit
from app.kernel.db import Row, Transaction
from app.kernel.errors import NoAssignment
from app.kernel.http.door import Kernel
from app.kernel.ids import new_id
from app.organisations.service import actor_in
from app.permissions import Permission
from app.webhooks import repository, service, signing
from app.webhooks.models import WebhookDeliveryStatus, WebhookDisabledReason, wait_after
from app.webhooks.sending import Outcome, Sender

log = structlog.get_logger("webhooks")

#: A subscriber with so many deliveries on their way is told no more until some have arrived.
MOST_WAITING: Final = 1_000
#: A worker that has not been heard of for so long is dead, and what it was doing is taken up.
SILENT_SECONDS: Final = 30.0
_AT_ONCE: Final = 8
_GRACE_SECONDS: Final = 1.0
_AFTER_A_FAULT: Final = timedelta(minutes=1)
_LONGEST_SPREAD: Final = 0.2
_FORGET_AT_ONCE: Final = 5_000
_chance = SystemRandom()


class Later(Exception):
    """A delivery that has not arrived, or is not due: its job comes again."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__()
        self.wait = wait


class Attempt(NamedTuple):
    """A delivery taken for one attempt."""

    delivery: Row
    headers: dict[str, str]


async def tell(kernel: Kernel) -> None:
    """One round: whoever may have something to hear is told, until there is nothing more for them now."""
    async with kernel.database.transaction(write=False) as tx:
        due = await repository.due(tx, MOST_WAITING)
    for whom in due:
        try:
            more = True
            while more:
                more = await _tell(kernel, whom)
        except Exception as error:  # the others are told all the same
            log.warning("webhook-not-told", subscription_id=str(whom["subscription_id"]), error=type(error).__name__)


async def _tell(kernel: Kernel, whom: Row) -> bool:
    async def next_events(visit: Visit) -> bool:
        turn = await repository.turn(visit.tx, whom["subscription_id"])
        return turn is not None and await service.tell(visit, whom["subscription_id"], turn)

    try:
        return bool(await _as_subscriber(kernel, whom, next_events))
    except EventsForgotten:
        await _disable(kernel, whom, WebhookDisabledReason.EVENTS_FORGOTTEN)
        return False


async def _as_subscriber(kernel: Kernel, whom: Row, work: Callable[[Visit], Awaitable[Any]]) -> Any:
    """Do it as the subscriber and keep it; None when their assignment has ended, which disables the subscription."""
    async with kernel.database.transaction(write=True) as tx:
        try:
            visit = await _enter(kernel, tx, whom)
        except NoAssignment as ended:
            await _abandon(kernel, whom, ended)
            return None
        done = await work(visit)
        await tx.session.flush()
        await visit.trail.write(tx)
        await tx.commit()
        return done


async def _enter(kernel: Kernel, tx: Transaction, whom: Row) -> Visit:
    actor = await actor_in(
        tx, whom["assignment_id"], kernel.clock.now(), client_id=whom["client_id"], scopes=frozenset(whom["scopes"])
    )
    return await kernel.act_as(tx, actor, Permission.EVENT_LIST, "sendEvents", trace_id=new_id().hex)


async def _disable(kernel: Kernel, whom: Row, because: WebhookDisabledReason) -> None:
    await _as_subscriber(kernel, whom, lambda visit: service.disable(visit, whom["subscription_id"], because))


async def _abandon(kernel: Kernel, whom: Row, ended: NoAssignment) -> None:
    at = kernel.clock.now()
    trail = Trail(None, at, new_id().hex, str(Permission.WEBHOOK_MANAGE), "disableWebhookSubscription")
    trail.changed(Subject("webhook_subscription", whom["subscription_id"]), "status", reason=ended.code)
    async with kernel.database.transaction(write=False) as tx:
        if await repository.abandon(tx, whom["subscription_id"], at):
            await trail.write(tx)
            await tx.commit()


async def deliver(kernel: Kernel, sender: Sender, delivery_id: UUID) -> None:
    """One attempt, when it is due. Raises ``Later`` when there is to be another."""
    async with kernel.database.transaction(write=False) as tx:
        whom = await repository.whose(tx, delivery_id)
    if whom is None:
        return
    attempt: Attempt | None = await _as_subscriber(kernel, whom, lambda visit: _take(visit, delivery_id))
    if attempt is None:
        await _come_back(kernel, whom, delivery_id)
        return
    delivery = attempt.delivery
    outcome = await sender.send(delivery["url"], attempt.headers, delivery["body"])
    wait = await _as_subscriber(kernel, whom, lambda visit: _settle(visit, delivery_id, delivery, outcome))
    if wait is not None:
        raise Later(wait)


async def _take(visit: Visit, delivery_id: UUID) -> Attempt | None:
    # For as long as an attempt may take, and then some: a worker that dies meanwhile keeps nobody waiting.
    until = visit.now + timedelta(seconds=2 * visit.settings.webhook_timeout_seconds)
    taken = await repository.claim(visit.tx, delivery_id, visit.now, until)
    if taken is None:
        return None
    sealed = await repository.secrets(visit.tx, taken["subscription_id"], visit.now)
    known = [signing.unseal(visit.settings, each) for each in sealed]
    return Attempt(taken, signing.headers(str(taken["event_id"]), visit.now, taken["body"], known))


async def _come_back(kernel: Kernel, whom: Row, delivery_id: UUID) -> None:
    """What could not be taken is settled, or waits for its subscription to go on, or for its time."""
    until = await _as_subscriber(kernel, whom, lambda visit: repository.waits_until(visit.tx, delivery_id))
    if until is not None:
        raise Later(max(until - kernel.clock.now(), timedelta()))


async def _settle(visit: Visit, delivery_id: UUID, taken: Row, outcome: Outcome) -> timedelta | None:
    """Write what became of an attempt; how long to wait for the next, or None when this job has none to make."""
    subscription_id = taken["subscription_id"]
    told: dict[str, Any] = {**outcome._asdict(), "next_attempt_at": None, "delivered_at": None}
    if outcome.fault is None:
        delivered = {"status": WebhookDeliveryStatus.DELIVERED, "delivered_at": visit.now}
        await repository.settle(visit.tx, delivery_id, told | delivered)
        await repository.arrives(visit.tx, subscription_id)
        return None
    wait = wait_after(taken["attempts"], visit.settings.webhook_retry_seconds, _chance.random() * _LONGEST_SPREAD)
    because = await _gives_up(visit, subscription_id, outcome)
    if because is not None:
        # It goes on with this one, once somebody has activated it.
        wait = wait or timedelta()
        await service.disable(visit, subscription_id, because)
    if wait is None:
        await repository.settle(visit.tx, delivery_id, told | {"status": WebhookDeliveryStatus.FAILED})
        return None
    waiting = {"status": WebhookDeliveryStatus.WAITING, "next_attempt_at": visit.now + wait}
    await repository.settle(visit.tx, delivery_id, told | waiting)
    return None if because else wait


async def _gives_up(visit: Visit, subscription_id: UUID, outcome: Outcome) -> WebhookDisabledReason | None:
    since = await repository.fails_since(visit.tx, subscription_id, visit.now)
    if outcome.status_code == 410:
        return WebhookDisabledReason.GONE
    if visit.now - since >= timedelta(days=visit.settings.webhook_give_up_days):
        return WebhookDisabledReason.FAILING
    return None


class _Again(BaseRetryStrategy):
    """When a job comes again: as its delivery says; after a fault of ours, or of the database, in a while."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:  # noqa: ARG002
        wait = exception.wait if isinstance(exception, Later) else _AFTER_A_FAULT
        # The queue goes by the database's time, not by the program's clock, which a test may hold.
        return RetryDecision(retry_at=datetime.now(UTC) + wait)


async def work(kernel: Kernel, sender: Sender | None = None, *, wait: bool = True) -> None:
    """Carry deliveries until cancelled; without ``wait``, those that are due now.

    No ``listen``: a connection in transaction mode of PgBouncer hears nothing, so the queue is looked at instead.
    """
    grace = _GRACE_SECONDS if wait else 2 * kernel.settings.webhook_timeout_seconds
    async with sender or Sender(kernel.settings) as carrier:
        queue = await _queue(kernel, carrier)
        await queue.run_worker_async(
            queues=[repository.QUEUE], concurrency=_AT_ONCE, wait=wait, listen_notify=False,
            install_signal_handlers=False, delete_jobs=DeleteJobCondition.ALWAYS,
            fetch_job_polling_interval=kernel.settings.work_interval_seconds,
            abort_job_polling_interval=SILENT_SECONDS, shutdown_graceful_timeout=grace,
            stalled_worker_timeout=SILENT_SECONDS,
        )  # fmt: skip


async def take_up(kernel: Kernel) -> None:
    """What a worker was doing when it died goes back into the queue."""
    jobs = (await _queue(kernel)).job_manager
    await jobs.prune_stalled_workers(SILENT_SECONDS)
    for job in await jobs.get_stalled_jobs(queue=repository.QUEUE, seconds_since_heartbeat=SILENT_SECONDS):
        await jobs.retry_job(job)


async def forget(kernel: Kernel) -> None:
    """Forget deliveries that were settled long ago."""
    before, number = kernel.clock.now() - timedelta(days=kernel.settings.event_keep_days), _FORGET_AT_ONCE
    while number == _FORGET_AT_ONCE:
        async with kernel.database.transaction(write=False) as tx:
            number = await repository.forget(tx, before, _FORGET_AT_ONCE)
            await tx.commit()


async def _queue(kernel: Kernel, sender: Sender | None = None) -> App:
    """The queue, on the program's own pool, with the one kind of job that there is."""
    queue = App(connector=PsycopgConnector())

    @queue.task(name=repository.JOB, queue=repository.QUEUE, retry=_Again())
    async def run(delivery_id: str) -> None:
        if sender is not None:
            await deliver(kernel, sender, UUID(delivery_id))

    await queue.open_async(kernel.database.pool)
    return queue
