"""Rules of follow-ups and of how a plan ends, without a database."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.plan_follow_ups.models import (
    CloseReasonDoesNotFit,
    GoalsNotCovered,
    NextFollowUpMissing,
    NextFollowUpOutOfRange,
    OpenActions,
    require_closable,
    require_covered,
    require_next,
)
from app.plans.models import PlanCloseReason

R = PlanCloseReason
TODAY = date(2026, 8, 31)


@pytest.mark.parametrize("on", [date(2026, 9, 1), date(2027, 2, 28)])
def test_the_next_day_lies_ahead_and_near_enough(on: date) -> None:
    require_next(on, TODAY, 6)


def test_a_day_is_needed() -> None:
    with pytest.raises(NextFollowUpMissing):
        require_next(None, TODAY, 6)


@pytest.mark.parametrize("on", [date(2026, 8, 30), TODAY, date(2027, 3, 1)])
def test_a_day_that_is_too_early_or_too_late(on: date) -> None:
    with pytest.raises(NextFollowUpOutOfRange):
        require_next(on, TODAY, 6)


@pytest.mark.rule("R7.11")
@pytest.mark.parametrize("status", ["open", "partly", "not_reached"])
def test_every_goal_that_is_worked_for_is_followed_up(status: str) -> None:
    goal: dict[str, Any] = {"id": uuid4(), "status": status}
    followed: set[UUID] = {goal["id"]}
    require_covered([goal], followed)
    with pytest.raises(GoalsNotCovered):
        require_covered([goal], set())


@pytest.mark.parametrize("status", ["reached", "changed"])
def test_what_is_reached_or_changed_needs_no_more(status: str) -> None:
    require_covered([{"id": uuid4(), "status": status}], set())


def action(status: str, decided: bool = False) -> dict[str, Any]:
    instant = object() if decided else None
    return {"status": status, "decided_at": instant, "asked_at": None}


@pytest.mark.rule("R7.10")
@pytest.mark.parametrize(
    ("status", "reason", "actions"),
    [
        ("closing", R.GOALS_MET, [action("done"), action("stopped")]),
        ("closing", R.MOVED, []),
        ("suspended", R.CONSENT_WITHDRAWN, [action("ongoing", decided=True), action("stopped")]),
        ("suspended", R.DECLINED, []),
    ],
)
def test_a_plan_that_may_end(status: str, reason: PlanCloseReason, actions: list[dict[str, Any]]) -> None:
    require_closable(status, reason, actions)


@pytest.mark.rule("R7.10")
@pytest.mark.parametrize(("status", "action"), [("closing", action("ongoing", decided=True)),
                                                ("closing", action("planned")),
                                                ("suspended", action("ongoing"))])  # fmt: skip
def test_no_action_is_left_behind(status: str, action: dict[str, Any]) -> None:
    reason = R.CONSENT_WITHDRAWN if status == "suspended" else R.NEED_ENDED
    with pytest.raises(OpenActions):
        require_closable(status, reason, [action])


@pytest.mark.parametrize(
    ("status", "reason"),
    [("closing", R.CONSENT_WITHDRAWN), ("suspended", R.GOALS_MET), ("suspended", R.NEED_ENDED),
     ("suspended", R.REPLACED)],
)  # fmt: skip
def test_the_reason_fits_the_state(status: str, reason: PlanCloseReason) -> None:
    with pytest.raises(CloseReasonDoesNotFit):
        require_closable(status, reason, [])
