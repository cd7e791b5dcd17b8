"""One wheel: eight numbered slices with their marks, and below them every text in full."""

from collections.abc import Sequence
from datetime import date
from math import cos, pi, sin
from typing import NamedTuple

from app.codes import Text
from app.pictures.sheet import ACCENT, MARGIN, PAPER, QUIET, TINT, Sheet
from app.pictures.sheet import number as n
from app.pictures.slices import (
    DIMENSIONS,
    NOT_DISCUSSED,
    WITHHELD,
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
from app.pictures.text import in_words, shorten

__all__ = ["Slice", "Wheel", "draw_wheel"]

WIDTH, RADIUS, HUB = 400.0, 190.0, 46.0
TOLD_BY = Text("Berättat av", "Told by")
#: Where each slice's words stand, as seen from the hub (x, y), and how wide they may be; clockwise from the top.
_PLACES = (
    (0, -122, 100), (96, -102, 84), (123, 0, 122), (94, 94, 110),
    (0, 126, 88), (-94, 94, 110), (-123, 0, 122), (-96, -102, 84),
)  # fmt: skip
_HALO: dict[str, str | float] = {
    "paint_order": "stroke", "stroke": PAPER, "stroke_width": 5, "stroke_linejoin": "round"
}  # fmt: skip


class Wheel(NamedTuple):
    """One conversation with a wheel: eight slices in the order of the template, and ``scale`` as labels, if any."""

    title: str
    respondent: str
    held_on: date
    setting: str | None
    slices: Sequence[Slice]
    hopes: Slice | None
    scale: Sequence[str]
    note: str | None


def draw_wheel(wheel: Wheel, language: str) -> str:
    """The wheel as an SVG document, fixed words in ``sv`` or ``en``; ValueError unless it has eight slices."""
    require_eight(wheel.slices)
    sheet = Sheet(WIDTH)
    _draw_head(sheet, wheel, language)
    _draw_circle(sheet, wheel, language)
    pieces = _pieces(wheel)
    draw_legend(sheet, pieces, wheel.scale, language)
    for place, piece in enumerate(pieces, 1):
        sheet.rule()
        draw_heading(sheet, place, piece.label)
        draw_texts(sheet, piece, MARGIN + 32, wheel.scale, language)
    if wheel.note:
        sheet.rule()
        sheet.paragraph(wheel.note, 12, fill=QUIET)
    return sheet.document(_title(wheel, language), _description(wheel, language), language)


def _pieces(wheel: Wheel) -> list[Slice]:
    """The eight slices, and hopes as the ninth where the template asks for them."""
    return [*wheel.slices, *([wheel.hopes] if wheel.hopes else [])]


def _occasion(wheel: Wheel, language: str) -> str:
    return " · ".join(part for part in (in_words(wheel.held_on, language), wheel.setting) if part)


def _title(wheel: Wheel, language: str) -> str:
    return f"{wheel.title}. {TOLD_BY.in_language(language)}: {wheel.respondent}. {_occasion(wheel, language)}"


def _description(wheel: Wheel, language: str) -> str:
    sentences = [
        f"{place}. {piece.label}: {told(piece, wheel.scale, language)}" for place, piece in enumerate(_pieces(wheel), 1)
    ]
    return "\n".join([*sentences, *([wheel.note] if wheel.note else [])])


def _draw_head(sheet: Sheet, wheel: Wheel, language: str) -> None:
    sheet.paragraph(wheel.title, 22, font_weight="600")
    sheet.y += 2
    sheet.paragraph(f"{TOLD_BY.in_language(language)}: {wheel.respondent}", 15)
    sheet.paragraph(_occasion(wheel, language), 13, fill=QUIET)
    sheet.y += 14


def _draw_circle(sheet: Sheet, wheel: Wheel, language: str) -> None:
    """The wheel itself; every slice has the same size, whatever was said about it."""
    x, y = WIDTH / 2, sheet.y + RADIUS
    for index, piece in enumerate(wheel.slices):
        sheet.shape(
            "path", d=_sector(x, y, index), fill=filling(piece, TINT), stroke=PAPER, stroke_width=4,
            stroke_linejoin="round",
        )  # fmt: skip
    sheet.shape("circle", cx=x, cy=y, r=RADIUS, fill="none", stroke=ACCENT, stroke_width=1.5)
    sheet.shape(
        "circle", cx=x, cy=y, r=HUB, fill=filling(wheel.hopes, PAPER) if wheel.hopes else PAPER,
        stroke=ACCENT, stroke_width=1.5,
    )  # fmt: skip
    for index, (piece, (right, down, width)) in enumerate(zip(wheel.slices, _PLACES, strict=True)):
        _draw_slice(sheet, index + 1, piece, (x + right, y + down, width), wheel.scale, language)
    if wheel.hopes:
        # The hub has no room for a scale: a step of the ninth stands in the list.
        _draw_slice(sheet, DIMENSIONS + 1, wheel.hopes, (x, y, 2 * HUB - 12), (), language)
    sheet.y = y + RADIUS + 22


def _sector(x: float, y: float, index: int) -> str:
    """The outline of a slice between the hub and the rim, the first one at the top, the others clockwise."""
    turn = 2 * pi / DIMENSIONS
    start, end = (turn * (index + side) - pi / 2 for side in (-0.5, 0.5))

    def point(angle: float, radius: float) -> str:
        return f"{n(x + radius * cos(angle))} {n(y + radius * sin(angle))}"

    return (
        f"M{point(start, HUB)}L{point(start, RADIUS)}A{n(RADIUS)} {n(RADIUS)} 0 0 1 {point(end, RADIUS)}"
        f"L{point(end, HUB)}A{n(HUB)} {n(HUB)} 0 0 0 {point(start, HUB)}Z"
    )


def _draw_slice(
    sheet: Sheet, place: int, piece: Slice, where: tuple[float, float, float], scale: Sequence[str], language: str
) -> None:
    """Number, label, what to know about the slice, and its marks, as one block around a point."""
    x, y, width = where
    halo = _HALO if filling(piece, "") else {}
    label = shorten(piece.label, width, 12, 2, bold=True)
    told_of = _states(piece, width, scale, language)
    marks = marks_of(piece)
    pitch = _pitch(len(marks), 62, 28)
    ticked = bool(scale) and piece.step is not None and not piece.withheld
    rows = -(-len(marks) // int(62 // pitch))
    y -= (14 * (1 + len(label) + len(told_of)) + 15 * ticked + pitch * rows) / 2
    for line, look in [
        (str(place), {"font_weight": "600", "fill": ACCENT}),
        *((line, {"font_weight": "600"}) for line in label),
        *((line, {}) for line in told_of),
    ]:
        sheet.line(line, x, y + 11, 12, text_anchor="middle", **look, **halo)
        y += 14
    if ticked:
        ticks(sheet, x - (7 * len(scale) + 1) / 2, y + 13, len(scale), piece.step or 0)
        y += 15
    draw_marks(sheet, marks, x, y, 62, pitch)


def _states(piece: Slice, width: float, scale: Sequence[str], language: str) -> list[str]:
    if piece.withheld:
        return [WITHHELD.in_language(language)]
    states = [NOT_DISCUSSED.in_language(language)] if piece.not_discussed else []
    step = step_label(piece, scale) if scale else ""
    return states + shorten(step, width - 10, 12, 1)


def _pitch(count: int, width: float, height: float) -> float:
    """The largest distance between marks with which all of them find room."""
    pitch = 13.0
    while int(width // pitch) * int(height // pitch) < count:
        pitch *= 0.9
    return pitch
