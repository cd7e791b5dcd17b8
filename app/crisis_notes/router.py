"""Endpoints of crisis notes."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.crisis_notes import repository, schemas, service
from app.crisis_notes.access import NoteHeld, NoteSeen, looked, note_for, note_row_for, plan_beside, relations
from app.kernel.access import Visiting
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.links import Action, links
from app.kernel.paging import PageQuery, whole
from app.permissions import Permission as P
from app.permissions import Relation
from app.plans.access import is_shielded

router = Router(
    "crisis-notes",
    Text("Krisinformation, bara för dem som är namngivna.", "Crisis notes, for those who are named only."),
)

_END = Action("ending", "POST", "/ending", P.CRISIS_WRITE)


def _shown(visit: Visit, plan: Row, note: Row) -> dict[str, Any]:
    if is_shielded(visit, plan):
        note = {**note, "owner_unit_name": None}
    path = f"/plans/{plan['id']}/crisis-notes/{note['id']}"
    offered, neighbours = (_END,) if note["ended_at"] is None else (), {"plan": f"/plans/{plan['id']}"}
    # Those who are named read; the unit that wrote it ends it.
    own = relations(visit, note) - {Relation.MEMBER}
    return {**note, "links": links(visit, path, offered, own, neighbours=neighbours)}


def _present(visit: Visit, plan: Row, note: Row) -> dict[str, Any]:
    visit.presents(f"/plans/{plan['id']}/crisis-notes/{note['id']}", note["version"])
    return _shown(visit, plan, note)


async def _answer(visit: Visit, plan: Row, note_id: UUID) -> dict[str, Any]:
    note = await repository.note(visit.tx, plan["id"], note_id)
    if note is None:
        raise NotFound
    return _present(visit, plan, note)


@router.get("/plans/{planId}/crisis-notes", operation_id="listCrisisNotes", response_model=schemas.CrisisNotePage)
async def list_notes(
    visit: Visiting, plan: Annotated[Row, plan_beside(P.CRISIS_READ)], query: Annotated[PageQuery, Query()]
) -> Any:
    """The notes that the caller wrote or is named in; of others there is nothing to be seen (R7.12)."""
    rows = await repository.notes(visit.tx, plan["id"])
    visit.trail.looked(Subject("crisis_note_list"))
    for note in rows:
        looked(visit, plan, note)
    path = f"/plans/{plan['id']}/crisis-notes"
    return whole(visit, path, query, rows, lambda note: _shown(visit, plan, note))


@router.post(
    "/plans/{planId}/crisis-notes", operation_id="writeCrisisNote", status_code=201,
    response_model=schemas.CrisisNote,
)  # fmt: skip
async def write_note(
    visit: Visiting, plan: Annotated[Row, plan_beside(P.CRISIS_WRITE)], body: schemas.CrisisNoteCreate
) -> Any:
    """Write what to know and do in a crisis, for the named units and the family. It stands in no version or PDF."""
    return await _answer(visit, plan, await service.write(visit, plan, body))


@router.get(
    "/plans/{planId}/crisis-notes/{noteId}", operation_id="getCrisisNote", response_model=schemas.CrisisNote
)  # fmt: skip
async def get_note(visit: Visiting, seen: Annotated[NoteSeen, note_row_for(P.CRISIS_READ)]) -> Any:
    """One note; for whoever is not named there is none."""
    return _present(visit, seen.plan, seen.note)


@router.post(
    "/plans/{planId}/crisis-notes/{noteId}/ending", operation_id="endCrisisNote", status_code=201,
    response_model=schemas.CrisisNote,
)  # fmt: skip
async def end_note(
    visit: Visiting, held: Annotated[NoteHeld, note_for(P.CRISIS_WRITE)], _body: schemas.CrisisNoteEnding
) -> Any:
    """The unit that wrote it ends a note; it is kept."""
    await service.end(visit, held.note, held.plan["child_id"])
    return await _answer(visit, held.plan, held.note.id)


routers = (router,)
