"""What comes in and goes out about actions and the questions about them."""

from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from app.kernel.shapes import Day, Id, In, Line, Name, Page, Prose, Record, UtcInstant
from app.plan_actions.models import BY_NAME, THROUGH_A_UNIT
from app.plan_contents.models import ActionDecision, ActionPrincipal, ActionStatus


class ActionCreate(In):
    """An action, and who commits itself to it."""

    goal_id: UUID | None = None
    principal: ActionPrincipal = Field(json_schema_extra={"example": "family"})
    unit_id: UUID | None = Field(
        default=None, description="The committing unit: for region, municipality and private_provider, and only then."
    )
    responsible_id: UUID | None = Field(default=None, description="Somebody assigned to that unit.")
    description: Prose
    other_party_name: Name | None = Field(default=None, description="For civil_society and other, and only then.")
    start_on: Day | None = None
    due_on: Day | None = None

    @model_validator(mode="after")
    def _says_who(self) -> Self:
        if (self.unit_id is not None) != (self.principal in THROUGH_A_UNIT):
            raise ValueError("unitId belongs to region, municipality and private_provider")
        if (self.other_party_name is not None) != (self.principal in BY_NAME):
            raise ValueError("otherPartyName belongs to civil_society and other")
        return self


class ActionPatch(In):
    """Change what one commits oneself to, or say how it goes. Only the first asks the others again."""

    goal_id: UUID | None = None
    responsible_id: UUID | None = None
    description: Prose = ""
    start_on: Day | None = None
    due_on: Day | None = None
    status: ActionStatus = ActionStatus.PLANNED
    result: Prose | None = None


class PlanAction(Record):
    """An action (åtgärd) in a plan."""

    plan_id: Id
    goal_id: Id | None
    principal: ActionPrincipal
    unit_id: Id | None = Field(description="Null for the family, and for others who have no unit here.")
    unit_name: str | None = Field(description="Null also where it would tell the place of a protected child.")
    authority_name: str | None
    responsible_id: Id | None
    responsible_name: str | None
    description: str
    own_effort: bool = Field(description="What the child or the family does itself.")
    other_party_name: str | None
    start_on: Day | None
    due_on: Day | None
    status: ActionStatus
    overdue: bool = Field(description="Its day has passed, and it is neither done nor stopped.")
    result: str | None
    commitment: int = Field(description="Grows when the commitment changes; status and result leave it as it is.")
    awaits_decision: bool = Field(description="Consent has ended: its owner is to decide what becomes of it (R4.6).")
    decision: ActionDecision | None
    decision_reason: str | None
    decided_at: UtcInstant | None
    created_at: UtcInstant
    removed_at: UtcInstant | None = Field(description="When it was taken out of the plan.")


class PlanActionPage(Page[PlanAction]):
    """The actions that stand in a plan."""


class ActionRemoval(In):
    """Why an action is taken out of the plan. It stays, and so does the reason (R3.8)."""

    reason: Line


class Decision(In):
    """What becomes of an open action now that consent has ended."""

    decision: ActionDecision
    reason: Line | None = None


class QuestionCreate(In):
    """What whoever coordinates asks the action's owner."""

    question: Prose


class QuestionAnswer(In):
    """What the action's owner answers."""

    answer: Prose


class ActionQuestion(Record):
    """A question about an action, and its answer."""

    action_id: Id
    question: str
    asked_at: UtcInstant
    asked_by: Id
    asked_by_name: str
    asked_by_unit_name: str | None = Field(description="Null where it would tell the place of a protected child.")
    answer: str | None
    answered_at: UtcInstant | None


class ActionQuestionPage(Page[ActionQuestion]):
    """What has been asked about an action."""
