"""Deeds about NPF teams, and what other packages may ask of them."""

from uuid import UUID

from app.config import Settings
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row, Transaction
from app.kernel.ids import new_id
from app.kernel.reactions import tell
from app.nameless import require_nameless
from app.npf_teams import repository, schemas
from app.npf_teams.models import (
    NPF_TEAM_FLOW,
    SECTORS,
    AlreadyInTeam,
    LeadNotFromBup,
    LeadNotMember,
    MemberNotInUnit,
    NpfTeam,
    NpfTeamEnds,
    NpfTeamMember,
    NpfTeamStatus,
    SectorNotOfTeam,
    require_no_diagnosis,
)
from app.organisations import service as organisations
from app.organisations.models import UnitType
from app.permissions import CASEWORK


async def team(tx: Transaction, team_id: UUID) -> Row | None:
    """A team with its lead and its status."""
    return await repository.team(tx, team_id)


async def members_now(tx: Transaction, team_id: UUID) -> list[Row]:
    """Who is in a team now, each with unit, authority and sector."""
    return [row for row in await repository.members(tx, team_id) if row["to_on"] is None]


async def create_team(visit: Visit, body: schemas.NpfTeamCreate) -> UUID:
    """A team begins to form around the caller's unit.

    Raises ``LeadNotFromBup``, ``UnknownMunicipality``, ``TextNamesSomebody``, ``DiagnosisCodeNotKept``.
    """
    _require_bup(visit.settings, visit.actor.assignment.unit_type)
    await organisations.require_municipality(visit.tx, body.municipality_code)
    _require_impersonal(body)
    team = NpfTeam(
        id=new_id(), unit_id=visit.actor.unit_id, status=NpfTeamStatus.FORMING, created_at=visit.now,
        **body.model_dump(),
    )  # fmt: skip
    visit.tx.session.add(team)
    visit.trail.changed(team.subject, *body.model_fields_set)
    await visit.tx.session.flush()
    return team.id


async def change_team(visit: Visit, team: NpfTeam, body: schemas.NpfTeamPatch) -> None:
    """Apply the stated fields. Raises ``TextNamesSomebody``, ``DiagnosisCodeNotKept``."""
    _require_impersonal(body)
    team.change(body.stated)
    visit.trail.changed(team.subject, *body.stated)
    await visit.tx.session.flush()


async def adopt_plan(visit: Visit, team: NpfTeam, body: schemas.NpfTeamPlanAdoption) -> None:
    """The plan of the year is adopted. Raises ``PlanNotWritten``, ``PlanAdoptedAhead``."""
    today = stockholm_date(visit.now)
    team.adopt(body.adopted_on or today, today)
    visit.trail.changed(team.subject, "plan_adopted_on")
    await visit.tx.session.flush()


async def take_step(visit: Visit, team: NpfTeam, deed: str, reason: str | None) -> None:
    """The team plans, or rests."""
    NPF_TEAM_FLOW.go(team, deed)
    await _stepped(visit, team, reason)


async def work(visit: Visit, team: NpfTeam, deed: str, reason: str | None) -> None:
    """The team starts or resumes its work; raises ``TeamNotComplete`` (R13.2)."""
    row = await repository.team(visit.tx, team.id)
    team.work(deed, (row and row["professions"]) or [])
    await _stepped(visit, team, reason)


async def end_team(visit: Visit, team: NpfTeam, reason: str | None) -> None:
    """The team ends; whatever still rests on it refuses."""
    NPF_TEAM_FLOW.go(team, "end")
    await tell(visit, NpfTeamEnds(team.id))
    await _stepped(visit, team, reason)


async def _stepped(visit: Visit, team: NpfTeam, reason: str | None) -> None:
    visit.trail.changed(team.subject, "status", reason=reason)
    await visit.tx.session.flush()


async def appoint_lead(visit: Visit, team: NpfTeam, user_id: UUID) -> None:
    """A member leads, and the team is their unit's (R13.1). Raises ``LeadNotMember``, ``LeadNotFromBup``."""
    NPF_TEAM_FLOW.go(team, "edit")
    found = next((row for row in await members_now(visit.tx, team.id) if row["user_id"] == user_id), None)
    if found is None:
        raise LeadNotMember
    _require_bup(visit.settings, found["profession"])
    team.lead_user_id, team.unit_id = user_id, found["unit_id"]
    visit.trail.changed(team.subject, "lead_user_id", "unit_id")
    await visit.tx.session.flush()


async def add_member(visit: Visit, team: NpfTeam, body: schemas.NpfTeamMemberCreate) -> UUID:
    """Somebody stands for their unit. Raises ``MemberNotInUnit``, ``SectorNotOfTeam``, ``AlreadyInTeam``."""
    NPF_TEAM_FLOW.go(team, "edit")
    held = await organisations.assignment_in(visit.tx, body.user_id, body.unit_id, visit.now)
    if held is None or held["role"] not in CASEWORK:
        raise MemberNotInUnit
    if held["sector"] not in SECTORS:
        raise SectorNotOfTeam
    if any(row["user_id"] == body.user_id for row in await members_now(visit.tx, team.id)):
        raise AlreadyInTeam
    member = NpfTeamMember(
        id=new_id(), team_id=team.id, sector=held["sector"], from_on=stockholm_date(visit.now), **body.model_dump()
    )
    visit.tx.session.add(member)
    visit.trail.changed(member.subject, "user_id", "unit_id", "from_on")
    await visit.tx.session.flush()
    return member.id


async def end_member(visit: Visit, team: NpfTeam, member: NpfTeamMember, reason: str | None) -> None:
    """Somebody is in the team no more. Raises ``MemberAlreadyEnded``, ``LeadMustStay``, ``LastOfProfession``."""
    NPF_TEAM_FLOW.go(team, "edit")
    member.end(stockholm_date(visit.now))
    rows = await members_now(visit.tx, team.id)
    own = next(row for row in rows if row["id"] == member.id)
    team.require_dispensable(
        member.user_id, own["profession"], [row["profession"] for row in rows if row["id"] != member.id]
    )
    visit.trail.changed(member.subject, "to_on", reason=reason)
    await visit.tx.session.flush()


def _require_bup(settings: Settings, unit_type: str | None) -> None:
    if settings.npf_lead_from_bup and unit_type != UnitType.BUP:
        raise LeadNotFromBup


def _require_impersonal(body: schemas.NpfTeamCreate | schemas.NpfTeamPatch) -> None:
    texts = body.model_dump(include={"name", "plan_text"}, exclude_unset=True)
    require_nameless(texts)
    require_no_diagnosis(texts)
