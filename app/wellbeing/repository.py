"""Every query about wellbeing assessments."""

from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Uuid, any_, bindparam, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import aliased
from sqlalchemy.sql import text

from app.kernel.circles import ME, CircleMember, open_to_me
from app.kernel.db import AnySelect, Prepared, Row, Transaction, prepared
from app.kernel.paging import Shape, Window, keyset
from app.organisations.models import Unit
from app.people.models import Child
from app.people.repository import my_checkpoint
from app.wellbeing.models import Assessment, AssessmentStatus, DimensionEntry
from app.wheel_templates.models import WheelTemplate

_NEXT = aliased(Assessment)
_SUCCESSOR = (
    select(_NEXT.id)
    .where(_NEXT.supersedes_id == Assessment.id, _NEXT.confirmed_at.is_not(None))
    .order_by(_NEXT.confirmed_at)
    .limit(literal_column("1"))
    .scalar_subquery()
)
_ENTRY = func.jsonb_build_object(
    text("'dimension'"), DimensionEntry.dimension, text("'strengths'"), DimensionEntry.strengths,
    text("'challenges'"), DimensionEntry.challenges, text("'own_words'"), DimensionEntry.own_words,
    text("'scale_value'"), DimensionEntry.scale_value, text("'not_discussed'"), DimensionEntry.not_discussed,
)  # fmt: skip
#: Those that the wall shows the caller: a dimension that is missing here is withheld, never empty (R6.8).
_ENTRIES = (
    select(func.coalesce(func.jsonb_agg(_ENTRY, type_=JSONB), text("'[]'")))
    .where(DimensionEntry.assessment_id == Assessment.id)
    .scalar_subquery()
    .label("said")
)


def _template() -> Any:
    return func.jsonb_build_object(
        text("'id'"), WheelTemplate.id, text("'code'"), WheelTemplate.code, text("'number'"), WheelTemplate.number,
        text("'locale'"), WheelTemplate.locale, text("'scale'"), WheelTemplate.scale,
        text("'scale_labels'"), WheelTemplate.scale_labels, text("'labels_verified'"), WheelTemplate.labels_verified,
        text("'dimensions'"), WheelTemplate.dimensions, text("'hopes'"), WheelTemplate.hopes, type_=JSONB,
    ).label("template")  # fmt: skip


def _columns() -> tuple[Any, ...]:
    return (
        Assessment.id, Assessment.version, Assessment.circle_id, Assessment.child_id, Assessment.case_id,
        Assessment.template_id, Assessment.respondent, Assessment.respondent_relation, Assessment.held_on,
        Assessment.setting, Assessment.recorded_by, Assessment.status, Assessment.visible_to_guardians,
        Assessment.shared_at, Assessment.confirmed_at, Assessment.confirmed_by, Assessment.confirmed_how,
        Assessment.no_strength_reason, Assessment.supersedes_id, Assessment.correction_reason, Assessment.created_at,
        Assessment.updated_at, Assessment.owner_unit_id, Assessment.owner_authority_id,
        _SUCCESSOR.label("superseded_by_id"), Unit.name.label("owner_unit_name"), _template(),
        Child.protected_identity, my_checkpoint(Child.id, Child.protected_identity).label("checkpoint_reason"),
        open_to_me(Assessment.circle_id).label("grants"),
    )  # fmt: skip


def _joined(statement: AnySelect) -> AnySelect:
    return (
        statement.join(WheelTemplate, WheelTemplate.id == Assessment.template_id)
        .join(Unit, Unit.id == Assessment.owner_unit_id)
        .join(Child, Child.id == Assessment.child_id)
    )


_ONE = Prepared(
    _joined(select(*_columns(), _ENTRIES).select_from(Assessment)).where(Assessment.id == bindparam("assessment_id"))
)


async def one(tx: Transaction, assessment_id: UUID) -> Row | None:
    """A wheel with as much of it as the wall shows the caller."""
    return await tx.one(_ONE, assessment_id=assessment_id)


_FILTERS: dict[str, Any] = {
    "child_id": Assessment.child_id == any_(bindparam("child_id", type_=ARRAY(Uuid()))),
    "case_id": Assessment.case_id == any_(bindparam("case_id", type_=ARRAY(Uuid()))),
    "respondent": Assessment.respondent == any_(bindparam("respondent", type_=ARRAY(Assessment.respondent.type))),
    "status": Assessment.status == any_(bindparam("status", type_=ARRAY(Assessment.status.type))),
}


def _mine(statement: AnySelect, filters: frozenset[str]) -> AnySelect:
    """From the circles that the caller is in; the protected are listed for the family itself only (R2.5)."""
    listed = or_(Child.protected_identity == "none", bindparam("protected", type_=Boolean))
    return (
        _joined(
            statement.select_from(CircleMember).join(Assessment, Assessment.circle_id == CircleMember.circle_id)
        )
        .where(CircleMember.party_id == ME, CircleMember.left_at.is_(None), listed)
        .where(*(_FILTERS[name] for name in sorted(filters)))
    )  # fmt: skip


@prepared
def _list(shape: Shape) -> AnySelect:
    return keyset(_mine(select(*_columns()), shape.filters), shape, Assessment.id, Assessment.id)


@prepared
def _count(filters: frozenset[str]) -> AnySelect:
    rows = _mine(select(Assessment.id), filters).limit(10_000).subquery()
    return select(func.count().label("n")).select_from(rows)


async def list_mine(tx: Transaction, window: Window, *, protected: bool) -> list[Row]:
    """One page of the wheels that the caller may see, newest first."""
    return await tx.all(_list(window.shape), **window.values, protected=protected)


async def count_mine(tx: Transaction, window: Window, *, protected: bool) -> int:
    """How many there are, at most 10,000."""
    row = await tx.one(_count(window.shape.filters), **window.values, protected=protected)
    return int(row["n"]) if row else 0


@prepared
def _history(filters: frozenset[str]) -> AnySelect:
    chosen = {
        "respondent": _FILTERS["respondent"],
        "template_code": WheelTemplate.code == bindparam("template_code"),
    }
    return (
        _joined(select(*_columns(), _ENTRIES).select_from(Assessment))
        .where(Assessment.child_id == bindparam("child_id"), Assessment.status == AssessmentStatus.CONFIRMED.value)
        .where(*(chosen[name] for name in sorted(filters)))
        .order_by(Assessment.held_on, Assessment.id)
    )


async def history(tx: Transaction, child_id: UUID, filters: dict[str, Any]) -> list[Row]:
    """A child's confirmed wheels that the wall shows the caller, oldest first."""
    return await tx.all(_history(frozenset(filters)), child_id=child_id, **filters)


async def record(tx: Transaction, assessment_id: UUID) -> Assessment | None:
    """The wheel for a change, locked."""
    return await tx.session.get(Assessment, assessment_id, with_for_update=True)


async def entry_records(tx: Transaction, assessment_id: UUID) -> list[DimensionEntry]:
    """The entries of a wheel for a change, locked."""
    found = await tx.session.scalars(
        select(DimensionEntry)
        .where(DimensionEntry.assessment_id == assessment_id)
        .order_by(DimensionEntry.id)
        .with_for_update()
    )
    return list(found)
