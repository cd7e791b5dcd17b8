"""Deeds about attendance: mark who was there."""

from typing import Any

from app.group_places import service as places
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.ids import new_id
from app.session_attendances import repository, schemas
from app.session_attendances.models import (
    AttendanceMark,
    SessionAttendance,
    require_been,
    require_places,
    version_of,
)


async def attendance(visit: Visit, session: Row) -> dict[str, Any]:
    """Who was at a session: everybody who had a place that day, and the group's numbers."""
    said = await repository.marks(visit.tx, session["id"])
    by_place = {each["place_id"]: each for each in said}
    held = await places.places_on(visit.tx, session["group_id"], session["held_on"])
    marks = [_mark(place, by_place.get(place["id"])) for place in held]
    found = [each["mark"] for each in marks]
    counts = {str(mark): found.count(mark) for mark in AttendanceMark}
    return {
        "session_id": session["id"], "group_id": session["group_id"], "held_on": session["held_on"],
        "version": version_of(said), "marks": marks, "group": {**counts, "unmarked": found.count(None)},
    }  # fmt: skip


def _mark(place: Row, said: Row | None) -> dict[str, Any]:
    protected = place["shielded"] or place["protected_identity"] != "none"
    marked = said is not None and said["mark"] is not None
    return {
        "place_id": place["id"],
        "given_name": None if protected else place["given_name"],
        "mark": said["mark"] if said else None,
        "recorded_at": said["recorded_at"] if said and marked else None,
    }


async def mark(visit: Visit, session: Row, body: schemas.AttendancePut) -> None:
    """All marks of a session, which is locked.

    Raises ``SessionWasCancelled``, ``AttendanceLiesAhead``, ``NoPlaceThatDay``.
    """
    require_been(session, stockholm_date(visit.now))
    held = await places.places_on(visit.tx, session["group_id"], session["held_on"])
    stated = {each.place_id: each.mark for each in body.marks}
    require_places(stated, held)
    records = await repository.records(visit.tx, session["id"])
    for place in held:
        record = records.get(place["id"])
        if record is None and place["id"] in stated:
            record = _new(visit, session, place)
            visit.tx.session.add(record)
        if record is not None and record.say(stated.get(place["id"]), visit.actor.user_id, visit.now):
            visit.trail.changed(record.subject, "mark")
    await visit.tx.session.flush()


def _new(visit: Visit, session: Row, place: Row) -> SessionAttendance:
    return SessionAttendance(
        id=new_id(), session_id=session["id"], place_id=place["id"], entry_id=place["entry_id"],
        **visit.ownership(session["municipality_code"]),
    )  # fmt: skip
