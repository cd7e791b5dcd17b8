"""Deeds of putting a plan, and later versions of it, into effect."""

from collections.abc import Sequence

from app.kernel.context import Visit
from app.kernel.db import Row
from app.plan_activations import schemas
from app.plan_activations.models import require_complete, require_coordinator
from app.plan_agreements import service as agreements
from app.plan_agreements.models import require_accepted
from app.plan_contents import service as contents
from app.plan_contents.service import Contents
from app.plan_deliveries import service as deliveries
from app.plan_follow_ups import service as follow_ups
from app.plan_versions import service as versions
from app.plan_versions.models import PlanVersion
from app.plans import service as plans
from app.plans.models import Plan


async def activate(visit: Visit, plan: Plan, body: schemas.PlanActivation) -> None:
    """The plan takes effect when everything that R7.2 asks is there; version 1 is made and everybody gets a copy.

    Raises ``ImpossibleInThisState``, ``ConsentRequired``, ``CoordinatorRequired``, what ``require_complete`` raises,
    ``AcceptanceMissing``, ``NextFollowUpMissing``, ``NextFollowUpOutOfRange``, ``ActiveSipExists``.
    """
    await plans.take_step(visit, plan, "activate")
    held, parties = await _agreed(visit, plan)
    plan.apply(body.stated)
    plan.activated_at = visit.now
    visit.trail.changed(plan.subject, "activated_at", *body.model_fields_set)
    await visit.tx.session.flush()
    await follow_ups.expect_next(visit, plan)
    await plans.replace_earlier(visit, plan)
    await _publish(visit, plan, held, parties, None)


async def publish(visit: Visit, plan: Plan, body: schemas.PlanPublication) -> int:
    """What has changed in an active plan is agreed: its next version, and a copy for everybody; the version's number.

    Raises ``ImpossibleInThisState``, ``ConsentRequired``, ``AcceptanceMissing`` and what ``require_complete`` raises.
    """
    await plans.take_step(visit, plan, "publish", body.reason)
    held, parties = await _agreed(visit, plan)
    version = await _publish(visit, plan, held, parties, body.reason)
    return version.number


async def _agreed(visit: Visit, plan: Plan) -> tuple[Contents, list[Row]]:
    """What stands in the plan, and who stands behind it: everybody who must, on consent, with somebody who coordinates.

    It is read once: what is accepted here is what the version holds.
    """
    held = await contents.contents_of(visit.tx, plan.id)
    parties = await agreements.parties_of(visit, plan.id, held.actions)
    authorities = {party["authority_id"] for party in parties if party["authority_id"]} | {plan.owner_authority_id}
    await plans.require_consents(visit, plan, authorities)
    row = await plans.plan_of(visit.tx, plan.id) or {}
    require_coordinator(authorities, row.get("coordinator_id"))
    require_complete(plan, held.actions)
    require_accepted(parties)
    return held, parties


async def _publish(visit: Visit, plan: Plan, held: Contents, parties: Sequence[Row], reason: str | None) -> PlanVersion:
    version = await versions.make(visit, plan, held, parties, reason)
    await deliveries.deliver(visit, plan, version, parties)
    return version
