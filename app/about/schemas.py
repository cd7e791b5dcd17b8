"""What goes out about the API itself."""

from datetime import date
from typing import Annotated

from pydantic import Field

from app.codes import Coded
from app.kernel.shapes import Linked, Out, Page


class ApiStatus(Coded):
    """Where the API stands in its life (VER.10)."""

    ALPHA = "alpha", "Under utveckling", "In development"
    BETA = "beta", "På prov", "On trial"
    ACTIVE = "active", "I drift", "In service"
    DEPRECATED = "deprecated", "Ersatt, används ännu", "Replaced, still served"
    RETIRED = "retired", "Avvecklad", "No longer served"


class ApiInfo(Out):
    """Which API this is, in the words of the national profile (VER.06-07)."""

    api_name: str = Field(examples=["Tillsammans"])
    api_version: str = Field(description="Semantic version.", examples=["1.0.0"])
    api_released: Annotated[date, Field(json_schema_extra={"example": "2026-11-22"})]
    api_documentation: str = Field(examples=["https://tillsammans.example/tillsammans/v1/docs"])
    api_status: ApiStatus


class InBothLanguages(Out):
    """One text in Swedish and English."""

    sv: str = Field(examples=["Finns inte"])
    en: str = Field(examples=["Not found"])


class CodeLabel(Out):
    """A code that never changes, and what to show for it."""

    code: str = Field(examples=["social"])
    label: str = Field(description="In the language of Accept-Language.", examples=["Social services"])
    labels: InBothLanguages = Field(examples=[{"sv": "Socialtjänst", "en": "Social services"}])


class CodeList(Linked):
    """A code list: every value that the fields of one kind can hold."""

    name: str = Field(examples=["sector"])
    description: str = Field(examples=["The sector an authority works in."])
    codes: list[CodeLabel]


class CodeListPage(Page[CodeList]):
    """All code lists, on one page."""


class ProblemKind(Linked):
    """One kind of problem: what ``type`` and ``code`` of a problem document mean."""

    code: str = Field(examples=["not-found"])
    type: str = Field(examples=["https://tillsammans.example/tillsammans/v1/problems/not-found"])
    status: int = Field(description="The HTTP status it comes with.", examples=[404])
    title: str = Field(description="In the language of Accept-Language.", examples=["Not found"])
    detail: str = Field(
        description="In the language of Accept-Language; a word in braces is filled in at each occurrence.",
        examples=["The record does not exist, or you may not know that it does."],
    )
    titles: InBothLanguages
    details: InBothLanguages
    background: str | None = Field(
        description="The rule or source behind it, where there is one.",
        examples=["R1.7: the code is one of the county's nine, and a string."],
    )


class ProblemKindPage(Page[ProblemKind]):
    """All kinds of problems, on one page."""
