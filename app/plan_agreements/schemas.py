"""What comes in and goes out about parties and their acceptances."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.kernel.shapes import Id, In, Linked, Out, Page, UtcInstant
from app.plan_agreements.models import AcceptanceState, PartyKind
from app.plan_contents.models import ActionPrincipal

Commitment = Annotated[int, Field(ge=1, le=1_000_000)]
_PLACE = "Null where it would tell the place of a protected child."
_AS_SEEN = (
    "What the client has shown: each own action's id with its `commitment`. When it is not what stands in the plan, "
    "the answer is 409 commitments-changed."
)


class PlanParty(Out):
    """A party: a unit with what it has committed itself to, or a member of the family."""

    kind: PartyKind
    unit_id: Id | None
    unit_name: str | None = Field(description=_PLACE)
    authority_id: Id | None
    authority_name: str | None = Field(description=_PLACE)
    principal: ActionPrincipal
    name: str | None = Field(description="Of a family member, where contacts are open to the caller.")
    commitments: int = Field(description="How many actions are its own.", json_schema_extra={"example": 2})
    accepted: AcceptanceState
    accepted_at: UtcInstant | None
    accepted_by: Id | None
    accepted_by_name: str | None


class PlanPartyPage(Page[PlanParty]):
    """Who stands behind a plan, and who has not accepted yet."""


class ApprovalCreate(In):
    """The caller's party accepts its own commitments, exactly as they stand."""

    commitments: dict[UUID, Commitment] | None = Field(
        default=None,
        max_length=200,
        description=_AS_SEEN,
        examples=[{"01976b1e-7a30-7c3e-9d5a-5d7f3c1b2a90": 1}],
    )


class AcceptedCommitment(Out):
    """One action, and which wording of it was accepted."""

    action_id: Id
    commitment: int = Field(json_schema_extra={"example": 1})


class Approval(Linked):
    """An acceptance. It stays; ``current`` says whether it is for what stands in the plan now."""

    id: Id
    plan_id: Id
    kind: PartyKind
    unit_id: Id | None
    unit_name: str | None = Field(description=_PLACE)
    commitments: list[AcceptedCommitment]
    current: bool
    accepted_at: UtcInstant
    accepted_by: Id
    accepted_by_name: str | None


class ApprovalPage(Page[Approval]):
    """The acceptances of a plan, newest first."""
