"""Every query about advice, proposed actions and reviews."""

from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from app.kernel.db import AnySelect, Base, Row, Transaction, prepared
from app.npf_advice.models import MatterAction, MatterAdvice, MatterReview
from app.organisations.models import Unit, User


def _part(model: Any, by: Any, *columns: Any) -> AnySelect:
    return (
        select(
            model.id, model.matter_id, model.text, *columns, model.owner_unit_id.label("unit_id"),
            Unit.name.label("unit_name"), User.name.label("by_name"),
        )
        .join(Unit, Unit.id == model.owner_unit_id)
        .outerjoin(User, User.id == by)
    )  # fmt: skip


_PARTS: dict[type[Base], AnySelect] = {
    MatterAdvice: _part(MatterAdvice, MatterAdvice.given_by, MatterAdvice.given_on, MatterAdvice.recorded_at),
    MatterAction: _part(
        MatterAction, MatterAction.decided_by, MatterAction.version, MatterAction.due_on, MatterAction.status,
        MatterAction.note, MatterAction.proposed_at, MatterAction.decided_at,
    ),
    MatterReview: _part(
        MatterReview, MatterReview.reviewed_by, MatterReview.reviewed_on, MatterReview.next_review_on,
        MatterReview.recorded_at,
    ),
}  # fmt: skip


@prepared
def _parts(model: Any) -> AnySelect:
    return _PARTS[model].where(model.matter_id == bindparam("matter_id")).order_by(model.id.desc())


@prepared
def _one_part(model: Any) -> AnySelect:
    return _PARTS[model].where(model.matter_id == bindparam("matter_id"), model.id == bindparam("part_id"))


async def parts(tx: Transaction, model: type[Base], matter_id: UUID) -> list[Row]:
    """The advice, the actions or the reviews of a matter, newest first."""
    return await tx.all(_parts(model), matter_id=matter_id)


async def part(tx: Transaction, model: type[Base], matter_id: UUID, part_id: UUID) -> Row | None:
    """One piece of advice, action or review of a matter."""
    return await tx.one(_one_part(model), matter_id=matter_id, part_id=part_id)


async def action_record(tx: Transaction, action_id: UUID) -> MatterAction | None:
    """The action for its principal's decision, locked."""
    return await tx.session.get(MatterAction, action_id, with_for_update=True)
