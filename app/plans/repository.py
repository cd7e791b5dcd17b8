"""Every query about plans, and about the consents that they rest on."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, and_, any_, bindparam, case, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import aliased
from sqlalchemy.sql import text

from app.cases.models import Case
from app.consents.models import Consent, ConsentStatus
from app.kernel.circles import ME, NOW, CircleMember, open_to_me
from app.kernel.db import AnySelect, Prepared, Row, Transaction, prepared
from app.kernel.paging import Shape, Window, keyset
from app.organisations.models import Authority, Unit, User
from app.people.models import Child
from app.people.repository import my_checkpoint
from app.plans.models import ENDED, IN_FORCE, OPEN, REFUSED, RESTS_ON_CONSENT, Plan, PlanKind, PlanStatus

_GIVEN_NOW = and_(Consent.status == ConsentStatus.GIVEN.value, Consent.valid_from <= NOW, Consent.valid_to > NOW)


def _is(*statuses: PlanStatus) -> Any:
    return Plan.status == any_(literal([status.value for status in statuses], ARRAY(Text)))


def _standing(ids: Any) -> Any:
    """How these consents stand together at this instant; null when there are none."""
    refused = func.bool_or(Consent.status == ConsentStatus.REFUSED.value)
    together = case((refused, REFUSED), (func.bool_and(_GIVEN_NOW), IN_FORCE), (func.count() > text("0"), ENDED))
    return select(together.label("standing")).where(Consent.id == any_(ids))


_STANDING = _standing(Plan.consent_ids).scalar_subquery()
#: Time tells nobody: where a plan stands follows from its consents when it is read (decision 0007).
_EFFECTIVE: Any = case(
    (and_(_is(*RESTS_ON_CONSENT), _STANDING != IN_FORCE), PlanStatus.SUSPENDED.value),
    (
        and_(_is(PlanStatus.CONSENT_PENDING, PlanStatus.SUSPENDED), _STANDING == IN_FORCE),
        PlanStatus.CONSENTED.value,
    ),
    else_=Plan.status,
)
_STANDING_OF = Prepared(_standing(bindparam("ids", type_=ARRAY(Uuid()))))


async def standing(tx: Transaction, consent_ids: Sequence[UUID]) -> str | None:
    """How consents stand together now: ``IN_FORCE``, ``REFUSED``, ``ENDED`` (or not yet given), or there are none."""
    row = await tx.one(_STANDING_OF, ids=list(consent_ids))
    return row["standing"] if row else None


_CHAIR, _DOCUMENTER, _MAIN = aliased(User), aliased(User), aliased(User)
_OWNER, _INITIATOR, _MAIN_UNIT, _DOCUMENTER_UNIT = (aliased(Unit) for _ in range(4))
_LATER = aliased(Plan)
_UPGRADED_TO = (
    select(_LATER.id)
    .where(_LATER.upgraded_from_id == Plan.id)
    .order_by(_LATER.id.desc())
    .limit(literal(1))
    .scalar_subquery()
)


def _object(**columns: Any) -> Any:
    pairs = [part for name, value in columns.items() for part in (text(f"'{name}'"), value)]
    return func.jsonb_build_object(*pairs, type_=JSONB)


def _person(user: Any, unit: Any = None) -> Any:
    place = {} if unit is None else {"unit_id": unit.id, "unit_name": unit.name, "phone": unit.phone}
    return case((user.id.is_not(None), _object(user_id=user.id, name=user.name, **place)), else_=None)


def _rows() -> AnySelect:
    child = _object(
        id=Child.id, given_name=Child.given_name, family_name=Child.family_name, birth_date=Child.birth_date,
        protected=Child.protected_identity != "none",
    )  # fmt: skip
    return (
        select(
            *(column for column in Plan.__table__.columns if column.name != "status"),
            _EFFECTIVE.label("status"), Plan.status.label("stored_status"), child.label("child"), Case.case_number,
            Case.named_contact_id, Case.coordinator_id, Case.owner_unit_id.label("case_owner_unit_id"),
            Case.owner_authority_id.label("case_owner_authority_id"), Child.protected_identity,
            my_checkpoint(Child.id, Child.protected_identity).label("checkpoint_reason"),
            _OWNER.name.label("owner_unit_name"), _INITIATOR.name.label("initiator_unit_name"),
            Authority.name.label("overall_authority_name"), _person(_CHAIR).label("chair"),
            _person(_DOCUMENTER, _DOCUMENTER_UNIT).label("documenter"),
            _person(_MAIN, _MAIN_UNIT).label("main_responsible"), _UPGRADED_TO.label("upgraded_to_id"),
            open_to_me(Plan.case_id).label("grants"),
        )
        .select_from(Plan)
        .join(Case, Case.id == Plan.case_id)
        .join(Child, Child.id == Plan.child_id)
        .join(_OWNER, _OWNER.id == Plan.owner_unit_id)
        .outerjoin(_INITIATOR, _INITIATOR.id == Plan.initiator_unit_id)
        .outerjoin(Authority, Authority.id == Plan.overall_authority_id)
        .outerjoin(_CHAIR, _CHAIR.id == Plan.chair_id)
        .outerjoin(_DOCUMENTER, _DOCUMENTER.id == Plan.documenter_id)
        .outerjoin(_DOCUMENTER_UNIT, _DOCUMENTER_UNIT.id == Plan.documenter_unit_id)
        .outerjoin(_MAIN, _MAIN.id == Plan.main_responsible_id)
        .outerjoin(_MAIN_UNIT, _MAIN_UNIT.id == Plan.main_responsible_unit_id)
    )  # fmt: skip


_ONE = Prepared(_rows().where(Plan.id == bindparam("plan_id")))


async def one(tx: Transaction, plan_id: UUID) -> Row | None:
    """A plan as the caller may see it."""
    return await tx.one(_ONE, plan_id=plan_id)


_FILTERS: dict[str, Any] = {
    "case_id": Plan.case_id == any_(bindparam("case_id", type_=ARRAY(Uuid()))),
    "child_id": Plan.child_id == any_(bindparam("child_id", type_=ARRAY(Uuid()))),
    "kind": Plan.kind == any_(bindparam("kind", type_=ARRAY(Text))),
    "status": _EFFECTIVE.in_(select(func.unnest(bindparam("status", type_=ARRAY(Text))))),
    "updated_after": Plan.updated_at > bindparam("updated_after", type_=TIMESTAMP(timezone=True)),
}


def _mine(statement: AnySelect, filters: frozenset[str]) -> AnySelect:
    # From the circle's index, as cases are listed: a unit's own circles, not every row that the wall would try.
    statement = statement.join(CircleMember, CircleMember.circle_id == Plan.case_id)
    mine = (CircleMember.party_id == ME, CircleMember.left_at.is_(None), Child.protected_identity == "none")
    return statement.where(*mine, *(_FILTERS[name] for name in sorted(filters)))


@prepared
def _list(shape: Shape) -> AnySelect:
    return keyset(_mine(_rows(), shape.filters), shape, Plan.id, Plan.id)


@prepared
def _count(filters: frozenset[str]) -> AnySelect:
    rows = select(Plan.id).select_from(Plan).join(Child, Child.id == Plan.child_id)
    return select(func.count().label("n")).select_from(_mine(rows, filters).limit(literal(10_000)).subquery())


async def list_mine(tx: Transaction, window: Window) -> list[Row]:
    """One page of the plans in circles that the caller is in; protected children are left out (R2.5)."""
    return await tx.all(_list(window.shape), **window.values)


async def count_mine(tx: Transaction, window: Window) -> int:
    """How many there are, at most 10,000."""
    row = await tx.one(_count(window.shape.filters), **window.values)
    return int(row["n"]) if row else 0


async def record(tx: Transaction, plan_id: UUID) -> Plan | None:
    """The plan for a change, locked."""
    return await tx.session.get(Plan, plan_id, with_for_update=True)


async def resting_on(tx: Transaction, consent_ids: Sequence[UUID]) -> list[Plan]:
    """The plans that name one of these consents, locked."""
    found = select(Plan).where(Plan.consent_ids.overlap(list(consent_ids))).order_by(Plan.id).with_for_update()
    return list(await tx.session.scalars(found))


async def open_in(tx: Transaction, case_id: UUID) -> list[Plan]:
    """The plans of a case that are not over, locked."""
    found = select(Plan).where(Plan.case_id == case_id, Plan.status.in_([each.value for each in OPEN]))
    return list(await tx.session.scalars(found.order_by(Plan.id).with_for_update()))


_ACTIVE_SIP = Prepared(
    select(Plan.id).where(
        Plan.child_key == bindparam("child_key", type_=Uuid()),
        Plan.kind == PlanKind.SIP.value,
        _is(PlanStatus.ACTIVE, PlanStatus.CLOSING),
    )
)


async def has_active_sip(tx: Transaction, child_key: UUID) -> bool:
    """Whether the caller sees an active SIP of the child; of one that it does not see the unique index tells (R7.5)."""
    return await tx.one(_ACTIVE_SIP, child_key=child_key) is not None


_CONSENTS = Prepared(
    select(
        Consent.id, Consent.child_id, Consent.case_id, Consent.categories, Consent.receiving_authority_ids,
        _GIVEN_NOW.label("in_force"),
        or_(Consent.status == any_(literal(["withdrawn", "expired", "superseded"], ARRAY(Text))),
            Consent.valid_to <= NOW).label("over"),
    ).where(Consent.id == any_(bindparam("ids", type_=ARRAY(Uuid()))))
)  # fmt: skip


async def consents(tx: Transaction, consent_ids: Sequence[UUID]) -> list[Row]:
    """What a plan must know of consents: about whom, in which case, for whom, and whether they hold now."""
    return await tx.all(_CONSENTS, ids=list(consent_ids))


_CASE_AUTHORITY = Prepared(select(Case.owner_authority_id).where(Case.id == bindparam("case_id")))


async def authority_of_case(tx: Transaction, case_id: UUID) -> UUID | None:
    """The authority that owns a case now."""
    row = await tx.one(_CASE_AUTHORITY, case_id=case_id)
    return row["owner_authority_id"] if row else None
