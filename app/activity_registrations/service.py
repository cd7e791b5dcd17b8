"""Deeds of registrations: register, answer an offered place, withdraw; and what a cancelled activity does to them."""

from uuid import UUID

from app.activities import service as activities
from app.activities.models import ActivityCancelled, ActivityHasBegun, NoRegistrationNeeded
from app.activity_registrations import repository, schemas
from app.activity_registrations.models import (
    ActivityRegistration,
    AgeNeeded,
    AgeOutsideActivity,
    ChildIsForGuardians,
    NothingOffered,
    RegisteredKind,
    RegistrationClosed,
    RegistrationStatus,
    require_audience,
    subject_of,
)
from app.kernel import circles
from app.kernel.calendar import age_on
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import Alternative, Text
from app.kernel.ids import new_id
from app.kernel.paging import Window
from app.kernel.reactions import reacts_to
from app.kernel.spoken_codes import code_hash, new_code
from app.organisations.models import UnknownReference
from app.people import service as people
from app.permissions import Role
from app.places import service as places
from app.places.line import Moving
from app.places.models import AlreadyInLine, holder_of

_FAMILY = {Role.GUARDIAN: RegisteredKind.GUARDIAN, Role.YOUNG_PERSON: RegisteredKind.YOUNG_PERSON}


def _moving(visit: Visit, unit_id: UUID) -> Moving:
    # The line is open to more eyes than the registration: it remembers who of the unit moved something, nobody else.
    own = visit.actor.assignment.unit_id == unit_id
    return Moving.of(visit) if own else Moving.of(visit)._replace(by=None)


def _secret(visit: Visit) -> str:
    return visit.settings.secret.get_secret_value()


def _hash(visit: Visit, code: str) -> str:
    return code_hash(_secret(visit), "registration", code)


async def listed(visit: Visit, frame: Window, sent: bool, *, counted: bool) -> tuple[list[Row], int | None]:
    """One page of the caller's registrations, or of those to the own unit's activities; and how many, when counted."""
    rows = await repository.page_of(visit.tx, frame, sent=sent)
    return rows, await repository.count(visit.tx, frame, sent=sent) if counted else None


async def by_code(visit: Visit, code: str) -> Row | None:
    """The registration with this booking code, if the caller may see it."""
    return await repository.by_code(visit.tx, _hash(visit, code))


async def register(visit: Visit, activity: Row, body: schemas.RegistrationCreate) -> tuple[UUID, str]:
    """A place at an activity, or a place in the line for one; and the booking code, which is told once.

    Raises ``NoRegistrationNeeded``, ``RegistrationClosed``, ``NotForThisAudience``, ``AgeNeeded``,
    ``AgeOutsideActivity``, ``AlreadyInLine``.
    """
    if activity["capacity"] is None:
        raise NoRegistrationNeeded
    if not activity["registration_open"]:
        raise RegistrationClosed
    kind = _kind(visit, activity)
    require_audience(kind, activity["audiences"])
    holder = await _holder(visit, activity, kind, body)
    if holder is not None and await repository.holds(visit.tx, activity["id"], holder):
        raise AlreadyInLine
    registration_id, code = new_id(), new_code()
    await _open_circle(visit, registration_id, activity, kind)
    await _take_or_wait(visit, activity, registration_id, holder)
    registration = ActivityRegistration(
        id=registration_id, activity_id=activity["id"], registered_kind=kind, code_hash=_hash(visit, code),
        created_at=visit.now, owner_unit_id=activity["unit_id"], owner_authority_id=activity["authority_id"],
        municipality_code=activity["municipality_code"],
    )  # fmt: skip
    visit.tx.session.add(registration)
    visit.trail.changed(subject_of(registration_id, activity["authority_id"]), "activity_id")
    await visit.tx.session.flush()
    return registration_id, code


def _kind(visit: Visit, activity: Row) -> RegisteredKind:
    if visit.actor.is_family:
        return _FAMILY[visit.actor.role]
    return RegisteredKind.DESK if visit.actor.unit_id == activity["unit_id"] else RegisteredKind.PROFESSIONAL


async def _holder(visit: Visit, activity: Row, kind: RegisteredKind, body: schemas.RegistrationCreate) -> UUID | None:
    """What keeps one person from two places: nobody can tell from it who it is. Whoever calls the unit has none.

    A child's is bound to who registers it: nobody learns from a refusal that the other guardian has done so.
    """
    myself = holder_of(_secret(visit), activity["id"], visit.actor.user_id)
    age, holder = body.age, None if kind == RegisteredKind.DESK else myself
    if body.child_id is not None:
        if kind != RegisteredKind.GUARDIAN:
            raise ChildIsForGuardians
        child = await people.facts(visit.tx, body.child_id)
        if child is None:
            raise UnknownReference(field="childId")
        holder = holder_of(_secret(visit), myself, child["person_key"])
        if child["birth_date"] is not None:
            age = age_on(child["birth_date"], stockholm_date(activity["starts_at"]))
    await _require_age(visit, activity, age)
    return holder


async def _require_age(visit: Visit, activity: Row, age: int | None) -> None:
    if activity["age_min"] is None and activity["age_max"] is None:
        return
    if age is None:
        raise AgeNeeded
    if (activity["age_min"] or 0) <= age <= (activity["age_max"] or age):
        return
    others = await activities.fitting(visit.tx, activity, age, visit.now)
    raise AgeOutsideActivity(
        alternatives=[
            Alternative(
                Text(row["title_sv"], row["title_en"] or row["title_sv"]), f"/activities/{row['id']}", id=row["id"]
            )
            for row in others
        ]
    )


async def _open_circle(visit: Visit, registration_id: UUID, activity: Row, kind: RegisteredKind) -> None:
    if kind == RegisteredKind.DESK:
        await circles.open_circle(visit.tx, registration_id)
        return
    await circles.hand_in(
        visit.tx, registration_id, activity["unit_id"], activity["authority_id"], visit.actor.standing
    )


async def _take_or_wait(visit: Visit, activity: Row, registration_id: UUID, holder: UUID | None) -> None:
    """Whoever registers has said yes: a place that is free is theirs at once. Otherwise they wait, and are asked."""
    moving = _moving(visit, activity["unit_id"])
    await places.join(moving, activity["id"], registration_id, holder=holder)
    offered = await places.offers_of(visit.tx, registration_id)
    if offered:
        await places.accept(moving, offered[0]["id"])


async def accept(visit: Visit, row: Row) -> None:
    """Yes to a place that became free. Raises ``NothingOffered``, ``OfferHasExpired``, ``ActivityHasBegun``."""
    await places.accept(_moving(visit, row["owner_unit_id"]), await _offer(visit, row))
    await _changed(visit, row)


async def decline(visit: Visit, row: Row) -> None:
    """No to it: the next in line is asked. Raises as ``accept`` does."""
    offer_id = await _offer(visit, row)
    await _keep_pace(visit, row)
    await places.decline(_moving(visit, row["owner_unit_id"]), offer_id)
    await _changed(visit, row)


async def withdraw(visit: Visit, row: Row) -> None:
    """The place, or the place in line, is given up: a place goes to the next. Raises ``ActivityHasBegun``."""
    _require_ahead(row)
    await _keep_pace(visit, row)
    await _give_up(visit, row)


async def _offer(visit: Visit, row: Row) -> UUID:
    _require_ahead(row)
    made = await places.offers_of(visit.tx, row["id"])
    if row["status"] not in (RegistrationStatus.OFFERED, RegistrationStatus.EXPIRED) or not made:
        raise NothingOffered
    offer_id: UUID = made[0]["id"]
    return offer_id


def _require_ahead(row: Row) -> None:
    if row["begun"]:
        raise ActivityHasBegun


async def _keep_pace(visit: Visit, row: Row) -> None:
    days = activities.offer_days(visit, row["starts_at"])
    await places.configure(_moving(visit, row["owner_unit_id"]), row["activity_id"], offer_days=days)


async def _give_up(visit: Visit, row: Row) -> None:
    deed = places.leave if row["status"] == RegistrationStatus.CONFIRMED else places.withdraw
    await deed(_moving(visit, row["owner_unit_id"]), row["id"])
    await _changed(visit, row)


async def _changed(visit: Visit, row: Row) -> None:
    visit.trail.changed(subject_of(row["id"], row["owner_authority_id"]), "status")
    await visit.tx.session.flush()


@reacts_to(ActivityCancelled)
async def withdraw_all(visit: Visit, happening: ActivityCancelled) -> None:
    """Nobody has a place, or waits for one, at what is cancelled."""
    for row in await repository.live(visit.tx, happening.activity_id):
        await _give_up(visit, row)
