"""What comes in and goes out about the circle and its hand-overs."""

from uuid import UUID

from pydantic import Field

from app.cooperation.models import TransferKind, TransferStatus
from app.kernel.shapes import Id, In, Line, Linked, Opened, Page, Record, UtcInstant


class MemberCreate(In):
    """A unit invited into the circle. It sees nothing before a consent or disclosure opens something (R3.2)."""

    unit_id: UUID


class Member(Linked):
    """A unit in the circle."""

    id: Id
    unit_id: Id
    unit_name: str | None = Field(description="Null where it would tell the place of a protected child.")
    authority_id: Id
    authority_name: str
    standing: str = Field(json_schema_extra={"example": "member"})
    status: str | None = Field(description="invited or active; null where the caller cannot know.")
    opened: list[Opened] = Field(alias="openedBy")
    joined_at: UtcInstant
    left_at: UtcInstant | None


class MemberPage(Page[Member]):
    """The circle."""


class MemberEnding(In):
    """Why a unit leaves the circle."""

    reason: Line


class TransferCreate(In):
    """Hand over the case to another unit, or the contact role to a colleague."""

    to_unit_id: UUID | None = None
    to_user_id: UUID | None = None
    reason: Line


class TransferAnswer(In):
    """Accept, decline or withdraw."""

    named_contact_id: UUID | None = Field(default=None, description="The new named contact; the caller, when absent.")
    note: Line | None = None


class Transfer(Record):
    """A hand-over and its answer."""

    case_id: Id
    kind: TransferKind
    to_unit_id: Id
    to_unit_name: str | None
    to_user_id: Id | None
    reason: str
    status: TransferStatus
    requested_at: UtcInstant
    answered_at: UtcInstant | None
    answer_note: str | None


class TransferPage(Page[Transfer]):
    """Hand-overs of a case."""


class NamedContactChange(In):
    """The next named contact; the old one stays until the new one accepts (R3.5)."""

    user_id: UUID
    reason: Line
