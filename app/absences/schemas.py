"""What comes in and goes out about absences and signs."""

from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from app.absences.models import AbsenceReason
from app.kernel.shapes import Day, Id, In, Linked, Page, Record, UtcInstant


class AbsenceCreate(In):
    """Somebody of the caller's unit is away. Without a last day until it is ended."""

    user_id: UUID
    from_on: Day
    to_on: Day | None = None
    deputy_user_id: UUID | None = Field(default=None, description="A colleague in the unit, there in those days.")
    reason: AbsenceReason

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.to_on is not None and self.to_on < self.from_on:
            raise ValueError("toOn comes before fromOn")
        return self


class AbsenceEnding(In):
    """Back again. Nothing is asked."""


class CoordinatorAbsence(Record):
    """Somebody is away, and who stands in."""

    user_id: Id
    name: str
    unit_id: Id
    from_on: Day
    to_on: Day | None
    deputy_user_id: Id | None
    deputy_name: str | None
    reason: AbsenceReason | None = Field(description="Only for the person and the unit's manager.")
    ended_at: UtcInstant | None


class CoordinatorAbsencePage(Page[CoordinatorAbsence]):
    """Absences in the caller's unit, newest first."""


class Acknowledgement(In):
    """The coordinator has seen the work list, and says who answers if no more is heard (R5.6)."""

    deputy_user_id: UUID | None = Field(default=None, description="A colleague in the unit; none, when absent.")


class CoordinatorSign(Linked):
    """A coordinator's last sign, and until when it is enough."""

    user_id: Id
    seen_at: UtcInstant
    deputy_user_id: Id | None
    deputy_name: str | None
    silent_from: Day = Field(description="Without a new sign the deputy answers from this day on.")
