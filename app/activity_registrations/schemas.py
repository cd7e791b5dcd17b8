"""What comes in and goes out about registrations."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from app.activities.schemas import Age
from app.activity_registrations.models import RegisteredKind, RegistrationStatus
from app.kernel.paging import PageQuery
from app.kernel.shapes import Id, In, Page, Record, UtcInstant

BookingCode = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9 -]{8,12}$"),
    Field(description="As it was told, in small or capital letters.", examples=["K7QD-M3XP"]),
]


class RegistrationCreate(In):
    """A registration for one person. It holds no name, no child and no age."""

    age: Age | None = Field(default=None, description="Where the activity has age limits; checked and not kept.")
    child_id: UUID | None = Field(
        default=None,
        description="A guardian's child that is to come, instead of themselves: its age is checked, nothing is kept.",
    )


class RegistrationAcceptance(In):
    """Yes to the place that became free."""


class RegistrationDecline(In):
    """No to the place that became free: it goes to the next in line."""


class RegistrationWithdrawal(In):
    """The place, or the place in line, is given up."""


class RegistrationLookup(In):
    """The booking code, as somebody says it at the door or on the telephone."""

    booking_code: BookingCode


class Registration(Record):
    """A registration (anmälan): a place at an activity, or a place in the line for one."""

    activity_id: Id
    activity_title: str = Field(description="In the language of the answer, or Swedish.")
    starts_at: UtcInstant
    ends_at: UtcInstant
    place: str | None
    status: RegistrationStatus
    rank: int | None = Field(description="The place in line, 1 is next; null when it does not wait.")
    waiting: int | None = Field(description="How many stand in line; null when it does not wait.")
    offer_expires_at: UtcInstant | None = Field(description="Until when the offered place waits for an answer.")
    registered_kind: RegisteredKind
    created_at: UtcInstant
    cancel_reason: str | None = Field(description="Why the activity was cancelled.")
    booking_code: str | None = Field(default=None, description="Told once, in the answer to the registration.")


class RegistrationPage(Page[Registration]):
    """Registrations, the newest first."""


class ActivityRegistrationQuery(PageQuery):
    """Filters of an activity's registrations."""

    status: list[RegistrationStatus] = []


class RegistrationQuery(ActivityRegistrationQuery):
    """Filters of registrations to any activity."""

    activity_id: list[UUID] = []
    sent: bool | None = Field(
        default=None,
        description="True: those that the caller, or the caller's unit, has made. False: those to the own unit's "
        "activities, which is where staff begin; the family has made its own.",
    )
