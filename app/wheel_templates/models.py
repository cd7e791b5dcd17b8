"""Templates of the wellbeing wheel (välmåendehjulet): its words, and the scale if there is one. ``domain.md`` 12.6.

Vocabulary is data (12.0 item 4): the county's own words replace the proposal in a new version, and no code changes.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.audit import Subject
from app.kernel.db import Base
from app.kernel.errors import Conflict, Problem
from app.kernel.errors import Text as Words
from app.kernel.workflow import Workflow

_INSTANT = TIMESTAMP(timezone=True)


class WheelDimension(Coded):
    """The eight dimensions of the wheel and the hopes beside them. The Swedish words are unverified (domain.md 1.1)."""

    SAFE = "safe", "Trygg", "Safe"
    HEALTHY = "healthy", "Må bra", "Healthy"
    ACHIEVING = "achieving", "Utvecklas", "Achieving"
    NURTURED = "nurtured", "Omvårdad", "Nurtured"
    ACTIVE = "active", "Aktiv", "Active"
    RESPECTED = "respected", "Respekterad", "Respected"
    RESPONSIBLE = "responsible", "Ansvarstagande", "Responsible"
    INCLUDED = "included", "Delaktig", "Included"
    HOPES = "hopes", "Det jag hoppas på", "Hopes for the future"


#: The wheel itself, in the order in which it is drawn; the hopes stand beside it.
THE_EIGHT = tuple(dimension for dimension in WheelDimension if dimension is not WheelDimension.HOPES)


class WheelScale(Coded):
    """How an answer may be placed on a scale, if it is at all (R6.2). A step is a word, and no more than that."""

    NONE = "none", "Ingen skala", "No scale"
    FREQUENCY_4 = "frequency_4", "Hur ofta, fyra steg", "How often, four steps"
    ONE_TO_FIVE = "one_to_five", "Ett till fem", "One to five"

    @property
    def steps(self) -> int:
        """How many steps there are; each has a label in the template."""
        return {WheelScale.NONE: 0, WheelScale.FREQUENCY_4: 4, WheelScale.ONE_TO_FIVE: 5}[self]


class WheelTemplateStatus(Coded):
    """A template is written, published, and one day no longer used."""

    DRAFT = "draft", "Utkast", "Draft"
    PUBLISHED = "published", "Publicerad", "Published"
    RETIRED = "retired", "Tagen ur bruk", "Retired"


S = WheelTemplateStatus
WHEEL_TEMPLATE_FLOW = Workflow(
    {
        (S.DRAFT, "edit"): S.DRAFT,
        (S.DRAFT, "publish"): S.PUBLISHED,
        (S.PUBLISHED, "retire"): S.RETIRED,
    }
)


class NotTheEightDimensions(Problem):
    """R6.1: a wheel has its eight dimensions, in their order."""

    status = 422
    title = Words("Hjulet ska ha sina åtta delar", "The wheel has its eight dimensions")
    detail = Words(
        "dimensions ska vara de åtta, var och en en gång, i den här ordningen: {wanted}.",
        "dimensions must be the eight, each once, in this order: {wanted}.",
    )


class ScaleLabelsDoNotFit(Problem):
    """R6.2: each step of the scale has its label, and without a scale there is none."""

    status = 422
    title = Words("Skalans ord stämmer inte", "The scale's labels do not fit")
    detail = Words("scaleLabels ska ha {steps} ord.", "scaleLabels must hold {steps} labels.")


class TemplateIsPublished(Conflict):
    """What children have answered to does not change under their answers."""

    title = Words("Mallen är publicerad", "The template is published")
    detail = Words(
        "En publicerad mall ändras inte; föreslå en ny version.",
        "A published template does not change; propose a new version.",
    )


class TemplateNotUsable(Problem):
    """A wheel is made with a published template."""

    status = 422
    title = Words("Mallen går inte att använda", "The template cannot be used")
    detail = Words("templateId ska vara en publicerad mall.", "templateId must be a published template.")


class WheelTemplate(Base):
    """One version of the wheel in one language: the words of its dimensions, and the scale if there is one."""

    __tablename__ = "wheel_templates"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(Text)
    number: Mapped[int]
    locale: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    scale: Mapped[str] = mapped_column(Text)
    scale_labels: Mapped[list[str]] = mapped_column(ARRAY(Text))
    dimensions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    hopes: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    labels_verified: Mapped[bool]
    note: Mapped[str | None] = mapped_column(Text)
    maps_from_id: Mapped[UUID | None] = mapped_column(ForeignKey("wheel_templates.id"))
    published_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}

    @property
    def subject(self) -> Subject:
        """What the access log says an entry is about."""
        return Subject("wheel_template", self.id)

    def write(self, stated: dict[str, Any]) -> None:
        """Take over what was stated, field by field; raises ``TemplateIsPublished`` and what ``require_whole`` does."""
        if not WHEEL_TEMPLATE_FLOW.allows(self.status, "edit"):
            raise TemplateIsPublished
        for name, value in stated.items():
            setattr(self, name, value)
        require_whole([part["dimension"] for part in self.dimensions], WheelScale(self.scale), self.scale_labels)

    def publish(self, at: datetime) -> None:
        """From now on wheels are made with it, and it does not change; raises ``TemplateIsPublished``."""
        if not WHEEL_TEMPLATE_FLOW.allows(self.status, "publish"):
            raise TemplateIsPublished
        WHEEL_TEMPLATE_FLOW.go(self, "publish")
        self.published_at = at

    def retire(self) -> None:
        """No new wheel is made with it; those that were stay as they are."""
        WHEEL_TEMPLATE_FLOW.go(self, "retire")


def require_whole(dimensions: Sequence[str], scale: WheelScale, labels: Sequence[str]) -> None:
    """Raise ``NotTheEightDimensions`` or ``ScaleLabelsDoNotFit`` for a template that could not be used."""
    if list(dimensions) != list(THE_EIGHT):
        raise NotTheEightDimensions(wanted=", ".join(THE_EIGHT))
    if len(labels) != scale.steps:
        raise ScaleLabelsDoNotFit(steps=scale.steps)
