"""What comes in and goes out about plans."""

from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from app.cases.schemas import CaseChild
from app.kernel.paging import PageQuery
from app.kernel.shapes import Code, Day, Id, In, Instant, Line, Opened, Out, Page, Prose, Record, UtcInstant
from app.plans.labels import InitiatorKind, OtherPlanKind
from app.plans.models import OverallPrincipal, PlanCloseReason, PlanKind, PlanStatus

_CHAIR = "Who leads the meeting: somebody assigned to a unit of the circle."
_DOCUMENTER = "Who writes: somebody assigned to a unit of the circle."
_MAIN = "The main responsible (huvudansvarig): somebody assigned to a unit of the circle."
_UNIT = "In which unit, for somebody with several assignments."
_CHILD_VIEW = "What the child says of it, in the child's own words."
_PLAIN = "The plan for the child, in plain words (R7.13)."
_CARE = "The permanent care contact (fast vårdkontakt), if there is one."


class OtherPlan(In):
    """Another plan beside this one: linked, never copied (R7.5)."""

    kind: OtherPlanKind
    reference: Line = Field(description="Where it is found: the holder and its own number.", examples=["IFO 2026-17"])


class PlanTexts(In):
    """What a new plan may hold from the first day."""

    question: Prose | None = Field(default=None, description="The question (frågeställning) that the meeting answers.")
    what_matters: Prose | None = Field(default=None, description="What is important to the child and the family.")
    child_view: Prose | None = Field(default=None, description=_CHILD_VIEW)
    child_view_missing_reason: Line | None = Field(default=None, description="Why the child's view is not there.")
    plain_text: Prose | None = Field(default=None, description=_PLAIN)
    care_contact: Line | None = Field(default=None, description=_CARE)
    other_plans: list[OtherPlan] = Field(default=[], max_length=20)


class PlanCreate(PlanTexts):
    """A need of a plan is seen. The initiator obliges nobody to chair or to answer for it (R7.6)."""

    case_id: UUID
    kind: PlanKind
    initiator_kind: InitiatorKind
    need_reason: Prose


class _Roles(In):
    """Who does what in the plan; one person may hold several roles (R7.6)."""

    chair_id: UUID | None = Field(default=None, description=_CHAIR)
    documenter_id: UUID | None = Field(default=None, description=_DOCUMENTER)
    documenter_unit_id: UUID | None = Field(default=None, description=_UNIT)
    main_responsible_id: UUID | None = Field(default=None, description=_MAIN)
    main_responsible_unit_id: UUID | None = Field(default=None, description=_UNIT)


class PlanPatch(_Roles):
    """Changes to a plan; absent fields stay."""

    need_reason: Prose = ""
    question: Prose | None = None
    what_matters: Prose | None = None
    child_view: Prose | None = Field(default=None, description=_CHILD_VIEW)
    child_view_missing_reason: Line | None = None
    plain_text: Prose | None = Field(default=None, description=_PLAIN)
    overall_principal: OverallPrincipal | None = Field(default=None, description="Statutory item four of a SIP.")
    overall_authority_id: UUID | None = Field(default=None, description="An authority of that principal.")
    care_contact: Line | None = Field(default=None, description=_CARE)
    one_sided_reason: Prose | None = Field(default=None, description="Why only one principal has actions (R7.2).")
    others_measures_note: Prose | None = Field(
        default=None, description="Measures of others than region and municipality, or that there are none."
    )
    other_plans: list[OtherPlan] = Field(default=[], max_length=20)
    kva_code: Code | None = Field(default=None, description="The KVÅ code of the SIP; none is verified.")
    next_follow_up_on: Day | None = None


class Preparation(_Roles):
    """The meeting is prepared with the family: the question, and who chairs and writes."""

    question: Prose


class Drafting(In):
    """The writing of the plan begins."""


class Refusal(In):
    """Why no plan is made. A request of the family is refused by a manager only (R7.1)."""

    reason: Prose
    approved_by_id: UUID | None = Field(default=None, description="The manager who answers for it; the caller, if not.")


class PlanDecline(In):
    """The family says no. No reason is asked, and nothing follows from it."""


class ConsentLink(In):
    """The consents that the plan rests on: about the same child, and covering the category plan."""

    consent_ids: list[UUID] = Field(min_length=1, max_length=20)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len(set(self.consent_ids)) < len(self.consent_ids):
            raise ValueError("each consent is named once")
        return self


class RoleHolder(Out):
    """Somebody with a role in the plan."""

    user_id: Id
    name: str


class PlacedRoleHolder(RoleHolder):
    """Somebody with a role, and in which unit."""

    unit_id: Id | None
    unit_name: str | None = Field(description="Null where it would tell the place of a protected child.")
    phone: str | None = Field(description="The unit's; null where it would tell the place of a protected child.")


class OtherPlanLink(Out):
    """Another plan beside this one."""

    kind: OtherPlanKind
    reference: str = Field(examples=["IFO 2026-17"])


class PlanSummary(Record):
    """A plan in a list. Its status is the one at this instant: without consent it is suspended."""

    case_id: Id
    case_number: str
    child: CaseChild
    kind: PlanKind
    status: PlanStatus
    owner_unit_id: Id
    owner_unit_name: str | None = Field(description="Null where it would tell the place of a protected child.")
    owner_authority_id: Id
    main_responsible: PlacedRoleHolder | None
    next_follow_up_on: Day | None
    activated_at: UtcInstant | None
    closed_at: UtcInstant | None
    close_reason: PlanCloseReason | None
    updated_at: UtcInstant
    opened_by: list[Opened] = Field(description="The consents and disclosures this answer rests on; empty for own.")


class Plan(PlanSummary):
    """A plan: the common ground. Needs, goals, actions and who stands behind them have addresses of their own."""

    initiator_kind: InitiatorKind
    initiator_unit_id: Id | None
    initiator_unit_name: str | None = Field(description="Null where it would tell the place of a protected child.")
    need_reason: str
    question: str | None
    what_matters: str | None
    child_view: str | None
    child_view_missing_reason: str | None
    plain_text: str | None
    overall_principal: OverallPrincipal | None
    overall_authority_id: Id | None
    overall_authority_name: str | None = Field(description="Null where it would tell the place of a protected child.")
    chair: RoleHolder | None
    documenter: PlacedRoleHolder | None
    care_contact: str | None = Field(description="Null where it would tell the place of a protected child.")
    one_sided_reason: str | None
    others_measures_note: str | None
    other_plans: list[OtherPlanLink]
    kva_code: str | None
    consent_ids: list[Id]
    upgraded_from_id: Id | None
    upgraded_to_id: Id | None
    met_at: UtcInstant | None = Field(description="When the meeting was held.")
    created_at: UtcInstant


class PlanPage(Page[PlanSummary]):
    """Plans that the caller may see."""


class PlanQuery(PageQuery):
    """Filters of plans. Identifiable children are searched by nothing else (ordinance 2001:637 section 15)."""

    case_id: list[UUID] = []
    child_id: list[UUID] = []
    kind: list[PlanKind] = []
    status: list[PlanStatus] = []
    updated_after: Instant | None = None
