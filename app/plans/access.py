"""How a request obtains a plan: to read as a row, to change as a record; and the case that a new one is about."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.cases import access as cases
from app.kernel.access import Visiting, admit, asks, bases, relations_to, require_version, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.people import service as people
from app.people.access import is_shielded_from
from app.permissions import Permission, Relation
from app.plans import repository, schemas, service
from app.plans.models import Plan

PlanId = Annotated[UUID, Path(alias="planId")]
_ROLES = {"main_responsible_id": Relation.MAIN_RESPONSIBLE_OF, "documenter_id": Relation.DOCUMENTER_OF}


def relations_of(visit: Visit, row: Row) -> frozenset[Relation]:
    """How the caller stands to a plan: to the unit that made it, to its case, and by a role in it."""
    made = relations_to(
        visit, row["owner_unit_id"], row["owner_authority_id"], row["grants"],
        named_contact_id=row["named_contact_id"], coordinator_id=row["coordinator_id"],
    )  # fmt: skip
    case = relations_to(visit, row["case_owner_unit_id"], row["case_owner_authority_id"])
    return made | case | {relation for role, relation in _ROLES.items() if row[role] == visit.actor.user_id}


def is_shielded(visit: Visit, row: Row) -> bool:
    """Whether what tells a place is left out: a protected child seen from another unit (R2.5)."""
    return is_shielded_from(visit, row, relations_of)


async def admitted(visit: Visit, plan_id: UUID, permission: Permission) -> Row:
    """The plan as the caller may see it, once the permission is held on it; the log has the look."""
    row = await repository.one(visit.tx, plan_id)
    if row is None:
        raise unseen(visit, Subject("plan", plan_id))
    subject = Subject("plan", plan_id, row["case_id"], row["child_id"], row["owner_authority_id"])
    admit(visit, permission, subject, relations_of(visit, row))
    people.require_checkpoint(visit, row)
    visit.trail.looked(subject, basis=bases(row))
    return row


def plan_row_for(permission: Permission) -> Any:
    """A plan to read."""

    async def load(plan_id: PlanId, visit: Visiting) -> Row:
        return await admitted(visit, plan_id, permission)

    return asks(permission, load)


def plan_for(permission: Permission) -> Any:
    """A plan to change, locked, at the version that the caller states, and settled with its consents."""

    async def load(plan_id: PlanId, visit: Visiting) -> Plan:
        await admitted(visit, plan_id, permission)
        plan = await service.record_of(visit.tx, plan_id)
        if plan is None:
            raise unseen(visit, Subject("plan", plan_id))
        require_version(visit, plan.version)
        await service.settle(visit, plan)
        return plan

    return asks(permission, load)


def case_of_new_plan(permission: Permission) -> Any:
    """The case that a new plan is about."""

    async def load(body: schemas.PlanCreate, visit: Visiting) -> Row:
        return await cases.admitted(visit, body.case_id, permission)

    return asks(permission, load)
