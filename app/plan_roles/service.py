"""Who is given a role in a plan, and whether those who have one belong together."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from app.cases import service as cases
from app.kernel.context import Visit
from app.organisations import service as organisations
from app.organisations.models import UnknownReference
from app.plan_roles.models import MainResponsibleElsewhere, PersonNotInCircle, PrincipalDoesNotFit

#: The roles of a plan, and the column that says in which unit somebody holds one.
_ROLES: Final = {
    "chair_id": None, "documenter_id": "documenter_unit_id", "main_responsible_id": "main_responsible_unit_id",
}  # fmt: skip
#: Columns that ``appoint`` writes.
PLACED: Final = frozenset(name for pair in _ROLES.items() for name in pair if name)
_OVERALL = ("overall_principal", "overall_authority_id")


async def appoint(visit: Visit, plan: Any, stated: Mapping[str, Any]) -> None:
    """Give the stated roles, to different people or to one (R7.6); each holder works in a unit of the circle.

    Raises ``PersonNotInCircle``, ``PrincipalDoesNotFit``, ``MainResponsibleElsewhere``, ``UnknownReference``.
    """
    before = plan.main_responsible_unit_id
    for role, place in _ROLES.items():
        if stated.keys().isdisjoint({role, place}):
            continue
        user_id = stated.get(role, getattr(plan, role))
        unit_id = await _unit_of(visit, plan, user_id, stated.get(place or "")) if user_id else None
        plan.apply({role: user_id} | ({place: unit_id} if place else {}))
    if before != plan.main_responsible_unit_id or not stated.keys().isdisjoint(_OVERALL):
        await _require_fitting(visit, plan)


async def _unit_of(visit: Visit, plan: Any, user_id: UUID, wanted: UUID | None) -> UUID:
    for row in await cases.circle_of(visit.tx, plan.case_id):
        unit_id: UUID = row["unit_id"]
        inside = row["left_at"] is None and wanted in (None, unit_id)
        if inside and await organisations.assignment_in(visit.tx, user_id, unit_id, visit.now):
            return unit_id
    raise PersonNotInCircle


async def _require_fitting(visit: Visit, plan: Any) -> None:
    """Authority, principal and main responsible belong together, as far as they are named (R7.10)."""
    if plan.overall_authority_id and await _principal(visit, plan.overall_authority_id) != plan.overall_principal:
        raise PrincipalDoesNotFit
    if plan.main_responsible_unit_id is None:
        return
    unit = await organisations.unit(visit.tx, plan.main_responsible_unit_id)
    works_for = unit["authority_id"] if unit else None
    if plan.overall_authority_id not in (None, works_for):
        raise MainResponsibleElsewhere
    if plan.overall_principal and plan.overall_principal != await _principal(visit, works_for):
        raise MainResponsibleElsewhere


async def _principal(visit: Visit, authority_id: UUID | None) -> str:
    authority = authority_id and await organisations.authority(visit.tx, authority_id)
    if not authority:
        raise UnknownReference(field="overallAuthorityId")
    return str(authority["organisation_kind"])
