"""Interactive documentation from the program itself: Swagger UI and ReDoc, with no address outside it."""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import fastapi_offline
from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_oauth2_redirect_html
from fastapi.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.config import Settings
from app.kernel.http.door import FULL_SCOPE
from app.kernel.http.pages import Pages, policy

_ASSETS = Path(fastapi_offline.__file__).parent / "static"
_PAGES = Pages(Path(__file__).parent / "templates")
_CLIENT = "tillsammans-docs"


class _Assets(StaticFiles):
    """The scripts and styles of the pages, which a browser may keep for a day."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = "public, max-age=86400"
        return response


def add_documentation(app: FastAPI) -> None:
    """``/docs``, ``/redoc`` and what they need, under the API's own root."""
    settings: Settings = app.state.settings
    app.mount("/docs/assets", _Assets(directory=os.fspath(_ASSETS)))

    @app.get("/docs", include_in_schema=False)
    async def swagger_ui() -> HTMLResponse:
        """Every operation, to try out; signs in with the issuer in development."""
        return _page("docs.html", settings, client=_CLIENT, scope=FULL_SCOPE)

    @app.get("/redoc", include_in_schema=False)
    async def redoc() -> HTMLResponse:
        """Every operation, to read."""
        return _page("redoc.html", settings)

    @app.get("/docs/oauth2-redirect", include_in_schema=False)
    async def oauth2_redirect() -> HTMLResponse:
        """Where the issuer sends the browser back to."""
        nonce = secrets.token_urlsafe(16)
        html = bytes(get_swagger_ui_oauth2_redirect_html().body).decode()
        html = html.replace("<script>", f'<script nonce="{nonce}">')
        return HTMLResponse(html, headers={"content-security-policy": policy(nonce)})


def _page(name: str, settings: Settings, **values: object) -> HTMLResponse:
    """A documentation page: the two libraries write styles of their own, and talk to the API and to the issuer."""
    nonce = secrets.token_urlsafe(16)
    here = urlsplit(settings.api_url).path  # whatever name the browser reached the program by
    page = _PAGES.page(name, nonce=nonce, here=here, settings=settings, **values)
    origins = sorted({_origin(address) for address in (settings.public_url, *settings.issuers)})
    page.headers["content-security-policy"] = policy(
        nonce,
        script_src=f"'self' 'nonce-{nonce}'",
        style_src="'self' 'unsafe-inline'",
        connect_src=" ".join(["'self'", *origins]),
        worker_src="blob:",
    )
    return page


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
