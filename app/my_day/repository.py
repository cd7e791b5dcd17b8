"""Every query about what is due."""

from uuid import UUID

from sqlalchemy import any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP

from app.kernel.circles import ME, NOW
from app.kernel.db import AnySelect, Prepared, Row, Transaction, prepared
from app.kernel.deadlines import Deadline
from app.kernel.paging import Shape, Window, keyset

_FILTERS = {
    "kind": Deadline.kind == any_(bindparam("kind", type_=ARRAY(Deadline.kind.type))),
    "subject_id": Deadline.subject_id == any_(bindparam("subject_id", type_=ARRAY(Deadline.subject_id.type))),
    "due_before": Deadline.due_at < bindparam("due_before", type_=TIMESTAMP(timezone=True)),
}


def _rows() -> AnySelect:
    return select(
        Deadline.id, Deadline.version, Deadline.code, Deadline.kind, Deadline.legal_basis, Deadline.start_event,
        Deadline.started_at, Deadline.due_at, Deadline.original_due_at, Deadline.extension_reason, Deadline.met_at,
        Deadline.subject_type, Deadline.subject_id, Deadline.child_id, Deadline.circle_id, Deadline.owner_unit_id,
        Deadline.owner_authority_id, ((Deadline.due_at <= NOW) & Deadline.met_at.is_(None)).label("overdue"),
    )  # fmt: skip


@prepared
def _open(shape: Shape) -> AnySelect:
    statement = _rows().where(Deadline.owner_unit_id == ME, Deadline.met_at.is_(None))
    statement = statement.where(*(_FILTERS[name] for name in sorted(shape.filters)))
    return keyset(statement, shape, Deadline.due_at, Deadline.id)


_ONE = Prepared(_rows().where(Deadline.id == bindparam("deadline_id")))


async def open_of_unit(tx: Transaction, window: Window) -> list[Row]:
    """One page of what the caller's unit has to do."""
    return await tx.all(_open(window.shape), **window.values)


async def one(tx: Transaction, deadline_id: UUID) -> Row | None:
    """One deadline."""
    return await tx.one(_ONE, deadline_id=deadline_id)


async def record(tx: Transaction, deadline_id: UUID) -> Deadline | None:
    """The deadline for a change, locked."""
    return await tx.session.get(Deadline, deadline_id, with_for_update=True)
