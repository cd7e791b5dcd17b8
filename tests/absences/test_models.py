"""Who answers for whom, without a database."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.absences.models import AbsenceIsOver, CoordinatorAbsence, DeputyIsOneself, is_silent, who_answers

NOW = datetime(2026, 3, 20, 9, 30, tzinfo=UTC)
A, B, C = (UUID(int=number) for number in (1, 2, 3))


@pytest.mark.rule("R5.6")
@pytest.mark.parametrize(
    ("deputies", "answers"),
    [({}, A), ({A: B}, B), ({A: B, B: C}, C), ({A: None}, None), ({A: B, B: None}, None), ({A: B, B: A}, None)],
)
def test_the_deputy_answers_or_the_deputys_deputy_or_nobody(deputies, answers):
    assert who_answers(A, deputies) == answers


@given(st.dictionaries(st.integers(0, 5), st.none() | st.integers(0, 5)))
def test_whoever_answers_is_there(deputies):
    answering = who_answers(UUID(int=0), {UUID(int=a): b if b is None else UUID(int=b) for a, b in deputies.items()})

    assert answering is None or answering.int not in deputies


@pytest.mark.rule("R5.6")
@pytest.mark.parametrize(
    ("assigned", "seen", "silent"),
    [
        ("2026-03-06T23:30:00+01:00", None, True),
        ("2026-03-07T00:30:00+01:00", None, False),
        ("2026-01-01T09:00:00+01:00", "2026-03-06T23:59:59+01:00", True),
        ("2026-01-01T09:00:00+01:00", "2026-03-07T00:00:00+01:00", False),
        ("2026-03-10T09:00:00+01:00", "2026-01-01T09:00:00+01:00", False),
    ],
)
def test_silence_is_counted_in_stockholm_days_from_the_last_sign_or_the_beginning(assigned, seen, silent):
    seen_at = datetime.fromisoformat(seen) if seen else None

    assert is_silent(datetime.fromisoformat(assigned), seen_at, date(2026, 3, 20), 14) is silent


@pytest.mark.parametrize(("to_on", "over"), [(None, False), (date(2026, 3, 20), False), (date(2026, 3, 19), True)])
def test_an_absence_ends_while_it_lasts_and_once(to_on, over):
    absence = CoordinatorAbsence(id=uuid4(), to_on=to_on)

    if over:
        with pytest.raises(AbsenceIsOver):
            absence.end(NOW)
        return
    absence.end(NOW)

    assert absence.ended_at == NOW
    with pytest.raises(AbsenceIsOver):
        absence.end(NOW + timedelta(days=1))


def test_nobody_is_their_own_deputy():
    with pytest.raises(DeputyIsOneself):
        CoordinatorAbsence(id=uuid4(), user_id=A, deputy_user_id=A).require_somebody_else()
