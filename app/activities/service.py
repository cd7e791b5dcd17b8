"""Deeds of activities: plan, open, change, cancel, count; and what other packages may ask of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from app.activities import repository, schemas
from app.activities.models import (
    Activity,
    ActivityAttendance,
    ActivityCancelled,
    ActivityEvaluation,
    ActivityStatus,
    MoreRecommendThanAnswered,
    NoRegistrationNeeded,
    UnitNotOfCentre,
)
from app.family_centres import service as centres
from app.kernel.calendar import end_of_day
from app.kernel.clock import start_of_day, stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row, Transaction
from app.kernel.ids import new_id
from app.kernel.paging import Window
from app.kernel.reactions import tell
from app.nameless import require_nameless
from app.organisations import service as organisations
from app.organisations.models import UnknownReference
from app.places import service as places
from app.places.line import Moving
from app.support_offers import service as offers

#: What a PATCH changes elsewhere than in the activity's own row.
_ELSEWHERE = frozenset({"capacity"})


async def listed(
    tx: Transaction, frame: Window, at: datetime, *, centre_id: UUID | None = None, counted: bool = False
) -> tuple[list[Row], int | None]:
    """One page of activities from today on, unless another day is asked for; and how many there are, when counted."""
    values = {**frame.values, "from_": start_of_day(frame.values.get("from_") or stockholm_date(at))}
    values |= {"to": end_of_day(values["to"])} if "to" in values else {}
    values |= {"centre_id": [centre_id]} if centre_id else {}
    filters = frame.shape.filters | {"from_"} | ({"centre_id"} if centre_id else frozenset())
    frame = Window(frame.shape._replace(filters=filters), values)
    rows = await repository.page_of(tx, frame, at)
    return rows, await repository.count(tx, frame, at) if counted else None


async def activity_of(tx: Transaction, activity_id: UUID, at: datetime) -> Row | None:
    """An activity as it stands at an instant, with its unit, authority and places."""
    return await repository.one(tx, activity_id, at)


async def still(tx: Transaction, activity_id: UUID, at: datetime) -> Row | None:
    """The same, and nobody changes or cancels it before the transaction ends."""
    await repository.record(tx, activity_id, shared=True)
    return await repository.one(tx, activity_id, at)


async def fitting(tx: Transaction, activity: Row, age: int, at: datetime) -> list[Row]:
    """Other activities near by, for the same people, that take somebody of this age now."""
    return await repository.fitting(tx, activity, age, at)


def offer_days(visit: Visit, starts_at: datetime) -> int:
    """How long a freed place waits: the usual days, fewer when the activity is near, so that the line moves on."""
    return min(visit.settings.activity_offer_days, max(1, (starts_at - visit.now).days))


async def plan(visit: Visit, body: schemas.ActivityCreate) -> UUID:
    """A new activity of the caller's unit; registration opens later.

    Raises ``MovementIsForUpTo12``, ``AgesUnclear``, ``ActivityTimesUnclear``, ``UnknownMunicipality``,
    ``UnknownReference``, ``UnitNotOfCentre``.
    """
    values = body.model_dump(exclude=set(_ELSEWHERE))
    values["municipality_code"] = body.municipality_code or visit.actor.assignment.municipality_code
    activity = Activity(
        id=new_id(), unit_id=visit.actor.unit_id, status=ActivityStatus.PLANNED, created_by=visit.actor.user_id,
        **values,
    )  # fmt: skip
    activity.require_possible()
    await organisations.require_municipality(visit.tx, body.municipality_code)
    await _require_references(visit, values)
    visit.tx.session.add(activity)
    visit.trail.changed(activity.subject, *body.model_fields_set)
    await visit.tx.session.flush()
    if body.capacity is not None:
        await _have_places(visit, activity, body.capacity)
    return activity.id


async def change(visit: Visit, activity: Activity, body: schemas.ActivityPatch) -> None:
    """Apply the stated fields while it has not begun. More places go to the line at once.

    Raises ``ActivityHasBegun``, ``PlacesAreTaken`` and what planning raises.
    """
    stated = body.model_dump(exclude_unset=True)
    activity.step("edit", visit.now)
    await _require_references(visit, stated)
    activity.apply({name: value for name, value in stated.items() if name not in _ELSEWHERE})
    visit.trail.changed(activity.subject, *stated)
    await visit.tx.session.flush()
    if body.capacity is not None and "capacity" in stated:
        await _have_places(visit, activity, body.capacity)


async def _require_references(visit: Visit, stated: dict[str, Any]) -> None:
    if (centre_id := stated.get("centre_id")) is not None:
        centre = await centres.centre_of(visit.tx, centre_id)
        if centre is None:
            raise UnknownReference(field="centreId")
        if visit.actor.unit_id not in {centre["unit_id"], *(part["unit_id"] for part in centre["parts"])}:
            raise UnitNotOfCentre
    if (offer_id := stated.get("support_offer_id")) is not None and await offers.offer(visit.tx, offer_id) is None:
        raise UnknownReference(field="supportOfferId")


async def _have_places(visit: Visit, activity: Activity, capacity: int) -> None:
    moving, days = Moving.of(visit), offer_days(visit, activity.starts_at)
    if await places.pool_of(visit.tx, activity.id) is not None:
        await places.configure(moving, activity.id, capacity=capacity, offer_days=days)
        return
    await places.open_pool(
        moving, activity.id, capacity=capacity, offer_days=days, automatic=True,
        offering=activity.status == ActivityStatus.OPEN,
    )  # fmt: skip


async def open_registration(visit: Visit, activity: Activity) -> None:
    """Whoever wants to come may register from now on. Raises ``NoRegistrationNeeded``, ``ActivityHasBegun``."""
    if await places.pool_of(visit.tx, activity.id) is None:
        raise NoRegistrationNeeded
    activity.step("open", visit.now)
    await places.configure(Moving.of(visit), activity.id, offering=True)
    visit.trail.changed(activity.subject, "status")
    await visit.tx.session.flush()


async def cancel(visit: Visit, activity: Activity, reason: str) -> None:
    """It will not be held; whoever is registered loses the place in the same moment. Raises ``ActivityHasBegun``."""
    activity.step("cancel", visit.now)
    activity.cancel_reason = reason
    visit.trail.changed(activity.subject, "status", "cancel_reason")
    await visit.tx.session.flush()
    await _close(visit, activity.id)
    await tell(visit, ActivityCancelled(activity.id))


async def _close(visit: Visit, activity_id: UUID) -> None:
    if await places.pool_of(visit.tx, activity_id) is not None:
        await places.configure(Moving.of(visit), activity_id, offering=False)


async def count_attendance(visit: Visit, activity: Activity, body: schemas.ActivityAttendanceCount) -> None:
    """How many came, in numbers (R14.4); counted again it is corrected. Raises ``ActivityNotYetHeld``."""
    activity.require_held(visit.now)
    attendance = await repository.attendance_record(visit.tx, activity.id)
    if attendance is None:
        attendance = ActivityAttendance(id=activity.id)
        visit.tx.session.add(attendance)
        await _close(visit, activity.id)
    attendance.children, attendance.adults, attendance.staff = body.children, body.adults, body.staff
    attendance.recorded_at, attendance.recorded_by = visit.now, visit.actor.user_id
    visit.trail.changed(attendance.subject, *body.model_fields_set)
    await visit.tx.session.flush()


async def evaluate(visit: Visit, activity: Activity, body: schemas.ActivityEvaluationCreate) -> None:
    """What those who came thought, together; written again it is replaced.

    Raises ``ActivityNotYetHeld``, ``MoreRecommendThanAnswered``, ``TextNamesSomebody``.
    """
    activity.require_held(visit.now)
    require_nameless({"text": body.text})
    if body.would_recommend > body.answers:
        raise MoreRecommendThanAnswered
    evaluation = await repository.evaluation_record(visit.tx, activity.id)
    if evaluation is None:
        evaluation = ActivityEvaluation(id=activity.id)
        visit.tx.session.add(evaluation)
    evaluation.text, evaluation.answers, evaluation.would_recommend = body.text, body.answers, body.would_recommend
    evaluation.written_at, evaluation.written_by = visit.now, visit.actor.user_id
    visit.trail.changed(evaluation.subject, *body.model_fields_set)
    await visit.tx.session.flush()


async def attendance_of(tx: Transaction, activity_id: UUID) -> Row | None:
    """How many came, if they were counted."""
    return await repository.attendance(tx, activity_id)


async def evaluation_of(tx: Transaction, activity_id: UUID) -> Row | None:
    """What was thought of it, if it was written down."""
    return await repository.evaluation(tx, activity_id)


def calendar_file(activity: Row, title: str, address: str, at: datetime) -> bytes:
    """The activity for a calendar (RFC 5545): a cancelled one too, so that calendars that hold it learn of it."""
    from icalendar import STATUS, Calendar, Event  # here: a start would pay for its time zones

    cancelled = activity["status"] == ActivityStatus.CANCELLED
    event = Event.new(
        uid=str(activity["id"]), sequence=activity["version"], stamp=at, url=address, start=activity["starts_at"],
        end=activity["ends_at"], summary=title, location=activity["place"],
        status=STATUS.CANCELLED if cancelled else STATUS.CONFIRMED,
    )  # fmt: skip
    calendar = Calendar()
    calendar.add("prodid", "-//Tillsammans//SV")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancelled else "PUBLISH")
    calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content
