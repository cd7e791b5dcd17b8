"""The CSV form of a line, both ways: one row a line, one column a field.

A nested field stands in a dotted column (``details.city``), each of a list of objects in columns of its own
(``guardians.0.givenName``), and a list of codes in one (``audiences[]``: ``guardians|children``, and ``|`` for none).
An empty cell is absent and ``null`` is null; an empty object or list of objects has no cell. A cell that a spreadsheet
would read as a formula, or we as something else than its text, begins with an apostrophe that is not part of the text
(CWE-1236).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from pydantic import BaseModel

from app.kernel.errors import Problem, Text

#: How many objects of a list have columns: more are rare, and a table is to be looked at.
WIDEST: Final = 4
_KEY: Final = ("sourceSystem", "sourceId")
_LIST: Final = "[]"
_SEPARATOR: Final = "|"

_FORMULA: Final = r"[=+\-@\t\r\n＝＋－＠]"
_GUARDED = re.compile(rf"'(\Z|null\Z|'|{_FORMULA})")
_MISREAD = re.compile(rf"\Z|null\Z|{_FORMULA}|{_GUARDED.pattern}")

Json = dict[str, Any]


class TooManyForATable(Problem):
    """A line has more objects in a list than a table has columns for."""

    status = 422
    title = Text("För många för en tabell", "Too many for a table")
    detail = Text(
        "En post har fler i fältet {field} än de {most} som en tabell har kolumner för. Använd NDJSON.",
        "A record has more in the field {field} than the {most} that a table has columns for. Use NDJSON.",
    )


#: Where a column stands in a line: names of objects and places in lists; and whether it holds a list.
_Place = tuple[tuple[str | int, ...], bool]


def columns(entry: type[BaseModel]) -> list[str]:
    """The columns of a kind's lines: the key, and then the fields in their order."""
    return list(_of_entry(entry))


@lru_cache(maxsize=64)
def _of_entry(entry: type[BaseModel]) -> tuple[str, ...]:
    schema = entry.model_json_schema(by_alias=True)
    return tuple(sorted(_columns(schema, schema.get("$defs", {})), key=lambda column: column not in _KEY))


def _columns(schema: Json, defs: Json) -> Iterator[str]:
    for name, field in schema["properties"].items():
        inner = _resolved(field, defs)
        if inner.get("type") == "object":
            yield from (f"{name}.{column}" for column in _columns(inner, defs))
        elif inner.get("type") != "array":
            yield name
        elif (item := _resolved(inner["items"], defs)).get("type") != "object":
            yield name + _LIST
        else:
            for place in range(min(inner.get("maxItems", WIDEST), WIDEST)):
                yield from (f"{name}.{place}.{column}" for column in _columns(item, defs))


def _resolved(field: Json, defs: Json) -> Json:
    """The schema of what a field holds when it is not null."""
    for choice in field.get("anyOf", ()):
        if choice.get("type") != "null":
            return _resolved(choice, defs)
    reference: str | None = field.get("$ref")
    return defs[reference.rpartition("/")[2]] if reference else field


def to_fields(header: Sequence[str], cells: Sequence[str]) -> Json:
    """A row as the fields of a line, still as text; cells that are missing at the end are absent."""
    fields: dict[Any, Any] = {}
    nested = False
    for (path, is_list), cell in zip(_places(tuple(header)), cells, strict=False):
        if cell == "":
            continue
        value = _list(cell) if is_list else _text(cell)
        if len(path) == 1:
            fields[path[0]] = value
        else:
            _put(fields, path, value)
            nested = True
    return _with_lists(fields) if nested else fields


@lru_cache(maxsize=256)
def _places(header: tuple[str, ...]) -> list[_Place]:
    return [_place(column) for column in header]


def _place(column: str) -> _Place:
    parts = column.removesuffix(_LIST).split(".")
    return tuple(int(part) if part.isdecimal() else part for part in parts), column.endswith(_LIST)


def _put(fields: Any, path: tuple[str | int, ...], value: object) -> None:
    for part in path[:-1]:
        fields = fields.setdefault(part, {})
    fields[path[-1]] = value


def _with_lists(fields: Any) -> Any:
    """What was gathered by its place in a list becomes a list, without holes."""
    if not isinstance(fields, dict):
        return fields
    inner = {name: _with_lists(value) for name, value in fields.items()}
    if not any(isinstance(name, int) for name in inner):
        return inner
    return [inner[place] for place in sorted(inner)]


def _text(cell: str) -> str | None:
    if cell == "null":
        return None
    return cell[1:] if _GUARDED.match(cell) else cell


def _list(cell: str) -> list[str] | None:
    if cell == "null":
        return None
    return [] if cell == _SEPARATOR else cell.split(_SEPARATOR)


def to_cells(header: Sequence[str], fields: Mapping[str, Any]) -> list[str]:
    """A line's fields, as JSON has them, as a row; raises ``TooManyForATable``."""
    row = dict.fromkeys(header, "")
    for name, value in _flat("", fields):
        column = name if name in row else name + _LIST
        if column in row:
            row[column] = _cell(value)
        elif value not in (None, []):
            raise _too_many(name)
    return list(row.values())


def _too_many(name: str) -> Exception:
    """Nothing is lost in silence: what has no column is one too many in a list, or a fault of ours."""
    in_list = re.match(r"(.+?)\.\d+\.", name)
    return TooManyForATable(field=in_list[1], most=WIDEST) if in_list else ValueError(f"{name} has no column")


def _flat(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for inner, field in value.items():
            yield from _flat(f"{name}.{inner}" if name else inner, field)
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        for place, item in enumerate(value):
            yield from _flat(f"{name}.{place}", item)
    else:
        yield name, value


def _cell(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return _codes(value)
    if isinstance(value, str):
        return f"'{value}" if _MISREAD.match(value) else value
    return str(value)


def _codes(values: list[Any]) -> str:
    texts = [str(value) for value in values]
    if any(_SEPARATOR in text or _MISREAD.match(text) for text in texts):
        raise ValueError("a list in one cell holds codes")
    return _SEPARATOR.join(texts) or _SEPARATOR
