"""How a request obtains a version to print."""

from typing import Annotated, Any

from fastapi import Query

from app.kernel.access import Visiting, asks
from app.kernel.db import Row
from app.permissions import Permission
from app.plan_documents.schemas import DocumentQuery
from app.plan_versions.access import version_of
from app.plans.access import PlanId, admitted


def version_to_print(permission: Permission) -> Any:
    """The version that the query names, as the caller may read it. Raises ``NoVersionYet``."""

    async def load(plan_id: PlanId, query: Annotated[DocumentQuery, Query()], visit: Visiting) -> Row:
        return await version_of(visit, await admitted(visit, plan_id, permission), query.version)

    return asks(permission, load)
