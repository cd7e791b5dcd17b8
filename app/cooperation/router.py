"""Endpoints of the circle and its hand-overs."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query

from app.cases import service as cases
from app.cases.access import case_for, case_row_for, is_shielded
from app.cases.models import Case
from app.cases.router import answer as case_answer
from app.cases.schemas import Activation
from app.cases.schemas import Case as CaseOut
from app.cooperation import repository, schemas, service
from app.cooperation.access import HandOver, hand_over_for, relations, transfer_row_for
from app.cooperation.models import TRANSFER_FLOW, TransferStatus
from app.kernel.access import Visiting
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.links import Action, links
from app.kernel.paging import PageQuery, whole
from app.permissions import Permission as P

activation = Router("cases", Text("Ärenden kring ett barn.", "Cases around a child."))
members = Router("members", Text("Enheterna i ärendets krets.", "The units in a case's circle."))
transfers = Router("transfers", Text("Överlämningar, som ska tas emot.", "Hand-overs, which must be accepted."))

_ACTIONS = (
    Action("acceptance", "POST", "/acceptance", P.TRANSFER_ACCEPT, "accept"),
    Action("decline", "POST", "/decline", P.TRANSFER_ACCEPT, "decline"),
    Action("withdrawal", "POST", "/withdrawal", P.TRANSFER_WITHDRAW, "withdraw"),
)


def _member(visit: Visit, case_id: UUID, row: Row, *, steward: bool) -> dict[str, Any]:
    opened = row["opened"] or []
    status = "active" if opened or row["standing"] == "owner" else "invited" if steward else None
    if row["left_at"] is not None:
        status = None
    path = f"/cases/{case_id}/members/{row['unit_id']}"
    return {**row, "opened": opened, "status": status, "links": links(visit, path, (), frozenset())}


def _is_steward(visit: Visit, rows: list[Row]) -> bool:
    """Only the owner's unit is shown what is open to the others."""
    mine = visit.actor.assignment.unit_id
    return any(row["standing"] == "owner" and row["left_at"] is None and row["unit_id"] == mine for row in rows)


async def _one_member(visit: Visit, case_id: UUID, unit_id: UUID, *, shielded: bool = False) -> dict[str, Any]:
    rows = await cases.circle_of(visit.tx, case_id)
    found = [row for row in rows if row["unit_id"] == unit_id]
    if not found:
        raise NotFound
    if shielded:
        found = [{**row, "unit_name": None} for row in found]
    visit.presents(f"/cases/{case_id}/members/{unit_id}")
    return _member(visit, case_id, found[-1], steward=_is_steward(visit, rows))


@activation.post("/cases/{caseId}/activation", operation_id="activateCase", status_code=201, response_model=CaseOut)
async def activate_case(visit: Visiting, case: Annotated[Case, case_for(P.CASE_ACTIVATE)], body: Activation) -> Any:
    """Take the opening decision. ``other_service`` hands the case over; it waits for the receiver's acceptance."""
    await service.activate(visit, case, body)
    return await case_answer(visit, case.id)


@members.get("/cases/{caseId}/members", operation_id="listMembers", response_model=schemas.MemberPage)
async def list_members(
    visit: Visiting, row: Annotated[Row, case_row_for(P.CASE_READ)], query: Annotated[PageQuery, Query()]
) -> Any:
    """The units in the circle: who is in, since when, and what is open to them."""
    rows = await cases.circle_of(visit.tx, row["id"])
    steward = _is_steward(visit, rows)
    if is_shielded(visit, row):
        rows = [{**member, "unit_name": None} for member in rows]
    path = f"/cases/{row['id']}/members"
    return whole(
        visit, path, query, rows, lambda one: _member(visit, row["id"], one, steward=steward), descending=False
    )


@members.post("/cases/{caseId}/members", operation_id="inviteMember", status_code=201, response_model=schemas.Member)
async def invite_member(
    visit: Visiting, case: Annotated[Case, case_for(P.MEMBER_ADD)], body: schemas.MemberCreate
) -> Any:
    """Invite a unit. It sees nothing before a consent or disclosure opens something to its authority (R3.2)."""
    return await _one_member(visit, case.id, await service.invite(visit, case, body.unit_id))


@members.get("/cases/{caseId}/members/{unitId}", operation_id="getMember", response_model=schemas.Member)
async def get_member(
    visit: Visiting,
    row: Annotated[Row, case_row_for(P.CASE_READ)],
    unit_id: Annotated[UUID, Path(alias="unitId")],
) -> Any:
    """One unit of the circle."""
    return await _one_member(visit, row["id"], unit_id, shielded=is_shielded(visit, row))


@members.post(
    "/cases/{caseId}/members/{unitId}/ending",
    operation_id="endMembership",
    status_code=201,
    response_model=schemas.Member,
)
async def end_membership(
    visit: Visiting,
    case: Annotated[Case, case_for(P.MEMBER_END)],
    unit_id: Annotated[UUID, Path(alias="unitId")],
    body: schemas.MemberEnding,
) -> Any:
    """A unit leaves the circle; everything that was open to it closes at once."""
    member = await _one_member(visit, case.id, unit_id)
    await service.end_membership(visit, case, unit_id, body.reason)
    return {**member, "left_at": visit.now, "opened": [], "status": None}


def _transfer(visit: Visit, row: Row) -> dict[str, Any]:
    path = f"/transfers/{row['id']}"
    return {
        **row,
        "links": links(
            visit, path, _ACTIONS, relations(visit, row), workflow=TRANSFER_FLOW, status=row["status"],
            neighbours={"case": f"/cases/{row['case_id']}"},
        ),
    }  # fmt: skip


async def _answer(visit: Visit, transfer_id: UUID) -> dict[str, Any]:
    row = await repository.transfer(visit.tx, transfer_id)
    if row is None:
        raise NotFound
    visit.presents(f"/transfers/{transfer_id}", row["version"])
    return _transfer(visit, row)


@transfers.post(
    "/cases/{caseId}/named-contact",
    operation_id="proposeNamedContact",
    status_code=201,
    response_model=schemas.Transfer,
)
async def propose_named_contact(
    visit: Visiting, case: Annotated[Case, case_for(P.CASE_CONTACT)], body: schemas.NamedContactChange
) -> Any:
    """Propose the next named contact in the unit; the old one stays until the new one accepts (R3.5)."""
    proposal = schemas.TransferCreate(to_user_id=body.user_id, reason=body.reason)
    return await _answer(visit, await service.propose(visit, case, proposal))


@transfers.post(
    "/cases/{caseId}/transfers", operation_id="createTransfer", status_code=201, response_model=schemas.Transfer
)
async def create_transfer(
    visit: Visiting, case: Annotated[Case, case_for(P.TRANSFER_CREATE)], body: schemas.TransferCreate
) -> Any:
    """Hand the case over to another unit, or its contact role to a colleague. It waits for acceptance."""
    return await _answer(visit, await service.propose(visit, case, body))


@transfers.get("/cases/{caseId}/transfers", operation_id="listTransfers", response_model=schemas.TransferPage)
async def list_transfers(
    visit: Visiting, row: Annotated[Row, case_row_for(P.CASE_READ)], query: Annotated[PageQuery, Query()]
) -> Any:
    """The hand-overs of a case, newest first."""
    rows = await repository.transfers(visit.tx, row["id"])
    return whole(visit, f"/cases/{row['id']}/transfers", query, rows, lambda transfer: _transfer(visit, transfer))


@transfers.get("/transfers/{transferId}", operation_id="getTransfer", response_model=schemas.Transfer)
async def get_transfer(visit: Visiting, row: Annotated[Row, transfer_row_for(P.TRANSFER_READ)]) -> Any:
    """One hand-over."""
    visit.presents(f"/transfers/{row['id']}", row["version"])
    return _transfer(visit, row)


@transfers.post(
    "/transfers/{transferId}/acceptance",
    operation_id="acceptTransfer",
    status_code=201,
    response_model=schemas.Transfer,
)
async def accept_transfer(
    visit: Visiting, found: Annotated[HandOver, hand_over_for(P.TRANSFER_ACCEPT)], body: schemas.TransferAnswer
) -> Any:
    """Take over: from now on the family calls the new contact."""
    await service.accept(visit, found.transfer, found.case, body)
    return await _answer(visit, found.transfer.id)


@transfers.post(
    "/transfers/{transferId}/decline", operation_id="declineTransfer", status_code=201, response_model=schemas.Transfer
)
async def decline_transfer(
    visit: Visiting, found: Annotated[HandOver, hand_over_for(P.TRANSFER_ACCEPT)], body: schemas.TransferAnswer
) -> Any:
    """Decline: the old contact goes on."""
    shown = await _answer(visit, found.transfer.id)
    await service.answer_no(visit, found.transfer, found.case, TransferStatus.DECLINED, body.note)
    return await _after_no(visit, found, shown)


@transfers.post(
    "/transfers/{transferId}/withdrawal",
    operation_id="withdrawTransfer",
    status_code=201,
    response_model=schemas.Transfer,
)
async def withdraw_transfer(
    visit: Visiting, found: Annotated[HandOver, hand_over_for(P.TRANSFER_WITHDRAW)], body: schemas.TransferAnswer
) -> Any:
    """The sender takes the proposal back."""
    shown = await _answer(visit, found.transfer.id)
    await service.answer_no(visit, found.transfer, found.case, TransferStatus.WITHDRAWN, body.note)
    return await _after_no(visit, found, shown)


async def _after_no(visit: Visit, found: HandOver, shown: dict[str, Any]) -> dict[str, Any]:
    """A receiver that declined is out of the circle and could not read its own answer any more."""
    transfer = found.transfer
    visit.presents(f"/transfers/{transfer.id}", transfer.version)
    kept = {name: link for name, link in shown["links"].items() if link["method"] == "GET"}
    changed = {name: getattr(transfer, name) for name in ("status", "answered_at", "answer_note", "version")}
    return {**shown, **changed, "links": kept}


routers = (activation, members, transfers)
