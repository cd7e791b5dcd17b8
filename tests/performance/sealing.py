"""Two ways of making the access log tamper-evident, with sixteen writers at once: the choice rests on this.

``batch`` is what the program does: writers insert, and a job seals what is final. ``chain`` hashes each entry into the
one before it, so that every writer holds the end of the chain until its commit is on disk.
"""

import asyncio
import hashlib
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Literal

import uvloop

from app import database
from app.kernel.audit import Subject, Trail
from app.kernel.db import Database, Transaction
from app.kernel.ids import new_id
from app.kernel.seals import Sealer
from tests.performance.load import CLIENTS

Way = Literal["batch", "chain"]
SECRET = "a secret of the benchmark"
SEALED_EVERY = 1.0

_CHAIN = """
create table if not exists bench_chain (number bigint, previous bytea);
truncate bench_chain;
insert into bench_chain values (0, '');
grant select, update on bench_chain to tillsammans_program;
"""
_END = "select number, previous from bench_chain for update"
_LINK = "update bench_chain set number = %s, previous = %s"


def make_chain(owner_url: str) -> None:
    """The row that holds the end of the chain."""
    with database.connect(owner_url) as owner:
        for statement in _CHAIN.strip().split("\n"):
            owner.execute(statement.encode())


def write(program_url: str, way: Way, seconds: float) -> float:
    """Entries per second that sixteen writers commit, one entry a transaction."""
    return uvloop.run(_write(program_url, way, seconds))


async def _write(program_url: str, way: Way, seconds: float) -> float:
    pool = Database(program_url, pool_size=CLIENTS + 1, timeout=10, statement_timeout=10)
    await pool.open()
    sealing = asyncio.create_task(_seal(pool)) if way == "batch" else None
    begun = time.perf_counter()
    written = sum(await asyncio.gather(*(_writer(pool, way, begun + seconds) for _ in range(CLIENTS))))
    rate = written / (time.perf_counter() - begun)
    if sealing is not None:
        sealing.cancel()
        with suppress(asyncio.CancelledError):
            await sealing
    await pool.close()
    return rate


async def _writer(pool: Database, way: Way, until: float) -> int:
    written = 0
    while time.perf_counter() < until:
        async with pool.transaction(write=False) as tx:
            if way == "chain":
                await _link(tx)
            trail = Trail(None, datetime.now(UTC), "0" * 32, "case.read", "getCase")
            trail.looked(Subject("case", new_id()))
            await trail.write(tx)
            await tx.commit()
        written += 1
    return written


async def _link(tx: Transaction) -> None:
    (end,) = await tx.rows(_END)
    link = hashlib.sha256(bytes(end["previous"]) + new_id().bytes).digest()
    await tx.rows(_LINK, [end["number"] + 1, link])


async def _seal(pool: Database) -> None:
    sealer = Sealer(SECRET)
    while True:
        await asyncio.sleep(SEALED_EVERY)
        async with pool.transaction(write=False) as tx:
            if await sealer.seal(tx, datetime.now(UTC)):
                await tx.commit()
