"""Every query about disclosures."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Uuid, and_, any_, bindparam, case, exists, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP

from app.consents.models import Consent, ConsentStatus
from app.disclosures.models import Disclosure, DisclosureBasis, DisclosureChannel
from app.kernel.circles import NOW, open_to_me
from app.kernel.db import AnySelect, Prepared, Row, Transaction, prepared
from app.kernel.paging import Shape, Window, keyset
from app.organisations.models import Unit
from app.people.models import Child
from app.sharing.repository import about_case, steward_of

_CONSENTED = exists().where(
    Consent.id == Disclosure.consent_id,
    Consent.status == ConsentStatus.GIVEN.value,
    Consent.valid_from <= NOW,
    Consent.valid_to > NOW,
)
_READABLE = and_(Disclosure.channel == DisclosureChannel.PORTAL.value, Disclosure.revoked_at.is_(None))
_OPEN = and_(
    _READABLE,
    case(
        (Disclosure.basis == DisclosureBasis.CONSENT.value, _CONSENTED),
        else_=func.coalesce(Disclosure.valid_to > NOW, False),
    ),
)
_PENDING = and_(Disclosure.basis == DisclosureBasis.EMERGENCY.value, Disclosure.completed_at.is_(None))


def _rows() -> AnySelect:
    return select(
        Disclosure.id, Disclosure.version, Disclosure.circle_id, Disclosure.child_id, Disclosure.case_id,
        Disclosure.owner_unit_id, Disclosure.owner_authority_id, Disclosure.to_unit_id, Disclosure.to_authority_id,
        Unit.name.label("to_unit_name"), Disclosure.categories, Disclosure.wheel_dimensions, Disclosure.object_refs,
        Disclosure.basis, Disclosure.consent_id, Disclosure.legal_reason, Disclosure.necessity, Disclosure.harm_test_by,
        Disclosure.harm_test_result, Disclosure.decided_by, Disclosure.decided_at, Disclosure.channel,
        Disclosure.informed, Disclosure.informed_reason, Disclosure.valid_to, Disclosure.needs_review,
        Disclosure.completed_at, Disclosure.revoked_at, Disclosure.created_at, _OPEN.label("open"),
        _PENDING.label("reason_pending"), Child.protected_identity,
        steward_of(Disclosure.circle_id).label("steward_id"), open_to_me(Disclosure.circle_id).label("grants"),
    ).join(Unit, Unit.id == Disclosure.to_unit_id).outerjoin(Child, Child.id == Disclosure.child_id)  # fmt: skip


_ONE = Prepared(_rows().where(Disclosure.id == bindparam("disclosure_id")))
_FILTERS: dict[str, Any] = {
    "child_id": Disclosure.child_id == any_(bindparam("child_id", type_=ARRAY(Uuid()))),
    "case_id": Disclosure.case_id == any_(bindparam("case_id", type_=ARRAY(Uuid()))),
    "to_unit_id": Disclosure.to_unit_id == any_(bindparam("to_unit_id", type_=ARRAY(Uuid()))),
    "basis": Disclosure.basis == any_(bindparam("basis", type_=ARRAY(Disclosure.basis.type))),
    "needs_review": Disclosure.needs_review == bindparam("needs_review", type_=Boolean),
}


@prepared
def _list(shape: Shape) -> AnySelect:
    return keyset(_listed(_rows(), shape.filters), shape, Disclosure.id, Disclosure.id)


@prepared
def _count(filters: frozenset[str]) -> AnySelect:
    rows = select(Disclosure.id).outerjoin(Child, Child.id == Disclosure.child_id)
    return select(func.count().label("n")).select_from(_listed(rows, filters).limit(10_000).subquery())


def _listed(statement: AnySelect, filters: frozenset[str]) -> AnySelect:
    # Somebody protected stands in no list (R2.5) but one about that child, past its checkpoint.
    listed = or_(Child.protected_identity == "none", bindparam("protected_too", type_=Boolean))
    return statement.where(listed, *(_FILTERS[name] for name in sorted(filters)))


async def one(tx: Transaction, disclosure_id: UUID) -> Row | None:
    """A disclosure as the caller may see it."""
    return await tx.one(_ONE, disclosure_id=disclosure_id)


async def page_of(tx: Transaction, window: Window, *, protected_too: bool) -> list[Row]:
    """One page of the disclosures that the caller may see."""
    return await tx.all(_list(window.shape), **window.values, protected_too=protected_too)


async def count(tx: Transaction, window: Window, *, protected_too: bool) -> int:
    """How many there are, at most 10,000."""
    row = await tx.one(_count(window.shape.filters), **window.values, protected_too=protected_too)
    return int(row["n"]) if row else 0


async def record(tx: Transaction, disclosure_id: UUID) -> Disclosure | None:
    """The disclosure for a change, locked."""
    return await tx.session.get(Disclosure, disclosure_id, with_for_update=True)


_IN_FORCE = Prepared(
    select(
        Disclosure.id,
        Disclosure.to_unit_id,
        Disclosure.categories,
        Disclosure.wheel_dimensions,
        Disclosure.created_at,
        Disclosure.valid_to,
    )
    .where(
        about_case(Disclosure.case_id, Disclosure.child_id),
        _READABLE,
        Disclosure.basis != DisclosureBasis.CONSENT.value,
        Disclosure.to_authority_id == bindparam("authority_id"),
        Disclosure.valid_to > bindparam("at", type_=TIMESTAMP(timezone=True)),
    )
    .order_by(Disclosure.valid_to)
)


async def in_force(tx: Transaction, case_id: UUID, authority_id: UUID, at: datetime) -> list[Row]:
    """The disclosures of a case, or of its child alone, by which an authority may read at an instant."""
    return await tx.all(_IN_FORCE, case_id=case_id, authority_id=authority_id, at=at)
