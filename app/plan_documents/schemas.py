"""What comes in when a plan is printed."""

from pydantic import Field

from app.documents.plan import Form
from app.kernel.shapes import In


class DocumentQuery(In):
    """Which version, and for whom."""

    version: int | None = Field(default=None, ge=1, le=1_000_000, description="The newest, when absent.")
    form: Form | None = Field(default=None, description="For the family when the family asks, else professional.")
