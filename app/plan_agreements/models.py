"""Acceptances: each party accepts its own commitments exactly as they stand. ``domain.md`` 12.7, R7.2, R7.8.

An acceptance is current while what it was given for stands unchanged: who changes one's own action is asked again, and
nobody else. The family's acceptance is kept and shown; what binds the family is its consent.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.db import Base, Row
from app.kernel.errors import Conflict
from app.kernel.errors import Text as Words
from app.plan_contents.models import PartOfPlan


class PartyKind(Coded):
    """Who stands behind a plan: units with commitments, and the family."""

    UNIT = "unit", "Enhet", "Unit"
    GUARDIAN = "guardian", "Vårdnadshavare", "Guardian"
    CHILD = "child", "Barnet", "The child"


class AcceptanceState(Coded):
    """Whether a party stands behind what it has committed itself to, as it reads now."""

    CURRENT = "current", "Har godkänt", "Accepted"
    OUTDATED = "outdated", "Har godkänt en tidigare lydelse", "Accepted an earlier wording"
    MISSING = "missing", "Har inte godkänt än", "Not accepted yet"


class NothingToAccept(Conflict):
    """A unit accepts its own actions, and has none."""

    title = Words("Inget att godkänna", "Nothing to accept")
    detail = Words("Enheten har inga egna åtgärder i planen.", "The unit has no actions of its own in the plan.")


class CommitmentsChanged(Conflict):
    """Nobody accepts what they have not seen."""

    title = Words("Åtgärderna har ändrats", "The actions have changed")
    detail = Words(
        "Det som du har sett är inte vad som står i planen nu. Läs åtgärderna igen och godkänn dem då.",
        "What you have seen is not what the plan says now. Read the actions again before you accept them.",
    )


class AcceptanceMissing(Conflict):
    """R7.2: every unit stands behind what it has committed itself to."""

    title = Words("Alla har inte godkänt", "Not everybody has accepted")
    detail = Words(
        "{missing} av parterna har inte godkänt sina åtgärder som de står nu. Se /plans/{{planId}}/parties.",
        "{missing} of the parties have not accepted their actions as they stand. See /plans/{{planId}}/parties.",
    )


def state_of(accepted: Mapping[str, int] | None, standing: Mapping[str, int]) -> AcceptanceState:
    """How an acceptance relates to what stands now."""
    if accepted is None:
        return AcceptanceState.MISSING
    return AcceptanceState.CURRENT if accepted == standing else AcceptanceState.OUTDATED


def require_accepted(parties: Iterable[Row]) -> None:
    """Raise ``AcceptanceMissing`` unless every unit has accepted its commitments as they stand."""
    missing = [
        party for party in parties
        if party["kind"] == PartyKind.UNIT and party["accepted"] != AcceptanceState.CURRENT
    ]  # fmt: skip
    if missing:
        raise AcceptanceMissing(missing=len(missing))


class PlanAcceptance(PartOfPlan, Base):
    """Who accepted what, and when; it is written once."""

    __tablename__ = "plan_acceptances"

    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    person_key: Mapped[UUID | None]
    standing: Mapped[str | None] = mapped_column(Text)
    commitments: Mapped[dict[str, int]] = mapped_column(JSONB)
    accepted_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    accepted_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
