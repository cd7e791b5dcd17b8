"""The endpoint that proposes who must consent."""

from typing import Annotated, Any

from fastapi import Query

from app.codes import Text
from app.consent_requirements import schemas, service
from app.kernel.access import Visiting
from app.kernel.db import Row
from app.kernel.http.door import Router
from app.kernel.links import links
from app.people.access import child_row
from app.permissions import Permission

P = Permission

requirements = Router(
    "consent-requirements",
    Text(
        "Vem som behöver samtycka för ett barn, som förslag med skäl.",
        "Who needs to consent for a child, as a proposal with reasons.",
    ),
)


@requirements.get(
    "/children/{childId}/consent-requirements",
    operation_id="getConsentRequirements",
    response_model=schemas.ConsentRequirements,
)
async def get_consent_requirements(
    visit: Visiting,
    child: Annotated[Row, child_row(P.CONSENT_REQUIREMENTS)],
    query: Annotated[schemas.RequirementQuery, Query()],
) -> Any:
    """Propose who must consent and why, from age and custody now. A professional decides (R4.2, R4.3)."""
    proposal = await service.proposal_for(visit, child)
    path = f"/children/{child['id']}/consent-requirements"
    neighbours = {"child": f"/children/{child['id']}", "consents": f"/consents?childId={child['id']}"}
    return {
        **service.shown(visit, child, proposal, query.kind, query.measure_type),
        "links": links(visit, path, (), frozenset(), neighbours=neighbours),
    }


routers = (requirements,)
