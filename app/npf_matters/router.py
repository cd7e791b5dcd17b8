"""Endpoints of matters before an NPF team."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.kernel.access import Visiting, opened_by
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.links import Action, links
from app.kernel.paging import page, window
from app.npf_matters import repository, schemas, service
from app.npf_matters.access import (
    MatterHeld,
    is_shielded,
    looked,
    matter_for,
    matter_found_for,
    matter_row_for,
    own_matter_for,
    path_of,
    relations,
    team_listing,
    team_to_ask,
)
from app.npf_matters.models import NPF_MATTER_FLOW
from app.permissions import Permission as P
from app.permissions import Relation

router = Router(
    "npf-matters",
    Text("Ärenden i ett NPF-team, bara för dem som är med.", "Matters before an NPF team, for those in it only."),
)

_READS = (
    Action("advices", "GET", "/advices", P.MATTER_READ),
    Action("actions", "GET", "/actions", P.MATTER_READ),
    Action("reviews", "GET", "/reviews", P.MATTER_READ),
)
_WRITES = (
    Action("discussion", "POST", "/discussion", P.MATTER_WRITE, "discuss"),
    Action("give-advice", "POST", "/advices", P.MATTER_WRITE, "advise"),
    Action("propose-action", "POST", "/actions", P.MATTER_WRITE, "advise"),
    Action("add-review", "POST", "/reviews", P.MATTER_WRITE, "review"),
)
_CLOSE = Action("closure", "POST", "/closure", P.MATTER_WRITE, "close")
_CORRECT = Action("correction", "PATCH", "", P.MATTER_WRITE, "edit")


def _shown(visit: Visit, row: Row) -> dict[str, Any]:
    stand = relations(visit, row)
    own, hidden = Relation.OWN_UNIT in stand, is_shielded(visit, row)
    offered = (*_READS, *(_WRITES if row["open_to_team"] else ()), _CLOSE, *((_CORRECT,) if own else ()))
    neighbours = {"team": f"/npf-teams/{row['team_id']}"}
    neighbours |= {"child": f"/children/{row['child_id']}"} if row["child_id"] else {}
    return {
        **row,
        "brought_by_name": None if hidden else row["brought_by_name"],
        "brought_by_unit_id": None if hidden else row["owner_unit_id"],
        "brought_by_unit_name": None if hidden else row["owner_unit_name"],
        "consent_ids": row["consent_ids"] if own else [],
        "opened_by": opened_by(row),
        "links": links(
            visit, path_of(row), offered, stand, workflow=NPF_MATTER_FLOW, status=row["status"], neighbours=neighbours
        ),
    }


def _present(visit: Visit, row: Row) -> dict[str, Any]:
    visit.presents(path_of(row), row["version"])
    return _shown(visit, row)


async def _answer(visit: Visit, matter_id: UUID) -> dict[str, Any]:
    row = await repository.matter(visit.tx, matter_id)
    if row is None:
        raise NotFound
    return _present(visit, row)


@router.get("/npf-teams/{teamId}/matters", operation_id="listNpfMatters", response_model=schemas.NpfMatterPage)
async def list_matters(
    visit: Visiting,
    team: Annotated[Row, team_listing(P.MATTER_LIST)],
    query: Annotated[schemas.NpfMatterQuery, Query()],
) -> Any:
    """The matters of a team to those who are in it or brought them; to everybody else there are none (R13.6)."""
    frame = window(visit, query)
    rows = await repository.page_of(visit.tx, team["id"], frame)
    total = await repository.count(visit.tx, team["id"], frame) if query.include_total else None
    visit.trail.looked(Subject("npf_matter_list"))
    for row in rows[: query.limit]:
        looked(visit, row)
    return page(visit, f"/npf-teams/{team['id']}/matters", query, rows, lambda row: _shown(visit, row), total=total)


@router.post(
    "/npf-teams/{teamId}/matters", operation_id="bringNpfMatter", status_code=201, response_model=schemas.NpfMatter
)
async def bring_matter(
    visit: Visiting, team: Annotated[Row, team_to_ask(P.MATTER_CREATE)], body: schemas.NpfMatterCreate
) -> Any:
    """Bring a question to the team: with consent that reaches all three sectors, or anonymously (R13.3)."""
    return await _answer(visit, await service.bring(visit, team, body))


@router.get("/npf-teams/{teamId}/matters/{matterId}", operation_id="getNpfMatter", response_model=schemas.NpfMatter)
async def get_matter(visit: Visiting, row: Annotated[Row, matter_row_for(P.MATTER_READ)]) -> Any:
    """One matter; for whoever is not in the team there is none (R13.6)."""
    return _present(visit, row)


@router.get("/npf-matters/{matterId}", operation_id="findNpfMatter", response_model=schemas.NpfMatter)
async def find_matter(visit: Visiting, row: Annotated[Row, matter_found_for(P.MATTER_READ)]) -> Any:
    """The same matter by its id alone, which is what a deadline knows; ``self`` leads to its place in the team."""
    return _present(visit, row)


@router.patch(
    "/npf-teams/{teamId}/matters/{matterId}", operation_id="correctNpfMatter", response_model=schemas.NpfMatter
)
async def correct_matter(
    visit: Visiting, held: Annotated[MatterHeld, own_matter_for(P.MATTER_WRITE)], body: schemas.NpfMatterPatch
) -> Any:
    """The unit that brought it corrects it, or states new consents, which open it to the team as it is now."""
    await service.correct(visit, held.matter, body, readable=held.readable)
    return await _answer(visit, held.matter.id)


@router.post(
    "/npf-teams/{teamId}/matters/{matterId}/discussion", operation_id="discussNpfMatter", status_code=201,
    response_model=schemas.NpfMatter,
)  # fmt: skip
async def discuss_matter(
    visit: Visiting, held: Annotated[MatterHeld, matter_for(P.MATTER_WRITE)], body: schemas.NpfMatterDiscussion
) -> Any:
    """The team has discussed it, and perhaps agreed on when to look at it again."""
    await service.discuss(visit, held.matter, body, readable=held.readable)
    return await _answer(visit, held.matter.id)


@router.post(
    "/npf-teams/{teamId}/matters/{matterId}/closure", operation_id="closeNpfMatter", status_code=201,
    response_model=schemas.NpfMatter,
)  # fmt: skip
async def close_matter(
    visit: Visiting, held: Annotated[MatterHeld, matter_for(P.MATTER_WRITE)], body: schemas.NpfMatterClosure
) -> Any:
    """Close the matter. What each principal has taken on goes on being its own."""
    await service.close(visit, held.matter, body)
    return await _answer(visit, held.matter.id)


routers = (router,)
