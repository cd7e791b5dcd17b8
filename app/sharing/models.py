"""What every consent and disclosure is made of. ``domain.md`` 12.4, 12.10."""

from uuid import UUID

from sqlalchemy.orm import Mapped

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
