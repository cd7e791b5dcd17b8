"""How a child comes into the line of a contact group, and what is corrected about it while it waits."""

from uuid import UUID

from app.group_queues import service as queues
from app.group_queues.models import (
    AskedVia,
    ConsentIsMissing,
    NoConsentNeeded,
    QueueEntry,
    QueueNoteKind,
    WishedBy,
    require_possible,
)
from app.guardians import service as guardians
from app.kernel import circles
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.ids import new_id
from app.organisations import service as organisations
from app.organisations.models import Sector, UnknownReference
from app.people import service as people
from app.people.models import ProtectedIdentity
from app.permissions import Role
from app.places import service as places
from app.places.line import Moving
from app.places.models import ClaimStatus, PlaceMoveKind, Priority, holder_of
from app.queue_consents import service as consents
from app.queue_consents.models import Ground, QueueConsentState
from app.queue_wishes import schemas
from app.queue_wishes.models import (
    GradeExceptionByManager,
    NoteAwaitsConsent,
    PriorityNeedsReason,
    RequestedInTheFuture,
    StatedByGroupsUnit,
    Wish,
    WishIsYourOwn,
    require_grade,
)

_OWN_WISH = {Role.GUARDIAN: WishedBy.GUARDIAN, Role.YOUNG_PERSON: WishedBy.CHILD}
_ASKED = {Sector.SOCIAL: AskedVia.IFO, Sector.EDUCATION: AskedVia.SCHOOL}


async def join(visit: Visit, group: Row, body: schemas.QueueEntryCreate) -> UUID:
    """A wish for a place: in line from the time of the request, or held back until there is a consent.

    Raises ``UnknownReference``, ``WishIsYourOwn``, ``StatedByGroupsUnit``, ``PriorityNeedsReason``,
    ``RequestedInTheFuture``, ``GradeExceptionByManager``, ``GradeOutsideGroup``, ``NoConsentNeeded``,
    ``ConsentDoesNotFit``, ``NoteAwaitsConsent``, ``GroupHasEnded``, ``AlreadyInLine``.
    """
    child, own = await _child(visit, body.child_id), _keeps(visit, group["unit_id"])
    wish = _wish(visit, body, group)
    _require_to_state(visit, body, own=own)
    _require_grade(visit, group, body.grade, body.grade_exception_reason)
    ground = await _ground(visit, wish, body.consent_id, child, group["authority_id"])
    held_back = wish.needs_consent and (ground is None or ground.state is not QueueConsentState.GIVEN)
    _require_consented(held_back, body.note)
    entry = QueueEntry(
        id=new_id(), group_id=group["id"], child_id=child["id"], person_key=child["person_key"],
        given_name=child["given_name"], grade=body.grade, wished_by=wish.wished_by, asked_via=wish.asked_via,
        sender_unit_id=None if own or visit.actor.is_family else visit.actor.unit_id,
        requested_by=visit.actor.user_id, consent_id=body.consent_id, consent_needed=wish.needs_consent,
        shielded=child["protected_identity"] != ProtectedIdentity.NONE, created_at=visit.now,
        owner_unit_id=group["unit_id"], owner_authority_id=group["authority_id"],
        municipality_code=group["municipality_code"],
    )  # fmt: skip
    secret = visit.settings.secret.get_secret_value()
    await consents.settle(Moving.of(visit), group["id"])
    await places.join(
        Moving.of(visit), group["id"], entry.id, holder=holder_of(secret, group["id"], child["person_key"]),
        priority=body.priority, requested_at=body.requested_at, held_back=held_back,
    )  # fmt: skip
    await queues.group_of(visit.tx, group["id"])
    await _open(visit, group, child, entry, own=own)
    visit.tx.session.add(entry)
    visit.trail.changed(entry.logged, *body.model_fields_set)
    await visit.tx.session.flush()
    await queues.sign(visit, entry.id, PlaceMoveKind.JOINED)
    if ground is not None:
        await consents.rest_on(Moving.of(visit), entry.id, ground)
    await _write_down(visit, entry, body)
    return entry.id


def _keeps(visit: Visit, unit_id: UUID) -> bool:
    return visit.actor.assignment.unit_id == unit_id


async def _child(visit: Visit, child_id: UUID) -> Row:
    """A child of one's own: of a family member's, or of the caller's unit; past its checkpoint."""
    child = await people.facts(visit.tx, child_id)
    if child is None or not (visit.actor.is_family or _keeps(visit, child["owner_unit_id"])):
        raise UnknownReference(field="childId")
    people.require_checkpoint(visit, child)
    return child


def _wish(visit: Visit, body: schemas.QueueEntryCreate, group: Row) -> Wish:
    own_wish = _OWN_WISH.get(visit.actor.role)
    if own_wish is not None:
        if (body.wished_by or own_wish) is not own_wish or body.asked_via not in (None, AskedVia.OTHER):
            raise WishIsYourOwn
        return Wish(own_wish, AskedVia.OTHER, by_family=True, by_own_unit=False, within_authority=False)
    acting = visit.actor.assignment
    asked = _ASKED.get(Sector(acting.sector), AskedVia.OTHER) if acting.sector else AskedVia.OTHER
    return Wish(
        body.wished_by or WishedBy.PROFESSIONAL, body.asked_via or asked, by_family=False,
        by_own_unit=_keeps(visit, group["unit_id"]), within_authority=acting.authority_id == group["authority_id"],
    )  # fmt: skip


def _require_to_state(visit: Visit, body: schemas.QueueEntryCreate, *, own: bool) -> None:
    urgent = body.priority is not Priority.ORDINARY
    if not own and (body.requested_at or urgent or body.priority_reason):
        raise StatedByGroupsUnit
    if not own and not visit.actor.is_family and body.note:
        raise StatedByGroupsUnit
    if urgent and not body.priority_reason:
        raise PriorityNeedsReason
    if body.requested_at is not None and body.requested_at > visit.now:
        raise RequestedInTheFuture


def _require_grade(visit: Visit, group: Row, grade: int, reason: str | None) -> None:
    """R11.3; raises ``GradeExceptionByManager``, ``GradeOutsideGroup``."""
    manages = visit.actor.role is Role.UNIT_MANAGER and _keeps(visit, group["unit_id"])
    if reason is not None and not manages:
        raise GradeExceptionByManager
    require_grade(grade, group["grade_min"], group["grade_max"], excepted=reason is not None)


async def _ground(visit: Visit, wish: Wish, consent_id: UUID | None, child: Row, authority_id: UUID) -> Ground | None:
    if consent_id is None:
        return None
    if not wish.needs_consent:
        raise NoConsentNeeded
    return await consents.ground_of(visit, consent_id, child["id"], child["person_key"], authority_id)


def _require_consented(held_back: bool, text: str | None) -> None:
    if held_back and text:
        raise NoteAwaitsConsent


async def _open(visit: Visit, group: Row, child: Row, entry: QueueEntry, *, own: bool) -> None:
    """The entry is a circle of its own: the group's unit, the family, and whoever sent it."""
    if own:
        await circles.open_circle(visit.tx, entry.id)
        await guardians.bring_into(visit, entry.id, await guardians.family_of(visit.tx, entry.child_id, visit.now))
        return
    family = await guardians.family_of(visit.tx, entry.child_id, visit.now)
    if visit.actor.is_family:
        family.append(guardians.oneself(visit, entry.id, child["birth_date"]))
    await circles.hand_in(
        visit.tx, entry.id, group["unit_id"], group["authority_id"], visit.actor.standing, family=family
    )


async def _write_down(
    visit: Visit, entry: QueueEntry, body: schemas.QueueEntryCreate | schemas.QueueEntryPatch
) -> None:
    told = {QueueNoteKind.GRADE_EXCEPTION: body.grade_exception_reason, QueueNoteKind.NEEDS: body.note}
    if isinstance(body, schemas.QueueEntryCreate):
        told[QueueNoteKind.PRIORITY] = body.priority_reason
    for kind, text in told.items():
        if text:
            await queues.note(visit, entry, kind, text)


async def correct(visit: Visit, entry: QueueEntry, body: schemas.QueueEntryPatch) -> None:
    """The group's unit corrects an entry; a wish that turns out to be the guardian's own needs no consent.

    Raises ``ImpossibleInThisState``, ``GradeExceptionByManager``, ``GradeOutsideGroup``, ``ConsentIsMissing``,
    ``NoteAwaitsConsent``.
    """
    status, stated = await places.status_of(Moving.of(visit), entry.id), body.stated
    require_possible(status, "edit")
    if stated.keys() & {"grade", "grade_exception_reason"}:
        group = await queues.group_of(visit.tx, entry.group_id)
        _require_grade(visit, group, stated.get("grade", entry.grade), body.grade_exception_reason)
    entry.apply({name: stated[name] for name in ("grade", "wished_by", "asked_via") if name in stated})
    if stated.keys() & {"wished_by", "asked_via"}:
        await _weigh_again(visit, entry)
        status = await places.status_of(Moving.of(visit), entry.id)
    _require_consented(status is ClaimStatus.HELD_BACK, body.note)
    visit.trail.changed(entry.logged, *body.model_fields_set)
    await visit.tx.session.flush()
    await _write_down(visit, entry, body)


async def _weigh_again(visit: Visit, entry: QueueEntry) -> None:
    """Whether a corrected wish needs consent. Raises ``ConsentIsMissing`` when it does and was taken without one."""
    sender = await organisations.unit(visit.tx, entry.sender_unit_id) if entry.sender_unit_id else None
    wish = Wish(
        WishedBy(entry.wished_by), AskedVia(entry.asked_via), by_family=False, by_own_unit=True,
        within_authority=sender is None or sender["authority_id"] == entry.owner_authority_id,
    )  # fmt: skip
    if wish.needs_consent and not entry.consent_needed:
        raise ConsentIsMissing
    if entry.consent_needed and not wish.needs_consent:
        entry.consent_needed, entry.consent_id = False, None
        await visit.tx.session.flush()
        await consents.rest_on_nothing(Moving.of(visit), entry.id)
