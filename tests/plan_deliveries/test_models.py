"""Rules of copies, without a database."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from app.disclosures.models import DisclosureChannel
from app.plan_deliveries.models import AlreadyReceived, NotTheRecipient, PlanDelivery

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.mark.rule("R7.9")
@pytest.mark.parametrize("to", ["unit_id", "person_key"])
def test_the_recipient_alone_says_that_it_came_and_once(to: str) -> None:
    recipient, by = uuid4(), uuid4()
    copy = PlanDelivery(**{to: recipient}, channel="portal", delivered_at=NOW)
    for other in (uuid4(), None):
        with pytest.raises(NotTheRecipient):
            copy.acknowledge(other, by, NOW)

    copy.acknowledge(recipient, by, NOW)
    assert (copy.acknowledged_at, copy.acknowledged_by) == (NOW, by)
    with pytest.raises(AlreadyReceived):
        copy.acknowledge(recipient, by, NOW)
    with pytest.raises(AlreadyReceived):
        copy.send(DisclosureChannel.PAPER, NOW)
