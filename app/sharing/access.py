"""How a caller stands to what was shared, and to the child that something new is to be about."""

from collections.abc import Callable
from uuid import UUID

from app.kernel.access import admit, relations_to, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.people import service as people
from app.permissions import Permission, Relation
from app.sharing import repository

_NOBODY = UUID(int=0)


def relations_of(visit: Visit, row: Row) -> frozenset[Relation]:
    """How the caller stands to a record of a circle: who owns the circle now is its own unit."""
    return relations_to(visit, row["steward_id"] or _NOBODY, row["owner_authority_id"], row["grants"])


def relations_to_read(visit: Visit, row: Row) -> frozenset[Relation]:
    """The same, and the unit that once made the record goes on reading it."""
    relations = relations_of(visit, row)
    if not visit.actor.is_family and row["owner_unit_id"] == visit.actor.assignment.unit_id:
        relations |= {Relation.OWN_UNIT}
    return relations


def subject_of(row: Row, kind: str) -> Subject:
    """What the access log calls a row."""
    return Subject(kind, row["id"], row["circle_id"], row["child_id"], row["owner_authority_id"])


async def pass_checkpoint(visit: Visit, row: Row, subject: Subject) -> None:
    """About somebody protected, the caller has stated a reason first (R2.5)."""
    if row["protected_identity"] != "none":
        child = await people.facts(visit.tx, row["child_id"])
        if child is None:
            raise unseen(visit, subject)
        people.require_checkpoint(visit, child)


async def admitted_child(visit: Visit, permission: Permission, child_id: UUID, case_id: UUID | None) -> Row:
    """The facts of a child that something new is to be about: its own, or of a case it took over."""
    child = await people.facts(visit.tx, child_id)
    if child is None:
        raise unseen(visit, Subject("child", child_id))
    subject = Subject("child", child_id, child_id, child_id, child["owner_authority_id"])
    relations = relations_to(visit, child["owner_unit_id"], child["owner_authority_id"], child["grants"])
    if case_id is not None and await repository.child_of_own_case(visit.tx, case_id) == child_id:
        relations |= {Relation.OWN_UNIT}
    admit(visit, permission, subject, relations)
    people.require_checkpoint(visit, child)
    return child


async def admitted_record(
    visit: Visit,
    kind: str,
    record_id: UUID,
    row: Row | None,
    permission: Permission,
    stand: Callable[[Visit, Row], frozenset[Relation]],
) -> tuple[Row, Subject]:
    """A consent or disclosure that the caller may have for what it asks; past the checkpoint when protected."""
    if row is None:
        raise unseen(visit, Subject(kind, record_id))
    subject = subject_of(row, kind)
    admit(visit, permission, subject, stand(visit, row))
    await pass_checkpoint(visit, row, subject)
    return row, subject
