"""Health for whoever operates the program: the process, its readiness, its numbers. None of it tells any detail."""

import hmac
import os

import psycopg
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest, multiprocess
from psycopg_pool import PoolTimeout

from app.database import newest_step
from app.kernel.auth.keys import is_loopback
from app.kernel.errors import NotFound, Unauthenticated, Unavailable
from app.kernel.http.door import Kernel
from app.kernel.http.problems import document, respond

_FORWARDED = ("forwarded", "x-forwarded-for")


def health(kernel: Kernel) -> APIRouter:
    """``/healthz``, ``/readyz`` and ``/metrics``."""
    router = APIRouter(include_in_schema=False)

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        """The process answers; nothing else is asked."""
        return {"status": "ok"}

    @router.get("/readyz")
    async def readyz(request: Request) -> Response:
        """Requests can be served: the database is there, in the newest schema, and tokens can be verified."""
        checks = {**await _database(kernel), "keys": await _keys(kernel)}
        if all(state == "ok" for state in checks.values()):
            return JSONResponse({"status": "ok", "checks": checks})
        problem = document(Unavailable(), request) | {"checks": checks}
        return JSONResponse(problem, 503, {"retry-after": "5"}, media_type="application/problem+json")

    @router.get("/metrics")
    async def metrics(request: Request) -> Response:
        """Prometheus: for this machine, or for whoever holds the metrics token."""
        refusal = _refuse_metrics(kernel, request)
        return refusal or Response(generate_latest(_registry()), media_type=CONTENT_TYPE_LATEST)

    return router


async def _database(kernel: Kernel) -> dict[str, str]:
    try:
        async with kernel.database.transaction(write=False) as tx:
            found = await tx.rows("select version_num from alembic_version")
    except psycopg.errors.UndefinedTable:
        found = []
    except (psycopg.Error, PoolTimeout):
        return {"database": "unreachable", "schema": "unknown"}
    return {
        "database": "ok",
        "schema": "ok" if [row["version_num"] for row in found] == [newest_step()] else "not newest",
    }


async def _keys(kernel: Kernel) -> str:
    await kernel.verifier.renew_keys()
    return "unknown" if "unknown" in kernel.verifier.readiness().values() else "ok"


def _refuse_metrics(kernel: Kernel, request: Request) -> Response | None:
    token = kernel.settings.metrics_token
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    if token is not None and scheme.lower() == "bearer":
        if hmac.compare_digest(shown.strip().encode(), token.get_secret_value().encode()):
            return None
        return respond(Unauthenticated(headers={"WWW-Authenticate": 'Bearer error="invalid_token"'}), request)
    # A proxy on this machine speaks from loopback too; what it passes on does not come from here.
    near = request.client is not None and is_loopback(request.client.host)
    if near and not any(name in request.headers for name in _FORWARDED):
        return None
    if token is None:
        return respond(NotFound(), request)
    return respond(Unauthenticated(headers={"WWW-Authenticate": "Bearer"}), request)


def _registry() -> CollectorRegistry:
    """This process's numbers, or those of all of them where PROMETHEUS_MULTIPROC_DIR names a common folder."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry
