"""Every query about reviews of places."""

from uuid import UUID

from sqlalchemy import bindparam, select

from app.kernel.db import Prepared, Row, Transaction
from app.organisations.models import User
from app.place_reviews.models import PlaceReview

_REVIEWS = select(
    PlaceReview.id, PlaceReview.place_id, PlaceReview.entry_id, PlaceReview.reviewed_on, PlaceReview.note,
    PlaceReview.outcome, PlaceReview.next_review_on, PlaceReview.reviewed_at, User.name.label("reviewed_by_name"),
).outerjoin(User, User.id == PlaceReview.reviewed_by).where(PlaceReview.place_id == bindparam("place_id"))  # fmt: skip
_ALL_REVIEWS = Prepared(_REVIEWS.order_by(PlaceReview.reviewed_on.desc(), PlaceReview.id.desc()))
_ONE_REVIEW = Prepared(_REVIEWS.where(PlaceReview.id == bindparam("review_id")))


async def reviews(tx: Transaction, place_id: UUID) -> list[Row]:
    """The reviews of a place, newest first."""
    return await tx.all(_ALL_REVIEWS, place_id=place_id)


async def review(tx: Transaction, place_id: UUID, review_id: UUID) -> Row | None:
    """One review."""
    return await tx.one(_ONE_REVIEW, place_id=place_id, review_id=review_id)
