"""Endpoints of NPF teams."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.kernel.access import Visiting, allowed
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.links import Action, links
from app.kernel.paging import PageQuery, page, whole, window
from app.npf_teams import repository, schemas, service
from app.npf_teams.access import MemberHeld, member_for, new_team, relations, team_for, team_row_for
from app.npf_teams.models import NPF_TEAM_FLOW, NpfTeam, missing_parts
from app.permissions import Permission as P

router = Router(
    "npf-teams",
    Text("NPF-team: BUP, socialtjänst och skola tillsammans.", "NPF teams: psychiatry, social services and school."),
)

_PATH = "/npf-teams"
_ACTIONS = (
    Action("edit", "PATCH", "", P.TEAM_MANAGE, "edit"),
    Action("lead", "POST", "/lead", P.TEAM_MANAGE, "edit"),
    Action("members", "GET", "/members", P.TEAM_READ),
    Action("add-member", "POST", "/members", P.TEAM_MANAGE, "edit"),
    Action("planning", "POST", "/planning", P.TEAM_MANAGE, "plan"),
    Action("plan-adoption", "POST", "/plan-adoption", P.TEAM_MANAGE, "adopt"),
    Action("operation", "POST", "/operation", P.TEAM_MANAGE, "start"),
    Action("pause", "POST", "/pause", P.TEAM_MANAGE, "pause"),
    Action("resumption", "POST", "/resumption", P.TEAM_MANAGE, "resume"),
    Action("ending", "POST", "/ending", P.TEAM_MANAGE, "end"),
)


def _shown(visit: Visit, row: Row) -> dict[str, Any]:
    neighbours = {"unit": f"/units/{row['unit_id']}"}
    return {
        **row,
        "missing_parts": missing_parts(row["professions"] or [], row["lead_user_id"], row["plan_adopted_on"]),
        "links": links(
            visit, f"{_PATH}/{row['id']}", _ACTIONS, relations(visit, row), workflow=NPF_TEAM_FLOW,
            status=row["status"], neighbours=neighbours,
        ),
    }  # fmt: skip


def _present(visit: Visit, row: Row) -> dict[str, Any]:
    visit.presents(f"{_PATH}/{row['id']}", row["version"])
    return _shown(visit, row)


async def _answer(visit: Visit, team_id: UUID) -> dict[str, Any]:
    row = await repository.team(visit.tx, team_id)
    if row is None:
        raise NotFound
    return _present(visit, row)


def _member(visit: Visit, team: Row, row: Row) -> dict[str, Any]:
    path, ending = (
        f"{_PATH}/{team['id']}/members",
        Action("ending", "POST", f"/{row['id']}/ending", P.TEAM_MANAGE, "edit"),
    )
    found = links(
        visit, path, () if row["to_on"] else (ending,), relations(visit, team), workflow=NPF_TEAM_FLOW,
        status=team["status"], neighbours={"team": f"{_PATH}/{team['id']}"},
    )  # fmt: skip
    return {**row, "links": found}


async def _answer_member(visit: Visit, team_id: UUID, member_id: UUID) -> dict[str, Any]:
    team, row = await repository.team(visit.tx, team_id), await repository.member(visit.tx, member_id)
    if team is None or row is None:
        raise NotFound
    visit.presents(f"{_PATH}/{team_id}/members")
    return _member(visit, team, row)


@router.get("/npf-teams", operation_id="listNpfTeams", response_model=schemas.NpfTeamPage)
async def list_teams(
    visit: Annotated[Visit, allowed(P.TEAM_READ)], query: Annotated[schemas.NpfTeamQuery, Query()]
) -> Any:
    """NPF teams by municipality, state and the unit that leads, with what each still needs in order to work."""
    frame = window(visit, query)
    rows = await repository.teams(visit.tx, frame)
    total = await repository.count(visit.tx, frame) if query.include_total else None
    return page(visit, _PATH, query, rows, lambda row: _shown(visit, row), total=total)


@router.post("/npf-teams", operation_id="createNpfTeam", status_code=201, response_model=schemas.NpfTeam)
async def create_team(visit: Annotated[Visit, new_team(P.TEAM_MANAGE)], body: schemas.NpfTeamCreate) -> Any:
    """Form a team in a municipality. BUP does, unless configuration says otherwise (R13.1)."""
    return await _answer(visit, await service.create_team(visit, body))


@router.get("/npf-teams/{teamId}", operation_id="getNpfTeam", response_model=schemas.NpfTeam)
async def get_team(visit: Visiting, row: Annotated[Row, team_row_for(P.TEAM_READ)]) -> Any:
    """One team."""
    return _present(visit, row)


@router.patch("/npf-teams/{teamId}", operation_id="updateNpfTeam", response_model=schemas.NpfTeam)
async def update_team(
    visit: Visiting, team: Annotated[NpfTeam, team_for(P.TEAM_MANAGE)], body: schemas.NpfTeamPatch
) -> Any:
    """Change name or plan. A changed plan is not adopted yet; an operative team goes on meanwhile."""
    await service.change_team(visit, team, body)
    return await _answer(visit, team.id)


@router.post(
    "/npf-teams/{teamId}/planning", operation_id="planNpfTeam", status_code=201, response_model=schemas.NpfTeam
)
async def plan_team(
    visit: Visiting, team: Annotated[NpfTeam, team_for(P.TEAM_MANAGE)], body: schemas.NpfTeamStep
) -> Any:
    """The team has formed and plans its work."""
    await service.take_step(visit, team, "plan", body.reason)
    return await _answer(visit, team.id)


@router.post(
    "/npf-teams/{teamId}/plan-adoption", operation_id="adoptNpfTeamPlan", status_code=201,
    response_model=schemas.NpfTeam,
)  # fmt: skip
async def adopt_plan(
    visit: Visiting, team: Annotated[NpfTeam, team_for(P.TEAM_MANAGE)], body: schemas.NpfTeamPlanAdoption
) -> Any:
    """The plan of the year is adopted."""
    await service.adopt_plan(visit, team, body)
    return await _answer(visit, team.id)


@router.post(
    "/npf-teams/{teamId}/operation", operation_id="startNpfTeam", status_code=201, response_model=schemas.NpfTeam
)
async def start_team(
    visit: Visiting, team: Annotated[NpfTeam, team_for(P.TEAM_MANAGE)], body: schemas.NpfTeamStep
) -> Any:
    """Operative work starts: with BUP, social services and school, a lead, and an adopted plan (R13.2)."""
    await service.work(visit, team, "start", body.reason)
    return await _answer(visit, team.id)


@router.post("/npf-teams/{teamId}/pause", operation_id="pauseNpfTeam", status_code=201, response_model=schemas.NpfTeam)
async def pause_team(
    visit: Visiting, team: Annotated[NpfTeam, team_for(P.TEAM_MANAGE)], body: schemas.NpfTeamStep
) -> Any:
    """The team rests: no new matters are brought to it."""
    await service.take_step(visit, team, "pause", body.reason)
    return await _answer(visit, team.id)


@router.post(
    "/npf-teams/{teamId}/resumption", operation_id="resumeNpfTeam", status_code=201, response_model=schemas.NpfTeam
)
async def resume_team(
    visit: Visiting, team: Annotated[NpfTeam, team_for(P.TEAM_MANAGE)], body: schemas.NpfTeamStep
) -> Any:
    """The team works again, on the same conditions as at its start (R13.2)."""
    await service.work(visit, team, "resume", body.reason)
    return await _answer(visit, team.id)


@router.post("/npf-teams/{teamId}/ending", operation_id="endNpfTeam", status_code=201, response_model=schemas.NpfTeam)
async def end_team(
    visit: Visiting, team: Annotated[NpfTeam, team_for(P.TEAM_MANAGE)], body: schemas.NpfTeamStep
) -> Any:
    """The team ends, once its matters are closed."""
    await service.end_team(visit, team, body.reason)
    return await _answer(visit, team.id)


@router.post(
    "/npf-teams/{teamId}/lead", operation_id="appointNpfTeamLead", status_code=201, response_model=schemas.NpfTeam
)
async def appoint_lead(
    visit: Visiting, team: Annotated[NpfTeam, team_for(P.TEAM_MANAGE)], body: schemas.NpfTeamLead
) -> Any:
    """Appoint the lead among the members: from BUP, unless configuration says otherwise (R13.1)."""
    await service.appoint_lead(visit, team, body.user_id)
    return await _answer(visit, team.id)


@router.get("/npf-teams/{teamId}/members", operation_id="listNpfTeamMembers", response_model=schemas.NpfTeamMemberPage)
async def list_members(
    visit: Visiting, row: Annotated[Row, team_row_for(P.TEAM_READ)], query: Annotated[PageQuery, Query()]
) -> Any:
    """Who is in a team for which unit and sector, and who was."""
    rows = await repository.members(visit.tx, row["id"])
    path = f"{_PATH}/{row['id']}/members"
    return whole(visit, path, query, rows, lambda member: _member(visit, row, member), descending=False)


@router.post(
    "/npf-teams/{teamId}/members", operation_id="addNpfTeamMember", status_code=201,
    response_model=schemas.NpfTeamMember,
)  # fmt: skip
async def add_member(
    visit: Visiting, team: Annotated[NpfTeam, team_for(P.TEAM_MANAGE)], body: schemas.NpfTeamMemberCreate
) -> Any:
    """Add somebody who stands for a unit of health care, social services or school."""
    return await _answer_member(visit, team.id, await service.add_member(visit, team, body))


@router.post(
    "/npf-teams/{teamId}/members/{memberId}/ending", operation_id="endNpfTeamMember", status_code=201,
    response_model=schemas.NpfTeamMember,
)  # fmt: skip
async def end_member(
    visit: Visiting, held: Annotated[MemberHeld, member_for(P.TEAM_MANAGE)], body: schemas.NpfTeamMemberEnding
) -> Any:
    """Somebody is in the team no more; that they were is kept."""
    await service.end_member(visit, held.team, held.member, body.reason)
    return await _answer_member(visit, held.team.id, held.member.id)


routers = (router,)
