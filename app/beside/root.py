"""The front page and the headers that every page outside the API carries too."""

from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.beside.health import health
from app.beside.issuer import demo_users
from app.config import API_PATH
from app.kernel.errors import NotFound
from app.kernel.http.door import Kernel
from app.kernel.http.envelope import SAFE_HEADERS, language_of, trace_of
from app.kernel.http.pages import Pages
from app.kernel.http.problems import respond

_PAGES = Pages(Path(__file__).parent / "templates")


def add_pages(root: FastAPI, kernel: Kernel) -> None:
    """Put the front page, health and metrics beside the API, and safe headers on all of them."""
    root.state.settings = kernel.settings
    root.include_router(health(kernel))
    root.add_middleware(SafeHeaders)

    @root.get("/", include_in_schema=False)
    async def front(_request: Request) -> HTMLResponse:
        settings = kernel.settings
        users = [] if settings.production else demo_users()
        here = urlsplit(settings.api_url).path
        return _PAGES.page("front.html", settings=settings, here=here, users=users, version=version("tillsammans"))

    @root.exception_handler(404)
    async def nothing_here(request: Request, _error: Exception) -> Response:
        return respond(NotFound(), request)


class SafeHeaders:
    """Security headers for what stands outside the API; the API's own envelope writes its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers that the answer does not have already."""
        if scope["type"] != "http" or scope["path"].startswith(API_PATH + "/"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        state = scope.setdefault("state", {})
        state["trace_id"], traceparent = trace_of(headers.get("traceparent"))
        state["language"] = language_of(headers.get("accept-language"))

        async def seal(message: Message) -> None:
            if message["type"] == "http.response.start":
                outgoing = MutableHeaders(scope=message)
                for name, value in (SAFE_HEADERS | {"traceparent": traceparent}).items():
                    outgoing.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, seal)
