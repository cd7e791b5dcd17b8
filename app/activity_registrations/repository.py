"""Every query about registrations to activities."""

from uuid import UUID

from sqlalchemy import Text, Uuid, and_, any_, bindparam, case, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql import ColumnElement

from app.activities.models import Activity
from app.activity_registrations.models import BY_CLAIM, ActivityRegistration, RegistrationStatus
from app.kernel.circles import ME, NOW, CircleMember, open_to_me
from app.kernel.db import AnySelect, Prepared, Row, Transaction, prepared
from app.kernel.paging import Shape, Window, keyset
from app.places.models import LIVE, OfferStatus, PlaceClaim, PlaceOffer, PlacePool
from app.places.repository import COUNTS, EFFECTIVE_STATUS, RANK

R, S = ActivityRegistration, RegistrationStatus

_STATUS: ColumnElement[str] = case(
    {claim.value: status.value for claim, status in BY_CLAIM.items()}, value=EFFECTIVE_STATUS
)
_LENGTH = next(count.element for count in COUNTS if count.name == "waiting")
_OFFERED_UNTIL = (
    select(PlaceOffer.expires_at)
    .where(PlaceOffer.claim_id == R.id, PlaceOffer.status == OfferStatus.OPEN.value, PlaceOffer.expires_at > NOW)
    .scalar_subquery()
)
_COLUMNS = (
    R.id, PlaceClaim.version, R.activity_id, Activity.title_sv, Activity.title_en, Activity.starts_at,
    Activity.ends_at, Activity.place, Activity.cancel_reason, _STATUS.label("status"), RANK.label("rank"),
    case((PlaceClaim.status == S.WAITING.value, _LENGTH), else_=None).label("waiting"),
    _OFFERED_UNTIL.label("offer_expires_at"), (Activity.starts_at <= NOW).label("begun"), R.registered_kind,
    R.created_at, R.owner_unit_id, R.owner_authority_id, open_to_me(R.id).label("grants"),
)  # fmt: skip


def _joined(statement: AnySelect) -> AnySelect:
    return (
        statement.join(PlaceClaim, PlaceClaim.id == R.id)
        .join(PlacePool, PlacePool.id == PlaceClaim.pool_id)
        .join(Activity, Activity.id == R.activity_id)
    )


_ALL = _joined(select(*_COLUMNS).select_from(R))
_ONE = Prepared(_ALL.where(R.id == bindparam("registration_id")))
_BY_CODE = Prepared(_ALL.where(R.code_hash == bindparam("code_hash")))
_LIVE = Prepared(
    _ALL.where(
        R.activity_id == bindparam("activity_id"), or_(*(PlaceClaim.status == status.value for status in LIVE))
    ).order_by(R.id)
)  # fmt: skip


async def one(tx: Transaction, registration_id: UUID) -> Row | None:
    """A registration as it stands now."""
    return await tx.one(_ONE, registration_id=registration_id)


async def by_code(tx: Transaction, code_hash: str) -> Row | None:
    """The registration that somebody knows the booking code of."""
    return await tx.one(_BY_CODE, code_hash=code_hash)


async def live(tx: Transaction, activity_id: UUID) -> list[Row]:
    """Those of an activity that wait, are offered a place or have one."""
    return await tx.all(_LIVE, activity_id=activity_id)


_HELD = Prepared(
    select(PlaceClaim.id).where(
        PlaceClaim.pool_id == bindparam("activity_id"), PlaceClaim.holder == bindparam("holder"),
        or_(*(PlaceClaim.status == status.value for status in LIVE)),
    )
)  # fmt: skip


async def holds(tx: Transaction, activity_id: UUID, holder: UUID) -> bool:
    """Whether somebody, by what the claim remembers of them, has a place or a place in the line."""
    return await tx.one(_HELD, activity_id=activity_id, holder=holder) is not None


_FILTERS = {
    "activity_id": R.activity_id == any_(bindparam("activity_id", type_=ARRAY(Uuid()))),
    "status": any_(bindparam("status", type_=ARRAY(Text))) == _STATUS,
}


def _listed(columns: AnySelect, filters: frozenset[str], sent: bool) -> AnySelect:
    if sent:
        made = and_(CircleMember.party_id == ME, CircleMember.left_at.is_(None), CircleMember.standing != "owner")
        statement = columns.select_from(CircleMember).join(R, R.id == CircleMember.circle_id).where(made)
    else:
        statement = columns.select_from(R).where(R.owner_unit_id == ME)
    return _joined(statement).where(*(_FILTERS[name] for name in sorted(filters & _FILTERS.keys())))


@prepared
def _list(shape: Shape, sent: bool) -> AnySelect:
    return keyset(_listed(select(*_COLUMNS), shape.filters, sent), shape, R.id, R.id)


@prepared
def _count(filters: frozenset[str], sent: bool) -> AnySelect:
    rows = _listed(select(R.id), filters, sent).limit(literal_column("10000"))
    return select(func.count().label("n")).select_from(rows.subquery())


async def page_of(tx: Transaction, window: Window, *, sent: bool) -> list[Row]:
    """One page of registrations to the unit's own activities, or of those that the caller has made."""
    return await tx.all(_list(window.shape, sent), **window.values)


async def count(tx: Transaction, window: Window, *, sent: bool) -> int:
    """How many there are, at most 10,000."""
    row = await tx.one(_count(window.shape.filters, sent), **window.values)
    return int(row["n"]) if row else 0
