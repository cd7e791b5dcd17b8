"""The access log as a table to read from; it is written by ``kernel.audit`` and sealed by ``kernel.seals``."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, FetchedValue, SmallInteger, Text
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base


class AccessLog(Base):
    """One entry of the access log (åtkomstlogg). No personal content stands in it (12.20)."""

    __tablename__ = "access_log"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(SmallInteger, server_default=FetchedValue())
    xact: Mapped[int] = mapped_column(BigInteger, server_default=FetchedValue())
    logged_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    kind: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    permission: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(Text)
    user_id: Mapped[UUID | None]
    client_id: Mapped[str | None] = mapped_column(Text)
    role: Mapped[str | None] = mapped_column(Text)
    assignment_id: Mapped[UUID | None]
    unit_id: Mapped[UUID | None]
    authority_id: Mapped[UUID | None]
    controller_id: Mapped[UUID | None]
    object_type: Mapped[str] = mapped_column(Text)
    object_id: Mapped[UUID | None]
    circle_id: Mapped[UUID | None]
    child_id: Mapped[UUID | None]
    basis: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    changed: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=FetchedValue())
    trace_id: Mapped[str] = mapped_column(Text)
