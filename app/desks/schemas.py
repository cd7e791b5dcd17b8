"""What comes in and goes out about coordination desks."""

from uuid import UUID

from pydantic import Field

from app.kernel.paging import PageQuery
from app.kernel.shapes import Id, In, Line, Linked, MunicipalityCode, Name, Page, Prose, Record, UtcInstant
from app.opening_hours import OpeningHours, OpeningPeriod
from app.organisations.schemas import Email


class DeskCreate(In):
    """A new desk: the unit's one desk. Its lead answers when nobody else does."""

    unit_id: UUID
    name: Name
    lead_user_id: UUID = Field(description="Somebody assigned to the unit.")
    municipality_code: MunicipalityCode | None = Field(default=None, description="The unit's own, when absent.")
    function_address: Line | None = Field(default=None, description="Address for secure messages (SDK).")
    phone: Name | None = None
    email: Email | None = None
    opening_hours: OpeningHours = []
    closed_on_holidays: bool = True
    note: Prose | None = None


class DeskPatch(In):
    """Changes to a desk; absent fields stay, null removes. Opening hours are replaced as a whole."""

    name: Name = ""
    lead_user_id: UUID = None  # type: ignore[assignment]
    municipality_code: MunicipalityCode | None = None
    function_address: Line | None = None
    phone: Name | None = None
    email: Email | None = None
    opening_hours: OpeningHours = []
    closed_on_holidays: bool = True
    note: Prose | None = None


class CoordinationDesk(Record):
    """A coordination desk (samordningsfunktion): whom families and professionals call."""

    unit_id: Id
    unit_name: str
    municipality_code: str | None
    name: str
    function_address: str | None
    phone: str | None
    email: str | None
    lead_user_id: Id
    lead_name: str
    opening_hours: list[OpeningPeriod]
    closed_on_holidays: bool = Field(description="Closed on weekdays that are no working days.")
    note: str | None
    open_now: bool
    next_opening: UtcInstant | None = Field(description="When it opens next, also while it is open; null: not soon.")


class DeskPage(Page[CoordinationDesk]):
    """Coordination desks."""


class DeskQuery(PageQuery):
    """Filters of desks."""

    municipality_code: list[MunicipalityCode] = []
    unit_id: list[UUID] = []


class DeskStaffCreate(In):
    """Somebody who answers at the desk from now on."""

    user_id: UUID = Field(description="Somebody assigned to the desk's unit.")


class DeskStaffEnding(In):
    """Somebody answers there no more."""

    reason: Line | None = None


class DeskStaffMember(Linked):
    """Somebody on a desk's staff, from and to."""

    id: Id
    user_id: Id
    name: str
    from_at: UtcInstant
    to_at: UtcInstant | None


class DeskStaffPage(Page[DeskStaffMember]):
    """Who answers at a desk, and who did."""
