"""The rules of a request, without a database."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from app.coordination.models import (
    REQUEST_FLOW,
    AnonymousStaysAnonymous,
    CoordinationRequest,
    NoCaseFromAnonymous,
    ReportOfConcernFirst,
    RequestStatus,
)
from app.kernel.workflow import ImpossibleInThisState

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = datetime(2026, 3, 3, 9, tzinfo=UTC)
ENDED = {"answered", "advised_only", "case_opened", "referred", "closed_no_contact", "handled_outside"}


def a_request(status: str = "received", **fields: object) -> CoordinationRequest:
    return CoordinationRequest(id=uuid4(), status=status, **fields)


@pytest.mark.parametrize("status", RequestStatus)
@pytest.mark.parametrize("deed", sorted({deed for _, deed in REQUEST_FLOW.steps}))
def test_a_deed_goes_where_the_machine_says_or_nowhere(status, deed):
    request = a_request(status)
    if REQUEST_FLOW.allows(status, deed):
        request.step(deed)
        assert request.status == REQUEST_FLOW.steps[(status, deed)]
        return

    with pytest.raises(ReportOfConcernFirst if status == "handled_outside" else ImpossibleInThisState):
        request.step(deed)

    assert request.status == status


def test_what_has_ended_leads_nowhere():
    assert {status for status, _ in REQUEST_FLOW.steps} == set(RequestStatus) - ENDED


@pytest.mark.rule("R5.8")
def test_the_first_triage_counts_also_when_harm_is_suspected_later():
    first, second = uuid4(), uuid4()
    request = a_request()

    request.triage("triage", first, AT)
    request.triage("handle_outside", second, LATER)

    assert (request.status, request.triaged_by, request.triaged_at) == ("handled_outside", first, AT)
    assert request.closed_at is None


def test_an_answer_ends_a_request():
    request = a_request("triaged")

    request.answer("advise", uuid4(), AT, "Ring öppna förskolan.")

    assert (request.status, request.answer_text, request.closed_at) == ("advised_only", "Ring öppna förskolan.", AT)


@pytest.mark.rule("R5.1")
@pytest.mark.parametrize("field", ["asker_name", "asker_phone", "asker_relation", "child_id"])
def test_an_anonymous_request_tells_of_nobody(field):
    with pytest.raises(AnonymousStaysAnonymous):
        a_request(asker_kind="anonymous", **{field: uuid4()}).require_anonymity()

    a_request(asker_kind="guardian", **{field: uuid4()}).require_anonymity()
    a_request(asker_kind="anonymous").require_anonymity()


@pytest.mark.rule("R5.1")
def test_nothing_comes_of_an_anonymous_request():
    with pytest.raises(NoCaseFromAnonymous):
        a_request(asker_kind="anonymous").require_asker()

    a_request(asker_kind="child").require_asker()
