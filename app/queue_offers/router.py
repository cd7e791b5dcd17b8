"""Endpoints of offers of places in contact groups."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.group_queues import service as queues
from app.group_queues.access import OfferOf, entry_for, insiders_entry_for, offer_for, offer_row_for, relations_of
from app.group_queues.models import OFFER_FLOW, QueueEntry
from app.kernel.access import Visiting
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.links import Action, links
from app.kernel.paging import PageQuery, whole
from app.permissions import Permission as P
from app.queue_offers import schemas, service

router = Router(
    "offers",
    Text("Erbjudna platser i kontaktgrupper, och svaren på dem.", "Offered places in contact groups, and the answers."),
)

_ACTIONS = (
    Action("acceptance", "POST", "/acceptance", P.PLACE_OFFER_ANSWER, "accept"),
    Action("decline", "POST", "/decline", P.PLACE_OFFER_ANSWER, "decline"),
)


def _shown(visit: Visit, entry: Row, offer: Row) -> dict[str, Any]:
    neighbours = {"queue-entry": f"/queue-entries/{entry['id']}", "group": f"/contact-groups/{entry['group_id']}"}
    return {
        **offer,
        "links": links(
            visit, f"/offers/{offer['id']}", _ACTIONS, relations_of(visit, entry), workflow=OFFER_FLOW,
            status=offer["status"], neighbours=neighbours,
        ),
    }  # fmt: skip


async def _answer(visit: Visit, entry_id: UUID, offer_id: UUID) -> dict[str, Any]:
    entry = await queues.entry_of(visit.tx, entry_id)
    if entry is None:
        raise NotFound
    offer = await service.offer_of(visit.tx, entry, offer_id)
    visit.presents(f"/offers/{offer_id}", offer["version"])
    return _shown(visit, entry, offer)


@router.get("/queue-entries/{entryId}/offers", operation_id="listOffers", response_model=schemas.QueueOfferPage)
async def list_offers(
    visit: Visiting, entry: Annotated[Row, insiders_entry_for(P.QUEUE_READ)], query: Annotated[PageQuery, Query()]
) -> Any:
    """Every offer that the child has had from this group, the newest first."""
    rows = await service.offers_of(visit.tx, entry)
    return whole(visit, f"/queue-entries/{entry['id']}/offers", query, rows, lambda row: _shown(visit, entry, row))


@router.post(
    "/queue-entries/{entryId}/offers", operation_id="offerPlace", status_code=201, response_model=schemas.QueueOffer
)  # fmt: skip
async def offer_place(
    visit: Visiting, entry: Annotated[QueueEntry, entry_for(P.QUEUE_MANAGE)], body: schemas.QueueOfferCreate
) -> Any:
    """Offer a free place to a child in line. Whoever is not first is offered one only with a reason (R11.4)."""
    return await _answer(visit, entry.id, await service.make(visit, entry, body.skip_reason))


@router.get("/offers/{offerId}", operation_id="getOffer", response_model=schemas.QueueOffer)
async def get_offer(visit: Visiting, offer: Annotated[OfferOf, offer_row_for(P.QUEUE_READ)]) -> Any:
    """One offer. Past its last instant it is expired, whether or not it has gone on yet (R11.5)."""
    return await _answer(visit, offer.entry["id"], offer.offer_id)


@router.post(
    "/offers/{offerId}/decline", operation_id="declineOffer", status_code=201, response_model=schemas.QueueOffer
)  # fmt: skip
async def decline_offer(
    visit: Visiting, offer: Annotated[OfferOf, offer_for(P.PLACE_OFFER_ANSWER)], body: schemas.QueueOfferDecline
) -> Any:
    """Say no to an offered place, as the family or for it. It goes to the next in line (R11.5)."""
    await service.decline(visit, offer.entry["id"], offer.offer_id, body.reason)
    return await _answer(visit, offer.entry["id"], offer.offer_id)


routers = (router,)
