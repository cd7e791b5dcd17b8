"""Text in a picture: what XML takes, how wide it is, where it breaks, and dates in words.

SVG breaks no lines by itself, so widths are estimated: a little above those of the widest common screen font, so that
a line stays inside its column whichever font a reader's device has.
"""

import re
import unicodedata
from datetime import date
from functools import lru_cache

from app.codes import Text

#: Widths of characters, in parts of the font size; what stands nowhere is ``_USUAL`` or ``_CAPITAL``.
_GROUPS = {
    0.32: " ijlI'",
    0.36: ",.:;/|\\·’-",
    0.47: 'frt()[]!"',
    0.6: "csvxyzkL?J*_`–“”F",
    0.63: "aoeåäöé",
    1.0: "mwMW%@#&—…æœÆŒ<>=+~^",
}
_ADVANCES = {char: width for width, chars in _GROUPS.items() for char in chars}
_USUAL, _CAPITAL, _WIDE, _BOLD = 0.65, 0.8, 1.25, 1.15

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"})

_MONTHS = (
    Text("januari", "January"), Text("februari", "February"), Text("mars", "March"), Text("april", "April"),
    Text("maj", "May"), Text("juni", "June"), Text("juli", "July"), Text("augusti", "August"),
    Text("september", "September"), Text("oktober", "October"), Text("november", "November"),
    Text("december", "December"),
)  # fmt: skip


def clean(text: str) -> str:
    """The text with a replacement character for each character that XML 1.0 forbids."""
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)


def escape(text: str) -> str:
    """The text as it stands between tags or in an attribute; a reader of the XML gets back ``clean(text)``."""
    return clean(text).translate(_ENTITIES)


def in_words(day: date, language: str) -> str:
    """A date as people write it: ``3 mars 2026``."""
    return f"{day.day} {_MONTHS[day.month - 1].in_language(language)} {day.year}"


def quoted(text: str, language: str) -> str:
    """Somebody's own words, unchanged, between the quotation marks of the language."""
    return Text(f"”{text}”", f"“{text}”").in_language(language)


def width_of(text: str, size: float, bold: bool = False) -> float:
    """How wide a line is in this font size, estimated on the wide side."""
    return sum(map(_advance, text)) * size * (_BOLD if bold else 1)


def wrap(text: str, width: float, size: float, bold: bool = False, hyphen: str = "") -> list[str]:
    """The lines of a text within a width: its own line breaks are kept, a word wider than a line is cut.

    Nothing is added where a word is cut, unless a ``hyphen`` is given: what somebody said stays as it was said.
    """
    lines = []
    for paragraph in clean(text).splitlines():
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}" if line else word
            if width_of(longer, size, bold) <= width:
                line = longer
                continue
            lines += [line] if line else []
            *full, line = _pieces(word, width, size, bold, hyphen)
            lines += full
        lines.append(line)
    return lines


def shorten(text: str, width: float, size: float, lines: int, bold: bool = False) -> list[str]:
    """At most so many lines; where something is left out, the last one ends in an ellipsis."""
    found = wrap(text, width, size, bold, hyphen="-")
    if len(found) <= lines:
        return found
    last = found[lines - 1].removesuffix("-")
    while last and width_of(f"{last}…", size, bold) > width:
        last = last[:-1]
    return [*found[: lines - 1], f"{last.rstrip()}…"]


def _pieces(word: str, width: float, size: float, bold: bool, hyphen: str) -> list[str]:
    """A word cut into pieces that fit; a piece has at least one character."""
    width -= width_of(hyphen, size, bold)
    pieces, room = [""], width
    for char in word:
        advance = width_of(char, size, bold)
        if advance > room and pieces[-1]:
            pieces[-1] += hyphen
            pieces.append("")
            room = width
        pieces[-1] += char
        room -= advance
    return pieces


@lru_cache(maxsize=1024)
def _advance(char: str) -> float:
    if char in _ADVANCES:
        return _ADVANCES[char]
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    if unicodedata.east_asian_width(char) in "WF":
        return _WIDE
    return _CAPITAL if char.isupper() or not char.isalnum() else _USUAL
