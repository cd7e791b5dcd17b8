"""The demo directory is the sources' county, and nothing that the sources do not say."""

import pytest

from app.demo import USERS, directory
from app.demo.staff import ASSIGNMENT_IDS, EVERYBODY, USER_IDS
from app.opening_hours import require_clear
from app.organisations.models import Assignment, OrganisationKind, SecrecyRegime, Sector, UnitType
from app.people.identifiers import IDENTIFIER_PATTERN
from app.people.testnumbers import TEST_PERSONNUMMER

PROMISED = [
    "gnesta.school", "gnesta.social", "gnesta.coordinator", "gnesta.familycentre", "gnesta.logreviewer",
    "katrineholm.coordinator", "region.bup", "vingaker.manager", "vingaker.leader", "guardian.one", "guardian.two",
    "youth.one", "stats.reader", "sys.admin", "system.gnesta-school", "system.vingaker-import",
]  # fmt: skip
EVERY_ID = [
    *(record.id for record in directory.ORGANISATIONS.values()),
    *directory.AUTHORITIES.values(),
    *directory.UNITS.values(),
    *USER_IDS.values(),
    *ASSIGNMENT_IDS.values(),
    *(desk_id for desk in directory.DESKS for desk_id in (desk.id, desk.staff_id)),
]


@pytest.mark.rule("R1.7")
def test_the_county_has_its_nine_municipalities_by_code() -> None:
    assert {town.code: town.name for town in directory.MUNICIPALITIES} == {
        "0428": "Vingåker",
        "0461": "Gnesta",
        "0480": "Nyköping",
        "0481": "Oxelösund",
        "0482": "Flen",
        "0483": "Katrineholm",
        "0484": "Eskilstuna",
        "0486": "Strängnäs",
        "0488": "Trosa",
    }


def test_organisation_numbers_are_those_of_the_sources_and_only_two_are_verified() -> None:
    numbered = {record.org_number: record for record in directory.ORGANISATIONS.values() if record.org_number}

    assert sorted(numbered) == [
        "212000-0308", "212000-0324", "212000-0332", "212000-0340", "212000-0357", "212000-0365", "212000-2940",
        "212000-2957", "212000-2965", "232100-0032",
    ]  # fmt: skip
    assert {record.name for record in numbered.values() if record.org_number_verified} == {
        "Vingåker kommun",
        "Region Sörmland",
    }


def test_every_municipality_has_a_social_and_an_education_board_with_ifo_and_school() -> None:
    boards = {record.id: record for record in directory.AUTHORITY_RECORDS.values()}
    for town in directory.MUNICIPALITIES:
        ifo, school = directory.UNIT_RECORDS[f"{town.slug}-ifo"], directory.UNIT_RECORDS[f"{town.slug}-skola"]
        assert (ifo.unit_type, boards[ifo.authority_id].sector) == ("social_ifo", "social")
        assert (school.unit_type, boards[school.authority_id].sector) == ("school", "education")
        assert ifo.municipality_code == school.municipality_code == town.code


@pytest.mark.rule("R1.5")
def test_the_private_school_is_a_controller_of_its_own() -> None:
    school = directory.AUTHORITY_RECORDS["friskola"]
    owner = next(record for record in directory.ORGANISATIONS.values() if record.id == school.organisation_id)

    assert (owner.kind, school.secrecy_regime) == ("private_provider", "skollag29_14")
    assert directory.UNIT_RECORDS["friskola"].authority_id == school.id


def test_codes_are_codes_of_the_model() -> None:
    assert {record.kind for record in directory.ORGANISATIONS.values()} <= set(OrganisationKind)
    assert {record.sector for record in directory.AUTHORITY_RECORDS.values()} <= set(Sector)
    assert {record.secrecy_regime for record in directory.AUTHORITY_RECORDS.values()} <= set(SecrecyRegime)
    assert {record.unit_type for record in directory.UNIT_RECORDS.values()} <= set(UnitType)


def test_ids_are_unique_and_look_like_no_person() -> None:
    assert len(set(EVERY_ID)) == len(EVERY_ID)
    assert not [record_id for record_id in EVERY_ID if IDENTIFIER_PATTERN.search(str(record_id))]
    assert {record_id.version for record_id in EVERY_ID} == {7}


def test_addresses_and_telephone_numbers_reach_nobody() -> None:
    for unit in directory.UNIT_RECORDS.values():
        assert unit.function_address.endswith(".example")
        assert unit.phone.endswith("-000 00")
    assert all(person.email is None or person.email.endswith(".example") for person in EVERYBODY)


def test_the_promised_users_come_first_and_clients_are_known() -> None:
    assert [user.subject for user in USERS][:16] == PROMISED
    assert [user.subject for user in USERS if user.is_client] == ["system.gnesta-school", "system.vingaker-import"]


def test_staff_act_for_a_unit_and_the_family_for_itself() -> None:
    for person in EVERYBODY:
        unit_id = directory.UNITS[person.unit] if person.unit else None
        Assignment.require_fitting_unit(person.role, unit_id)
        assert (person.personnummer is None) == (unit_id is not None)


def test_the_family_has_test_numbers_only() -> None:
    numbers = [person.personnummer for person in EVERYBODY if person.personnummer]

    assert len(set(numbers)) == len(numbers) == 4
    assert set(numbers) <= set(TEST_PERSONNUMMER)


def test_the_process_leaders_are_not_in_it() -> None:
    assert {"Nettan Eliasson", "Lisa Sund"}.isdisjoint(person.name for person in EVERYBODY)


def test_a_desk_is_led_from_its_own_unit_in_hours_that_fit_together() -> None:
    workplaces = {person.subject: person.unit for person in EVERYBODY}

    assert {desk.unit for desk in directory.DESKS} == {
        "gnesta-samordning", "katrineholm-samordning", "strangnas-samordning",
    }  # fmt: skip
    assert all(workplaces[desk.lead] == desk.unit for desk in directory.DESKS)
    require_clear(directory.DESK_HOURS)
