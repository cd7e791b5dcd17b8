"""Shapes that consents and disclosures share."""

from typing import Annotated

from pydantic import Field

from app.sharing.models import InformationCategory

Categories = Annotated[
    list[InformationCategory],
    Field(min_length=1, max_length=len(InformationCategory), description="Each named; there is no all (R4.1)."),
]
