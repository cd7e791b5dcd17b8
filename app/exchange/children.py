"""Children as lines, with their identifiers and those around them: what the caller's unit holds (R2.2, R2.8).

Whoever stands around a child here and not in the line stays: ending custody is a deed of its own.
"""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from pydantic import Field

from app.exchange import keys
from app.exchange.deeds import by_hand, differing, look_at, told
from app.exchange.lines import OURS, Entry, Key, Line, RecordKind, Selection, naming
from app.guardians import service as guardians
from app.guardians.models import GuardianshipEnded
from app.guardians.schemas import GuardianCreate, GuardianPatch
from app.kernel.access import admit
from app.kernel.audit import Subject
from app.kernel.circles import FOREVER
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import Problem, made
from app.kernel.paging import onward
from app.kernel.shapes import Instant
from app.newcomers import service as newcomers
from app.newcomers.schemas import ChildCreate
from app.people import access
from app.people import service as people
from app.people.identifiers import IdentifierType, accept, follows_from_identifier
from app.people.models import Child, ProtectedIdentity
from app.people.schemas import BirthDay, ChildPatch, DetailsIn, IdentifierCreate
from app.permissions import Permission as P
from app.permissions import Relation, may

_OWN = frozenset({Relation.OWN_UNIT})
_NO_DETAILS = DetailsIn(**DetailsIn().model_dump())


class GuardianEntry(GuardianCreate):
    """A grown-up around the child, known by the identifier or else by name; null removes a value."""

    valid_to: Instant | None = Field(default=None, description="When the custody ends; until further notice if null.")


class ChildEntry(Entry, ChildCreate):
    """A child of the caller's unit with those around it."""

    deceased_on: BirthDay | None = None
    moved_out_on: BirthDay | None = None
    identifiers: list[IdentifierCreate] = Field(default=[], max_length=20)
    guardians: list[GuardianEntry] = Field(default=[], max_length=20)  # type: ignore[assignment]  # only read


class _Children:
    """Children, by those who work with them in their unit."""

    kind = RecordKind.CHILD
    entry = ChildEntry
    creates = P.CHILD_CREATE
    changes = P.CHILD_EDIT

    async def find(self, visit: Visit, wanted: Sequence[Key]) -> dict[Key, UUID]:
        """Which of them the caller's unit holds."""
        return await keys.find(visit, self.kind, wanted)

    async def create(self, visit: Visit, entry: ChildEntry) -> UUID:
        """A new child with what is around it; raises what a request does."""
        (outcome,) = await self.create_many(visit, [entry])
        return made(outcome)

    async def create_many(self, visit: Visit, entries: Sequence[ChildEntry]) -> list[UUID | Problem]:
        """New children, each or the problem with it."""
        with by_hand(visit, self.creates, "createChild"):
            admit(visit, self.creates, Subject("child"), frozenset({Relation.ANYONE}))
            return await newcomers.create_children(visit, entries)

    async def change(self, visit: Visit, record_id: UUID, entry: ChildEntry) -> bool:
        """What differs of the child, identifiers that are new, and guardians that are new or differ."""
        with by_hand(visit, self.changes, "updateChild"):
            now = await access.admitted_child(visit, self.changes, record_id)
            child = await people.child_record(visit.tx, record_id)
            stated = _differing(entry, now)
            if stated:
                await guardians.change_child(visit, child, ChildPatch(**stated))
        identified = await self._identify(visit, child, entry)
        periods = (await guardians.periods_of(visit.tx, [child.id]))[child.id] if entry.guardians else []
        surrounded = [await self._surround(visit, child, *each) for each in _matched(visit, entry, periods)]
        return bool(stated) or identified or any(surrounded)

    async def _identify(self, visit: Visit, child: Child, entry: ChildEntry) -> bool:
        """An identifier that the child has had is known, also when it has ended here."""
        known = {(row["type"], row["value"]) for row in (await people.identifiers_of(visit.tx, [child.id]))[child.id]}
        today = stockholm_date(visit.now)
        new = [
            one for place, one in enumerate(entry.identifiers)
            if (one.type, accept(one.type, one.value, today, f"/identifiers/{place}")) not in known
        ]  # fmt: skip
        for one in new:
            with by_hand(visit, P.IDENTIFIER_EDIT, "createIdentifier"):
                admit(visit, P.IDENTIFIER_EDIT, child.subject("identifier", child.id), _OWN)
                await guardians.add_identifier(visit, child, one)
        return bool(new)

    async def _surround(self, visit: Visit, child: Child, entry: GuardianEntry, key: UUID, known: Row | None) -> bool:
        """Somebody new, or what differs in the period that goes on; one that is over stays as it was (R2.8)."""
        subject = child.subject("guardianship", known["id"] if known else child.id)
        admit(visit, P.GUARDIAN_EDIT, subject, _OWN)
        if known is None:
            with by_hand(visit, P.GUARDIAN_EDIT, "createGuardian"):
                await guardians.add_guardian(visit, child, entry)
            return True
        if known not in _going_on(visit, [known]):
            return False
        named = entry.identifier is None or key == known["person_key"]
        now = {**known, "identifier": entry.identifier if named else None}
        stated = differing(entry, now | ({} if entry.valid_from else {"valid_from": None}), GuardianPatch)
        if stated:
            with by_hand(visit, P.GUARDIAN_EDIT, "updateGuardian"):
                period = await guardians.period_record(visit.tx, known["id"])
                await guardians.change_guardian(visit, period, GuardianPatch(**stated))
        return bool(stated)

    async def page(self, visit: Visit, selection: Selection, after: UUID | None, limit: int) -> list[Line]:
        """The next of the unit's own children, each with its look. Identifiers and custody that are over stay here."""
        admit(visit, P.CHILD_READ, Subject("child"), _OWN)
        too = selection.include_protected and may(visit.actor.role, P.PROTECTED_READ, _OWN)
        code = selection.municipality_code
        frame = onward(after, limit, **({"municipality_code": code} if code else {}))
        rows = await people.lines(visit.tx, frame, protected_too=too)
        ids = [row["id"] for row in rows]
        identifiers, periods = await people.identifiers_of(visit.tx, ids), await guardians.periods_of(visit.tx, ids)
        for row in rows:
            look_at(visit, access.subject_of("child", row, row["id"]), row)
        return [
            Line(one, _line(row, identifiers[one], _going_on(visit, periods[one]), whole=too))
            for row, one in zip(rows, ids, strict=True)
        ]


def _differing(entry: ChildEntry, now: Row) -> dict[str, Any]:
    """Not the key: the line has found the child by it, or by its id here.

    Nor details that the unit does not see: of a child that was handed over, they are still the earlier unit's.
    """
    stated, details = differing(entry, now, ChildPatch), now["details"]
    if details is None or not differing(entry.details or _NO_DETAILS, details, DetailsIn):
        stated.pop("details", None)
    return {name: value for name, value in stated.items() if name not in ("source_system", "source_id")}


def _matched(visit: Visit, entry: ChildEntry, rows: list[Row]) -> Iterator[tuple[GuardianEntry, UUID, Row | None]]:
    """Each guardian of the line with their key and the period here that the line tells of, if there is one."""
    for place, guardian in enumerate(entry.guardians):
        key = guardians.key_of(visit, guardian, f"/guardians/{place}")
        known = _period(visit, guardian, [row for row in rows if _same(guardian, key, row)])
        rows = [row for row in rows if row is not known]
        yield guardian, key, known


def _same(guardian: GuardianEntry, key: UUID, row: Row) -> bool:
    """By the identifier; by name as long as it is not known that they are somebody else."""
    if row["person_key"] == key:
        return True
    named = (row["given_name"], row["family_name"]) == (guardian.given_name, guardian.family_name)
    return named and (guardian.identifier is None or not follows_from_identifier(row["person_key"]))


def _period(visit: Visit, guardian: GuardianEntry, rows: list[Row]) -> Row | None:
    if going_on := _going_on(visit, rows):
        return going_on[0]
    if not rows or (guardian.valid_from is not None and guardian.valid_from >= rows[-1]["valid_to"]):
        return None
    if guardian.valid_to is None:
        raise GuardianshipEnded
    return rows[-1]


def _going_on(visit: Visit, periods: list[Row]) -> list[Row]:
    return [row for row in periods if (row["valid_to"] or FOREVER) > visit.now]


def _line(row: Row, identifiers: list[Row], periods: list[Row], *, whole: bool) -> ChildEntry:
    key = Key(row["source_system"], row["source_id"])
    parts: dict[str, Any] = {
        "details": {name: value for name, value in told(row["details"] or {}, DetailsIn).items() if value is not False},
        "identifiers": [_identifier(one) for one in identifiers if one["valid_to"] is None],
        "guardians": [_guardian(one, whole=whole) for one in periods],
    }
    said = {**told(row, ChildEntry), **parts, **naming(key if all(key) else Key(OURS, str(row["id"])))}
    return ChildEntry(**{name: value for name, value in said.items() if value or name not in parts})


def _identifier(row: Row) -> dict[str, Any]:
    """The issuer of all but local reserve numbers follows from their type."""
    said = told(row, IdentifierCreate)
    dropped = {"dormant"} if not row["dormant"] else set()
    dropped |= {"oid"} if row["type"] != IdentifierType.LOCAL_RESERVE else set()
    return {name: value for name, value in said.items() if name not in dropped}


def _guardian(row: Row, *, whole: bool) -> dict[str, Any]:
    """Where somebody protected is reached stays here, unless protected records are taken out on purpose (R2.5)."""
    hidden = () if whole or row["protected_identity"] == ProtectedIdentity.NONE else ("phone", "email")
    return {name: value for name, value in told(row, GuardianEntry).items() if name not in hidden}


ADAPTER = _Children()
