"""Activities (aktiviteter), who came in numbers, and what was thought of them. ``domain.md`` 12.14.

An activity with places has a pool of them that bears its id (``app.places``); one without is open to whoever comes.
Nobody who comes is named here (R14.4).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, SmallInteger, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.audit import Subject
from app.kernel.db import Base
from app.kernel.errors import Conflict, Problem
from app.kernel.errors import Text as Words
from app.kernel.workflow import Workflow
from app.support_offers.models import AgesUnclear

_INSTANT = TIMESTAMP(timezone=True)
#: Gnesta's movement initiative is for children up to this age (``domain.md`` 0.1).
MOVEMENT_AGE_MAX = 12


class ActivityType(Coded):
    """What kind of activity, as Gnesta's sources name them."""

    THEME_EVENING_ANDT = (
        "theme_evening_andt",
        "Temakväll om alkohol, narkotika och tobak",
        "Theme evening on alcohol, drugs and tobacco",
    )
    NPF_MEETING = "npf_meeting", "NPF-träff för föräldrar", "NPF meeting for parents"
    KOMET_MEETING = "komet_meeting", "Komet-träff om att hantera konflikter hemma", "Komet meeting on conflicts at home"
    MOVEMENT = "movement", "Rörelsesatsning upp till 12 år", "Movement initiative up to 12 years"
    TEACHER_TRAINING = (
        "teacher_training",
        "Lärarutbildning i tillgänglig lärmiljö",
        "Teacher training in accessible learning environments",
    )
    OTHER = "other", "Annan aktivitet", "Another activity"


class ActivityStatus(Coded):
    """Where an activity stands; full and held follow from its places and the time."""

    PLANNED = "planned", "Planerad", "Planned"
    OPEN = "open", "Öppen för anmälan", "Open for registration"
    FULL = "full", "Fullbokad, kö finns", "Full, with a waiting list"
    HELD = "held", "Påbörjad eller genomförd", "Begun or held"
    CANCELLED = "cancelled", "Inställd", "Cancelled"


class MovementIsForUpTo12(Problem):
    """12.14: the movement initiative has an upper age, and it is twelve at most."""

    code = "movement-is-for-up-to-12"
    status = 422
    title = Words("Rörelsesatsningen är för barn upp till 12 år", "The movement initiative is for up to 12 years")
    detail = Words("Ange ageMax, högst 12.", "State ageMax, 12 at most.")


class ActivityTimesUnclear(Problem):
    """An activity ends after it begins, and registration comes before it."""

    status = 422
    title = Words("Tiderna går inte ihop", "The times do not fit together")
    detail = Words(
        "Aktiviteten slutar efter att den börjar; anmälan öppnar innan den stänger, och stänger senast när den börjar.",
        "The activity ends after it begins; registration opens before it closes, and closes when it begins at the "
        "latest.",
    )


class UnitNotOfCentre(Problem):
    """An activity of a centre is held by the centre's unit or by one of its parts."""

    status = 422
    title = Words("Enheten hör inte till familjecentralen", "The unit is no part of the family centre")
    detail = Words(
        "centreId ska vara en central där den egna enheten ansvarar eller är en del.",
        "centreId must be a centre that one's own unit answers for or is a part of.",
    )


class ActivityHasBegun(Conflict):
    """What has begun is counted, not changed."""

    title = Words("Aktiviteten har börjat", "The activity has begun")
    detail = Words("Det går inte längre.", "It is too late for this.")


class ActivityNotYetHeld(Conflict):
    """Who came is counted when they have come."""

    title = Words("Aktiviteten har inte börjat", "The activity has not begun")
    detail = Words(
        "Närvaro och utvärdering lämnas efter att den har börjat, och inte om den är inställd.",
        "Attendance and evaluation come after it has begun, and not when it is cancelled.",
    )


class NoRegistrationNeeded(Conflict):
    """An activity without places is open to whoever comes."""

    title = Words("Ingen anmälan behövs", "No registration is needed")
    detail = Words("Aktiviteten har inget antal platser: kom som du är.", "It has no number of places: just come.")


class MoreRecommendThanAnswered(Problem):
    """Those who would recommend it are some of those who answered."""

    status = 422
    title = Words("Fler rekommenderar än har svarat", "More recommend than have answered")
    detail = Words("wouldRecommend kan inte vara fler än answers.", "wouldRecommend cannot be more than answers.")


S = ActivityStatus
ACTIVITY_FLOW = Workflow(
    {
        (S.PLANNED, "edit"): S.PLANNED,
        (S.PLANNED, "open"): S.OPEN,
        (S.OPEN, "edit"): S.OPEN,
        (S.PLANNED, "cancel"): S.CANCELLED,
        (S.OPEN, "cancel"): S.CANCELLED,
    }
)


@dataclass(frozen=True, slots=True)
class ActivityCancelled:
    """An activity is cancelled: told to whatever rests on it."""

    activity_id: UUID


class Activity(Base):
    """An activity (aktivitet): a theme evening, a meeting, a training; of a unit, perhaps at a family centre."""

    __tablename__ = "activities"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    municipality_code: Mapped[str | None] = mapped_column(ForeignKey("municipalities.code"))
    centre_id: Mapped[UUID | None] = mapped_column(ForeignKey("family_centres.id"))
    support_offer_id: Mapped[UUID | None] = mapped_column(ForeignKey("support_offers.id"))
    type: Mapped[str] = mapped_column(Text)
    title_sv: Mapped[str] = mapped_column(Text)
    title_en: Mapped[str | None] = mapped_column(Text)
    summary_sv: Mapped[str | None] = mapped_column(Text)
    summary_en: Mapped[str | None] = mapped_column(Text)
    audiences: Mapped[list[str]] = mapped_column(ARRAY(Text))
    age_min: Mapped[int | None] = mapped_column(SmallInteger)
    age_max: Mapped[int | None] = mapped_column(SmallInteger)
    starts_at: Mapped[datetime] = mapped_column(_INSTANT)
    ends_at: Mapped[datetime] = mapped_column(_INSTANT)
    place: Mapped[str | None] = mapped_column(Text)
    registration_opens_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    registration_closes_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    status: Mapped[str] = mapped_column(Text)
    cancel_reason: Mapped[str | None] = mapped_column(Text)
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index("ix_activities_starts_at", "starts_at", "id"),
        Index(None, "unit_id"),
        Index(None, "municipality_code"),
        Index(None, "centre_id"),
        Index(None, "support_offer_id"),
    )

    @property
    def subject(self) -> Subject:
        """What the log says an entry is about."""
        return Subject("activity", self.id)

    def apply(self, stated: dict[str, Any]) -> None:
        """Change the stated fields; what comes of it must be possible."""
        for name, value in stated.items():
            setattr(self, name, value)
        self.require_possible()

    def require_possible(self) -> None:
        """Raise ``MovementIsForUpTo12``, ``AgesUnclear``, ``ActivityTimesUnclear``."""
        if self.type == ActivityType.MOVEMENT and (self.age_max is None or self.age_max > MOVEMENT_AGE_MAX):
            raise MovementIsForUpTo12
        if None not in (self.age_min, self.age_max) and self.age_min > self.age_max:  # type: ignore[operator]
            raise AgesUnclear
        closes = self.registration_closes_at or self.starts_at
        opens = self.registration_opens_at
        if self.ends_at <= self.starts_at or closes > self.starts_at or (opens is not None and opens >= closes):
            raise ActivityTimesUnclear

    def step(self, deed: str, at: datetime) -> None:
        """Take a step. Raises ``ActivityHasBegun``, ``ImpossibleInThisState``."""
        if self.status != ActivityStatus.CANCELLED and self.starts_at <= at:
            raise ActivityHasBegun
        ACTIVITY_FLOW.go(self, deed)

    def require_held(self, at: datetime) -> None:
        """Raise ``ActivityNotYetHeld`` before it begins, and when it was cancelled."""
        if self.status == ActivityStatus.CANCELLED or at < self.starts_at:
            raise ActivityNotYetHeld


class ActivityAttendance(Base):
    """How many came to the activity whose id it has: numbers and nothing else (R14.4)."""

    __tablename__ = "activity_attendances"

    id: Mapped[UUID] = mapped_column(ForeignKey("activities.id"), primary_key=True)
    children: Mapped[int] = mapped_column(SmallInteger)
    adults: Mapped[int] = mapped_column(SmallInteger)
    staff: Mapped[int] = mapped_column(SmallInteger)
    recorded_at: Mapped[datetime] = mapped_column(_INSTANT)
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}

    @property
    def subject(self) -> Subject:
        """What the log says an entry is about."""
        return Subject("activity_attendance", self.id)


class ActivityEvaluation(Base):
    """What those who came thought, together: a text in which nobody is recognised, and counts (utvärdering)."""

    __tablename__ = "activity_evaluations"

    id: Mapped[UUID] = mapped_column(ForeignKey("activities.id"), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    answers: Mapped[int] = mapped_column(SmallInteger)
    would_recommend: Mapped[int] = mapped_column(SmallInteger)
    written_at: Mapped[datetime] = mapped_column(_INSTANT)
    written_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}

    @property
    def subject(self) -> Subject:
        """What the log says an entry is about."""
        return Subject("activity_evaluation", self.id)
