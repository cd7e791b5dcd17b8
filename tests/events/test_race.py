"""Many write at once, some hold what they have written back while others commit, some give up; one consumer follows.

It is stopped in the middle of whatever it does, again and again, and goes on from the cursor that it has kept: it is
told of each change exactly once, and of the changes of one record in their order. At its full size, as `make endurance`
runs it, these are 10,000 changes by 20 writers.
"""

import asyncio
import os
import random
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from uuid import UUID

import httpx
import psycopg
import pytest

from app.database import DatabaseAddresses
from app.demo.staff import ASSIGNMENT_IDS
from app.events import service
from app.kernel.db import Database
from app.kernel.http.door import Kernel
from app.organisations import service as organisations
from app.people.models import Child
from app.permissions import FULL_SCOPE, Permission
from tests.builders import a_child
from tests.events.steps import asked, end

pytestmark = [pytest.mark.database, pytest.mark.endurance]

AT_FULL_SIZE = os.environ.get("TILLSAMMANS_ENDURANCE") == "1"
CHANGES, WRITERS, RECORDS, STOPS = (10_000, 20, 60, 40) if AT_FULL_SIZE else (300, 10, 10, 5)


@dataclass
class Written:
    """What has been committed: each entry's id, with its record and the version that it made."""

    changes: dict[UUID, tuple[UUID, int]] = field(default_factory=dict)
    given_up: int = 0
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def commit(self, entry: UUID, record: UUID, version: int) -> None:
        async with self.news:
            self.changes[entry] = record, version
            self.news.notify_all()

    async def reach(self, number: int) -> None:
        """Until so many changes have been committed."""
        async with self.news:
            await self.news.wait_for(lambda: len(self.changes) >= number)

    async def others(self) -> None:
        """Until others have committed meanwhile; not for ever: they may all wait for this record."""
        goal = len(self.changes) + 3
        with suppress(TimeoutError):
            async with asyncio.timeout(0.05), self.news:
                await self.news.wait_for(lambda: len(self.changes) >= goal)


@dataclass
class Consumer:
    """Keeps a cursor and what was told up to it, both at once: it may be stopped at any moment."""

    client: httpx.AsyncClient
    cursor: str
    told: list[tuple[UUID, UUID]] = field(default_factory=list)
    answers: int = 0

    async def follow(self, limit: int) -> None:
        while True:
            await self.read(limit)

    async def read(self, limit: int) -> bool:
        page = await asked(self.client, cursor=self.cursor, limit=limit)
        items = [
            (UUID(event["data"]["recordId"]), UUID(event["id"]))
            for event in page["items"]
            if event["data"]["operation"] == "correctChild"
        ]
        self.cursor, self.told, self.answers = page["cursor"], [*self.told, *items], self.answers + 1
        return bool(page["items"])


@pytest.fixture
async def writing(kernel: Kernel, addresses: DatabaseAddresses) -> AsyncIterator[Kernel]:
    """The kernel with connections for the writers alone."""
    database = Database(addresses.program, pool_size=WRITERS, timeout=60, statement_timeout=60)
    await database.open()
    yield replace(kernel, database=database)
    await database.close()


async def write(kernel: Kernel, records: list[UUID], written: Written, dice: random.Random) -> None:
    """One change, as a deed is done: locked, changed, named; then committed at once, later, or not at all."""
    async with kernel.database.transaction(write=True) as tx:
        actor = await organisations.actor_in(
            tx, ASSIGNMENT_IDS["gnesta.school"], kernel.clock.now(), client_id=None, scopes=frozenset({FULL_SCOPE})
        )
        visit = await kernel.act_as(tx, actor, Permission.CHILD_EDIT, "correctChild", trace_id="0" * 32)
        record = await tx.session.get(Child, dice.choice(records), with_for_update=True)
        assert record is not None
        record.family_name = f"Sandell-{dice.random()}"
        visit.trail.changed(record.subject("child", record.id), "family_name")
        entry = visit.trail.entries[-1]["id"]
        await visit.trail.write(tx)
        chance = dice.random()
        if chance < 0.2:
            await written.others()
        if chance < 0.1:
            written.given_up += 1
            return
        version = record.version
        await tx.commit()
        await written.commit(entry, record.id, version)
    if chance > 0.8:
        await service.place(kernel.database)  # as others who read do


async def test_each_change_is_told_once_and_in_order(client_for, writing: Kernel, owner_db: psycopg.Connection) -> None:
    school, dice, written = client_for("gnesta.school"), random.Random(4711), Written()
    records = [UUID((await a_child(school))["id"]) for _ in range(RECORDS)]
    consumer, left = Consumer(school, await end(school)), iter(range(CHANGES))

    async def writer(number: int) -> None:
        own = random.Random(number)
        for _ in left:
            await write(writing, records, written, own)

    writers = asyncio.gather(*(writer(number) for number in range(WRITERS)))
    for stop in range(1, STOPS + 1):
        following = asyncio.create_task(consumer.follow(dice.choice((3, 20, 200))))
        await written.reach(CHANGES * stop * 4 // (STOPS * 5))
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
    await writers
    read_meanwhile = consumer.answers
    while await consumer.read(200):
        pass

    assert len(written.changes) + written.given_up == CHANGES
    assert written.given_up > 0
    assert len(consumer.told) == len(written.changes), "none is missing and none came twice"
    assert {entry for _, entry in consumer.told} == written.changes.keys()
    for record in records:
        versions = [written.changes[entry][1] for told, entry in consumer.told if told == record]
        assert versions == sorted(versions), "in the order of the record's changes"
    assert read_meanwhile > STOPS, "it followed while they wrote"
    assert _overtaken(owner_db) > 0, "some committed in another order than they had written in"


def _overtaken(owner_db: psycopg.Connection) -> int:
    row = owner_db.execute(
        """select count(*) as n from (
            select recorded < lag(recorded) over (order by position) as overtaken from events
        ) e where overtaken"""
    ).fetchone()
    return row["n"]  # type: ignore[index,call-overload]


async def test_those_who_place_events_take_turns(kernel: Kernel, addresses: DatabaseAddresses) -> None:
    with psycopg.connect(addresses.owner, autocommit=True) as owner:
        owner.execute(
            """insert into access_log (id, logged_at, kind, action, permission, outcome, object_type, object_id,
                circle_id, controller_id, trace_id)
            select r, now(), 'change', 'correctChild', 'child.edit', 'allowed', 'child', r, r, r, 't'
            from (select gen_random_uuid() r from generate_series(1, 3000)) one"""
        )

        await asyncio.gather(*(service.place(kernel.database) for _ in range(6)))

        row = owner.execute(
            """select count(position), count(distinct position), max(position) - min(position) + 1,
                count(*) filter (where position is null), (select placed from event_feed) = max(position)
            from events"""
        ).fetchone()
    assert row is not None
    number, different, extent, waiting, as_told = row
    assert number == different == extent
    assert (waiting, as_told) == (0, True)
