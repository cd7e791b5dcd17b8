"""Queries about source keys."""

from collections.abc import Sequence
from uuid import UUID

from app.exchange.lines import OURS, Key, RecordKind
from app.exchange.models import SourceKey
from app.kernel.db import Transaction
from app.kernel.ids import new_id

#: Where the records of a kind stand; the wall decides which of them the caller may know of.
TABLES = {
    RecordKind.AUTHORITY: "authorities",
    RecordKind.UNIT: "units",
    RecordKind.USER: "users",
    RecordKind.ASSIGNMENT: "assignments",
    RecordKind.CHILD: "children",
    RecordKind.CASE: "cases",
    RecordKind.CONTACT_GROUP: "contact_groups",
    RecordKind.GROUP_PLACE: "group_places",
    RecordKind.QUEUE_ENTRY: "queue_entries",
    RecordKind.REFERRAL: "family_centre_referrals",
    RecordKind.SUPPORT_OFFER: "support_offers",
}
#: These carry their key themselves.
_OWN_COLUMNS = frozenset({RecordKind.CHILD, RecordKind.CASE})

_AMONG = "(source_system, source_id) in (select * from unnest(%s::text[], %s::text[]))"
_KEPT = f"""select source_system, source_id, record_id as id from source_keys
where kind = %s and {_AMONG} order by owner_authority_id = (select wall.authority()), id desc"""  # noqa: S608 - a constant


async def find(tx: Transaction, kind: RecordKind, keys: Sequence[Key]) -> dict[Key, UUID]:
    """Records by their keys; the caller's own authority's come before another's that has the same key."""
    systems, ids = [key.system for key in keys], [key.id for key in keys]
    if kind in _OWN_COLUMNS:
        rows = await tx.rows(
            f"select source_system, source_id, id from {TABLES[kind]} "  # noqa: S608 - a name from TABLES
            f"where {_AMONG} and owner_unit_id = (select wall.party())",
            [systems, ids],
        )
    else:
        rows = await tx.rows(_KEPT, [str(kind), systems, ids])
    found = {Key(row["source_system"], row["source_id"]): row["id"] for row in rows}
    return found | await _by_our_id(tx, kind, keys)


async def _by_our_id(tx: Transaction, kind: RecordKind, keys: Sequence[Key]) -> dict[Key, UUID]:
    named = {key: _id(key.id) for key in keys if key.system == OURS}
    ids = [record_id for record_id in named.values() if record_id]
    if not ids:
        return {}
    rows = await tx.rows(f"select id from {TABLES[kind]} where id = any(%s)", [ids])  # noqa: S608 - a name from TABLES
    there = {row["id"] for row in rows}
    return {key: record_id for key, record_id in named.items() if record_id and record_id in there}


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


_NAMES = """select distinct on (record_id) record_id, source_system, source_id from source_keys
where kind = %s and record_id = any(%s)
order by record_id, owner_authority_id = (select wall.authority()) desc, id"""


async def names(tx: Transaction, kind: RecordKind, ids: Sequence[UUID]) -> dict[UUID, Key]:
    """What records of a kind without columns of their own are called, in the first system that named them."""
    rows = await tx.rows(_NAMES, [str(kind), list(ids)])
    return {row["record_id"]: Key(row["source_system"], row["source_id"]) for row in rows}


def add(tx: Transaction, kind: RecordKind, key: Key, record_id: UUID, authority_id: UUID, unit_id: UUID | None) -> None:
    """Remember a record's key; the unit is none for the directory, whose keys are everybody's."""
    tx.session.add(
        SourceKey(
            id=new_id(), kind=kind, source_system=key.system, source_id=key.id, record_id=record_id,
            owner_authority_id=authority_id, owner_unit_id=unit_id,
        )
    )  # fmt: skip
