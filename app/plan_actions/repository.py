"""Every query about the questions to an action's owner, and the one deed that is left to an owner outside."""

from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import aliased

from app.kernel.db import AnySelect, Prepared, Row, Transaction
from app.organisations.models import Unit, User
from app.plan_actions.models import ActionQuestion

_ASKER = aliased(User)


def _questions() -> AnySelect:
    return (
        select(
            ActionQuestion.id, ActionQuestion.version, ActionQuestion.case_id, ActionQuestion.action_id,
            ActionQuestion.question, ActionQuestion.asked_at, ActionQuestion.asked_by,
            _ASKER.name.label("asked_by_name"), Unit.name.label("asked_by_unit_name"), ActionQuestion.answer,
            ActionQuestion.answered_at, ActionQuestion.answered_by, ActionQuestion.owner_authority_id,
        )
        .join(_ASKER, _ASKER.id == ActionQuestion.asked_by)
        .join(Unit, Unit.id == ActionQuestion.owner_unit_id)
        .where(ActionQuestion.action_id == bindparam("action_id"))
    )  # fmt: skip


_QUESTIONS = Prepared(_questions().order_by(ActionQuestion.id))
_QUESTION = Prepared(_questions().where(ActionQuestion.id == bindparam("question_id")))


async def questions(tx: Transaction, action_id: UUID) -> list[Row]:
    """What has been asked about an action, in its order."""
    return await tx.all(_QUESTIONS, action_id=action_id)


async def question(tx: Transaction, action_id: UUID, question_id: UUID) -> Row | None:
    """One question."""
    return await tx.one(_QUESTION, action_id=action_id, question_id=question_id)


async def question_record(tx: Transaction, question_id: UUID) -> ActionQuestion | None:
    """The question for its answer, locked."""
    return await tx.session.get(ActionQuestion, question_id, with_for_update=True)


async def decide_outside(tx: Transaction, action_id: UUID, decision: str, reason: str | None) -> None:
    """The owner's decision where the circle is closed to it: the wall takes nothing else from outside (R4.6)."""
    await tx.rows("select wall.decide_own_action(%s, %s, %s)", [action_id, decision, reason])
