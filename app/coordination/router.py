"""Endpoints of requests to a coordination desk."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.coordination import repository, schemas, service
from app.coordination.access import is_shielded, relations, request_for, request_row_for
from app.coordination.models import REPORT_OF_CONCERN, REQUEST_FLOW, CoordinationRequest, RequestStatus
from app.kernel.access import Visiting, allowed
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.links import Action, links
from app.kernel.paging import page, window
from app.permissions import Permission as P

router = Router(
    "coordination-requests",
    Text("Förfrågningar till en samordningsfunktion.", "Requests to a coordination desk."),
)

_PATH = "/coordination-requests"
_ACTIONS = (
    Action("edit", "PATCH", "", P.REQUEST_HANDLE, "edit"),
    Action("triage", "POST", "/triage", P.REQUEST_HANDLE, "triage"),
    Action("handle-outside", "POST", "/triage", P.REQUEST_HANDLE, "handle_outside"),
    Action("answer", "POST", "/answer", P.REQUEST_HANDLE, "answer"),
    Action("referral", "POST", "/referral", P.REQUEST_HANDLE, "refer"),
    Action("open-case", "POST", "/case", P.REQUEST_HANDLE, "open_case"),
    Action("closure", "POST", "/closure", P.REQUEST_HANDLE, "no_contact"),
)
#: What a place or a telephone could be read from (R2.5).
_PLACES = ("asker_phone", "desk_phone", "referred_to_unit_id", "referred_to_name", "referred_to_phone")
#: What a list does not tell of a protected child's request, not even to the desk: the checkpoint comes first (R2.5).
_GUARDED = ("asker_name", "subject", "child_id", "case_id")


def _shown(visit: Visit, row: Row) -> dict[str, Any]:
    outside = row["status"] == RequestStatus.HANDLED_OUTSIDE
    neighbours = {"desk": f"/coordination-desks/{row['desk_id']}"}
    neighbours |= {"case": f"/cases/{row['case_id']}"} if row["case_id"] else {}
    neighbours |= {"child": f"/children/{row['child_id']}"} if row["child_id"] else {}
    found = links(
        visit, f"{_PATH}/{row['id']}", _ACTIONS, relations(visit, row), workflow=REQUEST_FLOW, status=row["status"],
        neighbours=neighbours,
    )  # fmt: skip
    if outside:
        rel = "report-of-concern"
        found[rel] = {"href": visit.settings.concern_report_url, "rel": rel, "method": "GET"}
    return {
        **row,
        "referred_to": _referred_to(row),
        "triage": row if row["triage_id"] else None,
        "next_step": REPORT_OF_CONCERN.in_language(visit.language) if outside else None,
        "links": found,
    }


def _referred_to(row: Row) -> dict[str, Any] | None:
    if row["referred_to_name"] is None:
        return None
    return {
        "unit_id": row["referred_to_unit_id"], "name": row["referred_to_name"], "phone": row["referred_to_phone"],
    }  # fmt: skip


def _listed(visit: Visit, row: Row) -> dict[str, Any]:
    guarded = row["protected_identity"] != "none" and not visit.actor.is_family
    return _shown(visit, {**row, **dict.fromkeys(_GUARDED)} if guarded else row)


def _present(visit: Visit, row: Row) -> dict[str, Any]:
    visit.presents(f"{_PATH}/{row['id']}", row["version"])
    return _shown(visit, {**row, **dict.fromkeys(_PLACES)} if is_shielded(visit, row) else row)


async def _answer(visit: Visit, request_id: UUID) -> dict[str, Any]:
    row = await repository.one(visit.tx, request_id)
    if row is None:
        raise NotFound
    return _present(visit, row)


@router.get(
    "/coordination-requests", operation_id="listCoordinationRequests", response_model=schemas.CoordinationRequestPage
)
async def list_requests(
    visit: Annotated[Visit, allowed(P.REQUEST_LIST)], query: Annotated[schemas.CoordinationRequestQuery, Query()]
) -> Any:
    """What waits at the caller's desk, or what the caller has sent; the longest wait first."""
    sort_by = "contact_due_at" if query.sort_by == "contactDueAt" else "received_at"
    frame = window(visit, query, sort_by)
    rows, sent = await service.listed(visit, frame, query.sent)
    total = await repository.count(visit.tx, frame, sent=sent) if query.include_total else None
    visit.trail.looked(Subject("coordination_request_list"))
    return page(visit, _PATH, query, rows, lambda row: _listed(visit, row), sort_by=sort_by, total=total)


@router.post(
    "/coordination-requests", operation_id="createCoordinationRequest", status_code=201,
    response_model=schemas.CoordinationRequest,
)  # fmt: skip
async def create_request(
    visit: Annotated[Visit, allowed(P.REQUEST_CREATE)], body: schemas.CoordinationRequestCreate
) -> Any:
    """Send a request to a desk, or record what somebody asked there. It may stay anonymous (R5.1)."""
    return await _answer(visit, await service.hand_in(visit, body))


@router.get(
    "/coordination-requests/{requestId}", operation_id="getCoordinationRequest",
    response_model=schemas.CoordinationRequest,
)  # fmt: skip
async def get_request(visit: Visiting, row: Annotated[Row, request_row_for(P.REQUEST_READ)]) -> Any:
    """One request. Where the desk sees ``handled_outside``, its sender sees ``triaged`` and no outcome (R9.6)."""
    return _present(visit, row)


@router.patch(
    "/coordination-requests/{requestId}", operation_id="correctCoordinationRequest",
    response_model=schemas.CoordinationRequest,
)  # fmt: skip
async def correct_request(
    visit: Visiting,
    request: Annotated[CoordinationRequest, request_for(P.REQUEST_HANDLE)],
    body: schemas.CoordinationRequestPatch,
) -> Any:
    """The desk corrects who asks, about what and about which child, while the request is open."""
    await service.correct(visit, request, body)
    return await _answer(visit, request.id)


@router.post(
    "/coordination-requests/{requestId}/triage", operation_id="triageCoordinationRequest", status_code=201,
    response_model=schemas.CoordinationRequest,
)  # fmt: skip
async def triage_request(
    visit: Visiting,
    request: Annotated[CoordinationRequest, request_for(P.REQUEST_HANDLE)],
    body: schemas.RequestTriageCreate,
) -> Any:
    """Answer the five questions in short form (R5.2). Suspected harm is handled outside, and not kept here (R5.8).

    Then ``nextStep`` says what to do, ``report-of-concern`` links to where, and every later deed is refused. The sender
    goes on seeing ``triaged``, because the existence of a report must not show.
    """
    await service.triage(visit, request, body)
    return await _answer(visit, request.id)


@router.post(
    "/coordination-requests/{requestId}/answer", operation_id="answerCoordinationRequest", status_code=201,
    response_model=schemas.CoordinationRequest,
)  # fmt: skip
async def answer_request(
    visit: Visiting,
    request: Annotated[CoordinationRequest, request_for(P.REQUEST_HANDLE)],
    body: schemas.RequestAnswer,
) -> Any:
    """Tell the asker the answer; ``advisedOnly`` when advice was all that was needed."""
    await service.answer(visit, request, body)
    return await _answer(visit, request.id)


@router.post(
    "/coordination-requests/{requestId}/referral", operation_id="referCoordinationRequest", status_code=201,
    response_model=schemas.CoordinationRequest,
)  # fmt: skip
async def refer_request(
    visit: Visiting,
    request: Annotated[CoordinationRequest, request_for(P.REQUEST_HANDLE)],
    body: schemas.RequestReferral,
) -> Any:
    """Tell the family whom to call instead. The receiver sees nothing of the request."""
    await service.refer(visit, request, body)
    return await _answer(visit, request.id)


@router.post(
    "/coordination-requests/{requestId}/case", operation_id="openCaseFromRequest", status_code=201,
    response_model=schemas.CoordinationRequest,
)  # fmt: skip
async def open_case(
    visit: Visiting, request: Annotated[CoordinationRequest, request_for(P.REQUEST_HANDLE)], body: schemas.RequestCase
) -> Any:
    """Open a case in the desk's unit; ``case`` links to it. Nothing comes of an anonymous request (R5.1)."""
    await service.open_case(visit, request, body)
    return await _answer(visit, request.id)


@router.post(
    "/coordination-requests/{requestId}/closure", operation_id="closeCoordinationRequest", status_code=201,
    response_model=schemas.CoordinationRequest,
)  # fmt: skip
async def close_request(
    visit: Visiting,
    request: Annotated[CoordinationRequest, request_for(P.REQUEST_HANDLE)],
    body: schemas.RequestClosure,
) -> Any:
    """Close a request whose asker could not be reached."""
    await service.give_up(visit, request, body)
    return await _answer(visit, request.id)


routers = (router,)
