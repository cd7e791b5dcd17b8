"""What comes in and goes out about places in contact groups."""

from uuid import UUID

from pydantic import Field

from app.contact_groups.models import DecisionType
from app.group_places.models import GroupPlaceStatus, PlaceEndReason, PlaceRespondent
from app.kernel.paging import PageQuery
from app.kernel.shapes import Day, Id, In, Name, Page, Prose, Record, UtcInstant
from app.places.models import Priority

_FROM = Field(default=None, description="The first day; today, when absent.")
_TYPE = Field(default=None, description="The group's own, when absent (the board's decision).")
_REF = Field(default=None, description="Needed after an individual needs assessment (R11.10).")
_EXEMPT = Field(
    default=False, description="R11.10: exempt from documentation (SoL 14:3, 14:7); never after a needs assessment."
)


class OfferAcceptance(In):
    """Yes to an offered place. A family says yes; on what the place rests is for the group's unit to state."""

    from_on: Day | None = _FROM
    goals: Prose | None = None
    decision_type: DecisionType | None = _TYPE
    decision_ref: Name | None = _REF
    documentation_exempt: bool = _EXEMPT
    withdraw_others: bool = Field(
        default=False, description="Also leave the other lines in which the child still waits, where the caller may."
    )


class GroupPlaceCreate(In):
    """A place given by decision, without an offer, to somebody in the group's line."""

    queue_entry_id: UUID
    from_on: Day | None = _FROM
    goals: Prose | None = None
    decision_type: DecisionType | None = _TYPE
    decision_ref: Name | None = _REF
    documentation_exempt: bool = _EXEMPT
    skip_reason: Prose | None = Field(default=None, description="Needed to go past others in the line (R11.4); kept.")


class GroupPlacePatch(In):
    """Corrections to a place that has not ended; absent fields stay, null removes."""

    goals: Prose | None = None
    decision_ref: Name | None = None


class PlaceEndingCreate(In):
    """The place ends: by the family's wish, or by a manager's decision with its grounds (R11.6)."""

    reason: PlaceEndReason = PlaceEndReason.FAMILY_WISH
    text: Prose | None = Field(default=None, description="The grounds; needed for anything but the family's wish.")
    last_on: Day | None = Field(
        default=None, description="The last day; today, or the first day that is to come, when absent."
    )


class GroupPlace(Record):
    """A place (plats). A leader of the group is shown the first name and the notes that are needed (R11.8)."""

    group_id: Id
    group_name: str
    queue_entry_id: Id
    child_id: Id | None = Field(description="Null to a leader, and where the child's record is another unit's.")
    given_name: str | None
    family_name: str | None = Field(description="Null to a leader, and where the child's record is another unit's.")
    needs: str | None = Field(description="What leaders need to know; to the group's unit and its leaders.")
    priority: Priority | None = Field(description="With which priority it was given; to the group's unit only.")
    consent_id: Id | None = Field(description="The consent on which the child was sent; null to a leader.")
    from_on: Day
    to_on: Day | None = Field(description="The last day, once it is decided.")
    goals: str | None
    decision_type: DecisionType
    decision_ref: str | None = Field(description="Null to a leader.")
    decision_missing: bool = Field(description="The unit has still to state decisionRef (R11.10).")
    documentation_exempt: bool
    status: GroupPlaceStatus
    end_reason: PlaceEndReason | None = Field(description="Null to a leader.")
    end_text: str | None = Field(description="Null to a leader.")
    end_decided_at: UtcInstant | None
    end_decided_by_name: str | None
    next_review_on: Day | None = Field(description="There is a review each term (R11.6).")
    review_overdue: bool
    heard_respondents: list[PlaceRespondent] = Field(
        description="Who has been heard in the follow-up under way (R11.7)."
    )
    given_by_name: str | None
    created_at: UtcInstant


class GroupPlacePage(Page[GroupPlace]):
    """Places in contact groups."""


class GroupPlacesQuery(PageQuery):
    """Filters of the places of one group."""

    status: list[GroupPlaceStatus] = []


class GroupPlaceQuery(GroupPlacesQuery):
    """Filters of places."""

    group_id: list[UUID] = []
    child_id: list[UUID] = []
