"""The rules of contact groups and their leaders, without a database."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from app.contact_groups.models import (
    GROUP_FLOW,
    AlreadyLeader,
    ContactGroup,
    GradesDoNotFit,
    GroupHasEnded,
    GroupLeader,
    GroupStatus,
    LeaderEndsBeforeBeginning,
    LeaderHasLeft,
    PoliceCheckInTheFuture,
    TimesDoNotFit,
    TooManyLeaders,
    require_times,
    warnings,
)
from app.kernel.workflow import ImpossibleInThisState

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TODAY = date(2026, 3, 2)
A, B, C = (UUID(int=number) for number in (1, 2, 3))


def group(**fields):
    values = {"status": "open", "grade_min": 3, "grade_max": 7, "starts_at": "15:00", "ends_at": "17:00"}
    return ContactGroup(id=UUID(int=9), name="Gruppen", **{**values, **fields})


def leader(user, first, last=None, **fields):
    """``leader(A, 3, 5)``: from the third to the fifth of March."""
    values = {"from_on": date(2026, 3, first), "to_on": last and date(2026, 3, last)}
    return GroupLeader(user_id=user, **{**values, "police_record_checked_on": date(2026, 1, 15), **fields})


@pytest.mark.rule("R11.2")
@pytest.mark.parametrize(("leaders", "warned"), [(0, ["no_leader"]), (1, ["one_leader"]), (2, []), (3, [])])
def test_fewer_than_two_leaders_warn(leaders, warned):
    assert warnings(leaders) == warned


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"grade_min": 8}, GradesDoNotFit),
        ({"starts_at": "17:00"}, TimesDoNotFit),
        ({"ends_at": "08:00"}, TimesDoNotFit),
    ],
)
def test_a_group_has_its_grades_and_times_in_order(fields, problem):
    with pytest.raises(problem):
        group().change(fields)


@pytest.mark.parametrize("times", [("15:00", None), (None, "15:00"), ("15:00", "15:00")])
def test_times_are_stated_both_or_none(times):
    require_times(None, None)
    require_times("15:00", "15:01")

    with pytest.raises(TimesDoNotFit):
        require_times(*times)


def test_one_grade_is_a_range_too():
    changed = group()

    changed.change({"grade_min": 7})

    assert (changed.grade_min, changed.grade_max) == (7, 7)


def test_an_ended_group_changes_no_more():
    ended = group(status="ended")

    with pytest.raises(GroupHasEnded):
        ended.change({"name": "En annan"})
    assert [deed for status, deed in GROUP_FLOW.steps if status == GroupStatus.ENDED] == []


def test_the_reason_stands_while_the_group_is_paused_or_ended():
    stepping = group(status="planned", status_reason=None, ended_at=None)
    seen = []
    for deed, reason in (("open", None), ("pause", "Sjukdom"), ("resume", None), ("end", "Inga fler träffar")):
        stepping.step(deed, NOW, reason)
        seen.append((stepping.status, stepping.status_reason, stepping.ended_at))

    assert seen == [
        ("open", None, None), ("paused", "Sjukdom", None), ("open", None, None), ("ended", "Inga fler träffar", NOW),
    ]  # fmt: skip
    with pytest.raises(ImpossibleInThisState):
        stepping.step("open", NOW)


def test_a_leaders_days_are_in_order_and_the_check_has_been():
    leader(A, 2, 2, police_record_checked_on=TODAY).require_order(TODAY)

    with pytest.raises(LeaderEndsBeforeBeginning):
        leader(A, 2, 1).require_order(TODAY)
    with pytest.raises(PoliceCheckInTheFuture):
        leader(A, 2, police_record_checked_on=date(2026, 3, 3)).require_order(TODAY)


@pytest.mark.rule("R11.2")
@pytest.mark.parametrize(
    ("others", "problem"),
    [
        ([], None),
        ([leader(B, 1)], None),
        ([leader(B, 1), leader(C, 1)], TooManyLeaders),
        ([leader(B, 1, 9), leader(C, 1, 9)], None),
        ([leader(B, 1, 10), leader(C, 1, 10)], TooManyLeaders),
        ([leader(B, 1, 12), leader(C, 13)], None),
        ([leader(B, 20), leader(C, 21)], None),
        ([leader(B, 1), leader(C, 19)], TooManyLeaders),
        ([leader(B, 12), leader(C, 11, 12)], TooManyLeaders),
        ([leader(B, 5), leader(C, 1, 6)], None),
        ([leader(A, 1, 9)], None),
        ([leader(A, 1, 10)], AlreadyLeader),
        ([leader(A, 20)], None),
        ([leader(A, 19)], AlreadyLeader),
    ],
)
def test_on_no_day_there_are_more_leaders_than_two_and_nobody_twice(others, problem):
    coming = leader(A, 10, 19)

    if problem is None:
        coming.require_room(others, 2)
        return
    with pytest.raises(problem):
        coming.require_room(others, 2)


def test_a_leader_leaves_once():
    leaving = leader(A, 1)

    leaving.end(date(2026, 3, 20), TODAY)
    leaving.end(date(2026, 3, 1), TODAY)

    assert leaving.to_on == date(2026, 3, 1)
    with pytest.raises(LeaderHasLeft):
        leaving.end(date(2026, 3, 20), TODAY)
    with pytest.raises(LeaderEndsBeforeBeginning):
        leader(A, 5).end(TODAY, TODAY)
