"""NPF teams, who is in them, and what they need to work. ``domain.md`` 0.1 and 12.13."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ForeignKey, Index, SmallInteger, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.audit import Subject
from app.kernel.db import Base
from app.kernel.errors import Conflict, Problem
from app.kernel.errors import Text as Words
from app.kernel.workflow import Workflow
from app.nameless import require_none


class NpfTeamStatus(Coded):
    """Where a team stands: it forms, plans, and then works (12.13)."""

    FORMING = "forming", "Bildas", "Forming"
    PLANNING = "planning", "Planerar", "Planning"
    OPERATIVE = "operative", "I arbete", "Operative"
    PAUSED = "paused", "Pausat", "Paused"
    ENDED = "ended", "Avslutat", "Ended"


class NpfTeamPart(Coded):
    """What a team needs in order to work (R13.2)."""

    BUP = "bup", "Barn- och ungdomspsykiatri", "Child and adolescent psychiatry"
    SOCIAL = "social", "Socialtjänst", "Social services"
    EDUCATION = "education", "Förskola och skola", "Preschool and school"
    LEAD = "lead", "En ledare", "A lead"
    PLAN = "plan", "En antagen plan", "An adopted plan"


#: The sectors that meet in a team; BUP is the part of health care that it cannot do without.
SECTORS = ("health", "social", "education")
_PROFESSIONS = (NpfTeamPart.BUP, NpfTeamPart.SOCIAL, NpfTeamPart.EDUCATION)

S = NpfTeamStatus
NPF_TEAM_FLOW = Workflow(
    {
        (S.FORMING, "edit"): S.FORMING,
        (S.FORMING, "plan"): S.PLANNING,
        (S.FORMING, "end"): S.ENDED,
        (S.PLANNING, "edit"): S.PLANNING,
        (S.PLANNING, "adopt"): S.PLANNING,
        (S.PLANNING, "start"): S.OPERATIVE,
        (S.PLANNING, "end"): S.ENDED,
        (S.OPERATIVE, "edit"): S.OPERATIVE,
        (S.OPERATIVE, "adopt"): S.OPERATIVE,
        (S.OPERATIVE, "pause"): S.PAUSED,
        (S.OPERATIVE, "end"): S.ENDED,
        (S.PAUSED, "edit"): S.PAUSED,
        (S.PAUSED, "adopt"): S.PAUSED,
        (S.PAUSED, "resume"): S.OPERATIVE,
        (S.PAUSED, "end"): S.ENDED,
    }
)


class LeadNotFromBup(Problem):
    """R13.1: BUP leads, unless configuration says otherwise; the sources fix only the sub-project's lead."""

    status = 422
    title = Words("BUP leder teamet", "BUP leads the team")
    detail = Words(
        "Teamet bildas av och leds av någon från barn- och ungdomspsykiatrin.",
        "The team is formed and led by somebody from child and adolescent psychiatry.",
    )


class LeadNotMember(Problem):
    """The lead is one of the team."""

    status = 422
    title = Words("Ledaren är inte med i teamet", "The lead is not in the team")
    detail = Words("Lägg till personen som medlem först.", "Add the person as a member first.")


class TeamNotComplete(Conflict):
    """R13.2: a team works with BUP, social services and school, a lead, and an adopted plan."""

    title = Words("Teamet är inte komplett", "The team is not complete")
    detail = Words("Det saknas: {missing}.", "It lacks: {missing}.")


class LastOfProfession(Conflict):
    """R13.2: an operative team does not lose its last from BUP, social services or school."""

    title = Words("Teamet behöver personen", "The team needs this person")
    detail = Words(
        "I ett team i arbete finns alltid BUP, socialtjänst och skola. Lägg till någon annan eller pausa teamet först.",
        "An operative team always has BUP, social services and school. Add somebody else or pause the team first.",
    )


class LeadMustStay(Conflict):
    """Somebody leads all the time."""

    title = Words("Personen leder teamet", "The person leads the team")
    detail = Words("Utse en annan ledare först.", "Appoint another lead first.")


class PlanNotWritten(Conflict):
    """A plan is written before it is adopted."""

    title = Words("Ingen plan att anta", "No plan to adopt")
    detail = Words("Planen ska ha en text och gälla ett år.", "The plan needs a text and a year that it is for.")


class PlanAdoptedAhead(Problem):
    """What is adopted has been adopted."""

    status = 422
    title = Words("Planen antas i framtiden", "The plan is adopted in the future")
    detail = Words("adoptedOn ska inte vara efter i dag.", "adoptedOn must not be after today.")


class AlreadyInTeam(Conflict):
    """Somebody is in a team once."""

    constraint = "uq_npf_team_members_current"
    title = Words("Personen är redan med i teamet", "The person is in the team already")
    detail = Words("Personen finns redan bland medlemmarna.", "The person is among the members already.")


class MemberNotInUnit(Problem):
    """A member works in the unit that they stand for, in a role that meets children's needs."""

    status = 422
    title = Words("Personen har inget sådant uppdrag i enheten", "The person holds no such assignment in the unit")
    detail = Words(
        "Medlemmen ska ha ett gällande uppdrag som handläggare, chef, samordnare eller teamledare i enheten.",
        "A member needs a valid assignment as a practitioner, manager, coordinator or team lead in the unit.",
    )


class SectorNotOfTeam(Problem):
    """A member stands for health care, social services or school."""

    status = 422
    title = Words("Enhetens sektor finns inte i teamet", "The unit's sector is not in the team")
    detail = Words(
        "Medlemmar kommer från hälso- och sjukvård, socialtjänst och skola.",
        "Members come from health care, social services and school.",
    )


class MemberAlreadyEnded(Conflict):
    """A membership ends once."""

    title = Words("Medlemskapet har redan upphört", "The membership has ended already")
    detail = Words("Lägg till personen på nytt i stället.", "Add the person anew instead.")


class DiagnosisCodeNotKept(Problem):
    """R13.4: needs and functioning are stored, diagnosis codes are not."""

    status = 422
    title = Words("Diagnoskoder sparas inte", "Diagnosis codes are not kept")
    detail = Words(
        "Ingen diagnos krävs. Beskriv behov och hur vardagen fungerar i fälten i errors.",
        "No diagnosis is required. Describe needs and everyday functioning in the fields in errors.",
    )


@dataclass(frozen=True, slots=True)
class NpfTeamEnds:
    """A team is about to end: told to whatever it has not finished."""

    team_id: UUID


class NpfTeam(Base):
    """An NPF team (NPF-team): professionals of psychiatry, social services and school in one municipality."""

    __tablename__ = "npf_teams"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipalities.code"))
    name: Mapped[str] = mapped_column(Text)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    lead_user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    status: Mapped[str] = mapped_column(Text)
    plan_text: Mapped[str | None] = mapped_column(Text)
    plan_year: Mapped[int | None] = mapped_column(SmallInteger)
    plan_adopted_on: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (Index(None, "municipality_code"), Index(None, "unit_id"))

    @property
    def subject(self) -> Subject:
        """What the log says an entry is about."""
        return Subject("npf_team", self.id)

    def change(self, stated: Mapping[str, Any]) -> None:
        """Apply the stated fields; another plan, or a plan for another year, is not adopted yet (12.13: yearly)."""
        NPF_TEAM_FLOW.go(self, "edit")
        if any(name in stated and stated[name] != getattr(self, name) for name in ("plan_text", "plan_year")):
            self.plan_adopted_on = None
        for name, value in stated.items():
            setattr(self, name, value)

    def adopt(self, on: date, today: date) -> None:
        """The plan is adopted; raises ``PlanAdoptedAhead``, ``PlanNotWritten``."""
        NPF_TEAM_FLOW.go(self, "adopt")
        if on > today:
            raise PlanAdoptedAhead
        if self.plan_text is None or self.plan_year is None:
            raise PlanNotWritten
        self.plan_adopted_on = on

    def work(self, deed: str, professions: Collection[str]) -> None:
        """Start, or resume: raises ``TeamNotComplete`` that names what is missing (R13.2)."""
        NPF_TEAM_FLOW.go(self, deed)
        missing = missing_parts(professions, self.lead_user_id, self.plan_adopted_on)
        if missing:
            raise TeamNotComplete(missing=", ".join(missing))

    def require_dispensable(self, user_id: UUID, profession: str, others: Collection[str]) -> None:
        """Raise ``LeadMustStay`` or ``LastOfProfession`` when the team cannot do without a member."""
        if user_id == self.lead_user_id:
            raise LeadMustStay
        if self.status == S.OPERATIVE and profession in _PROFESSIONS and profession not in others:
            raise LastOfProfession


class NpfTeamMember(Base):
    """Somebody in a team, from and to, for a unit and its sector; history is kept."""

    __tablename__ = "npf_team_members"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    team_id: Mapped[UUID] = mapped_column(ForeignKey("npf_teams.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    sector: Mapped[str] = mapped_column(Text)
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (Index("ix_npf_team_members_team_id", "team_id", "id"), Index(None, "user_id"))

    @property
    def subject(self) -> Subject:
        """What the log says an entry is about."""
        return Subject("npf_team_member", self.id)

    def end(self, on: date) -> None:
        """The person is in the team no more; raises ``MemberAlreadyEnded``."""
        if self.to_on is not None:
            raise MemberAlreadyEnded
        self.to_on = max(on, self.from_on)


def missing_parts(professions: Collection[str], lead_user_id: UUID | None, adopted_on: date | None) -> list[str]:
    """What a team still needs in order to work, in the order of ``NpfTeamPart`` (R13.2)."""
    there = {*professions, *(["lead"] if lead_user_id else []), *(["plan"] if adopted_on else [])}
    return [part.value for part in NpfTeamPart if part not in there]


#: ICD-10 chapter F with or without decimals, any ICD-10 code with decimals, ICD-11's 6A00-6E8Z, DSM-IV's 290.00-319.99.
_DIAGNOSIS: Final = re.compile(
    r"(?<![\w.])(?:F ?\d\d(?:[.,]?\d{1,2}[A-Z]?)?|f\d\d(?:[.,]?\d{1,2}[a-z]?)?|(?i:[A-Z]\d\d\.\d{1,2}[A-Z]?)"
    r"|6[A-E]\d[0-9A-Z](?:\.[0-9A-Z]{1,2})?|(?:29|30|31)\d[.,]\d\d)(?!\w)"
)
_IS_DIAGNOSIS = Words("Ser ut som en diagnoskod", "Looks like a diagnosis code")


def require_no_diagnosis(texts: Mapping[str, object]) -> None:
    """Raise ``DiagnosisCodeNotKept`` with a pointer to each text that holds a code of ICD or DSM (R13.4)."""
    require_none(texts, (_DIAGNOSIS,), DiagnosisCodeNotKept, _IS_DIAGNOSIS)
