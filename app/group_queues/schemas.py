"""What comes in and goes out about the queue to a contact group."""

from uuid import UUID

from pydantic import Field

from app.contact_groups.schemas import Grade
from app.group_queues.models import (
    AskedVia,
    QueueConclusion,
    QueueNoteKind,
    WishedBy,
)
from app.kernel.paging import PageQuery, SortOrder
from app.kernel.shapes import (
    Id,
    In,
    Line,
    Out,
    Page,
    Prose,
    Record,
    UtcInstant,
)
from app.places.models import ClaimStatus, OfferStatus, PlaceMoveKind, Priority
from app.queue_consents.models import QueueConsentState


class QueueConsentCreate(In):
    """The consent that an entry rests on."""

    consent_id: UUID


class QueuePriorityChange(In):
    """Another priority, with its reason (R11.4)."""

    priority: Priority
    reason: Prose


class QueueWithdrawal(In):
    """Out of the line."""

    reason: Line | None = Field(default=None, description="Nobody has to give one. Not shown to whoever sent it.")


class QueueReturn(In):
    """Back into the line, at the place that the time of the request gives."""

    reason: Prose


class OfferInBrief(Out):
    """An offer of an entry."""

    id: Id
    status: OfferStatus
    made_at: UtcInstant
    expires_at: UtcInstant


class QueueEntry(Record):
    """A child's wish for a place in a contact group (köanmälan), and where it stands in the line.

    Whoever sent it, and is of another unit, sees its status and what they sent themselves.
    """

    group_id: Id
    group_name: str | None = Field(description="Null where it would tell the place of a protected child (R2.5).")
    child_id: Id | None = Field(description="Null where the caller may not know of the child's record.")
    given_name: str | None = Field(description="Null in lists where the child is protected (R2.5).")
    grade: int
    status: ClaimStatus
    rank: int | None = Field(description="Place in the line, 1 is next; to the group's unit and the family only.")
    waiting: int | None = Field(description="How many stand in the line; while the child waits, to the same.")
    requested_at: UtcInstant
    priority: Priority | None = Field(description="To the group's unit only.")
    wished_by: WishedBy
    asked_via: AskedVia
    sender_unit_id: Id | None = Field(description="Who sent it, if another unit; null where it would tell a place.")
    sender_unit_name: str | None
    consent_state: QueueConsentState
    consent_id: Id | None = Field(description="Null where the caller may not see the consent.")
    needs: str | None = Field(description="What the child needs; to the group's unit and the family only.")
    offers: list[OfferInBrief] = Field(description="The newest first; to the group's unit and the family only.")
    concluded_because: QueueConclusion | None = Field(description="Who or what took it out of the line.")
    concluded_reason: str | None = Field(description="If somebody gave one; to the group's unit and the family only.")
    created_at: UtcInstant


class QueueEntryPage(Page[QueueEntry]):
    """Entries of queues to contact groups."""


class QueueEntryQuery(PageQuery):
    """Filters of entries."""

    status: list[ClaimStatus] = []
    child_id: list[UUID] = Field(default=[], description="Entries about this child, in whichever groups.")


class QueueLineQuery(PageQuery):
    """Filters of one group's line, which is read from its beginning."""

    sort_order: SortOrder = SortOrder.ASC
    status: list[ClaimStatus] = []
    priority: list[Priority] = Field(default=[], description="Told to the group's unit only; others find nothing.")
    grade: list[Grade] = []


class QueueEvent(Out):
    """One thing that happened to an entry: a move in the line, or a note with its reason."""

    id: Id
    at: UtcInstant
    move: PlaceMoveKind | None
    note: QueueNoteKind | None
    text: str | None
    rank: int | None = Field(description="Place in the line then; not to whoever sent the entry.")
    waiting: int | None
    by_name: str | None = Field(description="Who did it, to the group's unit only; null when time itself did.")


class QueueEventQuery(PageQuery):
    """An entry's history, read from its beginning."""

    sort_order: SortOrder = SortOrder.ASC


class QueueEventPage(Page[QueueEvent]):
    """Everything that happened to an entry, first to last: it explains the place that the child has in the line."""
