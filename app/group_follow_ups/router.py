"""Endpoints of follow-ups of places, and of results of many groups together."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.contact_groups.access import own_group_for, relations_inside
from app.group_follow_ups import repository, schemas, service
from app.group_follow_ups.access import FollowUpSeen, follow_up_row_for, reads_all
from app.group_places.access import place_for, place_row_for
from app.group_places.models import GroupPlace
from app.kernel.access import Visiting, allowed
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.links import links
from app.kernel.paging import PageQuery, page, whole, window
from app.permissions import Permission as P
from app.permissions import may

router = Router(
    "place-follow-ups",
    Text("Hur en plats gick: barnet, en vårdnadshavare och en ledare.", "How a place went, asked of three."),
)
results = Router(
    "contact-group-results",
    Text("Resultat för många grupper tillsammans, aldrig för en.", "Results of many groups together, never of one."),
)


def _shown(visit: Visit, row: Row) -> dict[str, Any]:
    place = f"/places/{row['place_id']}"
    path = f"{place}/follow-ups/{row['id']}"
    return {**row, "links": links(visit, path, (), frozenset(), neighbours={"place": place})}


def _present(visit: Visit, row: Row | None) -> dict[str, Any]:
    if row is None:
        raise NotFound
    visit.presents(f"/places/{row['place_id']}/follow-ups/{row['id']}", row["version"])
    return _shown(visit, row)


@router.get(
    "/contact-groups/{groupId}/follow-ups", operation_id="listContactGroupFollowUps",
    response_model=schemas.PlaceFollowUpPage,
)  # fmt: skip
async def list_group_follow_ups(
    visit: Visiting, group: Annotated[Row, own_group_for(P.GROUP_FOLLOW_UP_READ)],
    query: Annotated[schemas.PlaceFollowUpQuery, Query()],
) -> Any:  # fmt: skip
    """The follow-ups of a group's places, for its unit; a leader reads what leaders said (R11.8)."""
    full, frame = may(visit.actor.role, P.PLACE_GIVE, relations_inside(visit, group)), window(visit, query)
    rows = await repository.of_group(visit.tx, group["id"], frame, whole=full)
    total = await repository.count(visit.tx, group["id"], frame, whole=full) if query.include_total else None
    path = f"/contact-groups/{group['id']}/follow-ups"
    return page(visit, path, query, rows, lambda row: _shown(visit, row), total=total)


@router.get("/places/{placeId}/follow-ups", operation_id="listPlaceFollowUps", response_model=schemas.PlaceFollowUpPage)
async def list_follow_ups(
    visit: Visiting, place: Annotated[Row, place_row_for(P.GROUP_FOLLOW_UP_READ)], query: Annotated[PageQuery, Query()]
) -> Any:
    """The follow-ups of a place, newest first. Guardians do not read what a child keeps to itself."""
    rows = await repository.of_place(visit.tx, place["id"], whole=reads_all(visit, place))
    return whole(visit, f"/places/{place['id']}/follow-ups", query, rows, lambda row: _shown(visit, row))


@router.post(
    "/places/{placeId}/follow-ups", operation_id="addPlaceFollowUp", status_code=201,
    response_model=schemas.PlaceFollowUp,
)  # fmt: skip
async def add_follow_up(
    visit: Visiting,
    place: Annotated[GroupPlace, place_for(P.GROUP_FOLLOW_UP_WRITE)],
    body: schemas.PlaceFollowUpCreate,
) -> Any:
    """Record what the child, a guardian or a leader says, or why one of them was not asked (R11.7).

    A family member and a leader speak for themselves. When all three are there the round is done; below the age of
    seven a child need not be asked.
    """
    follow_up_id: UUID = await service.add(visit, place, body)
    return _present(visit, await repository.one(visit.tx, place.id, follow_up_id, whole=True))


@router.get(
    "/places/{placeId}/follow-ups/{followUpId}", operation_id="getPlaceFollowUp", response_model=schemas.PlaceFollowUp
)
async def get_follow_up(
    visit: Visiting, seen: Annotated[FollowUpSeen, follow_up_row_for(P.GROUP_FOLLOW_UP_READ)]
) -> Any:
    """One follow-up."""
    return _present(visit, seen.follow_up)


def _result(visit: Visit, row: Row) -> dict[str, Any]:
    path = f"/contact-group-results?municipalityCode={row['municipality_code']}&term={row['term']}"
    return {**row, "links": links(visit, path, (), frozenset())}


@results.get(
    "/contact-group-results", operation_id="listContactGroupResults", response_model=schemas.ContactGroupResultPage
)
async def list_results(
    visit: Annotated[Visit, allowed(P.GROUP_RESULT_READ)], query: Annotated[schemas.ContactGroupResultQuery, Query()]
) -> Any:
    """How it went, the groups of a municipality in a term together. Small numbers are null, and stay so (R11.9)."""
    rows = await service.results(visit, query)
    visit.trail.looked(Subject("contact_group_results"))
    return whole(visit, "/contact-group-results", query, rows, lambda row: _result(visit, row))


routers = (router, results)
