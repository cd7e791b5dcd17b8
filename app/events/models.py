"""The outbox: what has changed, and its place in the feed. ``docs/decisions/0013-the-outbox.md``.

The database writes it by itself, from the access log, in the transaction of the change; nothing here makes an event.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, FetchedValue, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.db import Base
from app.kernel.errors import Problem
from app.kernel.errors import Text as Words


class FeedStart(Coded):
    """Where a consumer begins who has no cursor yet."""

    BEGINNING = "beginning", "Från den äldsta händelse som finns kvar", "At the oldest event that is kept"
    NOW = "now", "Från nu", "From now on"


class EventsForgotten(Problem):
    """A gap is told, never passed over in silence."""

    status = 410
    title = Words("Händelserna är glömda", "The events are forgotten")
    detail = Words(
        "Markören pekar på händelser som inte längre finns kvar. Läs om posterna och börja om utan markör.",
        "The cursor points at events that are no longer kept. Read the records anew and start again without a cursor.",
    )


class Event(Base):
    """That one record was changed by one operation; the id is that of an entry in the access log."""

    __tablename__ = "events"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int | None] = mapped_column(BigInteger)
    recorded: Mapped[int] = mapped_column(BigInteger, server_default=FetchedValue())
    occurred_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    record_type: Mapped[str] = mapped_column(Text)
    record_id: Mapped[UUID]
    circle_id: Mapped[UUID | None]
    operation: Mapped[str] = mapped_column(Text)


class EventFeed(Base):
    """How far the events have been placed, and up to where they have been forgotten: one row."""

    __tablename__ = "event_feed"

    placed: Mapped[int] = mapped_column(BigInteger)
    forgotten: Mapped[int] = mapped_column(BigInteger)
    single: Mapped[bool] = mapped_column(primary_key=True, server_default=sql("true"))


class Wanted(NamedTuple):
    """Which events a consumer asks for; empty means all."""

    record_types: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
