"""Component schemas made fit to read and to generate clients from."""

import json
from collections.abc import Iterator
from typing import Any

from app.codes import CODE_LISTS

Schema = dict[str, Any]

REF = "#/components/schemas/"
_LINKS = {"type": "object", "additionalProperties": {"$ref": REF + "Link"}}
_DATES = {"date": "2026-03-02", "date-time": "2026-03-02T09:30:00Z"}
_DATA = frozenset({"example", "examples", "default", "enum", "const"})
_FROM_FASTAPI = ("HTTPValidationError", "ValidationError")


def tidy(document: Schema) -> None:
    """Titles that only repeat names go; ``null`` joins the type; dates get their example; links one name."""
    components: dict[str, Schema] = document["components"].setdefault("schemas", {})
    for name in _FROM_FASTAPI:
        components.pop(name, None)
    for schema in every_schema([document["components"], document["paths"]]):
        schema.pop("title", None)
        if "$ref" in schema:
            schema.pop("type", None)  # the framework takes every answer that is no JSON for a text
        if isinstance(schema.get("description"), str):
            schema["description"] = schema["description"].replace("``", "`")
        _join_null(schema)
        if schema.get("format") in _DATES:
            schema.setdefault("example", _DATES[schema["format"]])
    for schema in components.values():
        for name, inner in schema.get("properties", {}).items():
            if name == "_links" and {key: inner.get(key) for key in _LINKS} == _LINKS:
                schema["properties"][name] = {"$ref": REF + "Links"}
    components["Links"] = _LINKS | {
        "description": "Where to go from here, by relation. A link to an action is there when the caller may take it."
    }
    for path in document["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", []):
                _without_null(parameter["schema"])


def complete(document: Schema) -> None:
    """What depends on use: answers hold every field; changes have no defaults; codes have labels."""
    components: dict[str, Schema] = document["components"]["schemas"]
    operations = _operations(document)
    sent = _reachable(components, [operation.get("requestBody") for operation in operations])
    sent |= _reachable(components, [operation.get("parameters") for operation in operations])
    answered = _reachable(components, [operation["responses"] for operation in operations])
    for name in answered - sent:
        _always_whole(components[name])
    for path in document["paths"].values():
        for name in refs(path.get("patch", {}).get("requestBody")):
            for inner in components[name].get("properties", {}).values():
                inner.pop("default", None)  # in a merge patch, what is absent stays
    for name, schema in components.items():
        if name in CODE_LISTS:
            _label(name, schema)
    document["components"]["schemas"] = dict(sorted(components.items()))


def tell_defaults(document: Schema) -> None:
    """Defaults of request bodies become words: generated clients take a field with a default for one that is there.

    ``openapi-typescript`` would make a caller send every such field. Last of all: examples are built from defaults.
    """
    components: dict[str, Schema] = document["components"]["schemas"]
    bodies = [operation.get("requestBody") for operation in _operations(document)]
    for name in _reachable(components, bodies):
        for inner in components[name].get("properties", {}).values():
            if "default" in inner:
                _say_default(inner)


def every_schema(node: Any) -> Iterator[Schema]:
    """Every object below that is a schema, or holds some; what stands in examples is data, not schema."""
    if isinstance(node, dict):
        yield node
        for key, inner in list(node.items()):
            if key in ("properties", "schemas"):
                for schema in list(inner.values()):
                    yield from every_schema(schema)
            elif key not in _DATA:
                yield from every_schema(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from every_schema(inner)


def refs(node: Any) -> Iterator[str]:
    """The component schemas that a part of the document points at."""
    for schema in every_schema(node):
        target = schema.get("$ref")
        if isinstance(target, str) and target.startswith(REF):
            yield target.removeprefix(REF)


def _operations(document: Schema) -> list[Schema]:
    return [operation for path in document["paths"].values() for operation in path.values()]


def _reachable(components: dict[str, Schema], node: Any) -> set[str]:
    found: set[str] = set()
    waiting = list(refs(node))
    while waiting:
        name = waiting.pop()
        if name not in found and name in components:
            found.add(name)
            waiting += refs(components[name])
    return found


def _always_whole(schema: Schema) -> None:
    """FastAPI writes every field of an answer, also those with a default."""
    properties = schema.get("properties", {})
    if properties:
        schema["required"] = list(properties)
    for inner in properties.values():
        inner.pop("default", None)


def _say_default(schema: Schema) -> None:
    default = schema.pop("default")
    if default is not None:
        words = f"Default: `{default if isinstance(default, str) else json.dumps(default)}`."
        schema["description"] = " ".join([*filter(None, [schema.get("description")]), words])


def _join_null(schema: Schema) -> None:
    """``anyOf`` of one plain type and null is one type with null (OpenAPI 3.1)."""
    choices = schema.get("anyOf")
    if not isinstance(choices, list) or len(choices) != 2 or {"type": "null"} not in choices:
        return
    other = next(choice for choice in choices if choice != {"type": "null"})
    if isinstance(other.get("type"), str) and not {"enum", "const"} & other.keys():
        del schema["anyOf"]
        outer = dict(schema)
        schema.clear()
        schema.update(other | {"type": [other["type"], "null"]} | outer)


def _without_null(schema: Schema) -> None:
    """A parameter that is left out is absent, never null."""
    if isinstance(schema.get("type"), list):
        schema["type"] = schema["type"][0]
    choices = schema.get("anyOf")
    if isinstance(choices, list) and {"type": "null"} in choices:
        rest = [choice for choice in choices if choice != {"type": "null"}]
        del schema["anyOf"]
        schema.update(rest[0] if len(rest) == 1 else {"anyOf": rest})


def _label(name: str, schema: Schema) -> None:
    codes = CODE_LISTS[name]
    schema["description"] = "\n".join(
        [" ".join((codes.__doc__ or "").split()), ""]
        + [f"- `{code}`: {code.label.sv} · {code.label.en}" for code in codes]
    )
    schema["x-enum-descriptions"] = [code.label.en for code in codes]
    schema["x-labels"] = {str(code): code.label._asdict() for code in codes}
    schema["x-code-list"] = codes.list_name()
