"""Deeds of the chronology."""

from typing import Any
from uuid import UUID

from app.cases.service import own_category
from app.chronology import schemas
from app.chronology.models import CaseCategory, CategoryNotYours, ChronologyEvent
from app.corrections import service as corrections
from app.kernel.context import Visit
from app.kernel.ids import new_id


async def add_event(visit: Visit, case_row: dict[str, Any], body: schemas.ChronologyEventCreate) -> UUID:
    """Add an event to the chronology, owned by the unit that writes it."""
    own = own_category(visit)
    category = body.category or CaseCategory(own)
    if category not in (own, CaseCategory.PLAN, CaseCategory.MEETING_NOTES):
        raise CategoryNotYours
    event = ChronologyEvent(
        id=new_id(), case_id=case_row["id"], recorded_at=visit.now, recorded_by=visit.actor.user_id,
        category=category, **body.model_dump(exclude={"category"}),
        **visit.ownership(case_row["municipality_code"]),
    )  # fmt: skip
    visit.tx.session.add(event)
    visit.trail.changed(event.subject(case_row["child_id"]), *body.model_fields_set)
    await visit.tx.session.flush()
    return event.id


async def correct_event(visit: Visit, event: ChronologyEvent, body: schemas.ChronologyEventPatch) -> None:
    """Correct an event; what it said is kept with who, when and why (R3.8)."""
    stated = {name: value for name, value in body.stated.items() if name != "correction_reason"}
    corrections.keep_earlier(visit, event.case_id, "chronology_event", event, body.correction_reason, tuple(stated))
    for name, value in stated.items():
        setattr(event, name, value)
    visit.trail.changed(event.subject(), *stated, reason=body.correction_reason)
    await visit.tx.session.flush()
