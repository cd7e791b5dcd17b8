"""Every query about referrals."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, and_, any_, bindparam, case, func, literal_column, not_, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from app.centre_referrals.labels import ReferralDirection
from app.centre_referrals.models import (
    UNDER_WAY,
    Referral,
    ReferralDetails,
    ReferralOutcome,
    ReferralStatus,
    ReferralStep,
)
from app.consents.models import Consent
from app.consents.repository import on_paper
from app.family_centres.models import CentrePart, FamilyCentre
from app.kernel.circles import ME, NOW, CircleMember, open_to_me
from app.kernel.db import AnySelect, Prepared, Row, Transaction, prepared
from app.kernel.paging import Shape, Window, keyset
from app.organisations.models import Unit
from app.people.models import Child
from app.people.repository import IN_LINES, MAY_STAND_IN_LINES, my_checkpoint

R = Referral
_FROM, _RECEIVER, _EARLIER, _TO = aliased(Unit), aliased(Unit), aliased(Unit), aliased(Unit)
_ACTOR: Any = literal_column("(select wall.actor())", Uuid())


def _code(status: ReferralStatus) -> Any:
    return literal_column(f"'{status.value}'", R.status.type)


_under_way = or_(*(R.status == _code(status) for status in UNDER_WAY))
# With its consent a referral is over, in every answer and without any job (R4.7).
_status = case((and_(_under_way, R.open_until <= NOW), _code(ReferralStatus.WITHDRAWN)), else_=R.status)
_overdue = and_(
    _status == _code(ReferralStatus.SENT), func.coalesce(R.acknowledge_due_at <= NOW, literal_column("false"))
)
_protection = func.coalesce(Child.protected_identity, literal_column("'none'"))

_CORE = (
    R.id, R.version, _status.label("status"), R.sender_kind, R.from_unit_id, _FROM.name.label("from_unit_name"),
    R.centre_id, FamilyCentre.name.label("centre_name"), R.part_id, CentrePart.name.label("part_name"),
    R.receiver_unit_id, _RECEIVER.name.label("receiver_unit_name"), R.child_given_name, R.age_years, R.kind_of_need,
    R.urgency, R.private, R.shielded, R.sent_at, R.acknowledge_due_at, _overdue.label("acknowledge_overdue"),
    R.booked_for, R.owner_unit_id, R.owner_authority_id, R.created_by, Child.id.label("child_id"),
    _protection.label("protected_identity"), open_to_me(R.id).label("grants"),
)  # fmt: skip


def _joined(statement: AnySelect) -> AnySelect:
    # The wall hides a child that the caller may not see: then it is not there.
    return (
        statement.join(_RECEIVER, _RECEIVER.id == R.receiver_unit_id)
        .outerjoin(_FROM, _FROM.id == R.from_unit_id)
        .outerjoin(FamilyCentre, FamilyCentre.id == R.centre_id)
        .outerjoin(CentrePart, CentrePart.id == R.part_id)
        .outerjoin(Child, Child.id == R.child_id)
    )


# What a family member hands in belongs to its receiver at once: there the wall alone would show why before acceptance.
_MAY_READ_WHY = and_(
    ReferralDetails.referral_id == R.id, or_(ReferralDetails.opened, R.receiver_unit_id != ME, R.from_unit_id == ME)
)
_ONE = Prepared(
    _joined(
        select(
            *_CORE, R.consent_id, R.feedback_allowed, R.requested_at, R.received_at, R.accepted_at, R.started_at,
            R.completed_at, R.open_until, _EARLIER.name.label("redirected_from_unit_name"),
            my_checkpoint(Child.id, _protection).label("checkpoint_reason"),
            ReferralDetails.id.label("details_id"), ReferralDetails.reason, ReferralDetails.wishes,
            ReferralDetails.contact,
        ).select_from(R)
    )
    .outerjoin(_EARLIER, _EARLIER.id == R.redirected_from_unit_id)
    .outerjoin(ReferralDetails, _MAY_READ_WHY)
    .where(R.id == bindparam("referral_id"))
)  # fmt: skip
_STEPS = Prepared(
    select(
        ReferralStep.deed, ReferralStep.status, ReferralStep.text, ReferralStep.capacity_answer, ReferralStep.unit_id,
        Unit.name.label("unit_name"), _TO.name.label("to_unit_name"), ReferralStep.taken_at,
        (ReferralStep.unit_id == ME).label("own"),
    )
    .outerjoin(Unit, Unit.id == ReferralStep.unit_id)
    .outerjoin(_TO, _TO.id == ReferralStep.to_unit_id)
    .where(ReferralStep.referral_id == bindparam("referral_id"))
    .order_by(ReferralStep.taken_at, ReferralStep.id)
)  # fmt: skip
_OUTCOMES = Prepared(
    select(ReferralOutcome.outcome, ReferralOutcome.text, ReferralOutcome.shared, ReferralOutcome.recorded_at)
    .where(ReferralOutcome.referral_id == bindparam("referral_id"))
    .order_by(ReferralOutcome.id)
)


async def one(tx: Transaction, referral_id: UUID) -> Row | None:
    """A referral as the caller may see it, with its steps and outcomes."""
    row = await tx.one(_ONE, referral_id=referral_id)
    if row is None:
        return None
    steps = await tx.all(_STEPS, referral_id=referral_id)
    return {**row, "steps": steps, "outcomes": await tx.all(_OUTCOMES, referral_id=referral_id)}


_FILTERS = {
    "status": _status == any_(bindparam("status", type_=ARRAY(R.status.type))),
    "urgency": R.urgency == any_(bindparam("urgency", type_=ARRAY(R.urgency.type))),
    "centre_id": R.centre_id == any_(bindparam("centre_id", type_=ARRAY(Uuid()))),
    "child_id": R.child_id == any_(bindparam("child_id", type_=ARRAY(Uuid()))),
}
_UNITS = {
    ReferralDirection.SENT: R.from_unit_id == ME,
    ReferralDirection.RECEIVED: R.receiver_unit_id == ME,
    None: or_(R.from_unit_id == ME, R.receiver_unit_id == ME),
}
_FAMILYS: dict[ReferralDirection | None, Any] = {
    ReferralDirection.SENT: R.created_by == _ACTOR,
    ReferralDirection.RECEIVED: R.created_by != _ACTOR,
    None: literal_column("true"),
}


def _listed(statement: AnySelect, filters: frozenset[str], direction: ReferralDirection | None, family: bool) -> Any:
    if family:
        rows = (
            statement.select_from(CircleMember)
            .join(R, R.id == CircleMember.circle_id)
            .where(CircleMember.party_id == ME, CircleMember.left_at.is_(None), _FAMILYS[direction])
        )
    else:
        # Professionals are not shown a protected child's referral in a list (R2.5).
        open_child = and_(not_(R.shielded), _protection == literal_column("'none'"))
        rows = statement.select_from(R).where(_UNITS[direction], open_child)
    return _joined(rows).where(*(_FILTERS[name] for name in sorted(filters & _FILTERS.keys())))


@prepared
def _list(shape: Shape, direction: ReferralDirection | None, family: bool) -> AnySelect:
    listed: AnySelect = _listed(select(*_CORE), shape.filters, direction, family)
    return keyset(listed, shape, R.id, R.id)


@prepared
def _count(filters: frozenset[str], direction: ReferralDirection | None, family: bool) -> AnySelect:
    rows = _listed(select(R.id), filters, direction, family)
    return select(func.count().label("n")).select_from(rows.limit(literal_column("10000")).subquery())


async def page_of(tx: Transaction, window: Window, *, direction: ReferralDirection | None, family: bool) -> list[Row]:
    """One page of the referrals that the caller, a unit or one of the family, has sent or received."""
    return await tx.all(_list(window.shape, direction, family), **window.values)


async def count(tx: Transaction, window: Window, *, direction: ReferralDirection | None, family: bool) -> int:
    """How many there are, at most 10,000."""
    row = await tx.one(_count(window.shape.filters, direction, family), **window.values)
    return int(row["n"]) if row else 0


_LINE = (
    R.id, R.child_id, R.owner_authority_id, R.private, _status.label("status"), R.centre_id, R.part_id,
    R.redirected_from_unit_id, R.kind_of_need, R.urgency, R.consent_id, R.feedback_allowed, ReferralDetails.reason,
    ReferralDetails.wishes, ReferralDetails.contact, on_paper(), *IN_LINES,
)  # fmt: skip


def _line_rows() -> AnySelect:
    return (
        select(*_LINE)
        .select_from(R)
        .join(ReferralDetails, ReferralDetails.referral_id == R.id)
        .outerjoin(Child, Child.id == R.child_id)
        .outerjoin(Consent, Consent.id == R.consent_id)
    )


_LINE_FILTERS = {"municipality_code": R.municipality_code == bindparam("municipality_code", type_=Text)}
_goes_on = or_(*(_status == _code(status) for status in (ReferralStatus.DRAFT, *UNDER_WAY)))
_ONE_LINE = Prepared(_line_rows().where(R.id == bindparam("referral_id")))


@prepared
def _lines(shape: Shape) -> AnySelect:
    own = _line_rows().where(
        R.from_unit_id == ME, Child.owner_unit_id == ME, R.centre_id.is_not(None), _goes_on, MAY_STAND_IN_LINES,
        *(_LINE_FILTERS[name] for name in sorted(shape.filters)),
    )  # fmt: skip
    return keyset(own, shape, R.id, R.id)


async def lines(tx: Transaction, window: Window, *, protected_too: bool) -> list[Row]:
    """The next referrals of the unit's own children to centres, drafts and those under way, by their ids."""
    return await tx.all(_lines(window.shape), **window.values, protected_too=protected_too)


async def line_with(tx: Transaction, referral_id: UUID) -> Row | None:
    """What a line would say of one of the unit's own referrals, wherever it stands."""
    return await tx.one(_ONE_LINE, referral_id=referral_id)


async def record(tx: Transaction, referral_id: UUID) -> Referral | None:
    """The referral for a change, locked."""
    return await tx.session.get(Referral, referral_id, with_for_update=True)


async def details_record(tx: Transaction, referral_id: UUID) -> ReferralDetails | None:
    """Why, for a change, locked."""
    found: ReferralDetails | None = await tx.session.scalar(
        select(ReferralDetails).where(ReferralDetails.referral_id == referral_id).with_for_update()
    )
    return found


async def resting_on(tx: Transaction, consent_id: UUID) -> Sequence[Referral]:
    """The referrals on their way or under way that rest on a consent, as far as the caller is in them, locked."""
    statement = select(Referral).where(Referral.consent_id == consent_id, Referral.status.in_(UNDER_WAY))
    return (await tx.session.scalars(statement.with_for_update())).all()


async def end_resting_on(tx: Transaction, consent_id: UUID) -> list[Row]:
    """End every referral that rests on a consent that is over; ``referral_id`` and ``controller_id`` of each."""
    return await tx.rows("select * from wall.end_referrals(%s)", [consent_id])


async def let_guardians_in(tx: Transaction, referral_id: UUID, child_id: UUID) -> None:
    """The guardians read what the child in person has handed in, as long as the law lets them."""
    await tx.rows("select wall.let_guardians_in(%s, %s)", [referral_id, child_id])


_CONSENT = Prepared(
    select(Consent.valid_to, Consent.receiving_authority_ids).where(Consent.id == bindparam("consent_id"))
)


async def consent(tx: Transaction, consent_id: UUID) -> Row | None:
    """Until when a consent holds, and for whom."""
    return await tx.one(_CONSENT, consent_id=consent_id)
