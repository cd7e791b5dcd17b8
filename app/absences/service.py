"""Deeds about absences: report, end, give a sign; and what others ask of them."""

from datetime import date
from uuid import UUID

from app.absences import repository, schemas
from app.absences.models import AwayAlready, CoordinatorAbsence, DeputyIsAway, DeputyIsOneself, DeputyNotInUnit
from app.kernel.audit import Subject
from app.kernel.calendar import add_days
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row, Transaction
from app.kernel.ids import new_id
from app.organisations.models import UnknownReference


async def report_absence(visit: Visit, body: schemas.AbsenceCreate) -> UUID:
    """Somebody of the caller's unit is away (R5.6).

    Raises ``UnknownReference``, ``DeputyIsOneself``, ``DeputyNotInUnit``, ``AwayAlready``, ``DeputyIsAway``.
    """
    unit_id = visit.actor.unit_id
    absence = CoordinatorAbsence(id=new_id(), unit_id=unit_id, created_by=visit.actor.user_id, **body.model_dump())
    absence.require_somebody_else()
    if not await repository.staff(visit.tx, unit_id, body.user_id):
        raise UnknownReference(field="userId")
    await _require_colleague(visit, body.deputy_user_id)
    await repository.lock_unit(visit.tx, unit_id)
    days = body.from_on, body.to_on
    if await repository.is_away(visit.tx, unit_id, body.user_id, *days):
        raise AwayAlready
    if body.deputy_user_id and await repository.is_away(visit.tx, unit_id, body.deputy_user_id, *days):
        raise DeputyIsAway
    visit.tx.session.add(absence)
    visit.trail.changed(absence.subject, *body.model_fields_set)
    await visit.tx.session.flush()
    return absence.id


async def end_absence(visit: Visit, absence: CoordinatorAbsence) -> None:
    """Back again; raises ``AbsenceIsOver``."""
    absence.end(visit.now)
    visit.trail.changed(absence.subject, "ended_at")
    await visit.tx.session.flush()


async def acknowledge(visit: Visit, body: schemas.Acknowledgement) -> None:
    """The coordinator is there, and says who answers if no more is heard (R5.6)."""
    if body.deputy_user_id == visit.actor.user_id:
        raise DeputyIsOneself
    await _require_colleague(visit, body.deputy_user_id)
    await keep_sign(visit, deputy_user_id=body.deputy_user_id)


async def _require_colleague(visit: Visit, user_id: UUID | None) -> None:
    if user_id is not None and not await repository.staff(visit.tx, visit.actor.unit_id, user_id):
        raise DeputyNotInUnit


async def keep_sign(visit: Visit, **deputy: UUID | None) -> None:
    """The caller gave a sign; the standing deputy stays unless another, or none, is named."""
    sign_id = await repository.keep_sign(visit.tx, visit.actor.user_id, visit.now, **deputy)
    visit.trail.changed(Subject("coordinator_sign", sign_id), "seen_at", *deputy)
    await visit.tx.session.flush()


async def last_sign(visit: Visit) -> Row | None:
    """The caller's last sign, and from which day on it is not enough."""
    row = await repository.sign(visit.tx, visit.actor.user_id)
    if row is None:
        return None
    days = visit.settings.coordinator_silence_days
    return {**row, "silent_from": add_days(stockholm_date(row["seen_at"]), days)}


async def away(tx: Transaction, unit_id: UUID, day: date) -> list[Row]:
    """Everybody of a unit who is away on a day, each with a deputy who still works there, if there is one."""
    return await repository.away(tx, unit_id, day)


async def colleague(tx: Transaction, unit_id: UUID, user_id: UUID) -> Row | None:
    """Somebody who works in a unit now."""
    return await repository.staff(tx, unit_id, user_id)
