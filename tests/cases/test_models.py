"""The rules of a case, without a database."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from app.cases.models import CASE_FLOW, AnalysisResult, Case, CaseStatus, NamedContactRequired, TooLateToReopen
from app.cases.service import transitions
from app.kernel.workflow import ImpossibleInThisState

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def a_case(status: str, **fields: object) -> Case:
    return Case(id=uuid4(), status=status, **fields)


@pytest.mark.rule("R3.3")
def test_an_active_case_always_has_a_named_contact():
    case = a_case("draft")

    with pytest.raises(NamedContactRequired):
        case.activate(AnalysisResult.OWN_SERVICE, AT)

    assert case.status == "draft"


@pytest.mark.parametrize("status", CaseStatus)
@pytest.mark.parametrize("deed", sorted({deed for _, deed in CASE_FLOW.steps}))
def test_a_deed_that_the_state_does_not_allow_changes_nothing(status, deed):
    case = a_case(status)
    if CASE_FLOW.allows(status, deed):
        CASE_FLOW.go(case, deed)
        assert case.status == CASE_FLOW.steps[(status, deed)]
        return

    with pytest.raises(ImpossibleInThisState):
        CASE_FLOW.go(case, deed)

    assert case.status == status


@pytest.mark.parametrize(
    ("closed", "reopened", "allowed"),
    [
        (datetime(2026, 8, 31, 12, tzinfo=UTC), datetime(2027, 2, 28, 22, 59, tzinfo=UTC), True),
        (datetime(2026, 8, 31, 12, tzinfo=UTC), datetime(2027, 2, 28, 23, 0, tzinfo=UTC), False),
        (datetime(2027, 8, 31, 12, tzinfo=UTC), datetime(2028, 2, 29, 22, 59, tzinfo=UTC), True),
    ],
    ids=["last minute of 28 February in Stockholm", "first of March", "leap day"],
)
def test_a_closed_case_is_reopened_within_six_months_of_stockholm_days(closed, reopened, allowed):
    case = a_case("closed", closed_at=closed)

    if allowed:
        case.reopen(reopened, 6)
        assert (case.status, case.closed_at) == ("active", None)
    else:
        with pytest.raises(TooLateToReopen):
            case.reopen(reopened, 6)
        assert case.status == "closed"


@pytest.mark.rule("R3.5")
def test_a_new_contact_is_proposed_at_the_transitions_of_a_childs_life():
    assert transitions(date(2014, 5, 6), None) == [
        ("new_contact_at_school_start", date(2020, 8, 15)),
        ("new_contact_after_compulsory_school", date(2030, 6, 15)),
        ("new_contact_at_eighteen", date(2032, 5, 6)),
    ]
    assert transitions(None, date(2026, 9, 1)) == [("new_contact_at_birth", date(2026, 9, 1))]
