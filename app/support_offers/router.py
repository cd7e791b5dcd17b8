"""Endpoints of the support catalogue: open to anybody who reads, and to the provider's manager who keeps it."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.kernel.access import Visiting
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.http.public import Knowing, PublicRouter, Reading
from app.kernel.links import Action, links
from app.kernel.paging import page, whole, window
from app.permissions import Permission as P
from app.support_offers import repository, schemas, service
from app.support_offers.access import SupportOfferId, is_own, offer_for, own_unit, relations, unit_for_offers
from app.support_offers.models import SupportOffer, is_fresh, is_valid

public = PublicRouter(
    "support-offers",
    Text(
        "Stödutbudet: vad som finns, för vem och hur man får det. Läses utan inloggning.",
        "The support catalogue: what there is, for whom and how to get it. Read without signing in.",
    ),
)
router = Router("support-offers")

_PATH = "/support-offers"
_ACTIONS = (
    Action("edit", "PATCH", "", P.SUPPORT_MANAGE),
    Action("assurance", "POST", "/assurance", P.SUPPORT_MANAGE),
    Action("uses", "GET", "/uses", P.SUPPORT_USE_READ),
)
_COUNTS = Action("use-counts", "GET", "/use-counts", P.SUPPORT_COUNT_READ)
_END = Action("ending", "POST", "/ending", P.SUPPORT_MANAGE)
_USE = Action("use", "POST", "/uses", P.SUPPORT_USE_CREATE)
_TEXTS = ("name", "summary", "how_to_get_it", "cost_note")


def _shown(asker: Reading | Visit, row: Row) -> dict[str, Any]:
    today = stockholm_date(asker.now)
    ended = row["valid_to"] is not None and row["valid_to"] < today
    valid = is_valid(row, today)
    counted = is_own(asker.actor, row["unit_id"]) or not row["private_to_person"]
    conditional = {_END: not ended, _USE: valid, _COUNTS: counted}
    offered = (*_ACTIONS, *(action for action, possible in conditional.items() if possible))
    return {
        **row,
        **{name: row[f"{name}_{asker.language}"] for name in _TEXTS},
        "is_valid": valid,
        "is_fresh": is_fresh(row["assured_at"], asker.settings.support_fresh_months, today),
        "assured_by": row["unit_name"],
        "links": links(asker, f"{_PATH}/{row['id']}", offered, relations(asker.actor, row["unit_id"])),
    }


async def _answer(visit: Visit, offer_id: UUID) -> dict[str, Any]:
    row = await repository.offer(visit.tx, offer_id)
    if row is None:
        raise NotFound
    visit.presents(f"{_PATH}/{offer_id}", row["version"])
    return _shown(visit, row)


@public.get("/support-offers", operation_id="listSupportOffers", response_model=schemas.SupportOfferPage)
async def list_offers(look: Knowing, query: Annotated[schemas.SupportOfferQuery, Query()]) -> Any:
    """What support there is today, by age, municipality, audience and need (R14.7). No sign-in."""
    today, frame = stockholm_date(look.now), window(look, query)
    rows = await repository.offers(look.tx, frame, today)
    total = await repository.count(look.tx, frame, today) if query.include_total else None
    return page(look, _PATH, query, rows, lambda row: _shown(look, row), total=total)


@public.get(
    "/support-offers/{supportOfferId}", operation_id="getSupportOffer", response_model=schemas.SupportOffer
)  # fmt: skip
async def get_offer(look: Knowing, offer_id: SupportOfferId) -> Any:
    """One offer; also one that is still to come or has ended, which ``isValid`` tells."""
    row = await repository.offer(look.tx, offer_id)
    if row is None:
        raise NotFound
    look.version = row["version"]
    return _shown(look, row)


@router.get(
    "/units/{unitId}/support-offers", operation_id="listSupportOffersOfUnit", response_model=schemas.SupportOfferPage
)
async def list_own_offers(
    visit: Visiting,
    unit: Annotated[Row, unit_for_offers(P.SUPPORT_READ)],
    query: Annotated[schemas.OwnOfferQuery, Query()],
) -> Any:
    """Every offer of the caller's unit, valid or not, with what the caller may do with it."""
    rows = await repository.offers_of(visit.tx, unit["id"])
    return whole(visit, f"/units/{unit['id']}/support-offers", query, rows, lambda row: _shown(visit, row))


@router.post(
    "/support-offers", operation_id="createSupportOffer", status_code=201, response_model=schemas.SupportOffer
)  # fmt: skip
async def create_offer(visit: Annotated[Visit, own_unit(P.SUPPORT_MANAGE)], body: schemas.SupportOfferCreate) -> Any:
    """Tell what the caller's unit offers. What nobody has said is left out."""
    return await _answer(visit, await service.create(visit, body))


@router.patch(
    "/support-offers/{supportOfferId}", operation_id="updateSupportOffer", response_model=schemas.SupportOffer
)  # fmt: skip
async def update_offer(
    visit: Visiting,
    offer: Annotated[SupportOffer, offer_for(P.SUPPORT_MANAGE)],
    body: schemas.SupportOfferPatch,
) -> Any:
    """Change an offer. Its kind, and what it records of whom, stay."""
    await service.change(visit, offer, body)
    return await _answer(visit, offer.id)


@router.post(
    "/support-offers/{supportOfferId}/assurance", operation_id="assureSupportOffer", status_code=201,
    response_model=schemas.SupportOffer,
)  # fmt: skip
async def assure_offer(
    visit: Visiting, offer: Annotated[SupportOffer, offer_for(P.SUPPORT_MANAGE)], _body: schemas.SupportAssurance
) -> Any:
    """Assure that an offer is still as it says: the public sees when and by which unit."""
    await service.assure(visit, offer)
    return await _answer(visit, offer.id)


@router.post(
    "/support-offers/{supportOfferId}/ending", operation_id="endSupportOffer", status_code=201,
    response_model=schemas.SupportOffer,
)  # fmt: skip
async def end_offer(
    visit: Visiting, offer: Annotated[SupportOffer, offer_for(P.SUPPORT_MANAGE)], body: schemas.SupportEnding
) -> Any:
    """Give an offer its last day; whoever comes already may go on."""
    await service.end(visit, offer, body)
    return await _answer(visit, offer.id)


routers = (public, router)
