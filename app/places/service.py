"""Deeds in a pool of places: join the line, be offered, answer, leave. Each locks the pool first.

They take a transaction and an instant, not a visit: time itself lets offers expire, with nobody inside. Whoever calls
has the right to the record behind the claim; here it is only an id.
"""

from datetime import datetime
from uuid import UUID

from app.kernel.db import Row, Transaction
from app.places import line, repository
from app.places.line import Moving
from app.places.models import (
    ClaimStatus,
    NoPlaceFree,
    NoPlacesOffered,
    OfferStatus,
    OthersWaitLonger,
    PlaceClaim,
    PlaceMoveKind,
    PlacePool,
    PlacesAreTaken,
    PlaceSeat,
    Priority,
)

M = PlaceMoveKind


async def open_pool(
    moving: Moving, pool_id: UUID, *, capacity: int, offer_days: int, automatic: bool, offering: bool
) -> None:
    """A new pool with its places; ``offering`` whether places are offered from now on."""
    moving.tx.session.add(PlacePool(id=pool_id, offer_days=offer_days, automatic=automatic, open=offering))
    await moving.tx.session.flush()
    moving.tx.session.add_all(PlaceSeat(pool_id=pool_id, number=number) for number in range(1, capacity + 1))
    await moving.tx.session.flush()


async def configure(
    moving: Moving, pool_id: UUID, *, capacity: int | None = None, offer_days: int | None = None,
    automatic: bool | None = None, offering: bool | None = None,
) -> None:  # fmt: skip
    """Change a pool. New places, and a line that opens again, are offered at once where that goes by itself.

    Raises ``PlacesAreTaken`` when there are to be fewer places than are taken or offered.
    """
    pool = await line.locked(moving, pool_id)
    if offer_days is not None:
        pool.offer_days = offer_days
    if automatic is not None:
        pool.automatic = automatic
    if offering is not None and offering != pool.open:
        pool.open = offering
        line.record(moving, pool_id, None, M.OPENED if offering else M.CLOSED)
    if capacity is not None:
        await _resize(moving, pool_id, capacity)
    await line.fill(moving, pool)


async def _resize(moving: Moving, pool_id: UUID, capacity: int) -> None:
    there = await repository.seats(moving.tx, pool_id)
    if capacity == len(there):
        return
    last = max((seat.number for seat in there), default=0)
    added = capacity - len(there)
    moving.tx.session.add_all(PlaceSeat(pool_id=pool_id, number=last + one) for one in range(1, added + 1))
    if added < 0:
        free = set((await repository.free_seats(moving.tx, pool_id))[added:])
        if len(free) < -added:
            raise PlacesAreTaken
        for seat in there:
            if seat.number in free:
                await moving.tx.session.delete(seat)
    line.record(moving, pool_id, None, M.RESIZED)
    await moving.tx.session.flush()


async def join(
    moving: Moving, pool_id: UUID, claim_id: UUID, *, holder: UUID | None = None,
    priority: Priority = Priority.ORDINARY, requested_at: datetime | None = None, held_back: bool = False,
) -> None:  # fmt: skip
    """Stand in line from the time of the request; held back until something else is there (a consent).

    Raises ``AlreadyInLine`` when the same holder has a live claim in the pool.
    """
    pool = await line.locked(moving, pool_id)
    claim = PlaceClaim(
        id=claim_id, pool_id=pool_id, holder=holder, priority=priority.weight,
        status=ClaimStatus.HELD_BACK if held_back else ClaimStatus.WAITING, requested_at=requested_at or moving.at,
    )  # fmt: skip
    moving.tx.session.add(claim)
    await moving.tx.session.flush()
    await line.moved(moving, claim, M.JOINED)
    await line.fill(moving, pool)


async def release(moving: Moving, claim_id: UUID) -> None:
    """What a claim was held back for is there: it stands in line, from the time of its request."""
    await _step_and_fill(moving, claim_id, "release", M.RELEASED)


async def return_to_line(moving: Moving, claim_id: UUID) -> None:
    """Back into the line, at the place that the time of the request gives."""
    await _step_and_fill(moving, claim_id, "return", M.RETURNED)


async def leave(moving: Moving, claim_id: UUID) -> None:
    """The place is free again; where that goes by itself the next in line is offered it at once."""
    await _step_and_fill(moving, claim_id, "leave", M.LEFT)


async def _step_and_fill(moving: Moving, claim_id: UUID, deed: str, move: PlaceMoveKind) -> None:
    pool, claim = await line.both(moving, claim_id)
    held = claim.seat
    claim.step(deed)
    await line.moved(moving, claim, move, seat=held)
    await line.fill(moving, pool)


async def prioritise(moving: Moving, claim_id: UUID, priority: Priority) -> None:
    """Another priority from now on; its reason stands with whoever is behind the claim (R11.4)."""
    _, claim = await line.both(moving, claim_id)
    claim.step("prioritise")
    claim.priority = priority.weight
    await line.moved(moving, claim, M.PRIORITISED)


async def offer(moving: Moving, claim_id: UUID, *, skipping: bool) -> UUID:
    """Offer a free place to somebody in line: the first, or with ``skipping`` past others (R11.4).

    Raises ``NoPlacesOffered``, ``NoPlaceFree``, ``OthersWaitLonger``, ``ImpossibleInThisState``.
    """
    pool, claim = await line.both(moving, claim_id)
    seat = await _seat_for(moving, pool, claim, skipping=skipping)
    return await line.offer(moving, pool, claim, seat)


async def place(moving: Moving, claim_id: UUID, *, skipping: bool) -> None:
    """Give a free place by decision, without an offer. Raises as ``offer`` does."""
    pool, claim = await line.both(moving, claim_id)
    seat = await _seat_for(moving, pool, claim, skipping=skipping)
    await line.moved(moving, claim, M.PLACED, deed="place", seat=seat)


async def _seat_for(moving: Moving, pool: PlacePool, claim: PlaceClaim, *, skipping: bool) -> int:
    if not pool.open:
        raise NoPlacesOffered
    free = await repository.free_seats(moving.tx, pool.id)
    if not free:
        raise NoPlaceFree
    first = await repository.next_in_line(moving.tx, pool.id)
    if claim.status == ClaimStatus.WAITING and first is not claim and not skipping:
        raise OthersWaitLonger
    return free[0]


async def accept(moving: Moving, offer_id: UUID) -> UUID:
    """Yes to an offer: the claim has its place. Raises ``OfferHasExpired``, ``OfferIsConcluded``."""
    _, claim, made = await line.offered(moving, offer_id)
    made.conclude(OfferStatus.ACCEPTED, moving.at)
    await line.moved(moving, claim, M.ACCEPTED, deed="accept")
    return claim.id


async def decline(moving: Moving, offer_id: UUID) -> UUID:
    """No to an offer: it goes to the next in line. Raises ``OfferHasExpired``, ``OfferIsConcluded``."""
    pool, claim, made = await line.offered(moving, offer_id)
    made.conclude(OfferStatus.DECLINED, moving.at)
    await line.moved(moving, claim, M.DECLINED, deed="decline")
    await line.pass_on(moving, pool)
    return claim.id


async def withdraw(moving: Moving, claim_id: UUID) -> None:
    """Out of the line; what was offered goes to the next."""
    pool, claim = await line.both(moving, claim_id)
    was_offered = claim.status == ClaimStatus.OFFERED
    made = await repository.open_offer(moving.tx, claim_id)
    await line.moved(moving, claim, M.WITHDRAWN, deed="withdraw")
    if made is not None:
        made.conclude(OfferStatus.WITHDRAWN, moving.at)
    await (line.pass_on if was_offered else line.fill)(moving, pool)


async def hold(tx: Transaction, claim_id: UUID) -> None:
    """Lock the pool that a claim stands in, before whatever else of it is locked: so no two wait in a ring."""
    pool_id = await repository.pool_of_claim(tx, claim_id)
    if pool_id is not None:
        await repository.locked(tx, pool_id)


async def status_of(moving: Moving, claim_id: UUID) -> ClaimStatus:
    """Where a claim stands, its pool locked: nothing but this transaction moves it from now on."""
    _, claim = await line.both(moving, claim_id)
    return ClaimStatus(claim.status)


async def expire_due(moving: Moving, pool_id: UUID) -> None:
    """Let what has expired in a pool go to the next in line (R11.5)."""
    await line.locked(moving, pool_id)


async def pools_due(tx: Transaction, at: datetime) -> list[UUID]:
    """Pools with an offer that has expired and was not passed on."""
    return await repository.pools_due(tx, at)


async def pool_of(tx: Transaction, pool_id: UUID) -> Row | None:
    """A pool: capacity, taken, offered, free, waiting."""
    return await repository.pool(tx, pool_id)


async def offers_of(tx: Transaction, claim_id: UUID) -> list[Row]:
    """Every offer of a claim, newest first."""
    return await repository.offers_of(tx, claim_id)


async def claim_of_offer(tx: Transaction, offer_id: UUID) -> UUID | None:
    """The claim that an offer was made to."""
    found = await repository.claim_of_offer(tx, offer_id)
    return None if found is None else found["claim_id"]


async def moves_of_claim(tx: Transaction, claim_id: UUID) -> list[Row]:
    """Everything that happened to one claim, first to last."""
    return await repository.moves_of_claim(tx, claim_id)


async def moves_of_pool(tx: Transaction, pool_id: UUID) -> list[Row]:
    """Everything that moved in a pool, first to last."""
    return await repository.moves_of_pool(tx, pool_id)
