"""The rules of a place: terms, decisions, endings, rounds of follow-up."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from app.contact_groups.models import DecisionType
from app.group_places.models import (
    DecisionRefRequired,
    ExemptionDoesNotApply,
    FirstDayOutOfRange,
    GroupPlace,
    GroupPlaceStatus,
    LastDayBeforeFirst,
    PlaceEndReason,
    end_of_term,
    next_review,
    require_first_day,
)
from app.kernel.workflow import ImpossibleInThisState

ASSESSED, OPEN = DecisionType
FIRST, LAST = date(2026, 9, 1), date(2026, 10, 1)
AT, SOMEBODY = datetime(2026, 9, 20, tzinfo=UTC), uuid4()


def a_place(**fields):
    return GroupPlace(
        **{
            "from_on": FIRST, "status": GroupPlaceStatus.ACTIVE, "decision_type": OPEN, "documentation_exempt": False,
            "answered": [], "next_review_on": end_of_term(FIRST), **fields,
        }
    )  # fmt: skip


def an_ending_place(last_on=LAST):
    place = a_place(answered=["guardian"])
    place.end(PlaceEndReason.MOVED, "Flyttar.", last_on, SOMEBODY, AT)
    return place


@pytest.mark.rule("R11.6")
@pytest.mark.parametrize(
    ("day", "end"),
    [("2026-01-01", "2026-06-30"), ("2026-06-30", "2026-06-30"), ("2026-07-01", "2026-12-31")],
)
def test_a_term_ends_in_june_or_december(day, end):
    assert end_of_term(date.fromisoformat(day)) == date.fromisoformat(end)


@pytest.mark.rule("R11.6")
@pytest.mark.parametrize(
    ("reviewed", "due", "then"),
    [
        ("2026-11-15", "2026-12-31", "2027-06-30"),
        ("2026-12-31", "2026-12-31", "2027-06-30"),
        ("2027-01-20", "2026-12-31", "2027-06-30"),
        ("2026-11-20", "2027-06-30", "2027-06-30"),
        ("2027-03-01", "2027-06-30", "2027-12-31"),
    ],
    ids=["in time", "on the last day", "late: that was last term's", "twice in a term", "the term after"],
)
def test_each_term_has_its_review(reviewed, due, then):
    assert next_review(date.fromisoformat(reviewed), date.fromisoformat(due)) == date.fromisoformat(then)


@pytest.mark.rule("R11.6")
def test_that_others_wait_is_no_reason_to_end():
    assert {"queue", "others_wait", "full"}.isdisjoint(PlaceEndReason)


@pytest.mark.rule("R11.10")
def test_a_place_after_a_needs_assessment_rests_on_a_decision():
    with pytest.raises(DecisionRefRequired):
        a_place(decision_type=ASSESSED).require_documented(by_family=False)
    with pytest.raises(ExemptionDoesNotApply):
        a_place(decision_type=ASSESSED, documentation_exempt=True, decision_ref="1").require_documented(by_family=True)

    a_place(decision_type=ASSESSED).require_documented(by_family=True)
    a_place(decision_type=ASSESSED, decision_ref="SN 2026-7").require_documented(by_family=False)
    a_place(documentation_exempt=True).require_documented(by_family=False)


@pytest.mark.rule("R11.10")
def test_the_decision_may_be_stated_later_and_not_be_taken_away():
    place = a_place(decision_type=ASSESSED)
    place.change({"goals": "Våga mer."})
    place.change({"decision_ref": "SN 2026-7"})
    with pytest.raises(DecisionRefRequired):
        place.change({"decision_ref": None})


def test_a_place_begins_about_now():
    require_first_day(FIRST, LAST)
    with pytest.raises(FirstDayOutOfRange):
        require_first_day(date(2025, 1, 1), LAST)


def test_a_place_has_ended_when_its_last_day_has_passed():
    place = an_ending_place()
    assert (place.status, place.next_review_on, place.to_on) == (GroupPlaceStatus.ENDING, None, LAST)
    assert place.answered == []
    place.settle(LAST)
    assert place.status == GroupPlaceStatus.ENDING
    place.settle(date(2026, 10, 2))
    assert place.status == GroupPlaceStatus.ENDED


def test_decided_on_the_last_day_it_has_ended_at_once():
    place = an_ending_place()
    place.settle(LAST, decided_today=True)
    assert place.status == GroupPlaceStatus.ENDED


def test_what_never_begins_has_ended_at_once():
    before = date(2026, 8, 20)
    place = an_ending_place(FIRST)
    place.settle(before, decided_today=True)
    assert place.status == GroupPlaceStatus.ENDED
    later = an_ending_place(LAST)
    later.settle(before, decided_today=True)
    assert later.status == GroupPlaceStatus.ENDING


def test_what_an_ended_place_refuses():
    with pytest.raises(LastDayBeforeFirst):
        an_ending_place(date(2026, 8, 31))
    ended = an_ending_place()
    for deed in (
        lambda: ended.review(LAST),
        lambda: ended.end(PlaceEndReason.MOVED, "Igen.", LAST, SOMEBODY, AT),
        ended.conclude,
    ):
        with pytest.raises(ImpossibleInThisState):
            deed()


@pytest.mark.rule("R11.7")
def test_a_round_is_whole_when_everybody_has_been_heard():
    place, everybody = a_place(), {"child", "guardian", "leader"}
    assert not place.hear("guardian", everybody)
    assert not place.hear("guardian", everybody)
    assert place.answered == ["guardian"]
    assert not place.hear("child", everybody)
    assert place.hear("leader", everybody)
    assert place.answered == []
