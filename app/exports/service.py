"""Deeds of exports: one is asked for with its reason, and read line by line while it is fetched."""

import csv
import io
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from pydantic_core import to_json

from app.exchange import table
from app.exchange.adapters import ADAPTERS
from app.exchange.lines import KIND_FIELD, Entry, RecordKind, Selection
from app.exports import repository, schemas
from app.exports.models import Export, ExportExpired, ExportFormat
from app.kernel.access import admit
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.ids import new_id
from app.organisations import service as organisations
from app.permissions import Permission, Relation

BOM: Final = "\N{BYTE ORDER MARK}"
_SEPARATORS: Final = {ExportFormat.CSV: ",", ExportFormat.CSV_EXCEL: ";"}

Write = Callable[[Sequence[Entry]], bytes]
Read = Callable[[Visit], Awaitable[bytes | None]]


async def create(visit: Visit, body: schemas.ExportCreate) -> UUID:
    """Ask for an export; raises ``UnknownMunicipality``, and ``Denied`` for what the caller may not read."""
    await organisations.require_municipality(visit.tx, body.municipality_code)
    export = Export(
        id=new_id(), submitted_by=visit.actor.user_id, assignment_id=visit.actor.assignment.id, kind=body.record_kind,
        created_at=visit.now, expires_at=visit.now + timedelta(minutes=visit.settings.export_open_minutes),
        **body.model_dump(exclude={"record_kind"}),
    )  # fmt: skip
    if body.include_protected:
        admit(visit, Permission.PROTECTED_READ, export.subject, frozenset({Relation.OWN_UNIT}))
    # Whoever may not read this kind is told so now, and not in the middle of a file.
    await ADAPTERS[body.record_kind].page(visit, _selection(body.model_dump()), None, 0)
    visit.tx.session.add(export)
    visit.trail.changed(export.subject, *body.stated, reason=body.reason)
    await visit.tx.session.flush()
    return export.id


def _selection(wanted: Row) -> Selection:
    return Selection(wanted["include_protected"], wanted["municipality_code"])


def reading(visit: Visit, export: Row) -> Read:
    """What reads an export page by page, for as long as the caller still holds the assignment (R1.3).

    Raises ``ExportExpired`` now, and ``NoAssignment`` in the middle, which breaks the answer off.
    """
    if export["expires_at"] <= visit.now:
        raise ExportExpired(minutes=visit.settings.export_open_minutes)
    adapter, selection = ADAPTERS[RecordKind(export["record_kind"])], _selection(export)
    write, actor = _writer(RecordKind(export["record_kind"]), ExportFormat(export["format"])), visit.actor
    limit, after, lines = visit.settings.export_page_lines, None, 0
    ended = False

    async def read(inside: Visit) -> bytes | None:
        nonlocal after, lines, ended
        if ended:
            return None
        await organisations.actor_in(
            inside.tx, actor.assignment.id, inside.now, client_id=actor.client_id, scopes=actor.scopes
        )
        inside.trail.reason = export["reason"]
        found = await adapter.page(inside, selection, after, limit)
        if found:
            after, lines = found[-1].id, lines + len(found)
        else:
            ended = True
            await _ended(inside, export["id"], lines)
        return write([line.entry for line in found])

    return read


async def _ended(visit: Visit, export_id: UUID, lines: int) -> None:
    await repository.fetched(visit.tx, export_id, visit.now, lines)
    visit.trail.changed(Export(id=export_id).subject, "fetched_at", "lines")


def _writer(kind: RecordKind, form: ExportFormat) -> Write:
    return _ndjson(kind) if form == ExportFormat.NDJSON else _csv(kind, form)


def _told(entry: Entry) -> dict[str, Any]:
    return entry.model_dump(mode="json", by_alias=True, exclude_unset=True)


def _ndjson(kind: RecordKind) -> Write:
    def write(entries: Sequence[Entry]) -> bytes:
        return b"".join(to_json({KIND_FIELD: kind, **_told(entry)}) + b"\n" for entry in entries)

    return write


def _csv(kind: RecordKind, form: ExportFormat) -> Write:
    columns, begun = table.columns(ADAPTERS[kind].entry), False

    def write(entries: Sequence[Entry]) -> bytes:
        nonlocal begun
        text = io.StringIO()
        rows = csv.writer(text, delimiter=_SEPARATORS[form])
        if not begun:
            text.write(BOM if form == ExportFormat.CSV_EXCEL else "")
            rows.writerow(columns)
            begun = True
        rows.writerows(table.to_cells(columns, _told(entry)) for entry in entries)
        return text.getvalue().encode()

    return write
