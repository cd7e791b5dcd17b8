"""A sheet that is drawn on from the top downwards and becomes one SVG document.

Everything is real text and plain shapes with presentation attributes: no script, no font to load, nothing from
elsewhere. Colours are one accent and greys that stay apart in print; what differs, differs in shape or pattern.
"""

from app.codes import Text
from app.pictures.text import escape, wrap

INK, QUIET, ACCENT, TINT, LINE, PAPER = "#1b2429", "#4b5a63", "#1f4f66", "#edf2f5", "#b9c4cb", "#fff"
MARGIN, LEADING = 20.0, 1.4
#: Fills that say something: not discussed, and not shared with the viewer.
HATCHED, DOTTED = "url(#hatched)", "url(#dotted)"
_LANGUAGE = Text("sv", "en")


def number(value: float) -> str:
    """A coordinate with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")


def element(tag: str, inner: str = "", /, **attributes: str | float) -> str:
    """One element; ``stroke_width`` is written ``stroke-width``, and ``inner`` is markup."""
    written = "".join(
        f' {name.replace("_", "-")}="{escape(value) if isinstance(value, str) else number(value)}"'
        for name, value in attributes.items()
    )
    return f"<{tag}{written}>{inner}</{tag}>" if inner else f"<{tag}{written}/>"


def _pattern(name: str, size: float, mark: str, **attributes: str | float) -> str:
    paper = element("rect", width=size, height=size, fill=PAPER)
    return element(
        "pattern", paper + mark, id=name, width=size, height=size, patternUnits="userSpaceOnUse", **attributes
    )


_DEFINITIONS = element(
    "defs",
    _pattern(
        "hatched", 8, element("path", d="M4 0V8", stroke="#8b99a2", stroke_width=1.6), patternTransform="rotate(45)"
    )
    + _pattern("dotted", 7, element("circle", cx=3.5, cy=3.5, r=1, fill="#85939c")),
)


class Sheet:
    """What is drawn so far, and ``y``: how far down the next thing begins."""

    def __init__(self, width: float) -> None:
        self.width = width
        self.y = MARGIN
        self._elements: list[str] = []

    @property
    def room(self) -> float:
        """The width between the margins."""
        return self.width - 2 * MARGIN

    def shape(self, tag: str, **attributes: str | float) -> None:
        """Draw a shape where its attributes say."""
        self._elements.append(element(tag, **attributes))

    def line(self, text: str, x: float, y: float, size: float = 14, **attributes: str | float) -> None:
        """Write one line with its baseline at ``y``."""
        if text:
            self._elements.append(element("text", escape(text), x=x, y=y, font_size=size, **attributes))

    def paragraph(
        self, text: str, size: float = 14, x: float = MARGIN, width: float = 0, **attributes: str | float
    ) -> None:
        """Write a text in lines within a width (by default all there is) and move down past it."""
        for line in wrap(text, width or self.width - MARGIN - x, size, "font_weight" in attributes) or [""]:
            self.line(line, x, self.y + size, size, **attributes)
            self.y += size * LEADING

    def rule(self) -> None:
        """A thin line across, with air above and below."""
        self.y += 10
        self.shape("path", d=f"M{number(MARGIN)} {number(self.y)}H{number(self.width - MARGIN)}", stroke=LINE)
        self.y += 12

    def document(self, title: str, description: str, language: str) -> str:
        """The SVG document: ``title`` and ``description`` tell its whole content to whoever does not see it."""
        height = self.y + MARGIN
        inside = [
            element("title", escape(title), id="title"),
            element("desc", escape(description), id="desc"),
            _DEFINITIONS,
            element("rect", width=self.width, height=height, fill=PAPER),
            *self._elements,
        ]
        return element(
            "svg", "\n".join(["", *inside, ""]), xmlns="http://www.w3.org/2000/svg", role="img",
            aria_labelledby="title desc", lang=_LANGUAGE.in_language(language),
            viewBox=f"0 0 {number(self.width)} {number(height)}", width=self.width, height=height,
            style="max-width:100%;height:auto", font_family="system-ui, sans-serif", fill=INK,
        )  # fmt: skip
