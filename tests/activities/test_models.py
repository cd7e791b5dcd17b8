"""Rules of an activity, without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from app.activities.models import (
    Activity,
    ActivityHasBegun,
    ActivityNotYetHeld,
    ActivityTimesUnclear,
    MovementIsForUpTo12,
)
from app.kernel.workflow import ImpossibleInThisState
from app.support_offers.models import AgesUnclear

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def an_activity(**fields) -> Activity:
    usual = {"type": "other", "status": "planned", "starts_at": NOON, "ends_at": NOON + HOUR}
    return Activity(**{**usual, **fields})


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"type": "movement"}, MovementIsForUpTo12),
        ({"type": "movement", "age_max": 13}, MovementIsForUpTo12),
        ({"age_min": 7, "age_max": 6}, AgesUnclear),
        ({"ends_at": NOON}, ActivityTimesUnclear),
        ({"registration_closes_at": NOON + HOUR}, ActivityTimesUnclear),
        ({"registration_opens_at": NOON}, ActivityTimesUnclear),
        ({"registration_opens_at": NOON - HOUR, "registration_closes_at": NOON - HOUR}, ActivityTimesUnclear),
    ],
)
def test_what_cannot_be_is_named(fields, problem):
    with pytest.raises(problem):
        an_activity(**fields).require_possible()


def test_the_movement_initiative_is_for_up_to_twelve():
    an_activity(type="movement", age_min=6, age_max=12).require_possible()
    with pytest.raises(MovementIsForUpTo12):
        an_activity(type="movement", age_max=12).apply({"age_max": None})


def test_an_activity_is_changed_until_it_begins_and_counted_from_then():
    activity = an_activity()
    activity.step("edit", NOON - HOUR)
    activity.step("open", NOON - HOUR)
    with pytest.raises(ImpossibleInThisState):
        activity.step("open", NOON - HOUR)
    with pytest.raises(ActivityNotYetHeld):
        activity.require_held(NOON - HOUR)
    with pytest.raises(ActivityHasBegun):
        activity.step("cancel", NOON)
    activity.require_held(NOON)


def test_what_is_cancelled_stays_so_and_is_never_held():
    activity = an_activity()
    activity.step("cancel", NOON - HOUR)

    with pytest.raises(ImpossibleInThisState):
        activity.step("edit", NOON)
    with pytest.raises(ActivityNotYetHeld):
        activity.require_held(NOON)
