"""What runs by itself: sealing the access log every few seconds, forgetting old idempotency keys every hour."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import structlog

from app.kernel.http.door import Kernel
from app.kernel.seals import Sealer

log = structlog.get_logger("jobs")

HOUR = 3600.0


async def _every(seconds: float, name: str, work: Callable[[], Awaitable[object]]) -> None:
    while True:
        try:
            await work()
        except Exception as error:  # a job that fails tries again; readiness and the log tell
            log.warning("job-failed", job=name, error=type(error).__name__)
        await asyncio.sleep(seconds)


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

    tasks = [
        asyncio.create_task(_every(kernel.settings.log_seal_interval_seconds, "seal-access-log", seal)),
        asyncio.create_task(_every(HOUR, "forget-idempotency-keys", forget)),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks)
