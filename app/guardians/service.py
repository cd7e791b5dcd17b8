"""Deeds that change who the family is, and what other packages may ask of it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.guardians import repository, schemas
from app.guardians.models import Custody, GuardianPerson, Guardianship
from app.guardians.models import majority as majority
from app.kernel import circles
from app.kernel.circles import FOREVER, FamilyMember
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row, Transaction
from app.kernel.ids import new_id
from app.people import schemas as child_schemas
from app.people import service as people
from app.people.identifiers import accept, person_key, unidentified_key
from app.people.models import Child, ChildIdentifier
from app.permissions import Role


@dataclass(frozen=True, slots=True)
class Custodian:
    """Somebody who has custody at an instant (R2.8)."""

    guardianship_id: UUID
    person_key: UUID
    name: str
    relation: str
    custody: str


async def custodians_at(tx: Transaction, child_id: UUID, at: datetime) -> list[Custodian]:
    """Those with custody at an instant, as far as the caller's categories show them; nobody from 18 on (R2.8, R2.9)."""
    child = await people.facts(tx, child_id)
    if child is None or majority(child["birth_date"]) <= at:
        return []
    return [
        Custodian(row["id"], row["person_key"], _name(row), row["relation"], row["custody"])
        for row in await repository.guardianships_of(tx, child_id)
        if row["custody"] != Custody.NONE and row["valid_from"] <= at and (row["valid_to"] or FOREVER) > at
    ]


async def family_of(tx: Transaction, child_id: UUID, at: datetime) -> list[FamilyMember]:
    """The child in person, and below 18 the custodians who may be contacted, now or from a later day (R2.9)."""
    return (await families_of(tx, [child_id], at)).get(child_id, [])


async def families_of(tx: Transaction, child_ids: Iterable[UUID], at: datetime) -> dict[UUID, list[FamilyMember]]:
    """The same of several children at once, without those that the caller does not see."""
    children = await people.facts_of(tx, child_ids)
    periods = await periods_of(tx, children)
    return {child_id: family(child, periods[child_id], at) for child_id, child in children.items()}


async def periods_of(tx: Transaction, child_ids: Iterable[UUID]) -> dict[UUID, list[Row]]:
    """The guardianships of several children with the persons, oldest first, ended ones too."""
    found: dict[UUID, list[Row]] = defaultdict(list)
    for row in await repository.guardianships_among(tx, list(child_ids)):
        found[row["child_id"]].append(row)
    return found


async def period_record(tx: Transaction, guardianship_id: UUID) -> Guardianship:
    """The guardianship for a change that another package tells, locked."""
    period: Guardianship = await repository.record_of(tx, Guardianship, guardianship_id)
    return period


def family(child: Row, periods: Iterable[Row], at: datetime) -> list[FamilyMember]:
    """The same of a child and the periods of its guardians, as rows."""
    grown_up = majority(child["birth_date"])
    members = [FamilyMember(child["person_key"], "child", child["id"], FOREVER, at)]
    for row in periods:
        until = min(row["valid_to"] or FOREVER, grown_up)
        if row["custody"] != Custody.NONE and row["contact_allowed"] and until > max(at, row["valid_from"]):
            members.append(FamilyMember(row["person_key"], "guardian", row["id"], until, row["valid_from"]))
    return members


def oneself(visit: Visit, circle_id: UUID, born: date | None) -> FamilyMember:
    """Whoever of the family hands something in: a guardian until the child is of age (R2.9)."""
    me = visit.actor.person_id
    if me is None:
        raise RuntimeError("a family member acts in person")
    if visit.actor.role is Role.YOUNG_PERSON:
        return FamilyMember(me, "child", circle_id, FOREVER, visit.now)
    return FamilyMember(me, "guardian", circle_id, majority(born), visit.now)


async def until_of_age(visit: Visit, circle_id: UUID, child_id: UUID | None) -> None:
    """It is told which child something is about that a guardian has handed in: their sight ends as R2.9 says."""
    child = await people.facts(visit.tx, child_id) if child_id else None
    until = majority(child["birth_date"]) if child else FOREVER
    for party_id in await repository.guardians_in(visit.tx, circle_id):
        await circles.grant(
            visit.tx, circle_id, party_id, (), valid_from=visit.now, valid_until=until, basis="guardian",
            basis_id=circle_id,
        )  # fmt: skip


#: What the family reads of its own circle: the common plan, the notes of meetings, and what has been shown to it.
FAMILY_CATEGORIES = {
    "guardian": ("plan", "meeting_notes", "family"),
    "child": ("plan", "meeting_notes", "family", "child"),
}


async def bring_into(visit: Visit, circle_id: UUID, members: Iterable[FamilyMember]) -> None:
    """The family is in a circle, each from and until when the law lets them."""
    for member in members:
        await circles.join(visit.tx, circle_id, member.party_id, None, member.standing)
        await circles.grant(
            visit.tx, circle_id, member.party_id, FAMILY_CATEGORIES[member.standing], valid_from=member.valid_from,
            valid_until=member.valid_until, basis=member.standing, basis_id=member.basis_id,
        )  # fmt: skip


async def change_child(visit: Visit, child: Child, body: child_schemas.ChildPatch) -> None:
    """Change a child. A birth date moves the day on which the guardians' access ends (R2.9)."""
    await people.change_child(visit, child, body)
    if "birth_date" in body.stated:
        await _bring_family(visit, child)


async def add_identifier(visit: Visit, child: Child, body: child_schemas.IdentifierCreate) -> UUID:
    """Another identifier; the young person goes on in the circles under the key that follows from it."""
    earlier = child.person_key
    identifier_id = await people.add_identifier(visit, child, body)
    await _follow_key(visit, child, earlier)
    return identifier_id


async def change_identifier(visit: Visit, identifier: ChildIdentifier, body: child_schemas.IdentifierPatch) -> None:
    """End an identifier, or change how sure it is; the young person's key may change with it."""
    child = await people.child_record(visit.tx, identifier.child_id)
    earlier = child.person_key
    await people.change_identifier(visit, child, identifier, body)
    await _follow_key(visit, child, earlier)


async def add_guardian(visit: Visit, child: Child, body: schemas.GuardianCreate) -> UUID:
    """A grown-up with their custody; the law opens the child's circle to custodians in contact with the child."""
    guardianship = await _add_guardian(visit, child, body)
    await _bring_family(visit, child)
    return guardianship.id


def begin(visit: Visit, child: Child, person: GuardianPerson, body: schemas.GuardianCreate) -> Guardianship:
    """The person as described, and the period that begins; raises ``ContactNeedsReason``, ``EndsBeforeItBegins``."""
    given = vars(body)
    person.apply({name: given[name] for name in _PERSON})
    guardianship = Guardianship(
        id=new_id(), person_id=person.id, valid_from=body.valid_from or visit.now, updated_at=visit.now,
        **child.ownership, **{"valid_to": None, **{name: given[name] for name in _PERIOD & given.keys()}},
    )  # fmt: skip
    guardianship.require_sound()
    return guardianship


def key_of(visit: Visit, body: schemas.GuardianCreate, pointer: str) -> UUID:
    """The key that a guardian's identifier gives them in every authority, or one of their own; raises ``Invalid``."""
    return _key(visit, body.identifier, f"{pointer}/identifier") if body.identifier else unidentified_key()


async def change_guardian(visit: Visit, current: Guardianship, body: schemas.GuardianPatch) -> UUID:
    """Change the person or the period; another custody begins a new period, whose id is returned (R2.8).

    Raises ``GuardianshipEnded``, ``EndsBeforeItBegins``, ``ContactNeedsReason``, ``Invalid``.
    """
    current.require_open(visit.now)
    child = await people.child_record(visit.tx, current.child_id)
    person = await repository.record_of(visit.tx, GuardianPerson, current.person_id)
    stated, earlier_key = body.stated, person.person_key
    person.apply({name: stated[name] for name in stated.keys() & _PERSON})
    if body.identifier is not None:
        person.person_key = _key(visit, body.identifier, "/identifier")
    if stated.get("custody", current.custody) != current.custody:
        current = await _succeed(visit, child, current, body.valid_from or visit.now)
    elif body.valid_from is not None:
        current.valid_from = body.valid_from
    current.apply({name: stated[name] for name in stated.keys() & _PERIOD})
    current.require_sound()
    current.touch(visit.now)
    visit.trail.changed(child.subject("guardianship", current.id), *stated)
    await visit.tx.session.flush()
    await circles.revoke(visit.tx, current.id)
    await _bring_family(visit, child, earlier_key)
    return current.id


_PERSON = frozenset({"given_name", "family_name", "phone", "email", "protected_identity"})
_PERIOD = frozenset({"relation", "custody", "valid_to", "source", "contact_allowed", "contact_reason"})


async def _add_guardian(visit: Visit, child: Child, body: schemas.GuardianCreate) -> Guardianship:
    key = key_of(visit, body, "")
    known = [row for row in await repository.guardianships_of(visit.tx, child.id) if row["person_key"] == key]
    person = GuardianPerson(id=new_id(), person_key=key, **child.ownership)
    if known:
        person = await repository.record_of(visit.tx, GuardianPerson, known[0]["person_id"])
    guardianship = begin(visit, child, person, body)
    visit.tx.session.add(person)
    await visit.tx.session.flush()
    visit.tx.session.add(guardianship)
    visit.trail.changed(child.subject("guardianship", guardianship.id), *body.stated)
    await visit.tx.session.flush()
    return guardianship


async def _succeed(visit: Visit, child: Child, earlier: Guardianship, begins: datetime) -> Guardianship:
    """The period ends, and a new one of the same person begins (R2.8)."""
    earlier.valid_to = begins
    earlier.require_sound()
    earlier.touch(visit.now)
    visit.trail.changed(child.subject("guardianship", earlier.id), "valid_to")
    await visit.tx.session.flush()
    kept = {name: getattr(earlier, name) for name in _PERIOD - {"custody", "valid_to"}}
    later = Guardianship(id=new_id(), person_id=earlier.person_id, valid_from=begins, **child.ownership, **kept)
    visit.tx.session.add(later)
    return later


async def _follow_key(visit: Visit, child: Child, earlier: UUID) -> None:
    """The child's earlier key opens nothing any more as the child's; it may be a guardian's, entered by mistake."""
    if child.person_key == earlier:
        return
    await circles.revoke(visit.tx, child.id)
    for circle_id in await _circles_of(visit, child):
        await circles.leave(visit.tx, circle_id, earlier)
    await _bring_family(visit, child)


async def _circles_of(visit: Visit, child: Child) -> list[UUID]:
    return [child.id, *await repository.case_circles_of(visit.tx, child.id)]


async def _bring_family(visit: Visit, child: Child, *earlier: UUID) -> None:
    """The circles of the child and of the unit's cases about it hold the family as it is now, and no earlier one."""
    members = await family_of(visit.tx, child.id, visit.now)
    bases, parties = {member.basis_id for member in members}, {member.party_id for member in members}
    gone = set(earlier)
    for row in await repository.guardianships_of(visit.tx, child.id):
        if row["id"] not in bases:
            await circles.revoke(visit.tx, row["id"])
            gone.add(row["person_key"])
    for circle_id in await _circles_of(visit, child):
        for party_id in gone - parties:
            await circles.leave(visit.tx, circle_id, party_id)
        await bring_into(visit, circle_id, members)


def _key(visit: Visit, identifier: child_schemas.IdentifierIn, pointer: str) -> UUID:
    value = accept(identifier.type, identifier.value, stockholm_date(visit.now), pointer)
    return person_key(visit.settings.secret.get_secret_value(), value)


def _name(row: Row) -> str:
    return " ".join(part for part in (row["given_name"], row["family_name"]) if part)
