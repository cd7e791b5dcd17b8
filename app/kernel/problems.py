"""Problem documents (RFC 9457) and what failures mean, for answers over HTTP and for lines of a file alike.

Nothing that somebody sent is ever echoed: not the value that was rejected, not the SQL, not the token (SAK.25, R2.3).
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import psycopg
from psycopg_pool import PoolTimeout
from sqlalchemy.orm.exc import StaleDataError

from app.config import Settings
from app.kernel.errors import (
    AlreadyExists,
    Alternative,
    FieldError,
    Invalid,
    Malformed,
    PreconditionFailed,
    Problem,
    Text,
    Unavailable,
)

_MESSAGES = {
    "missing": Text("Fältet krävs", "The field is required"),
    "extra_forbidden": Text("Fältet är okänt", "The field is unknown"),
    "json_invalid": Text("Ogiltig JSON", "Invalid JSON"),
    "dict_type": Text("Skicka ett JSON-objekt", "Send a JSON object"),
    "string_too_long": Text("För lång text", "The text is too long"),
    "string_too_short": Text("För kort text", "The text is too short"),
    "enum": Text("Inte ett av de tillåtna värdena", "Not one of the allowed values"),
    "literal_error": Text("Inte ett av de tillåtna värdena", "Not one of the allowed values"),
    "uuid_parsing": Text("Inte ett giltigt id", "Not a valid id"),
    "string_pattern_mismatch": Text("Fel format", "Wrong format"),
}
_WRONG = Text("Ogiltigt värde", "Invalid value")
#: Two writers met: unique_violation, serialization_failure, deadlock_detected. Tried again, one finds the other's rows.
_COLLISIONS = frozenset({"23505", "40001", "40P01"})
#: Somebody else holds a row for longer than we wait: lock_not_available, query_canceled.
_WAITS = frozenset({"55P03", "57014"})


class Occurrence(NamedTuple):
    """Where and for whom a problem occurred."""

    settings: Settings
    language: str
    instance: str
    trace_id: str


def document(problem: Problem, at: Occurrence) -> dict[str, Any]:
    """The problem document for one occurrence."""
    content: dict[str, Any] = {
        "type": f"{at.settings.api_url}/problems/{problem.code}",
        "title": problem.title.in_language(at.language),
        "status": problem.status,
        "detail": problem.describe(at.language),
        "instance": at.instance,
        "code": problem.code,
        "traceId": at.trace_id,
    }
    if problem.errors:
        content["errors"] = [
            {"pointer": error.pointer, "code": error.code, "message": error.message.in_language(at.language)}
            for error in problem.errors
        ]
    if problem.alternatives:
        content["alternatives"] = [_alternative(one, at) for one in problem.alternatives]
    return content


def _alternative(one: Alternative, at: Occurrence) -> dict[str, str]:
    found = {"name": one.name.in_language(at.language)}
    if one.id is not None:
        found["id"] = str(one.id)
    if one.path is not None:
        found |= {"href": at.settings.api_url + one.path, "method": one.method}
    return found


def from_validation(errors: Sequence[Any]) -> Problem:
    """Pydantic's findings as ours: 400 when the JSON or the address cannot be read, 422 when its meaning is wrong."""
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


def field_error(pointer: str, kind: str) -> FieldError:
    """A finding of our own that pydantic has a word for: ``field_error("/kind", "missing")``."""
    return FieldError(pointer, kind.replace("_", "-"), _MESSAGES[kind])


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
    cause = _cause(error)
    if isinstance(error, StaleDataError):
        return PreconditionFailed()
    if isinstance(cause, psycopg.errors.UniqueViolation):
        return Problem.by_constraint.get(cause.diag.constraint_name or "", AlreadyExists)()
    if isinstance(cause, psycopg.errors.DataError):
        return Malformed()
    if isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError | PoolTimeout):
        return Unavailable()
    return None


def is_taken(error: BaseException) -> bool:
    """Whether there is such a row already: since before, or since a moment ago."""
    return isinstance(_cause(error), psycopg.errors.UniqueViolation)


def collided(error: BaseException) -> bool:
    """Whether somebody else wrote the same at the same moment, so that trying again may go well."""
    return isinstance(error, StaleDataError) or getattr(_cause(error), "sqlstate", None) in _COLLISIONS


def must_wait(error: BaseException) -> bool:
    """Whether nothing is wrong but the moment: the database is away, or somebody holds what is needed."""
    cause = _cause(error)
    state = getattr(cause, "sqlstate", None)
    if isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError):
        return state is None or state in _WAITS or state[:2] in ("08", "53", "57")
    return isinstance(cause, PoolTimeout)


def _cause(error: BaseException) -> BaseException:
    return getattr(error, "orig", None) or error
