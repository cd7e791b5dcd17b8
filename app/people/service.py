"""Deeds about children and those around them, and what other packages may ask of them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from app.kernel import circles
from app.kernel.audit import Subject
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row, Transaction
from app.kernel.errors import Denied, FieldError, Invalid, Text
from app.kernel.ids import new_id
from app.organisations import service as organisations
from app.organisations.models import UnknownReference, User
from app.people import repository, schemas
from app.people.identifiers import (
    OIDS,
    IdentifierType,
    accept,
    follows_from_identifier,
    person_key,
    unidentified_key,
)
from app.people.models import (
    FOREVER,
    Checkpoint,
    Child,
    ChildDetails,
    ChildIdentifier,
    Custody,
    GuardianPerson,
    Guardianship,
    IdentityLevel,
    NoCertainMatch,
    ProtectedIdentity,
    majority,
)
from app.people.models import require_checkpoint as require_checkpoint
from app.permissions import Permission, Relation, may

_OID = Text("Ange oid för ett lokalt reservnummer, annars inte", "Give oid for a local reserve number, and only then")
_COORDINATION = Text("Bara för samordningsnummer", "Only of a samordningsnummer")
#: Identifiers that name one person in the whole country, the surest first.
_NATIONAL = (IdentifierType.PERSONNUMMER, IdentifierType.SAMORDNINGSNUMMER, IdentifierType.NRID)


@dataclass(frozen=True, slots=True)
class FamilyMember:
    """Who of the family may be in a child's circles, on which basis, from and until when."""

    party_id: UUID
    standing: Literal["guardian", "child"]
    basis_id: UUID
    valid_until: datetime
    valid_from: datetime


@dataclass(frozen=True, slots=True)
class Custodian:
    """Somebody who has custody at an instant (R2.8)."""

    guardianship_id: UUID
    person_key: UUID
    name: str
    relation: str
    custody: str


async def facts(tx: Transaction, child_id: UUID) -> Row | None:
    """What other packages may know of a child that the caller sees, with ``grants`` and ``checkpoint_reason``."""
    return await repository.facts(tx, child_id)


async def custodians_at(tx: Transaction, child_id: UUID, at: datetime) -> list[Custodian]:
    """Those with custody at an instant, as far as the caller's categories show them; nobody from 18 on (R2.8, R2.9)."""
    child = await repository.facts(tx, child_id)
    if child is None or majority(child["birth_date"]) <= at:
        return []
    return [
        Custodian(row["id"], row["person_key"], _name(row), row["relation"], row["custody"])
        for row in await repository.all_of(tx, "guardianship", child_id)
        if row["custody"] != Custody.NONE and row["valid_from"] <= at and (row["valid_to"] or FOREVER) > at
    ]


async def family_of(tx: Transaction, child_id: UUID, at: datetime) -> list[FamilyMember]:
    """The child in person, and below 18 the custodians who may be contacted, now or from a later day (R2.9)."""
    child = await repository.facts(tx, child_id)
    if child is None:
        return []
    grown_up = majority(child["birth_date"])
    members = [FamilyMember(child["person_key"], "child", child_id, FOREVER, at)]
    for row in await repository.all_of(tx, "guardianship", child_id):
        until = min(row["valid_to"] or FOREVER, grown_up)
        if row["custody"] != Custody.NONE and row["contact_allowed"] and until > max(at, row["valid_from"]):
            members.append(FamilyMember(row["person_key"], "guardian", row["id"], until, row["valid_from"]))
    return members


async def create_child(visit: Visit, body: schemas.ChildCreate) -> UUID:
    """A new child with what is known of it, in one go; the caller's unit owns it (R2.2)."""
    _require_shield(visit, body.protected_identity)
    await organisations.require_municipality(visit.tx, body.municipality_code)
    today, actor = stockholm_date(visit.now), visit.actor
    child = Child(
        id=new_id(), owner_unit_id=actor.unit_id, owner_authority_id=actor.authority_id, created_at=visit.now,
        updated_at=visit.now, person_key=unidentified_key(),
        **body.model_dump(exclude={"details", "identifiers", "guardians"}),
    )  # fmt: skip
    child.require_plausible(today)
    await circles.open_circle(visit.tx, child.id)
    visit.tx.session.add(child)
    await visit.tx.session.flush()
    details = body.details.model_dump() if body.details else {}
    visit.tx.session.add(ChildDetails(id=new_id(), **_owned(child), **details))
    for place, identifier in enumerate(body.identifiers):
        visit.tx.session.add(_identifier(child, identifier, f"/identifiers/{place}", today))
    await visit.tx.session.flush()
    if body.identifiers:
        await _recognise(visit, child)
    for place, guardian in enumerate(body.guardians):
        await _add_guardian(visit, child, guardian, f"/guardians/{place}")
    _changed(visit, "child", child, child.id, *body.stated)
    await _bring_family(visit, child)
    return child.id


async def change_child(visit: Visit, child: Child, body: schemas.ChildPatch) -> None:
    """Apply the stated fields. A birth date moves the day on which the guardians' access ends (R2.9)."""
    stated = body.stated
    if "protected_identity" in stated:
        _require_shield(visit, ProtectedIdentity(child.protected_identity), body.protected_identity)
    if stated.get("birth_date") is not None:
        stated.setdefault("expected_birth_date", None)
    await organisations.require_municipality(visit.tx, stated.get("municipality_code"))
    if "details" in stated:
        details = await repository.details_record(visit.tx, child.id)
        given = stated.pop("details")
        _apply(details, given.stated if given else schemas.DetailsIn().model_dump())
    _apply(child, stated)
    child.require_plausible(stockholm_date(visit.now))
    child.touch(visit.now)
    _changed(visit, "child", child, child.id, *body.stated)
    await visit.tx.session.flush()
    if "birth_date" in stated:
        await _bring_family(visit, child)


async def add_identifier(visit: Visit, child: Child, body: schemas.IdentifierCreate) -> UUID:
    """Another identifier; the one it replaces ends today. Raises ``Invalid`` and ``UnknownReference`` (R2.1)."""
    today = stockholm_date(visit.now)
    identifier = _identifier(child, body, "", today)
    if body.replaces is not None:
        current = await repository.part_of(visit.tx, "identifier", child.id, body.replaces)
        if current is None or current["valid_to"] is not None:
            raise UnknownReference(field="replaces")
        earlier = await repository.record_of(visit.tx, ChildIdentifier, body.replaces)
        earlier.valid_to = max(today, earlier.valid_from or today)
        _changed(visit, "identifier", child, earlier.id, "valid_to")
        await visit.tx.session.flush()
    visit.tx.session.add(identifier)
    _changed(visit, "identifier", child, identifier.id, *body.stated)
    await visit.tx.session.flush()
    await _recognise(visit, child)
    await _bring_family(visit, child)
    return identifier.id


async def change_identifier(visit: Visit, identifier: ChildIdentifier, body: schemas.IdentifierPatch) -> None:
    """End an identifier, or change how sure it is."""
    _require_coordination(identifier.type, body.identity_level, body.dormant, "")
    _apply(identifier, body.stated)
    identifier.require_period(stockholm_date(visit.now))
    child = await repository.record_of(visit.tx, Child, identifier.child_id)
    _changed(visit, "identifier", child, identifier.id, *body.stated)
    await visit.tx.session.flush()
    await _recognise(visit, child)
    await _bring_family(visit, child)


async def add_guardian(visit: Visit, child: Child, body: schemas.GuardianCreate) -> UUID:
    """A grown-up with their custody; the law opens the child's circle to custodians in contact with the child."""
    guardianship = await _add_guardian(visit, child, body, "")
    await _bring_family(visit, child)
    return guardianship.id


async def change_guardian(visit: Visit, current: Guardianship, body: schemas.GuardianPatch) -> UUID:
    """Change the person or the period; another custody begins a new period, whose id is returned (R2.8).

    Raises ``GuardianshipEnded``, ``EndsBeforeItBegins``, ``ContactNeedsReason``, ``Invalid``.
    """
    current.require_open(visit.now)
    child = await repository.record_of(visit.tx, Child, current.child_id)
    person = await repository.record_of(visit.tx, GuardianPerson, current.person_id)
    stated, earlier_key = body.stated, person.person_key
    _apply(person, {name: stated[name] for name in stated.keys() & _PERSON})
    if body.identifier is not None:
        person.person_key = _key(visit, body.identifier, "/identifier")
    if stated.get("custody", current.custody) != current.custody:
        current = await _succeed(visit, child, current, body.valid_from or visit.now)
    elif body.valid_from is not None:
        current.valid_from = body.valid_from
    _apply(current, {name: stated[name] for name in stated.keys() & _PERIOD})
    current.require_sound()
    current.touch(visit.now)
    _changed(visit, "guardianship", child, current.id, *stated)
    await visit.tx.session.flush()
    await circles.revoke(visit.tx, current.id)
    await _bring_family(visit, child, earlier_key)
    return current.id


async def hand_over(visit: Visit, child_id: UUID, giver: tuple[UUID, UUID], receiver: tuple[UUID, UUID]) -> None:
    """The child's record follows its case to another unit, when the giver owned it; unit and authority of each."""
    child = await repository.record_of(visit.tx, Child, child_id)
    if child is None or child.owner_unit_id != giver[0]:
        return
    child.owner_unit_id, child.owner_authority_id = receiver
    visit.trail.changed(Subject("child", child_id, child_id, child_id, receiver[1]), "owner_unit_id")
    await visit.tx.session.flush()
    await circles.hand_over(visit.tx, child_id, *receiver)


async def pass_checkpoint(visit: Visit, child: Row, reason: str) -> Row:
    """This user may see this child's record for a while, for a reason that the log keeps (R2.5, 12.20)."""
    until = visit.now + timedelta(minutes=visit.settings.checkpoint_minutes)
    actor = visit.actor
    checkpoint = Checkpoint(
        id=new_id(), child_id=child["id"], user_id=actor.user_id, reason=reason, passed_at=visit.now, valid_until=until,
        owner_unit_id=actor.unit_id, owner_authority_id=actor.authority_id,
        municipality_code=actor.assignment.municipality_code,
    )  # fmt: skip
    visit.tx.session.add(checkpoint)
    subject = Subject("checkpoint", checkpoint.id, child["id"], child["id"], child["owner_authority_id"])
    visit.trail.changed(subject, "reason", reason=reason)
    await visit.tx.session.flush()
    return {"id": checkpoint.id, "child_id": child["id"], "passed_at": visit.now, "valid_until": until}


async def look_up(visit: Visit, body: schemas.ChildLookupCreate) -> Row:
    """The one child that certainly has this identifier. Raises ``Invalid``, ``NoCertainMatch`` (R2.3)."""
    visit.trail.action, visit.asked = "search", Subject("child_lookup")
    value = accept(body.identifier.type, body.identifier.value, stockholm_date(visit.now), "/identifier")
    found = await repository.matches(visit.tx, body.identifier.type, value)
    # The unit's own record comes first: that another unit has opened its record of the same child hides nothing.
    if not found or (len(found) > 1 and not found[0]["own"]):
        raise NoCertainMatch
    child = found[0]
    visit.trail.looked(Subject("child_lookup", child["id"], child["id"], child["id"], child["owner_authority_id"]))
    return child


async def identify(visit: Visit, user_id: UUID, person: UUID) -> None:
    """A sign-in is this person's: it opens what the circles open to their key."""
    user = await repository.record_of(visit.tx, User, user_id)
    await organisations.change(visit, user, "user", {"person_id": person})


_PERSON = frozenset({"given_name", "family_name", "phone", "email", "protected_identity"})
_PERIOD = frozenset({"relation", "custody", "valid_to", "source", "contact_allowed", "contact_reason"})


async def _add_guardian(visit: Visit, child: Child, body: schemas.GuardianCreate, pointer: str) -> Guardianship:
    given = body.model_dump()
    key = _key(visit, body.identifier, f"{pointer}/identifier") if body.identifier else unidentified_key()
    known = [row for row in await repository.all_of(visit.tx, "guardianship", child.id) if row["person_key"] == key]
    person = GuardianPerson(id=new_id(), person_key=key, **_owned(child))
    if known:
        person = await repository.record_of(visit.tx, GuardianPerson, known[0]["person_id"])
    _apply(person, {name: given[name] for name in _PERSON})
    guardianship = Guardianship(
        id=new_id(), person_id=person.id, valid_from=body.valid_from or visit.now, updated_at=visit.now,
        **_owned(child), **{name: given[name] for name in _PERIOD - {"valid_to"}},
    )  # fmt: skip
    guardianship.require_sound()
    visit.tx.session.add(person)
    await visit.tx.session.flush()
    visit.tx.session.add(guardianship)
    _changed(visit, "guardianship", child, guardianship.id, *body.stated)
    await visit.tx.session.flush()
    return guardianship


async def _succeed(visit: Visit, child: Child, earlier: Guardianship, begins: datetime) -> Guardianship:
    """The period ends, and a new one of the same person begins (R2.8)."""
    earlier.valid_to = begins
    earlier.require_sound()
    earlier.touch(visit.now)
    _changed(visit, "guardianship", child, earlier.id, "valid_to")
    await visit.tx.session.flush()
    kept = {name: getattr(earlier, name) for name in _PERIOD - {"custody", "valid_to"}}
    later = Guardianship(id=new_id(), person_id=earlier.person_id, valid_from=begins, **_owned(child), **kept)
    visit.tx.session.add(later)
    return later


async def _bring_family(visit: Visit, child: Child, *earlier: UUID) -> None:
    """The circles of the child and of the unit's cases about it hold the family as it is now, and no earlier one."""
    members = await family_of(visit.tx, child.id, visit.now)
    bases, parties = {member.basis_id for member in members}, {member.party_id for member in members}
    gone = set(earlier)
    for row in await repository.all_of(visit.tx, "guardianship", child.id):
        if row["id"] not in bases:
            await circles.revoke(visit.tx, row["id"])
            gone.add(row["person_key"])
    for circle_id in (child.id, *await repository.case_circles_of(visit.tx, child.id)):
        for party_id in gone - parties:
            await circles.leave(visit.tx, circle_id, party_id)
        for member in members:
            await circles.join(visit.tx, circle_id, member.party_id, None, member.standing)
            await circles.grant(
                visit.tx, circle_id, member.party_id, [], valid_from=member.valid_from, valid_until=member.valid_until,
                basis=member.standing, basis_id=member.basis_id,
            )  # fmt: skip


async def _recognise(visit: Visit, child: Child) -> None:
    """The child's key follows its surest current identifier; the earlier key opens nothing any more."""
    current = {
        row["type"]: row["value"]
        for row in await repository.all_of(visit.tx, "identifier", child.id)
        if row["valid_to"] is None and not row["dormant"] and row["identity_level"] != IdentityLevel.OSAKER
    }
    value = next((current[kind] for kind in _NATIONAL if kind in current), None)
    earlier, secret = child.person_key, visit.settings.secret.get_secret_value()
    if value is None and not follows_from_identifier(earlier):
        return
    key = unidentified_key() if value is None else person_key(secret, value)
    if key == earlier:
        return
    child.person_key = key
    _changed(visit, "child", child, child.id, "person_key")
    await visit.tx.session.flush()
    await circles.revoke(visit.tx, child.id)
    for circle_id in (child.id, *await repository.case_circles_of(visit.tx, child.id)):
        await circles.leave(visit.tx, circle_id, earlier)
    if not follows_from_identifier(earlier):
        for user_id in await repository.users_of_person(visit.tx, earlier):
            await identify(visit, user_id, key)


def _identifier(child: Child, body: schemas.IdentifierCreate, pointer: str, today: date) -> ChildIdentifier:
    value = accept(body.type, body.value, today, pointer)
    if (body.type is IdentifierType.LOCAL_RESERVE) != (body.oid is not None):
        raise Invalid(errors=(FieldError(f"{pointer}/oid", "identifier-oid", _OID),))
    _require_coordination(body.type, body.identity_level, body.dormant, pointer)
    given = body.model_dump(exclude={"value", "oid", "replaces"})
    return ChildIdentifier(id=new_id(), value=value, oid=body.oid or OIDS[body.type], **_owned(child), **given)


def _require_coordination(kind: str, level: IdentityLevel | None, dormant: bool, pointer: str) -> None:
    stated = {"identityLevel": level is not None, "dormant": dormant}
    wrong = [f"{pointer}/{name}" for name, given in stated.items() if given]
    if wrong and kind != IdentifierType.SAMORDNINGSNUMMER:
        raise Invalid(errors=tuple(FieldError(place, "coordination-only", _COORDINATION) for place in wrong))


def _key(visit: Visit, identifier: schemas.IdentifierIn, pointer: str) -> UUID:
    value = accept(identifier.type, identifier.value, stockholm_date(visit.now), pointer)
    return person_key(visit.settings.secret.get_secret_value(), value)


def _require_shield(visit: Visit, *levels: ProtectedIdentity) -> None:
    """Setting or lifting protection is a deed of its own."""
    if any(level is not ProtectedIdentity.NONE for level in levels) and not may(
        visit.actor.role, Permission.CHILD_SHIELD, frozenset({Relation.OWN_UNIT})
    ):
        raise Denied


def _apply(record: Any, stated: dict[str, Any]) -> None:
    for name, value in stated.items():
        setattr(record, name, value)


def _owned(child: Child) -> dict[str, Any]:
    return {
        "child_id": child.id,
        "owner_unit_id": child.owner_unit_id,
        "owner_authority_id": child.owner_authority_id,
        "municipality_code": child.municipality_code,
    }


def _changed(visit: Visit, kind: str, child: Child, record_id: UUID, *fields: str) -> None:
    visit.trail.changed(Subject(kind, record_id, child.id, child.id, child.owner_authority_id), *fields)


def _name(row: Row) -> str:
    return " ".join(part for part in (row["given_name"], row["family_name"]) if part)
