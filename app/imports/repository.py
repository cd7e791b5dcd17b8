"""Every query about imports. All of it passes the wall: an import is its submitter's alone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.types import Text

from app.imports.models import Import, ImportBlock
from app.imports.splitting import Numbered
from app.kernel.db import AnySelect, Prepared, Row, Transaction, prepared
from app.kernel.paging import Shape, Window, keyset


def _imports() -> AnySelect:
    counts = (
        select(
            func.coalesce(func.sum(func.cardinality(ImportBlock.numbers)), 0).label("submitted"),
            func.coalesce(
                func.sum(func.cardinality(ImportBlock.numbers)).filter(ImportBlock.results.is_not(None)), 0
            ).label("done"),
            *(
                func.coalesce(func.sum(column), 0).label(column.key)
                for column in (ImportBlock.created, ImportBlock.updated, ImportBlock.unchanged, ImportBlock.failed)
            ),
        )
        .where(ImportBlock.import_id == Import.id)
        .lateral("counts")
    )
    return select(
        Import.id, Import.status, Import.format, Import.kind.label("record_kind"), Import.source_system, Import.mode,
        Import.strategy, Import.dry_run, Import.failed_because, Import.submitted_at, Import.started_at,
        Import.finished_at, *counts.c,
    ).join(counts, counts.c.submitted >= 0)  # fmt: skip


_ONE = Prepared(_imports().where(Import.id == bindparam("import_id")))
_SAME_KEY = Prepared(select(Import.id, Import.fingerprint).where(Import.idempotency_key == bindparam("key")))
_SAME_CONTENT = Prepared(
    select(Import.id)
    .where(
        Import.fingerprint == bindparam("fingerprint"),
        Import.status != "failed",
        Import.status != "cancelled",
    )
    .order_by(Import.id.desc())
    .limit(1)
)
_COLUMNS = [
    column for column in Import.__table__.columns if column.key not in ("failed_because", "started_at", "finished_at")
]
_ADD = Prepared(
    insert(Import)
    .values({column.key: bindparam(column.key, type_=column.type) for column in _COLUMNS})
    .on_conflict_do_nothing()
    .returning(Import.id)
)


@prepared
def _mine(shape: Shape) -> AnySelect:
    statement = _imports()
    if "status" in shape.filters:
        statement = statement.where(Import.status == any_(bindparam("status", type_=ARRAY(Text))))
    return keyset(statement, shape, Import.id, Import.id)


async def mine(tx: Transaction, window: Window) -> list[Row]:
    """One page of the caller's imports."""
    return await tx.all(_mine(window.shape), **window.values)


async def one(tx: Transaction, import_id: UUID) -> Row | None:
    """One import with its counts."""
    return await tx.one(_ONE, import_id=import_id)


async def by_key(tx: Transaction, key: str) -> Row | None:
    """The import that the caller sent with this Idempotency-Key, with the fingerprint of its file."""
    return await tx.one(_SAME_KEY, key=key)


async def by_content(tx: Transaction, fingerprint: bytes) -> UUID | None:
    """The caller's newest import of this very file that came, or may still come, to something."""
    row = await tx.one(_SAME_CONTENT, fingerprint=fingerprint)
    return row["id"] if row else None


async def add(tx: Transaction, values: Mapping[str, Any]) -> bool:
    """A new import; False when the same one was handed in a moment ago."""
    return bool(await tx.all(_ADD, **values))


async def add_block(tx: Transaction, import_id: UUID, submitted_by: UUID, number: int, lines: list[Numbered]) -> None:
    """The next lines of the file, as they came."""
    await tx.rows(
        "insert into import_blocks (import_id, number, submitted_by, numbers, content) values (%s, %s, %s, %s, %b)",
        [import_id, number, submitted_by, [line.number for line in lines], [line.content for line in lines]],
    )


async def record(tx: Transaction, import_id: UUID) -> Import | None:
    """The import for a step of its state machine, locked."""
    return await tx.session.get(Import, import_id, with_for_update=True, populate_existing=True)


async def seen(tx: Transaction, import_id: UUID) -> Import | None:
    """The import for a worker that reads what it should do, without keeping anybody waiting."""
    return await tx.session.get(Import, import_id)


async def lock(tx: Transaction, job: Import) -> None:
    """Keep an import as it is until the transaction ends."""
    await tx.session.refresh(job, with_for_update=True)


class Block(NamedTuple):
    """Lines that are not answered yet."""

    number: int
    lines: list[Numbered]


async def next_block(tx: Transaction, import_id: UUID) -> Block | None:
    """The first block without answers."""
    return _block(
        await tx.rows(
            "select number, numbers, content from import_blocks "
            "where import_id = %s and results is null order by number limit 1",
            [import_id],
        )
    )


async def block(tx: Transaction, import_id: UUID, number: int) -> Block | None:
    """One block, answered or not; none past the last, and none once the lines are forgotten."""
    return _block(
        await tx.rows(
            "select number, numbers, content from import_blocks where import_id = %s and number = %s",
            [import_id, number],
        )
    )


def _block(rows: list[Row]) -> Block | None:
    if not rows or rows[0]["content"] is None:
        return None
    row = rows[0]
    return Block(row["number"], [Numbered(*pair) for pair in zip(row["numbers"], row["content"], strict=True)])


_KEEP = """update import_blocks set results = %s, created = %s, updated = %s, unchanged = %s, failed = %s,
    content = case when %s then null else content end
where import_id = %s and number = %s"""


async def keep_answers(
    tx: Transaction, import_id: UUID, number: int, answers: list[dict[str, Any]], *, forget_lines: bool
) -> None:
    """What became of a block's lines, and the lines forgotten with it."""
    counted = [
        sum(answer["status"] == status for answer in answers)
        for status in ("created", "updated", "unchanged", "failed")
    ]
    await tx.rows(_KEEP, [Jsonb(answers), *counted, forget_lines, import_id, number])


async def first_lines(tx: Transaction, job: Import, numbers: Mapping[UUID, int]) -> dict[UUID, int]:
    """The first line of the file with each key, now that these lines have been read."""
    keys = list(numbers)
    await tx.rows(
        "insert into import_keys (import_id, submitted_by, key, line) "
        "select %s, %s, key, line from unnest(%s::uuid[], %s::integer[]) as t (key, line) on conflict do nothing",
        [job.id, job.submitted_by, keys, list(numbers.values())],
    )
    rows = await tx.rows("select key, line from import_keys where import_id = %s and key = any(%s)", [job.id, keys])
    return {row["key"]: row["line"] for row in rows}


async def forget_lines(tx: Transaction, import_id: UUID) -> None:
    """What came is no longer needed: only the answers stay."""
    await tx.rows("update import_blocks set content = null where import_id = %s and content is not null", [import_id])
    await tx.rows("delete from import_keys where import_id = %s", [import_id])


async def forget_answers(tx: Transaction, import_id: UUID) -> None:
    """What is done in one piece begins again: its answers so far are none."""
    await tx.rows(
        "update import_blocks set results = null, created = 0, updated = 0, unchanged = 0, failed = 0 "
        "where import_id = %s and results is not null",
        [import_id],
    )


async def answers(tx: Transaction, import_id: UUID, after: int, blocks: int) -> list[Row]:
    """The numbers of the lines of the next blocks, and their answers, where there are any yet."""
    return await tx.rows(
        "select number, numbers, results from import_blocks where import_id = %s and number > %s "
        "order by number limit %s",
        [import_id, after, blocks],
    )


async def due(tx: Transaction) -> list[Row]:
    """Imports to go on with, and in which assignment: told by the wall to whoever asks, and nothing else of them."""
    return await tx.rows("select * from wall.due_imports()")


async def take_turn(tx: Transaction, authority_id: UUID | None) -> bool:
    """Be the only one who imports for an authority until the transaction ends; False when somebody else is."""
    rows = await tx.rows(
        "select pg_try_advisory_xact_lock(hashtextextended(%s, 0)) as got", [f"imports of {authority_id}"]
    )
    return bool(rows[0]["got"])


async def be_patient(tx: Transaction) -> None:
    """A worker's transaction may last, but does not wait long for others: it comes again instead."""
    await tx.rows(
        "select set_config('statement_timeout', '0', true), set_config('lock_timeout', '5s', true), "
        "set_config('idle_in_transaction_session_timeout', '0', true)"
    )


async def check_now(tx: Transaction) -> None:
    """Let the database check what it would check at the end: whether every change is named."""
    await tx.rows("set constraints all immediate")
    await tx.rows("set constraints all deferred")


async def abandon(tx: Transaction, import_id: UUID, because: str, at: datetime) -> None:
    """There is nobody left to go on as: the wall ends the import."""
    await tx.rows("select wall.abandon_import(%s, %s, %s)", [import_id, because, at])


async def forget(tx: Transaction, before: datetime) -> None:
    """Forget imports that ended before an instant, with their answers."""
    await tx.rows("select wall.forget_imports(%s)", [before])
