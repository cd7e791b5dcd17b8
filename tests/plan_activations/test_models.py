"""What a plan needs before it is active, without a database."""

from typing import Any
from uuid import uuid4

import pytest

from app.kernel.errors import Conflict
from app.plan_activations.models import (
    ActionMissing,
    BothPrincipalsRequired,
    ChildViewNotRecorded,
    CoordinatorRequired,
    MainResponsibleMissing,
    OthersMeasuresMissing,
    OverallPrincipalMissing,
    require_complete,
    require_coordinator,
)
from app.plans.models import Plan

COMPLETE = {
    "kind": "sip", "overall_principal": "municipality", "main_responsible_id": uuid4(), "child_view": "Jag vill.",
    "child_view_missing_reason": None, "one_sided_reason": None, "others_measures_note": "Det finns inga.",
}  # fmt: skip


def actions(*principals: str, status: str = "planned") -> list[dict[str, Any]]:
    return [{"principal": principal, "status": status} for principal in principals]


BOTH = actions("region", "municipality")


@pytest.mark.rule("R7.2")
@pytest.mark.parametrize(
    ("without", "held", "missing"),
    [
        ({}, [], ActionMissing),
        ({}, actions("region", "municipality", status="stopped"), ActionMissing),
        ({}, actions("region"), BothPrincipalsRequired),
        ({}, actions("municipality", "family", "private_provider"), BothPrincipalsRequired),
        ({"others_measures_note": None}, BOTH, OthersMeasuresMissing),
        ({"overall_principal": None}, BOTH, OverallPrincipalMissing),
        ({"main_responsible_id": None}, BOTH, MainResponsibleMissing),
        ({"child_view": None}, BOTH, ChildViewNotRecorded),
    ],
)
def test_each_thing_that_is_missing_has_a_name(
    without: dict[str, Any], held: list[dict[str, Any]], missing: type[Conflict]
) -> None:
    with pytest.raises(missing):
        require_complete(Plan(**{**COMPLETE, **without}), held)


@pytest.mark.rule("R7.2")
@pytest.mark.parametrize(
    ("other", "held"),
    [
        ({}, BOTH),
        ({"one_sided_reason": "Regionen är bara huvudman."}, actions("municipality")),
        ({"others_measures_note": None}, [*BOTH, *actions("civil_society")]),
        ({"others_measures_note": None}, [*BOTH, *actions("family")]),
        ({"child_view": None, "child_view_missing_reason": "Ville inte vara med."}, BOTH),
    ],
)
def test_what_is_said_in_another_way_is_enough(other: dict[str, Any], held: list[dict[str, Any]]) -> None:
    require_complete(Plan(**{**COMPLETE, **other}), held)


@pytest.mark.rule("R7.3")
def test_a_barnets_plan_needs_no_statutory_items() -> None:
    plan = Plan(**{**COMPLETE, "kind": "barnets_plan", "overall_principal": None, "others_measures_note": None})
    require_complete(plan, actions("municipality"))
    with pytest.raises(ActionMissing):
        require_complete(plan, [])


@pytest.mark.rule("R7.3")
@pytest.mark.rule("R3.3")
def test_several_authorities_need_a_coordinator() -> None:
    one, other = uuid4(), uuid4()
    require_coordinator([one, one], None)
    require_coordinator([one, other], uuid4())
    with pytest.raises(CoordinatorRequired):
        require_coordinator([one, other], None)
