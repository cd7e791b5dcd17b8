"""The endpoint that tells how many wait for contact groups."""

from typing import Annotated, Any

from fastapi import Query

from app.group_demand import schemas, service
from app.kernel.access import allowed
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import Text
from app.kernel.http.door import Router
from app.kernel.links import links
from app.kernel.paging import whole
from app.permissions import Permission as P

router = Router(
    "contact-group-demand",
    Text("Hur många som väntar på kontaktgrupper, i siffror.", "How many wait for contact groups, in numbers."),
)


def _shown(visit: Visit, row: Row) -> dict[str, Any]:
    path = f"/contact-group-demand?municipalityCode={row['municipality_code']}&term={row['term']}"
    return {**row, "links": links(visit, path, (), frozenset())}


@router.get(
    "/contact-group-demand", operation_id="listContactGroupDemand", response_model=schemas.ContactGroupDemandPage
)  # fmt: skip
async def list_demand(
    visit: Annotated[Visit, allowed(P.DEMAND_READ)], query: Annotated[schemas.DemandQuery, Query()]
) -> Any:
    """How many children wait, and how many places there are, the groups of a municipality in a term together (R11.9).

    A number below the smallest that may be told is null and suppressed, and so are others from which it could be
    worked out, and what stems from one group alone.
    """
    rows = await service.demand(visit, query)
    visit.trail.looked(Subject("contact_group_demand"))
    return whole(visit, "/contact-group-demand", query, rows, lambda row: _shown(visit, row))


routers = (router,)
