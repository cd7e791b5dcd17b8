"""Places in contact groups (platser) as lines: what the unit's own children have now, and until when (R11.1, R11.6)."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from pydantic import Field

from app.contact_groups import access as groups
from app.contact_groups.models import DecisionType
from app.exchange import keys, paper
from app.exchange.deeds import FieldIsFixed, by_hand, differing, look_at, require_same, said, told
from app.exchange.lines import Key, Line, RecordKind, Selection
from app.exchange.queue import WishEntry, corrected, group_and_child, joined, require_same_wish, wish
from app.group_places import access, schemas, service
from app.group_places.models import PlaceEndReason
from app.group_queues import service as queues
from app.kernel.access import admit
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound
from app.kernel.shapes import Day, Name, Prose
from app.permissions import Permission as P
from app.permissions import Relation

#: How the child came to the place, and what it rests on: by hand, too, that stays.
_FIXED: Final = (
    "grade", "wished_by", "asked_via", "note", "grade_exception_reason", "consent_id", "from_on", "decision_type",
    "documentation_exempt",
)  # fmt: skip


class GroupPlaceEntry(WishEntry):
    """A place that a child has now: from the child's entry in the line, or with a wish of its own where it has none."""

    from_on: Day | None = Field(default=None, description="The first day, however long ago; today, when absent.")
    goals: Prose | None = None
    decision_type: DecisionType | None = Field(default=None, description="The group's own, when absent.")
    decision_ref: Name | None = Field(default=None, description="Needed after an individual needs assessment (R11.10).")
    documentation_exempt: bool = False
    skip_reason: Prose | None = Field(default=None, description="Needed where others wait in the line (R11.4); kept.")
    to_on: Day | None = Field(default=None, description="The last day; the place ends with it.")
    end_reason: PlaceEndReason | None = Field(default=None, description="With toOn: the family's wish, when absent.")
    end_text: Prose | None = Field(default=None, description="With toOn: the grounds for any other reason (R11.6).")


class _GroupPlaces:
    """Places, by the unit that has the group."""

    kind = RecordKind.GROUP_PLACE
    entry = GroupPlaceEntry
    creates = changes = P.PLACE_GIVE

    async def find(self, visit: Visit, wanted: Sequence[Key]) -> dict[Key, UUID]:
        """Which of them there are."""
        return await keys.find(visit, self.kind, wanted)

    async def create(self, visit: Visit, entry: GroupPlaceEntry) -> UUID:
        """A place by decision, never more than there are (R11.1); raises what ``join`` and ``give`` do."""
        group_id, child_id = await group_and_child(visit, entry)
        entry_id = await _in_line(visit, entry, group_id, child_id)
        with by_hand(visit, self.creates, "giveContactGroupPlace"):
            await groups.admitted_inside(visit, group_id, self.creates)
            stated = {**said(entry, schemas.GroupPlaceCreate), "queue_entry_id": entry_id}
            place_id = await service.give(visit, group_id, schemas.GroupPlaceCreate(**stated), running=True)
        await keys.keep(visit, self.kind, entry.key, place_id)
        if entry.to_on is not None:
            await _end(visit, place_id, entry)
        return place_id

    async def change(self, visit: Visit, record_id: UUID, entry: GroupPlaceEntry) -> bool:
        """The goals, the decision's reference and the end; raises ``FieldIsFixed`` for the rest."""
        now = await _now(visit, record_id, entry)
        changed = await self._correct(visit, entry, now)
        if entry.to_on is None or now["to_on"] is not None:
            require_same(entry, now, "to_on", "end_reason", "end_text")
            return changed
        await _end(visit, record_id, entry)
        return True

    async def _correct(self, visit: Visit, entry: GroupPlaceEntry, now: Row) -> bool:
        stated = differing(entry, now, schemas.GroupPlacePatch)
        if stated:
            with by_hand(visit, self.changes, "updatePlace"):
                place = await access.held(visit, now["id"], self.changes)
                await service.change(visit, place, schemas.GroupPlacePatch(**stated))
        return bool(stated)

    async def page(self, visit: Visit, selection: Selection, after: UUID | None, limit: int) -> list[Line]:
        """The next places that run, each with its look."""
        admit(visit, P.PLACE_GIVE, Subject("place"), frozenset({Relation.OWN_UNIT}))
        rows = await service.lines(
            visit.tx, after, limit, protected_too=selection.include_protected,
            municipality_code=selection.municipality_code,
        )  # fmt: skip
        known = await keys.names(visit, self.kind, (row["id"] for row in rows))
        of_groups = await keys.names(visit, RecordKind.CONTACT_GROUP, {row["group_id"] for row in rows})
        for row in rows:
            about = Subject("place", row["id"], row["entry_id"], row["child_id"], row["owner_authority_id"])
            look_at(visit, about, row)
        return [Line(row["id"], _line(row, known[row["id"]], of_groups[row["group_id"]])) for row in rows]


async def _in_line(visit: Visit, entry: GroupPlaceEntry, group_id: UUID, child_id: UUID) -> UUID:
    """The child's entry in the line, brought to what the place's line says of it, or a new one."""
    entry_id = await queues.child_in_line(visit.tx, group_id, child_id)
    now = await queues.line_with(visit.tx, entry_id) if entry_id else None
    if now is None:
        return await joined(visit, entry, group_id, child_id)
    await corrected(visit, entry, now)
    return UUID(str(now["id"]))


async def _now(visit: Visit, place_id: UUID, entry: GroupPlaceEntry) -> Row:
    """The record beside which a line is held, seen as by hand; what cannot change is the same."""
    with by_hand(visit, P.PLACE_READ, "getPlace"):
        await access.admitted(visit, place_id, P.PLACE_READ)
    now = await service.line_with(visit.tx, place_id)
    if now is None:
        raise NotFound
    require_same_wish(now, *await group_and_child(visit, entry))
    require_same(entry, now, *_FIXED)
    if entry.consent is not None and paper.differs(entry.consent, now["consent"]):
        raise FieldIsFixed(field="consent")
    return now


async def _end(visit: Visit, place_id: UUID, entry: GroupPlaceEntry) -> None:
    """It is decided that the place ends; raises ``EndNeedsManager``, ``EndNeedsReason``, ``LastDayBeforeFirst``."""
    body = schemas.PlaceEndingCreate(
        reason=entry.end_reason or PlaceEndReason.FAMILY_WISH, text=entry.end_text, last_on=entry.to_on
    )
    with by_hand(visit, P.PLACE_END, "endPlace"):
        await service.end(visit, await access.held(visit, place_id, P.PLACE_END), body)


def _line(row: Row, known: Key, group: Key) -> GroupPlaceEntry:
    return GroupPlaceEntry(**{**told({**row, "consent_id": None}, GroupPlaceEntry), **wish(row, known, group)})


ADAPTER = _GroupPlaces()
