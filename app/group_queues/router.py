"""Endpoints of queues to contact groups."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.contact_groups.access import group_row_for
from app.group_queues import schemas, service
from app.group_queues.access import entry_for, entry_row_for, is_protected, relations_of
from app.group_queues.models import QUEUE_FLOW, QueueEntry
from app.kernel.access import Visiting, allowed
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.links import Action, links
from app.kernel.paging import page, whole
from app.permissions import Permission as P
from app.permissions import Relation
from app.places.models import ClaimStatus, Priority

router = Router(
    "queue-entries",
    Text(
        "Kön till kontaktgrupper: vem som väntar, hur länge och varför just där.",
        "The queue to contact groups: who waits, how long, and why just there.",
    ),
)

_PATH = "/queue-entries"
_ACTIONS = (
    Action("edit", "PATCH", "", P.QUEUE_MANAGE, "edit"),
    Action("priority", "POST", "/priority", P.QUEUE_MANAGE, "prioritise"),
    Action("return", "POST", "/return", P.QUEUE_MANAGE, "return"),
    Action("withdrawal", "POST", "/withdrawal", P.QUEUE_WITHDRAW, "withdraw"),
)
_OFFER = Action("offer", "POST", "/offers", P.QUEUE_MANAGE, "offer")
_CONSENT = Action("consent", "POST", "/consent", P.QUEUE_CONSENT, "consent")
#: What is between the group's unit and the family.
_INSIDE = ("rank", "waiting", "needs", "concluded_reason")


def _shown(visit: Visit, row: Row) -> dict[str, Any]:
    relations = relations_of(visit, row)
    own = Relation.OWN_UNIT in relations
    inside = own or visit.actor.is_family
    neighbours = {"group": f"/contact-groups/{row['group_id']}", "history": f"{_PATH}/{row['id']}/history"}
    neighbours |= {"offers": f"{_PATH}/{row['id']}/offers"} if inside else {}
    neighbours |= {"child": f"/children/{row['child_id']}"} if row["child_id"] else {}
    waits = row["status"] == ClaimStatus.WAITING
    actions = _ACTIONS + ((_OFFER,) if row["offerable"] else ()) + ((_CONSENT,) if row["consent_needed"] else ())
    return {
        **row,
        **({} if waits else {"rank": None, "waiting": None}),
        **({} if inside else {**dict.fromkeys(_INSIDE), "offers": []}),
        **_hidden(visit, row, own=own),
        "priority": list(Priority)[row["priority"]] if own else None,
        "links": links(
            visit, f"{_PATH}/{row['id']}", actions, relations, workflow=QUEUE_FLOW, status=row["status"],
            neighbours=neighbours,
        ),
    }  # fmt: skip


def _hidden(visit: Visit, row: Row, *, own: bool) -> dict[str, None]:
    """What would tell a professional of another unit the place of a protected child: its school, its group (R2.5)."""
    if not is_protected(row) or visit.actor.is_family:
        return {}
    hidden = [] if own else ["group_name"]
    if row["sender_unit_id"] != visit.actor.unit_id:
        hidden += ["sender_unit_id", "sender_unit_name"]
    return dict.fromkeys(hidden)


def _listed(visit: Visit, row: Row) -> dict[str, Any]:
    # The line is whole for those who keep it; whom a protected child's entry is about is told past the list (R2.5).
    guarded = is_protected(row) and Relation.OWN_UNIT in relations_of(visit, row)
    return _shown(visit, {**row, "given_name": None, "child_id": None} if guarded else row)


async def answer(visit: Visit, entry_id: UUID) -> dict[str, Any]:
    """The entry as it stands now."""
    row = await service.entry_of(visit.tx, entry_id)
    if row is None:
        raise NotFound
    return _present(visit, row)


def _present(visit: Visit, row: Row) -> dict[str, Any]:
    visit.presents(f"{_PATH}/{row['id']}", row["version"])
    return _shown(visit, row)


@router.get(
    "/contact-groups/{groupId}/queue-entries", operation_id="listGroupQueue", response_model=schemas.QueueEntryPage
)
async def list_group_queue(
    visit: Visiting,
    group: Annotated[Row, group_row_for(P.QUEUE_LIST)],
    query: Annotated[schemas.QueueLineQuery, Query()],
) -> Any:
    """The line of one group in its order, and behind it those who do not wait (R11.4).

    The whole of it to the group's unit; to others what is their own.
    """
    rows = await service.line_of(visit, group["id"], query)
    visit.trail.looked(Subject("queue_entry_list"))
    path = f"/contact-groups/{group['id']}/queue-entries"
    return whole(visit, path, query, rows, lambda row: _listed(visit, row), descending=False)


@router.get("/queue-entries", operation_id="listQueueEntries", response_model=schemas.QueueEntryPage)
async def list_entries(
    visit: Annotated[Visit, allowed(P.QUEUE_LIST)], query: Annotated[schemas.QueueEntryQuery, Query()]
) -> Any:
    """The entries that one may see, newest first: the family's, what one has sent, and one's own unit's lines.

    With ``childId``: every group that this child waits for, has been offered, or has left.
    """
    rows, total = await service.listed(visit, query)
    visit.trail.looked(Subject("queue_entry_list"))
    return page(visit, _PATH, query, rows, lambda row: _listed(visit, row), total=total)


@router.get("/queue-entries/{entryId}", operation_id="getQueueEntry", response_model=schemas.QueueEntry)
async def get_entry(visit: Visiting, row: Annotated[Row, entry_row_for(P.QUEUE_READ)]) -> Any:
    """One entry, and where it stands in the line."""
    return _present(visit, row)


@router.post(
    "/queue-entries/{entryId}/consent", operation_id="nameQueueConsent", status_code=201,
    response_model=schemas.QueueEntry,
)  # fmt: skip
async def name_consent(
    visit: Visiting, entry: Annotated[QueueEntry, entry_for(P.QUEUE_CONSENT)], body: schemas.QueueConsentCreate
) -> Any:
    """Name the consent that the entry rests on. Given, the child is in line at once, from the time of its request."""
    await service.name_consent(visit, entry, body.consent_id)
    return await answer(visit, entry.id)


@router.post(
    "/queue-entries/{entryId}/priority", operation_id="prioritiseQueueEntry", status_code=201,
    response_model=schemas.QueueEntry,
)  # fmt: skip
async def prioritise_entry(
    visit: Visiting, entry: Annotated[QueueEntry, entry_for(P.QUEUE_MANAGE)], body: schemas.QueuePriorityChange
) -> Any:
    """Give the child another priority; within one priority the earlier request comes first (R11.4)."""
    await service.prioritise(visit, entry, body)
    return await answer(visit, entry.id)


@router.post(
    "/queue-entries/{entryId}/withdrawal", operation_id="withdrawQueueEntry", status_code=201,
    response_model=schemas.QueueEntry,
)  # fmt: skip
async def withdraw_entry(
    visit: Visiting, entry: Annotated[QueueEntry, entry_for(P.QUEUE_WITHDRAW)], body: schemas.QueueWithdrawal
) -> Any:
    """Leave the line, for the family, whoever sent the entry, or the group's unit. What was offered goes on."""
    await service.withdraw(visit, entry, body.reason)
    return await answer(visit, entry.id)


@router.post(
    "/queue-entries/{entryId}/return", operation_id="returnQueueEntry", status_code=201,
    response_model=schemas.QueueEntry,
)  # fmt: skip
async def return_entry(
    visit: Visiting, entry: Annotated[QueueEntry, entry_for(P.QUEUE_MANAGE)], body: schemas.QueueReturn
) -> Any:
    """Let a child back into the line, at the place that the time of its request gives."""
    await service.come_back(visit, entry, body.reason)
    return await answer(visit, entry.id)


@router.get(
    "/queue-entries/{entryId}/history", operation_id="listQueueEvents", response_model=schemas.QueueEventPage
)  # fmt: skip
async def list_events(
    visit: Visiting,
    row: Annotated[Row, entry_row_for(P.QUEUE_READ)],
    query: Annotated[schemas.QueueEventQuery, Query()],
) -> Any:
    """Every move of the entry with its place in the line then, and to the group's unit every reason that was given."""
    relations = relations_of(visit, row)
    hidden = [] if Relation.OWN_UNIT in relations else ["by_name"]
    hidden += [] if Relation.OWN_UNIT in relations or visit.actor.is_family else ["rank", "waiting"]
    rows = await service.history_of(visit, row["id"])
    path = f"{_PATH}/{row['id']}/history"
    return whole(visit, path, query, rows, lambda event: {**event, **dict.fromkeys(hidden)}, descending=False)


routers = (router,)
