"""What comes in and goes out about imports."""

from typing import Annotated, Any

from pydantic import Field, WithJsonSchema

from app.exchange.lines import RecordKind
from app.imports.models import ImportFormat, ImportMode, ImportStatus, ImportStrategy, LineStatus
from app.kernel.paging import PageQuery, Query
from app.kernel.shapes import Code, Id, Linked, Out, Page, UtcInstant


class ImportParameters(Query):
    """How a file is imported; part of what makes two files the same."""

    record_kind: RecordKind | None = Field(
        default=None,
        description="Of what kind the lines are. Needed for CSV; a line of NDJSON may name its own in `recordKind`.",
    )
    source_system: Code | None = Field(default=None, description="Of lines that do not name their own.")
    mode: ImportMode = Field(default=ImportMode.PARTIAL, description="What happens when a line fails.")
    strategy: ImportStrategy = Field(default=ImportStrategy.UPSERT, description="What a line does about its record.")
    dry_run: bool = Field(default=False, description="Answer as the import would, and leave nothing behind.")


class ImportQuery(PageQuery):
    """Filters of imports."""

    status: list[ImportStatus] = []


class ResultQuery(Query):
    """Filters of answers."""

    status: list[LineStatus] = Field(default=[], description="Only lines of which this became.")


class ImportCounts(Out):
    """How many lines there are, how many are answered, and how."""

    submitted: int = Field(examples=[1000])
    done: int = Field(description="Answered so far.", examples=[1000])
    created: int = Field(examples=[950])
    updated: int = Field(examples=[20])
    unchanged: int = Field(examples=[25])
    failed: int = Field(examples=[5])
    not_applied: int = Field(
        description="Left aside when the import ended early, or, in an atomic one, because of others.", examples=[0]
    )


class Import(Linked):
    """A file that was handed in, and how far it has come."""

    id: Id
    status: ImportStatus
    format: ImportFormat
    record_kind: RecordKind | None
    source_system: str | None = Field(examples=["elevregister"])
    mode: ImportMode
    strategy: ImportStrategy
    dry_run: bool
    counts: ImportCounts
    failed_because: str | None = Field(
        description="The code of the problem that ended a failed import.", examples=["import-not-applied"]
    )
    submitted_at: UtcInstant
    started_at: UtcInstant | None
    finished_at: UtcInstant | None


class ImportPage(Page[Import]):
    """The caller's own imports, newest first."""


class LineResult(Out):
    """What became of one line of the file: a line of the report."""

    line: int = Field(description="The line on which the record begins, from 1; a CSV header is one.", examples=[2])
    record_kind: RecordKind | None
    status: LineStatus
    id: Id | None = Field(description="The record, unless it was not made.")
    source_system: str | None = Field(examples=["elevregister"])
    source_id: str | None = Field(examples=["4711"])
    problem: Annotated[dict[str, Any], WithJsonSchema({"$ref": "#/components/schemas/Problem"})] | None = Field(
        description="What a request with the line's content would be answered with (RFC 9457).", examples=[None]
    )
