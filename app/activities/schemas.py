"""What comes in and goes out about activities."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.activities.models import ActivityStatus, ActivityType
from app.kernel.paging import PageQuery, SortOrder
from app.kernel.shapes import (
    Day,
    Id,
    In,
    Instant,
    Line,
    Linked,
    MunicipalityCode,
    Name,
    Page,
    Prose,
    Record,
    UtcInstant,
)
from app.support_offers.models import SupportAudience

Age = Annotated[int, Field(ge=0, le=120)]
Count = Annotated[int, Field(ge=0, le=10_000)]
Capacity = Annotated[int, Field(ge=1, le=1_000, description="Without it nobody needs to register: whoever comes.")]
Audiences = Annotated[list[SupportAudience], Field(min_length=1, max_length=len(SupportAudience))]


class ActivityCreate(In):
    """A new activity of the caller's own unit."""

    type: ActivityType
    title_sv: Name = Field(description="In plain Swedish.")
    title_en: Name | None = Field(default=None, description="Where absent, English readers get the Swedish title.")
    summary_sv: Prose | None = None
    summary_en: Prose | None = None
    audiences: Audiences
    age_min: Age | None = Field(default=None, description="Ages of those who take part; null: no limit.")
    age_max: Age | None = Field(default=None, description="The movement initiative needs one, 12 at most.")
    starts_at: Instant
    ends_at: Instant
    place: Line | None = None
    capacity: Capacity | None = None
    registration_opens_at: Instant | None = Field(default=None, description="Not before then, also when it is open.")
    registration_closes_at: Instant | None = Field(default=None, description="When it begins, where absent.")
    municipality_code: MunicipalityCode | None = Field(default=None, description="The unit's own, where absent.")
    centre_id: UUID | None = Field(default=None, description="The family centre where it takes place.")
    support_offer_id: UUID | None = Field(
        default=None, description="The offer that it is part of: Komet, NPF meetings."
    )


class ActivityPatch(In):
    """Changes to an activity that has not begun; absent fields stay, null removes.

    Places are added, or taken away as long as nobody has them.
    """

    title_sv: Name = ""
    title_en: Name | None = None
    summary_sv: Prose | None = None
    summary_en: Prose | None = None
    audiences: Audiences = []
    age_min: Age | None = None
    age_max: Age | None = None
    starts_at: Instant = None  # type: ignore[assignment]
    ends_at: Instant = None  # type: ignore[assignment]
    place: Line | None = None
    capacity: Capacity = 1
    registration_opens_at: Instant | None = None
    registration_closes_at: Instant | None = None
    centre_id: UUID | None = None
    support_offer_id: UUID | None = None


class ActivityOpening(In):
    """Registration is open from now on, or from ``registrationOpensAt``."""


class ActivityCancellation(In):
    """The activity will not be held; everybody who is registered loses the place, and sees why."""

    reason: Line = Field(description="Public: what those who are registered are told. Nothing about anybody.")


class Activity(Record):
    """An activity (aktivitet): what, when, where, for whom, and whether there is room."""

    type: ActivityType
    status: ActivityStatus
    title: str = Field(description="In the language of the answer, or Swedish.")
    title_sv: str
    title_en: str | None
    summary: str | None = Field(description="In the language of the answer, or Swedish.")
    summary_sv: str | None
    summary_en: str | None
    audiences: list[SupportAudience]
    age_min: int | None
    age_max: int | None
    starts_at: UtcInstant
    ends_at: UtcInstant
    place: str | None
    unit_id: Id
    unit_name: str
    unit_phone: str | None = Field(description="Where to register by telephone.")
    municipality_code: str | None = Field(description="Null: the whole county.")
    centre_id: Id | None
    centre_name: str | None
    support_offer_id: Id | None
    capacity: int | None = Field(description="Null: no registration is needed.")
    free: int | None = Field(description="Places that nobody has or is offered.")
    waiting: int | None = Field(description="How many stand in line.")
    registration_open: bool = Field(description="Whether one can register now, for a place or for the line.")
    registration_opens_at: UtcInstant | None
    registration_closes_at: UtcInstant | None
    cancel_reason: str | None


class ActivityPage(Page[Activity]):
    """Activities, the earliest first."""


class ActivityQuery(PageQuery):
    """Filters of activities."""

    sort_order: SortOrder = SortOrder.ASC
    municipality_code: list[MunicipalityCode] = Field(default=[], description="Also what is for the whole county.")
    type: list[ActivityType] = []
    audience: list[SupportAudience] = Field(default=[], description="For any of these.")
    age: Age | None = Field(default=None, description="Fits somebody of this age.")
    from_: Day | None = Field(default=None, alias="from", description="From this day on; today, where absent.")
    to: Day | None = Field(default=None, description="To this day, included.")
    status: list[ActivityStatus] = []
    unit_id: list[UUID] = []
    support_offer_id: list[UUID] = []


class ActivityQueryAnywhere(ActivityQuery):
    """Filters of activities, at any family centre or none."""

    centre_id: list[UUID] = []


class ActivityAttendanceCount(In):
    """How many came: numbers, nobody is named."""

    children: Count
    adults: Count
    staff: Count


class ActivityAttendance(Linked):
    """How many came to an activity."""

    activity_id: Id
    children: int
    adults: int
    staff: int
    recorded_at: UtcInstant
    recorded_by_name: str
    version: int = Field(description="Grows by one at each change.", json_schema_extra={"example": 1})


class ActivityEvaluationCreate(In):
    """What those who came thought, together. A text in which somebody is recognised by a number is refused."""

    text: Prose
    answers: Count = Field(description="How many answered.")
    would_recommend: Count = Field(description="How many of them would recommend it to others.")


class ActivityEvaluation(Linked):
    """What those who came thought of an activity."""

    activity_id: Id
    text: str
    answers: int
    would_recommend: int
    written_at: UtcInstant
    written_by_name: str
    version: int = Field(description="Grows by one at each change.", json_schema_extra={"example": 1})
