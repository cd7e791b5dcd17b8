"""How a request obtains a hand-over."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.cases import service as cases
from app.cases.access import relations_of
from app.cases.models import Case
from app.cooperation import repository
from app.cooperation.models import Transfer
from app.kernel.access import Visiting, admit, asks, bases, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.people import service as people
from app.permissions import Permission, Relation

TransferId = Annotated[UUID, Path(alias="transferId")]


@dataclass(frozen=True, slots=True)
class HandOver:
    """A hand-over and its case, both locked for the answer."""

    transfer: Transfer
    case: Case


def relations(visit: Visit, row: Row) -> frozenset[Relation]:
    """The sender's unit owns it; the receiver's unit is invited, also when it is the same."""
    found = relations_of(visit, row)
    return (
        found | {Relation.INVITED}
        if row["to_unit_id"] == visit.actor.assignment.unit_id
        else found - {Relation.INVITED}
    )


async def _admitted(visit: Visit, transfer_id: UUID, permission: Permission) -> Row:
    row = await repository.transfer(visit.tx, transfer_id)
    if row is None:
        raise unseen(visit, Subject("transfer", transfer_id))
    subject = Subject("transfer", transfer_id, row["case_id"], row["child_id"], row["owner_authority_id"])
    admit(visit, permission, subject, relations(visit, row))
    people.require_checkpoint(visit, row)
    visit.trail.looked(subject, basis=bases(row))
    return row


def transfer_row_for(permission: Permission) -> Any:
    """A hand-over to read."""

    async def load(transfer_id: TransferId, visit: Visiting) -> Row:
        return await _admitted(visit, transfer_id, permission)

    return asks(permission, load)


def hand_over_for(permission: Permission) -> Any:
    """A hand-over to answer, with its case."""

    async def load(transfer_id: TransferId, visit: Visiting) -> HandOver:
        row = await _admitted(visit, transfer_id, permission)
        case = await cases.record_of(visit.tx, row["case_id"])
        transfer = await repository.transfer_record(visit.tx, transfer_id)
        if case is None or transfer is None:
            raise unseen(visit, Subject("transfer", transfer_id))
        return HandOver(transfer, case)

    return asks(permission, load)
