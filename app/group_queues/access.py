"""How a request obtains a queue entry, or an offer of one: to read as a row, to move as a record, its line locked."""

from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import Path

from app.group_queues import repository, service
from app.group_queues.models import QueueEntry
from app.kernel.access import Visiting, admit, asks, bases, relations_to, require_version, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.people import service as people
from app.permissions import Permission, Relation
from app.places import service as places
from app.places.line import Moving
from app.queue_consents import service as consents

EntryId = Annotated[UUID, Path(alias="entryId")]
OfferId = Annotated[UUID, Path(alias="offerId")]


class OfferOf(NamedTuple):
    """An offer, and the entry that it was made to."""

    entry: Row
    offer_id: UUID


def relations_of(visit: Visit, row: Row) -> frozenset[Relation]:
    """An entry is the group's unit's; the family and whoever sent it are in its circle."""
    return relations_to(visit, row["owner_unit_id"], row["owner_authority_id"], row["grants"])


def is_protected(row: Row) -> bool:
    """Whether the child is protected, as far as the caller may know, or was when it came into the line (R2.5)."""
    return bool(row["shielded"]) or row["protected_identity"] != "none"


def subject_of(row: Row) -> Subject:
    """What the access log says an entry about it is about."""
    return Subject("queue_entry", row["id"], row["id"], row["about_child_id"], row["owner_authority_id"])


def _admit(visit: Visit, row: Row, permission: Permission, relations: frozenset[Relation]) -> Row:
    subject = subject_of(row)
    admit(visit, permission, subject, relations)
    people.require_checkpoint(visit, row)
    visit.trail.looked(subject, basis=bases(row))
    return row


async def admitted(visit: Visit, entry_id: UUID, permission: Permission) -> Row:
    """An entry for what the caller wants to do with it, past a checkpoint where there is one. The look is logged."""
    row = await repository.entry(visit.tx, entry_id)
    if row is None:
        raise unseen(visit, Subject("queue_entry", entry_id, entry_id))
    return _admit(visit, row, permission, relations_of(visit, row))


async def held(visit: Visit, entry_id: UUID, permission: Permission) -> tuple[QueueEntry, int]:
    """An entry for a change, and its version: its line locked and settled, and the entry after it."""
    row = await admitted(visit, entry_id, permission)
    await consents.settle(Moving.of(visit), row["group_id"])
    entry = await service.entry_record(visit.tx, entry_id)
    current = await repository.entry(visit.tx, entry_id)
    if entry is None or current is None:
        raise unseen(visit, Subject("queue_entry", entry_id, entry_id))
    return entry, current["version"]


def entry_row_for(permission: Permission) -> Any:
    """An entry to read."""

    async def load(entry_id: EntryId, visit: Visiting) -> Row:
        return await admitted(visit, entry_id, permission)

    return asks(permission, load)


def insiders_entry_for(permission: Permission) -> Any:
    """An entry whose offers are read: by the group's unit and the family, not by whoever sent it."""

    async def load(entry_id: EntryId, visit: Visiting) -> Row:
        row = await admitted(visit, entry_id, permission)
        admit(visit, permission, subject_of(row), relations_of(visit, row) - {Relation.MEMBER})
        return row

    return asks(permission, load)


def entry_for(permission: Permission) -> Any:
    """An entry to move or to change: its line locked and settled, and the entry at the version that is stated."""

    async def load(entry_id: EntryId, visit: Visiting) -> QueueEntry:
        entry, version = await held(visit, entry_id, permission)
        require_version(visit, version)
        return entry

    return asks(permission, load)


async def _offer(visit: Visit, offer_id: UUID, permission: Permission) -> OfferOf:
    entry_id = await places.claim_of_offer(visit.tx, offer_id)
    row = await repository.entry(visit.tx, entry_id) if entry_id else None
    if row is None:
        raise unseen(visit, Subject("place_offer", offer_id))
    return OfferOf(_admit(visit, row, permission, relations_of(visit, row) - {Relation.MEMBER}), offer_id)


def offer_row_for(permission: Permission) -> Any:
    """An offer to read: by the group's unit and the family, not by whoever sent the entry."""

    async def load(offer_id: OfferId, visit: Visiting) -> OfferOf:
        return await _offer(visit, offer_id, permission)

    return asks(permission, load)


def offer_for(permission: Permission) -> Any:
    """An offer to answer, its line locked and settled."""

    async def load(offer_id: OfferId, visit: Visiting) -> OfferOf:
        offer = await _offer(visit, offer_id, permission)
        await consents.settle(Moving.of(visit), offer.entry["group_id"])
        return offer

    return asks(permission, load)
