"""The plan on paper: a SIP or Barnets plan as a tagged PDF (PDF/UA-1, PDF/A-2a). ``domain.md`` 3.3, 12.7, R7.13.

The layout stands in ``templates``, the fixed words in ``words``. What people wrote travels as JSON beside the template
and is never part of it, so that no text can be read as markup.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any
from unicodedata import normalize

import typst
from babel.dates import format_date

from app.codes import Coded
from app.documents.printable import BOX, FONTS, Caution, replacements
from app.documents.words import labels_in, symbols_in, words_in
from app.kernel.clock import stockholm_date

TEMPLATES = Path(__file__).with_name("templates")
_LOCALES = {"sv": "sv_SE", "en": "en_GB"}


class Form(Coded):
    """For whom the plan is printed."""

    PROFESSIONAL = "professional", "För professionen", "For professionals"
    FAMILY = "family", "För familjen", "For the family"


def render_plan(content: Mapping[str, Any], *, form: Form, language: str) -> bytes:
    """One version of a plan as a PDF; the same content gives the same bytes.

    ``content`` is the snapshot of the version: JSON-like, snake_case, any value may be null, empty or absent. Keys that
    end in ``_at`` hold instants, in ``_on`` or ``_date`` days. ``language`` is ``sv`` or ``en``.
    """
    *first, last = Caution
    for caution in first:
        with suppress(typst.TypstError):  # somewhere a mark stands on a letter that its font does not know
            return _typeset(content, _handed_over(content, form, language, caution))
    return _typeset(content, _handed_over(content, form, language, last))


def _typeset(content: Mapping[str, Any], data: Mapping[str, Any]) -> bytes:
    """The document; ``TypstError`` when a character of it has no glyph."""
    made_at = content.get("made_at")
    return typst.compile(
        TEMPLATES / "plan.typ",
        root=TEMPLATES,
        sys_inputs={"data": json.dumps(data)},
        font_paths=FONTS,
        ignore_system_fonts=True,
        pdf_standards=["a-2a", "ua-1"],
        timestamp=int(datetime.fromisoformat(made_at).timestamp()) if made_at else 0,
    )


def _handed_over(content: Mapping[str, Any], form: Form, language: str, caution: Caution) -> dict[str, Any]:
    """All that the template is given: the plan, and the words around it."""
    text = normalize("NFC", json.dumps(content, ensure_ascii=False))
    table = replacements(text, symbols_in(language), caution)
    plan = _readable(json.loads(text), language, lambda written: written.translate(table).strip())
    return {
        "form": form.value,
        "language": language,
        "words": words_in(language),
        "labels": labels_in(language) | {"dimension": plan.get("dimension_labels") or {}},
        "boxes": BOX in table.values(),
        "plan": plan,
    }


def _readable(value: Any, language: str, clean: Callable[[str], str], key: str = "") -> Any:
    """The same structure with days written out and texts that can be printed."""
    if isinstance(value, dict):
        return {name: _readable(inner, language, clean, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_readable(inner, language, clean) for inner in value]
    if not isinstance(value, str):
        return value
    if value and key.endswith(("_at", "_on", "_date")):
        return format_date(_day(key, value), "d MMMM y", locale=_LOCALES[language])
    return clean(value)


def _day(key: str, value: str) -> date:
    """The Stockholm day of an instant, or the day itself."""
    return stockholm_date(datetime.fromisoformat(value)) if key.endswith("_at") else date.fromisoformat(value)
