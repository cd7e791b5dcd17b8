"""Deeds in the queue to a contact group: name a consent, give priority, leave and come back; and how it all went.

Where an entry stands is its claim's, in ``app.places``; here is told whom it stands for, and why. Whatever is done
locks the line first and the entry after it: so no two wait in a ring.
"""

from operator import itemgetter
from uuid import UUID

from app.consents.models import ConsentSettled
from app.contact_groups import service as groups
from app.contact_groups.models import GroupEnded, GroupHasEnded, GroupStatus
from app.group_queues import repository, schemas
from app.group_queues.models import (
    ConsentIsMissing,
    FamilyMove,
    NoConsentNeeded,
    QueueConclusion,
    QueueEntry,
    QueueNote,
    QueueNoteKind,
    require_possible,
)
from app.kernel.context import Visit
from app.kernel.db import Row, Transaction
from app.kernel.ids import new_id
from app.kernel.paging import onward, window
from app.kernel.reactions import reacts_to
from app.people import service as people
from app.places import service as places
from app.places.line import Moving
from app.places.models import PlaceMoveKind
from app.queue_consents import service as consents
from app.queue_consents.models import QueueConsentState


async def entry_of(tx: Transaction, entry_id: UUID) -> Row | None:
    """An entry as the caller may see it."""
    return await repository.entry(tx, entry_id)


async def lines(
    tx: Transaction, after: UUID | None, limit: int, *, protected_too: bool, municipality_code: str | None = None
) -> list[Row]:
    """The next entries in line about the unit's own children that it keeps or has sent, in the order of their ids."""
    filters = {"municipality_code": municipality_code} if municipality_code else {}
    return await repository.lines(tx, onward(after, limit, **filters), protected_too=protected_too)


async def line_with(tx: Transaction, entry_id: UUID) -> Row | None:
    """What a line would say of one entry, wherever it stands."""
    return await repository.line_with(tx, entry_id)


async def child_in_line(tx: Transaction, group_id: UUID, child_id: UUID) -> UUID | None:
    """The entry with which a child has no place yet and may get one."""
    return await repository.child_in_line(tx, group_id, child_id)


async def group_of(tx: Transaction, group_id: UUID) -> Row:
    """The group of a line. Raises ``GroupHasEnded``; asked when the line is locked, as whoever ends a group does."""
    group = await groups.group_of(tx, group_id)
    if group is None or group["status"] == GroupStatus.ENDED:
        raise GroupHasEnded
    return group


async def entry_record(tx: Transaction, entry_id: UUID) -> QueueEntry | None:
    """An entry for a change, its line locked before it."""
    await places.hold(tx, entry_id)
    return await repository.record(tx, entry_id)


async def note(visit: Visit, entry: QueueEntry, kind: QueueNoteKind, text: str) -> None:
    """Write something about an entry; it does not change afterwards."""
    visit.tx.session.add(
        QueueNote(
            id=new_id(), entry_id=entry.id, kind=kind, text=text, written_at=visit.now,
            written_by=visit.actor.user_id, **entry.ownership,
        )
    )  # fmt: skip
    visit.trail.changed(entry.logged, f"note:{kind}")
    await visit.tx.session.flush()


async def sign(visit: Visit, entry_id: UUID, *moves: PlaceMoveKind) -> None:
    """Whose move it was that was made just now: of the family's the line keeps no name, the entry's circle does."""
    entry = await entry_record(visit.tx, entry_id) if visit.actor.is_family else None
    if entry is None:
        return
    made = [
        row["id"] for row in await places.moves_of_claim(visit.tx, entry_id)
        if row["move"] in moves and row["moved_at"] == visit.now and row["moved_by"] is None
    ]  # fmt: skip
    if made:
        visit.tx.session.add(
            FamilyMove(id=made[-1], entry_id=entry_id, moved_by=visit.actor.user_id, **entry.ownership)
        )
        visit.trail.changed(entry.logged, "moved_by")
        await visit.tx.session.flush()


async def listed(visit: Visit, query: schemas.QueueEntryQuery) -> tuple[list[Row], int | None]:
    """One page, and the number when it is asked for; what was sent of a protected child only past its checkpoint."""
    past_checkpoint = False
    if len(query.child_id) == 1:
        child = await people.facts(visit.tx, query.child_id[0])
        if child is not None:
            people.require_checkpoint(visit, child)
            past_checkpoint = True
    frame = window(visit, query)
    rows = await repository.page_of(visit.tx, frame, protected_too=past_checkpoint)
    if not query.include_total:
        return rows, None
    return rows, await repository.count(visit.tx, frame, protected_too=past_checkpoint)


async def line_of(visit: Visit, group_id: UUID, query: schemas.QueueLineQuery) -> list[Row]:
    """A group's line in its order, as far as the caller may see it."""
    filters = query.filters
    if "priority" in filters:
        filters["priority"] = [priority.weight for priority in query.priority]
    return await repository.line_of(visit.tx, group_id, filters)


async def name_consent(visit: Visit, entry: QueueEntry, consent_id: UUID) -> None:
    """The consent that an entry rests on; given, it lets the child into the line.

    Raises ``NoConsentNeeded``, ``UnknownReference``, ``ConsentDoesNotFit``, ``ImpossibleInThisState``.
    """
    require_possible(await places.status_of(Moving.of(visit), entry.id), "consent")
    if not entry.consent_needed:
        raise NoConsentNeeded
    ground = await consents.ground_of(visit, consent_id, entry.child_id, entry.person_key, entry.owner_authority_id)
    entry.consent_id = consent_id
    visit.trail.changed(entry.logged, "consent_id")
    await consents.rest_on(Moving.of(visit), entry.id, ground)


async def prioritise(visit: Visit, entry: QueueEntry, body: schemas.QueuePriorityChange) -> None:
    """Another priority from now on, with its reason (R11.4). Raises ``ImpossibleInThisState``."""
    await places.prioritise(Moving.of(visit), entry.id, body.priority)
    await note(visit, entry, QueueNoteKind.PRIORITY, body.reason)


async def withdraw(visit: Visit, entry: QueueEntry, reason: str | None) -> None:
    """Out of the line; what was offered goes to the next. Raises ``ImpossibleInThisState``."""
    await places.withdraw(Moving.of(visit), entry.id)
    await sign(visit, entry.id, PlaceMoveKind.WITHDRAWN)
    await conclude(visit, entry, reason)


async def conclude(visit: Visit, entry: QueueEntry, reason: str | None) -> None:
    """Write down who took an entry out of the line, and why if they say."""
    own = visit.actor.assignment.unit_id == entry.owner_unit_id
    who = QueueConclusion.UNIT if own else QueueConclusion.SENDER
    entry.conclude(QueueConclusion.FAMILY if visit.actor.is_family else who, reason)
    visit.trail.changed(entry.logged, "concluded_because", "concluded_reason")
    await visit.tx.session.flush()


async def come_back(visit: Visit, entry: QueueEntry, reason: str) -> None:
    """Back into the line, at the place that the time of the request gives.

    Raises ``ImpossibleInThisState``, ``GroupHasEnded``, ``ConsentIsMissing``, ``AlreadyInLine``.
    """
    require_possible(await places.status_of(Moving.of(visit), entry.id), "return")
    await group_of(visit.tx, entry.group_id)
    if entry.consent_needed and await consents.state_of(visit.tx, entry.id) is not QueueConsentState.GIVEN:
        raise ConsentIsMissing
    entry.reopen()
    await visit.tx.session.flush()
    await places.return_to_line(Moving.of(visit), entry.id)
    await note(visit, entry, QueueNoteKind.RETURN, reason)


@reacts_to(GroupEnded)
async def group_ended(visit: Visit, happening: GroupEnded) -> None:
    """Whoever still waits for a group that is no more waits no longer."""
    for entry_id in await repository.still_in_line(visit.tx, happening.group_id):
        entry = await entry_record(visit.tx, entry_id)
        if entry is not None:
            await places.withdraw(Moving.of(visit), entry_id)
            entry.conclude(QueueConclusion.GROUP_ENDED)
            visit.trail.changed(entry.logged, "concluded_because")
    await visit.tx.session.flush()


@reacts_to(ConsentSettled)
async def consent_settled(visit: Visit, happening: ConsentSettled) -> None:
    """What the family's word on a consent has moved (``app.queue_consents``) is theirs, where they know the entry."""
    for entry_id in await consents.entries_on(visit.tx, happening.consent_id):
        await sign(visit, entry_id, PlaceMoveKind.RELEASED, PlaceMoveKind.WITHDRAWN)


async def history_of(visit: Visit, entry_id: UUID) -> list[Row]:
    """Every move in the line, and every note that the caller may read, first to last."""
    moves = await places.moves_of_claim(visit.tx, entry_id)
    names = await repository.names_of(visit.tx, {move["moved_by"] for move in moves} - {None})
    family = await repository.family_moves_of(visit.tx, entry_id)
    told = [
        {
            **move, "at": move["moved_at"], "note": None, "text": None,
            "by_name": names.get(move["moved_by"]) or family.get(move["id"]),
        }
        for move in moves
    ]  # fmt: skip
    for row in await repository.notes_of(visit.tx, entry_id):
        told.append(
            {
                "id": row["id"], "at": row["written_at"], "move": None, "note": row["kind"], "text": row["text"],
                "rank": None, "waiting": None, "by_name": row["written_by_name"],
            }
        )  # fmt: skip
    return sorted(told, key=itemgetter("at", "id"))
