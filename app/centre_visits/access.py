"""How a request obtains visits: those who work in the centre count and read them, statistics gets sums.

The centre's own unit counts everything; the unit of a part, often another authority's, counts and reads its own part.
"""

from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import Path

from app.centre_visits import repository, schemas
from app.centre_visits.models import CentreVisit
from app.family_centres import service as centres
from app.family_centres.access import CentreId, relations
from app.kernel.access import Visiting, admit, asks, require_version, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.permissions import Permission, Relation

VisitId = Annotated[UUID, Path(alias="visitId")]


class Standing(NamedTuple):
    """A centre, and how its counts are open to the caller: ``own_unit`` limits them to the parts of that unit."""

    centre: Row
    own_unit: UUID | None
    works_there: bool


class Counting(NamedTuple):
    """Where somebody counts: a centre, and the part that is named."""

    centre: Row
    part: Row | None


async def _centre(visit: Visit, centre_id: UUID) -> Row:
    centre = await centres.centre_of(visit.tx, centre_id)
    if centre is None:
        raise unseen(visit, Subject("family_centre", centre_id))
    return centre


def _part(centre: Row, part_id: UUID | None) -> Row | None:
    return next((part for part in centre["parts"] if part["id"] == part_id), None)


def _own(visit: Visit, centre: Row, *parts: Row) -> frozenset[Relation]:
    return relations(visit, centre["unit_id"], *(part["unit_id"] for part in parts)) - {Relation.ANYONE}


def _standing(visit: Visit, centre: Row) -> Standing:
    whole = bool(_own(visit, centre))
    return Standing(
        centre, None if whole else visit.actor.assignment.unit_id, bool(_own(visit, centre, *centre["parts"]))
    )


def visits_of(permission: Permission) -> Any:
    """The counted days of a centre, for those who work there."""

    async def load(centre_id: CentreId, visit: Visiting) -> Standing:
        centre = await _centre(visit, centre_id)
        admit(visit, permission, Subject("family_centre", centre_id), _own(visit, centre, *centre["parts"]))
        return _standing(visit, centre)

    return asks(permission, load)


def sums_of(permission: Permission) -> Any:
    """The sums of a centre, for those who work there and for statistics."""

    async def load(centre_id: CentreId, visit: Visiting) -> Standing:
        centre = await _centre(visit, centre_id)
        related = _own(visit, centre, *centre["parts"]) | {Relation.ANYONE}
        admit(visit, permission, Subject("family_centre", centre_id), related)
        return _standing(visit, centre)

    return asks(permission, load)


def counting(permission: Permission) -> Any:
    """A centre in which to count: its own unit counts everything, the unit of a part that part."""

    async def load(centre_id: CentreId, body: schemas.CentreVisitCreate, visit: Visiting) -> Counting:
        centre = await _centre(visit, centre_id)
        part = _part(centre, body.part_id)
        admit(visit, permission, Subject("family_centre", centre_id), _own(visit, centre, *filter(None, [part])))
        return Counting(centre, part)

    return asks(permission, load)


async def _admitted(visit: Visit, centre_id: UUID, visit_id: UUID, permission: Permission) -> tuple[Row, Row]:
    centre, row = await _centre(visit, centre_id), await repository.visit(visit.tx, centre_id, visit_id)
    subject = Subject("centre_visit", visit_id)
    if row is None:
        raise unseen(visit, subject)
    admit(visit, permission, subject, relations_to(visit, centre, row))
    return centre, row


def relations_to(visit: Visit, centre: Row, row: Row) -> frozenset[Relation]:
    """How the caller stands to a counted day: it is the centre's unit's, and that of the part's unit."""
    return _own(visit, centre, *filter(None, [_part(centre, row["part_id"])]))


def visit_row_for(permission: Permission) -> Any:
    """A counted day to read, with its centre."""

    async def load(centre_id: CentreId, visit_id: VisitId, visit: Visiting) -> tuple[Row, Row]:
        return await _admitted(visit, centre_id, visit_id, permission)

    return asks(permission, load)


def visit_for(permission: Permission) -> Any:
    """A counted day to correct, locked, at the version that the caller states; with its centre."""

    async def load(centre_id: CentreId, visit_id: VisitId, visit: Visiting) -> tuple[Row, CentreVisit]:
        centre, _ = await _admitted(visit, centre_id, visit_id, permission)
        counted = await repository.visit_record(visit.tx, visit_id)
        if counted is None:
            raise unseen(visit, Subject("centre_visit", visit_id))
        require_version(visit, counted.version)
        return centre, counted

    return asks(permission, load)
