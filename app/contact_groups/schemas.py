"""What comes in and goes out about contact groups and their leaders."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from app.contact_groups.models import DecisionType, GroupStatus, GroupWarning
from app.kernel.paging import PageQuery
from app.kernel.shapes import Day, Id, In, Line, MunicipalityCode, Name, Out, Page, Prose, Record, UtcInstant
from app.opening_hours import ClockTime

Term = Annotated[
    str,
    StringConstraints(pattern=r"^(VT|HT)[0-9]{4}$"),
    Field(description="School term: VT spring, HT autumn, and the year.", examples=["HT2026"]),
]
Grade = Annotated[int, Field(ge=0, le=9, description="Grade (årskurs); 0 is the preschool class.", examples=[4])]
Weekday = Annotated[int, Field(ge=1, le=7, description="1 is Monday, 7 is Sunday (ISO 8601).", examples=[3])]
Capacity = Annotated[int, Field(ge=1, le=100, description="How many places the group has.", examples=[8])]
OfferDays = Annotated[int, Field(ge=1, le=90, description="Days that an offered place waits (R11.5).", examples=[10])]
_ABOUT_THE_GROUP = "About the group, never about a child: everybody may read it."
_AUTOMATIC = (
    "True: every free place is offered at once to the next in line. False: staff offer; only an offer that was "
    "declined or expired goes to the next by itself."
)


class ContactGroupCreate(In):
    """A new group of the caller's unit. What is absent is as the settings have it (8 places, grades 3 to 7)."""

    name: Name
    term: Term
    weekday: Weekday
    starts_at: ClockTime = Field(examples=["15:00"])
    ends_at: ClockTime = Field(examples=["17:00"])
    default_decision_type: DecisionType = Field(description="On what its places rest, as the board has decided.")
    municipality_code: MunicipalityCode | None = Field(default=None, description="The unit's own, when absent.")
    grade_min: Grade | None = None
    grade_max: Grade | None = None
    place: Line | None = None
    note: Prose | None = Field(default=None, description=_ABOUT_THE_GROUP)
    capacity: Capacity | None = None
    offer_days: OfferDays | None = None
    automatic_offers: bool = Field(default=False, description=_AUTOMATIC)


class ContactGroupPatch(In):
    """Changes to a group; absent fields stay, null removes."""

    name: Name = ""
    term: Term = ""
    weekday: Weekday = 1
    starts_at: ClockTime = ""
    ends_at: ClockTime = ""
    default_decision_type: DecisionType = DecisionType.WITHOUT_NEEDS_ASSESSMENT
    grade_min: Grade = 0
    grade_max: Grade = 0
    place: Line | None = None
    note: Prose | None = Field(default=None, description=_ABOUT_THE_GROUP)
    capacity: Capacity = 1
    offer_days: OfferDays = 1
    automatic_offers: bool = Field(default=False, description=_AUTOMATIC)


class GroupOpening(In):
    """Places are offered from now on. Nothing is asked."""


class GroupResumption(In):
    """Places are offered again. Nothing is asked."""


class GroupPause(In):
    """No places are offered for a while; those who have one keep it."""

    reason: Line = Field(description=_ABOUT_THE_GROUP)


class GroupEnding(In):
    """The group is no more."""

    reason: Line = Field(description=_ABOUT_THE_GROUP)


class GroupLeaderNow(Out):
    """Somebody who leads the group today."""

    id: Id
    user_id: Id
    name: str
    from_on: Day
    police_record_checked_on: Day | None = Field(description="Shown to the group's own unit only.")


class ContactGroup(Record):
    """A contact group (kontaktgrupp): when and where it meets, for which grades, and how many places are free."""

    unit_id: Id
    unit_name: str
    municipality_code: str = Field(json_schema_extra={"example": "0428"})
    name: str
    term: str = Field(json_schema_extra={"example": "HT2026"})
    grade_min: int
    grade_max: int
    weekday: int = Field(description="1 is Monday, 7 is Sunday (ISO 8601).")
    starts_at: str = Field(description="Hours and minutes in Europe/Stockholm.", json_schema_extra={"example": "15:00"})
    ends_at: str = Field(json_schema_extra={"example": "17:00"})
    place: str | None
    note: str | None = Field(description=_ABOUT_THE_GROUP)
    status: GroupStatus = Field(description="Full: open, and no place is free.")
    status_reason: str | None = Field(description="Why it is paused or ended.")
    default_decision_type: DecisionType
    capacity: int
    offer_days: int
    automatic_offers: bool = Field(description=_AUTOMATIC)
    taken: int
    offered: int
    free: int
    waiting: int | None = Field(description="How many wait; shown to the group's own unit only (R11.9).")
    leaders: list[GroupLeaderNow]
    warnings: list[GroupWarning] = Field(description="Fewer than two leaders today (R11.2).")
    created_at: UtcInstant
    ended_at: UtcInstant | None


class ContactGroupPage(Page[ContactGroup]):
    """Contact groups."""


class ContactGroupQuery(PageQuery):
    """Filters of groups."""

    municipality_code: list[MunicipalityCode] = []
    unit_id: list[UUID] = []
    status: list[GroupStatus] = []
    term: list[Term] = []
    grade: Grade | None = Field(default=None, description="Groups for this grade.")


class GroupLeaderCreate(In):
    """Somebody employed by social services leads the group, from and to."""

    user_id: UUID = Field(description="Somebody with a valid assignment in a unit of social services.")
    police_record_checked_on: Day = Field(description="When the extract from the police records was shown.")
    from_on: Day | None = Field(default=None, description="Today, when absent.")
    to_on: Day | None = Field(default=None, description="The last day; until it is ended, when absent.")


class GroupLeaderPatch(In):
    """A new check of the police records, or another last day; null lifts it."""

    police_record_checked_on: Day = date.min
    to_on: Day | None = None


class GroupLeaderEnding(In):
    """Somebody leads the group no more; that they did is kept."""

    last_on: Day | None = Field(default=None, description="The last day; today, when absent.")
    reason: Line | None = None


class GroupLeader(Record):
    """A leader of a group (gruppledare), from and to."""

    group_id: Id
    user_id: Id
    name: str
    police_record_checked_on: Day | None = Field(description="Shown to the group's own unit only.")
    from_on: Day
    to_on: Day | None


class GroupLeaderPage(Page[GroupLeader]):
    """Who leads a group, did, and will."""
