"""The rules of sessions, without a database."""

from datetime import date

import pytest

from app.contact_groups.models import TimesDoNotFit
from app.group_sessions.models import GroupSession, NoLeaderNoSession, SessionLiesAhead, require_leader
from app.kernel.workflow import ImpossibleInThisState

TODAY = date(2026, 3, 2)


def session(**fields):
    return GroupSession(**{"status": "planned", "held_on": TODAY, "note": "Bowling.", **fields})


@pytest.mark.rule("R11.2")
def test_one_leader_is_enough_and_none_is_not():
    require_leader(1)

    with pytest.raises(NoLeaderNoSession):
        require_leader(0)


def test_a_session_has_been_held_on_its_day_or_later():
    held = session()

    held.hold(TODAY, None)

    assert (held.status, held.note) == ("held", "Bowling.")
    with pytest.raises(SessionLiesAhead):
        session(held_on=date(2026, 3, 3)).hold(TODAY, None)


@pytest.mark.parametrize("status", ["held", "cancelled"])
def test_what_is_over_is_over(status):
    for deed in (
        lambda one: one.change({"note": "Nej"}),
        lambda one: one.hold(TODAY, None),
        lambda one: one.cancel("Nej"),
    ):
        with pytest.raises(ImpossibleInThisState):
            deed(session(status=status))


def test_a_session_states_both_times_or_none():
    changed = session(starts_at="15:00", ends_at="17:00")

    changed.change({"starts_at": None, "ends_at": None})

    with pytest.raises(TimesDoNotFit):
        changed.change({"starts_at": "16:00"})
