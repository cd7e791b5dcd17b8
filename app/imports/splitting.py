"""A file taken apart into numbered records and blocks of them; never more of it in memory than one block.

A record's number is that of the line on which it begins, as an editor shows it: blank lines count, and are no records.
"""

import codecs
import csv
import sys
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from app.imports.models import ImportNotUtf8, LineUnreadable

csv.field_size_limit(sys.maxsize)  # lines are bounded here; Python's own bound would be another error at another size

_BLOCK_BYTES: Final = 4_000_000
_DELIMITERS: Final = (";", ",", "\t")
_HINT: Final = "sep="
_QUOTE: Final = b'"'
_EMPTY_CELLS: Final = b' ;,\t"'


class Line(NamedTuple):
    """A line of the file without its end. Of one that is too long only whether its quotes come in pairs is known."""

    number: int
    content: bytes | None
    odd_quotes: bool = False


class Numbered(NamedTuple):
    """A record as it stands in the file; without content when it is longer than allowed."""

    number: int
    content: bytes | None


class Table(NamedTuple):
    """What a CSV file says of its rows."""

    delimiter: str
    header: list[str]


def utf8(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces of a file, without its byte order mark; raises ``ImportNotUtf8`` with the first wrong byte."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    read = 0
    for chunk in chunks:
        _decode(decoder, chunk, read)
        yield chunk if read else chunk.removeprefix(codecs.BOM_UTF8)
        read += len(chunk)
    _decode(decoder, b"", read, final=True)


def _decode(decoder: codecs.IncrementalDecoder, chunk: bytes, read: int, *, final: bool = False) -> None:
    begun = len(decoder.getstate()[0])
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError as error:
        raise ImportNotUtf8(byte=read - begun + error.start + 1) from None


def lines(chunks: Iterable[bytes], limit: int) -> Iterator[Line]:
    """Every line, blank ones too; of one longer than the limit no more is kept than that."""
    number, rest, too_long, odd = 1, b"", False, False
    for chunk in chunks:
        *whole, last = chunk.split(b"\n")
        for piece in whole:
            yield _line(number, rest + piece, limit, too_long, odd)
            number, rest, too_long, odd = number + 1, b"", False, False
        rest += last
        if len(rest) > limit:
            odd ^= rest.count(_QUOTE) % 2 == 1
            rest, too_long = b"", True
    if rest or too_long:
        yield _line(number, rest, limit, too_long, odd)


def _line(number: int, content: bytes, limit: int, too_long: bool, odd: bool) -> Line:
    if too_long or len(content) > limit:
        return Line(number, None, odd ^ (content.count(_QUOTE) % 2 == 1))
    return Line(number, content.removesuffix(b"\r"))


def objects(found: Iterable[Line]) -> Iterator[Numbered]:
    """The records of an NDJSON file: its lines that are not blank."""
    return (Numbered(line.number, line.content) for line in found if line.content is None or line.content.strip())


def table(found: Iterator[Line]) -> Table:
    """Read the header, and the ``sep=`` line that Excel may put before it. A file without one has no columns."""
    delimiter = None
    for line in found:
        text = (line.content or b"").decode()
        if not text.strip():
            continue
        if delimiter is None and text.lower().startswith(_HINT) and len(text) == len(_HINT) + 1:
            delimiter = text[-1]
            continue
        delimiter = delimiter or max(_DELIMITERS, key=text.count)
        return Table(delimiter, [name.strip() for name in cells(text.encode(), delimiter)])
    return Table(delimiter or _DELIMITERS[0], [])


def rows(found: Iterable[Line], delimiter: str, limit: int) -> Iterator[Numbered]:
    """The records of a CSV file: a quoted cell may go on over several lines; rows of empty cells are none."""
    first, parts, size, inside = 0, list[bytes](), 0, False
    for line in found:
        if not inside:
            first, parts, size = line.number, [], 0
        inside = _goes_on(line, inside, delimiter)
        size += limit + 1 if line.content is None else len(line.content) + bool(parts)
        if size > limit:
            parts.clear()
        else:
            parts.append(line.content or b"")
        if not inside:
            yield from _row(first, parts, size > limit)
    if inside:
        yield from _row(first, parts, size > limit)


def _row(first: int, parts: list[bytes], too_long: bool) -> Iterator[Numbered]:
    content = b"\n".join(parts)
    if too_long:
        yield Numbered(first, None)
    elif content.strip(_EMPTY_CELLS):
        yield Numbered(first, content)


def _goes_on(line: Line, inside: bool, delimiter: str) -> bool:
    """Whether a quoted cell is open at the line's end. The csv module says so: only then it joins the next line."""
    if line.content is None:
        return inside ^ line.odd_quotes
    if _QUOTE not in line.content:
        return inside
    opened = '"' if inside else ""
    try:
        return len(list(csv.reader([opened + line.content.decode(), "next"], delimiter=delimiter))) == 1
    except csv.Error:
        return False


def cells(content: bytes, delimiter: str) -> list[str]:
    """The cells of a row; raises ``LineUnreadable``."""
    try:
        return next(csv.reader([content.decode()], delimiter=delimiter, strict=True))
    except csv.Error:
        raise LineUnreadable from None


def blocks(records: Iterable[Numbered], most: int) -> Iterator[list[Numbered]]:
    """Records in blocks of at most so many, and of a few megabytes."""
    block, size = list[Numbered](), 0
    for record in records:
        block.append(record)
        size += len(record.content or b"")
        if len(block) >= most or size >= _BLOCK_BYTES:
            yield block
            block, size = [], 0
    if block:
        yield block
