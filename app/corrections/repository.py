"""Every query about corrections."""

from uuid import UUID

from sqlalchemy import bindparam, select

from app.corrections.models import Correction
from app.kernel.db import Prepared, Row, Transaction

_CORRECTIONS = Prepared(
    select(
        Correction.id, Correction.subject_version, Correction.earlier, Correction.reason, Correction.corrected_at,
        Correction.corrected_by,
    )
    .where(Correction.subject_id == bindparam("subject_id"))
    .order_by(Correction.subject_version.desc())
)  # fmt: skip


async def corrections(tx: Transaction, subject_id: UUID) -> list[Row]:
    """What a record was before, newest first."""
    return await tx.all(_CORRECTIONS, subject_id=subject_id)
