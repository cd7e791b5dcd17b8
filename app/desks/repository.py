"""Every query about coordination desks."""

from uuid import UUID

from sqlalchemy import any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.desks.models import CoordinationDesk, DeskStaff
from app.kernel.db import AnySelect, Prepared, Row, Transaction, prepared
from app.kernel.paging import Shape, Window, keyset
from app.organisations.models import Unit, User

_FILTERS = {
    "municipality_code": CoordinationDesk.municipality_code
    == any_(bindparam("municipality_code", type_=ARRAY(CoordinationDesk.municipality_code.type))),
    "unit_id": CoordinationDesk.unit_id == any_(bindparam("unit_id", type_=ARRAY(CoordinationDesk.unit_id.type))),
}


def _desks() -> AnySelect:
    return (
        select(
            CoordinationDesk.id, CoordinationDesk.version, CoordinationDesk.unit_id, Unit.name.label("unit_name"),
            Unit.authority_id, CoordinationDesk.municipality_code, CoordinationDesk.name,
            CoordinationDesk.function_address, CoordinationDesk.phone, CoordinationDesk.email,
            CoordinationDesk.lead_user_id, User.name.label("lead_name"), CoordinationDesk.opening_hours,
            CoordinationDesk.closed_on_holidays, CoordinationDesk.note,
        )
        .join(Unit, Unit.id == CoordinationDesk.unit_id)
        .join(User, User.id == CoordinationDesk.lead_user_id)
    )  # fmt: skip


@prepared
def _list(shape: Shape) -> AnySelect:
    statement = _desks().where(*(_FILTERS[name] for name in sorted(shape.filters)))
    return keyset(statement, shape, CoordinationDesk.id, CoordinationDesk.id)


async def desks(tx: Transaction, window: Window) -> list[Row]:
    """One page of the desks."""
    return await tx.all(_list(window.shape), **window.values)


_ONE = Prepared(_desks().where(CoordinationDesk.id == bindparam("desk_id")))
_OF_UNIT = Prepared(_desks().where(CoordinationDesk.unit_id == bindparam("unit_id")))
_OF_MUNICIPALITY = Prepared(
    _desks().where(CoordinationDesk.municipality_code == bindparam("municipality_code")).order_by(CoordinationDesk.id)
)


async def desk(tx: Transaction, desk_id: UUID) -> Row | None:
    """One desk."""
    return await tx.one(_ONE, desk_id=desk_id)


async def desk_of_unit(tx: Transaction, unit_id: UUID) -> Row | None:
    """A unit's desk."""
    return await tx.one(_OF_UNIT, unit_id=unit_id)


async def desk_of_municipality(tx: Transaction, municipality_code: str) -> Row | None:
    """A municipality's desk, the oldest where there are several."""
    return await tx.one(_OF_MUNICIPALITY, municipality_code=municipality_code)


async def desk_record(tx: Transaction, desk_id: UUID) -> CoordinationDesk | None:
    """The desk for a change, locked."""
    return await tx.session.get(CoordinationDesk, desk_id, with_for_update=True)


def _staff() -> AnySelect:
    return select(
        DeskStaff.id, DeskStaff.desk_id, DeskStaff.user_id, User.name, DeskStaff.from_at, DeskStaff.to_at
    ).join(User, User.id == DeskStaff.user_id)  # fmt: skip


_STAFF = Prepared(_staff().where(DeskStaff.desk_id == bindparam("desk_id")).order_by(DeskStaff.from_at, DeskStaff.id))
_STAFF_MEMBER = Prepared(_staff().where(DeskStaff.id == bindparam("staff_id")))


async def staff(tx: Transaction, desk_id: UUID) -> list[Row]:
    """Who answers at a desk, and who did, the earliest first."""
    return await tx.all(_STAFF, desk_id=desk_id)


async def staff_member(tx: Transaction, staff_id: UUID) -> Row | None:
    """One person's time on a desk's staff."""
    return await tx.one(_STAFF_MEMBER, staff_id=staff_id)


async def staff_record(tx: Transaction, desk_id: UUID, user_id: UUID) -> DeskStaff | None:
    """The present time of somebody on a desk's staff for a change, locked."""
    present = select(DeskStaff).where(
        DeskStaff.desk_id == desk_id, DeskStaff.user_id == user_id, DeskStaff.to_at.is_(None)
    )
    found: DeskStaff | None = await tx.session.scalar(present.with_for_update())
    return found
