"""Deeds about visits: count a day, correct it, and sum what was counted."""

from collections import defaultdict
from datetime import date
from uuid import UUID

from app.centre_visits import repository, schemas
from app.centre_visits.models import (
    CentreVisit,
    CountPeriod,
    OnlyWholeCentres,
    VisitsAlreadyCounted,
    require_open,
    told,
)
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.ids import new_id
from app.organisations.models import UnknownReference


async def count(visit: Visit, centre: Row, part: Row | None, body: schemas.CentreVisitCreate) -> UUID:
    """So many came (R12.6). Raises ``UnknownReference``, ``NotOpenThatDay``, ``VisitsAlreadyCounted``."""
    if part is None and body.part_id is not None:
        raise UnknownReference(field="partId")
    today = stockholm_date(visit.now)
    day = body.on_date or today
    require_open(centre, part, day, today)
    counted = CentreVisit(
        id=new_id(), centre_id=centre["id"], part_id=body.part_id, on_date=day, kind=body.kind,
        children=body.children, adults=body.adults, recorded_at=visit.now, recorded_by=visit.actor.user_id,
    )  # fmt: skip
    if await repository.counted(visit.tx, counted):
        raise VisitsAlreadyCounted
    visit.tx.session.add(counted)
    visit.trail.changed(counted.subject, "on_date", *body.model_fields_set)
    await visit.tx.session.flush()
    return counted.id


async def correct(visit: Visit, counted: CentreVisit, body: schemas.CentreVisitPatch) -> None:
    """Other numbers; the access log tells who counted first and who corrected."""
    for name, value in body.stated.items():
        setattr(counted, name, value)
    counted.recorded_at, counted.recorded_by = visit.now, visit.actor.user_id
    visit.trail.changed(counted.subject, *body.stated)
    await visit.tx.session.flush()


async def sums_inside(
    visit: Visit, centre_id: UUID, query: schemas.CentreVisitCountQuery, own_unit: UUID | None
) -> list[Row]:
    """Sums for those who work there, as they were counted; of the own parts alone when a unit is given."""
    begins = query.from_ and query.by.first(query.from_), query.to
    chosen = {"part_id": query.part_id, "kind": query.kind, "own_unit": own_unit}
    return _ending(query.by, await repository.sums(visit.tx, centre_id, query.by, begins, **chosen))


async def sums_outside(visit: Visit, centre_id: UUID, query: schemas.CentreVisitCountQuery) -> list[Row]:
    """Sums for statistics, of periods that are over, with nothing from which a small count could be told (R19.1).

    What is hidden in a year depends on that year alone, never on which part of it is asked for. Raises
    ``OnlyWholeCentres``.
    """
    if query.by is CountPeriod.WEEK or query.part_id or query.kind:
        raise OnlyWholeCentres
    first = query.by.first(query.from_) if query.from_ else date.min
    last = query.to or date.max
    whole_years = CountPeriod.YEAR.first(first), last.replace(month=12, day=31)
    rows = _ending(query.by, await repository.sums(visit.tx, centre_id, query.by, whole_years))
    today = stockholm_date(visit.now)
    over = _guarded([row for row in rows if row["to_on"] < today], visit.settings.smallest_count)
    return [row for row in over if first <= row["from_on"] <= last]


def _guarded(rows: list[Row], smallest: int) -> list[Row]:
    years: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        years[row["from_on"].year].append(row)
    guarded = []
    for months in years.values():
        open_to_all = {
            measure: told({row["from_on"]: row[measure] for row in months}, smallest)
            for measure in ("children", "adults")
        }
        guarded += [
            {**row, **{name: row[name] if row["from_on"] in kept else None for name, kept in open_to_all.items()}}
            for row in months
        ]
    return guarded


def _ending(by: CountPeriod, rows: list[Row]) -> list[Row]:
    return [{**row, "to_on": by.last(row["from_on"])} for row in rows]
