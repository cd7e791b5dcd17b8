"""Every query about templates of the wheel."""

from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, any_, bindparam, exists, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from app.kernel.db import AnySelect, Prepared, Row, Transaction, prepared
from app.kernel.paging import Shape, Window, keyset
from app.wheel_templates.models import WheelTemplate, WheelTemplateStatus

_LATER = aliased(WheelTemplate)
_PUBLISHED = WheelTemplateStatus.PUBLISHED.value
_CURRENT = (WheelTemplate.status == _PUBLISHED) & ~exists().where(
    _LATER.code == WheelTemplate.code,
    _LATER.locale == WheelTemplate.locale,
    _LATER.scale == WheelTemplate.scale,
    _LATER.number > WheelTemplate.number,
    _LATER.status == _PUBLISHED,
)


def _templates() -> AnySelect:
    return select(
        WheelTemplate.id, WheelTemplate.version, WheelTemplate.code, WheelTemplate.number, WheelTemplate.locale,
        WheelTemplate.status, _CURRENT.label("current"), WheelTemplate.scale, WheelTemplate.scale_labels,
        WheelTemplate.dimensions, WheelTemplate.hopes, WheelTemplate.labels_verified, WheelTemplate.note,
        WheelTemplate.maps_from_id, WheelTemplate.published_at,
    )  # fmt: skip


_FILTERS: dict[str, Any] = {
    "code": WheelTemplate.code == any_(bindparam("code", type_=ARRAY(Text))),
    "locale": WheelTemplate.locale == any_(bindparam("locale", type_=ARRAY(Text))),
    "status": WheelTemplate.status == any_(bindparam("status", type_=ARRAY(Text))),
}
_ONE = Prepared(_templates().where(WheelTemplate.id == bindparam("template_id")))
_SOME = Prepared(_templates().where(WheelTemplate.id == any_(bindparam("template_ids", type_=ARRAY(Uuid())))))


@prepared
def _list(shape: Shape) -> AnySelect:
    statement = _templates().where(*(_FILTERS[name] for name in sorted(shape.filters)))
    return keyset(statement, shape, WheelTemplate.id, WheelTemplate.id)


@prepared
def _count(filters: frozenset[str]) -> AnySelect:
    rows = select(WheelTemplate.id).where(*(_FILTERS[name] for name in sorted(filters)))
    return select(func.count().label("n")).select_from(rows.limit(10_000).subquery())


async def page_of(tx: Transaction, window: Window) -> list[Row]:
    """One page of templates."""
    return await tx.all(_list(window.shape), **window.values)


async def count(tx: Transaction, window: Window) -> int:
    """How many there are, at most 10,000."""
    row = await tx.one(_count(window.shape.filters), **window.values)
    return int(row["n"]) if row else 0


async def one(tx: Transaction, template_id: UUID) -> Row | None:
    """One template."""
    return await tx.one(_ONE, template_id=template_id)


async def some(tx: Transaction, template_ids: list[UUID]) -> list[Row]:
    """These templates."""
    return await tx.all(_SOME, template_ids=template_ids)


_PARENTS = Prepared(select(WheelTemplate.id, WheelTemplate.maps_from_id))


async def parents(tx: Transaction) -> dict[UUID, UUID | None]:
    """From which version each one maps; there are as many as a county ever publishes, a few dozen."""
    return {row["id"]: row["maps_from_id"] for row in await tx.all(_PARENTS)}


_NEWEST = Prepared(
    select(func.coalesce(func.max(WheelTemplate.number), 0).label("number")).where(
        WheelTemplate.code == bindparam("code"), WheelTemplate.locale == bindparam("locale")
    )
)


async def newest_number(tx: Transaction, code: str, locale: str) -> int:
    """The number of the newest version of a code in a language; 0 where there is none."""
    row = await tx.one(_NEWEST, code=code, locale=locale)
    return int(row["number"]) if row else 0


async def record(tx: Transaction, template_id: UUID) -> WheelTemplate | None:
    """The template for a change, locked."""
    return await tx.session.get(WheelTemplate, template_id, with_for_update=True)
