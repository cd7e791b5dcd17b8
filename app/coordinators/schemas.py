"""What comes in and goes out about coordinators, their work, and whom one calls."""

from uuid import UUID

from pydantic import Field

from app.cases.schemas import Case
from app.coordinators.models import CallReason, CallRole, CoordinatorStatus
from app.kernel.shapes import Id, In, Line, Linked, Out, Page, Record, UtcInstant


class CoordinatorChange(In):
    """The next coordinator: somebody assigned to a unit of the circle. The present one stays until they accept."""

    user_id: UUID
    unit_id: UUID
    reason: Line | None = None


class ChecklistItem(In):
    """One thing to hand over, and whether it is done."""

    text: Line
    done: bool = False


class HandoverCreate(In):
    """The coordinator's own proposal of who comes next, with what shall be handed over (överlämning)."""

    to_user_id: UUID
    to_unit_id: UUID
    reason: Line
    checklist_items: list[ChecklistItem] = Field(default=[], max_length=50)


class CoordinatorAnswer(In):
    """Accept, decline or withdraw. A reason is welcome and never demanded."""

    reason: Line | None = None


class CoordinatorAssignment(Record):
    """Who was asked to coordinate, what they said, from and to."""

    case_id: Id
    user_id: Id
    name: str
    unit_id: Id
    unit_name: str | None = Field(description="Null where it would tell the place of a protected child.")
    reason: str | None
    status: CoordinatorStatus
    proposed_at: UtcInstant
    proposed_by: Id
    accept_due_at: UtcInstant = Field(description="Agreed practice, unverified; the end of a Stockholm day.")
    answered_at: UtcInstant | None
    answer_reason: str | None
    ended_at: UtcInstant | None
    follows_id: Id | None = Field(description="The assignment that this one takes over from.")
    checklist_items: list[ChecklistItem]


class CoordinatorAssignmentPage(Page[CoordinatorAssignment]):
    """The coordinators of a case, newest first: asked, present and past."""


class CoordinatorProposed(Case):
    """The case, whose coordinator is the same until the new one accepts (R5.3), and what was asked."""

    assignment: CoordinatorAssignment


class WhomToCall(Linked):
    """The one to call: for the family and for everybody who works with the child (R5.4)."""

    user_id: Id | None = Field(description="Null where a desk or a unit answers, and no particular person.")
    name: str | None
    unit_name: str | None = Field(description="Null where it would tell the place of a protected child.")
    phone: str | None
    role: CallRole
    because: CallReason
    standing_in_for: str | None = Field(description="The name of whom a deputy stands in for.")


class CoordinatorWorkload(Out):
    """One coordinator's work, in numbers: cases of protected children are counted and never named (R5.7)."""

    user_id: Id
    name: str
    cases: int = Field(description="Open cases that the person coordinates.", json_schema_extra={"example": 7})
    proposed: int = Field(description="Open cases that wait for the person's answer.", json_schema_extra={"example": 1})
    overdue: int = Field(description="What is past due in those cases.", json_schema_extra={"example": 2})
    absent: bool = Field(description="Away today.")
    deputy_name: str | None = Field(description="Who stands in today, or would if no sign came.")


class CoordinatorWorkloadPage(Page[CoordinatorWorkload]):
    """The coordinators of the caller's unit, by name."""
