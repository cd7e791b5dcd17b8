"""Rules of acceptances, without a database."""

import pytest

from app.plan_agreements.models import AcceptanceMissing, AcceptanceState, PartyKind, require_accepted, state_of


@pytest.mark.parametrize(
    ("accepted", "state"),
    [
        (None, AcceptanceState.MISSING),
        ({"a": 1, "b": 2}, AcceptanceState.CURRENT),
        ({"a": 1, "b": 1}, AcceptanceState.OUTDATED),
        ({"a": 1}, AcceptanceState.OUTDATED),
        ({"a": 1, "b": 2, "c": 1}, AcceptanceState.OUTDATED),
    ],
)
def test_an_acceptance_is_for_what_stands_and_nothing_else(accepted: dict[str, int], state: AcceptanceState) -> None:
    assert state_of(accepted, {"a": 1, "b": 2}) is state


@pytest.mark.rule("R7.2")
def test_every_unit_is_needed_and_the_family_is_shown() -> None:
    unit = {"kind": PartyKind.UNIT, "accepted": AcceptanceState.CURRENT}
    family = {"kind": PartyKind.GUARDIAN, "accepted": AcceptanceState.MISSING}
    require_accepted([unit, family])

    for state in (AcceptanceState.OUTDATED, AcceptanceState.MISSING):
        with pytest.raises(AcceptanceMissing) as missing:
            require_accepted([unit, {**unit, "accepted": state}, {**unit, "accepted": state}])
        assert missing.value.values == {"missing": 2}
