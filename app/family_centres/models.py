"""Family centres and their parts. ``domain.md`` 7 and 12.12 (R12.1–R12.4).

Age limits are the centre's own, or the part's where it has some (a youth clinic of 13–23 in a way of working for
0–18): no kind has any (R12.4).
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, SmallInteger, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.centre_kinds.models import CentrePartType as CentrePartType
from app.centre_kinds.models import FamilyCentreKind as FamilyCentreKind
from app.codes import Coded
from app.kernel.audit import Subject
from app.kernel.db import Base
from app.kernel.errors import Conflict, Problem
from app.kernel.errors import Text as Words
from app.kernel.workflow import Workflow

_INSTANT = TIMESTAMP(timezone=True)


class CentreStatus(Coded):
    """Where a centre stands."""

    PLANNED = "planned", "Planerad", "Planned"
    OPEN = "open", "Öppen", "Open"
    CLOSED = "closed", "Stängd", "Closed"


class CapacityAnswer(Coded):
    """What a centre answers to whether there is room."""

    HAS_ROOM = "has_room", "Vi har plats", "There is room"
    FULL = "full", "Fullt", "Full"
    WAITING_LIST = "full_with_waiting_list", "Fullt, med kö", "Full, with a waiting list"
    MUST_ASSESS = "must_assess_first", "Behöver bedöma först", "Must assess first"


class AgeLimitsUnclear(Problem):
    """R12.4: the limits are stated for each centre, and must be limits."""

    status = 422
    title = Words("Åldersgränserna går inte ihop", "The age limits do not fit together")
    detail = Words(
        "Ange båda gränserna, den lägre först; fromPregnancy hör ihop med åldern 0.",
        "State both limits, the lower one first; fromPregnancy goes with the age 0.",
    )


class CentreDayDoesNotFit(Problem):
    """Opened and closed are facts, in this order."""

    status = 422
    title = Words("Dagen passar inte", "The day does not fit")
    detail = Words(
        "Dagen får inte ligga i framtiden, och ett slut inte före sin början.",
        "The day must not be in the future, nor an end before its beginning.",
    )


class PartOfAnotherAuthority(Problem):
    """A part is owned by its unit's authority; without a unit its authority is named."""

    status = 422
    title = Words("Delen behöver en ägare", "The part needs an owner")
    detail = Words(
        "Ange delens enhet, eller den myndighet som äger den; enheten ska höra till myndigheten.",
        "State the part's unit, or the authority that owns it; the unit belongs to that authority.",
    )


class PartAlreadyThere(Conflict):
    """One part of one name and type at a time."""

    constraint = "uq_centre_parts_current"
    title = Words("Delen finns redan", "The part is there already")
    detail = Words("Ändra den som finns i stället.", "Change the one that is there instead.")


class PartHasEnded(Conflict):
    """What was is not changed afterwards."""

    title = Words("Delen har avslutats", "The part has ended")
    detail = Words("Lägg till den på nytt om den finns igen.", "Add it again if it is back.")


S = CentreStatus
CENTRE_FLOW = Workflow(
    {
        (S.PLANNED, "open"): S.OPEN,
        (S.PLANNED, "close"): S.CLOSED,
        (S.OPEN, "answer"): S.OPEN,
        (S.OPEN, "count"): S.OPEN,
        (S.OPEN, "close"): S.CLOSED,
        (S.CLOSED, "count"): S.CLOSED,
        (S.CLOSED, "open"): S.OPEN,
    }
)


class FamilyCentre(Base):
    """A family centre (familjecentral, -liknande, or a way of working for 0–18); its unit answers for it."""

    __tablename__ = "family_centres"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipalities.code"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    address: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    age_min: Mapped[int] = mapped_column(SmallInteger)
    age_max: Mapped[int] = mapped_column(SmallInteger)
    from_pregnancy: Mapped[bool]
    agreement_ref: Mapped[str | None] = mapped_column(Text)
    agreement_on: Mapped[date | None]
    opening_hours: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    closed_on_holidays: Mapped[bool]
    takes_referrals: Mapped[bool]
    capacity_answer: Mapped[str | None] = mapped_column(Text)
    capacity_note: Mapped[str | None] = mapped_column(Text)
    capacity_until: Mapped[date | None]
    capacity_said_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    capacity_said_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    status: Mapped[str] = mapped_column(Text)
    opened_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    closed_reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_INSTANT)
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (Index(None, "municipality_code"), Index(None, "unit_id"))

    @property
    def subject(self) -> Subject:
        """What the log says an entry is about."""
        return Subject("family_centre", self.id)

    def open(self, on: date, today: date) -> None:
        """Open, or open again; raises ``ImpossibleInThisState``, ``CentreDayDoesNotFit``."""
        CENTRE_FLOW.go(self, "open")
        if on > today or (self.closed_on is not None and on < self.closed_on):
            raise CentreDayDoesNotFit
        self.opened_on, self.closed_on, self.closed_reason = on, None, None

    def close(self, on: date, reason: str, today: date) -> None:
        """Open no more; raises ``ImpossibleInThisState``, ``CentreDayDoesNotFit``."""
        CENTRE_FLOW.go(self, "close")
        if on > today or (self.opened_on is not None and on < self.opened_on):
            raise CentreDayDoesNotFit
        self.closed_on, self.closed_reason = on, reason

    def answer(self, answer: CapacityAnswer, note: str | None, until: date | None, by: UUID, at: datetime) -> None:
        """Whether there is room, from now on; raises ``ImpossibleInThisState``."""
        CENTRE_FLOW.go(self, "answer")
        self.capacity_answer, self.capacity_note, self.capacity_until = answer, note, until
        self.capacity_said_at, self.capacity_said_by = at, by


class CentrePart(Base):
    """A part of a centre (del): named with its owner, who gets no right to the centre by it."""

    __tablename__ = "centre_parts"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("family_centres.id"))
    type: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    authority_id: Mapped[UUID] = mapped_column(ForeignKey("authorities.id"))
    co_located: Mapped[bool]
    age_min: Mapped[int | None] = mapped_column(SmallInteger)
    age_max: Mapped[int | None] = mapped_column(SmallInteger)
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (Index(None, "centre_id"), Index(None, "unit_id"), Index(None, "authority_id"))

    @property
    def subject(self) -> Subject:
        """What the log says an entry is about."""
        return Subject("centre_part", self.id)

    def require_present(self) -> None:
        """Raise ``PartHasEnded`` once an end is stated."""
        if self.to_on is not None:
            raise PartHasEnded

    def end(self, on: date) -> None:
        """No part any more from that day on; raises ``PartHasEnded``, ``CentreDayDoesNotFit``."""
        self.require_present()
        if on < self.from_on:
            raise CentreDayDoesNotFit
        self.to_on = on


def require_ages(age_min: int | None, age_max: int | None, *, from_pregnancy: bool = False) -> None:
    """Raise ``AgeLimitsUnclear`` unless both limits or none are there, the lower one first (R12.4)."""
    if age_min is None or age_max is None:
        unclear = age_min is not age_max or from_pregnancy
    else:
        unclear = age_min > age_max or (from_pregnancy and age_min > 0)
    if unclear:
        raise AgeLimitsUnclear


def age_limits(centre: Mapping[str, Any], part: Mapping[str, Any] | None = None) -> tuple[int, int]:
    """The limits that hold: the part's own, else the centre's (R12.4)."""
    found = centre if part is None or part["age_min"] is None else part
    return found["age_min"], found["age_max"]
