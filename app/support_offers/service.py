"""Deeds about the support catalogue, and what other packages may ask of it."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row, Transaction
from app.kernel.errors import Alternative, Text
from app.kernel.ids import new_id
from app.organisations import service as organisations
from app.support_offers import repository, schemas
from app.support_offers.models import SupportKind, SupportOffer


async def offer(tx: Transaction, offer_id: UUID) -> Row | None:
    """An offer with its unit and authority, or none."""
    return await repository.offer(tx, offer_id)


async def of_authority(tx: Transaction, ids: Iterable[UUID], authority_id: UUID) -> set[UUID]:
    """Which of these offers an authority's units make."""
    return await repository.of_authority(tx, ids, authority_id)


async def lines(visit: Visit, after: UUID | None, limit: int, municipality_code: str | None = None) -> list[Row]:
    """The next offers of the caller's own unit in the order of their ids, valid or not."""
    return await repository.lines(visit.tx, visit.actor.unit_id, after, limit, municipality_code)


async def alternatives(visit: Visit, offer: Row, age: int) -> list[Alternative]:
    """What there is for this age in the same municipality instead of an offer that does not admit it (R14.3)."""
    rows = await repository.fitting(visit.tx, offer, age, stockholm_date(visit.now))
    return [
        Alternative(Text(row["name_sv"], row["name_en"]), f"/support-offers/{row['id']}", id=row["id"]) for row in rows
    ]


async def create(visit: Visit, body: schemas.SupportOfferCreate) -> UUID:
    """A unit tells what it offers; whoever does so assures it.

    Raises ``UnknownMunicipality`` and what ``SupportOffer.require_sound`` does.
    """
    await organisations.require_municipality(visit.tx, body.municipality_code)
    offer = SupportOffer(
        id=new_id(), unit_id=visit.actor.unit_id, created_at=visit.now, assured_at=visit.now,
        assured_by=visit.actor.user_id, **_said(visit, body),
    )  # fmt: skip
    offer.require_sound()
    visit.tx.session.add(offer)
    visit.trail.changed(offer.subject, *body.model_fields_set)
    await visit.tx.session.flush()
    return offer.id


def _said(visit: Visit, body: schemas.SupportOfferCreate) -> dict[str, Any]:
    """What the body says, and what follows from what it leaves out."""
    values = body.model_dump()
    if "municipality_code" not in body.model_fields_set:
        values["municipality_code"] = visit.actor.assignment.municipality_code
    values["valid_from"] = body.valid_from or stockholm_date(visit.now)
    if body.two_parties is None:
        values["two_parties"] = body.kind is SupportKind.COOPERATION_TALKS
    if body.private_to_person is None:
        values["private_to_person"] = body.kind is SupportKind.YOUTH_CLINIC
    return values


async def change(visit: Visit, offer: SupportOffer, body: schemas.SupportOfferPatch) -> None:
    """Apply the stated fields. That one thing was changed assures nothing about the rest."""
    stated = body.model_dump(exclude_unset=True)
    await organisations.require_municipality(visit.tx, stated.get("municipality_code"))
    offer.write(stated)
    visit.trail.changed(offer.subject, *stated)
    await visit.tx.session.flush()


async def assure(visit: Visit, offer: SupportOffer) -> None:
    """Somebody of the unit has looked: it is still as it says."""
    offer.assure(visit.actor.user_id, visit.now)
    visit.trail.changed(offer.subject, "assured_at", "assured_by")
    await visit.tx.session.flush()


async def end(visit: Visit, offer: SupportOffer, body: schemas.SupportEnding) -> None:
    """The offer has a last day. Those who come already may go on. Raises ``OfferHasEnded``, ``ValidityUnclear``."""
    today = stockholm_date(visit.now)
    offer.end(body.last_day or today, today)
    visit.trail.changed(offer.subject, "valid_to", reason=body.reason)
    await visit.tx.session.flush()
