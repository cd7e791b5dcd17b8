"""What goes out about events, and how a consumer asks. Items are CloudEvents 1.0 in JSON."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from app.events.models import FeedStart
from app.kernel.paging import Query
from app.kernel.shapes import Id, Out, Page, UtcInstant

TypeCode = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,60}$")]
OperationCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z:_]{1,100}$")]


class EventQuery(Query):
    """From where, how many, of which, and how long to wait when there is nothing new."""

    cursor: str | None = Field(
        default=None, max_length=500, description="From the last answer; opaque, and good for any filter."
    )
    start: FeedStart = Field(default=FeedStart.BEGINNING, description="Where to begin without a cursor.")
    limit: int = Field(default=20, ge=1, le=200, description="Events an answer.")
    wait: int = Field(
        default=0, ge=0, le=300,
        description="Seconds to wait for an event when there is none (long poll); the installation may allow less.",
    )  # fmt: skip
    record_type: list[TypeCode] = Field(default=[], max_length=50, description="Of records of this type; repeatable.")
    operation: list[OperationCode] = Field(default=[], max_length=50, description="Of this operation; repeatable.")


class EventData(Out):
    """What was changed, by ids alone."""

    record_type: str = Field(json_schema_extra={"example": "case"})
    record_id: Id
    operation: str = Field(
        description="The operationId of what was done, or a part of it (`plan:accept`).",
        json_schema_extra={"example": "activateCase"},
    )
    case_id: Id | None = Field(description="The case that the record belongs to, or is.")


class Event(Out):
    """One change, as a CloudEvent 1.0. Read the record at `subject` to learn what it is like now."""

    specversion: Literal["1.0"] = "1.0"
    id: Id
    source: str = Field(
        description="The API that tells it.",
        json_schema_extra={"example": "https://tillsammans.example/tillsammans/v1"},
    )
    type: str = Field(
        description="`se.tillsammans.`, the record's type, and the operation.",
        json_schema_extra={"example": "se.tillsammans.case.activateCase"},
    )
    subject: str | None = Field(
        description="The record's path under `source`, where it has one that names no child but itself.",
        json_schema_extra={"example": "/cases/01976b1e-7a30-7c3e-9d5a-5d7f3c1b2a90"},
    )
    time: UtcInstant
    sequence: str = Field(
        description="Later changes of a record have a greater one, compared as text.",
        json_schema_extra={"example": "0000000000000004711"},
    )
    data: EventData


class EventPage(Page[Event]):
    """The next events that the caller may see. Keep `cursor`: it goes on from here, also when `items` is empty."""

    cursor: str = Field(description="For the next request.", json_schema_extra={"example": "kJ3…"})
