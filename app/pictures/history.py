"""A history of wheels: each respondent's moments beside each other, marks above and every text in full below.

Nothing is subtracted and nothing is averaged: change is read in the words of both moments (R6.4, R6.5).
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from app.codes import Text
from app.pictures.sheet import ACCENT, LINE, MARGIN, PAPER, QUIET, TINT, Sheet
from app.pictures.sheet import number as n
from app.pictures.slices import (
    Slice,
    draw_heading,
    draw_legend,
    draw_marks,
    draw_texts,
    filling,
    marks_of,
    require_eight,
    step_label,
    ticks,
    told,
)
from app.pictures.text import in_words, quoted, wrap

__all__ = ["History", "Moment", "Slice", "Voice", "draw_history"]

NARROWEST, COLUMN, GAP, INSET = 400.0, 120.0, 14.0, 8.0
IN_WORDS = Text("I ord", "In words")
NO_WHEELS = Text("Det finns inga hjul att visa.", "There are no wheels to show.")
CHANGED = Text("Hjulet har en annan version än gången före", "Another version of the wheel than the time before")
THEN_CALLED = Text("Hette då", "Then called")


class Moment(NamedTuple):
    """One wheel of a respondent, with the version of the template that it was told with."""

    held_on: date
    template: str
    slices: Sequence[Slice]


class Voice(NamedTuple):
    """One respondent and their wheels, oldest first."""

    respondent: str
    moments: Sequence[Moment]


class History(NamedTuple):
    """Wheels of several respondents; ``labels`` are those of the eight dimensions today."""

    title: str
    labels: Sequence[str]
    voices: Sequence[Voice]
    scale: Sequence[str]
    note: str | None


class _Column(NamedTuple):
    """One moment with its place in the picture."""

    respondent: str
    moment: Moment
    starts_voice: bool
    changed: bool


def draw_history(history: History, language: str) -> str:
    """The history as an SVG document, fixed words in ``sv`` or ``en``; ValueError unless every wheel is whole."""
    columns = _columns(history)
    sheet = Sheet(max(NARROWEST, 2 * MARGIN + (COLUMN + GAP) * len(columns) - GAP))
    sheet.paragraph(history.title, 22, font_weight="600")
    sheet.y += 12
    if columns:
        _draw_table(sheet, history, columns, language)
        _draw_words(sheet, history, columns, language)
    else:
        sheet.paragraph(NO_WHEELS.in_language(language), fill=QUIET)
    if history.note:
        sheet.rule()
        sheet.paragraph(history.note, 12, fill=QUIET)
    return sheet.document(history.title, _description(history, columns, language), language)


def _columns(history: History) -> list[_Column]:
    require_eight(history.labels)
    columns = []
    for voice in history.voices:
        before = None
        for moment in voice.moments:
            require_eight(moment.slices)
            changed = before is not None and before != moment.template
            columns.append(_Column(voice.respondent, moment, before is None, changed))
            before = moment.template
    return columns


def _occasion(column: _Column, language: str) -> str:
    return f"{column.respondent} · {in_words(column.moment.held_on, language)} · {column.moment.template}"


def _description(history: History, columns: Sequence[_Column], language: str) -> str:
    lines = [NO_WHEELS.in_language(language)] if not columns else []
    for place, label in enumerate(history.labels, 1):
        lines += [f"{place}. {label}."] if columns else []
        for column in columns:
            piece = column.moment.slices[place - 1]
            change = f" {CHANGED.in_language(language)}." if column.changed else ""
            renamed = f" {_renamed(piece, language)}." if piece.label != label else ""
            said = told(piece, history.scale, language)
            lines.append(f"{_occasion(column, language)}.{change}{renamed} {said}")
    return "\n".join([*lines, *([history.note] if history.note else [])])


def _renamed(piece: Slice, language: str) -> str:
    return f"{THEN_CALLED.in_language(language)} {quoted(piece.label, language)}"


def _draw_table(sheet: Sheet, history: History, columns: Sequence[_Column], language: str) -> None:
    """The moments as columns in order of time, the dimensions as rows, and what the marks mean."""
    _draw_column_heads(sheet, columns, language)
    for place, label in enumerate(history.labels, 1):
        _draw_band(sheet, f"{place}  {label}")
        _draw_cells(sheet, [column.moment.slices[place - 1] for column in columns], columns, history.scale)
    sheet.y += 18
    draw_legend(sheet, [piece for column in columns for piece in column.moment.slices], history.scale, language)
    if any(column.changed for column in columns):
        sheet.y += 6
        _draw_diamond(sheet, MARGIN + 7, sheet.y + 8)
        sheet.paragraph(CHANGED.in_language(language), 12, x=MARGIN + 20, fill=QUIET)


def _left(sheet: Sheet, columns: Sequence[_Column], index: int) -> float:
    """Where a column begins; it ends a gap before the next one begins."""
    return MARGIN + index * (sheet.room + GAP) / len(columns)


def _width(sheet: Sheet, columns: Sequence[_Column]) -> float:
    return (sheet.room + GAP) / len(columns) - GAP


def _draw_column_heads(sheet: Sheet, columns: Sequence[_Column], language: str) -> None:
    """Each respondent above a line that spans their moments, and under it date and version of the template."""
    starts = [index for index, column in enumerate(columns) if column.starts_voice]
    top, bottom = sheet.y, sheet.y
    for start, end in zip(starts, [*starts[1:], len(columns)], strict=True):
        left, right = _left(sheet, columns, start), _left(sheet, columns, end)
        sheet.y = top
        sheet.paragraph(columns[start].respondent, 12, x=left, width=right - left - GAP, font_weight="600")
        bottom = max(bottom, sheet.y + 4)
    for start, end in zip(starts, [*starts[1:], len(columns)], strict=True):
        left, right = _left(sheet, columns, start), _left(sheet, columns, end)
        sheet.shape("path", d=f"M{n(left)} {n(bottom)}H{n(right - GAP)}", stroke=ACCENT, stroke_width=2.5)
    top = lowest = bottom + 6
    for index, column in enumerate(columns):
        left, width = _left(sheet, columns, index), _width(sheet, columns)
        sheet.y = top
        sheet.paragraph(in_words(column.moment.held_on, language), 12, x=left, width=width)
        sheet.paragraph(column.moment.template, 12, x=left, width=width, fill=QUIET)
        lowest = max(lowest, sheet.y)
    sheet.y = lowest + 4
    _draw_borders(sheet, columns, top)
    for index, column in enumerate(columns):
        if column.changed:
            _draw_diamond(sheet, _left(sheet, columns, index) - GAP / 2, top + 8)


def _draw_band(sheet: Sheet, text: str) -> None:
    lines = wrap(text, sheet.room - 2 * INSET, 14, bold=True)
    sheet.shape("rect", x=MARGIN, y=sheet.y, width=sheet.room, height=20 * len(lines) + 6, rx=4, fill=TINT)
    for line in lines:
        sheet.line(line, MARGIN + INSET, sheet.y + 18, 14, font_weight="600")
        sheet.y += 20
    sheet.y += 10


def _draw_cells(sheet: Sheet, pieces: Sequence[Slice], columns: Sequence[_Column], scale: Sequence[str]) -> None:
    """One dimension: what each moment said of it, as marks and the label of its step."""
    top, width = sheet.y, _width(sheet, columns)
    labels = [[] if piece.withheld else wrap(step_label(piece, scale), width, 12) for piece in pieces]
    marks = [marks_of(piece) for piece in pieces]
    each = int(width // 14)
    height = max(
        17 * len(label) + 14 * bool(label) + 14 * -(-len(found) // each)
        for label, found in zip(labels, marks, strict=True)
    )
    height = max(height + 12, 34)
    for index, piece in enumerate(pieces):
        left, y = _left(sheet, columns, index), top + 6
        if filling(piece, ""):
            sheet.shape("rect", x=left, y=top, width=width, height=height, rx=4, fill=filling(piece, ""))
        y += draw_marks(sheet, marks[index], left + width / 2, y, width)
        if labels[index]:
            ticks(sheet, left + (width - 7 * len(scale) - 1) / 2, y + 14, len(scale), piece.step or 0)
            y += 16
        for line in labels[index]:
            sheet.line(line, left + width / 2, y + 12, 12, text_anchor="middle")
            y += 17
    sheet.y = top + height
    _draw_borders(sheet, columns, top)
    sheet.y += 10


def _draw_borders(sheet: Sheet, columns: Sequence[_Column], top: float) -> None:
    """A line between respondents, a dashed one where the version of the template changed."""
    for index, column in enumerate(columns[1:], 1):
        line = f"M{n(_left(sheet, columns, index) - GAP / 2)} {n(top)}V{n(sheet.y)}"
        if column.starts_voice:
            sheet.shape("path", d=line, stroke=QUIET, stroke_width=1.5)
        elif column.changed:
            sheet.shape("path", d=line, stroke=ACCENT, stroke_width=1.5, stroke_dasharray="4 4")
        else:
            sheet.shape("path", d=line, stroke=LINE)


def _draw_diamond(sheet: Sheet, x: float, y: float) -> None:
    sheet.shape("path", d=f"M{n(x)} {n(y - 5)}l5 5l-5 5l-5 -5z", fill=PAPER, stroke=ACCENT, stroke_width=1.5)


def _draw_words(sheet: Sheet, history: History, columns: Sequence[_Column], language: str) -> None:
    """Every text of every moment, dimension by dimension."""
    sheet.y += 22
    sheet.paragraph(IN_WORDS.in_language(language), 18, font_weight="600")
    for place, label in enumerate(history.labels, 1):
        sheet.rule()
        draw_heading(sheet, place, label)
        for column in columns:
            piece = column.moment.slices[place - 1]
            sheet.y += 8
            sheet.paragraph(_occasion(column, language), 13, x=MARGIN + 32, font_weight="600", fill=QUIET)
            if piece.label != label:
                sheet.paragraph(_renamed(piece, language), 12, x=MARGIN + 32, fill=QUIET)
            draw_texts(sheet, piece, MARGIN + 32, history.scale, language)
