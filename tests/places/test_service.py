"""The line and its places, driven straight on the database: an offer, an answer, an expiry, and who is next."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from app.kernel.http.door import Kernel
from app.places import service as places
from app.places.line import Moving
from app.places.models import AlreadyInLine, NoPlaceFree, OfferHasExpired, OthersWaitLonger, PlacesAreTaken, Priority

pytestmark = pytest.mark.database
T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


class Line:
    """A pool and those who stand in line for it, each by a letter."""

    def __init__(self, moving: Moving) -> None:
        self.moving, self.pool, self.names = moving, uuid4(), dict[str, UUID]()

    async def open(self, capacity: int, *, automatic: bool = True) -> None:
        await places.open_pool(
            self.moving, self.pool, capacity=capacity, offer_days=10, automatic=automatic, offering=True
        )

    def later(self, days: float) -> None:
        self.moving = self.moving._replace(at=self.moving.at + days * DAY)

    async def join(self, *names: str, priority: Priority = Priority.ORDINARY, holder: UUID | None = None) -> None:
        for name in names:
            self.names[name] = uuid4()
            self.later(0.001)
            await places.join(self.moving, self.pool, self.names[name], priority=priority, holder=holder)

    async def offer_to(self, name: str) -> UUID:
        offers = await places.offers_of(self.moving.tx, self.names[name])
        return UUID(str(offers[0]["id"]))

    async def statuses(self) -> str:
        rows = await self.moving.tx.rows("select id, status from place_claims where pool_id = %s", [self.pool])
        found = {row["id"]: row["status"] for row in rows}
        return " ".join(f"{name}:{found[claim]}" for name, claim in self.names.items())


@pytest.fixture
async def line(kernel: Kernel) -> AsyncIterator[Line]:
    """A line in a transaction that is rolled back."""
    async with kernel.database.transaction(write=True) as tx:
        yield Line(Moving(tx, T0))
        await tx.rollback()


@pytest.mark.rule("R11.5")
async def test_an_offer_that_is_not_answered_goes_to_the_next_with_its_whole_time(line: Line) -> None:
    await line.open(1)
    await line.join("a", "b", "c")
    assert await line.statuses() == "a:offered b:waiting c:waiting"

    line.later(20)  # the job was away for ten days
    with pytest.raises(OfferHasExpired):
        await places.accept(line.moving, await line.offer_to("a"))
    await places.expire_due(line.moving, line.pool)

    assert await line.statuses() == "a:expired b:offered c:waiting"
    offered = (await places.offers_of(line.moving.tx, line.names["b"]))[0]
    assert offered["expires_at"] == line.moving.at + 10 * DAY


@pytest.mark.rule("R11.4")
async def test_the_line_is_priority_then_time_and_to_go_past_it_must_be_said(line: Line) -> None:
    await line.open(1, automatic=False)
    await line.join("a", "b")
    await line.join("c", priority=Priority.RAISED)

    with pytest.raises(OthersWaitLonger):
        await places.offer(line.moving, line.names["a"], skipping=False)
    await places.offer(line.moving, line.names["b"], skipping=True)
    with pytest.raises(NoPlaceFree):
        await places.place(line.moving, line.names["c"], skipping=False)
    await places.decline(line.moving, await line.offer_to("b"))

    assert await line.statuses() == "a:waiting b:declined c:offered"
    moves = [
        (row["move"], row["rank"], row["waiting"]) for row in await places.moves_of_pool(line.moving.tx, line.pool)
    ]
    assert ("offered", 3, 3) in moves, "who was passed is written down"


@pytest.mark.rule("R11.1")
async def test_nobody_loses_a_place_because_there_are_to_be_fewer(line: Line) -> None:
    await line.open(2)
    await line.join("a", "b", "c")
    await places.accept(line.moving, await line.offer_to("b"))
    with pytest.raises(PlacesAreTaken):
        await places.configure(line.moving, line.pool, capacity=1)
    await places.decline(line.moving, await line.offer_to("a"))
    await places.withdraw(line.moving, line.names["c"])
    await places.configure(line.moving, line.pool, capacity=1)
    pool = await places.pool_of(line.moving.tx, line.pool)

    assert pool is not None
    assert {name: pool[name] for name in ("capacity", "taken", "offered", "free", "waiting")} == {
        "capacity": 1, "taken": 1, "offered": 0, "free": 0, "waiting": 0,
    }  # fmt: skip
    await places.leave(line.moving, line.names["b"])
    await places.return_to_line(line.moving, line.names["a"])
    assert await line.statuses() == "a:offered b:left c:withdrawn"


async def test_one_live_claim_for_each_holder(line: Line) -> None:
    holder = uuid4()
    await line.open(1)
    await line.join("a", holder=holder)
    with pytest.raises(Exception, match="uq_place_claims_holder"):
        await line.join("b", holder=holder)
    assert AlreadyInLine.constraint == "uq_place_claims_holder"
