"""How a request obtains a review: through its place."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.group_places.access import PlaceId, admitted
from app.kernel.access import Visiting, asks, unseen
from app.kernel.audit import Subject
from app.kernel.db import Row
from app.permissions import Permission
from app.place_reviews import repository

ReviewId = Annotated[UUID, Path(alias="reviewId")]


def review_row_for(permission: Permission) -> Any:
    """A review to read."""

    async def load(place_id: PlaceId, review_id: ReviewId, visit: Visiting) -> Row:
        place = await admitted(visit, place_id, permission)
        review = await repository.review(visit.tx, place_id, review_id)
        if review is None:
            raise unseen(visit, Subject("place_review", review_id, place["entry_id"]))
        return review

    return asks(permission, load)
