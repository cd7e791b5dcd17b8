"""What new cases are looked at beside."""

from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.cases.models import Case
from app.kernel.circles import ME
from app.kernel.db import Prepared, Row, Transaction

_OPEN = Prepared(
    select(Case.child_id).where(
        Case.child_id == any_(bindparam("child_ids", type_=ARRAY(Case.child_id.type))),
        Case.owner_unit_id == ME,
        Case.status != "closed",
        Case.status != "discarded",
    )
)
_KEYS = Prepared(
    select(Case.source_system, Case.source_id).where(
        Case.owner_authority_id == literal_column("(select wall.authority())", Uuid()),
        Case.source_system == any_(bindparam("systems", type_=ARRAY(Case.source_system.type))),
        Case.source_id == any_(bindparam("ids", type_=ARRAY(Case.source_id.type))),
    )
)


async def with_open_case(tx: Transaction, child_ids: list[UUID]) -> list[UUID]:
    """About which of these children the caller's unit has an open case."""
    return [row["child_id"] for row in await tx.all(_OPEN, child_ids=child_ids)]


async def keys_among(tx: Transaction, systems: list[str], ids: list[str]) -> list[Row]:
    """Keys in these systems that cases of the caller's authority have, as far as the caller sees them."""
    return await tx.all(_KEYS, systems=systems, ids=ids)
