"""The feed of events: read on from a cursor, and wait there for the next one without holding anything meanwhile."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Annotated, Any

from fastapi import Query, Request, Response

from app.events import schemas, service
from app.events.models import Wanted
from app.kernel.access import allowed
from app.kernel.context import Visit
from app.kernel.errors import Text
from app.kernel.http.door import DoorRoute, Kernel, Router
from app.kernel.paging import position_in, stream
from app.permissions import Permission as P

_KIND = "event"


class WaitingRoute(DoorRoute):
    """A route that is asked again for as long as the caller waits and there is nothing to tell.

    Between two times it holds no transaction and no connection: it only learns whether more has been placed since.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The door, entered once, and once more each time that something has come."""
        door = super().get_route_handler()

        async def wait(request: Request) -> Response:
            kernel: Kernel = request.app.state.kernel
            await kernel.identify(request)  # nobody makes the database work without a valid token
            placed = await service.place(kernel.database)
            response = await door(request)
            ends = asyncio.get_running_loop().time() + getattr(request.state, "patience", 0)
            while getattr(request.state, "patience", 0) and (more := await _more_than(placed, request, ends)):
                placed = more
                response = await door(request)
            return response

        return wait


async def _more_than(placed: int, request: Request, ends: float) -> int | None:
    """Wait until more is placed than was: how much; None when it takes too long."""
    clock = asyncio.get_running_loop()
    while (left := ends - clock.time()) > 0:
        with suppress(TimeoutError):
            found = await asyncio.wait_for(asyncio.shield(_next_look(request)), left)
            if found > placed:
                return found
    return None


def _next_look(request: Request) -> asyncio.Task[int]:
    """How far the feed has come, once every interval for all who wait in this process."""
    kernel: Kernel = request.app.state.kernel
    look: asyncio.Task[int] | None = getattr(request.app.state, "next_look", None)
    if look is None or look.done():

        async def later() -> int:
            await asyncio.sleep(kernel.settings.work_interval_seconds)
            return await service.place(kernel.database)

        look = request.app.state.next_look = asyncio.create_task(later())
    return look


router = Router(
    "events",
    Text(
        "Att något har ändrats, i ordning och utan luckor, för den som får läsa posten. Bara id:n och typer.",
        "That something has changed, in order and without gaps, for whoever may read the record. Ids and types only.",
    ),
)
router.route_class = WaitingRoute


@router.get("/events", operation_id="listEvents", response_model=schemas.EventPage)
async def list_events(
    visit: Annotated[Visit, allowed(P.EVENT_LIST)],
    query: Annotated[schemas.EventQuery, Query()],
    request: Request,
) -> Any:
    """What has changed since a cursor, as CloudEvents 1.0; every change of a record that the caller may read.

    Keep `cursor`, or follow `_links.next`, and ask again from there: an answer may be empty and its cursor still have
    moved on. Nothing is skipped and nothing comes twice, however many write at once; the events of one record come in
    the order of its changes. A cursor holds for any filter and for as long as its events are kept; after that the
    answer is 410 and never a gap. With `wait` an answer without events is held back until there is one or the time
    is up.

    An event tells that a record changed. Whether the caller may read the record is asked when the event is told, with
    the scopes of the token: what a consent opened is told of while the consent holds, and a protected child's records
    past its checkpoint only.
    """
    after = await _resume(visit, query, request)
    wanted = Wanted(tuple(query.record_type), tuple(query.operation))
    found = await service.feed(visit, after, query.limit, wanted)
    request.state.resume = found.position
    request.state.patience = 0 if found.items else min(query.wait, visit.settings.event_poll_max_seconds)
    return stream(visit, "/events", query, found.items, query.limit, kind=_KIND, at=found.position)


async def _resume(visit: Visit, query: schemas.EventQuery, request: Request) -> int:
    """Where this request goes on: from its cursor, or from where it has come while it waits."""
    resumed: int | None = getattr(request.state, "resume", None)
    if resumed is not None:
        return resumed
    if query.cursor is not None:
        return position_in(visit, query.cursor, _KIND)
    return await service.begin(visit.tx, query.start)


routers = (router,)
