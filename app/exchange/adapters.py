"""Every kind of record with the adapter that reads and writes its lines."""

from typing import Any

from app.exchange import cases, children, groups, organisations, places, queue, referrals, support, users
from app.exchange.lines import Adapter, RecordKind

_ALL: tuple[Adapter[Any], ...] = (
    organisations.AUTHORITIES,
    organisations.UNITS,
    users.USERS,
    users.ASSIGNMENTS,
    children.ADAPTER,
    cases.ADAPTER,
    groups.ADAPTER,
    places.ADAPTER,
    queue.ADAPTER,
    referrals.ADAPTER,
    support.ADAPTER,
)

ADAPTERS: dict[RecordKind, Adapter[Any]] = {adapter.kind: adapter for adapter in _ALL}
