"""Endpoints of advice, proposed actions and reviews."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.kernel.access import Visiting
from app.kernel.context import Visit
from app.kernel.db import Base, Row
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.links import Action, links
from app.kernel.paging import PageQuery, whole
from app.npf_advice import repository, schemas, service
from app.npf_advice.access import ActionHeld, action_for, action_row_for, principal
from app.npf_advice.models import MATTER_ACTION_FLOW, MatterAction, MatterAdvice, MatterReview
from app.npf_matters.access import MatterHeld, is_shielded, matter_for, matter_row_for, path_of
from app.permissions import Permission as P

router = Router(
    "npf-advice",
    Text("Råd, åtgärder och uppföljning i ett NPF-team.", "Advice, actions and reviews of an NPF team."),
)

_DECIDE = Action("decision", "PATCH", "", P.MATTER_WRITE, "edit")
#: What each kind of part calls the person behind it.
_BY: dict[type[Base], str] = {
    MatterAdvice: "given_by_name", MatterAction: "decided_by_name", MatterReview: "reviewed_by_name",
}  # fmt: skip
_KIND: dict[type[Base], str] = {MatterAdvice: "advices", MatterAction: "actions", MatterReview: "reviews"}


def _part(visit: Visit, row: Row, model: type[Base], part: Row) -> dict[str, Any]:
    if is_shielded(visit, row) and part["unit_id"] == row["owner_unit_id"]:
        part = {**part, **dict.fromkeys(("unit_id", "unit_name", "by_name"))}
    is_action, path = model is MatterAction, f"{path_of(row)}/{_KIND[model]}"
    found = links(
        visit, f"{path}/{part['id']}" if is_action else path, (_DECIDE,) if is_action else (), principal(visit, part),
        workflow=MATTER_ACTION_FLOW, status=part.get("status", ""), neighbours={"matter": path_of(row)},
    )  # fmt: skip
    return {**part, _BY[model]: part["by_name"], "links": found}


async def _answer_part(visit: Visit, row: Row, model: type[Base], part_id: UUID) -> dict[str, Any]:
    part = await repository.part(visit.tx, model, row["id"], part_id)
    if part is None:
        raise NotFound
    visit.presents(f"{path_of(row)}/{_KIND[model]}")
    return _part(visit, row, model, part)


def _present_action(visit: Visit, row: Row, action: Row) -> dict[str, Any]:
    visit.presents(f"{path_of(row)}/actions/{action['id']}", action["version"])
    return _part(visit, row, MatterAction, action)


async def _answer_action(visit: Visit, row: Row, action_id: UUID) -> dict[str, Any]:
    action = await repository.part(visit.tx, MatterAction, row["id"], action_id)
    if action is None:
        raise NotFound
    return _present_action(visit, row, action)


async def _list(visit: Visit, row: Row, model: type[Base], query: PageQuery) -> dict[str, Any]:
    rows = await repository.parts(visit.tx, model, row["id"])
    return whole(visit, f"{path_of(row)}/{_KIND[model]}", query, rows, lambda part: _part(visit, row, model, part))


@router.get(
    "/npf-teams/{teamId}/matters/{matterId}/advices", operation_id="listMatterAdvices",
    response_model=schemas.MatterAdvicePage,
)  # fmt: skip
async def list_advices(
    visit: Visiting, row: Annotated[Row, matter_row_for(P.MATTER_READ)], query: Annotated[PageQuery, Query()]
) -> Any:
    """The team's advice, newest first."""
    return await _list(visit, row, MatterAdvice, query)


@router.post(
    "/npf-teams/{teamId}/matters/{matterId}/advices", operation_id="giveMatterAdvice", status_code=201,
    response_model=schemas.MatterAdvice,
)  # fmt: skip
async def give_advice(
    visit: Visiting, held: Annotated[MatterHeld, matter_for(P.MATTER_WRITE)], body: schemas.MatterAdviceCreate
) -> Any:
    """Give advice. It binds nobody: what is decided, each principal decides (R13.5)."""
    made = await service.advise(visit, held.matter, body, readable=held.readable)
    return await _answer_part(visit, held.row, MatterAdvice, made)


@router.get(
    "/npf-teams/{teamId}/matters/{matterId}/actions", operation_id="listMatterActions",
    response_model=schemas.MatterActionPage,
)  # fmt: skip
async def list_actions(
    visit: Visiting, row: Annotated[Row, matter_row_for(P.MATTER_READ)], query: Annotated[PageQuery, Query()]
) -> Any:
    """What is proposed to each principal, and what it has decided."""
    return await _list(visit, row, MatterAction, query)


@router.post(
    "/npf-teams/{teamId}/matters/{matterId}/actions", operation_id="proposeMatterAction", status_code=201,
    response_model=schemas.MatterAction,
)  # fmt: skip
async def propose_action(
    visit: Visiting, held: Annotated[MatterHeld, matter_for(P.MATTER_WRITE)], body: schemas.MatterActionCreate
) -> Any:
    """Propose what a principal could do; it takes that on or declines it (R13.5)."""
    made = await service.propose(visit, held.matter, body, readable=held.readable)
    return await _answer_action(visit, held.row, made)


@router.get(
    "/npf-teams/{teamId}/matters/{matterId}/actions/{actionId}", operation_id="getMatterAction",
    response_model=schemas.MatterAction,
)  # fmt: skip
async def get_action(visit: Visiting, found: Annotated[tuple[Row, Row], action_row_for(P.MATTER_READ)]) -> Any:
    """One proposed action."""
    return _present_action(visit, *found)


@router.patch(
    "/npf-teams/{teamId}/matters/{matterId}/actions/{actionId}", operation_id="decideMatterAction",
    response_model=schemas.MatterAction,
)  # fmt: skip
async def decide_action(
    visit: Visiting, held: Annotated[ActionHeld, action_for(P.MATTER_WRITE)], body: schemas.MatterActionPatch
) -> Any:
    """The principal, and nobody else, takes it on, declines it, or has done it (R13.5)."""
    await service.decide(visit, held.matter, held.action, body)
    return await _answer_action(visit, held.row, held.action.id)


@router.get(
    "/npf-teams/{teamId}/matters/{matterId}/reviews", operation_id="listMatterReviews",
    response_model=schemas.MatterReviewPage,
)  # fmt: skip
async def list_reviews(
    visit: Visiting, row: Annotated[Row, matter_row_for(P.MATTER_READ)], query: Annotated[PageQuery, Query()]
) -> Any:
    """How it went, newest first."""
    return await _list(visit, row, MatterReview, query)


@router.post(
    "/npf-teams/{teamId}/matters/{matterId}/reviews", operation_id="addMatterReview", status_code=201,
    response_model=schemas.MatterReview,
)  # fmt: skip
async def add_review(
    visit: Visiting, held: Annotated[MatterHeld, matter_for(P.MATTER_WRITE)], body: schemas.MatterReviewCreate
) -> Any:
    """Look at how it went, and agree on when to do so next."""
    made = await service.review(visit, held.matter, body, readable=held.readable)
    return await _answer_part(visit, held.row, MatterReview, made)


routers = (router,)
