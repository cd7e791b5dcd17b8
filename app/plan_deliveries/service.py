"""Deeds of giving everybody a copy of the plan, and of saying that it came."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from app.disclosures.models import DisclosureChannel
from app.kernel.calendar import add_working_days, end_of_day
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.deadlines import meet, set_deadline
from app.kernel.ids import new_id
from app.organisations.models import UnknownReference
from app.plan_agreements import service as agreements
from app.plan_agreements.models import PartyKind
from app.plan_deliveries import repository, schemas
from app.plan_deliveries.models import (
    NotDeliveredReason,
    OutsideScope,
    PlanDelivery,
    UnknownVersion,
)
from app.plan_follow_ups import service as follow_ups
from app.plan_versions import service as versions
from app.plan_versions.models import PlanVersion
from app.plans import service as plans
from app.plans.models import Plan

COPIES = "plan_copies"


async def deliver(visit: Visit, plan: Plan, version: PlanVersion, parties: Sequence[Row]) -> None:
    """Everybody within the scope of consent, and the family, gets this version; the copies have a deadline (R7.9)."""
    circle = await repository.circle(visit.tx, plan.id)
    for party in parties:
        if party["kind"] != PartyKind.UNIT or circle.get(party["unit_id"]):
            _give(visit, plan, version.id, DisclosureChannel.PORTAL, _recipient(party))
    await visit.tx.session.flush()
    await meet(visit.tx, plan.id, visit.now, COPIES)
    due = add_working_days(stockholm_date(visit.now), visit.settings.plan_copies_days)
    set_deadline(
        visit, plan.subject, code=COPIES, due_at=end_of_day(due), start_event="version made",
        legal_basis=plans.PRACTICE, owner=await follow_ups.owner_of_deadlines(visit, plan),
    )  # fmt: skip
    await visit.tx.session.flush()


def _recipient(party: Row) -> dict[str, Any]:
    unit = party["kind"] == PartyKind.UNIT
    standing = None if unit else str(party["kind"])
    return {"unit_id": party["unit_id"], "person_key": party["person_key"], "standing": standing}


def _give(visit: Visit, plan: Plan, version_id: UUID, channel: str, recipient: dict[str, Any]) -> PlanDelivery:
    delivery = PlanDelivery(
        id=new_id(), case_id=plan.case_id, plan_id=plan.id, version_id=version_id, channel=channel,
        delivered_at=visit.now, **recipient, **plan.ownership,
    )  # fmt: skip
    visit.tx.session.add(delivery)
    visit.trail.changed(delivery.subject(plan.child_id), "delivered_at", "channel")
    return delivery


async def record_sent(visit: Visit, plan: Plan, body: schemas.DeliveryCreate) -> UUID:
    """A copy was given in another way than here.

    Raises ``UnknownVersion``, ``UnknownReference``, ``OutsideScope``, ``AlreadyReceived``.
    """
    version = await versions.version_of(visit.tx, plan.id, body.version_number)
    if version is None:
        raise UnknownVersion
    recipient = await _named(visit, plan, body, version)
    delivery = await repository.record_to(visit.tx, version["id"], recipient["unit_id"], recipient["person_key"])
    if delivery is None:
        delivery = _give(visit, plan, version["id"], body.channel, recipient)
    else:
        delivery.send(body.channel, visit.now)
        visit.trail.changed(delivery.subject(plan.child_id), "delivered_at", "channel")
    await visit.tx.session.flush()
    await _meet_when_done(visit, plan.id)
    return delivery.id


async def _named(visit: Visit, plan: Plan, body: schemas.DeliveryCreate, version: Row) -> dict[str, Any]:
    """Whom the body names, as far as the plan may go to them now."""
    if body.unit_id is not None:
        is_party = any(party["unit_id"] == str(body.unit_id) for party in version["content"]["parties"])
        if not is_party or not (await repository.circle(visit.tx, plan.id)).get(body.unit_id):
            raise OutsideScope
        return {"unit_id": body.unit_id, "person_key": None, "standing": None}
    key, standing = None, PartyKind.GUARDIAN if body.guardianship_id else PartyKind.CHILD
    if body.guardianship_id is not None:
        key = await repository.guardian_key(visit.tx, plan.child_id, body.guardianship_id)
        if key is None:
            raise UnknownReference(field="guardianshipId")
    for person in await agreements.family_of(visit, plan.id):
        if person["standing"] == standing and key in (None, person["person_key"]):
            return {"unit_id": None, "person_key": person["person_key"], "standing": standing.value}
    raise OutsideScope


async def acknowledge(visit: Visit, delivery: PlanDelivery, child_id: UUID) -> None:
    """The recipient says that the copy came. Raises ``NotTheRecipient``, ``AlreadyReceived``."""
    delivery.acknowledge(visit.actor.party_id, visit.actor.user_id, visit.now)
    visit.trail.changed(delivery.subject(child_id), "acknowledged_at")
    await visit.tx.session.flush()
    await _meet_when_done(visit, delivery.plan_id)


async def _meet_when_done(visit: Visit, plan_id: UUID) -> None:
    """Everybody has a copy of the newest version: it was sent to them, or they have said that it came."""
    rows = await _of_newest(visit, plan_id)
    if all(row["acknowledged_at"] or row["channel"] != DisclosureChannel.PORTAL for row in rows):
        await meet(visit.tx, plan_id, visit.now, COPIES)


async def _of_newest(visit: Visit, plan_id: UUID) -> list[Row]:
    newest = await versions.latest_number(visit.tx, plan_id)
    return [row for row in await repository.deliveries(visit.tx, plan_id) if row["version_number"] == newest]


async def deliveries_of(visit: Visit, plan_id: UUID) -> list[Row]:
    """The copies of a plan, newest version first; the family by name where contacts are open to the caller."""
    rows = await repository.deliveries(visit.tx, plan_id)
    names = {row["person_key"]: row["full_name"] for row in await agreements.family_of(visit, plan_id) if row["known"]}
    return [
        {**row, "kind": PartyKind(row["standing"] or PartyKind.UNIT), "name": names.get(row["person_key"])}
        for row in rows
    ]


async def not_delivered(visit: Visit, plan_id: UUID) -> list[Row]:
    """The parties of the newest version that have no copy of it, and why."""
    version = await versions.version_of(visit.tx, plan_id, None)
    if version is None:
        return []
    given = {str(row["unit_id"]) for row in await _of_newest(visit, plan_id)}
    circle = await repository.circle(visit.tx, plan_id)
    return [
        {**party, "version_number": version["number"], "reason": _why_not(circle, UUID(party["unit_id"]))}
        for party in version["content"]["parties"] if party["unit_id"] not in given
    ]  # fmt: skip


def _why_not(circle: dict[UUID, bool], unit_id: UUID) -> NotDeliveredReason:
    if unit_id not in circle:
        return NotDeliveredReason.LEFT_CIRCLE
    return NotDeliveredReason.NOT_SENT if circle[unit_id] else NotDeliveredReason.OUTSIDE_CONSENT
