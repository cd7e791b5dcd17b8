"""What makes each kind of family centre, without a database."""

from datetime import date
from typing import Any

import pytest

from app.centre_kinds.models import (
    FamiljecentralNotWhole,
    IsFamiljecentral,
    SimilarCentreNotWhole,
    WayOfWorkingNotWhole,
    faults,
    is_part,
    require_kind,
)

TODAY = date(2026, 3, 2)
FOUR = ("mhv", "bhv", "open_preschool", "preventive_social")


def a_part(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": kind, "co_located": True, "from_on": date(2019, 9, 1), "to_on": None, **fields}


def parts(*kinds: str, **fields: Any) -> list[dict[str, Any]]:
    return [a_part(kind, **fields) for kind in kinds]


@pytest.mark.rule("R12.1")
@pytest.mark.parametrize("missing", FOUR)
def test_a_familjecentral_with_three_parts_is_none(missing):
    three = parts(*(kind for kind in FOUR if kind != missing))

    assert faults("familjecentral", three) == [f"{missing}_missing"]
    assert faults("familjecentral", [*three, a_part(missing, co_located=False)]) == [f"{missing}_missing"]
    assert faults("familjecentral", [*three, a_part(missing), a_part("other")]) == []
    with pytest.raises(FamiljecentralNotWhole) as refused:
        require_kind("familjecentral", three, TODAY)
    assert [error.code for error in refused.value.errors] == [f"{missing.replace('_', '-')}-missing"]


@pytest.mark.rule("R12.2")
@pytest.mark.parametrize(
    ("kinds", "found"),
    [
        (("bhv", "open_preschool"), []),
        (("bhv", "preventive_social"), []),
        (("bhv", "open_preschool", "preventive_social"), []),
        (("mhv", "bhv", "open_preschool"), []),
        (("mhv", "bhv"), ["municipal_part_missing"]),
        (("mhv", "open_preschool", "preventive_social"), ["bhv_missing"]),
        ((), ["bhv_missing", "municipal_part_missing"]),
        (FOUR, ["all_four_parts"]),
    ],
    ids="+".join,
)
def test_what_is_like_a_familjecentral(kinds, found):
    assert faults("familjecentralsliknande", parts(*kinds)) == found


@pytest.mark.rule("R12.2")
def test_with_four_parts_it_is_a_familjecentral_and_in_two_houses_it_is_not():
    apart = [*parts("bhv", "open_preschool", "preventive_social"), a_part("mhv", co_located=False)]

    require_kind("familjecentralsliknande", apart, TODAY)
    with pytest.raises(IsFamiljecentral):
        require_kind("familjecentralsliknande", parts(*FOUR), TODAY)
    with pytest.raises(SimilarCentreNotWhole):
        require_kind("familjecentralsliknande", parts("bhv"), TODAY)


@pytest.mark.rule("R12.3")
@pytest.mark.parametrize("health", ["mhv", "bhv", "youth_clinic"])
@pytest.mark.parametrize("school", ["school", "student_health"])
def test_a_way_of_working_needs_three_sides_and_no_common_house(health, school):
    require_kind("way_of_working_0_18", parts(health, school, "preventive_social", co_located=False), TODAY)


@pytest.mark.rule("R12.3")
def test_a_way_of_working_names_each_side_that_is_missing():
    with pytest.raises(WayOfWorkingNotWhole):
        require_kind("way_of_working_0_18", parts("bhv", "preventive_social", "open_preschool"), TODAY)
    assert faults("way_of_working_0_18", parts("other")) == [
        "health_part_missing", "school_part_missing", "social_part_missing",
    ]  # fmt: skip


def test_a_part_is_one_from_its_first_day_until_it_ends():
    part = a_part("bhv", from_on=date(2026, 3, 1), to_on=date(2026, 3, 4))

    assert [is_part(part, date(2026, 3, day)) for day in (1, 3, 4)] == [True, True, False]
    assert not is_part(part, date(2026, 2, 28))


@pytest.mark.rule("R12.1")
def test_a_centre_stays_its_kind_on_every_day_to_come():
    leaving = [*parts("bhv", "open_preschool", "preventive_social"), a_part("mhv", to_on=date(2026, 6, 1))]
    followed = [*leaving, a_part("mhv", from_on=date(2026, 6, 1))]

    with pytest.raises(FamiljecentralNotWhole):
        require_kind("familjecentral", leaving, TODAY)
    require_kind("familjecentral", followed, TODAY)
    with pytest.raises(FamiljecentralNotWhole):
        require_kind("familjecentral", [*leaving, a_part("mhv", from_on=date(2026, 6, 2))], TODAY)
