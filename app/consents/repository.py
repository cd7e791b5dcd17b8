"""Every query about consents, and about whom a consent opens a circle to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Uuid, and_, any_, bindparam, case, exists, func, not_, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.sql import text

from app.consent_requirements.models import ConsentRoute
from app.consents.models import Consent, ConsentGiver, ConsentStatus, GiverAnswer
from app.kernel.circles import ME, NOW, open_to_me
from app.kernel.db import AnySelect, Prepared, Row, Transaction, prepared
from app.kernel.paging import Shape, Window, keyset
from app.organisations.models import Authority
from app.people.models import Child
from app.sharing.repository import about_case, steward_of

_ON = bindparam("at", type_=TIMESTAMP(timezone=True))
_GIVEN = Consent.status == ConsentStatus.GIVEN.value


def _object(**columns: Any) -> Any:
    pairs = [part for name, value in columns.items() for part in (text(f"'{name}'"), value)]
    return func.jsonb_build_object(*pairs)


def named_authorities(ids: Any) -> Any:
    """The receiving authorities with their names and sectors."""
    entry = _object(id=Authority.id, name=Authority.name, sector=Authority.sector)
    found = select(func.jsonb_agg(entry, type_=JSONB)).where(Authority.id == any_(ids))
    return found.scalar_subquery()


_GIVERS = (
    select(
        func.jsonb_agg(
            _object(
                id=ConsentGiver.id, kind=ConsentGiver.kind, guardianship_id=ConsentGiver.guardianship_id,
                answer=ConsentGiver.answer, given_how=ConsentGiver.given_how, answered_at=ConsentGiver.answered_at,
                recorded_by=ConsentGiver.recorded_by, exemption=ConsentGiver.exemption,
                exemption_reason=ConsentGiver.exemption_reason, decision_id=ConsentGiver.decision_id,
                deciding_authority_id=ConsentGiver.deciding_authority_id, withdrawn_at=ConsentGiver.withdrawn_at,
                oneself=func.coalesce(ConsentGiver.person_key == ME, text("false")),
            ),
            type_=JSONB,
        )
    )
    .where(ConsentGiver.consent_id == Consent.id)
    .scalar_subquery()
)  # fmt: skip
_STATUS = case((and_(_GIVEN, Consent.valid_to <= NOW), ConsentStatus.EXPIRED.value), else_=Consent.status)


def on_paper() -> Any:
    """The unit's own consent as one value, where everybody who was asked has given it; for a select on ``Consent``."""
    said = select(ConsentGiver.given_how).where(ConsentGiver.consent_id == Consent.id)
    last = said.order_by(ConsentGiver.answered_at.desc(), ConsentGiver.id).limit(1).scalar_subquery()
    answered_at = select(func.max(ConsentGiver.answered_at)).where(ConsentGiver.consent_id == Consent.id)
    otherwise = exists().where(ConsentGiver.consent_id == Consent.id, ConsentGiver.answer != GiverAnswer.GIVEN.value)
    in_force = and_(_GIVEN, Consent.valid_to > NOW, Consent.route == ConsentRoute.ALL_GIVERS.value)
    given = and_(in_force, Consent.owner_unit_id == ME, not_(otherwise))
    value = _object(
        purpose=Consent.purpose, categories=Consent.categories, valid_from=Consent.valid_from,
        valid_to=Consent.valid_to, given_how=last, answered_at=answered_at.scalar_subquery(),
        information=_object(
            text_version=Consent.information_version, language=Consent.information_language,
            interpreter=Consent.information_interpreter,
        ),
        confirmed_reason=Consent.confirmed_reason,
    )  # fmt: skip
    return case((given, value)).label("consent")


def _rows() -> AnySelect:
    return select(
        Consent.id, Consent.version, Consent.circle_id, Consent.child_id, Consent.case_id, Consent.kind,
        Consent.purpose, Consent.categories, Consent.wheel_dimensions, Consent.measure_type, Consent.valid_from,
        Consent.valid_to, _STATUS.label("status"),
        Consent.route, Consent.confirmed_reason, Consent.requested_by, Consent.requested_at, Consent.concluded_at,
        Consent.information_version, Consent.information_language, Consent.information_interpreter, Consent.maturity,
        Consent.maturity_by, Consent.maturity_at, Consent.supersedes_id, Consent.withdrawn_at, Consent.owner_unit_id,
        Consent.owner_authority_id, _GIVERS.label("givers"), Child.protected_identity,
        named_authorities(Consent.receiving_authority_ids).label("receiving_authorities"),
        steward_of(Consent.circle_id).label("steward_id"), open_to_me(Consent.circle_id).label("grants"),
    ).outerjoin(Child, Child.id == Consent.child_id)  # fmt: skip


_ONE = Prepared(_rows().where(Consent.id == bindparam("consent_id")))
_FILTERS: dict[str, Any] = {
    "child_id": Consent.child_id == any_(bindparam("child_id", type_=ARRAY(Uuid()))),
    "case_id": Consent.case_id == any_(bindparam("case_id", type_=ARRAY(Uuid()))),
    "status": _STATUS.in_(select(func.unnest(bindparam("status", type_=ARRAY(Consent.status.type))))),
}


@prepared
def _list(shape: Shape) -> AnySelect:
    return keyset(_listed(_rows(), shape.filters), shape, Consent.id, Consent.id)


@prepared
def _count(filters: frozenset[str]) -> AnySelect:
    rows = select(Consent.id).outerjoin(Child, Child.id == Consent.child_id)
    return select(func.count().label("n")).select_from(_listed(rows, filters).limit(10_000).subquery())


def _listed(statement: AnySelect, filters: frozenset[str]) -> AnySelect:
    # Somebody protected stands in no list (R2.5) but the family's own, or one about that child past its checkpoint.
    listed = or_(Child.protected_identity == "none", bindparam("protected_too", type_=Boolean))
    return statement.where(listed, *(_FILTERS[name] for name in sorted(filters)))


async def one(tx: Transaction, consent_id: UUID) -> Row | None:
    """A consent as the caller may see it."""
    return await tx.one(_ONE, consent_id=consent_id)


async def page_of(tx: Transaction, window: Window, *, protected_too: bool) -> list[Row]:
    """One page of the consents that the caller may see."""
    return await tx.all(_list(window.shape), **window.values, protected_too=protected_too)


async def count(tx: Transaction, window: Window, *, protected_too: bool) -> int:
    """How many there are, at most 10,000."""
    row = await tx.one(_count(window.shape.filters), **window.values, protected_too=protected_too)
    return int(row["n"]) if row else 0


async def record(tx: Transaction, consent_id: UUID) -> Consent | None:
    """The consent for a change, locked."""
    return await tx.session.get(Consent, consent_id, with_for_update=True)


async def givers_of(tx: Transaction, consent_id: UUID) -> list[ConsentGiver]:
    """Its givers, locked, for a change."""
    found = select(ConsentGiver).where(ConsentGiver.consent_id == consent_id).order_by(ConsentGiver.id)
    return list(await tx.session.scalars(found.with_for_update()))


_SECTORS = Prepared(
    select(Authority.id, Authority.sector).where(Authority.id == any_(bindparam("ids", type_=ARRAY(Uuid()))))
)


async def sectors(tx: Transaction, authority_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The sector of each authority that exists."""
    return {row["id"]: row["sector"] for row in await tx.all(_SECTORS, ids=list(authority_ids))}


_NAMING = Prepared(
    select(Consent.id, Consent.categories, Consent.wheel_dimensions, Consent.valid_from, Consent.valid_to)
    .where(
        about_case(Consent.case_id, Consent.child_id),
        _GIVEN,
        Consent.valid_to > _ON,
        bindparam("authority_id", type_=Uuid()) == any_(Consent.receiving_authority_ids),
    )
    .order_by(Consent.valid_to)
)


async def naming(tx: Transaction, case_id: UUID, authority_id: UUID, at: datetime) -> list[Row]:
    """The given consents of a case, or of its child alone, that name an authority and have not ended."""
    return await tx.all(_NAMING, case_id=case_id, authority_id=authority_id, at=at)
