"""The rules of a wheel, without a database."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from app.kernel.workflow import ImpossibleInThisState
from app.wellbeing.models import (
    Assessment,
    AssessmentStatus,
    ConfirmedHow,
    DimensionEntry,
    DimensionsMissing,
    DiscussedOrNot,
    ScaleValueOutside,
    StrengthOrReason,
    open_to,
    require_all_dimensions,
    visible_by_default,
)
from app.wheel_templates.models import THE_EIGHT

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
S = AssessmentStatus
NOTHING = {"strengths": [], "challenges": [], "own_words": [], "scale_value": None, "not_discussed": True}


def an_entry(**said: object) -> DimensionEntry:
    entry = DimensionEntry(dimension="safe")
    entry.say({**NOTHING, **said}, steps=4)
    return entry


def a_shared_wheel(entry: DimensionEntry, *, visible_to_guardians: bool = True) -> Assessment:
    assessment = Assessment(status=S.DRAFT)
    assessment.share([entry], visible_to_guardians=visible_to_guardians, at=AT)
    return assessment


@pytest.mark.rule("R6.9")
@pytest.mark.parametrize(
    ("status", "opened"),
    [
        (S.DRAFT, []),
        (S.SHARED_WITH_FAMILY, ["family"]),
        (S.CONFIRMED, ["family", "wheel", "wheel_safe"]),
        (S.SUPERSEDED, ["family", "wheel", "wheel_safe"]),
    ],
)
def test_a_row_is_open_to_what_its_state_allows(status: AssessmentStatus, opened: list[str]) -> None:
    assert open_to(status, True, "wheel_safe") == opened
    assert open_to(status, False, "wheel_safe") == ["child" if one == "family" else one for one in opened]


@pytest.mark.parametrize(
    ("born", "unit_type", "visible"),
    [
        (date(2013, 3, 3), "school", True),  # 13 tomorrow
        (date(2013, 3, 2), "school", None),  # 13 today
        (None, "school", None),
        (date(2026, 5, 1), "mhv", None),  # not born yet
        (date(2020, 1, 1), "youth_clinic", False),
        (date(2010, 1, 1), "youth_clinic", False),
        (date(2020, 1, 1), None, True),
    ],
)
def test_guardians_see_by_default_what_is_about_somebody_below_thirteen(
    born: date | None, unit_type: str | None, visible: bool | None
) -> None:
    assert visible_by_default(born, TODAY, unit_type) is visible


@pytest.mark.rule("R6.1")
def test_a_dimension_that_is_left_out_is_named() -> None:
    with pytest.raises(DimensionsMissing) as raised:
        require_all_dimensions(THE_EIGHT[1:7])

    assert "safe, included" in raised.value.describe("en")


@pytest.mark.rule("R6.1")
@pytest.mark.parametrize(
    "said",
    [{"not_discussed": False}, {"strengths": ["Sover gott"]}, {"own_words": [{"text": "Nja"}]}, {"scale_value": 2}],
    ids=["empty without saying so", "a strength", "own words", "a step"],
)
def test_something_was_said_or_it_was_not_discussed(said: dict[str, object]) -> None:
    with pytest.raises(DiscussedOrNot):
        an_entry(**said)


@pytest.mark.rule("R6.2")
@pytest.mark.parametrize(("value", "steps"), [(0, 4), (5, 4), (6, 5), (1, 0)])
def test_a_value_is_a_step_of_the_scale(value: int, steps: int) -> None:
    with pytest.raises(ScaleValueOutside):
        DimensionEntry(dimension="safe").say({**NOTHING, "scale_value": value, "not_discussed": False}, steps)


@pytest.mark.rule("R6.6")
def test_a_wheel_is_confirmed_with_a_strength_or_a_reason() -> None:
    wheel = a_shared_wheel(entry := an_entry(challenges=["Sover dåligt"], not_discussed=False))
    with pytest.raises(StrengthOrReason):
        wheel.confirm([entry], ConfirmedHow.TOGETHER, None, AT, uuid4())

    strong = a_shared_wheel(entry := an_entry(strengths=["Sover gott"], not_discussed=False))
    strong.confirm([entry], ConfirmedHow.CHILD, None, AT, uuid4())

    assert (strong.status, entry.open_to) == (S.CONFIRMED, ["family", "wheel", "wheel_safe"])


def test_a_draft_is_not_confirmed_and_only_the_confirmed_is_superseded() -> None:
    with pytest.raises(ImpossibleInThisState):
        Assessment(status=S.DRAFT).confirm([], ConfirmedHow.TOGETHER, "–", AT, uuid4())
    with pytest.raises(ImpossibleInThisState):
        a_shared_wheel(an_entry()).supersede(AT)
