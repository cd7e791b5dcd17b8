import traceback
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.people.identifiers import IDENTIFIER_PATTERN, OIDS, IdentifierRejected, IdentifierType, normalise, redact
from app.people.testnumbers import (
    TEST_PERSONNUMMER,
    TEST_SAMORDNINGSNUMMER,
    make_personnummer,
    make_samordningsnummer,
)

PERSONNUMMER, SAMORDNINGSNUMMER = IdentifierType.PERSONNUMMER, IdentifierType.SAMORDNINGSNUMMER
NRID, LOCAL_RESERVE = IdentifierType.NRID, IdentifierType.LOCAL_RESERVE

TODAY = date(2026, 3, 12)
CHILD = "201403132382"
NEWLY_ARRIVED = "201503862391"
RESERVE_IDS = ["22950606FH20", "25780404KHD5", "00342145BZ31", "00749852BZK0"]

BIRTHS = st.dates(min_value=date(1927, 1, 1), max_value=TODAY)
SERIALS = st.sampled_from([238, 239, 980, 999])


def rejection(kind: IdentifierType, value: str, on: date = TODAY) -> str:
    with pytest.raises(IdentifierRejected) as caught:
        normalise(kind, value, on)
    return caught.value.code


@pytest.mark.rule("R2.1")
@pytest.mark.parametrize("value", ["201403132382", "20140313-2382", "1403132382", "140313-2382", "  201403132382\n"])
def test_a_personnummer_is_stored_as_twelve_digits_however_it_was_written(value: str) -> None:
    assert normalise(PERSONNUMMER, value, TODAY) == CHILD


@pytest.mark.rule("R2.1")
@pytest.mark.parametrize(
    ("kind", "numbers"), [(PERSONNUMMER, TEST_PERSONNUMMER), (SAMORDNINGSNUMMER, TEST_SAMORDNINGSNUMMER)]
)
def test_every_published_test_number_is_accepted(kind: IdentifierType, numbers: tuple[str, ...]) -> None:
    assert tuple(normalise(kind, number, TODAY) for number in numbers) == numbers


@pytest.mark.rule("R2.1")
@given(BIRTHS, SERIALS)
def test_ten_digits_and_twelve_digits_mean_the_same_person(birth: date, serial: int) -> None:
    number = make_personnummer(birth, serial)
    assert normalise(PERSONNUMMER, number[2:], TODAY) == normalise(PERSONNUMMER, number, TODAY) == number


@pytest.mark.rule("R2.1")
@given(BIRTHS, SERIALS)
def test_a_plus_says_a_hundred_years_more(birth: date, serial: int) -> None:
    number = make_personnummer(birth.replace(day=1), serial)
    elder = f"{int(number[:2]) - 1}{number[2:]}"
    assert normalise(PERSONNUMMER, f"{number[2:8]}+{number[8:]}", TODAY) == elder


@pytest.mark.rule("R2.1")
def test_the_hyphen_becomes_a_plus_in_the_year_the_person_turns_100() -> None:
    ten = make_personnummer(date(1926, 12, 31))[2:]
    with_plus = f"{ten[:6]}+{ten[6:]}"
    assert normalise(PERSONNUMMER, ten, date(2025, 12, 31)).startswith("1926")
    assert normalise(PERSONNUMMER, with_plus, date(2026, 1, 1)).startswith("1926")
    assert normalise(PERSONNUMMER, ten, date(2026, 1, 1)).startswith("2026")


@pytest.mark.rule("R2.1")
def test_a_plus_that_contradicts_the_century_is_refused() -> None:
    assert rejection(PERSONNUMMER, "20140313+2382") == "identifier-format"
    elder = make_personnummer(date(1912, 12, 12), 981)
    assert normalise(PERSONNUMMER, f"{elder[:8]}+{elder[8:]}", TODAY) == elder


@pytest.mark.rule("R2.1")
@given(BIRTHS, SERIALS, st.integers(2, 11), st.integers(1, 9))
def test_one_changed_digit_is_always_noticed(birth: date, serial: int, place: int, change: int) -> None:
    number = make_personnummer(birth, serial)
    wrong = number[:place] + str((int(number[place]) + change) % 10) + number[place + 1 :]
    with pytest.raises(IdentifierRejected):
        normalise(PERSONNUMMER, wrong, TODAY)


@pytest.mark.rule("R2.1")
@given(BIRTHS, SERIALS, st.integers(1, 9))
def test_a_wrong_check_digit_is_named(birth: date, serial: int, change: int) -> None:
    number = make_personnummer(birth, serial)
    wrong = number[:11] + str((int(number[11]) + change) % 10)
    assert rejection(PERSONNUMMER, wrong) == "identifier-check-digit"


@pytest.mark.rule("R2.1")
@pytest.mark.parametrize("value", ["201402302384", "201413012386", "201400102384", "201302292383", "201404312383"])
def test_a_date_that_does_not_exist_is_refused(value: str) -> None:
    assert rejection(PERSONNUMMER, value) == "identifier-date"


@pytest.mark.rule("R2.1")
def test_the_day_of_a_samordningsnummer_runs_from_61_to_91() -> None:
    first, last = make_samordningsnummer(date(2014, 3, 1)), make_samordningsnummer(date(2014, 3, 31))
    assert (first[6:8], last[6:8]) == ("61", "91")
    assert normalise(SAMORDNINGSNUMMER, first, TODAY) == first
    assert normalise(SAMORDNINGSNUMMER, f"{last[2:8]}-{last[8:]}", TODAY) == last
    for day in ("32", "40", "60", "92", "99"):
        assert rejection(SAMORDNINGSNUMMER, f"201403{day}2382") == "identifier-date"


@pytest.mark.rule("R2.1")
@given(BIRTHS, SERIALS)
def test_the_two_kinds_are_never_taken_for_each_other(birth: date, serial: int) -> None:
    assert rejection(SAMORDNINGSNUMMER, make_personnummer(birth, serial)) == "identifier-type"
    assert rejection(PERSONNUMMER, make_samordningsnummer(birth, serial)) == "identifier-type"


@pytest.mark.rule("R2.1")
@pytest.mark.parametrize(
    "value",
    [
        "",
        "2014031323",
        "20140313238",
        "2014031323821",
        "20140313 2382",
        "2014-03-13-2382",
        "140313--2382",
        "20140313-TF82",
        "201403130008",
        "991403132382",
        "٢٠١٤٠٣١٣٢٣٨٢",
        "20140313\u22122382",
        "201403132382; drop",
    ],
)
def test_other_shapes_are_refused(value: str) -> None:
    assert rejection(PERSONNUMMER, value) in {"identifier-format", "identifier-date"}


@pytest.mark.rule("R2.1")
@pytest.mark.parametrize("value", RESERVE_IDS)
def test_reserve_ids_with_known_and_unknown_birth_date_and_sex_are_accepted(value: str) -> None:
    assert normalise(NRID, value, TODAY) == value
    assert normalise(NRID, value.lower(), TODAY) == value


@pytest.mark.rule("R2.1")
@pytest.mark.parametrize("value", RESERVE_IDS)
@pytest.mark.parametrize("change", range(1, 10))
def test_a_wrong_check_digit_of_a_reserve_id_is_named(value: str, change: int) -> None:
    wrong = value[:11] + str((int(value[11]) + change) % 10)
    assert rejection(NRID, wrong) == "identifier-check-digit"


@pytest.mark.rule("R2.1")
@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("22950606-FH20", "identifier-format"),
        ("22950606FI20", "identifier-format"),
        ("22950606OH20", "identifier-format"),
        ("22950606FHQ0", "identifier-format"),
        ("229506061220", "identifier-format"),
        ("19950606FH20", "identifier-format"),
        ("20950606FH20", "identifier-format"),
        ("21950606FH20", "identifier-format"),
        ("01950606FH20", "identifier-format"),
        ("24950606FH20", "identifier-format"),
        ("99950606FH20", "identifier-format"),
        ("22950231FH20", "identifier-date"),
        ("22000229FH20", "identifier-date"),
        ("00341945BZ31", "identifier-format"),
        ("00342139BZ31", "identifier-format"),
        ("00342160BZ31", "identifier-format"),
    ],
)
def test_reserve_ids_outside_the_format_are_refused(value: str, code: str) -> None:
    assert rejection(NRID, value) == code


@pytest.mark.rule("R2.1")
@pytest.mark.parametrize("series", [*range(22, 98, 3), *range(23, 99, 3)])
def test_all_26_series_of_both_centuries_are_open(series: int) -> None:
    accepted = [digit for digit in range(10) if _is_accepted(f"{series}150606FH2{digit}")]
    assert len(accepted) == 1


def _is_accepted(value: str) -> bool:
    try:
        return normalise(NRID, value, TODAY) == value
    except IdentifierRejected:
        return False


@pytest.mark.rule("R2.1")
def test_29_february_2000_exists_in_the_series_of_the_2000s_only() -> None:
    assert rejection(NRID, "22000229FH20") == "identifier-date"
    assert sum(_is_accepted(f"23000229FH2{digit}") for digit in range(10)) == 1


@pytest.mark.rule("R2.1")
@pytest.mark.parametrize("value", ["20140313K088", "991981000010", "abc123"])
def test_local_reserve_numbers_are_kept_as_their_region_writes_them(value: str) -> None:
    assert normalise(LOCAL_RESERVE, value, TODAY) == value.upper()


@pytest.mark.rule("R2.1")
@pytest.mark.parametrize("value", ["AB123", "A" * 21, "ABC-123", "ABCÅÄÖ", "abc\u0131\u0131\u0131"])
def test_local_reserve_numbers_of_another_shape_are_refused(value: str) -> None:
    assert rejection(LOCAL_RESERVE, value) == "identifier-format"


def test_every_national_kind_has_its_oid_and_a_local_number_brings_its_own() -> None:
    assert set(OIDS) == {PERSONNUMMER, SAMORDNINGSNUMMER, NRID}
    assert OIDS[PERSONNUMMER] == "1.2.752.129.2.1.3.1"
    assert OIDS[SAMORDNINGSNUMMER] == "1.2.752.129.2.1.3.3"
    assert OIDS[NRID] == "1.2.752.74.9.1"


@pytest.mark.rule("R2.3")
@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (PERSONNUMMER, "2014031323"),
        (PERSONNUMMER, "201402302384"),
        (PERSONNUMMER, "201403132383"),
        (SAMORDNINGSNUMMER, CHILD),
        (NRID, "22950231FH20"),
        (NRID, "22950606FH21"),
        (LOCAL_RESERVE, "20140313-K088"),
    ],
)
def test_a_rejection_never_tells_the_value(kind: IdentifierType, value: str) -> None:
    with pytest.raises(IdentifierRejected) as caught:
        normalise(kind, value, TODAY)
    chain = traceback.TracebackException.from_exception(caught.value).format()
    assert value not in "".join(chain) + repr(caught.value) + str(caught.value.args)
    assert caught.value.__context__ is None


@pytest.mark.rule("R2.3")
@pytest.mark.parametrize(
    "written",
    [
        "201403132382",
        "20140313-2382",
        "140313-2382",
        "1403132382",
        "140313+2382",
        "140313 2382",
        "140313 - 2382",
        "2014-03-13-2382",
        "2014 03 13 2382",
        "140313\u20132382",
        "140313\u00a02382",
        "201503862391",
        "200800662397",
        "22950606FH20",
        "20140313K088",
    ],
)
@pytest.mark.parametrize("around", ["{}", "pnr {}.", "barnet ({}) bor", "pnr={};", "f\u00f6dd{}", "a\n{}\nb"])
def test_identifiers_in_text_are_found_and_removed(written: str, around: str) -> None:
    assert IDENTIFIER_PATTERN.search(around.format(written))
    assert redact(around.format(written)) == around.format("[redacted]")


@pytest.mark.rule("R2.3")
@given(BIRTHS, SERIALS, st.text(), st.text())
def test_no_made_number_survives_redaction(birth: date, serial: int, before: str, after: str) -> None:
    number = make_personnummer(birth, serial)
    assert number not in redact(f"{before} {number} {after}")


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-12T10:15:30.123456+01:00",
        "2026-03-12 10:15:30",
        "2026-03-01 - 2026-03-31",
        "SoL (2025:400) 20 kap. 2 \u00a7",
        "1773309600123",
        "organisation 212000-0365",
        "trace 4bf92f3577b34da6a3ce201403132382",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "id 0199c7a2-5b1e-7c33-8a90-201403132382",
    ],
)
def test_other_numbers_stay_readable(text: str) -> None:
    assert redact(text) == text


@given(st.uuids())
def test_a_record_id_is_never_redacted(record_id: UUID) -> None:
    assert redact(f"case {record_id}") == f"case {record_id}"


def test_a_made_number_stays_in_the_test_series() -> None:
    assert make_personnummer(date(2014, 3, 13)) == CHILD
    assert make_samordningsnummer(date(2015, 3, 26), 239) == NEWLY_ARRIVED
    for make in (make_personnummer, make_samordningsnummer):
        with pytest.raises(ValueError, match="series"):
            make(date(2014, 3, 13), 123)


def test_the_published_numbers_are_distinct_and_cover_every_birth_year_of_schoolchildren() -> None:
    assert len(set(TEST_PERSONNUMMER)) == len(TEST_PERSONNUMMER)
    assert {int(number[:4]) for number in TEST_PERSONNUMMER} >= set(range(2008, 2024))
