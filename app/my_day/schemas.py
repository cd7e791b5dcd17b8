"""What goes out about deadlines."""

from uuid import UUID

from pydantic import Field

from app.kernel.deadlines import DeadlineKind
from app.kernel.paging import PageQuery, SortOrder
from app.kernel.shapes import Id, In, Instant, Line, Page, Record, UtcInstant


class Deadline(Record):
    """A deadline (tidsfrist) as a stored fact: what started it, when it is due, and on which basis."""

    code: str = Field(json_schema_extra={"example": "first_contact"})
    kind: DeadlineKind
    legal_basis: str
    start_event: str
    started_at: UtcInstant
    due_at: UtcInstant = Field(description="In time means before this instant; the end of a Stockholm day.")
    original_due_at: UtcInstant
    extension_reason: str | None
    met_at: UtcInstant | None
    overdue: bool
    subject_type: str
    subject_id: Id
    child_id: Id


class DeadlinePage(Page[Deadline]):
    """What is due, soonest first."""


class DeadlineQuery(PageQuery):
    """Filters of deadlines."""

    sort_order: SortOrder = SortOrder.ASC
    kind: list[DeadlineKind] = []
    subject_id: list[UUID] = []
    due_before: Instant | None = None


class Extension(In):
    """A later date, with its reason."""

    due_at: Instant
    reason: Line
