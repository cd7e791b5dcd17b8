"""The rules of children and guardians, without a database."""

from datetime import UTC, date, datetime

import pytest

from app.kernel.errors import Invalid
from app.people.identifiers import follows_from_identifier, person_key, unidentified_key
from app.people.models import FOREVER, Child, ContactNeedsReason, EndsBeforeItBegins, Guardianship, majority

NUMBER = "201403132382"


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


def test_a_person_has_one_key_everywhere_and_it_tells_nothing_without_the_secret():
    key = person_key("secret", NUMBER)

    assert key == person_key("secret", NUMBER)
    assert len({key, person_key("other", NUMBER), person_key("secret", "201404122384")}) == 3
    assert follows_from_identifier(key)
    assert not follows_from_identifier(unidentified_key())


def test_every_implausible_date_is_told_at_once():
    child = Child(birth_date=date(2026, 5, 1), expected_birth_date=date(2026, 5, 2), deceased_on=date(2026, 4, 1))

    with pytest.raises(Invalid) as caught:
        child.require_plausible(date(2026, 4, 30))

    assert [(error.pointer, error.code) for error in caught.value.errors] == [
        ("/birthDate", "date-in-future"),
        ("/expectedBirthDate", "already-born"),
        ("/deceasedOn", "date-before-birth"),
    ]


def test_no_contact_needs_a_reason():
    with pytest.raises(ContactNeedsReason):
        guardianship(contact_allowed=False).require_sound()
    guardianship(contact_allowed=False, contact_reason="Kontaktförbud").require_sound()


@pytest.mark.rule("R2.8")
def test_a_period_of_custody_goes_forward():
    with pytest.raises(EndsBeforeItBegins):
        guardianship(valid_to=datetime(2025, 12, 31, tzinfo=UTC)).require_sound()
    guardianship(valid_to=datetime(2026, 1, 1, tzinfo=UTC)).require_sound()
