"""The rules of an offer, without a database."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from app.kernel.errors import Problem
from app.support_offers.models import (
    AgesUnclear,
    BoardDecisionDoesNotFit,
    BothLanguagesNeeded,
    CooperationTalksHaveTwoParties,
    OfferHasEnded,
    SupportOffer,
    ValidityUnclear,
    YouthClinicIsPrivate,
    admits,
    is_fresh,
    is_valid,
)

TODAY = date(2026, 3, 2)


def an_offer(**fields: object) -> SupportOffer:
    plain = {"kind": "komet", "two_parties": False, "private_to_person": False, "valid_from": TODAY}
    return SupportOffer(id=uuid4(), **{**plain, **fields})


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"age_min": 7, "age_max": 6}, AgesUnclear),
        ({"valid_to": date(2026, 3, 1)}, ValidityUnclear),
        ({"how_to_get_it_sv": "Ring."}, BothLanguagesNeeded),
        ({"cost_note_en": "Free."}, BothLanguagesNeeded),
        ({"kind": "youth_clinic"}, YouthClinicIsPrivate),
        ({"kind": "cooperation_talks"}, CooperationTalksHaveTwoParties),
        ({"conditions": "Bara kvällar."}, BoardDecisionDoesNotFit),
        ({"board_decision_ref": "SN 2023:4", "decision_type": "needs_assessed"}, BoardDecisionDoesNotFit),
    ],
)
def test_an_offer_hangs_together(fields: dict[str, object], problem: type[Problem]) -> None:
    with pytest.raises(problem):
        an_offer(**fields).require_sound()


@pytest.mark.rule("R14.3")
@pytest.mark.parametrize(("age", "welcome"), [(12, False), (13, True), (23, True), (24, False)])
def test_the_youth_clinic_is_for_thirteen_to_twenty_three(age: int, welcome: bool) -> None:
    assert admits({"age_min": 13, "age_max": 23}, age) is welcome


def test_silence_about_age_admits_everybody() -> None:
    assert all(admits({"age_min": None, "age_max": None}, age) for age in (0, 50, 120))


def test_the_last_day_counts() -> None:
    offer = {"valid_from": TODAY, "valid_to": date(2026, 3, 4)}
    days = [is_valid(offer, date(2026, 3, day)) for day in (1, 2, 4, 5)]
    assert days == [False, True, True, False]


def test_an_offer_ends_once_and_not_in_the_past() -> None:
    with pytest.raises(ValidityUnclear):
        an_offer().end(date(2026, 3, 1), TODAY)
    with pytest.raises(ValidityUnclear):
        an_offer(valid_from=date(2026, 4, 1)).end(TODAY, TODAY)
    with pytest.raises(OfferHasEnded):
        an_offer(valid_from=date(2026, 1, 1), valid_to=date(2026, 2, 1)).end(TODAY, TODAY)


def test_what_was_assured_a_year_ago_to_the_day_is_fresh() -> None:
    assert is_fresh(datetime(2025, 3, 2, 12, tzinfo=UTC), 12, TODAY)
    assert not is_fresh(datetime(2025, 3, 1, 12, tzinfo=UTC), 12, TODAY)
