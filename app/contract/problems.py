"""The problem documents of the contract: one schema, one example for each code, one response for each status."""

from collections.abc import Iterable
from typing import Any

from app.kernel.errors import (
    AlreadyExists,
    AssignmentNotChosen,
    BodyTooLarge,
    Denied,
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    InsufficientScope,
    Invalid,
    Malformed,
    NoAssignment,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    Problem,
    SearchNotAllowed,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
)
from app.kernel.http.door import SEARCHES

_TEXT = {"type": "string"}
SCHEMAS: dict[str, Any] = {
    "Problem": {
        "type": "object",
        "description": "An error (RFC 9457). Branch on `code`; `title` and `detail` follow Accept-Language.",
        "required": ["type", "title", "status", "detail", "instance", "code", "traceId"],
        "properties": {
            "type": {**_TEXT, "format": "uri", "description": "Leads to the documentation of this kind of problem."},
            "title": {**_TEXT, "description": "What kind of problem it is."},
            "status": {"type": "integer", "minimum": 400, "maximum": 599, "description": "The HTTP status."},
            "detail": {**_TEXT, "description": "What to do about it. Never repeats what was sent."},
            "instance": {**_TEXT, "format": "uri", "description": "The address that was asked."},
            "code": {**_TEXT, "description": "The stable code; the last part of `type`."},
            "traceId": {**_TEXT, "description": "Names this request in the logs."},
            "errors": {"type": "array", "items": {"$ref": "#/components/schemas/FieldProblem"}},
            "alternatives": {
                "type": "array",
                "items": {"$ref": "#/components/schemas/Alternative"},
                "description": "What there is instead, where the program knows of something that fits.",
            },
        },
    },
    "Alternative": {
        "type": "object",
        "description": "What there is instead of what was refused.",
        "required": ["name"],
        "properties": {
            "name": {**_TEXT, "description": "What it is called, in the caller's language."},
            "id": {**_TEXT, "format": "uuid", "description": "Its id, where it is a record."},
            "href": {**_TEXT, "format": "uri", "description": "Where it stands, where it has an address."},
            "method": {**_TEXT, "description": "With which method to ask there."},
        },
    },
    "FieldProblem": {
        "type": "object",
        "description": "One rejected field.",
        "required": ["pointer", "code", "message"],
        "properties": {
            "pointer": {**_TEXT, "description": "Where, as a JSON Pointer (RFC 6901)."},
            "code": {**_TEXT, "description": "Why, as a stable code."},
            "message": {**_TEXT, "description": "Why, in words."},
        },
    },
}
_SHARED_OWN = 2
_EXAMPLE_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
_EXAMPLE_VALUES = {"limit": 1_000_000, "expected": "application/json", "seconds": 30, "scope": "cases.read"}

_Kinds = tuple[type[Problem], ...]
_EVERYWHERE: _Kinds = (TooManyRequests, Problem)
_WHO: _Kinds = (Unauthenticated, Denied, InsufficientScope, NoAssignment, AssignmentNotChosen)
_BEHIND_THE_DOOR: _Kinds = (*_WHO, Malformed, Invalid, Unavailable)
_RECORD: _Kinds = (NotFound, Invalid)
_WRITING: _Kinds = (AlreadyExists, BodyTooLarge, UnsupportedMediaType)
_CHANGING: _Kinds = (*_WRITING, PreconditionFailed, PreconditionRequired)
_BY_METHOD: dict[str, _Kinds] = {
    "get": (),
    "post": (*_WRITING, IdempotencyKeyInUse, IdempotencyKeyReused),
    **dict.fromkeys(("put", "patch", "delete"), _CHANGING),
}
#: What a shared response tells; 409 has none: every operation that can conflict says with what.
_SHARED_KINDS = frozenset({*_EVERYWHERE, *_BEHIND_THE_DOOR, *_RECORD, *_CHANGING} - {AlreadyExists})
_NAMING: _Kinds = (
    Malformed,
    Unauthenticated,
    Denied,
    NotFound,
    *_CHANGING,
    Invalid,
    TooManyRequests,
    Unavailable,
    Problem,
)


def kinds_for(method: str, path: str, permission: str, reached: Iterable[type[Problem]]) -> set[type[Problem]]:
    """Every problem that an operation can answer with."""
    kinds = {*_EVERYWHERE, *reached} - {PreconditionFailed, PreconditionRequired}
    if "{" in path:
        kinds |= {*_RECORD}
    if permission != "public":
        kinds |= {*_BEHIND_THE_DOOR, *_BY_METHOD[method]}
    if permission in SEARCHES:
        kinds.add(SearchNotAllowed)
    if method == "post" and "{" in path:
        kinds.add(PreconditionFailed)  # somebody else changed the record at the same moment
    return kinds


def responses(kinds: Iterable[type[Problem]], components: dict[str, Any]) -> dict[str, Any]:
    """The error responses of an operation; those that several can share are put among the components."""
    by_status: dict[int, set[type[Problem]]] = {}
    for kind in kinds:
        by_status.setdefault(kind.status, set()).add(kind)
    found: dict[str, Any] = {}
    for status, together in sorted(by_status.items()):
        name, response = _name(status, together), _response(status, together)
        found[str(status)] = {"$ref": f"#/components/responses/{name}"} if name else response
        if name:
            components[name] = response
    return found


def complete(document: dict[str, Any]) -> None:
    """Add the schema and the examples to the components."""
    components = document["components"]
    components["schemas"] = dict(sorted((components["schemas"] | SCHEMAS).items()))
    root = document["servers"][0]["url"]
    components["examples"] = {
        code: {"summary": kind.title.en, "value": _example(kind, root)}
        for code, kind in sorted(Problem.registry.items())
    }
    components["responses"] = dict(sorted(components["responses"].items()))


def _name(status: int, kinds: set[type[Problem]]) -> str | None:
    """``DeniedOrCheckpointRequired``; none where an operation has so many problems of its own that none shares them."""
    usual = {kind for kind in _SHARED_KINDS if kind.status == status}
    own = sorted(kind.__name__ for kind in (kinds - usual if usual <= kinds else kinds))
    if len(own) > _SHARED_OWN:
        return None
    base = [kind.__name__ for kind in _NAMING if kind.status == status and kind in usual][:1] if usual <= kinds else []
    return "Or".join(base + own)


def _response(status: int, kinds: set[type[Problem]]) -> dict[str, Any]:
    codes = sorted(kind.code for kind in kinds)
    titles = {kind.code: kind.title.en for kind in kinds}
    return {
        "description": "; ".join(f"`{code}` {titles[code]}" for code in codes),
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in _headers(status)},
        "content": {
            "application/problem+json": {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {code: {"$ref": f"#/components/examples/{code}"} for code in codes},
            }
        },
    }


def _headers(status: int) -> list[str]:
    special = {
        401: ["WWW-Authenticate"],
        403: ["WWW-Authenticate"],
        409: ["Retry-After"],
        412: ["ETag"],
        429: ["Retry-After"],
        503: ["Retry-After"],
    }
    return ["traceparent", "Content-Language", "RateLimit", "RateLimit-Policy", *special.get(status, [])]


def _example(kind: type[Problem], root: str) -> dict[str, Any]:
    example: dict[str, Any] = {
        "type": f"{root}/problems/{kind.code}",
        "title": kind.title.en,
        "status": kind.status,
        "detail": _filled(kind.detail.en),
        "instance": f"{root}/me",
        "code": kind.code,
        "traceId": _EXAMPLE_TRACE,
    }
    if kind is Invalid:
        example["errors"] = [{"pointer": "/name", "code": "missing", "message": "The field is required"}]
    return example


def _filled(text: str) -> str:
    class Values(dict[str, object]):
        def __missing__(self, name: str) -> str:
            return f"({name})"

    return text.format_map(Values(_EXAMPLE_VALUES))


def is_common(kind: type[Problem]) -> bool:
    """Whether every operation of its method can answer with it."""
    return any(kind in kinds for kinds in (_EVERYWHERE, _BEHIND_THE_DOOR, _RECORD, _CHANGING, *_BY_METHOD.values()))
