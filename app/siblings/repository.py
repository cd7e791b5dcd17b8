"""Every query about siblings."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, case, exists, literal_column, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from app.guardians.models import GuardianPerson
from app.kernel.db import AnySelect, Prepared, Row, Transaction, prepared
from app.kernel.paging import Shape, Window, keyset
from app.people.models import Child
from app.siblings.models import SiblingLink

_SIBLING = aliased(Child)
_PAIR: Any = (SiblingLink.child_id, SiblingLink.sibling_id)
_OTHER: Any = case((SiblingLink.child_id == bindparam("child_id"), SiblingLink.sibling_id), else_=SiblingLink.child_id)
_NONE: Any = literal_column("'none'")


def _somebody_protected(within: Callable[[Any], Any]) -> Any:
    """Whether one of the children, or a grown-up around one of them, is protected (R2.6)."""
    return or_(
        exists().where(within(Child.id), Child.protected_identity != _NONE).correlate_except(Child),
        exists()
        .where(within(GuardianPerson.child_id), GuardianPerson.protected_identity != _NONE)
        .correlate_except(GuardianPerson),
    )


def _of_link(child_id: Any) -> Any:
    return child_id.in_(_PAIR)


def nobody_protected() -> Any:
    """Whether nobody around a link is protected, for a select on ``SiblingLink`` (R2.6)."""
    return ~_somebody_protected(_of_link)


@prepared
def _siblings(shape: Shape | None) -> AnySelect:
    statement = (
        select(
            SiblingLink.id, SiblingLink.relation, _SIBLING.id.label("child_id"), _SIBLING.given_name,
            _SIBLING.family_name, _SIBLING.birth_date,
        )
        .join(_SIBLING, _SIBLING.id == _OTHER)
        .where(or_(*(end == bindparam("child_id") for end in _PAIR)), nobody_protected())
    )  # fmt: skip
    if shape is None:
        return statement.where(SiblingLink.id == bindparam("id"))
    return keyset(statement, shape, SiblingLink.id, SiblingLink.id)


async def siblings(tx: Transaction, child_id: UUID, window: Window) -> list[Row]:
    """One page of a child's siblings; none where somebody is protected (R2.6)."""
    return await tx.all(_siblings(window.shape), child_id=child_id, **window.values)


async def sibling_of(tx: Transaction, child_id: UUID, link_id: UUID) -> Row | None:
    """One sibling link, seen from a child."""
    return await tx.one(_siblings(None), child_id=child_id, id=link_id)


_IDS = bindparam("ids", type_=ARRAY(Uuid()))
_ANY_PROTECTED = Prepared(select(_somebody_protected(lambda child_id: child_id == any_(_IDS)).label("protected")))


async def any_protected(tx: Transaction, child_ids: list[UUID]) -> bool:
    """Whether somebody in these children's families is protected (R2.6)."""
    row = await tx.one(_ANY_PROTECTED, ids=child_ids)
    return bool(row and row["protected"])
