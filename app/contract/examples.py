"""Examples beside every JSON body, built from the schemas' own, so that they are whole and never out of date."""

import re
from copy import deepcopy
from typing import Any, NamedTuple, Self

from app.contract.operations import Place, places
from app.contract.schemas import REF, Schema

_JSON = re.compile(r"application/(?!problem\+json)([\w.-]+\+)?(x-nd)?json")
_BY_FORMAT = {
    "uuid": "01976b1e-7a30-7c3e-9d5a-5d7f3c1b2a90",
    "date": "2026-03-02",
    "date-time": "2026-03-02T09:30:00Z",
    "time": "09:30:00",
    "email": "name@example.org",
    "uri": "https://tillsammans.example",
}
_DEEPEST = 8


class Maker(NamedTuple):
    """Makes an example of any schema of one document."""

    components: dict[str, Schema]
    by_name: dict[str, Any]
    required_only: bool = False

    @classmethod
    def of(cls, document: Schema) -> Self:
        """A field of a telling name (``municipalityCode``) needs its example once in the whole document."""
        components = document["components"]["schemas"]
        by_name: dict[str, Any] = {}
        for schema in components.values():
            for name, inner in schema.get("properties", {}).items():
                if "examples" in inner and not name.islower():
                    by_name.setdefault(name, inner["examples"][0])
        return cls(components, by_name)

    def example(self, schema: Schema, name: str = "value", depth: int = 0) -> Any:
        """The schema's own example where it has one, otherwise one built from its parts."""
        if "example" in schema:
            return deepcopy(schema["example"])
        if schema.get("examples"):
            return deepcopy(schema["examples"][0])
        if "$ref" in schema:
            return self.example(self.components[schema["$ref"].removeprefix(REF)], name, depth + 1)
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return self.example(next(c for c in schema[key] if c != {"type": "null"}), name, depth)
        if "allOf" in schema:
            return self.example(schema["allOf"][0], name, depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        kind = schema.get("type", "object")
        return self._plain(kind[0] if isinstance(kind, list) else kind, schema, name, depth)

    def _plain(self, kind: str, schema: Schema, name: str, depth: int) -> Any:
        match kind:
            case "object":
                return self._object(schema, depth)
            case "array":
                return [] if depth > _DEEPEST else [self.example(schema.get("items", {}), name, depth + 1)]
            case "string":
                return _BY_FORMAT.get(schema.get("format", "")) or self.by_name.get(name) or _in_words(name)
            case "boolean":
                return schema.get("default", True)
            case _:
                return _number(kind, schema)

    def _object(self, schema: Schema, depth: int) -> dict[str, Any]:
        if depth > _DEEPEST:
            return {}
        wanted = schema.get("required", []) if self.required_only else schema.get("properties", {})
        found = {name: self.example(schema["properties"][name], name, depth + 1) for name in wanted}
        if not found and isinstance(schema.get("additionalProperties"), dict):
            value = self.example(schema["additionalProperties"], depth=depth + 1)
            return {value.get("rel", "key") if isinstance(value, dict) else "key": value}
        return found


def _in_words(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", lambda match: " " + match[0].lower(), name).capitalize()


def _number(kind: str, schema: Schema) -> float:
    if schema.get("default") is not None:
        return schema["default"]  # type: ignore[no-any-return]
    least = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
    return int(least) if kind == "integer" else float(least)


def complete(document: Schema) -> None:
    """Put examples beside every JSON request and response body."""
    maker = Maker.of(document)
    for place in places(document):
        for media, content in place.operation.get("requestBody", {}).get("content", {}).items():
            if _JSON.fullmatch(media) and "examples" not in content:
                content["examples"] = _of_request(content["schema"], maker)
        for status, response in place.operation["responses"].items():
            for media, content in response.get("content", {}).items():
                if _JSON.fullmatch(media):
                    value = maker.example(content["schema"])
                    _place_links(value, place, status, document)
                    content["examples"] = {"example": {"value": value}}


def _of_request(schema: Schema, maker: Maker) -> Schema:
    """What must be sent, and everything that may be."""
    full, least = maker.example(schema), maker._replace(required_only=True).example(schema)
    if not least or least == full:
        return {"example": {"value": full}}
    return {
        "leastPossible": {"summary": "What must be sent", "value": least},
        "everything": {"summary": "Everything that may be sent", "value": full},
    }


def _place_links(value: Any, place: Place, status: str, document: Schema) -> None:
    """``self`` in an example leads to where such a record stands."""
    if not isinstance(value, dict) or "_links" not in value:
        return
    here = document["servers"][0]["url"] + _filled(place, document)
    if "items" in value:
        value["_links"] = _self(here)
        for item in value["items"]:
            if isinstance(item, dict) and "_links" in item:
                item["_links"] = _self(_item_address(here, place.path, item, document))
    else:
        value["_links"] = _self(_item_address(here, place.path, value, document) if status == "201" else here)


def _item_address(here: str, collection: str, item: Schema, document: Schema) -> str:
    for path in document["paths"]:
        parent, _, last = path.rpartition("/")
        if parent == collection and last.startswith("{"):
            return f"{here}/{item.get('id') or item.get(last.strip('{}')) or item.get('code') or item.get('name')}"
    return here


def _filled(place: Place, document: Schema) -> str:
    maker = Maker.of(document)
    path = place.path
    for parameter in place.operation["parameters"]:
        if parameter.get("in") == "path":
            name = parameter["name"]
            path = path.replace(
                f"{{{name}}}", str(parameter.get("example") or maker.example(parameter["schema"], name))
            )
    return path


def _self(href: str) -> Schema:
    return {"self": {"href": href, "rel": "self", "method": "GET"}}
