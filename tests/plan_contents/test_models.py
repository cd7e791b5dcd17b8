"""The rules of what a plan holds, without a database."""

from datetime import UTC, date, datetime

import pytest

from app.kernel.workflow import ImpossibleInThisState
from app.people.models import EndsBeforeItBegins
from app.plan_actions.models import awaits_decision
from app.plan_contents.models import (
    ActionDecision,
    ActionStatus,
    AlreadyRemoved,
    AlreadySettled,
    PlanAction,
    PlanDisagreement,
    PlanNeed,
    require_open,
    require_writable,
)
from app.plan_contents.service import commitments_of
from app.plans.models import PlanIsNotWritable

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def action(status=ActionStatus.PLANNED, **fields):
    return PlanAction(status=status, commitment=1, **fields)


@pytest.mark.parametrize(
    ("before", "after"), [("planned", "ongoing"), ("ongoing", "done"), ("planned", "stopped"), ("ongoing", "stopped")]
)
def test_an_action_goes_forward(before, after):
    one = action(ActionStatus(before))

    one.report(ActionStatus(after), {"result": "Det gick bra."})

    assert (one.status, one.result, one.commitment) == (after, "Det gick bra.", 1)


@pytest.mark.parametrize(
    ("before", "after"), [("ongoing", "planned"), ("done", "ongoing"), ("stopped", "planned"), ("done", "stopped")]
)
def test_an_action_never_goes_back(before, after):
    with pytest.raises(ImpossibleInThisState):
        action(ActionStatus(before)).report(ActionStatus(after), {})


@pytest.mark.rule("R7.8")
def test_another_commitment_is_a_new_one():
    one = action(description="Samtal.")

    one.commit_to({"description": "Samtal varje vecka."})

    assert (one.description, one.commitment) == ("Samtal varje vecka.", 2)


def test_what_is_done_is_not_committed_to_anew():
    with pytest.raises(ImpossibleInThisState):
        action(ActionStatus.DONE).commit_to({"description": "Mer."})


def test_an_action_is_not_due_before_it_starts():
    with pytest.raises(EndsBeforeItBegins):
        action(start_on=date(2026, 3, 2)).commit_to({"due_on": date(2026, 3, 1)})


def test_what_is_removed_is_history():
    for part in (action(), PlanNeed()):
        part.remove(NOW)
        with pytest.raises(AlreadyRemoved):
            part.remove(NOW)
    with pytest.raises(AlreadyRemoved):
        part.require_present()


@pytest.mark.parametrize(("decision", "status"), [("goes_on", "ongoing"), ("stops", "stopped")])
def test_the_owner_decides_what_becomes_of_it(decision, status):
    one = action(ActionStatus.ONGOING)

    one.decide(ActionDecision(decision), None, NOW)

    assert (one.decision, one.status, one.decided_at) == (decision, status, NOW)


def test_a_decision_is_awaited_while_consent_is_gone_and_once_each_time():
    open_row = {"status": "ongoing", "decided_at": None, "asked_at": None}
    earlier = {**open_row, "decided_at": NOW}

    assert awaits_decision(open_row, "suspended")
    assert awaits_decision(open_row, None), "the plan has closed to its owner"
    assert not awaits_decision(open_row, "active")
    assert not awaits_decision({**open_row, "status": "done"}, "suspended")
    assert not awaits_decision({**earlier, "asked_at": NOW}, "suspended")
    assert awaits_decision({**earlier, "asked_at": NOW.replace(day=3)}, "suspended"), "asked anew after a new consent"


def test_a_disagreement_is_settled_once():
    one = PlanDisagreement(text="Jag vill inte byta skola.")
    one.settle("Alma går kvar.", NOW)

    with pytest.raises(AlreadySettled):
        one.settle("Nej.", NOW)
    assert one.text == "Jag vill inte byta skola."


@pytest.mark.parametrize("status", ["need_identified", "suspended", "closed"])
def test_what_a_plan_holds_is_written_while_it_is_prepared_written_or_active(status):
    with pytest.raises(PlanIsNotWritable):
        require_writable(status)
    if status == "closed":
        with pytest.raises(PlanIsNotWritable):
            require_open(status)


def test_each_party_has_its_own_commitments_and_the_family_its_efforts():
    rows = [
        {"id": 1, "own_effort": False, "owner_unit_id": "bup", "commitment": 2},
        {"id": 2, "own_effort": True, "owner_unit_id": "school", "commitment": 1},
        {"id": 3, "own_effort": False, "owner_unit_id": "school", "commitment": 1},
    ]

    assert commitments_of(rows) == {"bup": {"1": 2}, None: {"2": 1}, "school": {"3": 1}}
