"""Deeds in a matter: advise, propose, decide about one's own, and look at how it went."""

from uuid import UUID

from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.ids import new_id
from app.npf_advice import schemas
from app.npf_advice.models import MatterAction, MatterActionStatus, MatterAdvice, MatterReview, UnitNotInMatter
from app.npf_matters import service as matters
from app.npf_matters.models import NpfMatter, happened_on
from app.organisations import service as organisations


async def advise(visit: Visit, matter: NpfMatter, body: schemas.MatterAdviceCreate, *, readable: bool) -> UUID:
    """Advice is given; it decides nothing (R13.5). Raises ``DayNotYetCome`` and what its text raises."""
    matter.step("advise", readable=readable)
    matters.require_impersonal(matter.anonymous, body)
    advice = MatterAdvice(
        id=new_id(), matter_id=matter.id, text=body.text, recorded_at=visit.now, given_by=visit.actor.user_id,
        given_on=happened_on(body.given_on, stockholm_date(visit.now)), **visit.ownership(matter.municipality_code),
    )  # fmt: skip
    visit.tx.session.add(advice)
    visit.trail.changed(matter.named("matter_advice", advice.id), "text", "given_on")
    await visit.tx.session.flush()
    return advice.id


async def propose(visit: Visit, matter: NpfMatter, body: schemas.MatterActionCreate, *, readable: bool) -> UUID:
    """An action is proposed to a principal, whose it is from now on (R13.5). Raises ``UnitNotInMatter``."""
    matter.step("advise", readable=readable)
    matters.require_impersonal(matter.anonymous, body)
    unit = await organisations.unit(visit.tx, body.unit_id)
    if unit is None or body.unit_id not in await matters.units_inside(visit.tx, matter.id):
        raise UnitNotInMatter
    action = MatterAction(
        id=new_id(), matter_id=matter.id, text=body.text, due_on=body.due_on, status=MatterActionStatus.PROPOSED,
        proposed_at=visit.now, proposed_by=visit.actor.user_id,
        **organisations.owned_by(unit, matter.municipality_code),
    )  # fmt: skip
    visit.tx.session.add(action)
    visit.trail.changed(matter.named("matter_action", action.id), *body.model_fields_set)
    await visit.tx.session.flush()
    return action.id


async def decide(visit: Visit, matter: NpfMatter, action: MatterAction, body: schemas.MatterActionPatch) -> None:
    """The principal decides about its own, also when the team is done with the matter (R13.5)."""
    matters.require_impersonal(matter.anonymous, body)
    action.decide(body.stated, visit.actor.user_id, visit.now)
    visit.trail.changed(matter.named("matter_action", action.id), *body.stated)
    await visit.tx.session.flush()


async def review(visit: Visit, matter: NpfMatter, body: schemas.MatterReviewCreate, *, readable: bool) -> UUID:
    """How it went is looked at, and when it is next. Raises ``DayNotYetCome``, ``ReviewMustLieAhead``."""
    matter.step("review", readable=readable)
    matters.require_impersonal(matter.anonymous, body)
    await matters.plan_review(visit, matter, body.next_review_on)
    held = MatterReview(
        id=new_id(), matter_id=matter.id, text=body.text, next_review_on=body.next_review_on, recorded_at=visit.now,
        reviewed_on=happened_on(body.reviewed_on, stockholm_date(visit.now)), reviewed_by=visit.actor.user_id,
        **visit.ownership(matter.municipality_code),
    )  # fmt: skip
    visit.tx.session.add(held)
    visit.trail.changed(matter.named("matter_review", held.id), "text", "reviewed_on", "next_review_on")
    await visit.tx.session.flush()
    return held.id
