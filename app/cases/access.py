"""How a request obtains a case: to read as a row, to change as a record, or only its log."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.cases import repository
from app.cases.models import Case
from app.kernel.access import Visiting, admit, asks, bases, relations_to, require_version, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.people import service as people
from app.people.access import is_shielded_from
from app.permissions import Permission, Relation, may

CaseId = Annotated[UUID, Path(alias="caseId")]


def relations_of(visit: Visit, row: Row) -> frozenset[Relation]:
    """How the caller stands to a case."""
    return relations_to(
        visit,
        row["owner_unit_id"],
        row["owner_authority_id"],
        row["grants"],
        named_contact_id=row["named_contact_id"],
        coordinator_id=row["coordinator_id"],
    )


def is_shielded(visit: Visit, row: Row) -> bool:
    """Whether names of units, which tell a place, are left out: a protected child seen from another unit (R2.5)."""
    return is_shielded_from(visit, row, relations_of)


async def admitted(visit: Visit, case_id: UUID, permission: Permission) -> Row:
    """The case as the caller may see it, once the permission is held on it; the log has the look."""
    row = await repository.one(visit.tx, case_id)
    if row is None:
        raise unseen(visit, Subject("case", case_id, case_id))
    subject = Subject("case", case_id, case_id, row["child_id"], row["owner_authority_id"])
    admit(visit, permission, subject, relations_of(visit, row))
    people.require_checkpoint(visit, row)
    visit.trail.looked(subject, basis=bases(row))
    return row


def case_row_for(permission: Permission) -> Any:
    """A case to read."""

    async def load(case_id: CaseId, visit: Visiting) -> Row:
        return await admitted(visit, case_id, permission)

    return asks(permission, load)


def case_for(permission: Permission) -> Any:
    """A case to change, locked, at the version that the caller states."""

    async def load(case_id: CaseId, visit: Visiting) -> Case:
        await admitted(visit, case_id, permission)
        case = await repository.record(visit.tx, case_id)
        if case is None:
            raise unseen(visit, Subject("case", case_id, case_id))
        require_version(visit, case.version)
        return case

    return asks(permission, load)


def case_log_for(permission: Permission) -> Any:
    """A case's id for whoever reviews its log: a reviewer of the controlling authority sees the log, not the case."""

    async def load(case_id: CaseId, visit: Visiting) -> UUID:
        row = await repository.one(visit.tx, case_id)
        if row is not None:
            relations, controller = relations_of(visit, row), row["owner_authority_id"]
        else:
            controller = visit.actor.assignment.authority_id
            reviews = may(visit.actor.role, permission, frozenset({Relation.OWN_AUTHORITY}))
            if not reviews or not controller or not await repository.is_controlled_by(visit.tx, case_id, controller):
                raise unseen(visit, Subject("case", case_id, case_id))
            relations = frozenset({Relation.OWN_AUTHORITY})
        subject = Subject("access_log", case_id, case_id, controller_id=controller)
        admit(visit, permission, subject, relations)
        visit.trail.looked(subject)
        return case_id

    return asks(permission, load)
