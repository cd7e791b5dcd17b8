"""Endpoints of reviews of places."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.group_places.access import place_for, place_row_for
from app.group_places.models import GroupPlace
from app.kernel.access import Visiting
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.links import links
from app.kernel.paging import PageQuery, whole
from app.permissions import Permission as P
from app.place_reviews import repository, schemas, service
from app.place_reviews.access import review_row_for

router = Router(
    "place-reviews",
    Text("Genomgången av en plats, en gång varje termin.", "The review of a place, once each term."),
)


def _shown(visit: Visit, row: Row) -> dict[str, Any]:
    place = f"/places/{row['place_id']}"
    path = f"{place}/reviews/{row['id']}"
    return {**row, "links": links(visit, path, (), frozenset(), neighbours={"place": place})}


def _present(visit: Visit, row: Row | None) -> dict[str, Any]:
    if row is None:
        raise NotFound
    visit.presents(f"/places/{row['place_id']}/reviews/{row['id']}")
    return _shown(visit, row)


@router.get("/places/{placeId}/reviews", operation_id="listPlaceReviews", response_model=schemas.PlaceReviewPage)
async def list_reviews(
    visit: Visiting, row: Annotated[Row, place_row_for(P.PLACE_READ)], query: Annotated[PageQuery, Query()]
) -> Any:
    """The reviews of a place, newest first."""
    rows = await repository.reviews(visit.tx, row["id"])
    return whole(visit, f"/places/{row['id']}/reviews", query, rows, lambda each: _shown(visit, each))


@router.post(
    "/places/{placeId}/reviews", operation_id="addPlaceReview", status_code=201, response_model=schemas.PlaceReview
)
async def add_review(
    visit: Visiting, place: Annotated[GroupPlace, place_for(P.PLACE_REVIEW)], body: schemas.PlaceReviewCreate
) -> Any:
    """Record the review of a term. The next one is due at the end of the coming term (R11.6)."""
    review_id: UUID = await service.add(visit, place, body)
    return _present(visit, await repository.review(visit.tx, place.id, review_id))


@router.get(
    "/places/{placeId}/reviews/{reviewId}", operation_id="getPlaceReview", response_model=schemas.PlaceReview
)  # fmt: skip
async def get_review(visit: Visiting, row: Annotated[Row, review_row_for(P.PLACE_READ)]) -> Any:
    """One review."""
    return _present(visit, row)


routers = (router,)
