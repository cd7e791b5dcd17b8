"""Deeds of imports: a file is handed in, goes on, and ends."""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any, NamedTuple
from uuid import UUID

from pydantic_core import to_json

from app.exchange import table
from app.exchange.adapters import ADAPTERS
from app.imports import repository, splitting
from app.imports.models import (
    ENDED,
    Import,
    ImportFormat,
    ImportMode,
    ImportStatus,
    LineStatus,
    UnknownColumn,
)
from app.imports.schemas import ImportParameters, LineResult
from app.imports.splitting import Line, Numbered, Table
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import IdempotencyKeyReused, Invalid, Problem
from app.kernel.ids import new_id
from app.kernel.problems import field_error
from app.kernel.uploads import Upload

CSV = "text/csv"
_PAGE_BLOCKS = 4


class Submitted(NamedTuple):
    """An import, and whether the file had been handed in before."""

    import_id: UUID
    replayed: bool


async def submit(visit: Visit, upload: Upload, wanted: ImportParameters) -> Submitted:
    """Take a file in, or find the import that it is already: by its key or, without one, by what stands in it.

    Raises ``Invalid``, ``ImportNotUtf8``, ``UnknownColumn`` and ``IdempotencyKeyReused``; nothing is stored then.
    """
    fingerprint = _fingerprint(visit, upload, wanted)
    earlier = await _earlier(visit, upload.key, fingerprint)
    if earlier is not None:
        return Submitted(earlier, replayed=True)
    longest = visit.settings.import_line_bytes
    lines = splitting.lines(splitting.utf8(upload.chunks()), longest)
    found = _table(lines, wanted) if upload.media_type == CSV else None
    values = _values(visit, upload, wanted, found) | {"fingerprint": fingerprint}
    if not await repository.add(visit.tx, values):
        # The same file at the same moment: the other one is there now.
        same = await _earlier(visit, upload.key, fingerprint)
        if same is None:
            raise RuntimeError("an import was in the way, and is gone")
        return Submitted(same, replayed=True)
    records = splitting.rows(lines, found.delimiter, longest) if found else splitting.objects(lines)
    await _keep(visit, values["id"], records)
    visit.trail.changed(Import(id=values["id"]).subject, *wanted.model_fields_set)
    return Submitted(values["id"], replayed=False)


def _fingerprint(visit: Visit, upload: Upload, wanted: ImportParameters) -> bytes:
    said = {**wanted.model_dump(mode="json"), "as": str(visit.actor.assignment.id), "type": upload.media_type}
    return blake2b(to_json(said) + upload.digest, digest_size=32).digest()


async def _earlier(visit: Visit, key: str | None, fingerprint: bytes) -> UUID | None:
    if key is None:
        return await repository.by_content(visit.tx, fingerprint)
    row = await repository.by_key(visit.tx, key)
    if row is not None and bytes(row["fingerprint"]) != fingerprint:
        raise IdempotencyKeyReused
    return row["id"] if row else None


def _table(lines: Iterator[Line], wanted: ImportParameters) -> Table:
    if wanted.record_kind is None:
        raise Invalid(errors=(field_error("/query/recordKind", "missing"),))
    known = table.columns(ADAPTERS[wanted.record_kind].entry)
    found = splitting.table(lines)
    for place, name in enumerate(found.header):
        if name not in known or name in found.header[:place]:
            raise UnknownColumn(column=place + 1)
    return found


def _values(visit: Visit, upload: Upload, wanted: ImportParameters, found: Table | None) -> dict[str, Any]:
    actor = visit.actor
    return {
        "id": new_id(), "submitted_by": actor.user_id, "assignment_id": actor.assignment.id,
        "client_id": actor.client_id, "scopes": sorted(actor.scopes), "language": visit.language,
        "trace_id": visit.trail.trace_id, "format": ImportFormat.CSV if found else ImportFormat.NDJSON,
        "kind": wanted.record_kind, "source_system": wanted.source_system, "mode": wanted.mode,
        "strategy": wanted.strategy, "dry_run": wanted.dry_run, "delimiter": found and found.delimiter,
        "columns": found and found.header, "idempotency_key": upload.key, "status": ImportStatus.QUEUED,
        "submitted_at": visit.now,
    }  # fmt: skip


async def _keep(visit: Visit, import_id: UUID, records: Iterator[Numbered]) -> None:
    most, submitter = visit.settings.import_block_lines, visit.actor.user_id
    for number, block in enumerate(splitting.blocks(records, most)):
        await repository.add_block(visit.tx, import_id, submitter, number, block)


def begin(visit: Visit, job: Import) -> None:
    """A worker has taken up the import, for the first time or after another."""
    if job.status == ImportStatus.QUEUED:
        job.go("start", visit.now)


async def end(visit: Visit, job: Import, deed: str, because: type[Problem] | None = None) -> None:
    """The import is complete, has failed or was cancelled; its lines are forgotten, and the answers stay."""
    job.go(deed, visit.now, because)
    visit.trail.changed(job.subject, "status")
    await visit.tx.session.flush()
    await repository.forget_lines(visit.tx, job.id)


def shown_counts(row: Row) -> dict[str, int]:
    """An import's counts as they are told: nothing counts as done that was rolled back."""
    names = ("submitted", "done", "created", "updated", "unchanged", "failed")
    counts = {name: int(row[name]) for name in names}
    if not _stands(row):
        counts |= dict.fromkeys(("created", "updated", "unchanged"), 0)
    answered = sum(counts[name] for name in names[2:])
    return counts | {"not_applied": counts["submitted"] - answered if row["status"] in ENDED else 0}


def _whole(row: Row) -> bool:
    return bool(row["dry_run"] or row["mode"] == ImportMode.ATOMIC)


def _stands(row: Row) -> bool:
    """Whether lines that went well have been, or would be, imported."""
    return not _whole(row) or row["status"] not in (ImportStatus.FAILED, ImportStatus.CANCELLED)


async def results(visit: Visit, import_id: UUID, after: int, wanted: set[LineStatus]) -> tuple[int, bytes] | None:
    """The next lines of the report, after a block; None after the last that there is yet.

    What is done in one piece has no answers before it has ended: until then nothing is certain.
    """
    job = await repository.one(visit.tx, import_id)
    ended = job is not None and job["status"] in ENDED
    if job is None or (_whole(job) and not ended):
        return None
    blocks = await repository.answers(visit.tx, import_id, after, _PAGE_BLOCKS)
    told = [block for block in blocks if ended or block["results"] is not None]
    if not told:
        return None
    answers = [_told(answer, job) for block in told for answer in block["results"] or _unanswered(block)]
    chosen = [answer for answer in answers if not wanted or answer["status"] in wanted]
    return told[-1]["number"], b"".join(to_json(answer) + b"\n" for answer in chosen)


def _unanswered(block: Row) -> list[dict[str, Any]]:
    return [{"line": number, "status": LineStatus.NOT_APPLIED} for number in block["numbers"]]


def _told(answer: dict[str, Any], job: Row) -> dict[str, Any]:
    told = _NO_ANSWER | answer
    if not _stands(job) and told["status"] != LineStatus.FAILED:
        told |= {"status": LineStatus.NOT_APPLIED, "id": None}
    elif job["dry_run"] and told["status"] == LineStatus.CREATED:
        told["id"] = None  # nothing has this id
    return told


_NO_ANSWER: dict[str, Any] = dict.fromkeys(field.alias or name for name, field in LineResult.model_fields.items())
