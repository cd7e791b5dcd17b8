"""Every query about places, claims and offers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, case, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.elements import Label

from app.kernel.circles import NOW
from app.kernel.db import Prepared, Row, Transaction
from app.places.models import ClaimStatus, OfferStatus, PlaceClaim, PlaceMove, PlaceOffer, PlacePool, PlaceSeat

#: The order of the line (R11.4).
LINE = (PlaceClaim.priority.desc(), PlaceClaim.requested_at, PlaceClaim.id)
_WAITING = PlaceClaim.status == ClaimStatus.WAITING.value
_OPEN = PlaceOffer.status == OfferStatus.OPEN.value


def offer_expired(claim_id: ColumnElement[UUID], at: ColumnElement[datetime] = NOW) -> ColumnElement[bool]:
    """Whether a claim's open offer has passed its last instant, although nobody has noticed yet (R11.5)."""
    # An alias: whoever asks may have joined the offers themselves.
    offer = aliased(PlaceOffer)
    still_open = offer.status == OfferStatus.OPEN.value
    return exists().where(offer.claim_id == claim_id, still_open, offer.expires_at <= at)


#: A claim's status as it is now, also when the job that lets offers expire has been away.
EFFECTIVE_STATUS: ColumnElement[str] = case(
    (
        (PlaceClaim.status == ClaimStatus.OFFERED.value) & offer_expired(PlaceClaim.__table__.c.id),
        ClaimStatus.EXPIRED.value,
    ),
    else_=PlaceClaim.status,
)


def _number(of: type[PlaceSeat] | type[PlaceClaim], *conditions: ColumnElement[bool]) -> ColumnElement[int]:
    # Only the pool comes from outside: whoever asks may have joined a claim of their own.
    counted = select(func.count()).select_from(of).where(of.pool_id == PlacePool.id, *conditions)
    return counted.correlate(PlacePool).scalar_subquery()


_seats, _in_line = _number(PlaceSeat), _number(PlaceClaim, _WAITING)
_taken = _number(PlaceClaim, PlaceClaim.status == ClaimStatus.TAKEN.value)


def counts(at: ColumnElement[datetime] = NOW) -> tuple[Label[int], ...]:
    """What a pool looks like from outside at an instant, for a join on ``PlacePool``.

    An offer that has expired holds nothing, also before anybody has noticed (R11.5).
    """
    still_offered = ~offer_expired(PlaceClaim.__table__.c.id, at)
    offered = _number(PlaceClaim, PlaceClaim.status == ClaimStatus.OFFERED.value, still_offered)
    return (
        _seats.label("capacity"),
        _taken.label("taken"),
        offered.label("offered"),
        (_seats - _taken - offered).label("free"),
        _in_line.label("waiting"),
    )


COUNTS = counts()
#: The seats that are held, for a join on ``PlacePool``: an expired offer holds its own until it goes on, to the next.
HELD = _number(PlaceClaim, PlaceClaim.seat.is_not(None))
#: Whether a seat can be given by hand.
GIVEABLE = _seats > HELD

_POOL = Prepared(
    select(PlacePool.id, PlacePool.offer_days, PlacePool.automatic, PlacePool.open, *COUNTS).where(
        PlacePool.id == bindparam("pool_id")
    )
)


async def pool(tx: Transaction, pool_id: UUID) -> Row | None:
    """A pool: capacity, taken, offered, free, waiting."""
    return await tx.one(_POOL, pool_id=pool_id)


async def locked(tx: Transaction, pool_id: UUID) -> PlacePool | None:
    """The pool, so that nothing else moves in it until the transaction ends."""
    return await tx.session.get(PlacePool, pool_id, with_for_update=True, populate_existing=True)


async def free_seats(tx: Transaction, pool_id: UUID) -> list[int]:
    """Numbers of the seats that nobody holds, lowest first."""
    taken = exists().where(PlaceClaim.pool_id == PlaceSeat.pool_id, PlaceClaim.seat == PlaceSeat.number)
    found = await tx.session.scalars(
        select(PlaceSeat.number).where(PlaceSeat.pool_id == pool_id, ~taken).order_by(PlaceSeat.number)
    )
    return list(found)


async def seats(tx: Transaction, pool_id: UUID) -> list[PlaceSeat]:
    """Every seat of a pool, lowest number first."""
    found = await tx.session.scalars(select(PlaceSeat).where(PlaceSeat.pool_id == pool_id).order_by(PlaceSeat.number))
    return list(found)


async def next_in_line(tx: Transaction, pool_id: UUID) -> PlaceClaim | None:
    """Whoever is first in the line."""
    first: PlaceClaim | None = await tx.session.scalar(
        select(PlaceClaim).where(PlaceClaim.pool_id == pool_id, _WAITING).order_by(*LINE).limit(1)
    )
    return first


async def claim(tx: Transaction, claim_id: UUID) -> PlaceClaim | None:
    """A claim to change, as it is now; its pool is locked first."""
    return await tx.session.get(PlaceClaim, claim_id, populate_existing=True)


async def pool_of_claim(tx: Transaction, claim_id: UUID) -> UUID | None:
    """The pool that a claim stands in."""
    found: UUID | None = await tx.session.scalar(select(PlaceClaim.pool_id).where(PlaceClaim.id == claim_id))
    return found


async def offer(tx: Transaction, offer_id: UUID) -> PlaceOffer | None:
    """An offer to answer, as it is now; its pool is locked first."""
    return await tx.session.get(PlaceOffer, offer_id, populate_existing=True)


async def open_offer(tx: Transaction, claim_id: UUID) -> PlaceOffer | None:
    """A claim's open offer."""
    found: PlaceOffer | None = await tx.session.scalar(select(PlaceOffer).where(PlaceOffer.claim_id == claim_id, _OPEN))
    return found


async def expired_offers(tx: Transaction, pool_id: UUID, at: datetime) -> list[PlaceOffer]:
    """Open offers of a pool that have passed their last instant, in the order in which they did."""
    found = await tx.session.scalars(
        select(PlaceOffer)
        .where(PlaceOffer.pool_id == pool_id, _OPEN, PlaceOffer.expires_at <= at)
        .order_by(PlaceOffer.expires_at, PlaceOffer.id)
    )
    return list(found)


_before = aliased(PlaceClaim)
_AHEAD = (
    select(func.count())
    .where(
        _before.pool_id == PlaceClaim.pool_id,
        _before.status == ClaimStatus.WAITING.value,
        or_(
            _before.priority > PlaceClaim.priority,
            (_before.priority == PlaceClaim.priority)
            & (
                (_before.requested_at < PlaceClaim.requested_at)
                | ((_before.requested_at == PlaceClaim.requested_at) & (_before.id < PlaceClaim.id))
            ),
        ),
    )
    .correlate(PlaceClaim)
    .scalar_subquery()
)
#: A waiting claim's place in the line, 1 is next; null for one that does not wait. For a select on ``PlaceClaim``.
RANK: ColumnElement[int | None] = case((_WAITING, _AHEAD + 1), else_=None)

#: How many wait in a claim's line. For a select on ``PlaceClaim``.
LENGTH: ColumnElement[int] = (
    select(func.count())
    .where(_before.pool_id == PlaceClaim.pool_id, _before.status == ClaimStatus.WAITING.value)
    .correlate(PlaceClaim)
    .scalar_subquery()
)
_STANDING = Prepared(select(RANK.label("rank"), LENGTH.label("waiting")).where(PlaceClaim.id == bindparam("claim_id")))


async def standing(tx: Transaction, claim_id: UUID) -> Row | None:
    """Where a claim stands now: ``rank`` of ``waiting``."""
    return await tx.one(_STANDING, claim_id=claim_id)


_DUE = Prepared(
    select(PlaceOffer.pool_id).where(_OPEN, PlaceOffer.expires_at <= bindparam("at")).distinct().order_by("pool_id")
)


async def pools_due(tx: Transaction, at: datetime) -> list[UUID]:
    """Pools in which an offer has expired and waits to be passed on."""
    return [row["pool_id"] for row in await tx.all(_DUE, at=at)]


#: An offer's status as it is now, noticed or not. For a select on ``PlaceOffer``.
OFFER_STATUS: ColumnElement[str] = case(
    (_OPEN & (PlaceOffer.expires_at <= NOW), OfferStatus.EXPIRED.value), else_=PlaceOffer.status
)
_OFFERS = Prepared(
    select(
        PlaceOffer.id, PlaceOffer.version, PlaceOffer.claim_id, PlaceOffer.rank, PlaceOffer.made_at,
        PlaceOffer.expires_at, PlaceOffer.concluded_at, OFFER_STATUS.label("status"),
    )
    .where(PlaceOffer.claim_id == bindparam("claim_id"))
    .order_by(PlaceOffer.id.desc())
)  # fmt: skip


async def offers_of(tx: Transaction, claim_id: UUID) -> list[Row]:
    """Every offer of a claim, newest first."""
    return await tx.all(_OFFERS, claim_id=claim_id)


_OFFER_CLAIM = Prepared(select(PlaceOffer.claim_id, PlaceOffer.pool_id).where(PlaceOffer.id == bindparam("offer_id")))


async def claim_of_offer(tx: Transaction, offer_id: UUID) -> Row | None:
    """The claim and the pool that an offer belongs to."""
    return await tx.one(_OFFER_CLAIM, offer_id=offer_id)


_MOVES = (
    select(
        PlaceMove.id, PlaceMove.claim_id, PlaceMove.move, PlaceMove.moved_at, PlaceMove.moved_by, PlaceMove.rank,
        PlaceMove.waiting, PlaceMove.seat,
    )
    .order_by(PlaceMove.id)
)  # fmt: skip
_MOVES_OF_CLAIM = Prepared(_MOVES.where(PlaceMove.claim_id == bindparam("claim_id")))
_MOVES_OF_POOL = Prepared(_MOVES.where(PlaceMove.pool_id == bindparam("pool_id")))


async def moves_of_claim(tx: Transaction, claim_id: UUID) -> list[Row]:
    """Everything that happened to one claim, first to last."""
    return await tx.all(_MOVES_OF_CLAIM, claim_id=claim_id)


async def moves_of_pool(tx: Transaction, pool_id: UUID) -> list[Row]:
    """Everything that moved in a pool, first to last."""
    return await tx.all(_MOVES_OF_POOL, pool_id=pool_id)
