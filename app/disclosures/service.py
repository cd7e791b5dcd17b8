"""The deeds of a disclosure: share on a basis, complete an emergency's reason, end the reading it opened."""

from datetime import datetime, timedelta
from uuid import UUID

from app.consents import service as consents
from app.disclosures import repository, schemas
from app.disclosures.models import (
    EMERGENCY_REASON_WITHIN,
    FOR_MANAGERS,
    ConsentDoesNotCover,
    DecidedInTheFuture,
    Disclosure,
    DisclosureBasis,
    DisclosureChannel,
    DisclosureNeedsReason,
    InvalidReadScope,
    NeedsManager,
    require_secrecy_rule,
)
from app.kernel import circles
from app.kernel.calendar import add_months
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row, Transaction
from app.kernel.deadlines import meet, set_deadline
from app.kernel.ids import new_id
from app.kernel.paging import window
from app.organisations import service as organisations
from app.organisations.models import UnknownReference
from app.people import service as people
from app.permissions import Role
from app.sharing import service as sharing
from app.sharing.models import opened_categories

EMERGENCY = "R10.2: skäl inom 24 timmar, avtalad / reason within 24 hours, agreed"


async def disclose(visit: Visit, child: Row, body: schemas.DisclosureCreate) -> UUID:
    """Share, on the basis that is named; without one nothing is shared (R10.1).

    Raises ``NeedsManager``, ``SecrecyRuleDoesNotApply``, ``NecessityRequired``, ``ConsentDoesNotCover``,
    ``DisclosureNeedsReason``, ``InvalidReadScope``, ``DecidedInTheFuture``, ``CaseIsNotTheChilds``,
    ``UnknownReference``.
    """
    unit = await organisations.unit(visit.tx, body.to_unit_id)
    if unit is None:
        raise UnknownReference(field="toUnitId")
    await sharing.require_own_case(visit, body.case_id, child["id"])
    await _require_basis(visit, child, body, unit)
    _require_read_scope(visit, body)
    if body.decided_at is not None and body.decided_at > visit.now:
        raise DecidedInTheFuture
    disclosure = _disclosed(visit, child, body, unit)
    visit.tx.session.add(disclosure)
    visit.trail.changed(disclosure.subject, *body.model_fields_set, action="disclose", basis=body.basis)
    if body.basis is DisclosureBasis.EMERGENCY and body.legal_reason is None:
        _await_reason(visit, disclosure)
    await visit.tx.session.flush()
    await _open(visit, disclosure)
    return disclosure.id


async def _require_basis(visit: Visit, child: Row, body: schemas.DisclosureCreate, unit: Row) -> None:
    if body.basis in FOR_MANAGERS and visit.actor.role is not Role.UNIT_MANAGER:
        raise NeedsManager
    require_secrecy_rule(
        body.basis,
        sectors=(visit.actor.assignment.sector, unit["sector"]),
        born=child["birth_date"],
        today=stockholm_date(visit.now),
        necessity=body.necessity,
    )
    if (body.basis is DisclosureBasis.CONSENT) != (body.consent_id is not None):
        raise ConsentDoesNotCover
    if body.consent_id is not None:
        asked = opened_categories(body.categories, body.wheel_dimensions)
        if not await consents.covers(visit, body.consent_id, child["id"], unit["authority_id"], asked):
            raise ConsentDoesNotCover
    elif body.legal_reason is None and body.basis is not DisclosureBasis.EMERGENCY:
        raise DisclosureNeedsReason


def _require_read_scope(visit: Visit, body: schemas.DisclosureCreate) -> None:
    # With consent the consent itself opens the reading, and ends it.
    if body.valid_to is None and (body.channel is not DisclosureChannel.PORTAL or body.consent_id is not None):
        return
    days, months = visit.settings.disclosure_max_days, visit.settings.consent_max_months
    today = stockholm_date(visit.now)
    emergency = body.basis is DisclosureBasis.EMERGENCY
    last_day = today + timedelta(days=days) if emergency else add_months(today, months)
    if body.valid_to is None or body.valid_to <= visit.now or stockholm_date(body.valid_to) > last_day:
        raise InvalidReadScope(days=days, months=months)


def _disclosed(visit: Visit, child: Row, body: schemas.DisclosureCreate, unit: Row) -> Disclosure:
    tested, emergency = body.harm_test, body.basis is DisclosureBasis.EMERGENCY
    explained = emergency and body.legal_reason is not None
    return Disclosure(
        id=new_id(),
        circle_id=body.case_id or body.child_id,
        **body.model_dump(
            include={"child_id", "case_id", "to_unit_id", "basis", "consent_id", "legal_reason", "necessity", "channel",
                     "informed", "informed_reason", "valid_to", "wheel_dimensions"}
        ),
        to_authority_id=unit["authority_id"],
        categories=list(dict.fromkeys(body.categories)),
        object_refs=[reference.model_dump(mode="json") for reference in body.object_refs],
        harm_test_by=tested and (tested.done_by or visit.actor.user_id),
        harm_test_result=tested and tested.result,
        decided_by=visit.actor.user_id,
        decided_at=body.decided_at or visit.now,
        needs_review=emergency,
        completed_at=visit.now if explained else None,
        completed_by=visit.actor.user_id if explained else None,
        created_at=visit.now,
        **visit.ownership(child["municipality_code"]),
    )  # fmt: skip


def _await_reason(visit: Visit, disclosure: Disclosure) -> None:
    set_deadline(
        visit, disclosure.subject, code="emergency_disclosure_reason", due_at=visit.now + EMERGENCY_REASON_WITHIN,
        start_event="emergency disclosure", legal_basis=EMERGENCY, owner=disclosure.ownership,
    )  # fmt: skip


async def _open(visit: Visit, disclosure: Disclosure) -> None:
    if disclosure.channel != DisclosureChannel.PORTAL or disclosure.consent_id or disclosure.valid_to is None:
        return
    around = await sharing.circles_around(visit, disclosure.child_id, disclosure.case_id)
    await sharing.open_circles(
        visit, around, "disclosure", disclosure.id, disclosure.opened, visit.now, disclosure.valid_to,
        units=(disclosure.to_unit_id,),
    )  # fmt: skip


async def complete(visit: Visit, disclosure: Disclosure, reason: str) -> None:
    """An emergency's reason is written down (R10.2). Raises ``ReasonAlreadyComplete``."""
    disclosure.complete(reason, visit.now, visit.actor.user_id)
    visit.trail.changed(disclosure.subject, "legal_reason", "completed_at")
    await meet(visit.tx, disclosure.id, visit.now, "emergency_disclosure_reason")
    await visit.tx.session.flush()


async def revoke(visit: Visit, disclosure: Disclosure, reason: str | None) -> None:
    """The reading it opened ends in this instant; the record stays (R10.5). Raises ``AlreadyRevoked``."""
    disclosure.revoke(visit.now, visit.actor.user_id)
    visit.trail.changed(disclosure.subject, "revoked_at", reason=reason)
    await visit.tx.session.flush()
    await circles.revoke(visit.tx, disclosure.id)


async def listed(visit: Visit, query: schemas.DisclosureQuery) -> tuple[list[Row], int | None]:
    """One page, and the number when it is asked for; a protected child's only past the checkpoint (R2.5)."""
    protected_too = False
    if len(query.child_id) == 1:
        child = await people.facts(visit.tx, query.child_id[0])
        if child is not None:
            people.require_checkpoint(visit, child)
            protected_too = True
    frame = window(visit, query)
    rows = await repository.page_of(visit.tx, frame, protected_too=protected_too)
    if not query.include_total:
        return rows, None
    return rows, await repository.count(visit.tx, frame, protected_too=protected_too)


async def open_for_member(visit: Visit, case_id: UUID, child_id: UUID, unit_id: UUID, authority_id: UUID) -> list[Row]:
    """Open to a new member what consents and disclosures give it; the bases in force now (R3.2)."""
    bases = await consents.open_for_member(visit, case_id, child_id, unit_id, authority_id)
    for row in await repository.in_force(visit.tx, case_id, authority_id, visit.now):
        if row["to_unit_id"] == unit_id:
            await sharing.open_circles(
                visit, (case_id, child_id), "disclosure", row["id"],
                opened_categories(row["categories"], row["wheel_dimensions"]), row["created_at"], row["valid_to"],
                units=(unit_id,),
            )  # fmt: skip
            bases.append({**row, "basis": "disclosure"})
    return bases


async def has_basis(tx: Transaction, case_id: UUID, authority_id: UUID, at: datetime) -> bool:
    """Whether a consent or a disclosure in force at an instant lets the authority take part (R3.2)."""
    if await consents.has_basis(tx, case_id, authority_id, at):
        return True
    return bool(await repository.in_force(tx, case_id, authority_id, at))
