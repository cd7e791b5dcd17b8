"""Seals over the access log: a chain of HMACs that tells whether, and where, an entry was touched.

A seal covers every entry whose transaction lies in a range below the database's horizon, where nothing can be added
later; it keeps a fingerprint of each entry, so that the broken one can be named. The key is the program's secret, not
the database's: whoever rules the database can break the chain but not mend it. Sealing in batches costs writers
nothing; ``make bench`` compares it with chaining entry by entry.
"""

import hashlib
import hmac
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.kernel.db import Row, Transaction

LEAF = 32
_LOCK = 7_411_950_003
_NOTHING = b"\0" * LEAF

_LAST = "select number, epoch, xact_to, seal from access_log_seals order by number desc limit 1"
_INSERT = """insert into access_log_seals
(number, epoch, xact_from, xact_to, entries, leaves, previous, seal, sealed_at) values (%s,%s,%s,%s,%s,%s,%s,%s,%s)"""


@dataclass(slots=True)
class Verdict:
    """What ``verify-log`` found."""

    seals: int = 0
    entries: int = 0
    unsealed: int = 0
    faults: list[str] = field(default_factory=list)


class Sealer:
    """Seals and verifies with the key of this installation."""

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), b"access-log", hashlib.sha256)

    def _seal(self, number: int, epoch: int, start: int, end: int, previous: bytes, leaves: bytes) -> bytes:
        head = f"{number}|{epoch}|{start}|{end}|".encode()
        return hmac.digest(self._key, head + previous + hashlib.sha256(leaves).digest(), hashlib.sha256)

    async def seal(self, tx: Transaction, at: datetime) -> int:
        """Seal what has become final since the last seal; the number of entries. One sealer at a time."""
        if not (await tx.rows("select pg_try_advisory_xact_lock(%s) as mine", [_LOCK]))[0]["mine"]:
            return 0
        last = (await tx.rows(_LAST) or [{"number": 0, "epoch": 1, "xact_to": 0, "seal": _NOTHING}])[0]
        now = (await tx.rows("select wall.epoch() as epoch, wall.horizon() as horizon"))[0]
        start = last["xact_to"] if last["epoch"] == now["epoch"] else 0
        leaves = await tx.rows("select * from wall.leaves(%s::smallint, %s, %s)", [now["epoch"], start, now["horizon"]])
        if not leaves:
            return 0
        packed = b"".join(bytes(row["entry_leaf"]) for row in leaves)
        number, previous = last["number"] + 1, bytes(last["seal"])
        seal = self._seal(number, now["epoch"], start, now["horizon"], previous, packed)
        await tx.rows(_INSERT, [number, now["epoch"], start, now["horizon"], len(leaves), packed, previous, seal, at])
        return len(leaves)

    async def verify(self, tx: Transaction) -> Verdict:
        """Walk the chain from its beginning; every fault names the seal and, where it can, the entry."""
        verdict = Verdict()
        previous, epoch, end = _NOTHING, 1, 0
        async for seal in _seals(tx):
            verdict.seals += 1
            if bytes(seal["previous"]) != previous or seal["number"] != verdict.seals:
                verdict.faults.append(f"seal {seal['number']}: the chain is broken before it")
            if (seal["epoch"], seal["xact_from"]) not in ((epoch, end), (epoch + 1, 0)):
                verdict.faults.append(f"seal {seal['number']}: it does not begin where the one before it ended")
            verdict.faults += await self._faults(tx, seal)
            verdict.entries += seal["entries"]
            previous, epoch, end = bytes(seal["seal"]), seal["epoch"], seal["xact_to"]
        rest = "select count(*) as n from wall.leaves(wall.epoch(), %s, 9223372036854775807)"
        verdict.unsealed = (await tx.rows(rest, [end]))[0]["n"]
        return verdict

    async def _faults(self, tx: Transaction, seal: Row) -> list[str]:
        kept = bytes(seal["leaves"])
        epoch, start, end = seal["epoch"], seal["xact_from"], seal["xact_to"]
        if self._seal(seal["number"], epoch, start, end, bytes(seal["previous"]), kept) != bytes(seal["seal"]):
            return [f"seal {seal['number']}: it was not made with this installation's key, or was altered"]
        found = await tx.rows("select * from wall.leaves(%s::smallint, %s, %s)", [epoch, start, end])
        wanted = [kept[place : place + LEAF] for place in range(0, len(kept), LEAF)]
        if [bytes(row["entry_leaf"]) for row in found] == wanted:
            return []
        known = set(wanted)
        strange = [f"seal {seal['number']}: entry {row['entry_id']} was altered or added"
                   for row in found if bytes(row["entry_leaf"]) not in known]  # fmt: skip
        missing = len(wanted) - (len(found) - len(strange))
        return [*strange, f"seal {seal['number']}: {missing} of {len(wanted)} sealed entries are missing or altered"]


async def _seals(tx: Transaction) -> AsyncIterator[dict[str, Any]]:
    number = 0
    while True:
        rows = await tx.rows("select * from access_log_seals where number > %s order by number limit 500", [number])
        for row in rows:
            yield row
            number = row["number"]
        if not rows:
            return
