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

from app.kernel.auth import KeysUnavailable
from app.kernel.errors import (
    AlreadyExists,
    Alternative,
    FieldError,
    Invalid,
    Malformed,
    MethodNotAllowed,
    NotFound,
    PreconditionFailed,
    Problem,
    Text,
    Unavailable,
    UnsupportedMediaType,
)

log = structlog.get_logger()

_MESSAGES = {
    "missing": Text("Fältet krävs", "The field is required"),
    "extra_forbidden": Text("Fältet är okänt", "The field is unknown"),
    "json_invalid": Text("Ogiltig JSON", "Invalid JSON"),
    "string_too_long": Text("För lång text", "The text is too long"),
    "string_too_short": Text("För kort text", "The text is too short"),
    "enum": Text("Inte ett av de tillåtna värdena", "Not one of the allowed values"),
    "literal_error": Text("Inte ett av de tillåtna värdena", "Not one of the allowed values"),
    "uuid_parsing": Text("Inte ett giltigt id", "Not a valid id"),
    "string_pattern_mismatch": Text("Fel format", "Wrong format"),
}
_ADDRESS_PART = re.compile(r"|v1|[A-Za-z][A-Za-z-]*|[0-9]{4}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|openapi\.json")
_WRONG = Text("Ogiltigt värde", "Invalid value")


def document(problem: Problem, request: Request) -> dict[str, Any]:
    """The problem document for one occurrence."""
    language = getattr(request.state, "language", "en")
    content: dict[str, Any] = {
        "type": f"{request.app.state.settings.api_url}/problems/{problem.code}",
        "title": problem.title.in_language(language),
        "status": problem.status,
        "detail": problem.describe(language),
        "instance": request.app.state.settings.public_url + _instance(request.url.path),
        "code": problem.code,
        "traceId": getattr(request.state, "trace_id", ""),
    }
    if problem.errors:
        content["errors"] = [
            {"pointer": error.pointer, "code": error.code, "message": error.message.in_language(language)}
            for error in problem.errors
        ]
    if problem.alternatives:
        content["alternatives"] = [_alternative(one, request, language) for one in problem.alternatives]
    return content


def _alternative(one: Alternative, request: Request, language: str) -> dict[str, str]:
    found = {"name": one.name.in_language(language)}
    if one.id is not None:
        found["id"] = str(one.id)
    if one.path is not None:
        found |= {"href": request.app.state.settings.api_url + one.path, "method": one.method}
    return found


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


def from_validation(errors: Any) -> Problem:
    """FastAPI's findings as ours: 400 when the JSON or the address cannot be read, 422 when its meaning is wrong."""
    found = tuple(
        FieldError(
            "" if error["type"] == "json_invalid" else _pointer(error["loc"]),
            error["type"].replace("_", "-"),
            _message(error),
        )
        for error in errors
    )
    if any(error["type"] == "json_invalid" for error in errors):
        return Malformed(errors=found)
    return Invalid(errors=found)


def _message(error: dict[str, Any]) -> Text:
    reason = (error.get("ctx") or {}).get("error")
    if isinstance(reason, Problem):
        return reason.detail
    return _MESSAGES.get(error["type"], _WRONG)


def _pointer(location: tuple[Any, ...]) -> str:
    place, *rest = location
    if place == "body":
        return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in rest)
    return f"/{place}" + "".join(f"/{part}" for part in rest)


def from_database(error: BaseException) -> Problem | None:
    """What a database error means to the caller, or none when it is our own fault."""
    cause = getattr(error, "orig", None) or error
    if isinstance(error, StaleDataError):
        return PreconditionFailed()
    if isinstance(cause, psycopg.errors.UniqueViolation):
        return Problem.by_constraint.get(cause.diag.constraint_name or "", AlreadyExists)()
    if isinstance(cause, psycopg.errors.DataError):
        return Malformed()
    if isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError | PoolTimeout):
        return Unavailable()
    return None


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
