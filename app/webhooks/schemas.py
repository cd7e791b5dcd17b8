"""What comes in and goes out about webhooks. What is sent to a receiver is ``app.events.schemas.Event``."""

from typing import Annotated

from pydantic import Field, StringConstraints

from app.events.schemas import OperationCode, TypeCode
from app.kernel.paging import PageQuery
from app.kernel.shapes import Id, In, Line, Linked, Page, Record, UtcInstant
from app.webhooks.models import (
    WebhookDeliveryStatus,
    WebhookDisabledReason,
    WebhookFault,
    WebhookStatus,
)

Target = Annotated[
    str,
    StringConstraints(pattern=r"^https?://[!-~]{1,1900}$"),
    Field(description="Where events are sent by POST: https, on the open internet.",
          examples=["https://skola.gnesta.example/tillsammans/events"]),
]  # fmt: skip
RecordTypes = Annotated[
    list[TypeCode],
    Field(max_length=50, description="Only events of records of these types; empty: all.", examples=[["case"]]),
]
Operations = Annotated[
    list[OperationCode],
    Field(max_length=50, description="Only events of these operations; empty: all.", examples=[["activateCase"]]),
]


class WebhookSubscriptionCreate(In):
    """A wish to be told, from now on, of what the caller may see."""

    url: Target
    description: Line | None = None
    record_types: RecordTypes = []
    operations: Operations = []


class WebhookSubscriptionPatch(In):
    """Changes to a subscription; absent fields stay, null removes. They hold for events that are told from now on."""

    url: Target = ""
    description: Line | None = None
    record_types: RecordTypes = []
    operations: Operations = []


class WebhookRotation(In):
    """How long the earlier secret signs beside the new one, so that a receiver can change in its own time."""

    overlap_minutes: Annotated[int, Field(ge=0, le=10_080, description="Of both; 0: the earlier ends at once.")] = 1440


class WebhookSubscription(Record):
    """A subscription, and whether what it sends arrives."""

    url: str = Field(json_schema_extra={"example": "https://skola.gnesta.example/tillsammans/events"})
    description: str | None
    record_types: RecordTypes
    operations: Operations
    status: WebhookStatus
    disabled_because: WebhookDisabledReason | None
    status_since: UtcInstant
    failing_since: UtcInstant | None = Field(description="Since when nothing arrives; null while something does.")
    created_at: UtcInstant


class WebhookSubscriptionWithSecret(WebhookSubscription):
    """A subscription with the secret that was just made. Keep it: it is never shown again."""

    secret: str | None = Field(
        description="`whsec_` and base64. Null in an answer that an `Idempotency-Key` repeats.",
        json_schema_extra={"example": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
    )


class WebhookSubscriptionPage(Page[WebhookSubscription]):
    """The caller's own subscriptions, newest first."""


class WebhookSubscriptionQuery(PageQuery):
    """Filters of subscriptions."""

    status: list[WebhookStatus] = []


class WebhookDelivery(Linked):
    """One event on its way to the receiver, and what became of the last attempt."""

    id: Id
    event_id: Id = Field(description="Also the `webhook-id` of every attempt.")
    event_type: str = Field(json_schema_extra={"example": "se.tillsammans.case.activateCase"})
    status: WebhookDeliveryStatus
    attempts: int = Field(description="Since it was made, or last asked for.", json_schema_extra={"example": 1})
    status_code: int | None = Field(description="What the receiver answered.", json_schema_extra={"example": 503})
    fault: WebhookFault | None
    created_at: UtcInstant
    next_attempt_at: UtcInstant | None = Field(description="Null when it waits for nothing more.")
    delivered_at: UtcInstant | None


class WebhookDeliveryPage(Page[WebhookDelivery]):
    """A subscription's deliveries, newest first."""


class WebhookDeliveryQuery(PageQuery):
    """Filters of deliveries."""

    status: list[WebhookDeliveryStatus] = []
