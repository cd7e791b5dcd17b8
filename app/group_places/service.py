"""Deeds about places in contact groups: take one, give one, end it; and what time itself does."""

from datetime import date, datetime
from uuid import UUID

from app.contact_groups import service as groups
from app.group_places import repository, schemas
from app.group_places.models import (
    DecisionIsTheBoards,
    EndNeedsManager,
    EndNeedsReason,
    EndReasonNotYours,
    GroupPlace,
    GroupPlaceStatus,
    PlaceEnding,
    PlaceEndReason,
    PlaceGiven,
    SeatToFree,
    end_of_term,
    require_first_day,
)
from app.group_queues import service as queues
from app.group_queues.models import QueueEntry, QueueNoteKind
from app.kernel.calendar import add_days
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row, Transaction
from app.kernel.ids import new_id
from app.kernel.paging import onward
from app.kernel.reactions import tell
from app.organisations.models import UnknownReference
from app.people import service as people
from app.permissions import Role
from app.places import service as places
from app.places.line import Moving
from app.places.models import PlaceMoveKind
from app.queue_consents import service as consents


async def record_of(tx: Transaction, place_id: UUID) -> GroupPlace | None:
    """A place for a change that is told from outside, locked."""
    return await repository.record(tx, place_id)


async def lines(
    tx: Transaction, after: UUID | None, limit: int, *, protected_too: bool, municipality_code: str | None = None
) -> list[Row]:
    """The next places that the unit's own children have in its groups, in the order of their ids."""
    filters = {"municipality_code": municipality_code} if municipality_code else {}
    return await repository.lines(tx, onward(after, limit, **filters), protected_too=protected_too)


async def line_with(tx: Transaction, place_id: UUID) -> Row | None:
    """What a line would say of one place, wherever it stands."""
    return await repository.line_with(tx, place_id)


async def places_on(tx: Transaction, group_id: UUID, on: date) -> list[Row]:
    """The places of a group on a day: id, entry_id, given_name, and whether the child is protected."""
    return await repository.places_on(tx, group_id, on)


async def accept(visit: Visit, entry: Row, offer_id: UUID, body: schemas.OfferAcceptance) -> UUID:
    """Yes to an offer: the child has a place, and with ``withdraw_others`` leaves the other lines that it stands in.

    The lines are locked in one order, so that no two wait in a ring. Raises ``OfferHasExpired``, ``OfferIsConcluded``,
    ``DecisionIsTheBoards`` and what ``_begin`` raises.
    """
    decided = body.decision_type is not None or body.decision_ref is not None or body.documentation_exempt
    if visit.actor.is_family and decided:
        raise DecisionIsTheBoards
    lines = await _other_lines(visit, entry["id"]) if body.withdraw_others else {}
    for pool_id in sorted({entry["group_id"], *lines.values()}):
        await consents.settle(Moving.of(visit), pool_id)
    await places.accept(Moving.of(visit), offer_id)
    await queues.sign(visit, entry["id"], PlaceMoveKind.ACCEPTED)
    place_id = await _begin(visit, await _entry(visit, entry["id"]), body)
    for other in (await _other_lines(visit, entry["id"])).keys() & lines.keys():
        await queues.withdraw(visit, await _entry(visit, other), None)
    return place_id


async def _other_lines(visit: Visit, entry_id: UUID) -> dict[UUID, UUID]:
    """The same child's other entries that wait, each with its line."""
    return {row["id"]: row["pool_id"] for row in await repository.other_entries(visit.tx, entry_id)}


async def give(visit: Visit, group_id: UUID, body: schemas.GroupPlaceCreate, *, running: bool = False) -> UUID:
    """A place by decision: the last one is given once, and past others only with a reason (R11.1, R11.4).

    ``running``: a place that the child has already, kept elsewhere until now; it may have begun long ago.
    Raises ``UnknownReference`` for an entry of another group, ``NoPlaceFree``, ``NoPlacesOffered``,
    ``OthersWaitLonger``, ``ImpossibleInThisState`` and what ``_begin`` raises.
    """
    entry = await _entry(visit, body.queue_entry_id)
    if entry.group_id != group_id:
        raise UnknownReference(field="queueEntryId")
    child = await people.facts(visit.tx, entry.child_id)
    if child is not None:
        people.require_checkpoint(visit, child)
    await consents.settle(Moving.of(visit), group_id)
    await end_due(visit.tx, visit.now, group_id)
    await places.place(Moving.of(visit), entry.id, skipping=body.skip_reason is not None)
    moves = await places.moves_of_claim(visit.tx, entry.id)
    if body.skip_reason is not None and moves[-1]["rank"] > 1:
        await queues.note(visit, entry, QueueNoteKind.SKIP, body.skip_reason)
    return await _begin(visit, entry, body, running=running)


async def _entry(visit: Visit, entry_id: UUID) -> QueueEntry:
    entry = await queues.entry_record(visit.tx, entry_id)
    if entry is None:
        raise UnknownReference(field="queueEntryId")
    return entry


async def _begin(
    visit: Visit, entry: QueueEntry, body: schemas.OfferAcceptance | schemas.GroupPlaceCreate, *, running: bool = False
) -> UUID:
    """Raises ``FirstDayOutOfRange``, ``ExemptionDoesNotApply``, ``DecisionRefRequired``."""
    group = await groups.group_of(visit.tx, entry.group_id)
    if group is None:
        raise UnknownReference(field="groupId")
    today = stockholm_date(visit.now)
    from_on = body.from_on or today
    require_first_day(from_on, today, running=running)
    place = GroupPlace(
        id=new_id(), entry_id=entry.id, group_id=entry.group_id, child_id=entry.child_id, person_key=entry.person_key,
        from_on=from_on, goals=body.goals, decision_type=body.decision_type or group["default_decision_type"],
        decision_ref=body.decision_ref, documentation_exempt=body.documentation_exempt, answered=[],
        status=GroupPlaceStatus.ACTIVE, next_review_on=end_of_term(max(from_on, today)),
        given_by=visit.actor.user_id, created_at=visit.now, **entry.ownership,
    )  # fmt: skip
    place.require_documented(by_family=visit.actor.is_family)
    visit.tx.session.add(place)
    visit.trail.changed(place.subject, "from_on", *body.model_fields_set)
    await visit.tx.session.flush()
    await tell(visit, PlaceGiven(place.id))
    await visit.tx.session.flush()
    return place.id


async def change(visit: Visit, place: GroupPlace, body: schemas.GroupPlacePatch) -> None:
    """Other goals, or the decision that the place rests on. Raises ``DecisionRefRequired``, ``ImpossibleInThisState``.

    A place whose last day has passed is history.
    """
    place.settle(stockholm_date(visit.now))
    place.change(body.stated)
    visit.trail.changed(place.subject, *body.stated)
    await visit.tx.session.flush()


async def end(visit: Visit, place: GroupPlace, body: schemas.PlaceEndingCreate) -> None:
    """The family's wish, or a manager's decision with its grounds; that others wait ends no place (R11.6).

    On its last day or later, and before it begins, the seat is free at once; else when the day has passed. Raises
    ``EndReasonNotYours``, ``EndNeedsManager``, ``EndNeedsReason``, ``LastDayBeforeFirst``, ``ImpossibleInThisState``.
    """
    _require_grounds(visit, body)
    today = stockholm_date(visit.now)
    last_on = body.last_on or max(today, place.from_on)
    place.end(body.reason, body.text, last_on, visit.actor.user_id, visit.now)
    place.settle(today, decided_today=True)
    visit.trail.changed(place.subject, "status", "to_on", "end_reason", "end_text")
    await visit.tx.session.flush()
    if place.status == GroupPlaceStatus.ENDED:
        await places.leave(Moving.of(visit), place.entry_id)
        await queues.sign(visit, place.entry_id, PlaceMoveKind.LEFT)
    else:
        free_on = add_days(last_on, 1)
        visit.tx.session.add(SeatToFree(claim_id=place.entry_id, pool_id=place.group_id, free_on=free_on))
    await tell(visit, PlaceEnding(place.id))
    await visit.tx.session.flush()


def _require_grounds(visit: Visit, body: schemas.PlaceEndingCreate) -> None:
    if body.reason is PlaceEndReason.FAMILY_WISH:
        return
    if visit.actor.is_family:
        raise EndReasonNotYours
    if visit.actor.role is not Role.UNIT_MANAGER:
        raise EndNeedsManager
    if body.text is None:
        raise EndNeedsReason


async def pools_due(tx: Transaction, at: datetime) -> list[UUID]:
    """Groups with a seat that is to be free by now, and that nobody has freed."""
    return await repository.pools_due(tx, stockholm_date(at))


async def end_due(tx: Transaction, at: datetime, pool_id: UUID) -> int:
    """Free a group's seats whose last day has passed, and offer them where that goes by itself; how many there were.

    Time itself does this, without a sight of any child: a place shows as ended from its day on in any case.
    """
    freed = 0
    for claim_id in await repository.seats_to_free(tx, stockholm_date(at), pool_id):
        await places.hold(tx, claim_id)
        if await repository.take_seat_to_free(tx, claim_id):
            await places.leave(Moving(tx, at), claim_id)
            freed += 1
    return freed
