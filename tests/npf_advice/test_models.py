"""The rules of proposed actions, without a database."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from app.kernel.workflow import ImpossibleInThisState
from app.npf_advice.models import MatterAction

NOW, ME = datetime(2026, 3, 2, 9, 30, tzinfo=UTC), uuid4()


def test_a_principal_takes_it_on_and_has_done_it():
    action = MatterAction(status="proposed")

    action.decide({"note": "Vi prövar i två veckor.", "due_on": date(2026, 4, 1)}, ME, NOW)
    assert (action.status, action.decided_by) == ("proposed", None)
    action.decide({"status": "taken_on"}, ME, NOW)
    action.decide({"status": "done"}, ME, NOW)

    assert (action.status, action.note, action.decided_by) == ("done", "Vi prövar i två veckor.", ME)


@pytest.mark.parametrize(
    ("status", "wanted"),
    [("proposed", "done"), ("taken_on", "proposed"), ("declined", "taken_on"), ("done", "done")],
)
def test_what_is_decided_stays_decided(status, wanted):
    with pytest.raises(ImpossibleInThisState):
        MatterAction(status=status).decide({"status": wanted}, ME, NOW)
