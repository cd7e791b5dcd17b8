"""Support offers (stödutbudet) as lines: those of the caller's own unit, by its manager."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from app.exchange import keys
from app.exchange.deeds import by_hand, differing, require_same, said, told
from app.exchange.lines import Entry, Key, Line, RecordKind, Selection, naming
from app.kernel.access import admit
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.permissions import Permission as P
from app.permissions import Relation
from app.support_offers import access, schemas, service

#: What follows from the kind, or from the day, where a line leaves it null.
_FOLLOWS: Final = ("valid_from", "two_parties", "private_to_person")
_FIXED: Final = ("kind", "identity_recording", "two_parties", "private_to_person")


class SupportOfferEntry(schemas.SupportOfferCreate, Entry):
    """An offer of the caller's own unit; whoever hands in a new one assures it. What nobody has said is left out."""


class _SupportOffers:
    """Offers of the caller's own unit, by its manager."""

    kind = RecordKind.SUPPORT_OFFER
    entry = SupportOfferEntry
    creates = changes = P.SUPPORT_MANAGE

    async def find(self, visit: Visit, wanted: Sequence[Key]) -> dict[Key, UUID]:
        """Which of them there are; another authority may have an offer of the same name in its own system."""
        found = await keys.find(visit, self.kind, wanted)
        made = await service.of_authority(visit.tx, found.values(), visit.actor.authority_id) if found else set()
        return {key: offer_id for key, offer_id in found.items() if offer_id in made}

    async def create(self, visit: Visit, entry: SupportOfferEntry) -> UUID:
        """A new offer; raises ``UnknownMunicipality`` and what ``SupportOffer.require_sound`` does."""
        admit(visit, self.creates, Subject("support_offer"), frozenset({Relation.OWN_UNIT}))
        body = schemas.SupportOfferCreate(**said(entry, schemas.SupportOfferCreate))
        with by_hand(visit, self.creates, "createSupportOffer"):
            offer_id = await service.create(visit, body)
        await keys.keep(visit, self.kind, entry.key, offer_id)
        return offer_id

    async def change(self, visit: Visit, record_id: UUID, entry: SupportOfferEntry) -> bool:
        """What differs. Its kind, and what it records of whom, stay (``FieldIsFixed``); nothing is assured thereby."""
        offer = await access.held(visit, self.changes, record_id)
        now = vars(offer)
        require_same(entry, now, *_FIXED)
        stated = differing(entry, now, schemas.SupportOfferPatch)
        stated = {name: value for name, value in stated.items() if value is not None or name not in _FOLLOWS}
        if stated:
            with by_hand(visit, self.changes, "updateSupportOffer"):
                await service.change(visit, offer, schemas.SupportOfferPatch(**stated))
        return bool(stated)

    async def page(self, visit: Visit, selection: Selection, after: UUID | None, limit: int) -> list[Line]:
        """The next offers of the caller's own unit, valid or not; the catalogue is public, and leaves no look."""
        admit(visit, P.SUPPORT_READ, Subject("support_offer"), frozenset({Relation.OWN_UNIT}))
        rows = await service.lines(visit, after, limit, selection.municipality_code)
        known = await keys.names(visit, self.kind, (row["id"] for row in rows))
        return [Line(row["id"], _line(row, known[row["id"]])) for row in rows]


def _line(row: Row, key: Key) -> SupportOfferEntry:
    """What the offer says; of the municipality null is said too: the whole county, not the unit's own."""
    offer = {**told(row, SupportOfferEntry), "municipality_code": row["municipality_code"]}
    return SupportOfferEntry(**naming(key), **offer)


ADAPTER = _SupportOffers()
