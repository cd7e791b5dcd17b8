"""What runs by itself: sealing the log, forgetting idempotency keys, and what time does to the lines for places."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial

import structlog

from app.group_places import service as group_places
from app.kernel.http.door import Kernel
from app.kernel.seals import Sealer
from app.places import service as places
from app.places.line import Moving
from app.queue_consents import service as queue_consents

log = structlog.get_logger("jobs")

HOUR = 3600.0


async def _every(seconds: float, name: str, work: Callable[[], Awaitable[object]]) -> None:
    while True:
        try:
            await work()
        except Exception as error:  # a job that fails tries again; readiness and the log tell
            log.warning("job-failed", job=name, error=type(error).__name__)
        await asyncio.sleep(seconds)


async def pass_on_expired_offers(kernel: Kernel) -> None:
    """One round: who waits on a consent that has ended leaves the line, and what was offered too long goes on (R11.5).

    Each in a transaction of its own, and without a sight of any child.
    """
    async with kernel.database.transaction(write=False) as tx:
        at = kernel.clock.now()
        lapsed, pools = await queue_consents.lapsed(tx, at), await places.pools_due(tx, at)
    for entry_id in lapsed:
        async with kernel.database.transaction(write=True) as tx:
            await queue_consents.lapse(Moving(tx, kernel.clock.now()), entry_id)
            await tx.commit()
    for pool_id in pools:
        async with kernel.database.transaction(write=True) as tx:
            await places.expire_due(Moving(tx, kernel.clock.now()), pool_id)
            await tx.commit()


async def free_ended_places(kernel: Kernel) -> None:
    """One round: the seat of a place whose last day has passed is free, and goes on where that goes by itself (R11.6).

    Group by group, and without a sight of any child.
    """
    async with kernel.database.transaction(write=False) as tx:
        pools = await group_places.pools_due(tx, kernel.clock.now())
    for pool_id in pools:
        async with kernel.database.transaction(write=True) as tx:
            await group_places.end_due(tx, kernel.clock.now(), pool_id)
            await tx.commit()


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

    expiry = kernel.settings.expiry_interval_seconds
    tasks = [
        asyncio.create_task(_every(kernel.settings.log_seal_interval_seconds, "seal-access-log", seal)),
        asyncio.create_task(_every(HOUR, "forget-idempotency-keys", forget)),
        asyncio.create_task(_every(expiry, "pass-on-expired-offers", partial(pass_on_expired_offers, kernel))),
        asyncio.create_task(_every(expiry, "free-ended-places", partial(free_ended_places, kernel))),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks)
