"""How a request obtains a wheel, and where it may make one."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.cases.access import admitted as admitted_case
from app.kernel.access import Visiting, admit, asks, relations_to, require_version, unseen
from app.kernel.access import opened_by as consented
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.people import service as people
from app.people.access import admitted_child, is_shielded_from
from app.permissions import Permission, Relation
from app.sharing.access import subject_of
from app.sharing.models import WHEEL_IN_PART, InformationCategory
from app.wellbeing import repository, schemas
from app.wellbeing.models import Assessment, WheelOfAnotherChild

AssessmentId = Annotated[UUID, Path(alias="assessmentId")]
KIND = "wellbeing_assessment"
_WHEEL = {InformationCategory.WHEEL.value, WHEEL_IN_PART}


def relations(visit: Visit, row: Row) -> frozenset[Relation]:
    """A wheel is its owner's; the circle's members may read what the wall shows them of it."""
    return relations_to(visit, row["owner_unit_id"], row["owner_authority_id"], row["grants"]) | {Relation.MEMBER}


def is_shielded(visit: Visit, row: Row) -> bool:
    """Whether what tells a place is left out: a protected child seen from another unit (R2.5)."""
    return is_shielded_from(visit, row, relations)


def opened_by(row: Row) -> list[dict[str, Any]]:
    """The consents and disclosures that open a wheel of another authority to the caller (R4.11)."""
    return [grant for grant in consented(row) if not _WHEEL.isdisjoint(grant["categories"])]


def looked(visit: Visit, row: Row) -> None:
    """Log that a wheel was looked at, and what opened it."""
    basis = ",".join(f"{grant['basis']}:{grant['id']}" for grant in opened_by(row))
    visit.trail.looked(subject_of(row, KIND), basis=basis or None)


async def _admitted(visit: Visit, assessment_id: UUID, permission: Permission) -> Row:
    row = await repository.one(visit.tx, assessment_id)
    if row is None:
        raise unseen(visit, Subject(KIND, assessment_id))
    admit(visit, permission, subject_of(row, KIND), relations(visit, row))
    people.require_checkpoint(visit, row)
    looked(visit, row)
    return row


def assessment_row_for(permission: Permission) -> Any:
    """A wheel to read."""

    async def load(assessment_id: AssessmentId, visit: Visiting) -> Row:
        return await _admitted(visit, assessment_id, permission)

    return asks(permission, load)


def assessment_for(permission: Permission) -> Any:
    """A wheel to change, locked, at the version that the caller states."""

    async def load(assessment_id: AssessmentId, visit: Visiting) -> Assessment:
        await _admitted(visit, assessment_id, permission)
        assessment = await repository.record(visit.tx, assessment_id)
        if assessment is None:
            raise unseen(visit, Subject(KIND, assessment_id))
        require_version(visit, assessment.version)
        return assessment

    return asks(permission, load)


def place_for(permission: Permission) -> Any:
    """Where a new wheel is made: the case, or the child where there is none; ``id`` is the circle."""

    async def load(body: schemas.AssessmentCreate, visit: Visiting) -> Row:
        if body.case_id is None:
            child = await admitted_child(visit, permission, body.child_id)
            return {**child, "child_id": child["id"]}
        case = await admitted_case(visit, body.case_id, permission)
        if case["child_id"] != body.child_id:
            raise WheelOfAnotherChild
        return case

    return asks(permission, load)
