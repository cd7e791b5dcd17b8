"""Endpoints of plans, and the deeds that a plan links to."""

from functools import lru_cache
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.kernel.access import Visiting, allowed, opened_by
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.links import Action, links
from app.kernel.paging import PageQuery, page, whole, window
from app.permissions import Permission as P
from app.plan_steps import service as steps
from app.plan_steps.schemas import PlanStepPage
from app.plans import repository, schemas, service
from app.plans.access import case_of_new_plan, is_shielded, plan_for, plan_row_for, relations_of
from app.plans.models import OPEN, PLAN_FLOW, WRITABLE, Plan, PlanCloseReason, PlanKind, PlanStatus

router = Router(
    "plans",
    Text(
        "SIP och Barnets plan: från behov till avslut. Var huvudman svarar för sina egna åtgärder.",
        "SIP and Barnets plan: from need to closure. Each principal answers for its own actions.",
    ),
)

#: Deeds that are steps of the machine: a link is there when the step is possible.
STEPS = (
    Action("refusal", "POST", "/refusal", P.PLAN_REFUSE, "refuse"),
    Action("decline", "POST", "/decline", P.PLAN_EDIT, "decline"),
    Action("link-consents", "POST", "/consents", P.PLAN_EDIT, "ask_consent"),
    Action("activation", "POST", "/activation", P.PLAN_ACTIVATE, "activate"),
    Action("publish-version", "POST", "/versions", P.PLAN_DELIVER, "publish"),
    Action("follow-up", "POST", "/follow-ups", P.PLAN_FOLLOW_UP, "follow_up"),
    Action("closing", "POST", "/closing", P.PLAN_CLOSE, "begin_closing"),
    Action("resumption", "POST", "/resumption", P.PLAN_CLOSE, "go_on"),
    Action("close", "POST", "/closure", P.PLAN_CLOSE, "close"),
)
PREPARATION = Action("preparation", "POST", "/preparation", P.PLAN_EDIT, "prepare")
DRAFTING = Action("drafting", "POST", "/drafting", P.PLAN_EDIT, "draft")
UPGRADE = Action("upgrade", "POST", "/upgrade", P.PLAN_CREATE, "upgrade")
#: While it is open, and while its content may be written.
WHILE_OPEN = (
    Action("edit", "PATCH", "", P.PLAN_EDIT),
    Action("add-disagreement", "POST", "/disagreements", P.PLAN_ACCEPT),
    Action("add-crisis-note", "POST", "/crisis-notes", P.CRISIS_WRITE),
)
WHILE_WRITABLE = (
    Action("add-need", "POST", "/needs", P.PLAN_EDIT),
    Action("add-goal", "POST", "/goals", P.PLAN_EDIT),
    Action("add-action", "POST", "/actions", P.ACTION_ADD),
    Action("approve", "POST", "/approvals", P.PLAN_ACCEPT),
)
CRISIS_NOTES = Action("crisis-notes", "GET", "/crisis-notes", P.CRISIS_READ)
DOCUMENT = Action("document", "GET", "/document", P.PLAN_READ)
CLOSURE = Action("closure", "GET", "/closure", P.PLAN_READ)
_PARTS = (
    "needs", "goals", "actions", "disagreements", "parties", "approvals", "versions", "deliveries", "follow-ups",
    "steps",
)  # fmt: skip
#: What tells a place, left out for other units about a protected child (R2.5).
_PLACES = ("owner_unit_name", "initiator_unit_name", "overall_authority_name", "care_contact")


@lru_cache(maxsize=256)
def actions_of(kind: str, status: str, met: bool, followed: bool, made: bool) -> tuple[Action, ...]:
    """The deeds that a plan's kind and state allow, whoever asks."""
    found = [*STEPS, CRISIS_NOTES]
    found += WHILE_OPEN if status in OPEN else ()
    found += WHILE_WRITABLE if status in WRITABLE else ()
    found += [PREPARATION] if status == PlanStatus.CONSENTED or kind == PlanKind.BARNETS_PLAN else []
    found += [DRAFTING] if met or kind == PlanKind.BARNETS_PLAN else []
    found += [UPGRADE] if kind == PlanKind.BARNETS_PLAN and not followed else []
    found += [DOCUMENT] if made else []
    found += [CLOSURE] if status == PlanStatus.CLOSED else []
    return tuple(found)


def shown(visit: Visit, row: Row) -> dict[str, Any]:
    """A plan as it goes out: with who does what, what it rests on, and what the caller may do now."""
    path = f"/plans/{row['id']}"
    if is_shielded(visit, row):
        hidden = {role: row[role] and {**row[role], "unit_name": None, "phone": None} for role in _PLACED}
        row = {**row, **dict.fromkeys(_PLACES), **hidden}
    neighbours = {"case": f"/cases/{row['case_id']}", "child": f"/children/{row['child_id']}"}
    neighbours |= {part: f"{path}/{part}" for part in _PARTS}
    for rel in ("upgraded_from", "upgraded_to"):
        if other := row[f"{rel}_id"]:
            neighbours[rel.replace("_", "-")] = f"/plans/{other}"
    actions = actions_of(
        row["kind"], row["status"], row["met_at"] is not None, row["upgraded_to_id"] is not None,
        row["activated_at"] is not None,
    )  # fmt: skip
    return {
        **row,
        "opened_by": opened_by(row),
        "links": links(
            visit, path, actions, relations_of(visit, row), workflow=PLAN_FLOW, status=row["status"],
            neighbours=neighbours,
        ),
    }  # fmt: skip


_PLACED = ("main_responsible", "documenter")


def present(visit: Visit, row: Row) -> dict[str, Any]:
    """One plan as the answer, with its address and version."""
    visit.presents(f"/plans/{row['id']}", row["version"])
    return shown(visit, row)


async def answer(visit: Visit, plan_id: UUID) -> dict[str, Any]:
    """The plan after a change, read as GET reads it."""
    row = await repository.one(visit.tx, plan_id)
    if row is None:
        raise NotFound
    return present(visit, row)


@router.get("/plans", operation_id="listPlans", response_model=schemas.PlanPage)
async def list_plans(
    visit: Annotated[Visit, allowed(P.PLAN_LIST)], query: Annotated[schemas.PlanQuery, Query()]
) -> Any:
    """Plans in whose circle the caller is, newest first. Protected children are never listed (R2.5)."""
    frame = window(visit, query)
    rows = await repository.list_mine(visit.tx, frame)
    total = await repository.count_mine(visit.tx, frame) if query.include_total else None
    visit.trail.looked(Subject("plan_list"))
    return page(visit, "/plans", query, rows, lambda row: shown(visit, row), total=total)


@router.post("/plans", operation_id="createPlan", status_code=201, response_model=schemas.Plan)
async def create_plan(
    visit: Visiting, case: Annotated[Row, case_of_new_plan(P.PLAN_CREATE)], body: schemas.PlanCreate
) -> Any:
    """Somebody sees that a plan is needed. From now on it is started without delay (12.7)."""
    plan = await service.open_plan(visit, case, body.kind, body.model_dump(exclude={"case_id", "kind"}))
    return await answer(visit, plan.id)


@router.get("/plans/{planId}", operation_id="getPlan", response_model=schemas.Plan)
async def get_plan(visit: Visiting, row: Annotated[Row, plan_row_for(P.PLAN_READ)]) -> Any:
    """One plan, with its status at this instant: without its consent it is suspended (R4.6, R4.7)."""
    return present(visit, row)


@router.patch("/plans/{planId}", operation_id="updatePlan", response_model=schemas.Plan)
async def update_plan(visit: Visiting, plan: Annotated[Plan, plan_for(P.PLAN_EDIT)], body: schemas.PlanPatch) -> Any:
    """Write the plan's own texts, and give the roles in it (R7.6), while it is open."""
    await service.change_plan(visit, plan, body)
    return await answer(visit, plan.id)


@router.post("/plans/{planId}/refusal", operation_id="refusePlan", status_code=201, response_model=schemas.Plan)
async def refuse_plan(visit: Visiting, plan: Annotated[Plan, plan_for(P.PLAN_REFUSE)], body: schemas.Refusal) -> Any:
    """No plan is made: a manager says why and answers for it (R7.1)."""
    await service.refuse(visit, plan, body)
    return await answer(visit, plan.id)


@router.post("/plans/{planId}/decline", operation_id="declinePlan", status_code=201, response_model=schemas.Plan)
async def decline_plan(
    visit: Visiting, plan: Annotated[Plan, plan_for(P.PLAN_EDIT)], _body: schemas.PlanDecline
) -> Any:
    """The family's no is recorded. No reason is asked, and nothing follows from it (3.4)."""
    await service.end(visit, plan, "decline", PlanCloseReason.DECLINED)
    return await answer(visit, plan.id)


@router.post("/plans/{planId}/consents", operation_id="linkPlanConsents", status_code=201, response_model=schemas.Plan)
async def link_consents(
    visit: Visiting, plan: Annotated[Plan, plan_for(P.PLAN_EDIT)], body: schemas.ConsentLink
) -> Any:
    """State which consents the plan waits for; it goes on in the moment in which all are given (R7.2)."""
    await service.link_consents(visit, plan, body.consent_ids)
    return await answer(visit, plan.id)


@router.post("/plans/{planId}/preparation", operation_id="preparePlan", status_code=201, response_model=schemas.Plan)
async def prepare_plan(visit: Visiting, plan: Annotated[Plan, plan_for(P.PLAN_EDIT)], body: schemas.Preparation) -> Any:
    """Prepare the meeting with the family: its question, and who chairs and writes (3.4)."""
    await service.prepare(visit, plan, body)
    return await answer(visit, plan.id)


@router.post("/plans/{planId}/drafting", operation_id="draftPlan", status_code=201, response_model=schemas.Plan)
async def draft_plan(visit: Visiting, plan: Annotated[Plan, plan_for(P.PLAN_EDIT)], _body: schemas.Drafting) -> Any:
    """Begin to write the plan: a SIP after its meeting, a Barnets plan when it is prepared (R7.3)."""
    await service.draft(visit, plan)
    return await answer(visit, plan.id)


@router.get("/plans/{planId}/steps", operation_id="listPlanSteps", response_model=PlanStepPage)
async def list_steps(
    visit: Visiting, row: Annotated[Row, plan_row_for(P.PLAN_READ)], query: Annotated[PageQuery, Query()]
) -> Any:
    """What has happened to the plan, first to last, with reasons."""
    rows = await steps.steps_of(visit.tx, row["id"])
    return whole(visit, f"/plans/{row['id']}/steps", query, rows, dict, descending=False)


routers = (router,)
