"""Endpoints of the use of support."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.kernel.access import Visiting, allowed
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.links import Action, links
from app.kernel.paging import page, whole, window
from app.people import service as people
from app.permissions import Permission as P
from app.support_uses import repository, schemas, service
from app.support_uses.access import (
    OfferCounted,
    UseHeld,
    UseSeen,
    looked,
    offer_to_count,
    own_offer,
    relations,
    use_for,
    use_row_for,
)
from app.support_uses.models import SUPPORT_USE_FLOW

router = Router(
    "support-uses",
    Text(
        "Hur stödet används: antal, och det som bara den som ger stödet läser.",
        "How support is used: numbers, and what only the provider reads.",
    ),
)

_SESSION = Action("sessions", "POST", "/sessions", P.SUPPORT_USE_RECORD, "session")
_EXTEND = Action("extension", "POST", "/extension", P.SUPPORT_USE_EXTEND, "extend")
_END = Action("ending", "POST", "/ending", P.SUPPORT_USE_RECORD, "end")


def _path(offer_id: UUID) -> str:
    return f"/support-offers/{offer_id}/uses"


def _shown(visit: Visit, row: Row) -> dict[str, Any]:
    limited = row["sessions_allowed"] is not None
    left = not limited or row["sessions_used"] < row["sessions_allowed"]
    neighbours = {"offer": f"/support-offers/{row['offer_id']}"}
    neighbours |= {"child": f"/children/{row['child_id']}"} if row["child_id"] else {}
    offered = (*((_SESSION,) if left else ()), *((_EXTEND,) if limited else ()), _END)
    path = f"{_path(row['offer_id'])}/{row['id']}"
    found = links(
        visit, path, offered, relations(visit, row), workflow=SUPPORT_USE_FLOW, status=row["status"],
        neighbours=neighbours,
    )  # fmt: skip
    return {**row, "links": found}


def _present(visit: Visit, row: Row) -> dict[str, Any]:
    visit.presents(f"{_path(row['offer_id'])}/{row['id']}", row["version"])
    return _shown(visit, row)


async def _answer(visit: Visit, use_id: UUID) -> dict[str, Any]:
    row = await repository.use(visit.tx, use_id)
    if row is None:
        raise NotFound
    return _present(visit, row)


def _recorded(visit: Visit, offer: Row, done: service.Recorded) -> dict[str, Any]:
    place = f"/support-offers/{offer['id']}"
    path = f"{place}/uses/{done.use.id}" if done.use else f"{place}/use-counts"
    visit.presents(path)
    return {
        "counted": True,
        "on_date": done.on_date,
        "use_id": done.use.id if done.use else None,
        "code": done.code,
        "links": links(visit, path, (), frozenset(), neighbours={"offer": place}),
    }


@router.get(
    "/support-offers/{supportOfferId}/uses", operation_id="listSupportUses", response_model=schemas.SupportUsePage
)
async def list_uses(
    visit: Visiting,
    offer: Annotated[Row, own_offer(P.SUPPORT_USE_LIST)],
    query: Annotated[schemas.SupportUseQuery, Query()],
) -> Any:
    """Uses of an offer of the caller's unit. For everybody else there are none (R14.6)."""
    frame = window(visit, query)
    rows = await repository.uses(visit.tx, frame, offer)
    total = await repository.count(visit.tx, frame, offer) if query.include_total else None
    visit.trail.looked(Subject("support_use_list"))
    return page(visit, _path(offer["id"]), query, rows, lambda row: _shown(visit, row), total=total)


@router.post(
    "/support-offers/{supportOfferId}/uses", operation_id="recordSupportUse", status_code=201,
    response_model=schemas.RecordedUse,
)  # fmt: skip
async def record_use(
    visit: Visiting, offer: Annotated[Row, own_offer(P.SUPPORT_USE_CREATE)], body: schemas.SupportUseCreate
) -> Any:
    """Somebody uses an offer. Where nobody is recorded a number grows, and nothing else is kept (R14.4)."""
    return _recorded(visit, offer, await service.record(visit, offer, body))


@router.get(
    "/support-offers/{supportOfferId}/uses/{useId}", operation_id="getSupportUse", response_model=schemas.SupportUse
)
async def get_use(visit: Visiting, seen: Annotated[UseSeen, use_row_for(P.SUPPORT_USE_READ)]) -> Any:
    """One use."""
    return _present(visit, seen.use)


@router.post("/support-use-lookups", operation_id="lookUpSupportUse", response_model=schemas.SupportUse)
async def look_up_use(visit: Annotated[Visit, allowed(P.SUPPORT_USE_LIST)], body: schemas.SupportUseLookup) -> Any:
    """Somebody comes back and says the code; a POST, so that no code stands in an address. Own unit only."""
    row = await service.use_of_code(visit, body.code)
    people.require_checkpoint(visit, row)
    looked(visit, row)
    return _present(visit, row)


@router.post(
    "/support-offers/{supportOfferId}/uses/{useId}/sessions", operation_id="recordUseSession", status_code=201,
    response_model=schemas.SupportUse,
)  # fmt: skip
async def record_session(
    visit: Visiting, held: Annotated[UseHeld, use_for(P.SUPPORT_USE_RECORD)], body: schemas.UseSessionCreate
) -> Any:
    """Count a talk. The sixth of five is refused with what there is instead (R14.2)."""
    await service.count_session(visit, held.offer, held.use, body)
    return await _answer(visit, held.use.id)


@router.post(
    "/support-offers/{supportOfferId}/uses/{useId}/extension", operation_id="extendSupportUse", status_code=201,
    response_model=schemas.SupportUse,
)  # fmt: skip
async def extend_use(
    visit: Visiting, held: Annotated[UseHeld, use_for(P.SUPPORT_USE_EXTEND)], body: schemas.UseExtension
) -> Any:
    """The unit manager grants more talks (R14.2)."""
    await service.extend(visit, held.use, body)
    return await _answer(visit, held.use.id)


@router.post(
    "/support-offers/{supportOfferId}/uses/{useId}/ending", operation_id="endSupportUse", status_code=201,
    response_model=schemas.SupportUse,
)  # fmt: skip
async def end_use(
    visit: Visiting, held: Annotated[UseHeld, use_for(P.SUPPORT_USE_RECORD)], body: schemas.UseEnding
) -> Any:
    """Whoever came comes no more."""
    await service.end(visit, held.use, body)
    return await _answer(visit, held.use.id)


@router.get(
    "/support-offers/{supportOfferId}/use-counts", operation_id="listUseCounts", response_model=schemas.UseCountPage
)
async def list_counts(
    visit: Visiting,
    counted: Annotated[OfferCounted, offer_to_count(P.SUPPORT_COUNT_READ)],
    query: Annotated[schemas.UseCountQuery, Query()],
) -> Any:
    """How many used an offer: by day for its own unit, by month and from the smallest count up for others (R19.1)."""
    offer, own = counted
    rows = await service.counts(visit, offer, query, own=own)
    visit.trail.looked(Subject("support_use_counts", offer["id"]))
    return whole(visit, f"/support-offers/{offer['id']}/use-counts", query, rows, lambda row: row)


routers = (router,)
