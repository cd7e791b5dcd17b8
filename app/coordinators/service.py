"""Deeds of coordination: ask, answer, hand over, and tell whom one calls."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from app.absences import service as absences
from app.absences.models import is_silent, who_answers
from app.cases import service as cases
from app.cases.models import CASE_FLOW, Case, ContactKind, ContactNotInUnit
from app.coordinators import repository, schemas
from app.coordinators.models import (
    COORDINATOR_FLOW,
    CallReason,
    CallRole,
    CoordinatorAlreadyAsked,
    CoordinatorAssignment,
    CoordinatorStatus,
)
from app.desks import service as desks
from app.kernel.calendar import add_working_days, end_of_day
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.deadlines import meet, set_deadline
from app.kernel.ids import new_id
from app.organisations import service as organisations
from app.organisations.models import UnknownReference

ACCEPTANCE = "coordinator_accept"
PRACTICE = "R5.3: överenskommen praxis, overifierad (domain.md 12.5) / agreed practice, unverified"


async def propose(visit: Visit, case: Case, body: schemas.CoordinatorChange) -> UUID:
    """Ask somebody to coordinate; whoever answers now goes on until they accept (R5.3).

    Whoever names themselves has accepted. Raises ``ContactNotInUnit``, ``CoordinatorAlreadyAsked``,
    ``CoordinatesAlready``.
    """
    current = await repository.record_in(visit.tx, case.id, CoordinatorStatus.ACCEPTED)
    return await _ask(visit, case, current, body, [])


async def hand_over(visit: Visit, current: CoordinatorAssignment, case: Case, body: schemas.HandoverCreate) -> UUID:
    """The coordinator names who comes next, and what is left to do; both stand until that is accepted (R5.4)."""
    COORDINATOR_FLOW.go(current, "hand_over")
    change = schemas.CoordinatorChange(user_id=body.to_user_id, unit_id=body.to_unit_id, reason=body.reason)
    await absences.keep_sign(visit)
    return await _ask(visit, case, current, change, [item.model_dump() for item in body.checklist_items])


async def _ask(
    visit: Visit,
    case: Case,
    current: CoordinatorAssignment | None,
    body: schemas.CoordinatorChange,
    checklist: list[dict[str, Any]],
) -> UUID:
    CASE_FLOW.go(case, "appoint")
    if not await repository.takes_part(visit.tx, case.id, body.user_id, body.unit_id):
        raise ContactNotInUnit
    if current is not None:
        current.require_another(body.user_id, body.unit_id)
    # The case is locked: of two who ask at once the later one finds what the earlier one asked.
    if await repository.record_in(visit.tx, case.id, CoordinatorStatus.PROPOSED) is not None:
        raise CoordinatorAlreadyAsked
    due = add_working_days(stockholm_date(visit.now), visit.settings.coordinator_accept_days)
    asked = CoordinatorAssignment(
        id=new_id(), case_id=case.id, user_id=body.user_id, unit_id=body.unit_id, reason=body.reason,
        status=CoordinatorStatus.PROPOSED, proposed_at=visit.now, proposed_by=visit.actor.user_id,
        accept_due_at=end_of_day(due), follows_id=current and current.id, checklist=checklist,
        **visit.ownership(case.municipality_code),
    )  # fmt: skip
    visit.tx.session.add(asked)
    visit.trail.changed(asked.subject(case.child_id), "status", *body.model_fields_set, reason=body.reason)
    await visit.tx.session.flush()
    if (asked.user_id, asked.unit_id) == (visit.actor.user_id, visit.actor.unit_id):
        await accept(visit, asked, case, None)
    else:
        await _await_answer(visit, asked, case)
    return asked.id


async def _await_answer(visit: Visit, asked: CoordinatorAssignment, case: Case) -> None:
    unit = await organisations.unit(visit.tx, asked.unit_id)
    if unit is None:
        raise UnknownReference(field="unitId")
    # The unit that was asked has to answer, so that it stands in that unit's day.
    set_deadline(
        visit, case.subject, code=ACCEPTANCE, due_at=asked.accept_due_at, start_event="coordinator proposed",
        legal_basis=PRACTICE, owner=organisations.owned_by(unit, case.municipality_code),
    )  # fmt: skip
    await visit.tx.session.flush()


async def accept(visit: Visit, asked: CoordinatorAssignment, case: Case, reason: str | None) -> None:
    """From now on this is the coordinator, and the earlier one's time is over (R3.4, R5.3)."""
    CASE_FLOW.go(case, "appoint")
    earlier = await repository.record_in(visit.tx, case.id, CoordinatorStatus.ACCEPTED)
    if earlier is not None and earlier is not asked:
        earlier.end(visit.now)
        await visit.tx.session.flush()  # a case has one coordinator at every moment, also between two statements
    asked.answer("accept", visit.actor.user_id, visit.now, reason)
    visit.trail.changed(asked.subject(case.child_id), "status", "answered_at", reason=reason)
    await cases.appoint(visit, case, ContactKind.COORDINATOR, asked.user_id, asked.unit_id, asked.reason)
    await meet(visit.tx, case.id, visit.now, ACCEPTANCE)
    await absences.keep_sign(visit)


async def answer_no(visit: Visit, asked: CoordinatorAssignment, case: Case, deed: str, reason: str | None) -> None:
    """Declined by the one who was asked, or withdrawn: everything stays as it was."""
    asked.answer(deed, visit.actor.user_id, visit.now, reason)
    visit.trail.changed(asked.subject(case.child_id), "status", "answered_at", reason=reason)
    await meet(visit.tx, case.id, visit.now, ACCEPTANCE)
    await visit.tx.session.flush()


async def whom_to_call(visit: Visit, case: Row) -> Row:
    """The one who answers today: coordinator, named contact, desk; each with a deputy where they are away (R5.4)."""
    for role in (CallRole.COORDINATOR, CallRole.NAMED_CONTACT):
        holder = await repository.holder(visit.tx, case["id"], role)
        found = holder and await _answering(visit, holder, role)
        if found:
            return found
    return await _at_the_desk(visit, case)


_REASONS = {
    CallRole.COORDINATOR: CallReason.COORDINATES,
    CallRole.NAMED_CONTACT: CallReason.IS_THE_CONTACT,
    CallRole.DESK_LEAD: CallReason.NOBODY_ELSE,
}


async def _answering(visit: Visit, holder: Row, role: CallRole) -> Row | None:
    """Whoever has the role, or who stands in today; nobody when they are away and nobody stands in."""
    today, why = stockholm_date(visit.now), CallReason.FOR_THE_ABSENT
    away = {row["user_id"]: row for row in await absences.away(visit.tx, holder["unit_id"], today)}
    if role is CallRole.COORDINATOR and holder["user_id"] not in away and _silent(visit, holder, today):
        away[holder["user_id"]], why = holder, CallReason.FOR_THE_SILENT
    answering = who_answers(holder["user_id"], {user: row["deputy_id"] for user, row in away.items()})
    if answering is None:
        return None
    if answering == holder["user_id"]:
        return {**holder, "role": role, "because": _REASONS[role], "standing_in_for": None}
    name = next(row["deputy_name"] for row in away.values() if row["deputy_id"] == answering)
    person = {"user_id": answering, "name": name, "standing_in_for": holder["name"]}
    return {**holder, **person, "role": CallRole.DEPUTY, "because": why}


def _silent(visit: Visit, holder: Row, today: date) -> bool:
    return is_silent(holder["from_at"], holder["seen_at"], today, visit.settings.coordinator_silence_days)


async def _at_the_desk(visit: Visit, case: Row) -> Row:
    """The lead of the municipality's desk, or the desk; where there is none, the unit that holds the case."""
    code = case["municipality_code"]
    desk = code and await desks.desk_of_municipality(visit.tx, code)
    if not desk:
        unit = {"unit_name": case["owner_unit_name"], "phone": case["owner_unit_phone"]}
        return _nobody_in_particular(CallRole.UNIT, unit)
    place = {"unit_id": desk["unit_id"], "unit_name": desk["name"], "phone": desk["phone"]}
    lead = desk["lead_user_id"] and await absences.colleague(visit.tx, desk["unit_id"], desk["lead_user_id"])
    found = lead and await _answering(visit, {**lead, **place}, CallRole.DESK_LEAD)
    return found or _nobody_in_particular(CallRole.DESK, place)


def _nobody_in_particular(role: CallRole, place: Mapping[str, Any]) -> Row:
    nobody = {"user_id": None, "name": None, "standing_in_for": None}
    return {**place, **nobody, "role": role, "because": CallReason.NOBODY_ELSE}
