"""Deeds of crisis notes: write one for those who are named, and end it."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from app.cases import service as cases
from app.crisis_notes import repository, schemas
from app.crisis_notes.models import CrisisNote, NamedUnitNotInPlan
from app.guardians import service as guardians
from app.kernel import circles
from app.kernel.circles import FOREVER, Basis
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.ids import new_id
from app.plan_contents.models import require_writable


class _Ground(NamedTuple):
    """What lets a named unit in, and until when: the note closes to it with the plan (R4.6)."""

    unit_id: UUID
    authority_id: UUID
    basis: Basis
    basis_id: UUID
    until: datetime


async def write(visit: Visit, plan: Row, body: schemas.CrisisNoteCreate) -> UUID:
    """Write a note in a circle of its own. Nobody else hears that it exists (R7.12).

    Raises ``NamedUnitNotInPlan``, ``PlanIsNotWritable``.
    """
    require_writable(plan["status"])
    named = list(dict.fromkeys(unit_id for unit_id in body.named_unit_ids if unit_id != visit.actor.unit_id))
    grounds = await _grounds(visit, plan, named)
    note_id = new_id()
    note = CrisisNote(
        id=note_id, circle_id=note_id, case_id=plan["case_id"], plan_id=plan["id"], text=body.text,
        named_unit_ids=named, written_at=visit.now, written_by=visit.actor.user_id,
        **visit.ownership(plan["municipality_code"]),
    )  # fmt: skip
    await circles.open_circle(visit.tx, note_id)
    for ground in grounds:
        await circles.join(visit.tx, note_id, ground.unit_id, ground.authority_id, "member")
        await circles.grant(
            visit.tx, note_id, ground.unit_id, [],
            valid_from=visit.now, valid_until=ground.until, basis=ground.basis, basis_id=ground.basis_id,
        )  # fmt: skip
    await guardians.bring_into(visit, note_id, await guardians.family_of(visit.tx, plan["child_id"], visit.now))
    visit.tx.session.add(note)
    visit.trail.changed(note.subject(plan["child_id"]), *body.model_fields_set)
    await visit.tx.session.flush()
    return note_id


async def _grounds(visit: Visit, plan: Row, named: list[UUID]) -> list[_Ground]:
    circle = await cases.circle_of(visit.tx, plan["case_id"])
    authorities = {row["unit_id"]: row["authority_id"] for row in circle if row["left_at"] is None}
    return [await _ground(visit, plan, unit_id, authorities.get(unit_id)) for unit_id in named]


async def _ground(visit: Visit, plan: Row, unit_id: UUID, authority_id: UUID | None) -> _Ground:
    if authority_id is None:
        raise NamedUnitNotInPlan
    if authority_id == plan["case_owner_authority_id"]:
        return _Ground(unit_id, authority_id, "authority", plan["case_id"], FOREVER)
    consent = await repository.consent_for(visit.tx, plan["case_id"], plan["child_id"], authority_id)
    if consent is None:
        raise NamedUnitNotInPlan
    return _Ground(unit_id, authority_id, "consent", consent["id"], consent["valid_to"])


async def end(visit: Visit, note: CrisisNote, child_id: UUID) -> None:
    """It holds no longer; those who could read it still can. Raises ``NoteAlreadyEnded``."""
    note.end(visit.now)
    visit.trail.changed(note.subject(child_id), "ended_at")
    await visit.tx.session.flush()
