"""Deeds of actions: commit oneself, say how it goes, ask and answer, decide after a withdrawal."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from app.cases import service as cases
from app.kernel.audit import Subject
from app.kernel.calendar import add_working_days, end_of_day
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.deadlines import meet, set_deadline
from app.kernel.ids import new_id
from app.kernel.reactions import reacts_to
from app.organisations import service as organisations
from app.organisations.models import UnknownReference
from app.plan_actions import repository, schemas
from app.plan_actions.models import (
    ActionPrincipalDoesNotFit,
    ActionQuestion,
    NothingToDecide,
    OnlyReports,
    PlanClosedToYou,
    ProposesForAnother,
    ResponsibleNotInUnit,
    UnitNotInPlan,
    awaits_decision,
)
from app.plan_contents import service as contents
from app.plan_contents.models import (
    DECIDE,
    UNFINISHED,
    ActionDecision,
    ActionPrincipal,
    ActionStatus,
    PlanAction,
    require_open,
    require_writable,
)
from app.plans import service as plans
from app.plans.models import Plan, PlanConsented, PlanEnded, PlanSuspended

PRACTICE = "Överenskommen praxis, overifierad (domain.md 12.7) / agreed practice, unverified"
WITHDRAWN = "R4.6: ägaren beslutar om öppna åtgärder, avtalad tid / the owner decides, agreed time, unverified"
ANSWER_DAYS = 5  # working days, practice of the county, unverified
DECIDE_DAYS = 5  # working days, practice of the county, unverified
_DUE, _ANSWER = "action_due", "answer_question"
_REPORTED = ("status", "result")


async def add(visit: Visit, plan: Plan, body: schemas.ActionCreate, *, for_others: bool) -> UUID:
    """An action is added; it belongs to the unit that commits itself, and to the plan's unit where there is none.

    Raises ``ProposesForAnother``, ``UnitNotInPlan``, ``ActionPrincipalDoesNotFit``, ``ConsentRequired``,
    ``ResponsibleNotInUnit``, ``UnknownReference``, ``EndsBeforeItBegins``, ``PlanIsNotWritable``.
    """
    plan.require_writable()
    owner = await _owner(visit, plan, body)
    if owner["owner_unit_id"] != visit.actor.unit_id and not for_others:
        raise ProposesForAnother
    await contents.require_goal(visit.tx, plan.id, body.goal_id)
    await _require_responsible(visit, body.responsible_id, body.unit_id)
    action = PlanAction(
        id=new_id(), case_id=plan.case_id, plan_id=plan.id, status=ActionStatus.PLANNED, commitment=1,
        own_effort=body.principal is ActionPrincipal.FAMILY, created_at=visit.now, created_by=visit.actor.user_id,
        **body.model_dump(exclude={"unit_id"}), **owner,
    )  # fmt: skip
    action.require_period()
    visit.tx.session.add(action)
    visit.trail.changed(action.subject(plan.child_id), *body.model_fields_set)
    _set_due(visit, action, plan.child_id)
    await visit.tx.session.flush()
    return action.id


async def _owner(visit: Visit, plan: Plan, body: schemas.ActionCreate) -> dict[str, object]:
    if body.unit_id is None:
        return plan.ownership
    unit = await organisations.unit(visit.tx, body.unit_id)
    authority = unit and await organisations.authority(visit.tx, unit["authority_id"])
    if unit is None or authority is None:
        raise UnknownReference(field="unitId")
    circle = await cases.circle_of(visit.tx, plan.case_id)
    if not any(row["unit_id"] == body.unit_id and row["left_at"] is None for row in circle):
        raise UnitNotInPlan
    if authority["organisation_kind"] != body.principal:
        raise ActionPrincipalDoesNotFit
    await plans.require_consents(visit, plan, [unit["authority_id"]])
    return organisations.owned_by(unit, plan.municipality_code)


async def _require_responsible(visit: Visit, user_id: UUID | None, unit_id: UUID | None) -> None:
    if user_id is None:
        return
    if unit_id is None or await organisations.assignment_in(visit.tx, user_id, unit_id, visit.now) is None:
        raise ResponsibleNotInUnit


def _deadline(
    visit: Visit, subject: Subject, owner: Mapping[str, object], code: str, on: date, event: str, basis: str = PRACTICE
) -> None:
    set_deadline(
        visit, subject, code=code, due_at=end_of_day(on), start_event=event, legal_basis=basis, owner=owner
    )  # fmt: skip


def _set_due(visit: Visit, action: PlanAction, child_id: UUID) -> None:
    if action.due_on is not None:
        _deadline(visit, action.subject(child_id), action.ownership, _DUE, action.due_on, "action agreed")


async def change(visit: Visit, action: PlanAction, plan: Row | None, body: schemas.ActionPatch) -> None:
    """Change the commitment, which asks the others again, or say how it goes, which does not (R7.8).

    Raises ``PlanClosedToYou``, ``PlanIsNotWritable``, ``OnlyReports``, ``ImpossibleInThisState``, ``AlreadyRemoved``.
    """
    plan = _open_to_owner(plan)
    require_open(plan["status"])
    changed = {name: value for name, value in body.stated.items() if getattr(action, name) != value}
    committed = {name: value for name, value in changed.items() if name not in _REPORTED}
    if committed:
        await _require_change(visit, action, plan, committed)
        action.commit_to(committed)
    action.report(changed.get("status"), {name: changed[name] for name in ("result",) if name in changed})
    visit.trail.changed(action.subject(plan["child_id"]), *changed)
    await visit.tx.session.flush()
    if "due_on" in committed:
        await meet(visit.tx, action.id, visit.now, _DUE)
        _set_due(visit, action, plan["child_id"])
        await visit.tx.session.flush()
    if action.status not in UNFINISHED:
        await meet(visit.tx, action.id, visit.now)


def _open_to_owner(plan: Row | None) -> Row:
    if plan is None:
        raise PlanClosedToYou
    return plan


async def _require_change(visit: Visit, action: PlanAction, plan: Row, committed: Mapping[str, Any]) -> None:
    if visit.actor.is_family:
        raise OnlyReports
    require_writable(plan["status"])
    await contents.require_goal(visit.tx, action.plan_id, committed.get("goal_id"))
    by_unit = not action.own_effort and action.other_party_name is None
    await _require_responsible(visit, committed.get("responsible_id"), action.owner_unit_id if by_unit else None)


async def remove(visit: Visit, action: PlanAction, plan: Row | None, reason: str) -> None:
    """Its owner takes it out of the plan; it stays, with the reason (R3.8)."""
    plan = _open_to_owner(plan)
    if visit.actor.is_family:
        raise OnlyReports
    require_writable(plan["status"])
    action.remove(visit.now)
    visit.trail.changed(action.subject(plan["child_id"]), "removed_at", reason=reason)
    await visit.tx.session.flush()
    await meet(visit.tx, action.id, visit.now)


async def decide(visit: Visit, action: PlanAction, plan: Row | None, body: schemas.Decision) -> None:
    """What becomes of it now that consent has ended: its owner says, also from outside (R4.6).

    Raises ``NothingToDecide``, ``AlreadyRemoved``.
    """
    action.require_present()
    status = await _settled(visit, plan)
    row = await contents.action_of(visit.tx, action.id)
    if row is None or not awaits_decision(row, status):
        raise NothingToDecide
    visit.trail.changed(action.named("action", plan["child_id"] if plan else None), "decision", reason=body.reason)
    if plan is None:
        await repository.decide_outside(visit.tx, action.id, body.decision, body.reason)
        return
    action.decide(body.decision, body.reason, visit.now)
    await visit.tx.session.flush()
    await meet(visit.tx, action.id, visit.now, None if body.decision is ActionDecision.STOPS else DECIDE)


async def _settled(visit: Visit, plan: Row | None) -> str | None:
    """Where the plan stands once what time has done to its consents is written down."""
    record = await plans.record_of(visit.tx, plan["id"]) if plan else None
    if record is None:
        return None
    await plans.settle(visit, record)
    return record.status


async def ask(visit: Visit, action: Row, plan: Row, question: str) -> UUID:
    """Whoever coordinates asks the action's owner; nothing else is theirs to do with it (R5.5)."""
    require_open(plan["status"])
    waiting = any(row["answered_at"] is None for row in await repository.questions(visit.tx, action["id"]))
    asked = ActionQuestion(
        id=new_id(), case_id=action["case_id"], action_id=action["id"], question=question, asked_at=visit.now,
        asked_by=visit.actor.user_id, **visit.ownership(plan["municipality_code"]),
    )  # fmt: skip
    visit.tx.session.add(asked)
    visit.trail.changed(asked.subject(plan["child_id"]), "question")
    if not waiting:
        on = add_working_days(stockholm_date(visit.now), ANSWER_DAYS)
        _deadline(visit, _subject(action, plan), _owner_of(action, plan), _ANSWER, on, "question asked")
    await visit.tx.session.flush()
    return asked.id


def _subject(action: Row, plan: Row) -> Subject:
    return Subject("action", action["id"], action["case_id"], plan["child_id"], action["owner_authority_id"])


def _owner_of(action: Row, plan: Row) -> dict[str, object]:
    owner = {name: action[name] for name in ("owner_unit_id", "owner_authority_id")}
    return {**owner, "municipality_code": plan["municipality_code"]}


async def answer(visit: Visit, question: ActionQuestion, plan: Row | None, text: str) -> None:
    """The owner answers; the deadline is met when nothing that was asked is left."""
    plan = _open_to_owner(plan)
    question.reply(text, visit.now, visit.actor.user_id)
    visit.trail.changed(question.subject(plan["child_id"]), "answer", "answered_at")
    await visit.tx.session.flush()
    if all(row["answered_at"] for row in await repository.questions(visit.tx, question.action_id)):
        await meet(visit.tx, question.action_id, visit.now, _ANSWER)


@reacts_to(PlanSuspended)
async def consent_ended(visit: Visit, happening: PlanSuspended) -> None:
    """Each owner of an open action decides what becomes of it, whoever took the consent away (R4.6)."""
    plan = await plans.plan_of(visit.tx, happening.plan_id)
    if plan is None:
        return
    on = add_working_days(stockholm_date(visit.now), DECIDE_DAYS)
    for action in await contents.open_actions(visit.tx, happening.plan_id):
        await meet(visit.tx, action["id"], visit.now, DECIDE)
        subject = _subject(action, plan)
        visit.trail.changed(subject, "awaits_decision")
        _deadline(visit, subject, _owner_of(action, plan), DECIDE, on, "consent withdrawn", WITHDRAWN)
    await visit.tx.session.flush()


@reacts_to(PlanConsented)
async def consent_holds(visit: Visit, happening: PlanConsented) -> None:
    """What was not decided meanwhile need not be: the plan goes on."""
    for action in await contents.open_actions(visit.tx, happening.plan_id):
        await meet(visit.tx, action["id"], visit.now, DECIDE)


@reacts_to(PlanEnded)
async def plan_ended(visit: Visit, happening: PlanEnded) -> None:
    """Nothing is due of the actions of a plan that is over."""
    for action in await contents.actions_of(visit.tx, happening.plan_id):
        await meet(visit.tx, action["id"], visit.now)
