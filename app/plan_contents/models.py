"""What a plan holds: needs, goals, actions, and what the parties do not agree on. ``domain.md`` 12.7, R7.8.

An action (åtgärd, insats) belongs to the unit that commits itself: the wall lets nobody else change it, and whatever
changes its commitment asks that party again (``plan_agreements``). What is taken out is marked, never deleted (R3.8).
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.audit import Subject
from app.kernel.db import Base
from app.kernel.errors import Conflict, Denied
from app.kernel.errors import Text as Words
from app.kernel.workflow import Workflow
from app.people.models import EndsBeforeItBegins, Owned
from app.plans.models import OPEN, WRITABLE, PlanIsNotWritable

_INSTANT = TIMESTAMP(timezone=True)


class GoalHorizon(Coded):
    """How far ahead a goal lies."""

    SHORT = "short", "Delmål", "Short term"
    LONG = "long", "Långsiktigt mål", "Long term"


class GoalStatus(Coded):
    """How it went, as the last follow-up found it (R7.11)."""

    OPEN = "open", "Inte uppföljt", "Not followed up"
    REACHED = "reached", "Uppnått", "Reached"
    PARTLY = "partly", "Delvis uppnått", "Partly reached"
    NOT_REACHED = "not_reached", "Inte uppnått", "Not reached"
    CHANGED = "changed", "Ändrat", "Changed"


class ActionPrincipal(Coded):
    """Who answers for an action: a principal (huvudman), the family itself, or somebody else."""

    REGION = "region", "Regionen", "The region"
    MUNICIPALITY = "municipality", "Kommunen", "The municipality"
    PRIVATE_PROVIDER = "private_provider", "Privat utförare", "Private provider"
    CIVIL_SOCIETY = "civil_society", "Civilsamhället", "Civil society"
    FAMILY = "family", "Familjen själv", "The family itself"
    OTHER = "other", "Annan", "Other"


class ActionStatus(Coded):
    """Where an action stands."""

    PLANNED = "planned", "Planerad", "Planned"
    ONGOING = "ongoing", "Pågår", "Ongoing"
    DONE = "done", "Genomförd", "Done"
    STOPPED = "stopped", "Avbruten", "Stopped"


class ActionDecision(Coded):
    """What its owner decides about an action once consent has ended (R4.6)."""

    GOES_ON = "goes_on", "Fortsätter inom den egna verksamheten", "Goes on within the own service"
    STOPS = "stops", "Avbryts", "Stops"


class DisagreementSide(Coded):
    """Who does not agree."""

    CHILD = "child", "Barnet", "The child"
    GUARDIAN = "guardian", "Vårdnadshavare", "A guardian"
    PROFESSIONAL = "professional", "En verksamhet", "A professional"


A = ActionStatus
ACTION_FLOW = Workflow(
    {
        (A.PLANNED, "edit"): A.PLANNED,
        (A.PLANNED, "start"): A.ONGOING,
        (A.ONGOING, "edit"): A.ONGOING,
        (A.ONGOING, "finish"): A.DONE,
        (A.PLANNED, "stop"): A.STOPPED,
        (A.ONGOING, "stop"): A.STOPPED,
    }
)
UNFINISHED = (A.PLANNED, A.ONGOING)
_DEEDS = {A.PLANNED: "plan", A.ONGOING: "start", A.DONE: "finish", A.STOPPED: "stop"}
#: The deadline that a withdrawn consent gives the owner of each open action.
DECIDE = "decide_after_withdrawal"


class AlreadyRemoved(Conflict):
    """What is taken out of a plan is history."""

    title = Words("Redan borttaget", "Already removed")
    detail = Words("Det är redan borttaget ur planen.", "It has been taken out of the plan already.")


class StillInUse(Conflict):
    """A need with goals, or a goal with actions, is not taken away from under them."""

    title = Words("Något i planen bygger på detta", "Something in the plan rests on this")
    detail = Words(
        "Ta först bort behovets mål, eller målets åtgärder.",
        "Take out the need's goals, or the goal's actions, first.",
    )


class AlreadySettled(Conflict):
    """A disagreement is settled once; it stands either way."""

    title = Words("Oenigheten är redan löst", "The disagreement is settled already")
    detail = Words("Det står redan hur den löstes.", "How it was settled stands there already.")


class SpeaksForAnother(Denied):
    """A family member disagrees for themselves, never for another."""

    code = "speaks-for-another"
    title = Words("Du svarar bara för dig själv", "You speak only for yourself")
    detail = Words("En oenighet i familjen antecknas av den som har den.", "In the family each says their own.")


def require_writable(status: str) -> None:
    """Raise ``PlanIsNotWritable`` unless what a plan in this state holds may change."""
    if status not in WRITABLE:
        raise PlanIsNotWritable


def require_open(status: str) -> None:
    """Raise ``PlanIsNotWritable`` once the plan has ended."""
    if status not in OPEN:
        raise PlanIsNotWritable


class PartOfPlan(Owned):
    """Columns of everything in a plan."""

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plans.id"))

    def named(self, kind: str, child_id: UUID | None) -> Subject:
        """What the access log says an entry is about."""
        return Subject(kind, self.id, self.case_id, child_id, self.owner_authority_id)


class Removable(PartOfPlan):
    """What can be taken out of a plan, and stays as it was (R3.8)."""

    removed_at: Mapped[datetime | None] = mapped_column(_INSTANT)

    def require_present(self) -> None:
        """Raise ``AlreadyRemoved`` for what is no longer in the plan."""
        if self.removed_at is not None:
            raise AlreadyRemoved

    def remove(self, at: datetime) -> None:
        """Take it out."""
        self.require_present()
        self.removed_at = at


class PlanNeed(Removable, Base):
    """A need (behov), in words and as dimensions of the wheel, with the child's and the guardians' own view."""

    __tablename__ = "plan_needs"

    wheel_dimensions: Mapped[list[str]] = mapped_column(ARRAY(Text))
    assessment_id: Mapped[UUID | None]
    description: Mapped[str] = mapped_column(Text)
    child_view: Mapped[str | None] = mapped_column(Text)
    guardian_view: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_INSTANT)
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}


class PlanGoal(Removable, Base):
    """A goal (mål), and what will show that it is reached; how it went is found by follow-ups only."""

    __tablename__ = "plan_goals"

    need_id: Mapped[UUID] = mapped_column(ForeignKey("plan_needs.id"))
    text: Mapped[str] = mapped_column(Text)
    horizon: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_INSTANT)
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}


class PlanAction(Removable, Base):
    """An action (åtgärd): what its owner commits itself to, how it goes, and what it decides after a withdrawal."""

    __tablename__ = "plan_actions"

    goal_id: Mapped[UUID | None] = mapped_column(ForeignKey("plan_goals.id"))
    principal: Mapped[str] = mapped_column(Text)
    responsible_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    description: Mapped[str] = mapped_column(Text)
    own_effort: Mapped[bool]
    other_party_name: Mapped[str | None] = mapped_column(Text)
    start_on: Mapped[date | None]
    due_on: Mapped[date | None]
    status: Mapped[str] = mapped_column(Text)
    result: Mapped[str | None] = mapped_column(Text)
    commitment: Mapped[int] = mapped_column(server_default=sql("1"))
    decision: Mapped[str | None] = mapped_column(Text)
    decision_reason: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    created_at: Mapped[datetime] = mapped_column(_INSTANT)
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}

    def subject(self, child_id: UUID) -> Subject:
        """What the access log says an entry is about."""
        return self.named("action", child_id)

    def require_period(self) -> None:
        """Raise ``EndsBeforeItBegins`` when it is due before it starts."""
        if self.start_on is not None and self.due_on is not None and self.due_on < self.start_on:
            raise EndsBeforeItBegins

    def commit_to(self, stated: Mapping[str, Any]) -> None:
        """The owner commits itself to something else: who accepted the former is asked again."""
        self.require_present()
        ACTION_FLOW.go(self, "edit")
        self.apply(stated)
        self.require_period()
        self.commitment += 1

    def report(self, status: ActionStatus | None, stated: Mapping[str, Any]) -> None:
        """How it goes: forward only, and never back from done or stopped."""
        self.require_present()
        if status is not None and status != self.status:
            ACTION_FLOW.go(self, _DEEDS[status])
        self.apply(stated)

    def decide(self, decision: ActionDecision, reason: str | None, at: datetime) -> None:
        """What becomes of it now that consent has ended; the owner alone says (R4.6)."""
        self.require_present()
        if decision is ActionDecision.STOPS:
            ACTION_FLOW.go(self, "stop")
        self.decision, self.decision_reason, self.decided_at = decision, reason, at


class PlanDisagreement(PartOfPlan, Base):
    """What somebody does not agree with (oenighet): kept, also when it is settled."""

    __tablename__ = "plan_disagreements"

    whose: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(_INSTANT)
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    settled_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    settled_how: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}

    def settle(self, how: str, at: datetime) -> None:
        """How it was settled; what was said stays."""
        if self.settled_at is not None:
            raise AlreadySettled
        self.settled_at, self.settled_how = at, how
