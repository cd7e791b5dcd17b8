"""Siblings (syskon). ``domain.md`` R2.6, R2.7."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.db import Base
from app.kernel.errors import Conflict
from app.kernel.errors import Text as Words
from app.people.models import Owned


class SiblingRelation(Coded):
    """How two children are siblings."""

    FULL = "full", "Helsyskon", "Full sibling"
    HALF = "half", "Halvsyskon", "Half sibling"
    STEP = "step", "Styvsyskon", "Step sibling"
    FOSTER = "foster", "Familjehemssyskon", "Foster sibling"


class SiblingsProtected(Conflict):
    """R2.6: nobody is found by way of a sibling."""

    title = Words("Syskonlänken kan inte göras", "The sibling link cannot be made")
    detail = Words(
        "Syskon länkas inte när någon i familjen har skyddade personuppgifter.",
        "Siblings are not linked when anyone in the family has a protected identity.",
    )


class SiblingLink(Owned, Base):
    """Two children of one unit are siblings; no other unit ever sees it (R2.7)."""

    __tablename__ = "sibling_links"

    child_id: Mapped[UUID] = mapped_column(ForeignKey("children.id"))
    sibling_id: Mapped[UUID] = mapped_column(ForeignKey("children.id"))
    relation: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Index(None, "child_id"),
        Index(None, "sibling_id"),
        Index("uq_sibling_links_pair", text("least(child_id, sibling_id)"), text("greatest(child_id, sibling_id)"),
              unique=True),
    )  # fmt: skip
