"""What every consent and disclosure is made of. ``domain.md`` 12.4, 12.10."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.errors import Problem
from app.kernel.errors import Text as Words
from app.people.models import Owned


class InformationCategory(Coded):
    """What kind of information; there is no "all" (R4.1)."""

    CONTACT = "contact", "Kontaktuppgifter", "Contact details"
    SCHOOL = "school", "Skola", "School"
    HEALTH = "health", "Hälsa", "Health"
    SOCIAL = "social", "Socialtjänst", "Social services"
    PLAN = "plan", "Plan", "Plan"
    WHEEL = "wheel", "Välmåendehjul", "Wellbeing wheel"
    MEETING_NOTES = "meeting_notes", "Mötesanteckningar", "Meeting notes"


#: What is open of a wheel of which some dimensions are shared: that it was made, when, and with whom.
WHEEL_IN_PART = "wheel_part"


def opened_categories(categories: Sequence[str], dimensions: Sequence[str] | None = None) -> list[str]:
    """The categories that a basis opens: of the wheel only the chosen dimensions, where some are chosen (R6.8)."""
    if not dimensions:
        return list(categories)
    named = [category for category in categories if category != InformationCategory.WHEEL]
    return [*named, WHEEL_IN_PART, *(f"wheel_{dimension}" for dimension in dimensions)]


def covers(opened: Sequence[str], asked: Sequence[str]) -> bool:
    """Whether what is opened holds everything asked for; the whole wheel holds each of its dimensions."""
    whole = InformationCategory.WHEEL in opened
    return all(category in opened or (whole and category.startswith("wheel_")) for category in asked)


class CaseIsNotTheChilds(Problem):
    """What is shared in a case is about that case's child."""

    status = 422
    title = Words("Ärendet gäller ett annat barn", "The case is about another child")
    detail = Words(
        "caseId ska vara ett ärende om barnet, som den egna enheten äger.",
        "caseId must be a case about the child, owned by the caller's unit.",
    )


class ChildBound(Owned):
    """Columns of what is shared about a child: whose it is, and in which circle."""

    circle_id: Mapped[UUID]


class Shared(ChildBound):
    """What is opened: the categories, and of a wheel the dimensions that are chosen; none chosen is the whole wheel."""

    categories: Mapped[list[str]] = mapped_column(ARRAY(Text))
    wheel_dimensions: Mapped[list[str] | None] = mapped_column(ARRAY(Text))

    @property
    def opened(self) -> list[str]:
        """The categories as the wall knows them."""
        return opened_categories(self.categories, self.wheel_dimensions)
