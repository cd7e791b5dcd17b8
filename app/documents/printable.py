"""What paper can show: the bundled fonts hold many scripts but few emoji, and PDF/UA refuses a glyph that is missing.

A text comes out as it was written. Only a character that no bundled font can draw is replaced: a symbol by its name in
brackets (``[thumbs up]``), anything else by ``□``. What only colours a symbol, and control characters, are left out.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import cast

import typst

#: Stands for a letter that no bundled font can draw.
BOX = "□"
#: The fonts that come with typst, the same on every machine.
FONTS = typst.Fonts(include_system_fonts=False)

# One small page for each character. A missing one shows the same empty glyph as a noncharacter, which no font has.
_PROBE = b"""
#set page(width: 40pt, height: 20pt, margin: 0pt)
#set text(font: "Libertinus Serif")
#for character in json(bytes(sys.inputs.characters)) { page(character) }
"""
_NONCHARACTER = "\U0010fffe"
#: Every bundled font draws the Latin letters before this one: most texts need no probe.
_FIRST_UNUSUAL = "\u0180"
_NEVER_PRINTED = {"Cs", "Co", "Cn"}  # surrogates, private use, unassigned: PDF/A forbids them
_INVISIBLE = dict.fromkeys(
    code
    for codes in (range(0x20), range(0x7F, 0xA0), range(0xFE00, 0xFE10), [0xFEFF], range(0xE0000, 0xE1000))
    for code in codes
    if chr(code) not in "\n\t"
)  # controls, variation selectors, byte order mark, tags


class Caution(IntEnum):
    """How much is left out. Each font joins only some characters with some others: one by one they can be drawn."""

    NONE = 0
    NO_MARKS = 1  # nothing above, below or between other characters
    ALPHABETS = 2  # Latin, Greek, Cyrillic, Armenian and signs alone


def replacements(characters: Iterable[str], names: Mapping[str, str], caution: Caution) -> dict[int, str | None]:
    """What to print instead of those that cannot be printed, as a table for ``str.translate``.

    ``names`` are the names of common symbols in the reader's language; Unicode's own English ones serve for the rest.
    """
    unusual = {character for character in characters if character >= _FIRST_UNUSUAL}
    never = {character for character in unusual if _never_printed(character, caution)}
    missing = never | _without_glyph(sorted(unusual - never))
    return {ord(character): _instead_of(character, names) for character in missing} | _INVISIBLE


def _never_printed(character: str, caution: Caution) -> bool:
    """Whether it is left out without asking the fonts."""
    category = unicodedata.category(character)
    return (
        category in _NEVER_PRINTED
        or (caution >= Caution.NO_MARKS and (category.startswith("M") or category == "Cf"))
        or (caution >= Caution.ALPHABETS and not ("\u0180" <= character < "\u0590" or "\u2010" <= character < "\u2c00"))
    )


def _without_glyph(characters: list[str]) -> set[str]:
    """Those that no bundled font can draw."""
    if not characters:
        return set()
    inputs = {"characters": json.dumps([*characters, _NONCHARACTER])}
    drawn = typst.compile(_PROBE, format="svg", sys_inputs=inputs, font_paths=FONTS, ignore_system_fonts=True)
    *pages, empty = cast(list[bytes], drawn)  # a list, because there is more than one page
    (glyph,) = re.findall(rb' id="(\w+)"', empty)
    return {character for character, page in zip(characters, pages, strict=True) if glyph in page}


def _instead_of(character: str, names: Mapping[str, str]) -> str | None:
    """Its name in brackets for a symbol, nothing for what modifies or joins (a skin tone), a box for a letter."""
    category = unicodedata.category(character)
    if category in ("Sk", "Cf"):
        return None
    return f"[{names.get(character) or unicodedata.name(character).lower()}]" if category == "So" else BOX
