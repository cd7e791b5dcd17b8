"""How a request obtains a crisis note: through its plan, and without a trace in the case's own log.

Whoever reviews the case's log would otherwise read there that there is a note (R7.12). Looks and changes stand in the
log of the note's own circle.
"""

from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import Path

from app.crisis_notes import repository
from app.crisis_notes.models import CrisisNote
from app.kernel.access import Visiting, admit, asks, bases, relations_to, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.people import service as people
from app.permissions import Permission, Relation
from app.plans import service as plans
from app.plans.access import PlanId
from app.plans.access import relations_of as relations_to_plan

NoteId = Annotated[UUID, Path(alias="noteId")]


class NoteSeen(NamedTuple):
    """A note, and the plan that it stands beside."""

    plan: Row
    note: Row


class NoteHeld(NamedTuple):
    """A note to end, locked, and the plan that it stands beside."""

    plan: Row
    note: CrisisNote


def relations(visit: Visit, note: Row) -> frozenset[Relation]:
    """A note is the writing unit's; those who are named, and the family, are in its circle."""
    return relations_to(visit, note["owner_unit_id"], note["owner_authority_id"], note["grants"])


def looked(visit: Visit, plan: Row, note: Row) -> None:
    """Somebody read a note: known in its own circle only."""
    subject = Subject("crisis_note", note["id"], note["id"], plan["child_id"], note["owner_authority_id"])
    visit.trail.looked(subject, basis=bases(note))


async def _plan(visit: Visit, plan_id: UUID, permission: Permission) -> Row:
    row = await plans.plan_of(visit.tx, plan_id)
    if row is None:
        raise unseen(visit, Subject("plan", plan_id))
    subject = Subject("plan", plan_id, row["case_id"], row["child_id"], row["owner_authority_id"])
    admit(visit, permission, subject, relations_to_plan(visit, row))
    people.require_checkpoint(visit, row)
    return row


async def _seen(visit: Visit, plan_id: UUID, note_id: UUID, permission: Permission) -> NoteSeen:
    plan = await _plan(visit, plan_id, permission)
    note = await repository.note(visit.tx, plan_id, note_id)
    if note is None:
        raise unseen(visit, Subject("crisis_note", note_id))
    looked(visit, plan, note)
    return NoteSeen(plan, note)


def plan_beside(permission: Permission) -> Any:
    """A plan whose notes are listed, or beside which one is written."""

    async def load(plan_id: PlanId, visit: Visiting) -> Row:
        return await _plan(visit, plan_id, permission)

    return asks(permission, load)


def note_row_for(permission: Permission) -> Any:
    """A note to read."""

    async def load(plan_id: PlanId, note_id: NoteId, visit: Visiting) -> NoteSeen:
        return await _seen(visit, plan_id, note_id, permission)

    return asks(permission, load)


def note_for(permission: Permission) -> Any:
    """A note to end: the unit that wrote it does."""

    async def load(plan_id: PlanId, note_id: NoteId, visit: Visiting) -> NoteHeld:
        plan, row = await _seen(visit, plan_id, note_id, permission)
        own = relations(visit, row) - {Relation.MEMBER}
        admit(visit, permission, Subject("crisis_note", note_id, note_id, plan["child_id"]), own)
        note = await repository.note_record(visit.tx, note_id)
        if note is None:
            raise unseen(visit, Subject("crisis_note", note_id))
        return NoteHeld(plan, note)

    return asks(permission, load)
