"""Shapes that consents and disclosures share."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from app.kernel.shapes import In
from app.sharing.models import InformationCategory
from app.wheel_templates.models import WheelDimension

Categories = Annotated[
    list[InformationCategory],
    Field(min_length=1, max_length=len(InformationCategory), description="Each named; there is no all (R4.1)."),
]
Dimensions = Annotated[
    list[WheelDimension] | None,
    Field(
        min_length=1, max_length=len(WheelDimension), description="Of a wheel, only these; all when absent (R6.8).",
    ),
]  # fmt: skip


class SharedIn(In):
    """What is to be opened: the categories, and of a wheel the dimensions that are chosen (R6.8)."""

    categories: Categories
    wheel_dimensions: Dimensions = None

    @model_validator(mode="after")
    def _dimensions_are_of_a_wheel(self) -> Self:
        if self.wheel_dimensions and InformationCategory.WHEEL not in self.categories:
            raise ValueError("wheelDimensions needs wheel among the categories")
        return self
