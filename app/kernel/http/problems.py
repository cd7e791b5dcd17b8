"""Problem documents (RFC 9457): every error of the program in one shape, in the caller's language.

Nothing a caller sent is ever echoed: not the value that was rejected, not the SQL, not the token (SAK.25, R2.3).
"""

import re
from typing import Any

import psycopg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import iter_route_contexts
from psycopg_pool import PoolTimeout
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException

from app.config import Settings
from app.kernel import problems
from app.kernel.auth import KeysUnavailable
from app.kernel.errors import Malformed, MethodNotAllowed, NotFound, Problem, Unavailable, UnsupportedMediaType
from app.kernel.problems import Occurrence, from_database, from_validation

log = structlog.get_logger()

_ADDRESS_PART = re.compile(r"|v1|[A-Za-z][A-Za-z-]*|[0-9]{4}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|openapi\.json")


def document(problem: Problem, request: Request) -> dict[str, Any]:
    """The problem document for one occurrence."""
    settings: Settings = request.app.state.settings
    language = getattr(request.state, "language", "en")
    instance = settings.public_url + _instance(request.url.path)
    at = Occurrence(settings, language, instance, getattr(request.state, "trace_id", ""))
    return problems.document(problem, at)


def _instance(path: str) -> str:
    """The path, without what no address of ours has: somebody may have put a personal number there (R2.3)."""
    return "/".join(part if _ADDRESS_PART.fullmatch(part) else "-" for part in path.split("/"))


def respond(problem: Problem, request: Request) -> Response:
    """The answer that tells the caller."""
    headers = dict(problem.headers)
    if problem.status in (429, 503):
        headers.setdefault("Retry-After", "2")
    return JSONResponse(
        document(problem, request), problem.status, headers=headers, media_type="application/problem+json"
    )


def install(app: FastAPI) -> None:
    """Register the handlers on the sub-application that serves the API."""

    async def ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)  # noqa: S101 - the registration below says so
        return respond(error, request)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        return respond(from_validation(error.errors()), request)

    async def framework(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101
        if isinstance(error.__cause__, Problem):  # FastAPI wraps what is raised while it reads a body
            return respond(error.__cause__, request)
        kinds: dict[int, type[Problem]] = {404: NotFound, 405: MethodNotAllowed, 415: UnsupportedMediaType}
        headers = {"Allow": _allowed(request)} if error.status_code == 405 else dict(error.headers or {})
        return respond(kinds.get(error.status_code, Malformed)(headers=headers), request)

    async def database(request: Request, error: Exception) -> Response:
        problem = from_database(error)
        if problem is None:
            return unexpected(request, error)
        if problem.status >= 500:
            log.warning("database-unavailable", trace_id=getattr(request.state, "trace_id", ""))
        return respond(problem, request)

    async def keys(request: Request, _error: Exception) -> Response:
        return respond(Unavailable(), request)

    for kind, handler in (
        (Problem, ours),
        (RequestValidationError, invalid),
        (HTTPException, framework),
        (psycopg.Error, database),
        (PoolTimeout, database),
        (DBAPIError, database),
        (StaleDataError, database),
        (KeysUnavailable, keys),
    ):
        app.add_exception_handler(kind, handler)


def _allowed(request: Request) -> str:
    """Every method of the resource (RFC 9110 section 10.2.1); the framework names only those of one route."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    routes = [route for route in iter_route_contexts(request.app.routes) if route.path_regex.match(path)]
    return ", ".join(sorted({method for route in routes for method in route.methods or ()}))


def unexpected(request: Request, error: Exception) -> Response:
    """A fault of ours: the log gets its kind and place, the caller only a trace id."""
    log.error(
        "unexpected-error",
        trace_id=getattr(request.state, "trace_id", ""),
        error=type(error).__name__,
        place=_place(error),
        exc_info=None if request.app.state.settings.production else error,
    )
    return respond(Problem(), request)


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
