"""What comes in and goes out about siblings."""

from uuid import UUID

from pydantic import Field

from app.kernel.shapes import Day, Id, In, Linked, Page
from app.siblings.models import SiblingRelation


class SiblingCreate(In):
    """Another child of the same unit."""

    sibling_id: UUID
    relation: SiblingRelation | None = None


class Sibling(Linked):
    """A sibling; known to the owner unit only (R2.7)."""

    id: Id
    child_id: Id = Field(description="The sibling.")
    given_name: str | None
    family_name: str
    birth_date: Day | None
    relation: SiblingRelation | None


class SiblingPage(Page[Sibling]):
    """Siblings of one child; nobody where someone in the family is protected (R2.6)."""
