"""Entries of the queues to contact groups (köanmälningar) as lines: a running queue moves in with its order (R11.4).

An entry is told by whoever handed it in, the group's own unit or the one that sent it, about its own children. Who has
a place stands among the places, and who has left the line in no file.
"""

from collections.abc import Sequence
from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from app.codes import Coded
from app.contact_groups import access as groups
from app.contact_groups.schemas import Grade
from app.exchange import keys, paper
from app.exchange.deeds import FieldIsFixed, by_hand, differing, look_at, naming_child, require_same, said, told
from app.exchange.lines import Entry, Key, Line, RecordKind, Selection, naming
from app.group_queues import access, schemas, service
from app.group_queues.models import AskedVia, WishedBy
from app.kernel.access import admit
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound
from app.kernel.shapes import Code, Instant, Prose
from app.permissions import Permission as P
from app.permissions import Relation
from app.places.models import IN_LINE, ClaimStatus, Priority
from app.queue_wishes import service as wishes
from app.queue_wishes.models import PriorityNeedsReason, StatedByGroupsUnit
from app.queue_wishes.schemas import QueueEntryCreate, QueueEntryPatch

#: What only the group's own unit is shown, and states.
_KEPT_BY_THE_UNIT = ("requested_at", "priority", "priority_reason", "note")


class QueueStanding(Coded):
    """Whether a child of a queue's file stands in the line."""

    IN_LINE = "in_line", "Står i kö", "In line"
    WITHDRAWN = "withdrawn", "Återkallad", "Withdrawn"


class WishEntry(Entry):
    """A wish for a place in a contact group: for whom, whose, and on which consent where it needs one."""

    group_source_system: Code | None = None
    group_source_id: Code
    child_source_system: Code | None = None
    child_source_id: Code
    grade: Grade
    wished_by: WishedBy | None = None
    asked_via: AskedVia | None = None
    consent_id: UUID | None = Field(default=None, description="A consent that is recorded already.")
    consent: paper.PaperConsent | None = Field(default=None, description="A consent that is recorded with the wish.")
    note: Prose | None = Field(default=None, description="What the child needs; by the group's unit.")
    grade_exception_reason: Prose | None = Field(default=None, description="By the manager of the group's unit.")

    @model_validator(mode="after")
    def _rests_on_one_consent(self) -> Self:
        if self.consent_id is not None and self.consent is not None:
            raise ValueError("a wish rests on consentId or on consent, not on both")
        return self


class QueuedEntry(WishEntry):
    """A child in line. Without ``requestedAt`` the lines come in their order, after whoever waits already."""

    requested_at: Instant | None = Field(default=None, description="When the wish was made; by the group's unit.")
    priority: Priority = Field(default=Priority.ORDINARY, description="By the group's unit.")
    priority_reason: Prose | None = None
    status: QueueStanding | None = None


class _QueueEntries:
    """Entries, by whoever hands them in."""

    kind = RecordKind.QUEUE_ENTRY
    entry = QueuedEntry
    creates, changes = P.QUEUE_JOIN, P.QUEUE_MANAGE

    async def find(self, visit: Visit, wanted: Sequence[Key]) -> dict[Key, UUID]:
        """Which of them there are."""
        return await keys.find(visit, self.kind, wanted)

    async def create(self, visit: Visit, entry: QueuedEntry) -> UUID:
        """A wish as by hand, with the consent that it needs; raises ``UnknownSource`` and what ``join`` does."""
        entry_id = await joined(visit, entry, *await group_and_child(visit, entry))
        await keys.keep(visit, self.kind, entry.key, entry_id)
        if entry.status is QueueStanding.WITHDRAWN:
            await _withdraw(visit, entry_id)
        return entry_id

    async def change(self, visit: Visit, record_id: UUID, entry: QueuedEntry) -> bool:
        """What differs, each by its deed; raises ``FieldIsFixed``, and for a sender ``StatedByGroupsUnit``."""
        now = await _now(visit, record_id, entry)
        changed = await corrected(visit, entry, now)
        prioritised = await _prioritise(visit, entry, now)
        left = await _leave(visit, entry, now)
        return changed or prioritised or left

    async def page(self, visit: Visit, selection: Selection, after: UUID | None, limit: int) -> list[Line]:
        """The next children in line, each with its look."""
        admit(visit, P.QUEUE_READ, Subject("queue_entry"), frozenset({Relation.OWN_UNIT}))
        rows = await service.lines(
            visit.tx, after, limit, protected_too=selection.include_protected,
            municipality_code=selection.municipality_code,
        )  # fmt: skip
        known = await keys.names(visit, self.kind, (row["id"] for row in rows))
        of_groups = await keys.names(visit, RecordKind.CONTACT_GROUP, {row["group_id"] for row in rows})
        for row in rows:
            about = Subject("queue_entry", row["id"], row["id"], row["child_id"], row["owner_authority_id"])
            look_at(visit, about, row)
        return [Line(row["id"], _line(visit, row, known[row["id"]], of_groups[row["group_id"]])) for row in rows]


async def group_and_child(visit: Visit, entry: WishEntry) -> tuple[UUID, UUID]:
    """Which group and which child a wish is about; raises ``UnknownSource``."""
    group_id = await keys.referred(visit, RecordKind.CONTACT_GROUP, entry, "group")
    return group_id, await keys.referred(visit, RecordKind.CHILD, entry, "child")


async def joined(visit: Visit, entry: WishEntry, group_id: UUID, child_id: UUID) -> UUID:
    """A child in the line of a group, as by hand; a consent on paper is recorded first."""
    with by_hand(visit, P.QUEUE_JOIN, "joinGroupQueue"):
        group = await groups.admitted(visit, group_id, P.QUEUE_JOIN)
        stated = {**said(entry, QueueEntryCreate), "child_id": child_id}
        if entry.consent is not None:
            stated["consent_id"] = await paper.record(visit, entry.consent, child_id, group["authority_id"])
        return await wishes.join(visit, group, QueueEntryCreate(**stated))


def require_same_wish(now: Row, group_id: UUID, child_id: UUID) -> None:
    """Raise ``FieldIsFixed`` where the line is about another group or child than the record."""
    for noun, stated in (("group", group_id), ("child", child_id)):
        if now[f"{noun}_id"] != stated:
            raise FieldIsFixed(field=f"{noun}SourceId")


def wish(row: Row, known: Key, group: Key) -> dict[str, str]:
    """How a line about a wish names its record, its group and its child."""
    return {**naming(known), **naming(group, "group"), **naming_child(row)}


async def _now(visit: Visit, entry_id: UUID, entry: QueuedEntry) -> Row:
    """The record beside which a line is held, seen as by hand; what cannot change is the same."""
    with by_hand(visit, P.QUEUE_READ, "getQueueEntry"):
        await access.admitted(visit, entry_id, P.QUEUE_READ)
    now = await service.line_with(visit.tx, entry_id)
    if now is None:
        raise NotFound
    if now["owner_unit_id"] != visit.actor.unit_id and entry.model_fields_set & set(_KEPT_BY_THE_UNIT):
        raise StatedByGroupsUnit
    require_same_wish(now, *await group_and_child(visit, entry))
    require_same(entry, now, "requested_at")
    return now


async def corrected(visit: Visit, entry: WishEntry, now: Row) -> bool:
    """A wish as the line has it, while the child waits: on another consent, for another grade, with another need."""
    rests = await _rest_on(visit, entry, now)
    return await _correct(visit, entry, now) or rests


async def _rest_on(visit: Visit, entry: WishEntry, now: Row) -> bool:
    """Another consent than the one that the child stands in line on."""
    consent_id = entry.consent_id
    if entry.consent is not None and paper.differs(entry.consent, now["consent"]):
        consent_id = await paper.record(visit, entry.consent, now["child_id"], now["owner_authority_id"])
    if consent_id in (None, now["consent_id"]):
        return False
    with by_hand(visit, P.QUEUE_CONSENT, "nameQueueConsent"):
        record, _ = await access.held(visit, now["id"], P.QUEUE_CONSENT)
        await service.name_consent(visit, record, consent_id)
    return True


async def _correct(visit: Visit, entry: WishEntry, now: Row) -> bool:
    """Another grade, wish or need; null says nothing, for nothing is taken out of an entry."""
    stated = {name: value for name, value in differing(entry, now, QueueEntryPatch).items() if value is not None}
    if not stated:
        return False
    if "grade" in stated and entry.grade_exception_reason is not None:
        stated["grade_exception_reason"] = entry.grade_exception_reason
    with by_hand(visit, P.QUEUE_MANAGE, "correctQueueEntry"):
        record, _ = await access.held(visit, now["id"], P.QUEUE_MANAGE)
        await wishes.correct(visit, record, QueueEntryPatch(**stated))
    return True


async def _prioritise(visit: Visit, entry: QueuedEntry, now: Row) -> bool:
    """Another priority, or another reason for it (R11.4)."""
    as_before = entry.priority.weight == now["priority"] and entry.priority_reason in (None, now["priority_reason"])
    if "priority" not in entry.stated or as_before:
        return False
    if entry.priority_reason is None:
        raise PriorityNeedsReason
    body = schemas.QueuePriorityChange(priority=entry.priority, reason=entry.priority_reason)
    with by_hand(visit, P.QUEUE_MANAGE, "prioritiseQueueEntry"):
        record, _ = await access.held(visit, now["id"], P.QUEUE_MANAGE)
        await service.prioritise(visit, record, body)
    return True


async def _leave(visit: Visit, entry: QueuedEntry, now: Row) -> bool:
    """Out of the line; nobody comes back into it, or loses a place, by a file (``FieldIsFixed``)."""
    stands, had_a_place = now["status"] in IN_LINE, now["status"] in (ClaimStatus.TAKEN, ClaimStatus.LEFT)
    if (entry.status is QueueStanding.IN_LINE and not stands) or (entry.status is not None and had_a_place):
        raise FieldIsFixed(field="status")
    if entry.status is not QueueStanding.WITHDRAWN or not stands:
        return False
    await _withdraw(visit, now["id"])
    return True


async def _withdraw(visit: Visit, entry_id: UUID) -> None:
    with by_hand(visit, P.QUEUE_WITHDRAW, "withdrawQueueEntry"):
        record, _ = await access.held(visit, entry_id, P.QUEUE_WITHDRAW)
        await service.withdraw(visit, record, None)


def _line(visit: Visit, row: Row, known: Key, group: Key) -> QueuedEntry:
    fields = told({**row, "consent_id": None}, QueuedEntry)
    fields |= {"priority": list(Priority)[row["priority"]], "status": QueueStanding.IN_LINE}
    if row["owner_unit_id"] != visit.actor.unit_id:
        fields = {name: value for name, value in fields.items() if name not in _KEPT_BY_THE_UNIT}
    return QueuedEntry(**{**fields, **wish(row, known, group)})


ADAPTER = _QueueEntries()
