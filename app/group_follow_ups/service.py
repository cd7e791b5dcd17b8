"""Deeds of following up places: who was heard, when the next round is due, and results of many groups together."""

from datetime import date
from uuid import UUID

from app.group_follow_ups import repository, schemas
from app.group_follow_ups.models import (
    FollowUpOccasion,
    PlaceFollowUp,
    RespondentMissing,
    RespondentNotYours,
    expected,
    require_occasion,
)
from app.group_places import service as places
from app.group_places.models import GroupPlace, PlaceEnding, PlaceGiven, PlaceRespondent
from app.kernel.calendar import add_days, add_months, end_of_day
from app.kernel.clock import start_of_day, stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.deadlines import meet, set_deadline
from app.kernel.ids import new_id
from app.kernel.reactions import reacts_to
from app.people import service as people
from app.permissions import Role

YEARLY = "place_follow_up"
AFTER_END = "place_follow_up_after_end"
_NUSO = (
    "R11.7: uppföljning varje år och efter avslut (NUSO), avtalad (overifierad) / "
    "a follow-up each year and after the end, by agreement (unverified)"
)
_OWN_VOICE = {
    Role.GUARDIAN: PlaceRespondent.GUARDIAN,
    Role.YOUNG_PERSON: PlaceRespondent.CHILD,
    Role.GROUP_LEADER: PlaceRespondent.LEADER,
}


@reacts_to(PlaceGiven)
async def place_given(visit: Visit, happening: PlaceGiven) -> None:
    """The first yearly follow-up of a new place is due a year after its first day."""
    place = await places.record_of(visit.tx, happening.place_id)
    if place is not None:
        _expect_yearly(visit, place, add_months(place.from_on, visit.settings.group_follow_up_months))


def _expect_yearly(visit: Visit, place: GroupPlace, due_on: date) -> None:
    set_deadline(
        visit, place.subject, code=YEARLY, due_at=end_of_day(due_on), start_event="place given or followed up",
        legal_basis=_NUSO, owner=place.ownership,
    )  # fmt: skip


@reacts_to(PlaceEnding)
async def place_ending(visit: Visit, happening: PlaceEnding) -> None:
    """No yearly follow-up any more; one within so many days after the last day (R11.7)."""
    place = await places.record_of(visit.tx, happening.place_id)
    if place is None or place.to_on is None:
        return
    await meet(visit.tx, place.id, visit.now, YEARLY)
    due_on = add_days(place.to_on, visit.settings.group_follow_up_after_end_days)
    set_deadline(
        visit, place.subject, code=AFTER_END, due_at=end_of_day(due_on), start_event="place ends",
        started_at=start_of_day(place.to_on), legal_basis=_NUSO, owner=place.ownership,
    )  # fmt: skip


async def add(visit: Visit, place: GroupPlace, body: schemas.PlaceFollowUpCreate) -> UUID:
    """Record what one of the three said, or why not; with the last one the round is done (R11.7).

    Raises ``RespondentNotYours``, ``RespondentMissing``, ``OccasionDoesNotFit``, ``AnswerOrReason``,
    ``SharingIsTheChilds``, ``AskedAtTheWrongTime``.
    """
    today = stockholm_date(visit.now)
    place.settle(today)
    require_occasion(body.occasion, place.status)
    respondent = _respondent(visit, body.respondent)
    stated = body.model_dump(exclude={"respondent", "asked_on"})
    record = PlaceFollowUp(
        id=new_id(), place_id=place.id, entry_id=place.entry_id, respondent=respondent,
        asked_on=body.asked_on or today, recorded_by=visit.actor.user_id, recorded_at=visit.now, **stated,
        **place.ownership,
    )  # fmt: skip
    record.require_sound(place.from_on, today)
    visit.tx.session.add(record)
    visit.trail.changed(record.subject(place.child_id), *body.model_fields_set)
    if body.occasion is not FollowUpOccasion.EXTRA:
        await _hear(visit, place, body.occasion, respondent)
    await visit.tx.session.flush()
    return record.id


def _respondent(visit: Visit, stated: PlaceRespondent | None) -> PlaceRespondent:
    own = _OWN_VOICE.get(visit.actor.role)
    if own is not None and stated not in (None, own):
        raise RespondentNotYours
    if own is None and stated is None:
        raise RespondentMissing
    return own or stated or PlaceRespondent.LEADER


async def _hear(visit: Visit, place: GroupPlace, occasion: FollowUpOccasion, respondent: PlaceRespondent) -> None:
    today, settings = stockholm_date(visit.now), visit.settings
    child = await people.facts(visit.tx, place.child_id)
    born = child["birth_date"] if child else None
    visit.trail.changed(place.subject, "answered")
    if not place.hear(respondent, expected(born, today, settings.interview_age)):
        return
    if occasion is FollowUpOccasion.YEARLY:
        await meet(visit.tx, place.id, visit.now, YEARLY)
        _expect_yearly(visit, place, add_months(today, settings.group_follow_up_months))
        return
    place.conclude()
    visit.trail.changed(place.subject, "status")
    await meet(visit.tx, place.id, visit.now, AFTER_END)


async def results(visit: Visit, query: schemas.ContactGroupResultQuery) -> list[Row]:
    """How it went, pooled over the groups of each municipality in each term (R11.9)."""
    found = await repository.results(visit.tx, query.filters, visit.settings.smallest_count)
    return [_marked(row) for row in found]


def _marked(row: Row) -> Row:
    """Say where something is held back."""
    told = row["told"]
    respondents = [{**each, "suppressed": None in each.values()} for each in told["respondents"]]
    hidden = told["present_percent"] is None or any(each["suppressed"] for each in respondents)
    return {**row, **told, "respondents": respondents, "suppressed": hidden}
