"""The rules of a plan, without a database."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from app.kernel.workflow import ImpossibleInThisState
from app.plans.models import (
    ENDED,
    IN_FORCE,
    OPEN,
    PLAN_FLOW,
    REFUSED,
    RESTS_ON_CONSENT,
    MeetingRequired,
    Plan,
    PlanCloseReason,
    PlanIsNotWritable,
    PlanStatus,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
S = PlanStatus


def plan(status: str = S.CONSENTED, kind: str = "sip", **fields: object) -> Plan:
    return Plan(id=uuid4(), kind=kind, status=status, consent_ids=[], **fields)


@pytest.mark.rule("R7.3")
def test_a_sip_is_written_after_its_meeting_and_a_barnets_plan_when_it_is_prepared() -> None:
    sip, barnets = plan(S.PREPARING), plan(S.PREPARING, "barnets_plan")

    barnets.draft(NOW)
    with pytest.raises(MeetingRequired):
        sip.draft(NOW)

    assert (sip.status, barnets.status) == (S.PREPARING, S.PLAN_DRAFT)


def test_a_sip_that_has_met_is_written() -> None:
    sip = plan(S.MEETING_HELD, met_at=NOW)

    sip.draft(NOW)

    assert sip.status == S.PLAN_DRAFT


@pytest.mark.rule("R4.6")
@pytest.mark.parametrize("status", RESTS_ON_CONSENT)
def test_whatever_rests_on_consent_is_suspended_when_it_ends(status: PlanStatus) -> None:
    assert plan(status).asked_of(ENDED) == "withdraw"
    assert PLAN_FLOW.steps[status, "withdraw"] == S.SUSPENDED


@pytest.mark.parametrize(
    ("status", "standing", "deed"),
    [
        (S.CONSENT_PENDING, IN_FORCE, "consent"),
        (S.CONSENT_PENDING, REFUSED, "decline"),
        (S.CONSENT_PENDING, ENDED, None),
        (S.CONSENT_PENDING, None, None),
        (S.SUSPENDED, IN_FORCE, "consent"),
        (S.SUSPENDED, REFUSED, None),
        (S.SUSPENDED, ENDED, None),
        (S.ACTIVE, IN_FORCE, None),
        (S.ACTIVE, None, None),
        (S.CLOSED, ENDED, None),
    ],
)
def test_what_follows_from_how_the_consents_stand(status: str, standing: str | None, deed: str | None) -> None:
    assert plan(status).asked_of(standing) == deed


def test_consents_are_added_to_what_rests_and_take_the_place_of_what_ended() -> None:
    first, second = uuid4(), uuid4()
    resting, suspended = plan(S.ACTIVE), plan(S.SUSPENDED)
    resting.consent_ids = suspended.consent_ids = [first]

    resting.rest_on([second, first], NOW)
    suspended.rest_on([second], NOW)

    assert (resting.consent_ids, resting.status) == ([first, second], S.ACTIVE)
    assert (suspended.consent_ids, suspended.status) == ([second], S.SUSPENDED)


@pytest.mark.parametrize("status", sorted(set(PlanStatus) - OPEN))
def test_what_is_over_has_no_way_on(status: PlanStatus) -> None:
    assert [deed for (before, deed) in PLAN_FLOW.steps if before == status] == []
    with pytest.raises(PlanIsNotWritable):
        plan(status).require_writable()
    with pytest.raises(ImpossibleInThisState):
        plan(status).rest_on([uuid4()], NOW)


def test_every_open_plan_can_end_with_its_case() -> None:
    for status in OPEN:
        ended = plan(status)
        ended.close(PlanCloseReason.DECLINED, NOW, "end")
        assert ended.status in (S.CLOSED, S.DECLINED)
        assert (ended.closed_at, ended.close_reason) == (NOW, PlanCloseReason.DECLINED)


def test_a_suspended_plan_is_not_written_in() -> None:
    with pytest.raises(PlanIsNotWritable):
        plan(S.SUSPENDED).require_writable()
