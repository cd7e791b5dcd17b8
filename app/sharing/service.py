"""How a circle is opened on a basis, and which circles that is."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.kernel import circles
from app.kernel.context import Visit
from app.sharing import repository
from app.sharing.models import CaseIsNotTheChilds


async def require_own_case(visit: Visit, case_id: UUID | None, child_id: UUID) -> None:
    """Raise ``CaseIsNotTheChilds`` unless there is no case, or it is about the child and of the caller's unit."""
    if case_id is not None and await repository.child_of_own_case(visit.tx, case_id) != child_id:
        raise CaseIsNotTheChilds


async def circles_around(visit: Visit, child_id: UUID, case_id: UUID | None) -> list[UUID]:
    """The child's circle and the case's; without a case, those of every case about the child that the caller sees."""
    cases = [case_id] if case_id else await repository.cases_of_child(visit.tx, child_id)
    return [child_id, *cases]


async def open_circles(
    visit: Visit,
    around: Sequence[UUID],
    basis: circles.Basis,
    basis_id: UUID,
    categories: Sequence[str],
    valid_from: datetime,
    valid_until: datetime,
    *,
    authorities: Sequence[UUID] = (),
    units: Sequence[UUID] = (),
) -> None:
    """Open categories to every member of these circles for these authorities or units, on one basis."""
    for row in await repository.receivers(visit.tx, around, authorities=authorities, units=units):
        await circles.grant(
            visit.tx, row["circle_id"], row["party_id"], categories,
            valid_from=valid_from, valid_until=valid_until, basis=basis, basis_id=basis_id,
        )  # fmt: skip
