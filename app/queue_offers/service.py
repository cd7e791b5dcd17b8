"""Deeds with offers: a place is offered, and declined. A yes is a place (``app.group_places``)."""

from uuid import UUID

from app.group_queues import service as queues
from app.group_queues.models import QueueEntry, QueueNoteKind
from app.kernel.context import Visit
from app.kernel.db import Row, Transaction
from app.kernel.errors import NotFound
from app.places import service as places
from app.places.line import Moving
from app.places.models import PlaceMoveKind


async def offers_of(tx: Transaction, entry: Row) -> list[Row]:
    """The offers of an entry, the newest first, with what they are shown with."""
    told = {name: entry[name] for name in ("group_id", "group_name", "given_name")}
    return [
        {**offer, **told, "queue_entry_id": entry["id"]} for offer in await places.offers_of(tx, entry["id"])
    ]  # fmt: skip


async def offer_of(tx: Transaction, entry: Row, offer_id: UUID) -> Row:
    """One of them."""
    for offer in await offers_of(tx, entry):
        if offer["id"] == offer_id:
            return offer
    raise NotFound


async def make(visit: Visit, entry: QueueEntry, skip_reason: str | None) -> UUID:
    """Offer a free place to a child in line; past others only with a reason, which is kept (R11.4).

    Raises ``NoPlacesOffered``, ``NoPlaceFree``, ``OthersWaitLonger``, ``ImpossibleInThisState``.
    """
    offer_id = await places.offer(Moving.of(visit), entry.id, skipping=skip_reason is not None)
    visit.trail.changed(entry.logged, "offer")
    offers = await places.offers_of(visit.tx, entry.id)
    if skip_reason is not None and offers[0]["rank"] > 1:
        await queues.note(visit, entry, QueueNoteKind.SKIP, skip_reason)
    await visit.tx.session.flush()
    return offer_id


async def decline(visit: Visit, entry_id: UUID, offer_id: UUID, reason: str | None) -> None:
    """No to an offer; the place goes to the next in line (R11.5). Raises ``OfferHasExpired``, ``OfferIsConcluded``."""
    entry = await queues.entry_record(visit.tx, entry_id)
    if entry is None:
        raise NotFound
    await places.decline(Moving.of(visit), offer_id)
    await queues.sign(visit, entry_id, PlaceMoveKind.DECLINED)
    await queues.conclude(visit, entry, reason)
