"""Records by what other systems call them: found, referred to, and remembered."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from app.exchange import repository
from app.exchange.lines import OURS, Entry, Key, RecordKind, UnknownSource, reference
from app.kernel.context import Visit

#: Known to everybody, and so are their keys.
DIRECTORY = frozenset(
    {
        RecordKind.AUTHORITY,
        RecordKind.UNIT,
        RecordKind.USER,
        RecordKind.ASSIGNMENT,
        RecordKind.CONTACT_GROUP,
        RecordKind.SUPPORT_OFFER,
    }
)


async def find(visit: Visit, kind: RecordKind, keys: Sequence[Key]) -> dict[Key, UUID]:
    """Which of these records there are, as far as the caller may know of them."""
    return await repository.find(visit.tx, kind, keys)


async def referred(visit: Visit, kind: RecordKind, entry: Entry, noun: str) -> UUID:
    """The record that ``<noun>SourceId`` of a line refers to; raises ``UnknownSource``."""
    key = reference(entry, noun)
    found = await repository.find(visit.tx, kind, [key])
    if key not in found:
        raise UnknownSource(field=f"{noun}SourceId")
    return found[key]


async def keep(visit: Visit, kind: RecordKind, key: Key, record_id: UUID) -> None:
    """Remember the key of a new record in the caller's authority; raises ``SourceKeyTaken`` when it is another's.

    A record that was called by its id here needs no other name.
    """
    if key.system == OURS and key.id == str(record_id):
        return
    unit_id = None if kind in DIRECTORY else visit.actor.unit_id
    repository.add(visit.tx, kind, key, record_id, visit.actor.authority_id, unit_id)
    await visit.tx.session.flush()


async def names(visit: Visit, kind: RecordKind, ids: Iterable[UUID]) -> dict[UUID, Key]:
    """What each record is called in a line: by its own system's key, or by its id under ``tillsammans``."""
    wanted = list(ids)
    known = await repository.names(visit.tx, kind, wanted)
    return {record_id: known.get(record_id, Key(OURS, str(record_id))) for record_id in wanted}
