"""How a request obtains an assignment as coordinator."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.cases import service as cases
from app.cases.access import CaseId, relations_of
from app.cases.models import Case
from app.coordinators import repository
from app.coordinators.models import CoordinatorAssignment, CoordinatorStatus
from app.kernel.access import Visiting, admit, asks, bases, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.people import service as people
from app.permissions import Permission, Relation

AssignmentId = Annotated[UUID, Path(alias="assignmentId")]


@dataclass(frozen=True, slots=True)
class Asked:
    """An assignment and its case, both locked for the answer."""

    assignment: CoordinatorAssignment
    case: Case


def relations(visit: Visit, row: Row) -> frozenset[Relation]:
    """As to the case; the unit that was asked is invited, and the unit of the present coordinator owns it too."""
    found = relations_of(visit, row) - {Relation.INVITED}
    if row["unit_id"] == visit.actor.assignment.unit_id:
        found |= {Relation.INVITED}
        found |= {Relation.OWN_UNIT} if row["status"] == CoordinatorStatus.ACCEPTED else set()
    return found


def relations_to_act(visit: Visit, row: Row) -> frozenset[Relation]:
    """The same, where only the one who was asked is invited: a colleague sees no button."""
    found = relations(visit, row)
    return found if row["user_id"] == visit.actor.user_id else found - {Relation.INVITED}


async def _admitted(visit: Visit, case_id: UUID, assignment_id: UUID, permission: Permission) -> Row:
    row = await repository.assignment(visit.tx, case_id, assignment_id)
    if row is None:
        raise unseen(visit, Subject("coordinator_assignment", assignment_id, case_id))
    subject = Subject("coordinator_assignment", assignment_id, case_id, row["child_id"], row["owner_authority_id"])
    admit(visit, permission, subject, relations(visit, row))
    people.require_checkpoint(visit, row)
    visit.trail.looked(subject, basis=bases(row))
    return row


def assignment_row_for(permission: Permission) -> Any:
    """An assignment to read."""

    async def load(case_id: CaseId, assignment_id: AssignmentId, visit: Visiting) -> Row:
        return await _admitted(visit, case_id, assignment_id, permission)

    return asks(permission, load)


def assignment_for(permission: Permission) -> Any:
    """An assignment to answer or hand over, with its case; the case first, so that of two at once one waits."""

    async def load(case_id: CaseId, assignment_id: AssignmentId, visit: Visiting) -> Asked:
        await _admitted(visit, case_id, assignment_id, permission)
        case = await cases.record_of(visit.tx, case_id)
        assignment = await repository.assignment_record(visit.tx, assignment_id)
        if case is None or assignment is None:
            raise unseen(visit, Subject("coordinator_assignment", assignment_id, case_id))
        return Asked(assignment, case)

    return asks(permission, load)
