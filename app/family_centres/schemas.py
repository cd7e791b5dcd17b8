"""What comes in and goes out about family centres and their parts."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.centre_kinds.models import CentreFault, CentrePartType, FamilyCentreKind
from app.family_centres.models import CapacityAnswer, CentreStatus
from app.kernel.paging import PageQuery
from app.kernel.shapes import Day, Id, In, Line, MunicipalityCode, Name, Out, Page, Record, UtcInstant
from app.opening_hours import OpeningHours, OpeningPeriod

Age = Annotated[int, Field(ge=0, le=30, description="Whole years.")]


class FamilyCentreCreate(In):
    """A centre that is planned. What its kind demands of its parts is asked when it opens (R12.1–R12.3)."""

    kind: FamilyCentreKind
    unit_id: UUID = Field(description="The unit that answers for the centre.")
    name: Name
    municipality_code: MunicipalityCode | None = Field(default=None, description="The unit's own, when absent.")
    address: Line | None = None
    phone: Name | None = None
    age_min: Age = Field(default=0, description="From this age; the kind has no limits of its own (R12.4).")
    age_max: Age = Field(default=6, description="To this age, that year included.")
    from_pregnancy: bool = Field(default=False, description="Also for those who expect a child.")
    agreement_ref: Line | None = Field(default=None, description="The agreement between the principals.")
    agreement_on: Day | None = None
    opening_hours: OpeningHours = []
    closed_on_holidays: bool = True
    takes_referrals: bool = True


class FamilyCentrePatch(In):
    """Changes to a centre; absent fields stay, null removes. Opening hours are replaced as a whole."""

    kind: FamilyCentreKind = FamilyCentreKind.FAMILJECENTRAL
    name: Name = ""
    address: Line | None = None
    phone: Name | None = None
    age_min: Age = 0
    age_max: Age = 6
    from_pregnancy: bool = False
    agreement_ref: Line | None = None
    agreement_on: Day | None = None
    opening_hours: OpeningHours = []
    closed_on_holidays: bool = True
    takes_referrals: bool = True


class CentreOpening(In):
    """The centre opens, or opens again."""

    opened_on: Day | None = Field(default=None, description="Since when it is open. Today, when absent.")


class CentreClosure(In):
    """The centre is open no more."""

    reason: Line
    closed_on: Day | None = Field(default=None, description="The first day on which it is closed. Today, when absent.")


class CapacityAnswerCreate(In):
    """What the centre answers to whether there is room."""

    answer: CapacityAnswer
    note: Line | None = Field(default=None, description="About the centre, never about a person: how long one waits.")
    valid_until: Day | None = Field(default=None, description="The last day on which it holds; open, when absent.")


class CapacitySaid(Out):
    """What the centre answered, who said so and when."""

    answer: CapacityAnswer
    note: str | None
    valid_until: Day | None
    said_at: UtcInstant
    said_by: Id
    said_by_name: str


class CentrePartCreate(In):
    """A part (del) of the centre and its owner: the part's unit, or the authority where no unit is registered."""

    type: CentrePartType
    name: Name
    unit_id: UUID | None = None
    authority_id: UUID | None = Field(default=None, description="The unit's own, when absent.")
    co_located: bool = Field(default=True, description="Its whole ordinary activity takes place there.")
    age_min: Age | None = Field(default=None, description="The part's own limits, both or none.")
    age_max: Age | None = None
    from_on: Day | None = Field(default=None, description="Today, when absent.")
    centre_kind: FamilyCentreKind | None = Field(default=None, description="What the centre becomes by this part.")


class CentrePartPatch(In):
    """Changes to a part; absent fields stay, null removes. Another type or owner is another part."""

    name: Name = ""
    unit_id: UUID | None = None
    co_located: bool = True
    age_min: Age | None = None
    age_max: Age | None = None
    from_on: Day = None  # type: ignore[assignment]
    centre_kind: FamilyCentreKind | None = Field(default=None, description="What the centre becomes by the change.")


class CentrePartEnding(In):
    """The part is one no more; that it was is kept."""

    to_on: Day | None = Field(default=None, description="The first day without it. Today, when absent.")
    reason: Line | None = None
    centre_kind: FamilyCentreKind | None = Field(default=None, description="What the centre becomes without the part.")


class CentrePart(Record):
    """A part of a centre, with its owner (huvudman)."""

    centre_id: Id
    type: CentrePartType
    name: str
    unit_id: Id | None
    unit_name: str | None
    authority_id: Id
    authority_name: str
    co_located: bool
    age_min: int | None = Field(description="Null: the centre's limits hold.")
    age_max: int | None
    from_on: Day
    to_on: Day | None = Field(description="The first day without it.")


class CentrePartPage(Page[CentrePart]):
    """The parts of a centre, also those that were; the earliest first."""


class FamilyCentre(Record):
    """A family centre: which parts it has and whose they are, for which ages, whether it is open and has room."""

    kind: FamilyCentreKind
    status: CentreStatus
    name: str
    municipality_code: str
    unit_id: Id
    unit_name: str
    authority_id: Id
    authority_name: str
    address: str | None
    phone: str | None
    age_min: int
    age_max: int
    from_pregnancy: bool
    agreement_ref: str | None
    agreement_on: Day | None
    opening_hours: list[OpeningPeriod]
    closed_on_holidays: bool = Field(description="Closed on weekdays that are no working days.")
    is_open_now: bool
    next_opening: UtcInstant | None = Field(description="When it opens next, also while it is open; null: not soon.")
    takes_referrals: bool
    capacity_answer: CapacitySaid | None = Field(description="Null: not said, or no longer valid.")
    parts: list[CentrePart] = Field(description="Those that are, and those to come.")
    warnings: list[CentreFault] = Field(description="What it lacks for its kind before it opens (R12.1–R12.3).")
    opened_on: Day | None
    closed_on: Day | None
    closed_reason: str | None
    created_at: UtcInstant


class FamilyCentrePage(Page[FamilyCentre]):
    """Family centres."""


class FamilyCentreQuery(PageQuery):
    """Filters of family centres."""

    municipality_code: list[MunicipalityCode] = []
    kind: list[FamilyCentreKind] = []
    status: list[CentreStatus] = []
    part: list[CentrePartType] = Field(default=[], description="Has a part of this type now.")
    age: Age | None = Field(default=None, description="The centre's limits, or a part's own, hold this age (R12.4).")
    from_pregnancy: bool | None = None
    takes_referrals: bool | None = None
