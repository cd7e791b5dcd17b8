"""What comes in and goes out about invitations."""

from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from app.kernel.shapes import Id, In, Line, Name, Page, Record, UtcInstant
from app.meeting_invitations.models import InvitationAnswer, InvitationKind, InvitationNotice, InvitedParty
from app.meetings.schemas import ChildParticipation


class External(In):
    """Somebody outside the circle, such as an interpreter or a grandmother, because the family wants it (R8.1)."""

    name: Name
    family_wishes: bool = Field(default=False, description="Must be true.")


class InvitationsCreate(In):
    """Who is called or invited. Which of the two is derived, never chosen (R7.7)."""

    unit_ids: list[UUID] = Field(
        default=[], max_length=50, description="Units of the circle to whom something is open."
    )
    family: bool = Field(
        default=False, description="The child and every guardian who may be contacted, each by itself."
    )
    externals: list[External] = Field(default=[], max_length=20)


class InvitationReply(In):
    """What the invited party answers."""

    answer: InvitationAnswer
    substitute_name: Name | None = Field(default=None, description="Needed with sends_substitute.")
    reason: Line | None = Field(default=None, description="Needed with cannot. Everybody in the circle reads it.")

    @model_validator(mode="after")
    def _is_an_answer(self) -> Self:
        if self.answer is InvitationAnswer.WAITING:
            raise ValueError("waiting is no answer")
        return self


class InvitationReceipt(In):
    """The notice of cancellation has arrived."""


class AbsenceExplanation(In):
    """Why a called principal did not come (R7.7). Everybody in the circle reads it."""

    explanation: Line


class Presence(In):
    """Whether an invited party came, itself or by a substitute."""

    invitation_id: UUID
    attended: bool
    substitute_name: Name | None = None


class Attendance(In):
    """Who came, and how the child took part."""

    attended: list[Presence] = Field(max_length=200, description="Each invitation once.")
    child_participation: ChildParticipation | None = Field(default=None, description="Needed (R8.5).")


class Invitation(Record):
    """A call (kallelse) or an invitation (inbjudan), and what became of it."""

    meeting_id: Id
    kind: InvitationKind
    party: InvitedParty
    unit_id: Id | None
    name: str | None = Field(description="Null where the caller may not know it.")
    answer: InvitationAnswer
    substitute_name: str | None
    answer_reason: str | None
    answered_at: UtcInstant | None
    told: InvitationNotice = Field(description="What the party was told last.")
    told_at: UtcInstant
    acknowledged_at: UtcInstant | None = Field(description="When the party acknowledged a notice of cancellation.")
    attended: bool | None = Field(description="Null before the meeting is held.")
    absence_explanation: str | None
    absence_explained_at: UtcInstant | None


class InvitationPage(Page[Invitation]):
    """The invitations of a meeting."""
