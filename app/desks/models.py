"""Coordination desks (samordningsfunktioner), their opening hours and their staff. ``domain.md`` 12.5."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.audit import Subject
from app.kernel.db import Base
from app.kernel.errors import Conflict, Problem
from app.kernel.errors import Text as Words

_INSTANT = TIMESTAMP(timezone=True)


class DeskAlreadyThere(Conflict):
    """The desk is a unit's desk: it has one."""

    constraint = "uq_coordination_desks_unit_id"
    title = Words("Enheten har redan en samordningsfunktion", "The unit has a desk already")
    detail = Words("Ändra den som finns i stället.", "Change the one that is there instead.")


class AlreadyOnDesk(Conflict):
    """Somebody is on a desk's staff once."""

    constraint = "uq_desk_staff_current"
    title = Words("Personen bemannar redan funktionen", "The person is on the staff already")
    detail = Words("Personen finns redan bland dem som svarar.", "The person is among those who answer already.")


class NotInDeskUnit(Problem):
    """The lead and the staff work in the desk's unit."""

    status = 422
    title = Words("Personen har inget uppdrag i enheten", "The person holds no assignment in the unit")
    detail = Words(
        "Den som leder eller bemannar funktionen ska ha ett gällande uppdrag i dess enhet.",
        "Whoever leads or staffs the desk needs a valid assignment in its unit.",
    )


class CoordinationDesk(Base):
    """A coordination desk: whom families and professionals call. Its lead answers when nobody else does (R5.3)."""

    __tablename__ = "coordination_desks"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    municipality_code: Mapped[str | None] = mapped_column(ForeignKey("municipalities.code"))
    name: Mapped[str] = mapped_column(Text)
    function_address: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    lead_user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    opening_hours: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    closed_on_holidays: Mapped[bool]
    note: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(server_default=text("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (Index("uq_coordination_desks_unit_id", "unit_id", unique=True), Index(None, "municipality_code"))

    @property
    def subject(self) -> Subject:
        """What the log says an entry is about."""
        return Subject("coordination_desk", self.id)


class DeskStaff(Base):
    """Somebody on a desk's staff, from and to; history is kept."""

    __tablename__ = "desk_staff"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    desk_id: Mapped[UUID] = mapped_column(ForeignKey("coordination_desks.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    from_at: Mapped[datetime] = mapped_column(_INSTANT)
    to_at: Mapped[datetime | None] = mapped_column(_INSTANT)

    __table_args__ = (Index(None, "user_id"),)

    @property
    def subject(self) -> Subject:
        """What the log says an entry is about."""
        return Subject("desk_staff", self.id)
