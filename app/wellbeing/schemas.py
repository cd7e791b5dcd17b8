"""What comes in and goes out about wellbeing assessments. No field holds anything worked out from answers (R6.3)."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.kernel.paging import PageQuery
from app.kernel.shapes import Code, Day, Id, In, Line, Linked, Opened, Out, Page, Prose, Record, UtcInstant
from app.wellbeing.models import AssessmentStatus, ConfirmedHow, Respondent
from app.wheel_templates.models import THE_EIGHT, WheelDimension, WheelScale
from app.wheel_templates.schemas import WheelTemplate

Sayings = Annotated[list[Line], Field(max_length=20)]


class OwnWordsIn(In):
    """Somebody's own words, kept to the letter: nothing is trimmed or corrected (R6.7)."""

    model_config = ConfigDict(str_strip_whitespace=False)

    text: Prose = Field(examples=["Jag är trygg hos mormor."])
    quote: bool = Field(default=True, description="Word for word; false when somebody else tells what was said.")


class SaidIn(In):
    """What was said about one dimension, or that it was not discussed."""

    strengths: Sayings = []
    challenges: Sayings = []
    own_words: list[OwnWordsIn] = Field(default=[], max_length=20)
    scale_value: int | None = Field(
        default=None, ge=0, le=100, description="A step of the template's scale, counted from 1 (R6.2).", examples=[3]
    )
    not_discussed: bool = Field(default=False, description="Then nothing else is given (R6.1).")


class EntryIn(SaidIn):
    """What was said about one of the eight dimensions."""

    dimension: WheelDimension


def _each_once(entries: list[EntryIn]) -> None:
    given = [entry.dimension for entry in entries]
    if len(given) != len(set(given)) or WheelDimension.HOPES in given:
        raise ValueError("each of the eight dimensions at most once; hopes stand in their own field")


EntriesIn = Annotated[
    list[EntryIn],
    Field(
        max_length=len(THE_EIGHT), description="Each of the eight dimensions once (R6.1).",
        examples=[[
            {"dimension": "safe", "strengths": ["Trygg hos mormor"],
             "ownWords": [{"text": "Jag är trygg hos mormor.", "quote": True}]},
            *({"dimension": str(each), "notDiscussed": True} for each in THE_EIGHT[1:]),
        ]],
    ),
]  # fmt: skip


class AssessmentCreate(In):
    """A wheel as a conversation left it. A family member's own is shown to the family at once."""

    child_id: UUID
    case_id: UUID | None = None
    template_id: UUID
    respondent: Respondent
    respondent_relation: Line | None = Field(default=None, examples=["Mamma"])
    held_on: Day
    setting: Line | None = Field(default=None, description="Where and how the conversation was held.")
    entries: EntriesIn
    hopes: SaidIn | None = Field(default=None, description="The ninth question; not discussed, when absent.")
    visible_to_guardians: bool | None = Field(
        default=None,
        description="May be said when it is shared. A young person of 13 says it at once; a guardian sees its own.",
    )
    supersedes_id: UUID | None = Field(default=None, description="The confirmed assessment that this one corrects.")
    correction_reason: Line | None = None

    @model_validator(mode="after")
    def _correction_has_a_reason(self) -> Self:
        if (self.supersedes_id is None) != (self.correction_reason is None):
            raise ValueError("supersedesId and correctionReason go together")
        _each_once(self.entries)
        return self


class AssessmentPatch(In):
    """Changes to a draft; absent fields and dimensions stay, a dimension that is given is replaced whole."""

    respondent: Respondent = Respondent.CHILD
    respondent_relation: Line | None = None
    held_on: Day = None  # type: ignore[assignment]
    setting: Line | None = None
    entries: EntriesIn = Field(default=[])
    hopes: SaidIn = None  # type: ignore[assignment]
    visible_to_guardians: bool | None = None

    @model_validator(mode="after")
    def _dimensions_are_given_once(self) -> Self:
        _each_once(self.entries)
        return self


class Sharing(In):
    """Show the wheel to the family, or to the child alone (R21.1)."""

    visible_to_guardians: bool | None = Field(
        default=None, description="Must be said, now or before, from the age of 13: there is no default then."
    )


class Confirmation(In):
    """It says what was meant."""

    confirmed_how: ConfirmedHow
    no_strength_reason: Prose | None = Field(default=None, description="Needed when no strength was found (R6.6).")


class OwnWords(Out):
    """Own words, to the letter."""

    text: str
    quote: bool


class WheelEntry(Out):
    """What was said about one dimension, with the template's word for it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "dimension": "safe", "withheld": False, "label": "Trygg", "strengths": ["Trygg hos mormor"],
                "challenges": [], "ownWords": [{"text": "Hos mormor är det lugnt.", "quote": True}],
                "scaleValue": 3, "scaleLabel": "ofta", "notDiscussed": False,
            }
        }
    )  # fmt: skip

    dimension: WheelDimension
    withheld: Literal[False] = False
    label: str
    strengths: list[str]
    challenges: list[str]
    own_words: list[OwnWords]
    scale_value: int | None = Field(description="A step of the template's scale, counted from 1.")
    scale_label: str | None = Field(description="The word of that step.")
    not_discussed: bool


class WithheldEntry(Out):
    """A dimension that is not open to the caller: nothing is told of it, not even whether it was discussed (R6.8)."""

    dimension: WheelDimension
    withheld: Literal[True] = True


AnyEntry = WheelEntry | WithheldEntry


class TemplateVersion(Out):
    """The version of the wheel that was used."""

    id: Id
    code: str
    number: int
    locale: str
    scale: WheelScale
    scale_labels: list[str]
    labels_verified: bool


class AssessmentSummary(Record):
    """A wheel in a list: that it was made, when and with whom."""

    child_id: Id
    case_id: Id | None
    template: TemplateVersion
    respondent: Respondent
    respondent_relation: str | None
    held_on: Day
    setting: str | None = Field(description="Null where it would tell the place of a protected child.")
    status: AssessmentStatus
    visible_to_guardians: bool | None = Field(description="Null while nobody has decided.")
    owner_unit_id: Id | None = Field(description="Null where it would tell the place of a protected child.")
    owner_unit_name: str | None
    recorded_by: Id
    created_at: UtcInstant
    updated_at: UtcInstant
    shared_at: UtcInstant | None
    confirmed_at: UtcInstant | None
    supersedes_id: Id | None
    superseded_by_id: Id | None
    opened_by: list[Opened] = Field(description="The consents and disclosures this answer rests on; empty for own.")


class WellbeingAssessment(AssessmentSummary):
    """A wheel with its entries. There is no level to reach, and nothing is worked out from them."""

    confirmed_by: Id | None
    confirmed_how: ConfirmedHow | None
    no_strength_reason: str | None = Field(description="Null where a part of the wheel is withheld.")
    correction_reason: str | None = Field(description="Null where a part of the wheel is withheld.")
    entries: list[AnyEntry] = Field(description="The eight, in the order of the template.")
    hopes: AnyEntry | None = Field(description="Null where the template does not ask for them.")


class WellbeingAssessmentPage(Page[AssessmentSummary]):
    """Wheels that the caller may see."""


class AssessmentQuery(PageQuery):
    """Filters of wheels. Nothing that was said can be searched (ordinance 2001:637 section 15)."""

    child_id: list[UUID] = []
    case_id: list[UUID] = []
    respondent: list[Respondent] = []
    status: list[AssessmentStatus] = []


class HistoryQuery(BaseModel):
    """Whose wheels, and which template's."""

    model_config = PageQuery.model_config

    respondent: list[Respondent] = []
    template_code: Code | None = None


class HistoryMoment(Out):
    """One confirmed wheel in a history."""

    assessment_id: Id
    held_on: Day
    template_id: Id
    comparable: bool = Field(
        description="False where the template changed since the moment before without a mapping (R6.5)."
    )
    entries: list[AnyEntry]
    hopes: AnyEntry | None
    opened_by: list[Opened] = Field(description="Empty for own.", examples=[[]])


class HistoryVoice(Out):
    """One respondent over time. Voices stand side by side, each for itself (R6.4)."""

    respondent: Respondent
    respondent_relation: str | None
    moments: list[HistoryMoment] = Field(description="Oldest first.")


class WellbeingHistory(Linked):
    """A child's confirmed wheels over time, in words: what was said then, and what is said now (R6.5)."""

    child_id: Id
    voices: list[HistoryVoice]
    templates: list[WheelTemplate] = Field(description="The versions that were used, with all their words.")
