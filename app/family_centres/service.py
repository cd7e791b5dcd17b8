"""Deeds about family centres and their parts, and what other packages may ask of them."""

from typing import Any
from uuid import UUID

from app.centre_kinds.models import FamilyCentreKind, is_part, require_kind
from app.family_centres import repository, schemas
from app.family_centres.models import (
    CentrePart,
    CentreStatus,
    FamilyCentre,
    PartAlreadyThere,
    PartOfAnotherAuthority,
    age_limits,
    require_ages,
)
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row, Transaction
from app.kernel.ids import new_id
from app.opening_hours import require_clear
from app.organisations import service as organisations
from app.organisations.models import UnknownMunicipality, UnknownReference


async def centre_of(tx: Transaction, centre_id: UUID) -> Row | None:
    """A centre with its unit, authority, limits, present answer about room, and all its ``parts``; or none."""
    row = await repository.centre(tx, centre_id)
    return None if row is None else {**row, "parts": await repository.parts(tx, [centre_id])}


def part_of(centre: Row, part_id: UUID, visit: Visit) -> Row | None:
    """A part that the centre has today, or none."""
    today = stockholm_date(visit.now)
    return next((part for part in centre["parts"] if part["id"] == part_id and is_part(part, today)), None)


def takes_age(centre: Row, part: Row | None, age: int) -> bool:
    """Whether a centre, or a part with limits of its own, is for an age (R12.4)."""
    lowest, highest = age_limits(centre, part)
    return lowest <= age <= highest


async def fitting(tx: Transaction, municipality_code: str, age: int) -> list[Row]:
    """What there is for an age in a municipality: open centres that take referrals, and parts with limits of their own.

    Each row: ``centre_id``, ``part_id`` (none: the centre itself), name, unit, authority, limits, ``capacity_answer``.
    """
    return await repository.fitting(tx, municipality_code, age)


async def create_centre(visit: Visit, unit_id: UUID, body: schemas.FamilyCentreCreate) -> UUID:
    """A centre is planned; the unit answers for it.

    Raises ``UnknownReference``, ``UnknownMunicipality``, ``AgeLimitsUnclear``, ``OpeningHoursUnclear``.
    """
    unit = await organisations.unit(visit.tx, unit_id)
    if unit is None:
        raise UnknownReference(field="unitId")
    code = body.municipality_code or unit["municipality_code"]
    await organisations.require_municipality(visit.tx, code)
    if code is None:
        raise UnknownMunicipality
    values = body.model_dump(exclude={"municipality_code"})
    require_clear(values["opening_hours"])
    require_ages(body.age_min, body.age_max, from_pregnancy=body.from_pregnancy)
    centre = FamilyCentre(
        id=new_id(), status=CentreStatus.PLANNED, municipality_code=code, created_at=visit.now, **values
    )
    visit.tx.session.add(centre)
    visit.trail.changed(centre.subject, *body.model_fields_set)
    await visit.tx.session.flush()
    return centre.id


async def change_centre(visit: Visit, centre: FamilyCentre, body: schemas.FamilyCentrePatch) -> None:
    """Apply the stated fields; an open centre stays what its kind demands (R12.1–R12.3)."""
    stated = body.model_dump(exclude_unset=True)
    require_clear(stated.get("opening_hours", []))
    for name, value in stated.items():
        setattr(centre, name, value)
    require_ages(centre.age_min, centre.age_max, from_pregnancy=centre.from_pregnancy)
    visit.trail.changed(centre.subject, *stated)
    await _settle(visit, centre)


async def open_centre(visit: Visit, centre: FamilyCentre, body: schemas.CentreOpening) -> None:
    """Open, once the parts are those that the kind demands (R12.1–R12.3)."""
    today = stockholm_date(visit.now)
    centre.open(body.opened_on or today, today)
    visit.trail.changed(centre.subject, "status", "opened_on", "closed_on", "closed_reason")
    await _settle(visit, centre)


async def close_centre(visit: Visit, centre: FamilyCentre, body: schemas.CentreClosure) -> None:
    """Close, with the reason that everybody may read."""
    today = stockholm_date(visit.now)
    centre.close(body.closed_on or today, body.reason, today)
    visit.trail.changed(centre.subject, "status", "closed_on", "closed_reason")
    await visit.tx.session.flush()


async def say_capacity(visit: Visit, centre: FamilyCentre, body: schemas.CapacityAnswerCreate) -> None:
    """One of the four answers to whether there is room; it stands until the next, or until its last day."""
    centre.answer(body.answer, body.note, body.valid_until, visit.actor.user_id, visit.now)
    visit.trail.changed(centre.subject, "capacity_answer", "capacity_note", "capacity_until")
    await visit.tx.session.flush()


async def add_part(visit: Visit, centre: FamilyCentre, body: schemas.CentrePartCreate) -> UUID:
    """A part and its owner.

    Raises ``UnknownReference``, ``PartOfAnotherAuthority``, ``AgeLimitsUnclear``, ``PartAlreadyThere``, and what the
    centre's kind demands while it is open.
    """
    require_ages(body.age_min, body.age_max)
    owner = {"unit_id": body.unit_id, "authority_id": await _owner(visit.tx, body.unit_id, body.authority_id)}
    values = body.model_dump(exclude={"unit_id", "authority_id", "from_on", "centre_kind"})
    from_on = body.from_on or stockholm_date(visit.now)
    part = CentrePart(id=new_id(), centre_id=centre.id, from_on=from_on, **owner, **values)
    await _require_single(visit.tx, part)
    visit.tx.session.add(part)
    visit.trail.changed(part.subject, *body.model_fields_set - {"centre_kind"})
    await _settle(visit, centre, body.centre_kind)
    return part.id


async def change_part(visit: Visit, centre: FamilyCentre, part: CentrePart, body: schemas.CentrePartPatch) -> None:
    """Apply the stated fields of a part that is there; raises ``PartHasEnded`` and what ``add_part`` raises."""
    part.require_present()
    stated: dict[str, Any] = body.model_dump(exclude_unset=True, exclude={"centre_kind"})
    if body.unit_id is not None:
        await _owner(visit.tx, body.unit_id, part.authority_id)
    for name, value in stated.items():
        setattr(part, name, value)
    require_ages(part.age_min, part.age_max)
    await _require_single(visit.tx, part)
    visit.trail.changed(part.subject, *stated)
    await _settle(visit, centre, body.centre_kind)


async def end_part(visit: Visit, centre: FamilyCentre, part: CentrePart, body: schemas.CentrePartEnding) -> None:
    """A part no more, from a day on; an open centre stays what its kind demands, or becomes another kind."""
    part.end(body.to_on or stockholm_date(visit.now))
    visit.trail.changed(part.subject, "to_on", reason=body.reason)
    await _settle(visit, centre, body.centre_kind)


async def _settle(visit: Visit, centre: FamilyCentre, becomes: FamilyCentreKind | None = None) -> None:
    """Write the change, and with it what the centre becomes; an open one must be its kind then (R12.1–R12.3)."""
    if becomes is not None and becomes != centre.kind:
        centre.kind = becomes
        visit.trail.changed(centre.subject, "kind")
    await visit.tx.session.flush()
    if centre.status == CentreStatus.OPEN:
        require_kind(centre.kind, await repository.parts(visit.tx, [centre.id]), stockholm_date(visit.now))


async def _require_single(tx: Transaction, part: CentrePart) -> None:
    if await repository.another(tx, part):
        raise PartAlreadyThere


async def _owner(tx: Transaction, unit_id: UUID | None, authority_id: UUID | None) -> UUID:
    """The authority that owns a part: its unit's, or the one that is named."""
    if unit_id is None:
        if authority_id is None:
            raise PartOfAnotherAuthority
        if not await organisations.authority(tx, authority_id):
            raise UnknownReference(field="authorityId")
        return authority_id
    unit = await organisations.unit(tx, unit_id)
    if unit is None:
        raise UnknownReference(field="unitId")
    owner: UUID = unit["authority_id"]
    if authority_id not in (None, owner):
        raise PartOfAnotherAuthority
    return owner
