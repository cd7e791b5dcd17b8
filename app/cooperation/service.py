"""Deeds of cooperation: units join and leave the circle, cases and contact roles are handed over."""

from typing import Any
from uuid import UUID

from app.cases import service as cases
from app.cases.models import (
    CASE_FLOW,
    AnalysisResult,
    Case,
    ContactKind,
    ContactNotInUnit,
    ReceiverRequired,
)
from app.cases.schemas import Activation
from app.cooperation import repository, schemas
from app.cooperation.models import (
    AlreadyMember,
    OwnerCannotLeave,
    Transfer,
    TransferKind,
    TransferNeedsBasis,
    TransferStatus,
)
from app.disclosures import service as disclosures
from app.kernel import circles
from app.kernel.circles import FOREVER
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.ids import new_id
from app.organisations import service as organisations
from app.organisations.models import UnknownReference
from app.people import service as people

CATEGORIES_WITHIN_AUTHORITY = ("contact", "plan", "wheel", "meeting_notes")


async def invite(visit: Visit, case: Case, unit_id: UUID) -> UUID:
    """A unit is invited. It sees what a valid consent or disclosure opens, and nothing until then (R3.2).

    From the moment a second authority is in, somebody coordinates: the named contact, until another is (R3.3).
    """
    CASE_FLOW.go(case, "invite")
    unit = await _unit(visit, unit_id, "unitId")
    if any(row["unit_id"] == unit_id and row["left_at"] is None for row in await cases.circle_of(visit.tx, case.id)):
        raise AlreadyMember
    await _bring(visit, case, unit)
    if unit["authority_id"] != case.owner_authority_id and case.coordinator_id is None and case.named_contact_id:
        await cases.appoint(visit, case, ContactKind.COORDINATOR, case.named_contact_id, case.owner_unit_id, "R3.3")
    case.updated_at = visit.now
    visit.trail.changed(case.subject, "members")
    await visit.tx.session.flush()
    return unit_id


async def _bring(visit: Visit, case: Case, unit: Row) -> None:
    for circle_id in (case.id, case.child_id):
        await circles.join(visit.tx, circle_id, unit["id"], unit["authority_id"], "member")
    if unit["authority_id"] == case.owner_authority_id:
        await _open_within_authority(visit, case, unit["id"], case.id)
    await disclosures.open_for_member(visit, case.id, case.child_id, unit["id"], unit["authority_id"])


async def _open_within_authority(visit: Visit, case: Case, unit_id: UUID, basis_id: UUID) -> None:
    """Units of one authority work on one case without consent: it is one controller (12.0 item 2)."""
    opened = [*CATEGORIES_WITHIN_AUTHORITY, cases.own_category(visit)]
    for circle_id in (case.id, case.child_id):
        await circles.grant(
            visit.tx, circle_id, unit_id, opened,
            valid_from=visit.now, valid_until=FOREVER, basis="authority", basis_id=basis_id,
        )  # fmt: skip


async def end_membership(visit: Visit, case: Case, unit_id: UUID, reason: str) -> None:
    """A unit leaves: what was open to it closes; what it wrote stays its own."""
    if unit_id == case.owner_unit_id:
        raise OwnerCannotLeave
    if not any(
        row["unit_id"] == unit_id and row["left_at"] is None for row in await cases.circle_of(visit.tx, case.id)
    ):
        raise UnknownReference(field="unitId")
    visit.trail.changed(case.subject, "members", reason=reason)
    case.updated_at = visit.now
    await visit.tx.session.flush()
    if not await repository.takes_part_elsewhere(visit.tx, unit_id, case.child_id, case.id):
        await circles.leave(visit.tx, case.child_id, unit_id)
    await circles.leave(visit.tx, case.id, unit_id)


async def activate(visit: Visit, case: Case, body: Activation) -> None:
    """Take the opening decision; what another service shall do is handed over at once, awaiting acceptance (12.3)."""
    if body.analysis_result is AnalysisResult.OTHER_SERVICE and body.to_unit_id is None:
        raise ReceiverRequired
    await cases.activate(visit, case, body)
    if body.to_unit_id is not None and body.analysis_result is AnalysisResult.OTHER_SERVICE:
        reason = body.reason or "other_service"
        await propose(visit, case, schemas.TransferCreate(to_unit_id=body.to_unit_id, reason=reason))


async def propose(visit: Visit, case: Case, body: schemas.TransferCreate) -> UUID:
    """Hand over a case or its contact role; the old contact answers until the new one accepts (R3.5).

    Raises ``ReceiverRequired``, ``TransferNeedsBasis`` (another authority without consent), ``ContactNotInUnit``.
    """
    if body.to_unit_id is None and body.to_user_id is None:
        raise ReceiverRequired
    unit = await _unit(visit, body.to_unit_id or case.owner_unit_id, "toUnitId")
    if body.to_user_id and not await organisations.assignment_in(visit.tx, body.to_user_id, unit["id"], visit.now):
        raise ContactNotInUnit
    kind = TransferKind.CONTACT if unit["id"] == case.owner_unit_id else TransferKind.UNIT
    if kind is TransferKind.UNIT:
        await _require_basis(visit, case, unit)
    CASE_FLOW.go(case, "transfer")
    cases.record_step(visit, case, "transfer", body.reason)
    transfer = Transfer(
        id=new_id(), case_id=case.id, kind=kind, to_unit_id=unit["id"], to_authority_id=unit["authority_id"],
        to_user_id=body.to_user_id, reason=body.reason, status=TransferStatus.PENDING, requested_at=visit.now,
        requested_by=visit.actor.user_id, **visit.ownership(case.municipality_code),
    )  # fmt: skip
    visit.tx.session.add(transfer)
    visit.trail.changed(transfer.subject(case.child_id), "status", *body.model_fields_set, reason=body.reason)
    visit.trail.changed(case.subject, "status")
    await visit.tx.session.flush()
    if kind is TransferKind.UNIT:
        await _offer(visit, case, transfer)
    return transfer.id


async def _require_basis(visit: Visit, case: Case, unit: Row) -> None:
    if unit["authority_id"] == case.owner_authority_id:
        return
    if not await disclosures.has_basis(visit.tx, case.id, unit["authority_id"], visit.now):
        raise TransferNeedsBasis


async def _offer(visit: Visit, case: Case, transfer: Transfer) -> None:
    """The receiver sees enough to decide: the core of the case and of the child."""
    for circle_id in (case.id, case.child_id):
        await circles.join(visit.tx, circle_id, transfer.to_unit_id, transfer.to_authority_id, "member")
        await circles.grant(
            visit.tx, circle_id, transfer.to_unit_id, [],
            valid_from=visit.now, valid_until=FOREVER, basis="transfer", basis_id=transfer.id,
        )  # fmt: skip
    if transfer.to_authority_id == case.owner_authority_id:
        await _open_within_authority(visit, case, transfer.to_unit_id, transfer.id)


async def accept(visit: Visit, transfer: Transfer, case: Case, body: schemas.TransferAnswer) -> None:
    """The receiver takes over: owner, contact and circle change in one step (R3.5)."""
    transfer.answer(TransferStatus.ACCEPTED, visit.actor.user_id, visit.now, body.note)
    contact = transfer.to_user_id or body.named_contact_id or visit.actor.user_id
    if transfer.kind == TransferKind.UNIT:
        if not await organisations.assignment_in(visit.tx, contact, transfer.to_unit_id, visit.now):
            raise ContactNotInUnit
        await _take_over(visit, case, transfer)
    CASE_FLOW.go(case, "accept")
    await cases.appoint(visit, case, ContactKind.NAMED_CONTACT, contact, transfer.to_unit_id, transfer.reason)
    cases.record_step(visit, case, "accept", body.note)
    visit.trail.changed(transfer.subject(case.child_id), "status", "answered_at", "answered_by")
    visit.trail.changed(case.subject, "status", "named_contact_id", "owner_unit_id")
    await visit.tx.session.flush()


async def _take_over(visit: Visit, case: Case, transfer: Transfer) -> None:
    giver = case.owner_unit_id, case.owner_authority_id
    await people.hand_over(visit, case.child_id, giver, (transfer.to_unit_id, transfer.to_authority_id))
    await circles.hand_over(visit.tx, case.id, transfer.to_unit_id, transfer.to_authority_id)
    case.owner_unit_id, case.owner_authority_id = transfer.to_unit_id, transfer.to_authority_id
    await visit.tx.session.flush()
    # Whoever handed over still knows whom it worked with: its earlier, closed cases stay readable.
    await circles.join(visit.tx, case.child_id, *giver, "member")
    await circles.grant(
        visit.tx, case.child_id, giver[0], [],
        valid_from=visit.now, valid_until=FOREVER, basis="transfer", basis_id=transfer.id,
    )  # fmt: skip


async def answer_no(visit: Visit, transfer: Transfer, case: Case, status: TransferStatus, note: str | None) -> None:
    """The receiver declines, or the sender withdraws: everything stays as it was."""
    transfer.answer(status, visit.actor.user_id, visit.now, note)
    CASE_FLOW.go(case, "keep")
    cases.record_step(visit, case, "keep", note)
    visit.trail.changed(transfer.subject(case.child_id), "status", "answered_at", "answered_by")
    visit.trail.changed(case.subject, "status")
    await visit.tx.session.flush()
    await circles.revoke(visit.tx, transfer.id)
    if transfer.kind == TransferKind.UNIT and not await repository.has_access(visit.tx, case.id, transfer.to_unit_id):
        for circle_id in (case.id, case.child_id):
            await circles.leave(visit.tx, circle_id, transfer.to_unit_id)


async def _unit(visit: Visit, unit_id: UUID, field: str) -> dict[str, Any]:
    unit = await organisations.unit(visit.tx, unit_id)
    if unit is None:
        raise UnknownReference(field=field)
    return unit
