"""The rules of an assignment as coordinator, without a database."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from app.coordinators.models import (
    COORDINATOR_FLOW,
    CoordinatesAlready,
    CoordinatorAssignment,
    CoordinatorStatus,
    NotTheOneAsked,
)
from app.kernel.workflow import ImpossibleInThisState

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def an_assignment(status=CoordinatorStatus.PROPOSED):
    return CoordinatorAssignment(id=uuid4(), case_id=uuid4(), user_id=uuid4(), unit_id=uuid4(), status=status)


@pytest.mark.rule("R5.3")
def test_only_the_one_who_was_asked_says_yes_or_no():
    asked = an_assignment()

    for deed in ("accept", "decline"):
        with pytest.raises(NotTheOneAsked):
            asked.answer(deed, uuid4(), NOW, None)

    assert (asked.status, asked.answered_at) == ("proposed", None)


def test_whoever_asked_takes_it_back():
    asked = an_assignment()

    asked.answer("withdraw", uuid4(), NOW, "Ändrade planer.")

    assert (asked.status, asked.answered_at, asked.answer_reason) == ("withdrawn", NOW, "Ändrade planer.")


@pytest.mark.parametrize("status", ["accepted", "declined", "withdrawn", "ended"])
def test_an_assignment_is_answered_once(status):
    asked = an_assignment(status)

    with pytest.raises(ImpossibleInThisState):
        asked.answer("accept", asked.user_id, NOW, None)

    assert asked.status == status


def test_nobody_is_asked_to_follow_themselves_in_the_same_unit():
    current = an_assignment(CoordinatorStatus.ACCEPTED)

    with pytest.raises(CoordinatesAlready):
        current.require_another(current.user_id, current.unit_id)
    current.require_another(current.user_id, uuid4())
    current.require_another(uuid4(), current.unit_id)


def test_only_who_has_accepted_hands_over():
    assert [status for status in CoordinatorStatus if COORDINATOR_FLOW.allows(status, "hand_over")] == ["accepted"]
