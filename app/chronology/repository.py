"""Every query about the chronology."""

from uuid import UUID

from sqlalchemy import bindparam, select

from app.chronology.models import ChronologyEvent
from app.kernel.db import AnySelect, Prepared, Row, Transaction, prepared
from app.kernel.paging import Shape, Window, keyset
from app.organisations.models import Unit


def _events() -> AnySelect:
    return select(
        ChronologyEvent.id, ChronologyEvent.version, ChronologyEvent.case_id, ChronologyEvent.category,
        ChronologyEvent.occurred_on, ChronologyEvent.ended_on, ChronologyEvent.event_type, ChronologyEvent.text,
        ChronologyEvent.impact, ChronologyEvent.decision, ChronologyEvent.outcome, ChronologyEvent.significant,
        ChronologyEvent.owner_unit_id, ChronologyEvent.owner_authority_id, Unit.name.label("owner_unit_name"),
        ChronologyEvent.recorded_at, (ChronologyEvent.version > 1).label("corrected"),
    ).join(Unit, Unit.id == ChronologyEvent.owner_unit_id)  # fmt: skip


@prepared
def _chronology(shape: Shape) -> AnySelect:
    statement = _events().where(ChronologyEvent.case_id == bindparam("case_id"))
    return keyset(statement, shape, ChronologyEvent.occurred_on, ChronologyEvent.id)


async def chronology(tx: Transaction, case_id: UUID, window: Window) -> list[Row]:
    """One page of the events of a case that the wall shows the caller."""
    return await tx.all(_chronology(window.shape), **window.values, case_id=case_id)


_EVENT = Prepared(
    _events().where(ChronologyEvent.id == bindparam("event_id"), ChronologyEvent.case_id == bindparam("case_id"))
)


async def event(tx: Transaction, case_id: UUID, event_id: UUID) -> Row | None:
    """One event."""
    return await tx.one(_EVENT, case_id=case_id, event_id=event_id)


async def event_record(tx: Transaction, event_id: UUID) -> ChronologyEvent | None:
    """The event for a correction, locked."""
    return await tx.session.get(ChronologyEvent, event_id, with_for_update=True)
