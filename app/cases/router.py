"""Endpoints of cases."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.cases import repository, schemas, service
from app.cases.access import case_for, case_log_for, case_row_for, is_shielded, relations_of
from app.cases.models import CASE_FLOW, Case
from app.kernel.access import Visiting, allowed, opened_by
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.links import Action, links
from app.kernel.paging import PageQuery, page, whole, window
from app.permissions import Permission as P

router = Router("cases", Text("Ärenden kring ett barn.", "Cases around a child."))

ACTIONS = (
    Action("edit", "PATCH", "", P.CASE_EDIT),
    Action("activation", "POST", "/activation", P.CASE_ACTIVATE, "activate"),
    Action("discard", "POST", "/discard", P.CASE_DISCARD, "discard"),
    Action("pause", "POST", "/pause", P.CASE_PAUSE, "pause"),
    Action("resumption", "POST", "/resumption", P.CASE_RESUME, "resume"),
    Action("closure", "POST", "/closure", P.CASE_CLOSE, "close"),
    Action("decline", "POST", "/decline", P.CASE_DECLINE, "decline"),
    Action("reopening", "POST", "/reopening", P.CASE_REOPEN, "reopen"),
    Action("named-contact", "POST", "/named-contact", P.CASE_CONTACT, "transfer"),
    Action("coordinator", "POST", "/coordinators", P.CASE_COORDINATOR, "appoint"),
    Action("invite", "POST", "/members", P.MEMBER_ADD, "invite"),
    Action("transfer", "POST", "/transfers", P.TRANSFER_CREATE, "transfer"),
    Action("chronology", "GET", "/chronology", P.CHRONOLOGY_READ),
    Action("add-event", "POST", "/chronology-events", P.CHRONOLOGY_ADD),
    Action("access-log", "GET", "/access-log", P.ACCESS_LOG_READ),
    Action("access-log-extract", "GET", "/access-log-extract", P.ACCESS_LOG_EXTRACT),
)


def shown(visit: Visit, row: Row) -> dict[str, Any]:
    """A case as it goes out: with its contacts, what it rests on, and what the caller may do now."""
    path = f"/cases/{row['id']}"
    if is_shielded(visit, row):
        row = {**row, "owner_unit_name": None, "owner_unit_phone": None, "municipality_code": None}
    named = row["named_contact"]
    if named is not None:
        named |= {"unit_name": row["owner_unit_name"], "phone": row["owner_unit_phone"]}
    return {
        **row,
        "opened_by": opened_by(row),
        "links": links(
            visit, path, ACTIONS, relations_of(visit, row), workflow=CASE_FLOW, status=row["status"],
            neighbours={
                "child": f"/children/{row['child_id']}", "members": f"{path}/members",
                "whom-to-call": f"{path}/whom-to-call",
            },
        ),
    }  # fmt: skip


def present(visit: Visit, row: Row) -> dict[str, Any]:
    """One case as the answer, with its address and version."""
    visit.presents(f"/cases/{row['id']}", row["version"])
    return shown(visit, row)


async def answer(visit: Visit, case_id: UUID) -> dict[str, Any]:
    """The case after a change, read as GET reads it."""
    row = await repository.one(visit.tx, case_id)
    if row is None:
        raise NotFound
    return present(visit, row)


@router.get("/cases", operation_id="listCases", response_model=schemas.CasePage)
async def list_cases(
    visit: Annotated[Visit, allowed(P.CASE_LIST)], query: Annotated[schemas.CaseQuery, Query()]
) -> Any:
    """Cases in whose circle the caller is, newest first. Protected children are never listed (R2.5)."""
    sort_by = "updated_at" if query.sort_by == "updatedAt" else "id"
    frame = window(visit, query, sort_by)
    rows = await repository.list_mine(visit.tx, frame)
    total = await repository.count_mine(visit.tx, frame) if query.include_total else None
    visit.trail.looked(Subject("case_list"))
    return page(visit, "/cases", query, rows, lambda row: shown(visit, row), sort_by=sort_by, total=total)


@router.get("/cases/{caseId}", operation_id="getCase", response_model=schemas.Case)
async def get_case(visit: Visiting, row: Annotated[Row, case_row_for(P.CASE_READ)]) -> Any:
    """One case: the core for everybody in the circle, the reasons where their category is open."""
    return present(visit, row)


@router.patch("/cases/{caseId}", operation_id="updateCase", response_model=schemas.Case)
async def update_case(visit: Visiting, case: Annotated[Case, case_for(P.CASE_EDIT)], body: schemas.CasePatch) -> Any:
    """Correct the entry route or the reasons; what they were is kept (R3.8)."""
    await service.change_case(visit, case, body)
    return await answer(visit, case.id)


@router.post("/cases/{caseId}/discard", operation_id="discardCase", status_code=201, response_model=schemas.Case)
async def discard_case(visit: Visiting, case: Annotated[Case, case_for(P.CASE_DISCARD)], body: schemas.Discard) -> Any:
    """A draft comes to nothing. It stays, with its reason (R3.8)."""
    await service.take_step(visit, case, "discard", body.reason)
    return await answer(visit, case.id)


@router.post("/cases/{caseId}/pause", operation_id="pauseCase", status_code=201, response_model=schemas.Case)
async def pause_case(visit: Visiting, case: Annotated[Case, case_for(P.CASE_PAUSE)], body: schemas.Pause) -> Any:
    """Let the work rest, with a reason."""
    await service.take_step(visit, case, "pause", body.reason)
    return await answer(visit, case.id)


@router.post("/cases/{caseId}/resumption", operation_id="resumeCase", status_code=201, response_model=schemas.Case)
async def resume_case(visit: Visiting, case: Annotated[Case, case_for(P.CASE_RESUME)], body: schemas.Resumption) -> Any:
    """Go on after a pause."""
    await service.take_step(visit, case, "resume", body.reason)
    return await answer(visit, case.id)


@router.post("/cases/{caseId}/closure", operation_id="closeCase", status_code=201, response_model=schemas.Case)
async def close_case(visit: Visiting, case: Annotated[Case, case_for(P.CASE_CLOSE)], body: schemas.Closure) -> Any:
    """Close with outcome, the child's view, open actions handled and everybody told (R3.7)."""
    await service.close(visit, case, body)
    return await answer(visit, case.id)


@router.get("/cases/{caseId}/closure", operation_id="getCaseClosure", response_model=schemas.ClosureRecord)
async def get_closure(visit: Visiting, row: Annotated[Row, case_row_for(P.CASE_READ)]) -> Any:
    """How the case ended last, where its category is open to the caller."""
    closure = await repository.closure(visit.tx, row["id"])
    if closure is None:
        raise NotFound
    return {**closure, "links": links(visit, f"/cases/{row['id']}/closure", (), frozenset())}


@router.post("/cases/{caseId}/decline", operation_id="declineCase", status_code=201, response_model=schemas.Case)
async def decline_case(visit: Visiting, case: Annotated[Case, case_for(P.CASE_DECLINE)], _body: schemas.Decline) -> Any:
    """The family declines. No reason is asked, and nothing is derived from it (R3.6)."""
    await service.decline(visit, case)
    return await answer(visit, case.id)


@router.post("/cases/{caseId}/reopening", operation_id="reopenCase", status_code=201, response_model=schemas.Case)
async def reopen_case(visit: Visiting, case: Annotated[Case, case_for(P.CASE_REOPEN)], body: schemas.Reopening) -> Any:
    """Go on with a closed case within the configured months."""
    await service.reopen(visit, case, body.reason)
    return await answer(visit, case.id)


@router.get("/cases/{caseId}/contacts", operation_id="listCaseContacts", response_model=schemas.ContactPage)
async def list_contacts(
    visit: Visiting, row: Annotated[Row, case_row_for(P.CASE_READ)], query: Annotated[PageQuery, Query()]
) -> Any:
    """Who was named contact and coordinator, from and to (R3.4)."""
    rows = await repository.contacts(visit.tx, row["id"])
    return whole(visit, f"/cases/{row['id']}/contacts", query, rows, dict)


@router.get("/cases/{caseId}/access-log", operation_id="listCaseAccessLog", response_model=schemas.AccessLogPage)
async def list_access_log(
    visit: Visiting, case_id: Annotated[UUID, case_log_for(P.ACCESS_LOG_READ)], query: Annotated[PageQuery, Query()]
) -> Any:
    """Who looked at, changed or was refused the case, on which basis. Reading it is logged too."""
    rows = await repository.access_log(visit.tx, case_id, window(visit, query))
    return page(visit, f"/cases/{case_id}/access-log", query, rows, dict)


@router.get(
    "/cases/{caseId}/access-log-extract", operation_id="listCaseAccessLogExtract", response_model=schemas.ExtractPage
)
async def list_access_log_extract(
    visit: Visiting, case_id: Annotated[UUID, case_log_for(P.ACCESS_LOG_EXTRACT)], query: Annotated[PageQuery, Query()]
) -> Any:
    """The registered person's own extract: when, which unit, which profession; no names of staff (12.20)."""
    rows = await repository.access_log(visit.tx, case_id, window(visit, query))
    return page(visit, f"/cases/{case_id}/access-log-extract", query, rows, dict)


routers = (router,)
