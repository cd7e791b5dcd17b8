"""Endpoints of places in contact groups."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.contact_groups.access import group_row_for, own_group_for
from app.contact_groups.models import DecisionType
from app.group_places import repository, schemas, service
from app.group_places.access import (
    place_for,
    place_row_for,
    relations,
    sees_whole,
    sight_of,
)
from app.group_places.models import PLACE_FLOW, GroupPlace
from app.group_queues.access import OfferOf, offer_row_for
from app.kernel.access import Visiting, allowed
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.links import Action, links
from app.kernel.paging import PageQuery, page, window
from app.permissions import Permission as P
from app.places.models import Priority

router = Router("places", Text("Platser i kontaktgrupper.", "Places in contact groups."))
_ACTIONS = (
    Action("edit", "PATCH", "", P.PLACE_GIVE, "edit"),
    Action("review", "POST", "/reviews", P.PLACE_REVIEW, "review"),
    Action("ending", "POST", "/ending", P.PLACE_END, "end"),
    Action("follow-up", "POST", "/follow-ups", P.GROUP_FOLLOW_UP_WRITE),
    Action("reviews", "GET", "/reviews", P.PLACE_READ),
    Action("follow-ups", "GET", "/follow-ups", P.GROUP_FOLLOW_UP_READ),
)
#: What a leader is not shown: leaders know their children by first name, and what they need to know (R11.8).
_WHOLE = ("child_id", "family_name", "priority", "decision_ref", "consent_id", "end_reason", "end_text")


def _shown(visit: Visit, row: Row) -> dict[str, Any]:
    seen, mine = row, relations(visit, row)
    whole_place, family = sees_whole(visit, row), visit.actor.is_family
    if not whole_place and not family:
        seen = {**row, **dict.fromkeys(_WHOLE)}
    neighbours = {"contact-group": f"/contact-groups/{row['group_id']}"}
    if whole_place or family:
        neighbours["queue-entry"] = f"/queue-entries/{row['entry_id']}"
    if seen["child_id"]:
        neighbours["child"] = f"/children/{seen['child_id']}"
    assessed = row["decision_type"] == DecisionType.INDIVIDUAL_NEEDS_ASSESSMENT
    return {
        **seen,
        "queue_entry_id": row["entry_id"],
        "priority": list(Priority)[row["priority"]] if whole_place else None,
        "decision_missing": assessed and row["decision_ref"] is None,
        "links": links(
            visit, f"/places/{row['id']}", _ACTIONS, mine, workflow=PLACE_FLOW, status=row["status"],
            neighbours=neighbours,
        ),
    }  # fmt: skip


def _present(visit: Visit, row: Row) -> dict[str, Any]:
    visit.presents(f"/places/{row['id']}", row["version"])
    return _shown(visit, row)


async def _answer(visit: Visit, place_id: UUID) -> dict[str, Any]:
    row = await repository.place(visit.tx, place_id)
    if row is None:
        raise NotFound
    return _present(visit, row)


async def _page(visit: Visit, path: str, query: PageQuery, group_id: UUID | None = None) -> dict[str, Any]:
    frame, sight = window(visit, query), sight_of(visit)
    if group_id is not None:
        shape = frame.shape._replace(filters=frame.shape.filters | {"group_id"})
        frame = frame._replace(shape=shape, values={**frame.values, "group_id": [group_id]})
    rows = await repository.places(visit.tx, frame, sight)
    total = await repository.count(visit.tx, frame, sight) if query.include_total else None
    visit.trail.looked(Subject("place_list", None, group_id))
    return page(visit, path, query, rows, lambda row: _shown(visit, row), total=total)


@router.post(
    "/offers/{offerId}/acceptance", operation_id="acceptOffer", status_code=201, response_model=schemas.GroupPlace
)
async def accept_offer(
    visit: Visiting, offer: Annotated[OfferOf, offer_row_for(P.PLACE_OFFER_ANSWER)], body: schemas.OfferAcceptance
) -> Any:
    """Say yes to an offered place, as the family or for it. The child's other lines stay unless they are left too.

    A family states no decision; where the place needs one the unit states it afterwards (R11.10).
    """
    return await _answer(visit, await service.accept(visit, offer.entry, offer.offer_id, body))


@router.get(
    "/contact-groups/{groupId}/places", operation_id="listContactGroupPlaces", response_model=schemas.GroupPlacePage
)
async def list_group_places(
    visit: Visiting,
    group: Annotated[Row, group_row_for(P.PLACE_LIST)],
    query: Annotated[schemas.GroupPlacesQuery, Query()],
) -> Any:
    """A group's places, as far as they are the caller's to see: its unit's, its leader's, a family's own (R11.8)."""
    return await _page(visit, f"/contact-groups/{group['id']}/places", query, group["id"])


@router.post(
    "/contact-groups/{groupId}/places", operation_id="giveContactGroupPlace", status_code=201,
    response_model=schemas.GroupPlace,
)  # fmt: skip
async def give_place(
    visit: Visiting, group: Annotated[Row, own_group_for(P.PLACE_GIVE)], body: schemas.GroupPlaceCreate
) -> Any:
    """Give a place by decision to somebody in line, without an offer.

    There are never more than the group has (R11.1), and nobody is passed without a reason (R11.4).
    """
    return await _answer(visit, await service.give(visit, group["id"], body))


@router.get("/places", operation_id="listPlaces", response_model=schemas.GroupPlacePage)
async def list_places(
    visit: Annotated[Visit, allowed(P.PLACE_LIST)], query: Annotated[schemas.GroupPlaceQuery, Query()]
) -> Any:
    """The caller's places: of the unit's groups, of the groups led, or of the family; newest first."""
    return await _page(visit, "/places", query)


@router.get("/places/{placeId}", operation_id="getPlace", response_model=schemas.GroupPlace)
async def get_place(visit: Visiting, row: Annotated[Row, place_row_for(P.PLACE_READ)]) -> Any:
    """One place. A leader sees a first name and needed notes (R11.8); whoever sent the child sees none of it."""
    return _present(visit, row)


@router.patch("/places/{placeId}", operation_id="updatePlace", response_model=schemas.GroupPlace)
async def update_place(
    visit: Visiting, place: Annotated[GroupPlace, place_for(P.PLACE_GIVE)], body: schemas.GroupPlacePatch
) -> Any:
    """Change the goals, or state the decision that the place rests on (R11.10)."""
    await service.change(visit, place, body)
    return await _answer(visit, place.id)


@router.post(
    "/places/{placeId}/ending", operation_id="endPlace", status_code=201, response_model=schemas.GroupPlace
)  # fmt: skip
async def end_place(
    visit: Visiting, place: Annotated[GroupPlace, place_for(P.PLACE_END)], body: schemas.PlaceEndingCreate
) -> Any:
    """End a place: because the family wishes it, or by a manager's decision with its grounds. There is no longest stay.

    That others wait is no reason (R11.6). The seat is free when the last day has passed, at once if that is today.
    """
    await service.end(visit, place, body)
    return await _answer(visit, place.id)


routers = (router,)
