"""How a request obtains a version of a plan: as the caller may read it."""

from typing import Annotated, Any

from fastapi import Path

from app.kernel.access import Visiting, asks, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.permissions import Permission
from app.plan_versions import service
from app.plan_versions.models import Content, NoVersionYet, placeless
from app.plans.access import PlanId, admitted, is_shielded

Number = Annotated[int, Path(ge=1, le=1_000_000)]


async def version_of(visit: Visit, plan: Row, number: int | None) -> Row:
    """A version of a plan that is admitted; the newest when none is named. Raises ``NoVersionYet``, ``NotFound``."""
    row = await service.version_of(visit.tx, plan["id"], number)
    if row is None and not await service.latest_number(visit.tx, plan["id"]):
        raise NoVersionYet
    if row is None:
        raise unseen(visit, Subject("plan_version", None, plan["case_id"]))
    content = placeless(row["content"]) if is_shielded(visit, plan) else row["content"]
    return {**row, "content": content, "plan": plan}


async def earlier_than(visit: Visit, row: Row, since: int | None) -> Content:
    """What an earlier version of the same plan said: the one before, when none is named; nothing before the first."""
    number = row["number"] - 1 if since is None else since
    return (await version_of(visit, row["plan"], number))["content"] if number else {}


def version_row_for(permission: Permission) -> Any:
    """A version to read."""

    async def load(plan_id: PlanId, number: Number, visit: Visiting) -> Row:
        return await version_of(visit, await admitted(visit, plan_id, permission), number)

    return asks(permission, load)
