"""Deeds about coordination desks, and what other packages may ask of them."""

from uuid import UUID

from app.desks import repository, schemas
from app.desks.models import AlreadyOnDesk, CoordinationDesk, DeskAlreadyThere, DeskStaff, NotInDeskUnit
from app.kernel.context import Visit
from app.kernel.db import Row, Transaction
from app.kernel.ids import new_id
from app.opening_hours import require_clear
from app.organisations import service as organisations
from app.organisations.models import UnknownReference


async def desk(tx: Transaction, desk_id: UUID) -> Row | None:
    """A desk with its unit, authority, lead and telephone."""
    return await repository.desk(tx, desk_id)


async def desk_of_unit(tx: Transaction, unit_id: UUID) -> Row | None:
    """A unit's desk, or none."""
    return await repository.desk_of_unit(tx, unit_id)


async def desk_of_municipality(tx: Transaction, code: str) -> Row | None:
    """A municipality's desk, or none."""
    return await repository.desk_of_municipality(tx, code)


async def create_desk(visit: Visit, body: schemas.DeskCreate) -> UUID:
    """A unit becomes a coordination desk.

    Raises ``UnknownReference``, ``UnknownMunicipality``, ``OpeningHoursUnclear``, ``NotInDeskUnit``,
    ``DeskAlreadyThere``.
    """
    unit = await organisations.unit(visit.tx, body.unit_id)
    if unit is None:
        raise UnknownReference(field="unitId")
    if await repository.desk_of_unit(visit.tx, body.unit_id):
        raise DeskAlreadyThere
    await organisations.require_municipality(visit.tx, body.municipality_code)
    values = body.model_dump()
    require_clear(values["opening_hours"])
    await _require_in_unit(visit, body.lead_user_id, body.unit_id)
    values["municipality_code"] = body.municipality_code or unit["municipality_code"]
    desk = CoordinationDesk(id=new_id(), **values)
    visit.tx.session.add(desk)
    visit.trail.changed(desk.subject, *body.model_fields_set)
    await visit.tx.session.flush()
    return desk.id


async def change_desk(visit: Visit, desk: CoordinationDesk, body: schemas.DeskPatch) -> None:
    """Apply the stated fields; hours and lead must fit as they must at the beginning."""
    stated = body.model_dump(exclude_unset=True)
    require_clear(stated.get("opening_hours", []))
    if "lead_user_id" in stated:
        await _require_in_unit(visit, body.lead_user_id, desk.unit_id)
    await organisations.require_municipality(visit.tx, stated.get("municipality_code"))
    for name, value in stated.items():
        setattr(desk, name, value)
    visit.trail.changed(desk.subject, *stated)
    await visit.tx.session.flush()


async def add_staff(visit: Visit, desk: Row, user_id: UUID) -> UUID:
    """Somebody of the desk's unit answers there from now on; raises ``NotInDeskUnit``, ``AlreadyOnDesk``."""
    await _require_in_unit(visit, user_id, desk["unit_id"])
    if await repository.staff_record(visit.tx, desk["id"], user_id):
        raise AlreadyOnDesk
    staff = DeskStaff(id=new_id(), desk_id=desk["id"], user_id=user_id, from_at=visit.now)
    visit.tx.session.add(staff)
    visit.trail.changed(staff.subject, "user_id", "from_at")
    await visit.tx.session.flush()
    return staff.id


async def end_staff(visit: Visit, staff: DeskStaff, reason: str | None) -> None:
    """Somebody answers there no more; that they did is kept."""
    staff.to_at = visit.now
    visit.trail.changed(staff.subject, "to_at", reason=reason)
    await visit.tx.session.flush()


async def _require_in_unit(visit: Visit, user_id: UUID, unit_id: UUID) -> None:
    if await organisations.assignment_in(visit.tx, user_id, unit_id, visit.now) is None:
        raise NotInDeskUnit
