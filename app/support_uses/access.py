"""How a request obtains the use of an offer: the provider's unit does, for everybody else it is not there (R14.6)."""

from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import Path

from app.kernel.access import Visiting, admit, asks, relations_to, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.people import service as people
from app.permissions import Permission, Relation
from app.support_offers.access import SupportOfferId, is_own, offer_row
from app.support_offers.access import relations as relations_to_offer
from app.support_uses import repository
from app.support_uses.models import SupportUse

UseId = Annotated[UUID, Path(alias="useId")]


class UseSeen(NamedTuple):
    """A use to read, and the offer that is used."""

    offer: Row
    use: Row


class UseHeld(NamedTuple):
    """A use to change, locked, and the offer that is used."""

    offer: Row
    use: SupportUse


class OfferCounted(NamedTuple):
    """An offer whose uses are counted, and whether it is the caller's own."""

    offer: Row
    own: bool


def relations(visit: Visit, use: Row) -> frozenset[Relation]:
    """A use is its provider's unit's, and nobody else is in its circle."""
    return relations_to(visit, use["owner_unit_id"], use["owner_authority_id"])


def looked(visit: Visit, use: Row) -> None:
    """Somebody read a use: known in its own circle only."""
    visit.trail.looked(Subject("support_use", use["id"], use["id"], use["child_id"], use["owner_authority_id"]))


def own_offer(permission: Permission) -> Any:
    """An offer of the caller's unit; that others have uses at all is nobody's business."""

    async def load(offer_id: SupportOfferId, visit: Visiting) -> Row:
        return await _own_offer(visit, offer_id, permission)

    return asks(permission, load)


def offer_to_count(permission: Permission) -> Any:
    """An offer whose numbers are read; of one that is private to its person nobody else sees any (R14.6)."""

    async def load(offer_id: SupportOfferId, visit: Visiting) -> OfferCounted:
        offer = await offer_row(visit, offer_id)
        own = is_own(visit.actor, offer["unit_id"])
        if offer["private_to_person"] and not own:
            raise unseen(visit, Subject("support_offer", offer_id))
        admit(visit, permission, Subject("support_offer", offer_id), relations_to_offer(visit.actor, offer["unit_id"]))
        return OfferCounted(offer, own)

    return asks(permission, load)


def use_row_for(permission: Permission) -> Any:
    """A use to read."""

    async def load(offer_id: SupportOfferId, use_id: UseId, visit: Visiting) -> UseSeen:
        return await _seen(visit, offer_id, use_id, permission)

    return asks(permission, load)


def use_for(permission: Permission) -> Any:
    """A use to change, locked."""

    async def load(offer_id: SupportOfferId, use_id: UseId, visit: Visiting) -> UseHeld:
        seen = await _seen(visit, offer_id, use_id, permission)
        use = await repository.use_record(visit.tx, use_id)
        if use is None:
            raise unseen(visit, Subject("support_use", use_id))
        return UseHeld(seen.offer, use)

    return asks(permission, load)


async def _own_offer(visit: Visit, offer_id: UUID, permission: Permission) -> Row:
    offer = await offer_row(visit, offer_id)
    if not is_own(visit.actor, offer["unit_id"]):
        raise unseen(visit, Subject("support_offer", offer_id))
    admit(visit, permission, Subject("support_offer", offer_id), relations_to_offer(visit.actor, offer["unit_id"]))
    return offer


async def _seen(visit: Visit, offer_id: UUID, use_id: UUID, permission: Permission) -> UseSeen:
    offer = await offer_row(visit, offer_id)
    use = await repository.use(visit.tx, use_id)
    if use is None or use["offer_id"] != offer_id:
        raise unseen(visit, Subject("support_use", use_id))
    subject = Subject("support_use", use_id, use_id, use["child_id"], use["owner_authority_id"])
    admit(visit, permission, subject, relations(visit, use))
    people.require_checkpoint(visit, use)
    looked(visit, use)
    return UseSeen(offer, use)
