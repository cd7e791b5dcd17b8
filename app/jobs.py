"""What runs by itself: imports, sealing the log, forgetting what is over, and what time does to lines for places."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from uuid import UUID

import structlog

from app.events import service as events
from app.group_places import service as group_places
from app.imports import worker as imports
from app.kernel.http.door import Kernel
from app.kernel.seals import Sealer
from app.places import service as places
from app.places.line import Moving
from app.queue_consents import service as queue_consents
from app.webhooks import worker as webhooks

log = structlog.get_logger("jobs")

HOUR = 3600.0


async def _every(seconds: float, name: str, work: Callable[[], Awaitable[object]]) -> None:
    while True:
        try:
            await work()
        except Exception as error:  # a job that fails tries again; readiness and the log tell
            log.warning("job-failed", job=name, error=type(error).__name__)
        await asyncio.sleep(seconds)


async def _each(
    kernel: Kernel, name: str, due: Iterable[UUID], work: Callable[[Moving, UUID], Awaitable[object]]
) -> None:
    """Each in a transaction of its own. One that fails is due again in the next round, and keeps none from its turn."""
    for one in due:
        try:
            async with kernel.database.transaction(write=True) as tx:
                await work(Moving(tx, kernel.clock.now()), one)
                await tx.commit()
        except Exception as error:
            log.warning("job-failed", job=name, error=type(error).__name__)


async def pass_on_expired_offers(kernel: Kernel) -> None:
    """One round: who waits on a consent that has ended leaves the line, and what was offered too long goes on (R11.5).

    Each in a transaction of its own, and without a sight of any child.
    """
    async with kernel.database.transaction(write=False) as tx:
        at = kernel.clock.now()
        lapsed, pools = await queue_consents.lapsed(tx, at), await places.pools_due(tx, at)
    await _each(kernel, "pass-on-expired-offers", lapsed, queue_consents.lapse)
    await _each(kernel, "pass-on-expired-offers", pools, places.expire_due)


async def free_ended_places(kernel: Kernel) -> None:
    """One round: the seat of a place whose last day has passed is free, and goes on where that goes by itself (R11.6).

    Group by group, and without a sight of any child.
    """
    async with kernel.database.transaction(write=False) as tx:
        pools = await group_places.pools_due(tx, kernel.clock.now())
    await _each(
        kernel, "free-ended-places", pools, lambda moving, pool_id: group_places.end_due(moving.tx, moving.at, pool_id)
    )


async def go_on_with_imports(kernel: Kernel) -> None:
    """One round: block by block, until there is nothing to import."""
    going_on = True
    while going_on:
        going_on = await imports.work(kernel)


@asynccontextmanager
async def running(kernel: Kernel) -> AsyncIterator[None]:
    """The jobs run for as long as the block does."""
    sealer = Sealer(kernel.settings.secret.get_secret_value())

    async def seal() -> None:
        async with kernel.database.transaction(write=False) as tx:
            if await sealer.seal(tx, kernel.clock.now()):
                await tx.commit()

    async def forget() -> None:
        before = kernel.clock.now() - timedelta(hours=kernel.settings.idempotency_keep_hours)
        async with kernel.database.transaction(write=False) as tx:
            await tx.rows("select wall.forget_idempotency_keys(%s)", [before])
            await tx.commit()

    async def forget_events() -> None:
        await events.forget(kernel.database, kernel.clock.now(), kernel.settings.event_keep_days)

    expiry, often = kernel.settings.expiry_interval_seconds, kernel.settings.work_interval_seconds
    tasks = [
        asyncio.create_task(_every(kernel.settings.log_seal_interval_seconds, "seal-access-log", seal)),
        asyncio.create_task(_every(HOUR, "forget-idempotency-keys", forget)),
        asyncio.create_task(_every(expiry, "pass-on-expired-offers", partial(pass_on_expired_offers, kernel))),
        asyncio.create_task(_every(expiry, "free-ended-places", partial(free_ended_places, kernel))),
        asyncio.create_task(_every(often, "go-on-with-imports", partial(go_on_with_imports, kernel))),
        asyncio.create_task(_every(HOUR, "forget-imports", partial(imports.forget, kernel))),
        asyncio.create_task(_every(often, "place-events", partial(events.place_all, kernel.database))),
        asyncio.create_task(_every(HOUR, "forget-events", forget_events)),
        asyncio.create_task(_every(often, "tell-webhooks", partial(webhooks.tell, kernel))),
        asyncio.create_task(_every(often, "deliver-webhooks", partial(webhooks.work, kernel))),
        asyncio.create_task(_every(webhooks.SILENT_SECONDS, "take-up-webhooks", partial(webhooks.take_up, kernel))),
        asyncio.create_task(_every(HOUR, "forget-webhook-deliveries", partial(webhooks.forget, kernel))),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        # Each to its end: what delivers gives its jobs back first.
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)
