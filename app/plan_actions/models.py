"""What is asked about an action, and what can go wrong with one. ``domain.md`` R4.6, R5.5, R7.8."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.audit import Subject
from app.kernel.db import Base, Row
from app.kernel.errors import Conflict, Denied, Problem
from app.kernel.errors import Text as Words
from app.people.models import Owned
from app.plan_contents.models import UNFINISHED, ActionPrincipal
from app.plans.models import PlanStatus

_INSTANT = TIMESTAMP(timezone=True)
#: The principals that commit themselves through one of their units.
THROUGH_A_UNIT = (ActionPrincipal.REGION, ActionPrincipal.MUNICIPALITY, ActionPrincipal.PRIVATE_PROVIDER)
#: Those that have no unit here and are known by a name.
BY_NAME = (ActionPrincipal.CIVIL_SOCIETY, ActionPrincipal.OTHER)


class ProposesForAnother(Denied):
    """A party adds its own actions; whoever writes the plan may propose for the others."""

    code = "proposes-for-another"
    title = Words("Du lägger bara till egna åtgärder", "You add your own actions only")
    detail = Words(
        "Bara den som skriver planen kan föreslå åtgärder för andra.",
        "Only whoever writes the plan may propose actions for others.",
    )


class UnitNotInPlan(Problem):
    """Only who takes part around the child commits itself in the plan."""

    status = 422
    title = Words("Enheten är inte med", "The unit does not take part")
    detail = Words(
        "Enheten ska vara med i ärendets krets, på samtycke eller inom samma myndighet.",
        "The unit must be in the case's circle, by consent or within the same authority.",
    )


class ActionPrincipalDoesNotFit(Problem):
    """A unit commits the principal (huvudman) that it belongs to, and no other."""

    status = 422
    title = Words("Huvudman och enhet går inte ihop", "Principal and unit do not go together")
    detail = Words(
        "principal ska vara den sorts huvudman som enheten hör till.",
        "principal must be the kind of principal that the unit belongs to.",
    )


class ResponsibleNotInUnit(Problem):
    """Whoever is responsible for an action works in the unit that commits itself."""

    status = 422
    title = Words("Den ansvariga arbetar inte i enheten", "The person responsible does not work in the unit")
    detail = Words(
        "responsibleId ska ha ett gällande uppdrag i den enhet som åtar sig åtgärden.",
        "responsibleId needs a valid assignment in the unit that commits itself to the action.",
    )


class OnlyReports(Denied):
    """The family says how its own effort goes; what was agreed is changed together."""

    code = "only-reports"
    title = Words("Bara läge och resultat", "Only status and result")
    detail = Words(
        "Familjen ändrar läge och resultat för sin egen insats; resten ändras tillsammans.",
        "The family changes the status and result of its own effort; the rest is changed together.",
    )


class PlanClosedToYou(Conflict):
    """R4.6: the consent that let the unit into the plan has ended; it still decides about its own action."""

    title = Words("Planen är stängd för enheten", "The plan is closed to the unit")
    detail = Words(
        "Samtycket har upphört. Enheten kan bara besluta vad som händer med sin åtgärd.",
        "Consent has ended. The unit can only decide what becomes of its action.",
    )


class NothingToDecide(Conflict):
    """Its owner decides about an open action, once, after consent has ended (R4.6)."""

    title = Words("Inget att besluta", "Nothing to decide")
    detail = Words(
        "Ett beslut tas en gång om varje öppen åtgärd, när samtycket bakom planen har upphört.",
        "A decision is taken once about each open action, when the consent behind the plan has ended.",
    )


class QuestionAlreadyAnswered(Conflict):
    """A question is answered once; more is a new question."""

    title = Words("Frågan är redan besvarad", "The question is already answered")
    detail = Words("Ställ en ny fråga i stället.", "Ask a new question instead.")


def awaits_decision(action: Row, plan_status: str | None) -> bool:
    """Whether its owner has yet to decide (R4.6): "consent withdrawn – owner to decide".

    ``plan_status`` is None for an owner to whom the plan has closed: its own consent has ended.
    """
    if action["status"] not in UNFINISHED or plan_status not in (None, PlanStatus.SUSPENDED):
        return False
    decided, asked = action["decided_at"], action["asked_at"]
    return decided is None or (asked is not None and decided < asked)


class ActionQuestion(Owned, Base):
    """A question to an action's owner: whoever coordinates asks, and changes nothing (R5.5)."""

    __tablename__ = "action_questions"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    action_id: Mapped[UUID] = mapped_column(ForeignKey("plan_actions.id"))
    question: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(_INSTANT)
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    answer: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}

    def reply(self, answer: str, at: datetime, by: UUID) -> None:
        """The action's owner answers, once."""
        if self.answered_at is not None:
            raise QuestionAlreadyAnswered
        self.answer, self.answered_at, self.answered_by = answer, at, by

    def subject(self, child_id: UUID) -> Subject:
        """What the access log says an entry is about."""
        return Subject("action_question", self.id, self.case_id, child_id, self.owner_authority_id)
