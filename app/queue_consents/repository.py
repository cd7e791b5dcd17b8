"""Every query about the consents that places in the line rest on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, any_, bindparam, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP

from app.consents.models import Consent
from app.contact_groups.models import ContactGroup
from app.kernel.db import Prepared, Row, Transaction
from app.organisations.models import Unit
from app.people.models import Child
from app.places.models import IN_LINE, PlaceClaim
from app.queue_consents.models import HOPEFUL, QueueConsent

C, Q = PlaceClaim, QueueConsent


def _one_of(column: Any, codes: Sequence[str]) -> Any:
    return column == any_(literal_column("'{" + ",".join(codes) + "}'", ARRAY(Text)))


#: Whether a consent is there or may still come, for a select on ``QueueConsent``.
HOPES: Any = _one_of(Q.state, HOPEFUL)


def in_line() -> Any:
    """Whether somebody has no place yet and may get one, for a select on ``PlaceClaim``."""
    return _one_of(C.status, IN_LINE)


_CONSENT = Prepared(
    select(
        Consent.id, Consent.child_id, Child.person_key, Consent.categories, Consent.receiving_authority_ids,
        Consent.valid_from, Consent.valid_to, Consent.status,
    )
    .outerjoin(Child, Child.id == Consent.child_id)
    .where(Consent.id == bindparam("consent_id"))
)  # fmt: skip


async def consent(tx: Transaction, consent_id: UUID) -> Row | None:
    """A consent that the caller may see: about whom, to whom, for what, from and to."""
    return await tx.one(_CONSENT, consent_id=consent_id)


async def record(tx: Transaction, entry_id: UUID) -> QueueConsent | None:
    """On which consent an entry rests, locked."""
    return await tx.session.get(QueueConsent, entry_id, with_for_update=True)


_RESTING = Prepared(
    select(Q.entry_id, C.pool_id, Unit.authority_id)
    .join(C, C.id == Q.entry_id)
    .join(ContactGroup, ContactGroup.id == C.pool_id)
    .join(Unit, Unit.id == ContactGroup.unit_id)
    .where(Q.consent_id == any_(bindparam("consent_ids", type_=ARRAY(Uuid))))
    .order_by(C.pool_id, Q.entry_id)
)


async def resting_on(tx: Transaction, consent_ids: Sequence[UUID]) -> list[Row]:
    """What rests on these consents, seen or not, with the group's authority; group by group in one order."""
    return await tx.all(_RESTING, consent_ids=list(consent_ids))


_LAPSED = (
    select(Q.entry_id)
    .join(C, C.id == Q.entry_id)
    .where(HOPES, Q.valid_until <= bindparam("at", type_=TIMESTAMP(timezone=True)), in_line())
    .order_by(C.pool_id, Q.entry_id)
)
_ALL_LAPSED = Prepared(_LAPSED)
_LAPSED_IN = Prepared(_LAPSED.where(C.pool_id == bindparam("group_id")))


async def lapsed(tx: Transaction, at: datetime, group_id: UUID | None = None) -> list[UUID]:
    """Who is in line although the consent has ended: in one group or in all."""
    rows = await (tx.all(_ALL_LAPSED, at=at) if group_id is None else tx.all(_LAPSED_IN, at=at, group_id=group_id))
    return [row["entry_id"] for row in rows]
