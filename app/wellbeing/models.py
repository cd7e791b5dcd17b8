"""Wellbeing assessments: a wheel (välmåendehjul) filled in by or with somebody. ``domain.md`` 1.9, 12.6.

There is no level to reach. Nothing here is added up, placed in order or held against anybody else (R6.3).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.audit import Subject
from app.kernel.calendar import age_on
from app.kernel.db import Base
from app.kernel.errors import Conflict, Problem
from app.kernel.errors import Text as Words
from app.kernel.workflow import Workflow
from app.sharing.models import WHEEL_IN_PART, ChildBound, InformationCategory
from app.wheel_templates.models import THE_EIGHT

_INSTANT = TIMESTAMP(timezone=True)
#: Below this age the guardians see what is shared with the family; from it on somebody decides (R21.1, trap 6).
DECIDED_FROM = 13
YOUTH_CLINIC = "youth_clinic"


class Respondent(Coded):
    """Whose view a wheel holds. Several are shown side by side (R6.4)."""

    CHILD = "child", "Barnet", "The child"
    GUARDIAN = "guardian", "En vårdnadshavare", "A guardian"
    PROFESSIONAL = "professional", "Någon som arbetar med barnet", "A professional"
    JOINT = "joint", "Tillsammans", "Together"


class AssessmentStatus(Coded):
    """A wheel is written, shown to the family, confirmed, and perhaps corrected by a later one."""

    DRAFT = "draft", "Utkast", "Draft"
    SHARED_WITH_FAMILY = "shared_with_family", "Visad för familjen", "Shared with the family"
    CONFIRMED = "confirmed", "Bekräftad", "Confirmed"
    SUPERSEDED = "superseded", "Ersatt av en rättelse", "Superseded by a correction"


class ConfirmedHow(Coded):
    """How it was confirmed that the wheel says what was meant."""

    TOGETHER = "together", "Tillsammans i samtal", "Together, in conversation"
    FAMILY_MEMBER = "family_member", "Av en i familjen", "By a family member"
    CHILD = "child", "Av barnet", "By the child"


S = AssessmentStatus
WELLBEING_ASSESSMENT_FLOW = Workflow(
    {
        (S.DRAFT, "edit"): S.DRAFT,
        (S.DRAFT, "share"): S.SHARED_WITH_FAMILY,
        (S.SHARED_WITH_FAMILY, "confirm"): S.CONFIRMED,
        (S.CONFIRMED, "supersede"): S.SUPERSEDED,
    }
)


class DimensionsMissing(Problem):
    """R6.1: all eight are there, also those that were not discussed; what is missing is never zero."""

    status = 422
    title = Words("Delar av hjulet saknas", "Dimensions of the wheel are missing")
    detail = Words(
        "Alla åtta ska finnas med; ange notDiscussed för dem som inte togs upp. Saknas: {missing}.",
        "All eight must be there; give notDiscussed for those that did not come up. Missing: {missing}.",
    )


class DiscussedOrNot(Problem):
    """R6.1: about a dimension something was said, or it was not discussed."""

    status = 422
    title = Words("Delen är antingen berörd eller inte", "A dimension was discussed or it was not")
    detail = Words(
        "En del med notDiscussed är tom, och en del utan har något nedskrivet. Gäller: {dimension}.",
        "A dimension with notDiscussed is empty, and one without it has something written down. About: {dimension}.",
    )


class ScaleValueOutside(Problem):
    """R6.2: a value is a step of the template's scale; without a scale there is none."""

    status = 422
    title = Words("Värdet finns inte på skalan", "The value is not on the scale")
    detail = Words(
        "Mallens skala har {steps} steg, räknade från 1; utan skala anges inget scaleValue.",
        "The template's scale has {steps} steps, counted from 1; without a scale no scaleValue is given.",
    )


class TemplateHasNoHopes(Problem):
    """The ninth question belongs to some templates only."""

    status = 422
    title = Words("Mallen frågar inte efter förhoppningar", "The template does not ask for hopes")
    detail = Words("Utelämna hopes med den här mallen.", "Leave out hopes with this template.")


class HeldInTheFuture(Problem):
    """A wheel tells of a conversation that has been."""

    status = 422
    title = Words("Samtalet ligger i framtiden", "The conversation lies in the future")
    detail = Words("heldOn ska inte vara efter idag.", "heldOn must not be after today.")


class WheelOfAnotherChild(Problem):
    """A wheel in a case is about that case's child."""

    status = 422
    title = Words("Ärendet gäller ett annat barn", "The case is about another child")
    detail = Words("caseId ska vara ett ärende om barnet.", "caseId must be a case about the child.")


class SpeaksForItself(Problem):
    """A family member fills in a wheel of its own: the young person as the child, a guardian as a guardian."""

    status = 422
    title = Words("Var och en talar för sig själv", "Everybody speaks for themselves")
    detail = Words(
        "respondent ska vara child för en ung person och guardian för en vårdnadshavare.",
        "respondent must be child for a young person and guardian for a guardian.",
    )


class VisibilityNotDecided(Problem):
    """R21.1, trap 6: from 13 somebody decides, wheel by wheel, whether the guardians see it."""

    status = 422
    title = Words("Ta ställning till vad vårdnadshavarna ser", "Decide what the guardians see")
    detail = Words(
        "Ange visibleToGuardians: från 13 år, eller när åldern är okänd, finns inget förval.",
        "Give visibleToGuardians: from the age of 13, or when the age is not known, there is no default.",
    )


class StrengthOrReason(Problem):
    """R6.6: a confirmed wheel tells of at least one strength, or why none was found."""

    status = 422
    title = Words("Minst en styrka, eller skäl", "At least one strength, or a reason")
    detail = Words(
        "Hjulet har ingen styrka. Skriv en, eller ange noStrengthReason.",
        "The wheel has no strength. Write one, or give noStrengthReason.",
    )


class OnlyConfirmedIsCorrected(Conflict):
    """A correction replaces what was confirmed; a draft is simply changed."""

    title = Words("Bara en bekräftad bedömning rättas", "Only what is confirmed is corrected")
    detail = Words(
        "supersedesId ska vara en bekräftad bedömning som inte redan är ersatt.",
        "supersedesId must be a confirmed assessment that is not superseded already.",
    )


class EarlierNotShown(Conflict):
    """Whoever has not been shown what a correction replaces cannot be the one who replaces it."""

    title = Words("Enheten bekräftar den här rättelsen", "The unit confirms this correction")
    detail = Words(
        "Rättelsen ersätter en bedömning som inte är visad för dig.",
        "The correction replaces an assessment that has not been shown to you.",
    )


def open_to(status: str, visible_to_guardians: bool | None, *opened: str) -> list[str]:
    """To which categories the wall opens a row: a draft to nobody, then to the family; confirmed to what is shared too.

    So an unconfirmed wheel cannot be disclosed (R6.9), and a dimension that was not chosen stays closed (R6.8).
    """
    if status == S.DRAFT:
        return []
    family = "family" if visible_to_guardians else "child"
    return [family] if status == S.SHARED_WITH_FAMILY else [family, InformationCategory.WHEEL.value, *opened]


def visible_by_default(born: date | None, today: date, unit_type: str | None) -> bool | None:
    """What guardians see when nobody has said; None where somebody must (R21.1). What a youth clinic writes: never."""
    if unit_type == YOUTH_CLINIC:
        return False
    return True if born is not None and born <= today and age_on(born, today) < DECIDED_FROM else None


def require_all_dimensions(given: Iterable[str]) -> None:
    """Raise ``DimensionsMissing`` unless the eight are there (R6.1)."""
    there = set(given)
    missing = [dimension for dimension in THE_EIGHT if dimension not in there]
    if missing:
        raise DimensionsMissing(missing=", ".join(missing))


class DimensionEntry(ChildBound, Base):
    """What was said about one dimension, or about the hopes; a row of its own, so that the wall opens it by itself."""

    __tablename__ = "wellbeing_entries"

    assessment_id: Mapped[UUID] = mapped_column(ForeignKey("wellbeing_assessments.id"))
    dimension: Mapped[str] = mapped_column(Text)
    strengths: Mapped[list[str]] = mapped_column(ARRAY(Text))
    challenges: Mapped[list[str]] = mapped_column(ARRAY(Text))
    own_words: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    scale_value: Mapped[int | None]
    not_discussed: Mapped[bool]
    open_to: Mapped[list[str]] = mapped_column(ARRAY(Text))

    def say(self, said: Mapping[str, Any], steps: int) -> None:
        """Write down what was said, on a scale of so many steps; raises ``DiscussedOrNot``, ``ScaleValueOutside``."""
        self.apply(said)
        nothing = not (self.strengths or self.challenges or self.own_words or self.scale_value is not None)
        if nothing is not self.not_discussed:
            raise DiscussedOrNot(dimension=str(self.dimension))
        if self.scale_value is not None and not 1 <= self.scale_value <= steps:
            raise ScaleValueOutside(steps=steps)

    def open(self, status: str, visible_to_guardians: bool | None) -> None:
        """Follow the wheel that it belongs to."""
        self.open_to = open_to(status, visible_to_guardians, f"wheel_{self.dimension}")


class Assessment(ChildBound, Base):
    """A wheel as one conversation left it; once confirmed it does not change, and a correction is a new one."""

    __tablename__ = "wellbeing_assessments"

    child_id: Mapped[UUID] = mapped_column(ForeignKey("children.id"))
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.id"))
    template_id: Mapped[UUID] = mapped_column(ForeignKey("wheel_templates.id"))
    respondent: Mapped[str] = mapped_column(Text)
    respondent_relation: Mapped[str | None] = mapped_column(Text)
    held_on: Mapped[date]
    setting: Mapped[str | None] = mapped_column(Text)
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    status: Mapped[str] = mapped_column(Text)
    visible_to_guardians: Mapped[bool | None]
    shared_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    confirmed_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    confirmed_how: Mapped[str | None] = mapped_column(Text)
    no_strength_reason: Mapped[str | None] = mapped_column(Text)
    supersedes_id: Mapped[UUID | None] = mapped_column(ForeignKey("wellbeing_assessments.id"))
    correction_reason: Mapped[str | None] = mapped_column(Text)
    open_to: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime] = mapped_column(_INSTANT)
    updated_at: Mapped[datetime] = mapped_column(_INSTANT)
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index("ix_wellbeing_assessments_circle_id", "circle_id", "id"),
        Index("ix_wellbeing_assessments_child_id", "child_id", "held_on", "id"),
    )

    @property
    def subject(self) -> Subject:
        """What the access log says an entry is about."""
        return Subject("wellbeing_assessment", self.id, self.circle_id, self.child_id, self.owner_authority_id)

    def share(self, entries: Sequence[DimensionEntry], *, visible_to_guardians: bool, at: datetime) -> None:
        """Show the wheel to the family, or to the child alone."""
        WELLBEING_ASSESSMENT_FLOW.go(self, "share")
        self.visible_to_guardians, self.shared_at, self.updated_at = visible_to_guardians, at, at
        self._open(entries)

    def confirm(
        self, entries: Sequence[DimensionEntry], how: ConfirmedHow, no_strength_reason: str | None, at: datetime,
        by: UUID,
    ) -> None:  # fmt: skip
        """It says what was meant, and does not change any more; raises ``StrengthOrReason`` (R6.6)."""
        WELLBEING_ASSESSMENT_FLOW.go(self, "confirm")
        if no_strength_reason is None and not any(entry.strengths for entry in entries):
            raise StrengthOrReason
        self.confirmed_how, self.no_strength_reason = how, no_strength_reason
        self.confirmed_at, self.confirmed_by, self.updated_at = at, by, at
        self._open(entries)

    def supersede(self, at: datetime) -> None:
        """A confirmed correction takes its place; what it said stays."""
        WELLBEING_ASSESSMENT_FLOW.go(self, "supersede")
        self.updated_at = at

    def _open(self, entries: Sequence[DimensionEntry]) -> None:
        self.open_to = open_to(self.status, self.visible_to_guardians, WHEEL_IN_PART)
        for entry in entries:
            entry.open(self.status, self.visible_to_guardians)
