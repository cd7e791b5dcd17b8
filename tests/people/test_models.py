"""The rules of children, without a database."""

from datetime import date

import pytest

from app.kernel.errors import Invalid
from app.people.identifiers import follows_from_identifier, person_key, unidentified_key
from app.people.models import Child

NUMBER = "201403132382"


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


def test_a_record_is_told_its_columns_and_nothing_else():
    assert Child(family_name="Alm").family_name == "Alm"
    with pytest.raises(TypeError, match="Child has no nickname"):
        Child(family_name="Alm", nickname="Alma")
