"""What comes in and goes out about requests to a coordination desk."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from app.cases.schemas import FiveQuestions
from app.coordination.models import AskerKind, RequestChannel, RequestStatus
from app.kernel.paging import PageQuery, SortOrder
from app.kernel.shapes import Id, In, Line, Name, Out, Page, Prose, Record, UtcInstant
from app.newcomers.schemas import ChildCreate


class CoordinationRequestCreate(In):
    """A request to a desk: one's own, or what somebody said on the telephone. It may stay anonymous (R5.1)."""

    desk_id: UUID
    subject: Prose
    channel: RequestChannel = RequestChannel.DIGITAL
    asker_kind: AskerKind | None = Field(
        default=None, description="Follows from the sign-in of a family member; professional for others, when absent."
    )
    asker_name: Name | None = Field(default=None, description="The caller's own name, when nobody else asks.")
    asker_phone: Name | None = None
    asker_relation: Line | None = Field(default=None, description="To the child: mother, teacher …")
    child_id: UUID | None = Field(default=None, description="Only by the desk: a child that its unit has a record of.")


class CoordinationRequestPatch(In):
    """Corrections by the desk; absent fields stay, null removes. What they replace is kept (R3.8)."""

    subject: Prose = ""
    asker_name: Name | None = None
    asker_phone: Name | None = None
    asker_relation: Line | None = None
    child_id: UUID | None = None
    correction_reason: Line | None = None


class RequestTriageCreate(In):
    """What triage finds. With ``suspectedHarm`` nothing of this is kept: say nothing more here (R5.8)."""

    five_questions: FiveQuestions | None = Field(
        default=None, description="All five in short form (R5.2); left out when harm is suspected."
    )
    suspected_harm: bool
    note: Prose | None = Field(default=None, description="For the desk itself.")


class RequestAnswer(In):
    """What the asker is told."""

    text: Prose
    advised_only: bool = Field(default=False, description="Advice was all that was needed.")


class RequestReferral(In):
    """Where the family turns instead. The receiver sees nothing of the request: the family calls by itself."""

    to_unit_id: UUID | None = None
    to_name: Line | None = Field(default=None, description="Somebody who is not in the directory.")
    reason: Prose
    family_agrees: bool
    text: Prose | None = Field(default=None, description="What else the asker is told.")


class RequestCase(In):
    """The case that the request becomes: about a child that the desk's unit has, or about a new one."""

    child_id: UUID | None = Field(default=None, description="The request's own child, when absent.")
    child: ChildCreate | None = None
    reason_text: Prose | None = Field(default=None, description="The request's subject, when absent.")
    named_contact_id: UUID | None = Field(default=None, description="A user assigned to the unit.")


class RequestClosure(In):
    """How somebody was sought and not found."""

    attempts: Prose


class RequestTriage(Out):
    """What the desk wrote for itself; nobody else sees it."""

    five_questions: FiveQuestions | None
    note: str | None
    attempts: str | None


class ReferredTo(Out):
    """Whom the family calls instead."""

    unit_id: Id | None
    name: str
    phone: str | None


class CoordinationRequestSummary(Record):
    """A request in a list. Where its child is protected, who asks and about what is left out (R2.5)."""

    desk_id: Id
    desk_name: str
    status: RequestStatus = Field(description="Its sender sees `triaged` where the desk sees `handled_outside`.")
    asker_kind: AskerKind
    channel: RequestChannel
    asker_name: str | None
    subject: str | None
    case_id: Id | None = Field(description="Null where the caller may not know of the case.")
    received_at: UtcInstant
    acknowledge_due_at: UtcInstant = Field(description="In time means before this instant; the end of a Stockholm day.")
    contact_due_at: UtcInstant
    due_basis: str = Field(description="On what the two rest: agreed practice, unverified.")
    acknowledge_overdue: bool
    contact_overdue: bool


class CoordinationRequest(CoordinationRequestSummary):
    """A request: what the sender may see of it, and what the desk keeps for itself."""

    desk_phone: str | None
    asker_phone: str | None
    asker_relation: str | None
    child_id: Id | None = Field(description="Null where the caller may not know of the child's record.")
    triaged_at: UtcInstant | None
    answered_at: UtcInstant | None
    answered_by_name: str | None
    answer_text: str | None
    referred_to: ReferredTo | None = Field(description="Null where it would tell the place of a protected child.")
    referral_reason: str | None
    closed_at: UtcInstant | None
    triage: RequestTriage | None = Field(description="Only to the desk.")
    next_step: str | None = Field(description="What the desk must do now, outside this system (R5.8).")


class CoordinationRequestPage(Page[CoordinationRequestSummary]):
    """Requests, those that have waited longest first."""


class CoordinationRequestQuery(PageQuery):
    """Filters of requests. A queue is read from its beginning."""

    sort_order: SortOrder = SortOrder.ASC
    desk_id: list[UUID] = []
    status: list[RequestStatus] = []
    overdue: bool | None = Field(default=None, description="Whether triage or the first contact is late now.")
    sent: bool | None = Field(
        default=None,
        description="What the caller's unit has sent, instead of what has reached its own desk; always so for the "
        "family and for units without a desk.",
    )
    sort_by: Literal["receivedAt", "contactDueAt"] = "receivedAt"
