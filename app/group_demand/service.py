"""How many wait for contact groups, as it may be told."""

from typing import Any

from app.codes import Coded
from app.group_demand import repository, schemas
from app.group_demand.models import GradeBand
from app.group_queues.models import AskedVia, WishedBy
from app.kernel.context import Visit
from app.kernel.db import Row

#: The ways in which those who wait are divided.
_PARTS: dict[str, type[Coded]] = {"asked_via": AskedVia, "wished_by": WishedBy, "grade_band": GradeBand}


async def demand(visit: Visit, query: schemas.DemandQuery) -> list[Row]:
    """Pooled over the groups of each municipality in each term; small numbers are left out (R11.9)."""
    rows = await repository.demand(visit.tx, query.filters, visit.settings.smallest_count)
    return [_told(row) | {"counted_at": visit.now} for row in rows]


def _told(row: Row) -> dict[str, Any]:
    told = {(dimension, code): number for dimension, code, number in row["told"]}
    return {
        **row,
        **{name: _count(told[name, ""]) for name in ("waiting", "places", "taken")},
        **{
            f"{name}_counts": [{name: code, **_count(told[name, code])} for code in codes]
            for name, codes in _PARTS.items()
        },
    }


def _count(number: int | None) -> dict[str, Any]:
    return {"number": number, "suppressed": number is None}
