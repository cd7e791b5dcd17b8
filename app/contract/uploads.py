"""Operations that take a file: what may stand in it, how large it may be, and which problems its lines may meet."""

from collections.abc import Iterable
from typing import Any

from pydantic.json_schema import models_json_schema

from app.config import Settings
from app.contract.operations import Place
from app.contract.schemas import REF
from app.kernel.errors import Problem
from app.kernel.http.streams import UploadForm

JsonObject = dict[str, Any]


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
            media_type: {"schema": each if "json" in media_type else {"type": "string"},
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
