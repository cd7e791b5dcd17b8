"""The rules of custody, without a database."""

from datetime import UTC, date, datetime

import pytest

from app.guardians.models import ContactNeedsReason, Guardianship, majority
from app.kernel.circles import FOREVER
from app.people.models import EndsBeforeItBegins


def guardianship(**fields) -> Guardianship:
    begins = datetime(2026, 1, 1, tzinfo=UTC)
    return Guardianship(**{"valid_from": begins, "valid_to": None, "contact_allowed": True, **fields})


@pytest.mark.rule("R2.9")
@pytest.mark.parametrize(
    ("born", "instant"),
    [
        (date(2008, 7, 15), datetime(2026, 7, 14, 22, tzinfo=UTC)),
        (date(2008, 1, 15), datetime(2026, 1, 14, 23, tzinfo=UTC)),
        (date(2008, 2, 29), datetime(2026, 2, 27, 23, tzinfo=UTC)),
        (None, FOREVER),
    ],
)
def test_majority_begins_with_the_stockholm_day_of_the_18th_birthday(born, instant):
    assert majority(born) == instant


def test_no_contact_needs_a_reason():
    with pytest.raises(ContactNeedsReason):
        guardianship(contact_allowed=False).require_sound()
    guardianship(contact_allowed=False, contact_reason="Kontaktförbud").require_sound()


@pytest.mark.rule("R2.8")
def test_a_period_of_custody_goes_forward():
    with pytest.raises(EndsBeforeItBegins):
        guardianship(valid_to=datetime(2025, 12, 31, tzinfo=UTC)).require_sound()
    guardianship(valid_to=datetime(2026, 1, 1, tzinfo=UTC)).require_sound()
