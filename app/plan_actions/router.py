"""Endpoints of actions and the questions about them."""

from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.kernel.access import Visiting
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.links import Action, links
from app.kernel.paging import PageQuery, whole
from app.permissions import Permission as P
from app.plan_actions import repository, schemas, service
from app.plan_actions.access import (
    ActionHeld,
    ActionSeen,
    Proposing,
    QuestionHeld,
    QuestionSeen,
    action_for,
    action_row_for,
    changing,
    plan_to_act_in,
    question_for,
    question_row_for,
)
from app.plan_actions.models import awaits_decision
from app.plan_contents import service as contents
from app.plans import service as plans
from app.plans.access import is_shielded, plan_row_for
from app.plans.models import OPEN, WRITABLE

actions = Router(
    "actions", Text("Åtgärderna i en plan, var och en sin ägares.", "The actions in a plan, each its owner's.")
)
questions = Router("questions", Text("Frågor till en åtgärds ägare.", "Questions to an action's owner."))

_EDIT = Action("edit", "PATCH", "", P.ACTION_EDIT)
_REMOVE = Action("removal", "POST", "/removal", P.ACTION_EDIT)
_DECIDE = Action("decision", "POST", "/decision", P.ACTION_EDIT)
_ASK = Action("question", "POST", "/questions", P.ACTION_ASK)
_ANSWER = Action("answer", "POST", "/answer", P.ACTION_EDIT)


def _offered(visit: Visit, seen: ActionSeen, *, awaits: bool) -> Iterator[Action]:
    """What the states of the action and of its plan allow; who may is for the permission to say."""
    status = seen.plan["status"] if seen.plan else None
    if seen.action["removed_at"] is not None:
        return
    if awaits:
        yield _DECIDE
    if status in OPEN:
        yield from (_EDIT, _ASK)
    if status in WRITABLE and not visit.actor.is_family:
        yield _REMOVE


def _shown(visit: Visit, seen: ActionSeen) -> dict[str, Any]:
    row, plan = seen
    awaits = awaits_decision(row, plan["status"] if plan else None)
    if plan is not None and is_shielded(visit, plan) and row["owner_unit_id"] != visit.actor.assignment.unit_id:
        row = {**row, "unit_name": None}
    path, offered = f"/actions/{row['id']}", tuple(_offered(visit, seen, awaits=awaits))
    neighbours = {"plan": f"/plans/{row['plan_id']}", "questions": f"{path}/questions"} if plan else {}
    return {
        **row,
        "awaits_decision": awaits,
        "links": links(visit, path, offered, changing(visit, seen), neighbours=neighbours),
    }


def _present(visit: Visit, seen: ActionSeen) -> dict[str, Any]:
    visit.presents(f"/actions/{seen.action['id']}", seen.action["version"])
    return _shown(visit, seen)


async def _answer(visit: Visit, action_id: UUID) -> dict[str, Any]:
    row = await contents.action_of(visit.tx, action_id)
    if row is None:
        raise NotFound
    return _present(visit, ActionSeen(row, await plans.plan_of(visit.tx, row["plan_id"])))


@actions.get("/plans/{planId}/actions", operation_id="listActions", response_model=schemas.PlanActionPage)
async def list_actions(
    visit: Visiting, plan: Annotated[Row, plan_row_for(P.PLAN_READ)], query: Annotated[PageQuery, Query()]
) -> Any:
    """The actions that stand in a plan: who does what, by when, and how it goes."""
    rows = await contents.actions_of(visit.tx, plan["id"])
    path = f"/plans/{plan['id']}/actions"
    return whole(visit, path, query, rows, lambda row: _shown(visit, ActionSeen(row, plan)), descending=False)


@actions.post(
    "/plans/{planId}/actions", operation_id="addAction", status_code=201, response_model=schemas.PlanAction
)  # fmt: skip
async def add_action(
    visit: Visiting, to: Annotated[Proposing, plan_to_act_in(P.ACTION_ADD)], body: schemas.ActionCreate
) -> Any:
    """Commit one's own unit to an action. Whoever writes the plan may propose one for another party (R7.8)."""
    return await _answer(visit, await service.add(visit, to.plan, body, for_others=to.for_others))


@actions.get("/actions/{actionId}", operation_id="getAction", response_model=schemas.PlanAction)
async def get_action(visit: Visiting, seen: Annotated[ActionSeen, action_row_for(P.PLAN_READ)]) -> Any:
    """One action. Its owner sees it also after the plan has closed to it (R4.6)."""
    return _present(visit, seen)


@actions.patch("/actions/{actionId}", operation_id="updateAction", response_model=schemas.PlanAction)
async def update_action(
    visit: Visiting, held: Annotated[ActionHeld, action_for(P.ACTION_EDIT)], body: schemas.ActionPatch
) -> Any:
    """Its owner alone changes an action (R7.8): the commitment, which asks the others again, or how it goes."""
    await service.change(visit, held.action, held.plan, body)
    return await _answer(visit, held.action.id)


@actions.post(
    "/actions/{actionId}/removal", operation_id="removeAction", status_code=201, response_model=schemas.PlanAction
)
async def remove_action(
    visit: Visiting, held: Annotated[ActionHeld, action_for(P.ACTION_EDIT)], body: schemas.ActionRemoval
) -> Any:
    """Its owner takes an action out of the plan, with a reason; it is kept (R3.8)."""
    await service.remove(visit, held.action, held.plan, body.reason)
    return await _answer(visit, held.action.id)


@actions.post(
    "/actions/{actionId}/decision", operation_id="decideAction", status_code=201, response_model=schemas.PlanAction
)
async def decide_action(
    visit: Visiting, held: Annotated[ActionHeld, action_for(P.ACTION_EDIT)], body: schemas.Decision
) -> Any:
    """Consent has ended: its owner decides what becomes of an open action (R4.6)."""
    await service.decide(visit, held.action, held.plan, body)
    return await _answer(visit, held.action.id)


def _question(visit: Visit, seen: ActionSeen, row: Row) -> dict[str, Any]:
    path = f"/actions/{row['action_id']}/questions/{row['id']}"
    if seen.plan is not None and is_shielded(visit, seen.plan):
        row = {**row, "asked_by_unit_name": None}
    offered = (_ANSWER,) if row["answered_at"] is None else ()
    neighbours = {"action": f"/actions/{row['action_id']}"}
    return {**row, "links": links(visit, path, offered, changing(visit, seen), neighbours=neighbours)}


def _present_question(visit: Visit, seen: ActionSeen, row: Row | None) -> dict[str, Any]:
    if row is None:
        raise NotFound
    visit.presents(f"/actions/{row['action_id']}/questions/{row['id']}", row["version"])
    return _question(visit, seen, row)


@questions.get("/actions/{actionId}/questions", operation_id="listQuestions", response_model=schemas.ActionQuestionPage)
async def list_questions(
    visit: Visiting, seen: Annotated[ActionSeen, action_row_for(P.PLAN_READ)], query: Annotated[PageQuery, Query()]
) -> Any:
    """What has been asked about an action, and what its owner answered."""
    rows = await repository.questions(visit.tx, seen.action["id"])
    path = f"/actions/{seen.action['id']}/questions"
    return whole(visit, path, query, rows, lambda row: _question(visit, seen, row), descending=False)


@questions.post(
    "/actions/{actionId}/questions", operation_id="askQuestion", status_code=201,
    response_model=schemas.ActionQuestion,
)  # fmt: skip
async def ask_question(
    visit: Visiting, seen: Annotated[ActionSeen, action_row_for(P.ACTION_ASK)], body: schemas.QuestionCreate
) -> Any:
    """Whoever coordinates asks the action's owner, and changes nothing (R5.5)."""
    if seen.plan is None:
        raise NotFound
    made = await service.ask(visit, seen.action, seen.plan, body.question)
    return _present_question(visit, seen, await repository.question(visit.tx, seen.action["id"], made))


@questions.get(
    "/actions/{actionId}/questions/{questionId}", operation_id="getQuestion", response_model=schemas.ActionQuestion
)
async def get_question(visit: Visiting, found: Annotated[QuestionSeen, question_row_for(P.PLAN_READ)]) -> Any:
    """One question."""
    return _present_question(visit, found.seen, found.question)


@questions.post(
    "/actions/{actionId}/questions/{questionId}/answer", operation_id="answerQuestion", status_code=201,
    response_model=schemas.ActionQuestion,
)  # fmt: skip
async def answer_question(
    visit: Visiting, held: Annotated[QuestionHeld, question_for(P.ACTION_EDIT)], body: schemas.QuestionAnswer
) -> Any:
    """The action's owner answers, once."""
    await service.answer(visit, held.question, held.seen.plan, body.answer)
    row = await repository.question(visit.tx, held.question.action_id, held.question.id)
    return _present_question(visit, held.seen, row)


routers = (actions, questions)
