"""The history of a plan: each step with its reason, the refusal of a request, and why a step is not taken.

``domain.md`` 12.7, R7.1.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base
from app.kernel.errors import Conflict, Denied, Problem
from app.kernel.errors import Text as Words
from app.people.models import Owned

_INSTANT = TIMESTAMP(timezone=True)


class SchoolMayNotInitiate(Denied):
    """R7.14: school starts a SIP where the local agreement says so."""

    code = "school-may-not-initiate"
    title = Words("Skolan kan inte ta initiativet här", "School cannot take the initiative here")
    detail = Words(
        "Den lokala överenskommelsen låter inte skolan starta en SIP; tala med socialtjänst eller vård.",
        "The local agreement does not let school start a SIP; turn to social services or health care.",
    )


class CaseNotActive(Conflict):
    """A plan is begun in a case that is worked on."""

    title = Words("Ärendet pågår inte", "The case is not active")
    detail = Words("En plan börjar i ett pågående ärende.", "A plan is begun in an active case.")


class PlanStillOpen(Conflict):
    """A case does not end from under its plan (R7.10)."""

    title = Words("En plan är öppen", "A plan is open")
    detail = Words("Avsluta ärendets planer först.", "Close the plans of the case first.")


class NotUpgradable(Conflict):
    """R7.4: one SIP follows one Barnets plan."""

    title = Words("Planen kan inte bli en SIP", "The plan cannot become a SIP")
    detail = Words(
        "Bara en Barnets plan som inte redan följs av en SIP kan göras om till SIP.",
        "Only a Barnets plan that no SIP follows yet can become a SIP.",
    )


class RefusalNeedsManager(Problem):
    """R7.1: the family's request is refused by a manager, with a reason."""

    status = 422
    title = Words("Avslaget kräver skäl och chefsbeslut", "A refusal needs a reason and a manager")
    detail = Words(
        "En begäran från familjen nekas bara av enhetschefen, med skäl.",
        "A request of the family is refused by the unit's manager only, with a reason.",
    )


class PlanStep(Owned, Base):
    """One step of a plan's state machine with its reason."""

    __tablename__ = "plan_steps"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plans.id"))
    deed: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    taken_at: Mapped[datetime] = mapped_column(_INSTANT)
    taken_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))


class PlanRefusal(Owned, Base):
    """Why a plan is not made, and which manager answers for it (R7.1)."""

    __tablename__ = "plan_refusals"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plans.id"))
    reason: Mapped[str] = mapped_column(Text)
    approved_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    refused_at: Mapped[datetime] = mapped_column(_INSTANT)
