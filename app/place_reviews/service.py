"""Deeds of reviewing places: one review each term, and when the next is due."""

from uuid import UUID

from app.group_places import service as places
from app.group_places.models import GroupPlace, PlaceEnding, PlaceGiven
from app.kernel.calendar import end_of_day
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.deadlines import meet, set_deadline
from app.kernel.ids import new_id
from app.kernel.reactions import reacts_to
from app.place_reviews import schemas
from app.place_reviews.models import PlaceReview

REVIEW = "place_review"
_EACH_TERM = "R11.6: genomgång varje termin, avtalad (overifierad) / a review each term, by agreement (unverified)"


@reacts_to(PlaceGiven)
async def place_given(visit: Visit, happening: PlaceGiven) -> None:
    """The first review of a new place is due at the end of its term."""
    place = await places.record_of(visit.tx, happening.place_id)
    if place is not None:
        _expect(visit, place, "place given")


@reacts_to(PlaceEnding)
async def place_ending(visit: Visit, happening: PlaceEnding) -> None:
    """A place that ends is not reviewed any more."""
    await meet(visit.tx, happening.place_id, visit.now, REVIEW)


def _expect(visit: Visit, place: GroupPlace, since: str) -> None:
    if place.next_review_on is not None:
        set_deadline(
            visit, place.subject, code=REVIEW, due_at=end_of_day(place.next_review_on), start_event=since,
            legal_basis=_EACH_TERM, owner=place.ownership,
        )  # fmt: skip


async def add(visit: Visit, place: GroupPlace, body: schemas.PlaceReviewCreate) -> UUID:
    """Record the review of a term; the next one is due at the end of the coming term (R11.6).

    Raises ``ReviewLiesAhead``, ``ImpossibleInThisState``.
    """
    today = stockholm_date(visit.now)
    reviewed_on = body.reviewed_on or today
    record = PlaceReview(
        id=new_id(), place_id=place.id, entry_id=place.entry_id, reviewed_on=reviewed_on, note=body.note,
        outcome=body.outcome, next_review_on=place.review(reviewed_on), reviewed_by=visit.actor.user_id,
        reviewed_at=visit.now, **place.ownership,
    )  # fmt: skip
    record.require_day(place.from_on, today)
    visit.tx.session.add(record)
    visit.trail.changed(record.subject(place.child_id), "next_review_on", *body.model_fields_set)
    await meet(visit.tx, place.id, visit.now, REVIEW)
    _expect(visit, place, "place reviewed")
    await visit.tx.session.flush()
    return record.id
