"""The rules of a follow-up: who is asked, when, and what an answer is."""

from datetime import date

import pytest

from app.group_follow_ups.models import (
    AnswerOrReason,
    AskedAtTheWrongTime,
    FollowUpOccasion,
    OccasionDoesNotFit,
    PlaceFollowUp,
    SharingIsTheChilds,
    expected,
    require_occasion,
)

pytestmark = pytest.mark.rule("R11.7")

FIRST, TODAY = date(2026, 9, 1), date(2026, 10, 1)


def said(**fields):
    return PlaceFollowUp(**{"respondent": "child", "asked_on": TODAY, "shared_with_guardians": False, **fields})


@pytest.mark.parametrize(
    ("born", "child"),
    [(date(2019, 10, 1), True), (date(2019, 10, 2), False), (None, True), (date(2027, 1, 1), True)],
    ids=["seven today", "seven tomorrow", "unknown", "a date that cannot be"],
)
def test_a_child_is_asked_from_seven(born, child):
    assert ("child" in expected(born, TODAY, 7)) is child
    assert {"guardian", "leader"} <= expected(born, TODAY, 7)


@pytest.mark.parametrize(
    "fields", [{}, {"scale": 3, "not_interviewed_reason": "Sjuk."}, {"text": "Bra.", "not_interviewed_reason": "Sjuk."}]
)
def test_an_answer_or_a_reason_and_not_both(fields):
    with pytest.raises(AnswerOrReason):
        said(**fields).require_sound(FIRST, TODAY)


def test_what_is_an_answer():
    for fields in ({"scale": 1}, {"text": "Bra."}, {"scale": 5, "text": "Bra."}, {"not_interviewed_reason": "Sjuk."}):
        said(**fields).require_sound(FIRST, TODAY)
    said(text="Bra.", shared_with_guardians=True).require_sound(FIRST, TODAY)
    with pytest.raises(SharingIsTheChilds):
        said(text="Bra.", respondent="leader", shared_with_guardians=True).require_sound(FIRST, TODAY)


@pytest.mark.parametrize("day", [date(2026, 8, 31), date(2026, 10, 2)], ids=["before the place", "tomorrow"])
def test_somebody_was_asked_while_the_child_had_the_place_and_not_tomorrow(day):
    with pytest.raises(AskedAtTheWrongTime):
        said(text="Bra.", asked_on=day).require_sound(FIRST, TODAY)


@pytest.mark.parametrize(
    ("occasion", "status", "fits"),
    [
        ("yearly", "active", True), ("yearly", "ending", False), ("yearly", "ended", False),
        ("after_end", "ended", True), ("after_end", "active", False), ("after_end", "followed_up", False),
        ("extra", "active", True), ("extra", "followed_up", True),
    ],
)  # fmt: skip
def test_each_occasion_has_its_time(occasion, status, fits):
    if fits:
        require_occasion(FollowUpOccasion(occasion), status)
        return
    with pytest.raises(OccasionDoesNotFit):
        require_occasion(FollowUpOccasion(occasion), status)
