"""What a change of the contract would break for a client of the same major version (VER.01-02).

More is compatible: operations, answers' fields, codes, optional input. Less, or other, is not. Error statuses may come
and go: a client branches on ``code`` and must cope with one it does not know.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

JsonObject = dict[str, Any]
Break = str

_LOWER_IS_NARROWER = ("maxLength", "maximum", "maxItems")
_HIGHER_IS_NARROWER = ("minLength", "minimum", "minItems")
_LISTED = re.compile(r"\^\((\w+(?:\|\w+)*)\)\$")


def breaks(old: JsonObject, new: JsonObject) -> list[Break]:
    """Everything in ``new`` that a client made for ``old`` would trip over; empty when the major version grew."""
    if _major(new) > _major(old):
        return []
    return list(_Comparison(old, new).operations())


def _major(document: JsonObject) -> int:
    return int(document["info"]["version"].split(".")[0])


class _Comparison(NamedTuple):
    old: JsonObject
    new: JsonObject

    def operations(self) -> Iterator[Break]:
        for path, methods in self.old["paths"].items():
            for method, before in methods.items():
                after = self.new["paths"].get(path, {}).get(method)
                place = f"{method.upper()} {path}"
                if after is None:
                    yield f"{place}: the operation is gone"
                    continue
                if before.get("operationId") != after.get("operationId"):
                    yield f"{place}: {before.get('operationId')} has another name"
                yield from self.parameters(place, before, after)
                yield from self.request(place, before.get("requestBody"), after.get("requestBody"))
                yield from self.responses(place, before["responses"], after["responses"])

    def parameters(self, place: str, before: JsonObject, after: JsonObject) -> Iterator[Break]:
        known = dict(_parameters(self.old, before))
        now = dict(_parameters(self.new, after))
        for key, found in now.items():
            if found.get("required") and not known.get(key, {}).get("required"):
                yield f"{place}: {key} is required now"
        for key, found in known.items():
            if key not in now:
                yield f"{place}: {key} is gone"
            else:
                yield from self.sent(f"{place}: {key}", found["schema"], now[key]["schema"], frozenset())

    def request(self, place: str, before: JsonObject | None, after: JsonObject | None) -> Iterator[Break]:
        if after is None:
            return
        if before is None:
            if after.get("required"):
                yield f"{place}: a body is required now"
            return
        for media, content in before["content"].items():
            if media not in after["content"]:
                yield f"{place}: {media} is not accepted any more"
            elif "schema" in content:
                yield from self.sent(
                    f"{place}: body", content["schema"], after["content"][media]["schema"], frozenset()
                )

    def responses(self, place: str, before: JsonObject, after: JsonObject) -> Iterator[Break]:
        for status, response in before.items():
            if status >= "400":
                continue
            if status not in after:
                yield f"{place}: the answer {status} is gone"
                continue
            offered = _resolved(self.new, after[status]).get("content", {})
            for media, content in _resolved(self.old, response).get("content", {}).items():
                if media not in offered:
                    yield f"{place}: {status} has no {media} any more"
                elif "schema" in content:
                    where = f"{place}: {status}"
                    yield from self.answered(where, content["schema"], offered[media]["schema"], frozenset())

    def sent(self, place: str, before: JsonObject, after: JsonObject, seen: frozenset[str]) -> Iterator[Break]:
        """What a client sends must still be accepted."""
        if _known(before, seen):
            return
        seen |= {before.get("$ref", "")}
        before, after = _listed(_resolved(self.old, before)), _listed(_resolved(self.new, after))
        if _types(before) - _types(after):
            yield f"{place}: the type changed"
        yield from _narrower(place, before, after)
        old_fields, new_fields = before.get("properties", {}), after.get("properties", {})
        yield from (f"{place}.{name} is refused now" for name in sorted(old_fields.keys() - new_fields.keys()))
        added = set(after.get("required", [])) - set(before.get("required", []))
        yield from (f"{place}.{name} is required now" for name in sorted(added))
        for name, old, new in _parts(before, after):
            yield from self.sent(f"{place}{name}", old, new, seen)

    def answered(self, place: str, before: JsonObject, after: JsonObject, seen: frozenset[str]) -> Iterator[Break]:
        """What a client reads must still be there."""
        if _known(before, seen):
            return
        seen |= {before.get("$ref", "")}
        before, after = _resolved(self.old, before), _resolved(self.new, after)
        if _types(after) - _types(before):
            yield f"{place}: the type changed"
        if "enum" in before and "enum" in after and set(before["enum"]) - set(after["enum"]):
            yield f"{place}: a code is gone"
        missing = before.get("properties", {}).keys() - after.get("properties", {}).keys()
        yield from (f"{place}.{name} is gone" for name in sorted(missing))
        optional = set(before.get("required", [])) - set(after.get("required", [])) - missing
        yield from (f"{place}.{name} may be absent now" for name in sorted(optional))
        for name, old, new in _parts(before, after):
            yield from self.answered(f"{place}{name}", old, new, seen)


def _resolved(document: JsonObject, node: JsonObject) -> JsonObject:
    while "$ref" in node:
        *_, kind, name = node["$ref"].split("/")
        node = document["components"][kind][name]
    return node


def _listed(schema: JsonObject) -> JsonObject:
    """A pattern that only lists codes accepts the same as an enum of them."""
    found = _LISTED.fullmatch(schema.get("pattern", ""))
    return {**schema, "pattern": None, "enum": found[1].split("|")} if found else schema


def _parameters(document: JsonObject, operation: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    for stated in operation.get("parameters", []):
        found = _resolved(document, stated)
        yield f"the {found['in']} parameter {found['name']}", found


def _known(schema: JsonObject, seen: frozenset[str]) -> bool:
    return schema.get("$ref") in seen


def _types(schema: JsonObject) -> set[str]:
    """The kinds of value; a choice of several is compared part by part."""
    stated = schema.get("type", [])
    kinds = set(stated if isinstance(stated, list) else [stated])
    if "format" in schema:
        kinds = {f"{kind} {schema['format']}" if kind == "string" else kind for kind in kinds}
    return kinds | {"number"} if "integer" in kinds and "number" in kinds else kinds


def _narrower(place: str, before: JsonObject, after: JsonObject) -> Iterator[Break]:
    if "enum" in after and set(before.get("enum", [])) - set(after["enum"]):
        yield f"{place}: a code is gone"
    if "enum" in after and "enum" not in before:
        yield f"{place}: only certain values are accepted now"
    if after.get("pattern", before.get("pattern")) != before.get("pattern"):
        yield f"{place}: the pattern changed"
    for bounds, sign in ((_LOWER_IS_NARROWER, 1), (_HIGHER_IS_NARROWER, -1)):
        for bound in bounds:
            if bound in after and (bound not in before or sign * after[bound] < sign * before[bound]):
                yield f"{place}: {bound} is narrower"


def _parts(before: JsonObject, after: JsonObject) -> Iterator[tuple[str, JsonObject, JsonObject]]:
    """The schemas inside both: fields, items, values and choices."""
    for name, old in before.get("properties", {}).items():
        if name in after.get("properties", {}):
            yield f".{name}", old, after["properties"][name]
    for key, label in (("items", "[]"), ("additionalProperties", ".*")):
        if isinstance(before.get(key), dict) and isinstance(after.get(key), dict):
            yield label, before[key], after[key]
    for key in ("anyOf", "oneOf", "allOf"):
        for place, (old, new) in enumerate(zip(before.get(key, []), after.get(key, []), strict=False)):
            yield f"({place})", old, new
