"""What time does to the lines: line by line, so that one that fails keeps no other from its turn."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from structlog.testing import capture_logs

from app.database import DatabaseAddresses
from app.group_places.models import SeatToFree
from app.jobs import free_ended_places, pass_on_expired_offers
from app.kernel.http.door import Kernel
from app.places import service as places
from app.places.line import Moving
from tests.conftest import AdjustableClock

pytestmark = pytest.mark.database
#: Long before any other test's places: theirs are not due yet.
T0 = datetime(2024, 3, 4, 9, tzinfo=UTC)


async def a_line(kernel: Kernel, pool_id: UUID, *, taken: bool) -> UUID:
    """A pool of one place, offered or taken; the claim that waits for it."""
    async with kernel.database.transaction(write=True) as tx:
        moving, holds, waits = Moving(tx, T0), uuid4(), uuid4()
        await places.open_pool(moving, pool_id, capacity=1, offer_days=10, automatic=True, offering=True)
        await places.join(moving, pool_id, holds)
        if taken:
            await places.accept(moving, (await places.offers_of(tx, holds))[0]["id"])
            tx.session.add(SeatToFree(claim_id=holds, pool_id=pool_id, free_on=T0.date()))
        await places.join(moving, pool_id, waits)
        await tx.commit()
    return waits


async def is_offered(kernel: Kernel, claim_id: UUID) -> bool:
    """Whether the place has gone on to whoever waited for it."""
    async with kernel.database.transaction(write=False) as tx:
        return bool(await places.offers_of(tx, claim_id))


@contextmanager
def broken(addresses: DatabaseAddresses, pool_id: UUID) -> Iterator[None]:
    """Nothing moves in a pool: the database refuses to write it down."""
    with psycopg.connect(addresses.owner, autocommit=True) as owner:
        check = f"alter table place_moves add constraint broken check (pool_id <> '{pool_id}') not valid"
        owner.execute(check.encode())
        try:
            yield
        finally:
            owner.execute("alter table place_moves drop constraint broken")


@pytest.mark.parametrize("job", [pass_on_expired_offers, free_ended_places])
async def test_a_line_that_fails_keeps_no_other_from_its_turn(
    kernel: Kernel, addresses: DatabaseAddresses, clock: AdjustableClock, job
) -> None:
    first, second = sorted((uuid4(), uuid4()))
    waits = [await a_line(kernel, pool, taken=job is free_ended_places) for pool in (first, second)]
    clock.set(T0 + timedelta(days=20))

    with broken(addresses, first), capture_logs() as lines:
        await job(kernel)

    assert [await is_offered(kernel, claim) for claim in waits] == [False, True]
    (told,) = [line for line in lines if line["event"] == "job-failed"]
    assert (told["job"], told["error"], told["log_level"]) == (
        job.__name__.replace("_", "-"), "IntegrityError", "warning",
    )  # fmt: skip
    await job(kernel)
    assert [await is_offered(kernel, claim) for claim in waits] == [True, True], "it was due again"
