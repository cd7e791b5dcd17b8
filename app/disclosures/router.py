"""Endpoints of disclosures."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.codes import Text
from app.disclosures import repository, schemas, service
from app.disclosures.access import child_disclosed_about, disclosure_for, disclosure_row_for
from app.disclosures.models import Disclosure
from app.kernel.access import Visiting, allowed, opened_by
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.http.door import Router
from app.kernel.links import Action, links
from app.kernel.paging import page
from app.permissions import Permission, Relation
from app.sharing.access import relations_of, relations_to_read, subject_of

P = Permission

disclosures = Router(
    "disclosures",
    Text(
        "Utlämnanden över sekretessgränser: vad, till vem och på vilken grund.",
        "Disclosures across secrecy borders: what, to whom and on which basis.",
    ),
)

_COMPLETION = Action("completion", "POST", "/completion", P.DISCLOSURE_COMPLETE)
_REVOCATION = Action("revocation", "POST", "/revocation", P.DISCLOSURE_REVOKE)
_FOR_THE_SHARING_UNIT = ("legal_reason", "necessity", "informed_reason", "harm_test_result")


def shown(visit: Visit, row: Row) -> dict[str, Any]:
    """A disclosure as it goes out. Reasons are for the unit that shared, not for the whole circle."""
    path = f"/disclosures/{row['id']}"
    if Relation.OWN_UNIT not in relations_to_read(visit, row):
        row = row | dict.fromkeys(_FOR_THE_SHARING_UNIT)
    result = row["harm_test_result"]
    actions = [_COMPLETION] if row["reason_pending"] else []
    actions += [_REVOCATION] if row["revoked_at"] is None else []
    neighbours = {"child": f"/children/{row['child_id']}"}
    neighbours |= {"case": f"/cases/{row['case_id']}"} if row["case_id"] else {}
    neighbours |= {"consent": f"/consents/{row['consent_id']}"} if row["consent_id"] else {}
    return {
        **row,
        "from_unit_id": row["owner_unit_id"],
        "from_authority_id": row["owner_authority_id"],
        "harm_test": {"result": result, "done_by": row["harm_test_by"]} if result else None,
        "opened_by": opened_by(row),
        "links": links(visit, path, actions, relations_of(visit, row), neighbours=neighbours),
    }


def present(visit: Visit, row: Row) -> dict[str, Any]:
    """One disclosure as the answer, with its address and version."""
    visit.presents(f"/disclosures/{row['id']}", row["version"])
    return shown(visit, row)


async def answer(visit: Visit, disclosure_id: UUID) -> dict[str, Any]:
    """The disclosure after a change, read as GET reads it."""
    return present(visit, await repository.one(visit.tx, disclosure_id) or {})


@disclosures.get("/disclosures", operation_id="listDisclosures", response_model=schemas.DisclosurePage)
async def list_disclosures(
    visit: Annotated[Visit, allowed(P.DISCLOSURE_LIST)], query: Annotated[schemas.DisclosureQuery, Query()]
) -> Any:
    """Disclosures that the caller may see, newest first; about somebody protected only when asked for by child."""
    rows, total = await service.listed(visit, query)
    for row in {row["circle_id"]: row for row in rows[: query.limit]}.values():
        visit.trail.looked(subject_of({**row, "id": None}, "disclosure"))
    visit.trail.looked(Subject("disclosure_list"))
    return page(visit, "/disclosures", query, rows, lambda row: shown(visit, row), total=total)


@disclosures.post("/disclosures", operation_id="createDisclosure", status_code=201, response_model=schemas.Disclosure)
async def create_disclosure(
    visit: Visiting, child: Annotated[Row, child_disclosed_about(P.DISCLOSURE_CREATE)], body: schemas.DisclosureCreate
) -> Any:
    """Share across a secrecy border on a named basis. Reading here opens at once for a unit in the circle (R10.1)."""
    return await answer(visit, await service.disclose(visit, child, body))


@disclosures.get("/disclosures/{disclosureId}", operation_id="getDisclosure", response_model=schemas.Disclosure)
async def get_disclosure(visit: Visiting, row: Annotated[Row, disclosure_row_for(P.DISCLOSURE_READ)]) -> Any:
    """One disclosure."""
    return present(visit, row)


@disclosures.post(
    "/disclosures/{disclosureId}/completion",
    operation_id="completeDisclosure",
    status_code=201,
    response_model=schemas.Disclosure,
)
async def complete_disclosure(
    visit: Visiting,
    disclosure: Annotated[Disclosure, disclosure_for(P.DISCLOSURE_COMPLETE)],
    body: schemas.DisclosureCompletion,
) -> Any:
    """Write down the reason of an emergency disclosure, within 24 hours (R10.2)."""
    await service.complete(visit, disclosure, body.legal_reason)
    return await answer(visit, disclosure.id)


@disclosures.post(
    "/disclosures/{disclosureId}/revocation",
    operation_id="revokeDisclosure",
    status_code=201,
    response_model=schemas.Disclosure,
)
async def revoke_disclosure(
    visit: Visiting,
    disclosure: Annotated[Disclosure, disclosure_for(P.DISCLOSURE_REVOKE)],
    body: schemas.DisclosureRevocation | None = None,
) -> Any:
    """End the reading that a disclosure opened. The record stays (R10.5)."""
    await service.revoke(visit, disclosure, body.reason if body else None)
    return await answer(visit, disclosure.id)


routers = (disclosures,)
