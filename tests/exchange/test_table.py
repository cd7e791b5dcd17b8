"""The CSV form of a line: what is written is read again, and no spreadsheet takes it for a formula."""

import csv
import io
from datetime import UTC
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import Field

from app.exchange import table
from app.exchange.adapters import ADAPTERS
from app.exchange.lines import KIND_FIELD, Entry, RecordKind
from app.kernel.shapes import Day, In, Instant
from app.organisations.models import Sector


class Place(In):
    """Where somebody is."""

    city: str | None = None
    floor: int | None = None


class Grown(In):
    """A grown-up with a place."""

    name: str
    reachable: bool = True
    place: Place | None = None


class Sample(Entry):
    """A line with everything that lines have."""

    name: str | None = None
    note: str | None = None
    floor: int = 0
    free: bool | None = None
    day: Day | None = None
    at: Instant | None = None
    sectors: list[Sector] | None = None
    place: Place | None = None
    guardians: list[Grown] = Field(default=[], max_length=3)


HEADER = table.columns(Sample)
WRITTEN = {"by_alias": True, "mode": "json", "exclude_unset": True}
LOADED = "=+-@\t\r\n'|＝＋－＠ nul"


def row_of(entry: Entry) -> list[str]:
    return table.to_cells(HEADER, entry.model_dump(**WRITTEN))  # type: ignore[arg-type]


def test_every_field_has_a_column() -> None:
    person = ["name", "reachable", "place.city", "place.floor"]

    assert table.columns(Sample) == [
        "sourceSystem", "sourceId", "name", "note", "floor", "free", "day", "at", "sectors[]", "place.city",
        "place.floor", *(f"guardians.{place}.{column}" for place in range(3) for column in person),
    ]  # fmt: skip


def test_a_row_is_read_as_its_fields() -> None:
    header = ["sourceId", "name", "sectors[]", "place.city", "guardians.0.name", "guardians.2.name", "note"]
    cells = ["b1", "'+46 158", "social|health", "", "Maria", "Johan"]

    assert table.to_fields(header, cells) == {
        "sourceId": "b1", "name": "+46 158", "sectors": ["social", "health"],
        "guardians": [{"name": "Maria"}, {"name": "Johan"}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "text"), [("null", None), ("'null", "null"), ("'", ""), ("'t Hooft", "'t Hooft"), ("'''x", "''x")]
)
def test_a_cell_stands_for_one_text(cell: str, text: str | None) -> None:
    assert table.to_fields(["name"], [cell]) == {"name": text}
    assert table.to_cells(["name"], {"name": text}) == [cell]


@pytest.mark.parametrize("text", ["=1+1", "+46", "-5", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1"])
def test_no_text_begins_as_a_formula(text: str) -> None:
    (cell,) = table.to_cells(["name"], {"name": text})

    assert cell == f"'{text}"
    assert table.to_cells(["floor"], {"floor": -5}) == ["-5"]


def test_what_has_no_column_is_not_lost_in_silence() -> None:
    line = {"sourceId": "b1", "guardians": [{"name": "A"}] * 4}
    with pytest.raises(table.TooManyForATable) as refused:
        table.to_cells(HEADER, line)
    assert refused.value.values == {"field": "guardians", "most": table.WIDEST}

    for fields in ({"unheard": False}, {"sectors": ["a|b"]}, {"sectors": ["=1"]}):
        with pytest.raises(ValueError, match=r"has no column|holds codes"):
            table.to_cells(HEADER, {"sourceId": "b1", **fields})


def test_every_kind_has_an_adapter_and_a_table() -> None:
    assert set(ADAPTERS) == set(RecordKind)
    for kind, adapter in ADAPTERS.items():
        header = table.columns(adapter.entry)
        assert adapter.kind == kind
        assert header[:2] == ["sourceSystem", "sourceId"]
        assert len(set(header)) == len(header) < 200
        assert KIND_FIELD not in header


texts = st.one_of(st.text(alphabet=LOADED, max_size=6), st.text(max_size=8)).map(str.strip)
numbers = st.integers(-9, 9)
places = st.fixed_dictionaries({}, optional={"city": texts | st.none(), "floor": numbers | st.none()}).filter(bool)
grown = st.fixed_dictionaries({"name": texts}, optional={"reachable": st.booleans(), "place": places})
samples = st.fixed_dictionaries(
    {"sourceId": st.just("b1")},
    optional={
        "name": texts | st.none(), "note": texts, "floor": numbers, "free": st.booleans() | st.none(),
        "day": st.dates(), "at": st.datetimes(timezones=st.just(UTC)), "place": places,
        "sectors": st.lists(st.sampled_from(Sector)) | st.none(), "guardians": st.lists(grown, max_size=3),
    },
)  # fmt: skip


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(samples)
def test_what_is_written_is_read_again(fields: dict[str, Any]) -> None:
    entry = Sample.model_validate(fields)
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=";").writerow(row_of(entry))

    (row,) = csv.reader(io.StringIO(stream.getvalue(), newline=""), delimiter=";")

    again = Sample.model_validate(table.to_fields(HEADER, row))
    assert again == entry
    assert set(again.stated) | {"place", "guardians"} == set(entry.stated) | {"place", "guardians"}
