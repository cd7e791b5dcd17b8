"""One slice of a wheel: what was said about one dimension, as marks, as a list and as a sentence.

A mark is one thing that was said: filled for a strength, open for a challenge, a speech bubble for own words. There is
no mark for "much" or "good", and nothing is counted together (R6.3).
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from app.codes import Text
from app.pictures.sheet import ACCENT, DOTTED, HATCHED, MARGIN, PAPER, QUIET, Sheet
from app.pictures.sheet import number as n
from app.pictures.text import quoted, width_of

#: A shape of radius ``r`` around a point: ``mark(sheet, x, y, r)``.
Mark = Callable[[Sheet, float, float, float], None]

DIMENSIONS = 8
NOT_DISCUSSED = Text("Inte berört", "Not discussed")
WITHHELD = Text("Inte delat", "Not shared")
NOTHING = Text("Inget nedskrivet", "Nothing written down")
STRENGTH, CHALLENGE = Text("Styrka", "Strength"), Text("Utmaning", "Challenge")
OWN_WORDS = Text("Egna ord", "Own words")
ON_THE_SCALE = Text("På skalan", "On the scale")
SCALE = Text(
    "Strecken är skalans steg: {steps}. Det långa strecket är svaret.",
    "The ticks are the steps of the scale: {steps}. The long tick is the answer.",
)
NO_LEVEL = Text(
    "Varje märke är något som har sagts. Det finns ingen nivå att nå.",
    "Each mark is something that was said. There is no level to reach.",
)


class Slice(NamedTuple):
    """What was said about one dimension; ``step`` is a step of the scale, counted from 1."""

    label: str
    strengths: Sequence[str]
    challenges: Sequence[str]
    own_words: str | None
    step: int | None
    not_discussed: bool
    withheld: bool = False


def require_eight(slices: Sequence[object]) -> None:
    """R6.1: every dimension is there, also one that was not discussed; anything else is a ValueError."""
    if len(slices) != DIMENSIONS:
        raise ValueError(f"a wheel has {DIMENSIONS} dimensions, not {len(slices)}")


def step_label(piece: Slice, scale: Sequence[str]) -> str:
    """The label of the step, empty without one; a step that the scale does not have is a ValueError."""
    if piece.step is None:
        return ""
    if not 1 <= piece.step <= len(scale):
        raise ValueError("the scale has no such step")
    return scale[piece.step - 1]


def filling(piece: Slice, otherwise: str) -> str:
    """The pattern or colour of the area that a slice has in the picture."""
    if piece.withheld:
        return DOTTED
    return HATCHED if piece.not_discussed else otherwise


def dot(sheet: Sheet, x: float, y: float, r: float) -> None:
    """A strength."""
    sheet.shape("circle", cx=x, cy=y, r=r, fill=ACCENT)


def ring(sheet: Sheet, x: float, y: float, r: float) -> None:
    """A challenge."""
    sheet.shape("circle", cx=x, cy=y, r=r * 0.85, fill=PAPER, stroke=ACCENT, stroke_width=r * 0.4)


def bubble(sheet: Sheet, x: float, y: float, r: float) -> None:
    """Own words."""
    outline = (
        f"M{n(x - r)} {n(y - r)}h{n(2 * r)}v{n(1.4 * r)}h{n(-0.9 * r)}l{n(-0.6 * r)} {n(0.7 * r)}v{n(-0.7 * r)}"
        f"h{n(-0.5 * r)}z"
    )
    sheet.shape("path", d=outline, fill=PAPER, stroke=ACCENT, stroke_width=r * 0.3, stroke_linejoin="round")


def hatch(sheet: Sheet, x: float, y: float, r: float) -> None:
    """Not discussed."""
    sheet.shape("rect", x=x - r - 2, y=y - r - 1, width=2 * r + 4, height=2 * r + 2, fill=HATCHED, stroke=QUIET)


def lock(sheet: Sheet, x: float, y: float, r: float) -> None:
    """Not shared with the viewer."""
    shackle = f"M{n(x - 0.6 * r)} {n(y)}v{n(-0.5 * r)}a{n(0.6 * r)} {n(0.6 * r)} 0 0 1 {n(1.2 * r)} 0v{n(0.5 * r)}"
    sheet.shape("path", d=shackle, fill="none", stroke=QUIET, stroke_width=r * 0.35)
    sheet.shape("rect", x=x - r, y=y - 0.1 * r, width=2 * r, height=1.3 * r, rx=1, fill=QUIET)


def ticks(sheet: Sheet, x: float, y: float, count: int, step: int) -> None:
    """The steps of a scale from ``x`` onwards, standing on ``y``; the chosen one is longer and heavier."""
    for place in range(1, count + 1):
        height, weight, colour = (12, 3.5, ACCENT) if place == step else (6, 1.5, QUIET)
        sheet.shape("path", d=f"M{n(x + 7 * place - 4)} {n(y)}v-{height}", stroke=colour, stroke_width=weight)


def marks_of(piece: Slice) -> Sequence[Mark]:
    """One mark for each thing that was said."""
    if piece.withheld:
        return [lock]
    return [dot] * len(piece.strengths) + [ring] * len(piece.challenges) + [bubble] * bool(piece.own_words)


def draw_marks(sheet: Sheet, marks: Sequence[Mark], x: float, y: float, width: float, pitch: float = 14) -> float:
    """Draw marks in centred rows around ``x``, downwards from ``y``; answers the height that they take."""
    each = max(int(width // pitch), 1)
    rows = [marks[start : start + each] for start in range(0, len(marks), each)]
    for down, row in enumerate(rows):
        for along, mark in enumerate(row):
            mark(sheet, x + pitch * (along - (len(row) - 1) / 2), y + pitch * (down + 0.5), pitch * 0.36)
    return pitch * len(rows)


def draw_texts(sheet: Sheet, piece: Slice, x: float, scale: Sequence[str], language: str) -> None:
    """Write what was said in full, each text beside its mark, and move down past it."""
    if piece.withheld:
        return _entry(sheet, lock, WITHHELD.in_language(language), x, fill=QUIET)
    if piece.not_discussed:
        _entry(sheet, hatch, NOT_DISCUSSED.in_language(language), x, fill=QUIET)
    if step := step_label(piece, scale):
        ticks(sheet, x, sheet.y + 13, len(scale), piece.step or 0)
        sheet.paragraph(f"{ON_THE_SCALE.in_language(language)}: {step}", x=x + max(7 * len(scale) + 8, 24))
        sheet.y += 3
    for text in piece.strengths:
        _entry(sheet, dot, text, x)
    for text in piece.challenges:
        _entry(sheet, ring, text, x)
    if piece.own_words:
        _entry(sheet, bubble, quoted(piece.own_words, language), x, font_style="italic")
    if not (piece.not_discussed or step or marks_of(piece)):
        sheet.paragraph(NOTHING.in_language(language), x=x, fill=QUIET)
    return None


def told(piece: Slice, scale: Sequence[str], language: str) -> str:
    """The slice in words, for whoever does not see the picture."""
    if piece.withheld:
        return f"{WITHHELD.in_language(language)}."
    step = step_label(piece, scale)
    said = [
        *([NOT_DISCUSSED.in_language(language)] if piece.not_discussed else []),
        *([f"{ON_THE_SCALE.in_language(language)}: {step}"] if step else []),
        *(f"{STRENGTH.in_language(language)}: {text}" for text in piece.strengths),
        *(f"{CHALLENGE.in_language(language)}: {text}" for text in piece.challenges),
        *([f"{OWN_WORDS.in_language(language)}: {quoted(piece.own_words, language)}"] if piece.own_words else []),
    ]
    return ". ".join(said or [NOTHING.in_language(language)]) + "."


def draw_legend(sheet: Sheet, pieces: Sequence[Slice], scale: Sequence[str], language: str) -> None:
    """Say what the marks mean, those that occur, and that no level is to be reached."""
    shown: list[tuple[Mark, Text]] = [(dot, STRENGTH), (ring, CHALLENGE)]
    seen = [piece for piece in pieces if not piece.withheld]
    shown += [(bubble, OWN_WORDS)] if any(piece.own_words for piece in seen) else []
    shown += [(hatch, NOT_DISCUSSED)] if any(piece.not_discussed for piece in seen) else []
    shown += [(lock, WITHHELD)] if len(seen) < len(pieces) else []
    x = MARGIN
    for mark, meaning in shown:
        text = meaning.in_language(language)
        after = x + 20 + width_of(text, 13) + 14
        if after - 14 > sheet.width - MARGIN:
            x, after = MARGIN, MARGIN + after - x
            sheet.y += 22
        mark(sheet, x + 7, sheet.y + 9, 5)
        sheet.line(text, x + 20, sheet.y + 14, 13)
        x = after
    sheet.y += 26
    if scale:
        sheet.paragraph(SCALE.in_language(language).format(steps=", ".join(scale)), 12, fill=QUIET)
        sheet.y += 4
    sheet.paragraph(NO_LEVEL.in_language(language), 12, fill=QUIET)


def draw_heading(sheet: Sheet, place: int, label: str) -> None:
    """A dimension's number in a circle and its label, and move down past them."""
    sheet.shape("circle", cx=MARGIN + 11, cy=sheet.y + 11, r=11, fill=ACCENT)
    sheet.line(str(place), MARGIN + 11, sheet.y + 15.5, 13, fill=PAPER, text_anchor="middle", font_weight="600")
    sheet.paragraph(label, 16, x=MARGIN + 32, font_weight="600")
    sheet.y += 4


def _entry(sheet: Sheet, mark: Mark, text: str, x: float, **attributes: str | float) -> None:
    mark(sheet, x + 7, sheet.y + 9.5, 5)
    sheet.paragraph(text, 14, x + 24, 0, **attributes)
    sheet.y += 3
