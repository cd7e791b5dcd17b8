"""Endpoints without a door: what anybody may read about the API itself. Nothing about a child or a case, ever.

They are marked in the code and in the contract (``x-permission: public``), never the result of something forgotten.
"""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

from app.kernel.errors import Text
from app.kernel.http.conditional import entity_tag
from app.kernel.http.door import Handler

CACHE = "public, max-age=300"


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
            tag = entity_tag(bytes(response.body), None)
            headers = {"etag": tag, "cache-control": CACHE}
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
