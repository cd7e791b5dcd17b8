"""One operation made complete: its texts, the headers both ways, its problems, and where to go from its answer."""

import re
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Any, NamedTuple

from app.contract import problems
from app.contract.schemas import refs
from app.kernel.errors import Invalid, Problem
from app.permissions import TABLE, Grant, Permission, Relation, Role

JsonObject = dict[str, Any]

_SUMMARY_LENGTH = 100
_TEXT = {"type": "string"}
HEADERS: dict[str, JsonObject] = {
    "traceparent": {"description": "W3C Trace Context: the trace that this answer belongs to.", "schema": _TEXT},
    "Content-Language": {"description": "The language of the texts.", "schema": {**_TEXT, "enum": ["sv", "en"]}},
    "ETag": {"description": "The version of this representation, for If-Match and If-None-Match.", "schema": _TEXT},
    "Location": {
        "description": "The address of the new record, or of what goes on in the background.",
        "schema": {**_TEXT, "format": "uri"},
    },
    "Link": {"description": "The next, previous and first page (RFC 8288), as in `_links`.", "schema": _TEXT},
    "RateLimit": {"description": 'What is left (IETF draft): `"default";r=598;t=30`.', "schema": _TEXT},
    "RateLimit-Policy": {"description": 'The quota (IETF draft): `"default";q=600;w=60`.', "schema": _TEXT},
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}},
    "WWW-Authenticate": {"description": "How to authenticate, and which scope is missing (RFC 6750).", "schema": _TEXT},
    "Idempotency-Replayed": {"description": "`true` when this is the first answer again.", "schema": _TEXT},
    "Cache-Control": {"description": "How long the answer may be kept.", "schema": _TEXT},
}
_ALWAYS = ("traceparent", "Content-Language", "RateLimit", "RateLimit-Policy")


def _ref_headers(names: Iterable[str]) -> JsonObject:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


_NOT_MODIFIED = {
    "description": "The caller holds the current representation.",
    "headers": _ref_headers((*_ALWAYS, "ETag")),
}


def _header(name: str, description: str, schema: JsonObject, *, required: bool = False) -> JsonObject:
    return {"name": name, "in": "header", "required": required, "description": description, "schema": schema}


PARAMETERS: dict[str, JsonObject] = {
    "traceparent": _header("traceparent", "W3C Trace Context. One that cannot be read starts a new trace.", _TEXT),
    "Accept-Language": _header("Accept-Language", "`sv` or `en`: the language of texts. Codes never change.", _TEXT),
    "Assignment-Id": _header(
        "Assignment-Id",
        "The assignment (uppdrag) to act in. Needed by whoever holds several; `GET /me` lists them.",
        {**_TEXT, "format": "uuid"},
    ),
    "If-Match": _header("If-Match", "The record's ETag: the version that is changed.", _TEXT, required=True),
    "If-None-Match": _header("If-None-Match", "An ETag that the caller holds: 304 while it is current.", _TEXT),
    "Idempotency-Key": _header(
        "Idempotency-Key",
        "The same key and body replays the first answer, for at least 24 hours "
        "(draft-ietf-httpapi-idempotency-key-header-07).",
        {**_TEXT, "minLength": 1, "maxLength": 200},
    ),
}


class Place(NamedTuple):
    """An operation and where it stands."""

    path: str
    method: str
    operation: JsonObject

    @property
    def public(self) -> bool:
        """Whether it asks for no token."""
        return self.operation.get("security") == []


def places(document: JsonObject) -> Iterator[Place]:
    """Every operation, in the document's order."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield Place(path, method, operation)


def complete(place: Place, reached: Iterable[type[Problem]], document: JsonObject) -> None:
    """Complete one operation in place; shared headers and parameters stand among the components."""
    components = document["components"]
    components["headers"], components["parameters"] = HEADERS, PARAMETERS
    operation = place.operation
    kinds = problems.kinds_for(place.method, place.path, operation["x-permission"], reached)
    if any(parameter["in"] == "query" for parameter in operation.get("parameters", [])):
        kinds.add(Invalid)
    docstring = " ".join(operation.get("description", "").split())
    operation["summary"] = _summary(docstring, operation["operationId"])
    operation["description"] = "\n\n".join([docstring, *_who_may(operation["x-permission"]), *_own_problems(kinds)])
    operation["parameters"] = [*operation.get("parameters", []), *_header_parameters(place)]
    for parameter in operation["parameters"]:
        if "$ref" not in parameter and "description" not in parameter:
            parameter["description"] = parameter["schema"].get("description") or _words(parameter["name"])
    if place.method == "patch":
        _accept_merge_patch(operation)
    shared = components.setdefault("responses", {"NotModified": _NOT_MODIFIED})
    operation["responses"] = _answers(place, components["schemas"]) | problems.responses(kinds, shared)
    _link_to_record(place, document)


def _summary(docstring: str, operation_id: str) -> str:
    first = re.split(r"(?<=[^.][.!?])\s", docstring)[0].rstrip(".")
    return first if 0 < len(first) <= _SUMMARY_LENGTH else _words(operation_id)


def _words(camel: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", lambda match: " " + match[0].lower(), camel).capitalize()


def _who_may(permission: str) -> list[str]:
    if permission == "public":
        return ["**Permission** none: open to anybody."]
    grants = TABLE[Permission(permission)]
    return [f"**Permission** `{permission}`. " + " ".join(_grant_in_words(grant) for grant in grants)]


def _grant_in_words(grant: Grant) -> str:
    roles = ", ".join(role.label.en for role in Role if role in grant.roles)
    if grant.roles == frozenset(Role):
        roles = "Every role"
    relations = [relation.label.en.lower() for relation in Relation if relation in grant.relations]
    return f"{roles}." if Relation.ANYONE in grant.relations else f"{roles}: {', or '.join(relations)}."


def _own_problems(kinds: set[type[Problem]]) -> list[str]:
    own = sorted((kind.status, kind.code, kind.title.en) for kind in kinds if not problems.is_common(kind))
    lines = [f"- {status} `{code}` {title}" for status, code, title in own]
    return ["**Problems of its own**\n\n" + "\n".join(lines)] if lines else []


def _header_parameters(place: Place) -> list[JsonObject]:
    names = ["Accept-Language", "traceparent"] if place.public else ["Assignment-Id", "Accept-Language", "traceparent"]
    match place.method:
        case "get":
            names = [*names, "If-None-Match"]
        case "post":
            names = ["Idempotency-Key", *names]
        case _:
            names = ["If-Match", *names]
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def _accept_merge_patch(operation: JsonObject) -> None:
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        content["application/merge-patch+json"] = dict(content["application/json"])


def _answers(place: Place, schemas: JsonObject) -> JsonObject:
    found = {}
    for status, response in place.operation["responses"].items():
        if not status.startswith(("2", "3")):
            continue
        names = list(refs(response.get("content")))
        schema = schemas[names[0]] if names else {}
        response["description"] = schema.get("description") or HTTPStatus(int(status)).phrase
        response["headers"] = _ref_headers(_headers_of(place, status, schema))
        found[status] = response
    if place.method == "get":
        found["304"] = {"$ref": "#/components/responses/NotModified"}
    return found


def _is_paged(place: Place) -> bool:
    return any(parameter.get("name") == "limit" for parameter in place.operation["parameters"])


def _headers_of(place: Place, status: str, schema: JsonObject) -> list[str]:
    names = list(_ALWAYS)
    properties = schema.get("properties", {})
    if place.method == "get" or "version" in properties:
        names.append("ETag")
    if status in ("201", "202"):
        names.append("Location")
    if status == "202":
        names.append("Retry-After")
    if place.method == "get" and "_meta" in properties and _is_paged(place):
        names.append("Link")
    if place.method == "post":
        names.append("Idempotency-Replayed")
    if place.public:
        names.append("Cache-Control")
    return names


def _link_to_record(place: Place, document: JsonObject) -> None:
    """From what POST made to the operation that reads it (OpenAPI links)."""
    response = place.operation["responses"].get("201") if place.method == "post" else None
    if response is None:
        return
    made = next(refs(response.get("content")), "")
    fields = document["components"]["schemas"].get(made, {}).get("properties", {})
    for path, methods in document["paths"].items():
        reader = methods.get("get", {}).get("operationId")
        parameters = _link_parameters(place.path, path, fields)
        if reader and parameters is not None:
            response["links"] = {reader: {"operationId": reader, "parameters": parameters}}
            return


def _link_parameters(posted: str, read: str, fields: JsonObject) -> JsonObject | None:
    """How to fill the address of the reader: ``/cases/{caseId}/members`` leads to ``…/members/{unitId}`` or, where
    the record has an address of its own, ``/transfers/{transferId}``. None when it reads something else.
    """
    collection, _, last = read.rpartition("/")
    name = last.strip("{}")
    if name == last or collection not in (posted, "/" + posted.rpartition("/")[2]):
        return None
    outer = {part: f"$request.path.{part}" for part in re.findall(r"{(\w+)}", collection)}
    record = "items/0/" if "items" in fields else ""  # one deed may make several
    return outer | {name: f"$response.body#/{record}{name if name in fields else 'id'}"}
