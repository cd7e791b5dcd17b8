"""Finding whom a referral is about, who receives it, and who does instead."""

from datetime import date
from uuid import UUID

from app.family_centres import service as family_centres
from app.family_centres.models import CentreStatus
from app.guardians import service as guardians
from app.kernel.calendar import age_on
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import Alternative
from app.kernel.errors import Text as Words
from app.organisations import service as organisations
from app.organisations.models import UnknownReference
from app.people import service as people
from app.permissions import Role
from app.referral_parties.models import (
    AgeOutsideCentre,
    AgeUnknown,
    CentreTakesNoReferrals,
    Receiver,
    Referred,
    ReferredChildMissing,
    ReferredIsOfAge,
)


async def referred(visit: Visit, child_id: UUID | None, given_name: str | None, born: date | None) -> Referred:
    """Whom it is about: a child of the unit's own, of the guardian, the young person; or whom the family names.

    ``born`` counts where no record knows it, and is the expected day before birth. Raises ``UnknownReference``,
    ``ReferredChildMissing``, ``ReferredIsOfAge``, ``AgeUnknown``; before a protected child ``CheckpointRequired``.
    """
    if child_id is not None:
        child = await _child(visit, child_id)
        known = child["birth_date"] or born or child["expected_birth_date"]
        return Referred(child["given_name"], _age(visit, known), known, child)
    if not visit.actor.is_family or born is None:
        raise ReferredChildMissing
    if visit.actor.role is Role.GUARDIAN:
        if given_name is None:
            raise ReferredChildMissing
        if guardians.majority(born) <= visit.now:
            raise ReferredIsOfAge
    return Referred(given_name or visit.actor.name.split()[0], _age(visit, born), born)


async def now(visit: Visit, child_id: UUID, known: Referred) -> Referred:
    """The same child as its record tells today: a draft may have waited, and protection may have come."""
    child = await people.facts(visit.tx, child_id)
    if child is None:
        return known
    born = child["birth_date"]
    return Referred(child["given_name"], _age(visit, born) if born else known.age, born, child)


async def _child(visit: Visit, child_id: UUID) -> Row:
    child = await people.facts(visit.tx, child_id)
    if child is None or not _is_theirs(visit, child):
        raise UnknownReference(field="childId")
    people.require_checkpoint(visit, child)
    return child


def _is_theirs(visit: Visit, child: Row) -> bool:
    match visit.actor.role:
        case Role.YOUNG_PERSON:
            return bool(child["person_key"] == visit.actor.person_id)
        case Role.GUARDIAN:
            return any(grant["basis"] == "guardian" for grant in child["grants"] or ())
        case _:
            return bool(child["owner_unit_id"] == visit.actor.unit_id)


def _age(visit: Visit, born: date | None) -> int | None:
    if born is None:
        raise AgeUnknown
    today = stockholm_date(visit.now)
    return age_on(born, today) if born <= today else None


async def at_centre(visit: Visit, centre_id: UUID, part_id: UUID | None) -> Receiver:
    """The centre, or one of its parts; where a part has no unit here, the centre's unit receives for it.

    Raises ``UnknownReference``, ``CentreTakesNoReferrals``.
    """
    centre = await family_centres.centre_of(visit.tx, centre_id)
    if centre is None:
        raise UnknownReference(field="centreId")
    if centre["status"] != CentreStatus.OPEN or not centre["takes_referrals"]:
        raise CentreTakesNoReferrals
    part = family_centres.part_of(centre, part_id, visit) if part_id else None
    if part is None and part_id is not None:
        raise UnknownReference(field="partId")
    unit_id = (part["unit_id"] if part else None) or centre["unit_id"]
    return Receiver(await _unit(visit, unit_id), centre, part)


async def at(visit: Visit, unit_id: UUID, centre_id: UUID | None, part_id: UUID | None) -> Receiver:
    """The receiver of a referral that has one; raises what finding it raises."""
    return await at_unit(visit, unit_id) if centre_id is None else await at_centre(visit, centre_id, part_id)


async def at_unit(visit: Visit, unit_id: UUID) -> Receiver:
    """A unit that is no centre (BUP); raises ``UnknownReference``."""
    return Receiver(await _unit(visit, unit_id))


async def _unit(visit: Visit, unit_id: UUID) -> Row:
    unit = await organisations.unit(visit.tx, unit_id)
    if unit is None:
        raise UnknownReference(field="unitId")
    return unit


async def require_age(visit: Visit, receiver: Receiver, age: int | None) -> None:
    """Raise ``AgeOutsideCentre`` with what fits instead (R12.4); no age is that of the unborn."""
    centre = receiver.centre
    if centre is None or _takes(centre, receiver.part, age):
        return
    found = await family_centres.fitting(visit.tx, centre["municipality_code"], age or 0)
    if age is None:
        found = [row for row in found if await _from_pregnancy(visit, row)]
    raise AgeOutsideCentre(alternatives=[_alternative(row) for row in found])


def _takes(centre: Row, part: Row | None, age: int | None) -> bool:
    if age is None:
        return bool(centre["from_pregnancy"])
    return family_centres.takes_age(centre, part, age)


async def _from_pregnancy(visit: Visit, row: Row) -> bool:
    centre = await family_centres.centre_of(visit.tx, row["centre_id"])
    return centre is not None and centre["from_pregnancy"]


def _alternative(row: Row) -> Alternative:
    path = f"/family-centres/{row['centre_id']}"
    if row["part_id"] is not None:
        path += f"/parts/{row['part_id']}"
    return Alternative(Words(row["name"], row["name"]), path, id=row["part_id"] or row["centre_id"])
