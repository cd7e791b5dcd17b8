"""Files of lines: what may stand in one that comes in, how large it may be, and which problems its lines may meet.

A file is one text to generated clients, in and out. What each of its lines looks like stands beside it, under
``x-line-schema``: what OpenAPI 3.2 calls ``itemSchema``.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from pydantic.json_schema import models_json_schema
from pydantic_core import to_json

from app.config import Settings
from app.contract.operations import Place, places
from app.contract.schemas import REF
from app.kernel.errors import Problem
from app.kernel.http.streams import UploadForm

JsonObject = dict[str, Any]
NDJSON: Final = "application/x-ndjson"
LINE: Final = "x-line-schema"
_FILE: Final[JsonObject] = {"type": "string", "format": "binary"}


def describe(place: Place, form: UploadForm, settings: Settings, document: JsonObject) -> None:
    """The request body: one schema for each kind of line, beside those of the other bodies."""
    _, defined = models_json_schema(
        [(model, "validation") for model in form.lines.values()], ref_template=REF + "{model}"
    )
    components = document["components"].setdefault("schemas", {})
    for name, schema in defined["$defs"].items():
        components.setdefault(name, schema)
    for kind, model in form.lines.items():
        fields = components[model.__name__]["properties"]
        components[model.__name__]["properties"] = {form.tag: {"type": "string", "const": str(kind)}, **fields}
    each = {"oneOf": [{"$ref": REF + model.__name__} for model in form.lines.values()]}
    place.operation["requestBody"] = {
        "required": True,
        "description": f"At most {form.limit(settings):,} bytes in UTF-8. NDJSON has one object a line; CSV one row a "
        "record, in columns named as the fields of the lines of that kind.",
        "content": {
            media_type: {"schema": each if media_type == NDJSON else _FILE,
                         "examples": {"example": {"value": example}}}
            for media_type, example in form.examples.items()
        },
    }  # fmt: skip


def tell_problems(place: Place, kinds: Iterable[type[Problem]]) -> None:
    """What may be wrong with a line is told of the line, later, and never in the answer to the file."""
    told = sorted({(kind.status, kind.code, kind.title.en) for kind in kinds})
    place.operation["x-line-problems"] = [code for _, code, _ in told]
    lines = [f"- {status} `{code}` {title}" for status, code, title in told]
    place.operation["description"] += "\n\n**Problems of lines**\n\n" + "\n".join(lines)


def complete(document: JsonObject) -> None:
    """Whatever is NDJSON is a file, and its schema that of a line."""
    for media in _ndjson(document):
        if media["schema"].get("type") == "string":
            continue
        media[LINE] = media["schema"]
        media["schema"] = dict(_FILE)
        for example in media.get("examples", {}).values():
            if not isinstance(example["value"], str):
                example["value"] = to_json(example["value"]).decode() + "\n"


def _ndjson(document: JsonObject) -> Iterator[JsonObject]:
    for place in places(document):
        for answer in (place.operation.get("requestBody", {}), *place.operation["responses"].values()):
            if NDJSON in answer.get("content", {}):
                yield answer["content"][NDJSON]
