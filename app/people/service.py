"""Deeds about children and their identifiers, and what other packages may ask of them."""

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple, TypeAlias
from uuid import UUID

from app.kernel import circles
from app.kernel.audit import Subject
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row, Transaction
from app.kernel.errors import Denied, FieldError, Invalid, Text
from app.kernel.ids import new_id
from app.kernel.paging import Window
from app.organisations import service as organisations
from app.organisations.models import UnknownMunicipality, UnknownReference, User
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
    Checkpoint,
    Child,
    ChildDetails,
    ChildIdentifier,
    IdentityLevel,
    NoCertainMatch,
    ProtectedIdentity,
)
from app.people.models import require_checkpoint as require_checkpoint
from app.permissions import Permission, Relation, may

_OID = Text("Ange oid för ett lokalt reservnummer, annars inte", "Give oid for a local reserve number, and only then")
_COORDINATION = Text("Bara för samordningsnummer", "Only of a samordningsnummer")
#: Identifiers that name one person in the whole country, the surest first.
_NATIONAL = (IdentifierType.PERSONNUMMER, IdentifierType.SAMORDNINGSNUMMER, IdentifierType.NRID)


#: A key in another system, or an identifier with its type and issuer.
Claim: TypeAlias = tuple[str | None, ...]
_OF_CHILD = frozenset(Child.__table__.columns.keys())


async def facts(tx: Transaction, child_id: UUID) -> Row | None:
    """What other packages may know of a child that the caller sees, with ``grants`` and ``checkpoint_reason``."""
    return await repository.facts(tx, child_id)


async def facts_of(tx: Transaction, child_ids: Iterable[UUID]) -> dict[UUID, Row]:
    """The same of several children at once, without those that the caller does not see."""
    return {row["id"]: row for row in await repository.facts_of(tx, list(child_ids))}


async def lines(tx: Transaction, frame: Window, *, protected_too: bool) -> list[Row]:
    """The next of the unit's own children, with details, by their ids; protected ones past their checkpoint (R2.5)."""
    return await repository.lines(tx, frame, protected_too=protected_too)


async def identifiers_of(tx: Transaction, child_ids: Iterable[UUID]) -> dict[UUID, list[Row]]:
    """The identifiers of several children, oldest first, ended ones too."""
    found: dict[UUID, list[Row]] = defaultdict(list)
    for row in await repository.identifiers_of_all(tx, list(child_ids)):
        found[row["child_id"]].append(row)
    return found


async def child_record(tx: Transaction, child_id: UUID) -> Child:
    """The child for a change that another package tells, locked."""
    child: Child = await repository.record_of(tx, Child, child_id)
    return child


class Newcomer(NamedTuple):
    """A new child with what it has from the beginning, not yet written."""

    child: Child
    details: ChildDetails
    identifiers: list[ChildIdentifier]

    @property
    def claims(self) -> list[Claim]:
        """What no other child may have: its key in another system, and its identifiers."""
        keys = [(self.child.source_system, self.child.source_id)] if self.child.source_id else []
        return [*keys, *((one.type, one.oid, one.value) for one in self.identifiers)]


def new_child(visit: Visit, body: schemas.NewChild, municipalities: Container[str]) -> Newcomer:
    """A new child with its details and identifiers, by every rule that needs no look at other children (R2.2).

    Raises ``Denied``, ``Invalid``, ``UnknownMunicipality``.
    """
    _require_shield(visit, body.protected_identity)
    if body.municipality_code is not None and body.municipality_code not in municipalities:
        raise UnknownMunicipality
    today, actor = stockholm_date(visit.now), visit.actor
    child = Child(
        id=new_id(), owner_unit_id=actor.unit_id, owner_authority_id=actor.authority_id, created_at=visit.now,
        updated_at=visit.now, person_key=unidentified_key(),
        **{name: getattr(body, name) for name in type(body).model_fields if name in _OF_CHILD},
    )  # fmt: skip
    child.require_plausible(today)
    details = ChildDetails(id=new_id(), **child.ownership, **(body.details.model_dump() if body.details else {}))
    identifiers = [
        _identifier(child, identifier, f"/identifiers/{place}", today)
        for place, identifier in enumerate(body.identifiers)
    ]
    if number := _surest(vars(identifier) for identifier in identifiers):
        child.person_key = person_key(visit.settings.secret.get_secret_value(), number)
    return Newcomer(child, details, identifiers)


async def claimed(tx: Transaction, newcomers: Sequence[Newcomer]) -> set[Claim]:
    """What children of the unit have already of what these claim.

    A key that a child of another unit of the authority has is not seen: the unique constraint refuses it.
    """
    keys = [one.child for one in newcomers if one.child.source_id]
    values = [identifier.value for one in newcomers for identifier in one.identifiers]
    found: list[Row] = []
    if keys:
        systems = {str(child.source_system) for child in keys}
        found += await repository.sources_among(tx, list(systems), [str(child.source_id) for child in keys])
    if values:
        found += await repository.identifiers_among(tx, values)
    return {tuple(row.values()) for row in found}


async def change_child(visit: Visit, child: Child, body: schemas.ChildPatch) -> None:
    """Apply the stated fields; a stated birth date ends the expected one."""
    stated = body.stated
    if "protected_identity" in stated:
        _require_shield(visit, ProtectedIdentity(child.protected_identity), body.protected_identity)
    if stated.get("birth_date") is not None:
        stated.setdefault("expected_birth_date", None)
    await organisations.require_municipality(visit.tx, stated.get("municipality_code"))
    if "details" in stated:
        details = await repository.details_record(visit.tx, child.id)
        given = stated.pop("details")
        details.apply(given.stated if given else schemas.DetailsIn().model_dump())
    child.apply(stated)
    child.require_plausible(stockholm_date(visit.now))
    child.touch(visit.now)
    visit.trail.changed(child.subject("child", child.id), *body.stated)
    await visit.tx.session.flush()


async def add_identifier(visit: Visit, child: Child, body: schemas.IdentifierCreate) -> UUID:
    """Another identifier; the one it replaces ends today. Raises ``Invalid`` and ``UnknownReference`` (R2.1)."""
    today = stockholm_date(visit.now)
    identifier = _identifier(child, body, "", today)
    if body.replaces is not None:
        current = await repository.identifier_of(visit.tx, child.id, body.replaces)
        if current is None or current["valid_to"] is not None:
            raise UnknownReference(field="replaces")
        earlier = await repository.record_of(visit.tx, ChildIdentifier, body.replaces)
        earlier.valid_to = max(today, earlier.valid_from or today)
        visit.trail.changed(child.subject("identifier", earlier.id), "valid_to")
        await visit.tx.session.flush()
    visit.tx.session.add(identifier)
    visit.trail.changed(child.subject("identifier", identifier.id), *body.stated)
    await visit.tx.session.flush()
    await _recognise(visit, child)
    return identifier.id


async def change_identifier(
    visit: Visit, child: Child, identifier: ChildIdentifier, body: schemas.IdentifierPatch
) -> None:
    """End an identifier, or change how sure it is."""
    _require_coordination(identifier.type, body.identity_level, body.dormant, "")
    identifier.apply(body.stated)
    identifier.require_period(stockholm_date(visit.now))
    visit.trail.changed(child.subject("identifier", identifier.id), *body.stated)
    await visit.tx.session.flush()
    await _recognise(visit, child)


async def hand_over(visit: Visit, child_id: UUID, giver: tuple[UUID, UUID], receiver: tuple[UUID, UUID]) -> None:
    """The child's record follows its case to another unit, when the giver owned it; unit and authority of each."""
    child = await repository.record_of(visit.tx, Child, child_id)
    if child is None or child.owner_unit_id != giver[0]:
        return
    await circles.hand_over(visit.tx, child_id, *receiver)
    child.owner_unit_id, child.owner_authority_id = receiver
    visit.trail.changed(Subject("child", child_id, child_id, child_id, receiver[1]), "owner_unit_id")
    await visit.tx.session.flush()


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


async def _recognise(visit: Visit, child: Child) -> None:
    """The child's key follows its surest current identifier, and so does the person's sign-in."""
    value = _surest(await repository.identifiers_of(visit.tx, child.id))
    earlier, secret = child.person_key, visit.settings.secret.get_secret_value()
    if value is None and not follows_from_identifier(earlier):
        return
    key = unidentified_key() if value is None else person_key(secret, value)
    if key == earlier:
        return
    child.person_key = key
    visit.trail.changed(child.subject("child", child.id), "person_key")
    await visit.tx.session.flush()
    if not follows_from_identifier(earlier):
        for user_id in await repository.users_of_person(visit.tx, earlier):
            await identify(visit, user_id, key)


def _surest(identifiers: Iterable[Row]) -> str | None:
    """The current identifier that names one person in the whole country most surely."""
    current = {
        row["type"]: row["value"]
        for row in identifiers
        if row["valid_to"] is None and not row["dormant"] and row["identity_level"] != IdentityLevel.OSAKER
    }
    return next((current[kind] for kind in _NATIONAL if kind in current), None)


def _identifier(child: Child, body: schemas.IdentifierCreate, pointer: str, today: date) -> ChildIdentifier:
    value = accept(body.type, body.value, today, pointer)
    if (body.type is IdentifierType.LOCAL_RESERVE) != (body.oid is not None):
        raise Invalid(errors=(FieldError(f"{pointer}/oid", "identifier-oid", _OID),))
    _require_coordination(body.type, body.identity_level, body.dormant, pointer)
    given = body.model_dump(exclude={"value", "oid", "replaces"})
    owned = child.ownership
    return ChildIdentifier(id=new_id(), value=value, oid=body.oid or OIDS[body.type], valid_to=None, **owned, **given)


def _require_coordination(kind: str, level: IdentityLevel | None, dormant: bool, pointer: str) -> None:
    stated = {"identityLevel": level is not None, "dormant": dormant}
    wrong = [f"{pointer}/{name}" for name, given in stated.items() if given]
    if wrong and kind != IdentifierType.SAMORDNINGSNUMMER:
        raise Invalid(errors=tuple(FieldError(place, "coordination-only", _COORDINATION) for place in wrong))


def _require_shield(visit: Visit, *levels: ProtectedIdentity) -> None:
    """Setting or lifting protection is a deed of its own."""
    if any(level is not ProtectedIdentity.NONE for level in levels) and not may(
        visit.actor.role, Permission.CHILD_SHIELD, frozenset({Relation.OWN_UNIT})
    ):
        raise Denied
