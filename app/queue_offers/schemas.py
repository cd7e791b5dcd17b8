"""What comes in and goes out about offers of places in contact groups."""

from pydantic import Field

from app.kernel.shapes import Id, In, Line, Page, Prose, Record, UtcInstant
from app.places.models import OfferStatus


class QueueOfferCreate(In):
    """A free place is offered to a child in line."""

    skip_reason: Prose | None = Field(
        default=None, description="Why the place is offered past others who come before (R11.4)."
    )


class QueueOfferDecline(In):
    """No to an offer; the place goes to the next in line."""

    reason: Line | None = Field(default=None, description="Nobody has to give one.")


class QueueOffer(Record):
    """A place that is offered to a child until an instant (erbjudande)."""

    queue_entry_id: Id
    group_id: Id
    group_name: str
    given_name: str | None
    status: OfferStatus
    rank: int = Field(description="Where the child stood in the line when it was made; 1 is first.")
    made_at: UtcInstant
    expires_at: UtcInstant = Field(description="From this instant on it is nobody's (R11.5).")
    concluded_at: UtcInstant | None


class QueueOfferPage(Page[QueueOffer]):
    """The offers of an entry, the newest first."""
