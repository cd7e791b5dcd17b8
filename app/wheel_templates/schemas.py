"""What comes in and goes out about templates of the wheel."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from app.kernel.paging import PageQuery
from app.kernel.shapes import Code, Id, In, Line, Name, Out, Page, Prose, Record, UtcInstant
from app.wheel_templates.models import THE_EIGHT, WheelDimension, WheelScale, WheelTemplateStatus

Locale = Annotated[
    str, StringConstraints(pattern=r"^[a-z]{2,3}$"), Field(description="ISO 639 code of the language.", examples=["sv"])
]


class WordsIn(In):
    """What is asked, in plain words."""

    label: Name = Field(examples=["Trygg"])
    help_text: Prose = Field(description="For the grown-up who asks.", examples=["Känner sig barnet tryggt hemma?"])
    child_text: Prose = Field(description="For the child itself.", examples=["Var känner du dig trygg?"])


class DimensionIn(WordsIn):
    """One of the eight dimensions."""

    dimension: WheelDimension


DimensionsIn = Annotated[
    list[DimensionIn],
    Field(
        min_length=1, max_length=20, description="The eight, each once, in the order of the wheel.",
        examples=[[
            {"dimension": str(each), "label": each.label.sv, "helpText": "Hur har barnet det?",
             "childText": "Hur har du det?"}
            for each in THE_EIGHT
        ]],
    ),
]  # fmt: skip


class WheelTemplateCreate(In):
    """A proposed version of the wheel, as a draft."""

    code: Code = Field(examples=["sormland"])
    locale: Locale
    scale: WheelScale = WheelScale.NONE
    scale_labels: list[Name] = Field(default=[], max_length=10, description="One for each step, in their order.")
    dimensions: DimensionsIn
    hopes: WordsIn | None = Field(default=None, description="The ninth question, beside the wheel.")
    labels_verified: bool = Field(default=False, description="Whether those who use the words have agreed on them.")
    note: Line | None = None
    maps_from_id: UUID | None = Field(
        default=None, description="A published version whose answers can be read beside these (R6.5)."
    )


class WheelTemplatePatch(In):
    """Changes to a draft; absent fields stay."""

    scale: WheelScale = WheelScale.NONE
    scale_labels: list[Name] = Field(default=[], max_length=10)
    dimensions: DimensionsIn = Field(default=[])
    hopes: WordsIn | None = None
    labels_verified: bool = False
    note: Line | None = None
    maps_from_id: UUID | None = None


class Retirement(In):
    """Why a template is no longer used."""

    reason: Line


class DimensionWords(Out):
    """The words of one dimension."""

    dimension: WheelDimension
    label: str
    help_text: str
    child_text: str


class HopesWords(Out):
    """The words of the ninth question."""

    label: str
    help_text: str
    child_text: str


class WheelTemplate(Record):
    """One version of the wheel in one language."""

    code: str
    number: int = Field(description="Which version of this code in this language.")
    locale: str
    status: WheelTemplateStatus
    current: bool = Field(description="The newest published version of this code, language and scale.")
    scale: WheelScale
    scale_labels: list[str]
    dimensions: list[DimensionWords]
    hopes: HopesWords | None
    labels_verified: bool = Field(description="False: the words are a proposal that nobody has agreed on yet.")
    note: str | None
    maps_from_id: Id | None
    published_at: UtcInstant | None


class WheelTemplatePage(Page[WheelTemplate]):
    """Templates of the wheel."""


class WheelTemplateQuery(PageQuery):
    """Filters of templates."""

    code: list[Code] = []
    locale: list[Locale] = []
    status: list[WheelTemplateStatus] = []
