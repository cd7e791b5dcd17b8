"""Every query about exports. All of it passes the wall: an export is the caller's alone."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from app.exports.models import Export
from app.kernel.db import AnySelect, Prepared, Row, Transaction, prepared
from app.kernel.paging import Shape, Window, keyset


def _exports() -> AnySelect:
    return select(
        Export.id, Export.version, Export.kind.label("record_kind"), Export.format, Export.reason,
        Export.include_protected, Export.municipality_code, Export.created_at, Export.expires_at, Export.fetched_at,
        Export.lines,
    )  # fmt: skip


_ONE = Prepared(_exports().where(Export.id == bindparam("export_id")))


@prepared
def _mine(shape: Shape) -> AnySelect:
    statement = _exports()
    if "record_kind" in shape.filters:
        statement = statement.where(Export.kind == any_(bindparam("record_kind", type_=ARRAY(Text))))
    return keyset(statement, shape, Export.id, Export.id)


async def mine(tx: Transaction, window: Window) -> list[Row]:
    """One page of the caller's exports."""
    return await tx.all(_mine(window.shape), **window.values)


async def one(tx: Transaction, export_id: UUID) -> Row | None:
    """One of the caller's exports."""
    return await tx.one(_ONE, export_id=export_id)


async def fetched(tx: Transaction, export_id: UUID, at: datetime, lines: int) -> None:
    """It was fetched to the end."""
    await tx.rows(
        "update exports set fetched_at = %s, lines = %s, version = version + 1 where id = %s", [at, lines, export_id]
    )
