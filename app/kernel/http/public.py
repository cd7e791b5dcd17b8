"""Endpoints without a door: what anybody may read about the API and the directory. Never about a child or a case.

They are marked in the code and in the contract (``x-permission: public``), never the result of something forgotten.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from app.config import Settings
from app.kernel.context import Actor
from app.kernel.db import Transaction
from app.kernel.errors import Text, Unavailable
from app.kernel.http.conditional import entity_tag
from app.kernel.http.door import Handler, Kernel

CACHE = "public, max-age=300"
#: What holds somebody's own actions is asked for anew each time.
PRIVATE = "private, no-cache"


@dataclass(slots=True)
class Reading:
    """A look by anybody, in a transaction without a context: whoever asks, the wall shows it nothing."""

    tx: Transaction
    now: datetime
    settings: Settings
    language: str
    headers: dict[str, str] = field(default_factory=dict)
    version: int | None = None
    actor: Actor | None = None
    cache: str = CACHE

    def href(self, path: str) -> str:
        """The absolute address of a resource of this API (HYP.07)."""
        return self.settings.api_url + path


async def reading(request: Request) -> AsyncIterator[Reading]:
    """Open a look and close it before the answer leaves; raises ``Unavailable`` while the database is away."""
    kernel: Kernel = request.app.state.kernel
    try:
        async with kernel.database.transaction(write=False) as tx:
            look = Reading(tx, kernel.clock.now(), kernel.settings, request.state.language)
            request.state.reading = look
            yield look
    except (PoolTimeout, OperationalError):
        raise Unavailable from None


#: Scope ``function``: a reader on a slow line must not hold a connection while the answer trickles.
Looking = Annotated[Reading, Depends(reading, scope="function")]


async def known(request: Request, look: Looking) -> Reading:
    """The same look; whoever shows a token is known and is offered their actions. One that is not valid is refused."""
    if "authorization" in request.headers:
        look.actor = await _actor(request.app.state.kernel, request, look)
        look.cache = PRIVATE
    return look


async def _actor(kernel: Kernel, request: Request, look: Reading) -> Actor:
    identity = await kernel.identify(request)
    return await kernel.find_actor(look.tx, identity, request.headers.get("assignment-id"), look.now)


Knowing = Annotated[Reading, Depends(known)]


class PublicRoute(APIRoute):
    """A route that asks nobody who they are. It only reads, and its answers may be kept by caches."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        if self.methods != {"GET"}:
            raise TypeError(f"{path}: a public endpoint only reads")
        self.openapi_extra = {**(self.openapi_extra or {}), "x-permission": "public", "security": []}

    def get_route_handler(self) -> Handler:
        """FastAPI's own handler; its answer gets a tag, and 304 when the caller holds it already (RFC 9110 13.1.2)."""
        handle = super().get_route_handler()

        async def keepable(request: Request) -> Response:
            response = await handle(request)
            look: Reading | None = getattr(request.state, "reading", None)
            tag = entity_tag(bytes(response.body), look.version if look else None)
            headers = {"etag": tag, "cache-control": look.cache if look else CACHE}
            headers |= look.headers if look else {}
            if tag in {stated.strip() for stated in request.headers.get("if-none-match", "").split(",")}:
                return Response(status_code=304, headers=headers)
            response.headers.update(headers)
            return response

        return keepable


class PublicRouter(APIRouter):
    """Public endpoints of one resource: one tag with a text in both languages."""

    def __init__(self, tag: str, about: Text) -> None:
        super().__init__(tags=[tag], route_class=PublicRoute)
        self.about = about
