"""The program: ``create_app`` mounts the API, the development issuer and the pages beside it; nothing else."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, nullcontext
from typing import Any

import httpx
from fastapi import APIRouter, FastAPI
from fastapi.middleware.cors import CORSMiddleware

from app import beside, database, jobs, logs
from app.config import API_PATH, DEV_ISSUER_PATH, Settings
from app.contract import build_openapi
from app.contract.info import tags_of
from app.kernel.auth import TokenVerifier
from app.kernel.clock import Clock, SystemClock
from app.kernel.context import ContextSigner
from app.kernel.db import Database
from app.kernel.http import problems
from app.kernel.http.door import Kernel, uploads_of
from app.kernel.http.envelope import Envelope
from app.organisations.service import find_actor
from app.routers import ROUTERS

EXPOSED = [
    "ETag", "Location", "Link", "Retry-After", "traceparent", "RateLimit", "RateLimit-Policy", "Content-Language",
    "Idempotency-Replayed", "WWW-Authenticate",
]  # fmt: skip


def create_app(settings: Settings, *, program_url: str | None = None, clock: Clock | None = None) -> FastAPI:
    """The whole program for these settings; ``program_url`` is the database as the program's unprivileged role."""
    logs.configure(settings)
    clock = clock or SystemClock()
    issuer = None if settings.production else beside.dev_issuer(settings)
    http = httpx.AsyncClient(
        timeout=3, follow_redirects=False, mounts={settings.dev_issuer: issuer.transport} if issuer else None
    )
    kernel = Kernel(
        settings=settings,
        clock=clock,
        database=_database(settings, program_url),
        verifier=TokenVerifier(settings, http, clock.now),
        signer=ContextSigner(settings.secret.get_secret_value()),
        find_actor=find_actor,
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await kernel.database.open()
        async with jobs.running(kernel) if settings.work_here else nullcontext():
            yield
        await kernel.database.close()
        await http.aclose()

    root = FastAPI(title="Tillsammans", openapi_url=None, lifespan=lifespan)
    root.state.kernel = kernel
    beside.add_pages(root, kernel)
    root.mount(API_PATH, api(settings, kernel))
    if issuer:
        root.mount(DEV_ISSUER_PATH, issuer.app)
    return root


def api(settings: Settings, kernel: Kernel | None, routers: Iterable[APIRouter] = ROUTERS) -> FastAPI:
    """The API as a sub-application, so that paths in its contract start at the resource (UFN.01)."""
    app = FastAPI(
        title="Tillsammans",
        servers=[{"url": settings.api_url}],
        root_path_in_servers=False,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        openapi_tags=tags_of(routers),
    )
    app.state.settings, app.state.kernel = settings, kernel
    app.openapi = lambda: build_openapi(app)  # type: ignore[method-assign]
    for router in routers:
        app.include_router(router)
    beside.add_documentation(app)
    problems.install(app)
    app.add_middleware(Envelope, settings=settings, uploads=uploads_of(routers))
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key",
                       "Assignment-Id", "Accept-Language", "traceparent"],
        expose_headers=EXPOSED,
        max_age=600,
    )  # fmt: skip
    return app


def openapi_document() -> dict[str, Any]:
    """The contract as it is committed: of the program, not of an installation."""
    settings = Settings(public_url="https://tillsammans.example", _env_file=None)
    return api(settings, None).openapi()


def _database(settings: Settings, program_url: str | None) -> Database:
    url = (
        program_url or database.addresses(settings, settings.owner_database_url or settings.database_url or "").program
    )
    return Database(
        url,
        pool_size=settings.database_pool_size,
        idle=settings.database_pool_idle,
        idle_seconds=settings.database_idle_seconds,
        timeout=settings.database_timeout_seconds,
        statement_timeout=settings.statement_timeout_seconds,
        prepares=settings.database_prepared_statements,
    )
