"""Corrections (rättelser). ``domain.md`` R3.8."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base
from app.people.models import Owned


class Correction(Owned, Base):
    """What a text was before it was corrected: who, when and why. Nothing is erased (R3.8)."""

    __tablename__ = "corrections"

    circle_id: Mapped[UUID]
    category: Mapped[str] = mapped_column(Text)
    subject_type: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID]
    subject_version: Mapped[int]
    earlier: Mapped[dict[str, Any]] = mapped_column(JSONB)
    reason: Mapped[str] = mapped_column(Text)
    corrected_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    corrected_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
