"""What comes in and goes out about copies of a plan."""

from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from app.disclosures.models import DisclosureChannel
from app.kernel.shapes import Id, In, Out, Page, Record, UtcInstant
from app.plan_agreements.models import PartyKind
from app.plan_deliveries.models import CopyChannel, NotDeliveredReason

_PLACE = "Null where it would tell the place of a protected child."


class DeliveryCreate(In):
    """A copy that was given in another way: to a party's unit, to a guardian, or, with neither, to the child."""

    version_number: int = Field(ge=1, le=1_000_000)
    unit_id: UUID | None = Field(default=None, description="A unit that is a party of the plan.")
    guardianship_id: UUID | None = Field(default=None, description="A guardian of the child.")
    channel: CopyChannel

    @model_validator(mode="after")
    def _one_recipient(self) -> Self:
        if self.unit_id is not None and self.guardianship_id is not None:
            raise ValueError("one recipient: unitId or guardianshipId")
        return self


class DeliveryReceipt(In):
    """The recipient says that the copy came."""


class PlanDelivery(Record):
    """A copy of a version: to whom, how, and whether they have said that it came (R7.9)."""

    plan_id: Id
    version_number: int = Field(examples=[1])
    kind: PartyKind
    unit_id: Id | None
    unit_name: str | None = Field(description=_PLACE)
    name: str | None = Field(description="Of a family member, where contacts are open to the caller.")
    mine: bool = Field(description="Whether the caller is the recipient.")
    channel: DisclosureChannel
    delivered_at: UtcInstant
    acknowledged_at: UtcInstant | None
    acknowledged_by: Id | None


class NotDelivered(Out):
    """A party without a copy of the newest version, and why."""

    unit_id: Id
    unit_name: str | None = Field(description=_PLACE)
    version_number: int = Field(examples=[1])
    reason: NotDeliveredReason


class PlanDeliveryPage(Page[PlanDelivery]):
    """The copies of a plan, newest version first, and the parties that have none of the newest."""

    not_delivered_to: list[NotDelivered]
