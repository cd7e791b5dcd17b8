"""What comes in and goes out about exports."""

from typing import Annotated

from pydantic import Field, StringConstraints

from app.exchange.lines import RecordKind
from app.exports.models import ExportFormat
from app.kernel.paging import PageQuery
from app.kernel.shapes import In, MunicipalityCode, Page, Prose, Record, UtcInstant


class ExportCreate(In):
    """What is taken out, and why. The reason stands in the access log beside every record that leaves (12.20)."""

    record_kind: RecordKind
    format: ExportFormat = ExportFormat.NDJSON
    reason: Annotated[Prose, StringConstraints(min_length=10, max_length=1000)] = Field(
        examples=["Underlag till nämndens årliga genomgång av öppna ärenden."]
    )
    include_protected: bool = Field(
        default=False, description="Also protected children whose records are open to the caller right now (R2.5)."
    )
    municipality_code: MunicipalityCode | None = None


class Export(Record):
    """An export: until when it is open, and how many lines the last whole fetch had."""

    record_kind: RecordKind
    format: ExportFormat
    reason: str
    include_protected: bool
    municipality_code: str | None
    created_at: UtcInstant
    expires_at: UtcInstant
    fetched_at: UtcInstant | None = Field(description="When it was last fetched to the end; null until then.")
    lines: int | None = Field(description="Of that fetch; fewer have arrived when it was broken off.", examples=[17])


class ExportPage(Page[Export]):
    """The caller's own exports, newest first."""


class ExportQuery(PageQuery):
    """Filters of exports."""

    record_kind: list[RecordKind] = []
