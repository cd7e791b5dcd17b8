"""Every query about attendance."""

from uuid import UUID

from sqlalchemy import bindparam, select

from app.group_sessions.models import GroupSession
from app.kernel.db import Prepared, Row, Transaction
from app.session_attendances.models import SessionAttendance as A

_MARKS = Prepared(
    select(A.id, A.place_id, A.mark, A.recorded_at, A.version).where(A.session_id == bindparam("session_id"))
)


async def marks(tx: Transaction, session_id: UUID) -> list[Row]:
    """What is said about a session, place by place, with the marks that were taken back."""
    return await tx.all(_MARKS, session_id=session_id)


async def lock(tx: Transaction, session_id: UUID) -> None:
    """Nobody else marks at this session until the transaction ends."""
    await tx.session.get(GroupSession, session_id, with_for_update={"key_share": True})


async def records(tx: Transaction, session_id: UUID) -> dict[UUID, A]:
    """The marks for a change, by place; the session is locked first."""
    found = await tx.session.scalars(select(A).where(A.session_id == session_id))
    return {record.place_id: record for record in found}
