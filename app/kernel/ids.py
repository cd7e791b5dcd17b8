"""Identifiers of records: UUIDv7 made in Python (RFC 9562, 5.7), so that newer ids sort after older ones."""

import secrets
import time
from datetime import UTC, datetime, timedelta
from threading import Lock
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_VERSION_7 = 0x7 << 76
_VARIANT = 0b10 << 62

_lock = Lock()
_latest = 0


def new_id() -> UUID:
    """A UUIDv7 that sorts after every id this process made before; safe in threads and after a fork."""
    stamp = _next_stamp(time.time_ns() // 1_000_000)
    return UUID(int=stamp >> 12 << 80 | _VERSION_7 | (stamp & 0xFFF) << 64 | _VARIANT | secrets.randbits(62))


def uuid7_time(record_id: UUID) -> datetime:
    """The UTC instant, to the millisecond, at which the id was made; ``ValueError`` when it is no UUIDv7."""
    if record_id.version != 7:
        raise ValueError("not a UUIDv7")
    return _EPOCH + timedelta(milliseconds=record_id.int >> 80)


def _next_stamp(milliseconds: int) -> int:
    """48 bits of time and the 12 bits of rand_a as a counter, in one number that only grows.

    Ids of one millisecond count up; the 4097th borrows from the next millisecond, and a clock set back is ignored
    until it has caught up (RFC 9562, 6.2, method 1 and "monotonic error checking").
    """
    global _latest
    with _lock:
        _latest = max(_latest + 1, milliseconds << 12)
        return _latest
