"""How a request obtains a support offer: anybody reads it, its own unit's manager keeps it."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.kernel.access import Visiting, admit, asks, require_version, unseen
from app.kernel.audit import Subject
from app.kernel.context import Actor, Visit
from app.kernel.db import Row
from app.organisations import service as organisations
from app.permissions import Permission, Relation
from app.support_offers import repository
from app.support_offers.models import SupportOffer

SupportOfferId = Annotated[UUID, Path(alias="supportOfferId")]
UnitId = Annotated[UUID, Path(alias="unitId")]


def is_own(actor: Actor | None, unit_id: UUID) -> bool:
    """Whether somebody acts for this unit."""
    return actor is not None and not actor.is_family and actor.assignment.unit_id == unit_id


def relations(actor: Actor | None, unit_id: UUID) -> frozenset[Relation]:
    """An offer is its unit's."""
    return frozenset({Relation.ANYONE, Relation.OWN_UNIT} if is_own(actor, unit_id) else {Relation.ANYONE})


def own_unit(permission: Permission) -> Any:
    """The caller's own unit makes something of its own."""

    async def load(visit: Visiting) -> Visit:
        admit(visit, permission, Subject("support_offer"), frozenset({Relation.OWN_UNIT}))
        return visit

    return asks(permission, load)


def unit_for_offers(permission: Permission) -> Any:
    """A unit whose offers are listed, as those who keep them see them."""

    async def load(unit_id: UnitId, visit: Visiting) -> Row:
        unit = await organisations.unit(visit.tx, unit_id)
        if unit is None:
            raise unseen(visit, Subject("unit", unit_id))
        admit(visit, permission, Subject("unit", unit_id), relations(visit.actor, unit_id))
        return unit

    return asks(permission, load)


async def offer_row(visit: Visit, offer_id: UUID) -> Row:
    """An offer that is there; raises ``NotFound``."""
    row = await repository.offer(visit.tx, offer_id)
    if row is None:
        raise unseen(visit, Subject("support_offer", offer_id))
    return row


def offer_for(permission: Permission) -> Any:
    """An offer to change, locked, at the version that the caller states."""

    async def load(offer_id: SupportOfferId, visit: Visiting) -> SupportOffer:
        return await held(visit, permission, offer_id)

    return asks(permission, load)


async def held(visit: Visit, permission: Permission, offer_id: UUID) -> SupportOffer:
    """The offer for a change, locked, at the version that the caller states; raises ``NotFound``, ``Denied``."""
    row = await offer_row(visit, offer_id)
    admit(visit, permission, Subject("support_offer", offer_id), relations(visit.actor, row["unit_id"]))
    offer = await repository.offer_record(visit.tx, offer_id)
    if offer is None:
        raise unseen(visit, Subject("support_offer", offer_id))
    require_version(visit, offer.version)
    return offer
