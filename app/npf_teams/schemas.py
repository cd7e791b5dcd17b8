"""What comes in and goes out about NPF teams."""

from uuid import UUID

from pydantic import Field

from app.kernel.paging import PageQuery
from app.kernel.shapes import Day, Id, In, Line, Linked, MunicipalityCode, Name, Page, Prose, Record, UtcInstant
from app.npf_teams.models import NpfTeamPart, NpfTeamStatus
from app.organisations.models import Sector

_PLAN = "What the team sets out to do; read by everybody, so nothing about anybody."
_YEAR = Field(default=None, ge=2020, le=2100, description="The year that the plan is for.", examples=[2026])


class NpfTeamCreate(In):
    """A new team of a municipality; the caller's unit leads it."""

    municipality_code: MunicipalityCode
    name: Name
    plan_text: Prose | None = Field(default=None, description=_PLAN)
    plan_year: int | None = _YEAR


class NpfTeamPatch(In):
    """Changes to a team; absent fields stay, null removes. Another plan is not adopted yet."""

    name: Name = ""
    plan_text: Prose | None = Field(default=None, description=_PLAN)
    plan_year: int | None = _YEAR


class NpfTeamStep(In):
    """A team goes on to its next state."""

    reason: Line | None = Field(default=None, description="Kept in the access log.")


class NpfTeamPlanAdoption(In):
    """The plan of the year is adopted."""

    adopted_on: Day | None = Field(default=None, description="Today, when absent.")


class NpfTeamLead(In):
    """Who leads the team from now on."""

    user_id: UUID = Field(description="A member of the team, from BUP unless configuration says otherwise (R13.1).")


class NpfTeam(Record):
    """An NPF team (NPF-team) and its plan. Which children it meets stands elsewhere, for its members only."""

    municipality_code: str
    name: str
    unit_id: Id = Field(description="The unit that leads.")
    unit_name: str
    lead_user_id: Id | None
    lead_name: str | None
    status: NpfTeamStatus
    plan_text: str | None
    plan_year: int | None
    plan_adopted_on: Day | None
    missing_parts: list[NpfTeamPart] = Field(description="What it still needs in order to work (R13.2).")
    created_at: UtcInstant


class NpfTeamPage(Page[NpfTeam]):
    """NPF teams of the county."""


class NpfTeamQuery(PageQuery):
    """Filters of teams."""

    municipality_code: list[MunicipalityCode] = []
    status: list[NpfTeamStatus] = []
    unit_id: list[UUID] = []


class NpfTeamMemberCreate(In):
    """Somebody who stands for a unit in the team from today."""

    user_id: UUID = Field(description="Somebody with an assignment in the unit.")
    unit_id: UUID = Field(description="A unit of health care, social services or school; its sector is the member's.")


class NpfTeamMemberEnding(In):
    """Somebody is in the team no more."""

    reason: Line | None = Field(default=None, description="Kept in the access log.")


class NpfTeamMember(Linked):
    """Somebody in a team, from and to."""

    id: Id
    user_id: Id
    name: str
    unit_id: Id
    unit_name: str
    sector: Sector
    leads: bool
    from_on: Day
    to_on: Day | None


class NpfTeamMemberPage(Page[NpfTeamMember]):
    """Who is in a team, and who was."""
