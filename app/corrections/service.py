"""What other packages ask of corrections: keep what a record said, and tell it again."""

from datetime import date
from typing import Any
from uuid import UUID

from app.corrections import repository
from app.corrections.models import Correction
from app.kernel.context import Visit
from app.kernel.db import Row, Transaction
from app.kernel.ids import new_id


def keep_earlier(visit: Visit, circle_id: UUID, kind: str, record: Any, reason: str, fields: tuple[str, ...]) -> None:
    """Keep what these fields said before, with who, when and why (R3.8)."""
    earlier = {
        name: value.isoformat() if isinstance(value := getattr(record, name), date) else value for name in fields
    }
    visit.tx.session.add(
        Correction(
            id=new_id(), circle_id=circle_id, category=record.category, subject_type=kind, subject_id=record.id,
            subject_version=record.version, earlier=earlier, reason=reason, corrected_at=visit.now,
            corrected_by=visit.actor.user_id, **visit.ownership(record.municipality_code),
        )
    )  # fmt: skip


async def corrections_of(tx: Transaction, record_id: UUID) -> list[Row]:
    """What a record said before each of its corrections, newest first."""
    return await repository.corrections(tx, record_id)
