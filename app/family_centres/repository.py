"""Every query about family centres and their parts."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Date, and_, any_, bindparam, case, exists, func, null, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, SMALLINT, TEXT
from sqlalchemy.dialects.postgresql import UUID as UUIDS

from app.family_centres.models import CentrePart, CentreStatus, FamilyCentre
from app.kernel.circles import NOW
from app.kernel.db import AnySelect, Prepared, Row, Transaction, prepared
from app.kernel.paging import Shape, Window, keyset
from app.organisations.models import Authority, Unit, User

_TODAY = func.timezone("Europe/Stockholm", NOW).cast(Date)
_AGE = bindparam("age", type_=SMALLINT)


_IS_PART = and_(CentrePart.from_on <= _TODAY, or_(CentrePart.to_on.is_(None), CentrePart.to_on > _TODAY))
#: What was said holds on its last day, and as long as the centre is open.
_SAID = case(
    (
        and_(
            FamilyCentre.status == CentreStatus.OPEN.value,
            or_(FamilyCentre.capacity_until.is_(None), FamilyCentre.capacity_until >= _TODAY),
        ),
        FamilyCentre.capacity_answer,
    )
).label("capacity_answer")


def _of_centre(*conditions: Any) -> Any:
    return exists().where(CentrePart.centre_id == FamilyCentre.id, _IS_PART, *conditions)


def _among(column: Any, name: str) -> Any:
    return column == any_(bindparam(name, type_=ARRAY(TEXT)))


_FITS = _AGE.between(FamilyCentre.age_min, FamilyCentre.age_max)
_PART_FITS = _AGE.between(CentrePart.age_min, CentrePart.age_max)
_FILTERS: dict[str, Any] = {
    "municipality_code": _among(FamilyCentre.municipality_code, "municipality_code"),
    "kind": _among(FamilyCentre.kind, "kind"),
    "status": _among(FamilyCentre.status, "status"),
    "part": _of_centre(_among(CentrePart.type, "part")),
    "age": or_(_FITS, _of_centre(_PART_FITS)),
    "from_pregnancy": FamilyCentre.from_pregnancy == bindparam("from_pregnancy"),
    "takes_referrals": FamilyCentre.takes_referrals == bindparam("takes_referrals"),
}


def _centres() -> AnySelect:
    centre = FamilyCentre
    return (
        select(
            centre.id, centre.version, centre.kind, centre.status, centre.name, centre.municipality_code,
            centre.unit_id, Unit.name.label("unit_name"), Unit.authority_id, Authority.name.label("authority_name"),
            centre.address, centre.phone, centre.age_min, centre.age_max, centre.from_pregnancy, centre.agreement_ref,
            centre.agreement_on, centre.opening_hours, centre.closed_on_holidays, centre.takes_referrals,
            _SAID, centre.capacity_note, centre.capacity_until, centre.capacity_said_at,
            centre.capacity_said_by, User.name.label("capacity_said_by_name"), centre.opened_on, centre.closed_on,
            centre.closed_reason, centre.created_at,
        )
        .join(Unit, Unit.id == centre.unit_id)
        .join(Authority, Authority.id == Unit.authority_id)
        .outerjoin(User, User.id == centre.capacity_said_by)
    )  # fmt: skip


@prepared
def _list(shape: Shape) -> AnySelect:
    statement = _centres().where(*(_FILTERS[name] for name in sorted(shape.filters)))
    return keyset(statement, shape, FamilyCentre.id, FamilyCentre.id)


@prepared
def _count(filters: frozenset[str]) -> AnySelect:
    rows = select(FamilyCentre.id).where(*(_FILTERS[name] for name in sorted(filters)))
    return select(func.count().label("n")).select_from(rows.limit(10_000).subquery())


_ONE = Prepared(_centres().where(FamilyCentre.id == bindparam("centre_id")))


async def centres(tx: Transaction, window: Window) -> list[Row]:
    """One page of the centres."""
    return await tx.all(_list(window.shape), **window.values)


async def count(tx: Transaction, window: Window) -> int:
    """How many there are, at most 10,000."""
    row = await tx.one(_count(window.shape.filters), **window.values)
    return int(row["n"]) if row else 0


async def centre(tx: Transaction, centre_id: UUID) -> Row | None:
    """One centre."""
    return await tx.one(_ONE, centre_id=centre_id)


async def centre_record(tx: Transaction, centre_id: UUID) -> FamilyCentre | None:
    """The centre for a change, locked: parts and kind change one after the other."""
    return await tx.session.get(FamilyCentre, centre_id, with_for_update=True)


def _parts() -> AnySelect:
    part = CentrePart
    return (
        select(
            part.id, part.version, part.centre_id, part.type, part.name, part.unit_id, Unit.name.label("unit_name"),
            part.authority_id, Authority.name.label("authority_name"), part.co_located, part.age_min, part.age_max,
            part.from_on, part.to_on, FamilyCentre.unit_id.label("centre_unit_id"),
        )
        .join(FamilyCentre, FamilyCentre.id == part.centre_id)
        .join(Authority, Authority.id == part.authority_id)
        .outerjoin(Unit, Unit.id == part.unit_id)
    )  # fmt: skip


_PARTS = Prepared(
    _parts()
    .where(CentrePart.centre_id == any_(bindparam("centre_ids", type_=ARRAY(UUIDS))))
    .order_by(CentrePart.from_on, CentrePart.id)
)
_PART = Prepared(_parts().where(CentrePart.id == bindparam("part_id"), CentrePart.centre_id == bindparam("centre_id")))


async def parts(tx: Transaction, centre_ids: Sequence[UUID]) -> list[Row]:
    """Every part of these centres, also those that were; the earliest first."""
    return await tx.all(_PARTS, centre_ids=list(centre_ids))


async def part(tx: Transaction, centre_id: UUID, part_id: UUID) -> Row | None:
    """One part of a centre."""
    return await tx.one(_PART, centre_id=centre_id, part_id=part_id)


async def part_record(tx: Transaction, centre_id: UUID, part_id: UUID) -> CentrePart | None:
    """The part for a change, locked; its centre is locked before."""
    found = await tx.session.get(CentrePart, part_id, with_for_update=True)
    return found if found is not None and found.centre_id == centre_id else None


_NAMED = Prepared(
    select(CentrePart.id).where(
        CentrePart.centre_id == bindparam("centre_id"), CentrePart.type == bindparam("type"),
        CentrePart.name == bindparam("name"), CentrePart.to_on.is_(None), CentrePart.id != bindparam("part_id"),
    )
)  # fmt: skip


async def another(tx: Transaction, part: CentrePart) -> Row | None:
    """Another part of the centre that has this type and name and has not ended."""
    return await tx.one(_NAMED, centre_id=part.centre_id, type=part.type, name=part.name, part_id=part.id)


_TAKING = and_(
    FamilyCentre.status == CentreStatus.OPEN.value,
    FamilyCentre.takes_referrals,
    FamilyCentre.municipality_code == bindparam("municipality_code"),
)
_FITTING = Prepared(
    select(
        FamilyCentre.id.label("centre_id"), null().cast(UUIDS).label("part_id"), FamilyCentre.name,
        FamilyCentre.unit_id, Unit.authority_id, FamilyCentre.age_min, FamilyCentre.age_max, _SAID,
    )
    .join(Unit, Unit.id == FamilyCentre.unit_id)
    .where(_TAKING, _FITS)
    .union_all(
        select(
            CentrePart.centre_id, CentrePart.id, CentrePart.name, CentrePart.unit_id, CentrePart.authority_id,
            CentrePart.age_min, CentrePart.age_max, _SAID,
        )
        .join(FamilyCentre, FamilyCentre.id == CentrePart.centre_id)
        .where(_TAKING, _IS_PART, _PART_FITS)
    )
    .order_by("name", "centre_id")
)  # fmt: skip


async def fitting(tx: Transaction, municipality_code: str, age: int) -> list[Row]:
    """Open centres that take referrals, and their parts with limits of their own, where the limits hold an age."""
    return await tx.all(_FITTING, municipality_code=municipality_code, age=age)
