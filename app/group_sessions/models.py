"""Sessions (träffar) of contact groups. ``domain.md`` 12.11 (R11.2)."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.contact_groups.models import require_times
from app.kernel.audit import Subject
from app.kernel.db import Base
from app.kernel.errors import Conflict
from app.kernel.errors import Text as Words
from app.kernel.workflow import Workflow


class SessionStatus(Coded):
    """Where a session (träff) stands."""

    PLANNED = "planned", "Planerad", "Planned"
    HELD = "held", "Genomförd", "Held"
    CANCELLED = "cancelled", "Inställd", "Cancelled"


class NoLeaderNoSession(Conflict):
    """R11.2: without a leader on that day there is no session."""

    title = Words("Ingen ledare den dagen", "No leader on that day")
    detail = Words("Gruppen har ingen ledare den dagen.", "The group has no leader on that day.")


class SessionAlreadyThere(Conflict):
    """A group meets once a day."""

    constraint = "uq_group_sessions_day"
    title = Words("Det finns redan en träff den dagen", "There is a session on that day already")
    detail = Words("Ändra den som finns i stället.", "Change the one that is there instead.")


class SessionLiesAhead(Conflict):
    """What has not been cannot have been held."""

    title = Words("Träffen har inte varit", "The session has not been")
    detail = Words(
        "Den kan anges som genomförd från och med sin dag.", "It can be stated as held from its own day onwards."
    )


S = SessionStatus
SESSION_FLOW = Workflow(
    {
        (S.PLANNED, "edit"): S.PLANNED,
        (S.PLANNED, "hold"): S.HELD,
        (S.PLANNED, "cancel"): S.CANCELLED,
    }
)


class GroupSession(Base):
    """A session of a group (träff). Its note is about the group, never about one child."""

    __tablename__ = "group_sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    group_id: Mapped[UUID] = mapped_column(ForeignKey("contact_groups.id"))
    held_on: Mapped[date]
    starts_at: Mapped[str | None] = mapped_column(Text)
    ends_at: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    cancel_reason: Mapped[str | None] = mapped_column(Text)
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    owner_unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    owner_authority_id: Mapped[UUID] = mapped_column(ForeignKey("authorities.id"))
    municipality_code: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}

    @property
    def subject(self) -> Subject:
        """What the log says an entry is about."""
        return Subject("group_session", self.id, self.group_id, None, self.owner_authority_id)

    def change(self, stated: Mapping[str, Any]) -> None:
        """Take over what was stated, while it is planned. Raises ``TimesDoNotFit``."""
        SESSION_FLOW.go(self, "edit")
        for name, value in stated.items():
            setattr(self, name, value)
        require_times(self.starts_at, self.ends_at)

    def hold(self, today: date, note: str | None) -> None:
        """It has been. Raises ``SessionLiesAhead``."""
        SESSION_FLOW.go(self, "hold")
        if self.held_on > today:
            raise SessionLiesAhead
        self.note = note or self.note

    def cancel(self, reason: str) -> None:
        """There is none after all."""
        SESSION_FLOW.go(self, "cancel")
        self.cancel_reason = reason


def require_leader(leaders: int) -> None:
    """Raise ``NoLeaderNoSession`` when there is none (R11.2)."""
    if leaders == 0:
        raise NoLeaderNoSession
