"""The feed: events in their order, each told to whoever may read the record that it is about."""

from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from app.events import repository
from app.events.models import EventsForgotten, FeedStart, Wanted
from app.events.records import RECORDS, Record
from app.kernel.access import relations_to
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Database, Row, Transaction
from app.permissions import Relation, in_scope, may

#: So many positions are looked at for one answer, and so many are placed in one transaction.
REACH = 5_000
_SLACK = 50
_NOBODY = UUID(int=0)


class Feed(NamedTuple):
    """What a consumer is told, and up to which position that is all there is for them."""

    items: list[dict[str, Any]]
    position: int


async def place(database: Database) -> int:
    """Give positions to what has been committed until now, in a short transaction of its own; how far there are any.

    What commits later gets a later position, however early it began: nobody who has read up to here misses it.
    """
    async with database.transaction(write=False) as tx:
        placed = await repository.place(tx, REACH)
        await tx.commit()
    last: int = placed["last"]
    return last


async def place_all(database: Database) -> None:
    """The same, in as many steps as it takes."""
    number = REACH
    while number == REACH:
        async with database.transaction(write=False) as tx:
            number = (await repository.place(tx, REACH))["number"]
            await tx.commit()


async def forget(database: Database, at: datetime, keep_days: int) -> None:
    """Forget what is older; a cursor to it is told so from then on."""
    number = REACH
    while number == REACH:
        async with database.transaction(write=False) as tx:
            number = await repository.forget(tx, at - timedelta(days=keep_days), REACH)
            await tx.commit()


async def begin(tx: Transaction, start: FeedStart) -> int:
    """The position behind which somebody without a cursor begins."""
    extent = await repository.extent(tx)
    position: int = extent["placed" if start is FeedStart.NOW else "forgotten"]
    return position


async def feed(visit: Visit, after: int, limit: int, wanted: Wanted) -> Feed:
    """The next events behind a position, at most ``limit`` of those that the caller may see, of at most ``REACH``.

    What an answer holds leaves one look, not one for each event: it tells that something changed, nothing of what it
    is now. That is read record by record, and logged there. Raises ``EventsForgotten``.
    """
    told: list[dict[str, Any]] = []
    position, until, most = after, after + REACH, limit + _SLACK
    while True:
        rows = await repository.window(visit.tx, position, until, most, wanted)
        placed, forgotten = rows[0]["placed"], rows[0]["forgotten"]
        # Behind what is placed: of another database, or of this one before it was restored.
        if not forgotten <= position <= placed:
            raise EventsForgotten
        events = [row for row in rows if row["id"] is not None]
        found = (await _told(visit, events))[: limit - len(told)]
        told += found
        if len(told) == limit:
            position = found[-1]["position"]
        elif len(events) < most:
            position = min(until, placed)
        else:
            position = events[-1]["position"]
            continue
        break
    if told:
        visit.trail.looked(Subject("event_list"))
    return Feed(told, position)


async def _told(visit: Visit, events: list[Row]) -> list[dict[str, Any]]:
    """Those of the events whose record the caller may read, in their order."""
    seen: dict[tuple[str, UUID], Row] = {}
    by_type = sorted(events, key=lambda event: str(event["record_type"]))
    for kind, of_type in groupby(by_type, key=lambda event: str(event["record_type"])):
        record = RECORDS.get(kind)
        if record is None or not in_scope(record.reads, visit.actor.scopes):
            continue
        ids = {_key(record, event) for event in of_type}
        found = await repository.records(visit.tx, kind, sorted(ids))
        seen |= {(kind, key): row for key, row in found.items()}
    return [
        _shown(visit, event, record, row)
        for event in events
        if (record := RECORDS.get(event["record_type"])) is not None
        and (row := seen.get((event["record_type"], _key(record, event)))) is not None
        and _may_hear(visit, event, record, row)
    ]


def _key(record: Record, event: Row) -> UUID:
    key: UUID = event["circle_id" if record.by_circle else "record_id"]
    return key


def _may_hear(visit: Visit, event: Row, record: Record, row: Row) -> bool:
    stands = relations(visit, record, row)
    if event["operation"] in record.kept and Relation.OWN_UNIT not in stands:
        return False
    if not may(visit.actor.role, record.reads, stands):
        return False
    if row["guarded"] and not visit.actor.is_family:
        if row["checkpoint_reason"] is None:
            return False
        visit.trail.reason = row["checkpoint_reason"]
    return True


def relations(visit: Visit, record: Record, row: Row) -> frozenset[Relation]:
    """How the caller stands to a record that the wall shows; whoever owns its circle is in it too."""
    bases = row["bases"] or ()
    stands = relations_to(
        visit, row["unit_id"] or _NOBODY, row["authority_id"] or _NOBODY, [{"basis": basis} for basis in bases]
    )
    if record.shown is not None:
        stands |= {record.shown}
    if "owner" in bases:
        stands |= {Relation.MEMBER}
    if row["leads"] and Relation.OWN_UNIT in stands:
        stands |= {Relation.LEADER_OF}
    return stands


def _shown(visit: Visit, event: Row, record: Record, row: Row) -> dict[str, Any]:
    kind, operation = event["record_type"], event["operation"]
    return {
        "position": event["position"],
        "id": event["id"],
        "source": visit.settings.api_url,
        "type": f"se.tillsammans.{kind}.{operation}",
        "subject": record.path and record.path.format(**row),
        "time": event["occurred_at"],
        "sequence": f"{event['position']:019}",
        "data": {
            "record_type": kind, "record_id": event["record_id"], "operation": operation, "case_id": row["case_id"],
        },
    }  # fmt: skip
