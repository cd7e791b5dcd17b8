"""Contact groups (kontaktgrupper) as lines: those of the caller's unit, with who leads them (R11.2)."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Final, Self
from uuid import UUID

from pydantic import Field, model_validator

from app.contact_groups import access, schemas, service
from app.contact_groups.models import ContactGroup, GroupStatus
from app.exchange import keys
from app.exchange.deeds import FieldIsFixed, by_hand, differing, require_same, said, told
from app.exchange.lines import Entry, Key, Line, RecordKind, Selection, UnknownSource, naming
from app.kernel.access import admit
from app.kernel.audit import Subject
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.shapes import Code, Day, In
from app.kernel.shapes import Line as Text
from app.permissions import Permission as P
from app.permissions import Relation

#: What a group can be without; null of anything else says nothing.
_REMOVABLE: Final = ("place", "note")

Deed = Callable[[Visit, ContactGroup, str], Awaitable[None]]


class GroupLeaderEntry(In):
    """Somebody who leads the group, from and to."""

    user_source_system: Code | None = None
    user_source_id: Code
    police_record_checked_on: Day = Field(description="When the extract from the police records was shown.")
    from_on: Day | None = Field(default=None, description="Today, or since they lead it, when absent.")
    to_on: Day | None = Field(default=None, description="The last day.")


class ContactGroupEntry(schemas.ContactGroupCreate, Entry):
    """A group of the caller's unit. Whoever leads it and is not named goes on doing so."""

    status: GroupStatus | None = Field(default=None, description="A new group is planned, when absent. Full is open.")
    status_reason: Text | None = Field(default=None, description="Needed to pause or to end a group.")
    leaders: list[GroupLeaderEntry] = Field(default=[], max_length=4)

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if self.status in (GroupStatus.PAUSED, GroupStatus.ENDED) and not self.status_reason:
            raise ValueError("a group that is paused or has ended needs statusReason")
        return self


class _ContactGroups:
    """Groups, by the manager of their unit."""

    kind = RecordKind.CONTACT_GROUP
    entry = ContactGroupEntry
    creates = changes = P.GROUP_MANAGE

    async def find(self, visit: Visit, wanted: Sequence[Key]) -> dict[Key, UUID]:
        """Which of them there are; another authority may have a group of the same name in its own system."""
        found = await keys.find(visit, self.kind, wanted)
        held = await service.of_authority(visit.tx, found.values(), visit.actor.authority_id) if found else set()
        return {key: group_id for key, group_id in found.items() if group_id in held}

    async def create(self, visit: Visit, entry: ContactGroupEntry) -> UUID:
        """A new group with its leaders; raises what the deeds by hand do, and ``UnknownSource`` of a leader."""
        with by_hand(visit, self.creates, "createContactGroup"):
            admit(visit, self.creates, Subject("contact_group"), frozenset({Relation.OWN_UNIT}))
            body = schemas.ContactGroupCreate(**said(entry, schemas.ContactGroupCreate))
            group_id = await service.create_group(visit, body)
        await keys.keep(visit, self.kind, entry.key, group_id)
        group = await access.held(visit, group_id, self.changes)
        await self._lead(visit, group, entry)
        await self._step(visit, group, entry)
        return group_id

    async def change(self, visit: Visit, record_id: UUID, entry: ContactGroupEntry) -> bool:
        """What differs, who leads it now, and where it stands; raises ``FieldIsFixed`` for a way back."""
        now = await access.admitted(visit, record_id, self.changes)
        require_same(entry, now, "municipality_code")
        group = await access.held(visit, record_id, self.changes)
        changed = await self._correct(visit, group, entry, now)
        led = await self._lead(visit, group, entry)
        stepped = await self._step(visit, group, entry)
        return changed or led or stepped

    async def _correct(self, visit: Visit, group: ContactGroup, entry: ContactGroupEntry, now: Row) -> bool:
        stated = differing(entry, now, schemas.ContactGroupPatch)
        stated = {name: value for name, value in stated.items() if value is not None or name in _REMOVABLE}
        if stated:
            with by_hand(visit, self.changes, "updateContactGroup"):
                await service.change_group(visit, group, schemas.ContactGroupPatch(**stated))
        return bool(stated)

    async def _lead(self, visit: Visit, group: ContactGroup, entry: ContactGroupEntry) -> bool:
        users = await _users(visit, entry)
        known = await service.leaders_of(visit.tx, group.id) if users else []
        changes = [await _leads(visit, group, *each, known) for each in zip(users, entry.leaders, strict=True)]
        return any(changes)

    async def _step(self, visit: Visit, group: ContactGroup, entry: ContactGroupEntry) -> bool:
        wanted = GroupStatus.OPEN if entry.status is GroupStatus.FULL else entry.status
        if wanted is None or wanted == group.status:
            return False
        steps = _WAYS.get((GroupStatus(group.status), wanted))
        if steps is None:
            raise FieldIsFixed(field="status")
        for action, step in steps:
            with by_hand(visit, self.changes, action):
                await step(visit, group, entry.status_reason or "")
        return True

    async def page(self, visit: Visit, selection: Selection, after: UUID | None, limit: int) -> list[Line]:
        """The next groups of the caller's unit; a group is directory, and leaves no look."""
        admit(visit, P.GROUP_READ, Subject("contact_group"), frozenset({Relation.ANYONE}))
        rows = await service.lines(visit.tx, after, limit, selection.municipality_code)
        known = await keys.names(visit, self.kind, (row["id"] for row in rows))
        leading = {leader["user_id"] for row in rows for leader in row["led_by"]}
        users = await keys.names(visit, RecordKind.USER, leading)
        return [Line(row["id"], _line(row, known[row["id"]], users)) for row in rows]


async def _open(visit: Visit, group: ContactGroup, _reason: str) -> None:
    await service.open_group(visit, group)


async def _resume(visit: Visit, group: ContactGroup, _reason: str) -> None:
    await service.resume_group(visit, group)


_OPEN: Final[tuple[str, Deed]] = ("openContactGroup", _open)
_RESUME: Final[tuple[str, Deed]] = ("resumeContactGroup", _resume)
_PAUSE: Final[tuple[str, Deed]] = ("pauseContactGroup", service.pause_group)
_END: Final[tuple[str, Deed]] = ("endContactGroup", service.end_group)

S = GroupStatus
#: From where to where, by which deeds; there is no other way.
_WAYS: Final[dict[tuple[GroupStatus, GroupStatus], tuple[tuple[str, Deed], ...]]] = {
    (S.PLANNED, S.OPEN): (_OPEN,),
    (S.PLANNED, S.PAUSED): (_OPEN, _PAUSE),
    (S.PLANNED, S.ENDED): (_END,),
    (S.OPEN, S.PAUSED): (_PAUSE,),
    (S.OPEN, S.ENDED): (_END,),
    (S.PAUSED, S.OPEN): (_RESUME,),
    (S.PAUSED, S.ENDED): (_END,),
}


async def _users(visit: Visit, entry: ContactGroupEntry) -> list[UUID]:
    """Who is named as a leader; raises ``UnknownSource``."""
    named = [Key(one.user_source_system or entry.source_system, one.user_source_id) for one in entry.leaders]
    found = await keys.find(visit, RecordKind.USER, named) if named else {}
    for place, key in enumerate(named):
        if key not in found:
            raise UnknownSource(field=f"leaders.{place}.userSourceId")
    return [found[key] for key in named]


async def _leads(visit: Visit, group: ContactGroup, user_id: UUID, entry: GroupLeaderEntry, known: list[Row]) -> bool:
    """Somebody leads the group from now on, or their time changes; raises what the deeds by hand do."""
    today = stockholm_date(visit.now)
    now = next((row for row in known if row["user_id"] == user_id and _is_that_time(entry, row, today)), None)
    if now is None:
        body = schemas.GroupLeaderCreate(user_id=user_id, **said(entry, schemas.GroupLeaderCreate))
        with by_hand(visit, P.GROUP_MANAGE, "addGroupLeader"):
            await service.add_leader(visit, group, body)
        return True
    stated = differing(entry, now, schemas.GroupLeaderPatch)
    if stated:
        with by_hand(visit, P.GROUP_MANAGE, "updateGroupLeader"):
            leader = await access.held_leader(visit, group.id, now["id"], P.GROUP_MANAGE)
            await service.change_leader(visit, leader, schemas.GroupLeaderPatch(**stated))
    return bool(stated)


def _is_that_time(entry: GroupLeaderEntry, row: Row, today: date) -> bool:
    """Whether a line means this time with the group: by its first day, or else the one that is not over."""
    if entry.from_on is not None:
        return bool(entry.from_on == row["from_on"])
    return row["to_on"] in (None, entry.to_on) or row["to_on"] >= today


def _line(row: Row, key: Key, users: dict[UUID, Key]) -> ContactGroupEntry:
    leaders = [
        GroupLeaderEntry(**naming(users[one["user_id"]], "user"), **told(one, GroupLeaderEntry))
        for one in row["led_by"]
    ]
    group = {**told(row, ContactGroupEntry), "status": row["step"], "leaders": leaders}
    return ContactGroupEntry(**naming(key), **group)


ADAPTER = _ContactGroups()
