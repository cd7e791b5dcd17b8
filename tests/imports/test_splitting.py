"""A file taken apart: numbers as an editor shows them, quotes as the csv module reads them, and bounded pieces."""

import csv
import io
import os
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.imports.models import ImportNotUtf8, LineUnreadable
from app.imports.splitting import Line, Numbered, blocks, cells, lines, objects, rows, table, utf8

PIECES = st.integers(min_value=1, max_value=9)
CELLS = st.text(st.sampled_from('ab";,\n åéx'), max_size=6)


def pieces(content: bytes, size: int) -> Iterator[bytes]:
    return (content[at : at + size] for at in range(0, len(content), size))


def records(content: bytes, size: int = 7, delimiter: str = ";", limit: int = 1000) -> list[Numbered]:
    return list(rows(lines(pieces(content, size), limit), delimiter, limit))


def test_lines_are_numbered_as_an_editor_does_and_blank_ones_are_no_records() -> None:
    found = objects(lines(pieces(b'\n{"a":1}\r\n \n\n{"b":2}', 4), 100))

    assert list(found) == [(2, b'{"a":1}'), (5, b'{"b":2}')]


def test_of_a_line_that_is_too_long_nothing_is_kept() -> None:
    found = list(lines(pieces(b"short\n" + b"x" * 5000 + b'"\nlast', 64), 100))

    assert found == [Line(1, b"short"), Line(2, None, odd_quotes=True), Line(3, b"last")]


@given(
    st.lists(st.lists(CELLS, min_size=2, max_size=3), min_size=1, max_size=5), PIECES, st.sampled_from(["\n", "\r\n"])
)
def test_a_table_is_read_as_the_csv_module_reads_it(table: list[list[str]], size: int, end: str) -> None:
    written = io.StringIO()
    csv.writer(written, delimiter=";", lineterminator=end, quoting=csv.QUOTE_ALL).writerows(table)

    found = [cells(content, ";") for _, content in records(written.getvalue().encode(), size) if content]

    assert found == [row for row in table if "".join(row).replace("\n", "x").strip(' ;,"')]


def test_a_quoted_cell_goes_on_and_its_row_has_the_number_of_its_first_line() -> None:
    found = records(b'a;b\n1;"x\r\ny ""q"" z";3\n;;\n"4";5\n6" pipe;7\n')

    assert [number for number, _ in found] == [1, 2, 5, 6]
    assert cells(found[1].content or b"", ";") == ["1", 'x\ny "q" z', "3"]
    assert cells(found[3].content or b"", ";") == ['6" pipe', "7"]


def test_a_row_that_is_too_long_ends_where_its_quotes_do() -> None:
    found = records(b'1;"' + b"x" * 2000 + b'\ninside;9"\n2;b\n' + b'3;"' + b"y\n" * 600 + b'"\n4;d', limit=1000)

    assert found == [(1, None), (3, b"2;b"), (4, None), (605, b"4;d")]


@pytest.mark.parametrize("row", [b'"open', b'"a"b;c', b"a\rb;c"])
def test_what_is_no_row_is_told(row: bytes) -> None:
    with pytest.raises(LineUnreadable):
        cells(row, ";")


@pytest.mark.parametrize(
    ("head", "delimiter", "header"),
    [
        (b"a;b,c;d\n", ";", ["a", "b,c", "d"]),
        (b"\n a ,b\n", ",", ["a", "b"]),
        (b"a\tb\n", "\t", ["a", "b"]),
        (b"sep=,\r\na,b;c\r\n", ",", ["a", "b;c"]),
        (b'"a";"b"\n', ";", ["a", "b"]),
        (b"", ";", []),
    ],
)  # fmt: skip
def test_the_header_tells_the_delimiter(head: bytes, delimiter: str, header: list[str]) -> None:
    assert table(lines(iter([head]), 100)) == (delimiter, header)


@given(st.binary(max_size=40), PIECES)
def test_what_is_not_utf8_is_told_with_its_first_byte(content: bytes, size: int) -> None:
    wrong = first_wrong_byte(content)
    if wrong is None:
        assert b"".join(utf8(pieces(content, max(size, 3)))) == content.removeprefix(b"\xef\xbb\xbf")
        return
    with pytest.raises(ImportNotUtf8) as refused:
        list(utf8(pieces(content, size)))
    assert refused.value.values == {"byte": wrong}


def first_wrong_byte(content: bytes) -> int | None:
    try:
        content.decode()
    except UnicodeDecodeError as error:
        return error.start + 1
    return None


def test_a_block_is_bounded_in_lines_and_bytes() -> None:
    many = [Numbered(number, b"x") for number in range(7)]
    large = [Numbered(number, os.urandom(1_500_000)) for number in range(7)]

    assert [len(block) for block in blocks(many, 3)] == [3, 3, 1]
    assert [len(block) for block in blocks(large, 500)] == [3, 3, 1]
