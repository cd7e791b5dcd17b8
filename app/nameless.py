"""Texts in which nobody is to be recognised: an anonymous consultation (R13.3), an evaluation of an activity.

Patterns, and no dictionary of names: a name alone is for the writer to leave out. They err on the side of finding, and
what they find is never repeated in the answer.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from pydantic.alias_generators import to_camel

from app.kernel.errors import FieldError, Problem
from app.kernel.errors import Text as Words
from app.people.identifiers import IDENTIFIER_PATTERN

_NAMES_SOMEBODY = Words("Kan peka ut någon", "May point somebody out")


class TextNamesSomebody(Problem):
    """What is told of no person tells of nobody: an anonymous consultation (R13.3), an evaluation of an activity."""

    status = 422
    title = Words("Texten kan peka ut någon", "The text may point somebody out")
    detail = Words(
        "Skriv om fälten i errors utan personnummer, telefonnummer, e-post, adress eller ärendenummer.",
        "Rewrite the fields in errors without personal numbers, telephone numbers, e-mail, address or case number.",
    )


_CASE_SIGN = "2-9A-HJ-NP-Z"
_STREET = "gatan|vägen|gränden|stigen|allén|torget|backen"
#: Each finds one kind of trace. A date, a school year or an hour is none of them.
_TRACES: Final = (
    IDENTIFIER_PATTERN,
    re.compile(r"[^\s@]+@[^\s@]+\.\w\w"),
    re.compile(r"(?<![\w+])(?:\+|00?)(?:[ ()/-]{0,2}\d){7,13}(?!\d)"),
    re.compile(
        rf"(?<![\w-])(?:[{_CASE_SIGN}]{{4}}-[{_CASE_SIGN}]{{4}}|(?=\S*\d)(?i:[{_CASE_SIGN}]{{4}}-[{_CASE_SIGN}]{{4}}))(?![\w-])"
    ),
    re.compile(r"(?i:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-)"),
    re.compile(rf"(?i:\w*(?:{_STREET}))\s+\d{{1,4}}(?!\d)|[A-ZÅÄÖ]\w+(?:väg|gata|gränd|stig)\s+\d{{1,4}}(?!\d)"),
    re.compile(r"(?<!\d)[1-9]\d\d ?\d\d\s+[A-ZÅÄÖ][a-zåäö]{2}"),
)


def require_nameless(texts: Mapping[str, object]) -> None:
    """Raise ``TextNamesSomebody`` with a pointer to each text that may tell who somebody is; others may be no text."""
    require_none(texts, _TRACES, TextNamesSomebody, _NAMES_SOMEBODY)


def require_none(
    texts: Mapping[str, object], patterns: tuple[re.Pattern[str], ...], problem: type[Problem], message: Words
) -> None:
    """Raise the problem with a pointer to each text in which one of the patterns is found; others may be no text."""
    found = [
        name
        for name, text in texts.items()
        if isinstance(text, str) and any(pattern.search(_as_read(text)) for pattern in patterns)
    ]
    if found:
        raise problem(errors=tuple(FieldError(f"/{to_camel(name)}", problem.code, message) for name in found))


def _as_read(text: str) -> str:
    """As a reader sees it: without signs that take no room, and with digits and hyphens in their plain form."""
    plain = unicodedata.normalize("NFKC", text).translate(
        {ord(dash): "-" for dash in "\u2010\u2011\u2012\u2013\u2014\u2212"}
    )
    return "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")
