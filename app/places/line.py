"""What moves in a pool while it is locked: the line, its offers, and a note of every move."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from app.kernel.context import Visit
from app.kernel.db import Transaction
from app.kernel.errors import NotFound
from app.kernel.ids import new_id
from app.places import repository
from app.places.models import (
    OfferStatus,
    PlaceClaim,
    PlaceMove,
    PlaceMoveKind,
    PlaceOffer,
    PlacePool,
    until,
)

M = PlaceMoveKind


class Moving(NamedTuple):
    """Who of the staff moves something when; nobody when the family does, or time itself."""

    tx: Transaction
    at: datetime
    by: UUID | None = None

    @classmethod
    def of(cls, visit: Visit) -> "Moving":
        """The caller, now. Of the family nobody: a line is open to more eyes than the record behind a claim."""
        return cls(visit.tx, visit.now, None if visit.actor.is_family else visit.actor.user_id)


async def locked(moving: Moving, pool_id: UUID) -> PlacePool:
    """The pool, alone, with what has expired in it passed on.

    Each new offer has its whole time from now: nobody loses days because the program was away.
    """
    pool = await repository.locked(moving.tx, pool_id)
    if pool is None:
        raise NotFound
    time_itself = moving._replace(by=None)
    for made in await repository.expired_offers(moving.tx, pool_id, moving.at):
        claim = await repository.claim(moving.tx, made.claim_id)
        if claim is None:
            continue
        made.conclude(OfferStatus.EXPIRED, made.expires_at)
        await moved(time_itself, claim, M.EXPIRED, deed="expire")
        await pass_on(time_itself, pool)
    return pool


async def both(moving: Moving, claim_id: UUID) -> tuple[PlacePool, PlaceClaim]:
    """A claim and its pool, locked. Raises ``NotFound``."""
    pool_id = await repository.pool_of_claim(moving.tx, claim_id)
    if pool_id is None:
        raise NotFound
    pool = await locked(moving, pool_id)
    claim = await repository.claim(moving.tx, claim_id)
    if claim is None:
        raise NotFound
    return pool, claim


async def offered(moving: Moving, offer_id: UUID) -> tuple[PlacePool, PlaceClaim, PlaceOffer]:
    """An offer to answer, with its claim and its pool, locked. Raises ``NotFound``."""
    named = await repository.claim_of_offer(moving.tx, offer_id)
    if named is None:
        raise NotFound
    pool, claim = await both(moving, named["claim_id"])
    made = await repository.offer(moving.tx, offer_id)
    if made is None:
        raise NotFound
    return pool, claim, made


async def fill(moving: Moving, pool: PlacePool) -> None:
    """Where that goes by itself: every free place is offered, in the order of the line."""
    while pool.open and pool.automatic and await _offer_next(moving, pool):
        pass


async def pass_on(moving: Moving, pool: PlacePool) -> None:
    """What was offered and not taken goes to the next in line, by itself in every pool (R11.5)."""
    if pool.open:
        await _offer_next(moving, pool)
        await fill(moving, pool)


async def _offer_next(moving: Moving, pool: PlacePool) -> bool:
    await moving.tx.session.flush()
    free = await repository.free_seats(moving.tx, pool.id)
    claim = await repository.next_in_line(moving.tx, pool.id) if free else None
    if claim is None:
        return False
    await offer(moving._replace(by=None), pool, claim, free[0])
    return True


async def offer(moving: Moving, pool: PlacePool, claim: PlaceClaim, seat: int) -> UUID:
    """Offer a seat to a claim for as long as the pool's offers last."""
    rank = await moved(moving, claim, M.OFFERED, deed="offer", seat=seat)
    made = PlaceOffer(
        id=new_id(), pool_id=pool.id, claim_id=claim.id, rank=rank or 1, made_at=moving.at,
        expires_at=until(moving.at, pool.offer_days), status=OfferStatus.OPEN,
    )  # fmt: skip
    moving.tx.session.add(made)
    await moving.tx.session.flush()
    return made.id


async def moved(
    moving: Moving, claim: PlaceClaim, move: PlaceMoveKind, *, deed: str | None = None, seat: int | None = None
) -> int | None:
    """Write down where the claim stood, and take the step. Answers its rank in the line before it."""
    await moving.tx.session.flush()
    stood = await repository.standing(moving.tx, claim.id) or {"rank": None, "waiting": None}
    held = seat or claim.seat
    if deed is not None:
        claim.step(deed, seat)
    record(moving, claim.pool_id, claim.id, move, seat=held, rank=stood["rank"], waiting=stood["waiting"])
    await moving.tx.session.flush()
    rank: int | None = stood["rank"]
    return rank


def record(
    moving: Moving, pool_id: UUID, claim_id: UUID | None, move: PlaceMoveKind, *, seat: int | None = None,
    rank: int | None = None, waiting: int | None = None,
) -> None:  # fmt: skip
    """Write a move down."""
    moving.tx.session.add(
        PlaceMove(
            id=new_id(), pool_id=pool_id, claim_id=claim_id, move=move, moved_at=moving.at, moved_by=moving.by,
            seat=seat, rank=rank, waiting=waiting,
        )
    )  # fmt: skip
