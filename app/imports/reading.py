"""Records of a file read as lines of their kind: checked as a request's body is, with the same errors."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from pydantic_core import from_json

from app.exchange import table
from app.exchange.adapters import ADAPTERS
from app.exchange.lines import Entry, Key, RecordKind
from app.imports.models import Import, LineTooLong
from app.imports.splitting import Numbered, cells
from app.kernel.errors import Invalid, Malformed, Problem
from app.kernel.problems import field_error, from_validation

#: The field of an NDJSON line that tells of which kind it is; ``kind`` is a field of some records.
KIND_FIELD = "recordKind"


@dataclass(slots=True)
class Read:
    """A record of the file as it could be read: an entry, or the problem with it."""

    number: int
    kind: RecordKind | None = None
    entry: Entry | None = None
    problem: Problem | None = None

    @property
    def key(self) -> Key | None:
        """What the line calls its record."""
        return self.entry.key if self.entry else None

    @property
    def fingerprint(self) -> UUID:
        """The line's kind and key as a number of 128 bits."""
        if self.entry is None:
            raise RuntimeError("a line that cannot be read has no key")
        text = "\n".join((str(self.kind), *self.entry.key))
        return UUID(bytes=blake2b(text.encode(), digest_size=16).digest())


def read(record: Numbered, job: Import, longest: int) -> Read:
    """One record of the import, or what is wrong with it."""
    found = Read(record.number, RecordKind(job.kind) if job.kind else None)
    try:
        if record.content is None:
            raise LineTooLong(limit=longest)
        fields = _fields(record.content, job)
        found.kind = _kind(fields, found.kind)
        found.entry = _entry(ADAPTERS[found.kind].entry, fields, job.source_system)
    except Problem as problem:
        found.problem = problem
    return found


def _fields(content: bytes, job: Import) -> dict[Any, Any]:
    if job.delimiter and job.columns is not None:
        return table.to_fields(job.columns, cells(content, job.delimiter))
    try:
        fields = from_json(content, allow_inf_nan=False)
    except ValueError:
        raise Malformed(errors=(field_error("", "json_invalid"),)) from None
    if not isinstance(fields, dict):
        raise Invalid(errors=(field_error("", "dict_type"),))
    return fields


def _kind(fields: dict[Any, Any], usual: RecordKind | None) -> RecordKind:
    stated = fields.pop(KIND_FIELD, usual)
    if stated is None:
        raise Invalid(errors=(field_error(f"/{KIND_FIELD}", "missing"),))
    if stated not in list(ADAPTERS):
        raise Invalid(errors=(field_error(f"/{KIND_FIELD}", "enum"),))
    return RecordKind(stated)


def _entry(kind: type[Entry], fields: dict[Any, Any], source_system: str | None) -> Entry:
    if source_system is not None and "source_system" not in fields:
        fields.setdefault("sourceSystem", source_system)
    try:
        entry = kind.model_validate(fields)
    except ValidationError as invalid:
        raise from_validation(_as_of_a_body(invalid)) from None
    if not entry.source_system:
        raise Invalid(errors=(field_error("/sourceSystem", "missing"),))
    return entry


def _as_of_a_body(invalid: ValidationError) -> Sequence[dict[str, Any]]:
    found = invalid.errors(include_url=False, include_input=False)
    return [{**error, "loc": ("body", *error["loc"])} for error in found]
