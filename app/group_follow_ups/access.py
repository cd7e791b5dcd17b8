"""How a request obtains a follow-up: through its place."""

from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import Path

from app.group_follow_ups import repository
from app.group_places.access import PlaceId, admitted, sees_whole
from app.kernel.access import Visiting, asks, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.permissions import Permission

FollowUpId = Annotated[UUID, Path(alias="followUpId")]


class FollowUpSeen(NamedTuple):
    """A follow-up with the place that it is of."""

    place: Row
    follow_up: Row


def reads_all(visit: Visit, place: Row) -> bool:
    """Whether the caller reads what everybody said, as far as the wall shows it; a leader reads leaders' (R11.8)."""
    return visit.actor.is_family or sees_whole(visit, place)


def follow_up_row_for(permission: Permission) -> Any:
    """A follow-up to read."""

    async def load(place_id: PlaceId, follow_up_id: FollowUpId, visit: Visiting) -> FollowUpSeen:
        place = await admitted(visit, place_id, permission)
        row = await repository.one(visit.tx, place_id, follow_up_id, whole=reads_all(visit, place))
        if row is None:
            raise unseen(visit, Subject("place_follow_up", follow_up_id, place["entry_id"]))
        return FollowUpSeen(place, row)

    return asks(permission, load)
