"""Wheels to draw, and ways to read what a picture says."""

from datetime import date
from typing import Any
from xml.etree import ElementTree

from app.pictures.history import History, Moment, Voice
from app.pictures.sheet import ACCENT, HATCHED
from app.pictures.text import width_of
from app.pictures.wheel import Slice, Wheel

SVG = "{http://www.w3.org/2000/svg}"
LABELS = ("Trygg", "Må bra", "Utvecklas", "Omvårdad", "Aktiv", "Respekterad", "Ansvarstagande", "Delaktig")
FREQUENCIES = ("aldrig", "ibland", "ofta", "alltid")
#: What leads out of the picture, or makes it do something.
FOREIGN = ("script", "href", "url(http", "@import", "foreignObject", "<style", "<image", "onload")


def a_slice(label: str = "Trygg", **change: Any) -> Slice:
    usual: dict[str, Any] = {
        "label": label, "strengths": (), "challenges": (), "own_words": None, "step": None, "not_discussed": False
    }  # fmt: skip
    return Slice(**usual | change)


def eight(**change: Any) -> list[Slice]:
    """Eight slices; the change is to the first."""
    first, *others = LABELS
    return [a_slice(first, **change), *map(a_slice, others)]


def a_wheel(slices: list[Slice] | None = None, **change: Any) -> Wheel:
    usual: dict[str, Any] = {
        "title": "Välmåendehjulet", "respondent": "Barnet", "held_on": date(2026, 3, 14), "setting": None,
        "slices": eight() if slices is None else slices, "hopes": None, "scale": (), "note": None,
    }  # fmt: skip
    return Wheel(**usual | change)


def a_moment(slices: list[Slice] | None = None, held_on: date = date(2026, 3, 14), template: str = "v1") -> Moment:
    return Moment(held_on, template, eight() if slices is None else slices)


def a_history(*voices: Voice, **change: Any) -> History:
    usual: dict[str, Any] = {"title": "Över tid", "labels": LABELS, "voices": voices, "scale": (), "note": None}
    return History(**usual | change)


def parsed(svg: str) -> ElementTree.Element:
    """The root; an error unless the bytes are well-formed XML."""
    return ElementTree.fromstring(svg.encode("utf-8"))


def described(root: ElementTree.Element) -> str:
    return root.findtext(f"{SVG}desc") or ""


def lines(root: ElementTree.Element) -> list[str]:
    """Every written line, from first to last."""
    return [line.text or "" for line in root.iter(f"{SVG}text")]


def written(root: ElementTree.Element) -> str:
    """All written lines as one running text."""
    return " ".join(lines(root))


def dots(root: ElementTree.Element) -> int:
    """How many marks of strengths there are, the one of the legend too."""
    return sum(1 for circle in root.iter(f"{SVG}circle") if is_mark(circle) and circle.get("fill") == ACCENT)


def rings(root: ElementTree.Element) -> int:
    """How many marks of challenges there are, the one of the legend too."""
    return sum(1 for circle in root.iter(f"{SVG}circle") if is_mark(circle) and circle.get("stroke") == ACCENT)


def is_mark(circle: ElementTree.Element) -> bool:
    return float(circle.get("r", 0)) <= 6 and "cx" in circle.attrib


def hatched(root: ElementTree.Element) -> int:
    return sum(1 for shape in root.iter() if shape.get("fill") == HATCHED)


def outside(root: ElementTree.Element) -> list[str]:
    """The lines that would leave the picture, by the estimate of their width."""
    width = float(root.get("width", 0))
    found = []
    for line in root.iter(f"{SVG}text"):
        text = line.text or ""
        wide = width_of(text, float(line.get("font-size", 0)), "font-weight" in line.attrib)
        left = float(line.get("x", 0)) - (wide / 2 if line.get("text-anchor") == "middle" else 0)
        found += [text] if left < 0 or left + wide > width else []
    return found
