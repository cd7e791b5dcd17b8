"""How a request obtains a family centre or a part: everybody may read, its own unit and the administrator manage.

That a part is another authority's gives that authority no right to the centre: it is only named.
"""

from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import Path

from app.family_centres import repository, schemas
from app.family_centres.models import CentrePart, FamilyCentre
from app.kernel.access import Visiting, admit, asks, require_version, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.permissions import Permission, Relation

CentreId = Annotated[UUID, Path(alias="centreId")]
PartId = Annotated[UUID, Path(alias="partId")]


class PartOfCentre(NamedTuple):
    """A part to change, and the centre that is locked with it."""

    centre: FamilyCentre
    part: CentrePart


def relations(visit: Visit, *unit_ids: UUID | None) -> frozenset[Relation]:
    """How the caller stands to what belongs to one of these units: a centre is its unit's."""
    own = not visit.actor.is_family and visit.actor.assignment.unit_id in unit_ids
    return frozenset({Relation.ANYONE, Relation.OWN_UNIT} if own else {Relation.ANYONE})


async def _admitted(visit: Visit, centre_id: UUID, permission: Permission) -> Row:
    row = await repository.centre(visit.tx, centre_id)
    subject = Subject("family_centre", centre_id)
    if row is None:
        raise unseen(visit, subject)
    admit(visit, permission, subject, relations(visit, row["unit_id"]))
    return row


async def _locked(visit: Visit, centre_id: UUID, permission: Permission) -> FamilyCentre:
    await _admitted(visit, centre_id, permission)
    centre = await repository.centre_record(visit.tx, centre_id)
    if centre is None:
        raise unseen(visit, Subject("family_centre", centre_id))
    return centre


def unit_for_centre(permission: Permission) -> Any:
    """The unit that is to answer for a centre: the caller's own, or any for the administrator."""

    async def load(body: schemas.FamilyCentreCreate, visit: Visiting) -> UUID:
        admit(visit, permission, Subject("family_centre"), relations(visit, body.unit_id))
        return body.unit_id

    return asks(permission, load)


def centre_row_for(permission: Permission) -> Any:
    """A centre to read."""

    async def load(centre_id: CentreId, visit: Visiting) -> Row:
        return await _admitted(visit, centre_id, permission)

    return asks(permission, load)


def centre_for(permission: Permission) -> Any:
    """A centre to change, locked, at the version that the caller states."""

    async def load(centre_id: CentreId, visit: Visiting) -> FamilyCentre:
        centre = await _locked(visit, centre_id, permission)
        require_version(visit, centre.version)
        return centre

    return asks(permission, load)


def part_row_for(permission: Permission) -> Any:
    """A part of a centre to read."""

    async def load(centre_id: CentreId, part_id: PartId, visit: Visiting) -> Row:
        await _admitted(visit, centre_id, permission)
        row = await repository.part(visit.tx, centre_id, part_id)
        if row is None:
            raise unseen(visit, Subject("centre_part", part_id))
        return row

    return asks(permission, load)


def part_for(permission: Permission) -> Any:
    """A part to change, at the version that the caller states; its centre is locked first."""

    async def load(centre_id: CentreId, part_id: PartId, visit: Visiting) -> PartOfCentre:
        centre = await _locked(visit, centre_id, permission)
        part = await repository.part_record(visit.tx, centre_id, part_id)
        if part is None:
            raise unseen(visit, Subject("centre_part", part_id))
        require_version(visit, part.version)
        return PartOfCentre(centre, part)

    return asks(permission, load)
