"""The deeds of a plan: from a need that is seen to a plan that is written, and what follows from its consents."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from app.cases import service as cases
from app.cases.models import CaseEnds, CaseStatus
from app.consents.models import ConsentSettled, ConsentStatus
from app.kernel.calendar import add_days, end_of_day
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row, Transaction
from app.kernel.deadlines import meet, set_deadline
from app.kernel.ids import new_id
from app.kernel.reactions import reacts_to, tell
from app.meetings import service as meetings
from app.meetings.models import MeetingCalled, MeetingCancelled, MeetingHeld, MeetingStatus
from app.organisations import service as organisations
from app.people import service as people
from app.people.identifiers import follows_from_identifier
from app.permissions import Role
from app.plan_roles import service as roles
from app.plan_steps import service as steps
from app.plan_steps.models import (
    CaseNotActive,
    PlanStillOpen,
    RefusalNeedsManager,
    SchoolMayNotInitiate,
)
from app.plans import repository, schemas
from app.plans.labels import InitiatorKind
from app.plans.models import (
    OPEN,
    PLAN_FLOW,
    RESTS_ON_CONSENT,
    ActiveSipExists,
    ConsentNotOfThisCase,
    ConsentRequired,
    FollowUpMoved,
    Plan,
    PlanCloseReason,
    PlanConsented,
    PlanEnded,
    PlanIsNotWritable,
    PlanKind,
    PlanStatus,
    PlanSuspended,
)

PRACTICE = "Överenskommen praxis, overifierad (domain.md 12.7) / agreed practice, unverified"
_START = ("plan_start_warn", "plan_start")
_MEETING = "plan_meeting"


async def plan_of(tx: Transaction, plan_id: UUID) -> Row | None:
    """A plan as the caller may see it."""
    return await repository.one(tx, plan_id)


async def record_of(tx: Transaction, plan_id: UUID) -> Plan | None:
    """The plan for a change, locked."""
    return await repository.record(tx, plan_id)


def record_step(visit: Visit, plan: Plan, deed: str, reason: str | None) -> None:
    """Keep one step of the state machine with its reason, and name the change."""
    steps.keep_step(visit, plan, deed, reason)
    visit.trail.changed(plan.subject, "status", action=f"plan:{deed}", reason=reason)


def due(visit: Visit, plan: Plan, code: str, on: date, event: str) -> None:
    """A deadline of the plan, by agreement, for the unit that made it."""
    set_deadline(
        visit, plan.subject, code=code, due_at=end_of_day(on), start_event=event, legal_basis=PRACTICE,
        owner=plan.ownership,
    )  # fmt: skip


async def require_consents(visit: Visit, plan: Plan, authority_ids: Iterable[UUID]) -> None:
    """Raise ``ConsentRequired`` unless a linked consent in force names each authority but the case owner's (R7.2)."""
    own = await repository.authority_of_case(visit.tx, plan.case_id)
    found = await repository.consents(visit.tx, plan.consent_ids)
    named = {each for row in found if row["in_force"] for each in row["receiving_authority_ids"]}
    if not set(authority_ids) - {own} <= named:
        raise ConsentRequired


async def open_plan(visit: Visit, case: Row, kind: str, stated: dict[str, Any], **links: UUID) -> Plan:
    """A need is seen, and the work starts without delay; taking the initiative obliges to nothing more (R7.6).

    Raises ``CaseNotActive``, ``SchoolMayNotInitiate``.
    """
    if case["status"] != CaseStatus.ACTIVE:
        raise CaseNotActive
    school = visit.actor.assignment.sector == "education"
    if kind == PlanKind.SIP and school and not visit.settings.school_may_initiate_sip:
        raise SchoolMayNotInitiate
    by_us = stated["initiator_kind"] == InitiatorKind.PROFESSIONAL
    plan = Plan(
        id=new_id(), case_id=case["id"], child_id=case["child_id"], kind=kind, status=PlanStatus.NEED_IDENTIFIED,
        child_key=await _child_key(visit, case["child_id"]), consent_ids=[],
        initiator_unit_id=visit.actor.unit_id if by_us else None,
        kva_code=visit.settings.sip_kva_code if kind == PlanKind.SIP else None,
        created_at=visit.now, updated_at=visit.now, **stated, **links, **visit.ownership(case["municipality_code"]),
    )  # fmt: skip
    visit.tx.session.add(plan)
    await visit.tx.session.flush()
    record_step(visit, plan, "open", None)
    visit.trail.changed(plan.subject, *stated)
    today, settings = stockholm_date(visit.now), visit.settings
    for code, days in zip(_START, (settings.plan_start_warn_days, settings.plan_start_alarm_days), strict=True):
        due(visit, plan, code, add_days(today, days), "need identified")
    await visit.tx.session.flush()
    return plan


async def _child_key(visit: Visit, child_id: UUID) -> UUID:
    """By which a child is the same in every authority; without an identifier it is only this record's child."""
    child = await people.facts(visit.tx, child_id)
    key: UUID | None = child["person_key"] if child else None
    return key if key is not None and follows_from_identifier(key) else child_id


async def change_plan(visit: Visit, plan: Plan, body: schemas.PlanPatch) -> None:
    """Change texts and roles while the plan is open.

    Raises ``PlanIsNotWritable``, ``PersonNotInCircle``, ``PrincipalDoesNotFit``, ``MainResponsibleElsewhere``.
    """
    if plan.status not in OPEN:
        raise PlanIsNotWritable
    stated = body.model_dump(exclude_unset=True)
    plan.apply({name: value for name, value in stated.items() if name not in roles.PLACED})
    await roles.appoint(visit, plan, stated)
    plan.updated_at = visit.now
    visit.trail.changed(plan.subject, *stated)
    await visit.tx.session.flush()
    if "next_follow_up_on" in stated and plan.activated_at is not None:
        await tell(visit, FollowUpMoved(plan.id))


async def take_step(visit: Visit, plan: Plan, deed: str, reason: str | None = None) -> None:
    """A step of the machine that asks for nothing else: gone, kept, named."""
    plan.go(deed, visit.now)
    if deed == "activate":  # R7.5 looks at the identifier that the child has by now
        plan.child_key = await _child_key(visit, plan.child_id)
        if plan.kind == PlanKind.SIP and await repository.has_active_sip(visit.tx, plan.child_key):
            raise ActiveSipExists
    record_step(visit, plan, deed, reason)
    await visit.tx.session.flush()


async def end(visit: Visit, plan: Plan, deed: str, why: PlanCloseReason | None, reason: str | None = None) -> None:
    """It is over: nothing is due any more."""
    plan.close(why, visit.now, deed)
    record_step(visit, plan, deed, reason)
    await visit.tx.session.flush()
    await meet(visit.tx, plan.id, visit.now)
    await tell(visit, PlanEnded(plan.id))


async def refuse(visit: Visit, plan: Plan, body: schemas.Refusal) -> None:
    """No plan is made. The family's request is refused by a manager, with a reason (R7.1)."""
    manager = body.approved_by_id or visit.actor.user_id
    assignment = await organisations.assignment_in(visit.tx, manager, visit.actor.unit_id, visit.now)
    if assignment is None or assignment["role"] != Role.UNIT_MANAGER:
        raise RefusalNeedsManager
    steps.keep_refusal(visit, plan, body.reason, manager)
    await end(visit, plan, "refuse", None, body.reason)


async def link_consents(visit: Visit, plan: Plan, consent_ids: Sequence[UUID]) -> None:
    """The plan waits for these consents, or goes on at once when they are given (R7.2).

    Raises ``ConsentNotOfThisCase``; ``ConsentRequired`` for what has ended, or is not given while the plan goes on.
    """
    found = await repository.consents(visit.tx, consent_ids)
    ours = [row for row in found if row["child_id"] == plan.child_id and row["case_id"] in (None, plan.case_id)]
    if len(ours) < len(consent_ids) or any("plan" not in row["categories"] for row in ours):
        raise ConsentNotOfThisCase
    if any(row["over"] or (plan.status in RESTS_ON_CONSENT and not row["in_force"]) for row in ours):
        raise ConsentRequired
    plan.rest_on(consent_ids, visit.now)
    record_step(visit, plan, "ask_consent", None)
    visit.trail.changed(plan.subject, "consent_ids")
    await visit.tx.session.flush()
    await settle(visit, plan)


async def settle(visit: Visit, plan: Plan) -> None:
    """What the plan's consents ask for now is done: it begins, goes on, is declined, or rests (R4.6, R4.7)."""
    deed = plan.asked_of(await repository.standing(visit.tx, plan.consent_ids) if plan.consent_ids else None)
    if deed == "decline":
        await end(visit, plan, deed, PlanCloseReason.DECLINED)
    elif deed is not None:
        await take_step(visit, plan, deed)
        await meet(visit.tx, plan.id, visit.now, _MEETING)
        await tell(visit, PlanSuspended(plan.id) if deed == "withdraw" else PlanConsented(plan.id))
        if deed == "consent" and plan.kind == PlanKind.SIP and plan.met_at is None:
            days = visit.settings.plan_meeting_days
            due(visit, plan, _MEETING, add_days(stockholm_date(visit.now), days), "consent given")
            await visit.tx.session.flush()


async def prepare(visit: Visit, plan: Plan, body: schemas.Preparation) -> None:
    """The meeting is prepared; without consent only a Barnets plan of one authority is (R7.3)."""
    if plan.status == PlanStatus.NEED_IDENTIFIED:
        circle = await cases.circle_of(visit.tx, plan.case_id)
        authorities = {row["authority_id"] for row in circle if row["left_at"] is None}
        if plan.kind == PlanKind.SIP or len(authorities) > 1:
            raise ConsentRequired
    plan.question = body.question
    await take_step(visit, plan, "prepare")
    await roles.appoint(visit, plan, body.model_dump(exclude_unset=True))
    visit.trail.changed(plan.subject, *body.model_fields_set)
    await visit.tx.session.flush()
    for code in _START:
        await meet(visit.tx, plan.id, visit.now, code)


async def draft(visit: Visit, plan: Plan) -> None:
    """The writing begins. Raises ``MeetingRequired`` for a SIP whose meeting has not been held."""
    plan.draft(visit.now)
    record_step(visit, plan, "draft", None)
    await visit.tx.session.flush()
    await meet(visit.tx, plan.id, visit.now, _MEETING)


async def replace_earlier(visit: Visit, plan: Plan) -> None:
    """The SIP is active: the Barnets plan that it follows is closed, and stays as it was (R7.4)."""
    earlier = plan.upgraded_from_id and await repository.record(visit.tx, plan.upgraded_from_id)
    if earlier and PLAN_FLOW.allows(earlier.status, "replace"):
        await end(visit, earlier, "replace", PlanCloseReason.REPLACED)


@reacts_to(ConsentSettled)
async def consent_settled(visit: Visit, happening: ConsentSettled) -> None:
    """A plan goes on when its consents are given, and rests from the instant in which one is withdrawn (R4.6)."""
    named = [happening.consent_id, *filter(None, [happening.supersedes_id])]
    for plan in await repository.resting_on(visit.tx, named):
        if happening.status == ConsentStatus.GIVEN and happening.supersedes_id in plan.consent_ids:
            await _exchange(visit, plan, happening)
        await settle(visit, plan)


async def _exchange(visit: Visit, plan: Plan, happening: ConsentSettled) -> None:
    """A newer consent takes the earlier one's place, if it still covers the plan."""
    newer = await repository.consents(visit.tx, [happening.consent_id])
    if any("plan" in row["categories"] for row in newer):
        exchanged = [happening.consent_id if each == happening.supersedes_id else each for each in plan.consent_ids]
        plan.consent_ids, plan.updated_at = list(dict.fromkeys(exchanged)), visit.now
        visit.trail.changed(plan.subject, "consent_ids", action="plan:consent_superseded")
        await visit.tx.session.flush()


@reacts_to(MeetingCalled)
async def meeting_called(visit: Visit, happening: MeetingCalled) -> None:
    """The plan's meeting is called."""
    await _meeting(visit, happening, "call")


@reacts_to(MeetingCancelled)
async def meeting_cancelled(visit: Visit, happening: MeetingCancelled) -> None:
    """The plan's meeting will not be: it is prepared again, unless another one is called."""
    planned = await meetings.meetings_of_plan(visit.tx, happening.plan_id) if happening.plan_id else []
    if happening.case_id not in {row["case_id"] for row in planned if row["status"] == MeetingStatus.CALLED}:
        await _meeting(visit, happening, "cancel")


@reacts_to(MeetingHeld)
async def meeting_held(visit: Visit, happening: MeetingHeld) -> None:
    """The plan's meeting has been: the writing may begin."""
    plan = await _meeting(visit, happening, "hold")
    if plan is not None:
        plan.met_at = visit.now
        await visit.tx.session.flush()
        await meet(visit.tx, plan.id, visit.now, _MEETING)


async def _meeting(visit: Visit, happening: MeetingCalled | MeetingCancelled | MeetingHeld, deed: str) -> Plan | None:
    """The step that a meeting means, where there is one: a follow-up of an active plan changes nothing."""
    plan = await repository.record(visit.tx, happening.plan_id) if happening.plan_id else None
    if plan is None or plan.case_id != happening.case_id:
        return None
    await settle(visit, plan)
    if not PLAN_FLOW.allows(plan.status, deed):
        return None
    await take_step(visit, plan, deed)
    return plan


@reacts_to(CaseEnds)
async def case_ends(visit: Visit, happening: CaseEnds) -> None:
    """A case is not closed from under its plan; when the family declines, its plans end with it (R3.6, R7.10)."""
    for plan in await repository.open_in(visit.tx, happening.case_id):
        if not happening.declined:
            raise PlanStillOpen
        await end(visit, plan, "end", PlanCloseReason.DECLINED)
