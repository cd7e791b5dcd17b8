"""Endpoints of wishes for a place in a contact group."""

from typing import Annotated, Any

from app.contact_groups.access import group_row_for
from app.group_queues.access import entry_for
from app.group_queues.models import QueueEntry
from app.group_queues.router import answer
from app.group_queues.schemas import QueueEntry as QueueEntryOut
from app.kernel.access import Visiting
from app.kernel.db import Row
from app.kernel.http.door import Router
from app.permissions import Permission as P
from app.queue_wishes import schemas, service

router = Router("queue-entries")


@router.post(
    "/contact-groups/{groupId}/queue-entries", operation_id="joinGroupQueue", status_code=201,
    response_model=QueueEntryOut,
)  # fmt: skip
async def join_queue(
    visit: Visiting, group: Annotated[Row, group_row_for(P.QUEUE_JOIN)], body: schemas.QueueEntryCreate
) -> Any:
    """Ask for a place for a child: one's own, or one of one's unit (R11.3, R11.4).

    What school has been asked, and what another authority sends, needs the guardians' consent: until it is given the
    entry is held back, and holds first name and grade only. A guardian's own wish needs none.
    """
    return await answer(visit, await service.join(visit, group, body))


@router.patch("/queue-entries/{entryId}", operation_id="correctQueueEntry", response_model=QueueEntryOut)
async def correct_entry(
    visit: Visiting, entry: Annotated[QueueEntry, entry_for(P.QUEUE_MANAGE)], body: schemas.QueueEntryPatch
) -> Any:
    """Correct an entry while the child waits, or add to what it needs."""
    await service.correct(visit, entry, body)
    return await answer(visit, entry.id)


routers = (router,)
