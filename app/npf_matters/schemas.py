"""What comes in and goes out about matters before an NPF team."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.kernel.paging import PageQuery
from app.kernel.shapes import Day, Id, In, Line, Opened, Page, Prose, Record, UtcInstant
from app.npf_matters.models import MatterAgeBand, MatterCloseReason, NpfMatterStatus

#: Short on purpose: what is longer belongs in somebody's own journal or file (R13.7).
Short = Annotated[
    Prose,
    Field(max_length=2000, description="No diagnosis codes (R13.4), and no medical notes: those stay in the journal."),
]
SHIELDED = "Null where it would tell the place of a protected child."


class NpfMatterCreate(In):
    """A question to the team: about a child with consent, or an anonymous consultation (R13.3)."""

    anonymous: bool = Field(description="Nobody is named: every text is searched for what could point somebody out.")
    child_id: UUID | None = Field(default=None, description="A child that the caller's unit knows; never of anonymous.")
    consent_ids: list[UUID] = Field(
        default=[], max_length=10, description="Consents in force that together reach all three sectors."
    )
    age_band: MatterAgeBand | None = Field(default=None, description="Of an anonymous consultation, and only there.")
    question: Short
    needs_and_functioning: Short | None = None
    discuss_on: Day | None = Field(default=None, description="When the team means to discuss it.")


class NpfMatterPatch(In):
    """Corrections by the unit that brought it; absent fields stay, null removes. What they replace is kept (R3.8)."""

    question: Short = ""
    needs_and_functioning: Short | None = None
    discuss_on: Day | None = None
    consent_ids: list[UUID] = Field(
        default=[], max_length=10, description="New consents open the matter anew, to the team as it is now."
    )
    correction_reason: Line | None = None


class NpfMatterDiscussion(In):
    """The team has discussed the matter."""

    discussed_on: Day | None = Field(default=None, description="Today, when absent.")
    next_review_on: Day | None = Field(default=None, description="When the team looks at it again.")


class NpfMatterClosure(In):
    """The matter is over."""

    reason: MatterCloseReason
    note: Short | None = None


class NpfMatterSummary(Record):
    """A matter in the list of those who are in the team."""

    team_id: Id
    status: NpfMatterStatus
    anonymous: bool
    age_band: MatterAgeBand | None
    child_given_name: str | None = Field(description="Null of an anonymous consultation.")
    brought_at: UtcInstant
    brought_by_name: str | None = Field(description=SHIELDED)
    brought_by_unit_id: Id | None = Field(description=SHIELDED)
    brought_by_unit_name: str | None = Field(description=SHIELDED)
    discuss_on: Day | None
    discussed_on: Day | None
    next_review_on: Day | None
    open_to_team: bool = Field(description="False when the consent is over: then only the unit that brought it reads.")
    opened_by: list[Opened] = Field(description="The consents and disclosures this answer rests on; empty for own.")


class NpfMatter(NpfMatterSummary):
    """A matter before an NPF team: needs and functioning, never a diagnosis (R13.4)."""

    child_id: Id | None = Field(description="Null where the caller may not know of the child's record.")
    consent_ids: list[Id] = Field(description="On what it rests; only to the unit that brought it.")
    question: str
    needs_and_functioning: str | None
    closed_at: UtcInstant | None
    close_reason: MatterCloseReason | None
    close_note: str | None


class NpfMatterPage(Page[NpfMatterSummary]):
    """The matters of a team that the caller takes part in or has brought; nobody else hears of them (R13.6)."""


class NpfMatterQuery(PageQuery):
    """Filters of a team's matters."""

    status: list[NpfMatterStatus] = []
    anonymous: bool | None = None
