"""What goes out about the versions of a plan."""

from pydantic import Field

from app.kernel.paging import PageQuery
from app.kernel.shapes import Day, Id, Linked, Out, Page, UtcInstant
from app.plan_contents.models import ActionPrincipal, ActionStatus, DisagreementSide, GoalHorizon, GoalStatus
from app.plan_follow_ups.schemas import GoalFollowUp
from app.plan_versions.labels import ChangeKind, PlanPart
from app.plans.labels import InitiatorKind
from app.plans.models import OverallPrincipal, PlanKind
from app.wheel_templates.models import WheelDimension

_PLACE = "Null where it would tell the place of a protected child."
_WHO = "Null where it would tell who a protected child is."


class ContentChild(Out):
    """The child, as the plan names it."""

    name: str | None = Field(description=_WHO)
    birth_date: Day | None = Field(description=_WHO)


class ContentInitiator(Out):
    """Who took the initiative."""

    kind: InitiatorKind
    unit_name: str | None = Field(description=_PLACE)


class ContentPerson(Out):
    """Somebody with a role, and how to reach them."""

    name: str
    unit_name: str | None = Field(description=_PLACE)
    phone: str | None = Field(description=_PLACE)


class ContentResponsible(Out):
    """The principal with overall responsibility."""

    principal: OverallPrincipal
    authority_name: str | None = Field(description=_PLACE)


class ContentParty(Out):
    """A unit that stood behind its part."""

    unit_id: Id
    unit_name: str | None = Field(description=_PLACE)
    authority_name: str | None = Field(description=_PLACE)
    principal: ActionPrincipal
    contact_name: str | None
    phone: str | None = Field(description=_PLACE)
    accepted_at: UtcInstant | None


class ContentFamilyMember(Out):
    """A family member who had accepted the plan."""

    name: str | None = Field(description=_WHO)
    standing: str = Field(json_schema_extra={"example": "guardian"})
    accepted_at: UtcInstant | None


class ContentNeed(Out):
    """A need, as it stood."""

    id: Id
    wheel_dimensions: list[WheelDimension]
    description: str
    child_view: str | None
    guardian_view: str | None


class ContentGoal(Out):
    """A goal, as it stood."""

    id: Id
    need_id: Id
    text: str
    horizon: GoalHorizon
    evidence: str | None
    status: GoalStatus


class ContentAction(Out):
    """An action, as it stood."""

    id: Id
    goal_id: Id | None
    principal: ActionPrincipal
    unit_id: Id | None
    unit_name: str | None = Field(description=_PLACE)
    responsible_name: str | None
    description: str
    own_effort: bool
    other_party_name: str | None
    start_on: Day | None
    due_on: Day | None
    status: ActionStatus
    result: str | None


class ContentDisagreement(Out):
    """What was not agreed on, and not settled."""

    whose: DisagreementSide
    text: str


class ContentFollowUp(Out):
    """A follow-up that had taken place."""

    id: Id
    held_on: Day
    child_view: str | None
    family_view: str | None
    goals: list[GoalFollowUp] = Field(examples=[[]])


class PlanContent(Out):
    """What a plan said. Crisis notes are never in it (R7.12)."""

    plan_id: Id
    number: int = Field(json_schema_extra={"example": 1})
    kind: PlanKind
    made_at: UtcInstant
    case_number: str
    child: ContentChild
    need_reason: str
    question: str | None
    what_matters: str | None
    child_view: str | None
    child_view_missing_reason: str | None
    plain_text: str | None = Field(description="The plan for the child, in plain words (R7.13).")
    initiator: ContentInitiator
    chair: ContentPerson | None
    documenter: ContentPerson | None
    main_responsible: ContentPerson | None
    named_contact: ContentPerson | None
    coordinator: ContentPerson | None
    care_contact: str | None = Field(description=_PLACE)
    overall_responsible: ContentResponsible | None
    one_sided_reason: str | None
    others_measures_note: str | None
    parties: list[ContentParty]
    family_acceptances: list[ContentFamilyMember]
    needs: list[ContentNeed]
    goals: list[ContentGoal]
    actions: list[ContentAction]
    disagreements: list[ContentDisagreement]
    next_follow_up_on: Day | None
    follow_ups: list[ContentFollowUp]


class PlanVersionSummary(Linked):
    """A version in a list."""

    id: Id
    plan_id: Id
    number: int = Field(json_schema_extra={"example": 1})
    reason: str | None
    made_at: UtcInstant
    made_by: Id
    made_by_name: str | None


class PlanVersion(PlanVersionSummary):
    """A version with what the plan said. It does not change any more."""

    content: PlanContent


class PlanVersionPage(Page[PlanVersionSummary]):
    """The versions of a plan, newest first."""


class PlanChange(Out):
    """One difference between two versions, in the caller's language."""

    what: PlanPart
    kind: ChangeKind
    id: str | None = Field(description="Of the need, goal or action, where it has one.")
    label: str = Field(examples=["Åtgärd: Samtal varje vecka"])
    field: str | None = Field(description="Which field has changed.", examples=["dueOn"])
    before: str | None
    after: str | None


class PlanChangePage(Page[PlanChange]):
    """What is another than in an earlier version."""


class PlanChangeQuery(PageQuery):
    """Which version to compare with."""

    since: int | None = Field(
        default=None, ge=0, le=1_000_000, description="An earlier version; the one before when absent, 0 for nothing."
    )
