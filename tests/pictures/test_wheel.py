import re
from datetime import date
from math import atan2, degrees, hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.pictures.text import clean
from app.pictures.wheel import RADIUS, Slice, draw_wheel
from tests.pictures.steps import (
    FOREIGN,
    FREQUENCIES,
    LABELS,
    SVG,
    a_slice,
    a_wheel,
    described,
    dots,
    eight,
    hatched,
    lines,
    outside,
    parsed,
    rings,
    written,
)

SECTOR = re.compile('<path d="M[^"]*A190 190[^>]*>')


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_reader_without_eyes_gets_title_description_and_language(language: str) -> None:
    root = parsed(draw_wheel(a_wheel(setting="Hemma"), language))

    assert root.attrib["role"] == "img"
    assert root.attrib["lang"] == language
    named = [root.find(f"{SVG}*[@id='{name}']") for name in root.attrib["aria-labelledby"].split()]
    assert [part.tag for part in named if part is not None] == [f"{SVG}title", f"{SVG}desc"]
    day = {"sv": "14 mars 2026", "en": "14 March 2026"}[language]
    for said in ("Välmåendehjulet", "Barnet", day, "Hemma"):
        assert said in (root.findtext(f"{SVG}title") or "")


def test_every_text_is_drawn_and_described() -> None:
    slices = eight(
        strengths=["Mormor <hämtar> & lagar mat", "Sover"], challenges=['Säger "nej"'], own_words="Det är bra"
    )
    hopes = a_slice("Hopp", own_words="Bli veterinär")
    root = parsed(draw_wheel(a_wheel(slices, hopes=hopes, note="Orden är ett förslag", setting="Hemma"), "sv"))

    said = (*slices[0].strengths, *slices[0].challenges, "Det är bra", "Bli veterinär", "Orden är ett förslag", *LABELS)
    for text in said:
        assert text in described(root)
        assert text in written(root)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "sv",
            ("Berättat av", "Styrka", "Utmaning", "Egna ord", "Inte berört", "Inte delat", "På skalan", "ingen nivå"),
        ),
        (
            "en",
            ("Told by", "Strength", "Challenge", "Own words", "Not discussed", "Not shared", "On the scale", "level"),
        ),
    ],
)
def test_fixed_words_are_in_the_language_asked_for(language: str, words: tuple[str, ...]) -> None:
    slices = eight(strengths=["a"], challenges=["b"], own_words="c", step=2)
    slices[1:3] = [a_slice(not_discussed=True), a_slice(withheld=True)]
    root = parsed(draw_wheel(a_wheel(slices, scale=FREQUENCIES), language))

    assert [word for word in words if word not in written(root)] == []


@pytest.mark.rule("R6.7")
@pytest.mark.parametrize(("language", "quote"), [("sv", "”{}”"), ("en", "“{}”")])
def test_own_words_stand_unchanged_between_quotation_marks(language: str, quote: str) -> None:
    words = 'ja   asså <det> & "typ"…\r\n\tbra\'  '
    root = parsed(draw_wheel(a_wheel(eight(own_words=words)), language))

    assert quote.format(words) in described(root)
    assert quote.format(words).split() == [
        word for word in written(root).split() if word in quote.format(words).split()
    ]


def test_what_xml_forbids_is_replaced_and_seen() -> None:
    root = parsed(draw_wheel(a_wheel(eight(own_words="a\x00b\x0bc\ud800d\uffff")), "sv"))
    assert "a�b�c�d�" in described(root)


@pytest.mark.rule("R6.1")
def test_a_wheel_has_eight_dimensions() -> None:
    for slices in (eight()[:7], [*eight(), a_slice()], []):
        with pytest.raises(ValueError, match="8 dimensions"):
            draw_wheel(a_wheel(slices), "sv")


@pytest.mark.rule("R6.1")
def test_not_discussed_is_something_else_than_nothing_said() -> None:
    silent = parsed(draw_wheel(a_wheel(), "sv"))
    undiscussed = parsed(draw_wheel(a_wheel(eight(not_discussed=True)), "sv"))

    assert hatched(silent) == 0
    assert described(silent).startswith("1. Trygg: Inget nedskrivet.")
    assert hatched(undiscussed) == 3, "in the wheel, in the legend and in the list"
    assert described(undiscussed).startswith("1. Trygg: Inte berört.")
    assert lines(undiscussed).count("Inget nedskrivet") == 7


def test_what_is_withheld_leaves_no_trace() -> None:
    hidden = {"strengths": ["hemlig"] * 3, "challenges": ["hemlig"], "own_words": "hemlig", "not_discussed": True}
    picture = draw_wheel(a_wheel(eight(withheld=True, step=3, **hidden), scale=FREQUENCIES), "sv")

    assert "hemlig" not in picture
    assert described(parsed(picture)).startswith("1. Trygg: Inte delat.")
    assert picture == draw_wheel(a_wheel(eight(withheld=True), scale=FREQUENCIES), "sv")


@pytest.mark.rule("R6.3")
def test_one_mark_for_each_thing_said_and_no_number_for_them_together() -> None:
    slices = eight(strengths=["a"] * 3, challenges=["b"] * 2, own_words="c", step=2)
    slices[4] = a_slice("Aktiv", strengths=["d"], step=4)
    root = parsed(draw_wheel(a_wheel(slices, scale=FREQUENCIES), "sv"))

    assert (dots(root), rings(root)) == (4 * 2 + 1, 2 * 2 + 1), "in the wheel, in the list, and one in the legend"
    numbers = re.findall(r"\d+", written(root).replace("14 mars 2026", "") + described(root))
    assert sorted(numbers) == sorted([*map(str, range(1, 9))] * 3), "only the places of the dimensions"


@pytest.mark.rule("R6.3")
def test_a_slice_has_the_same_size_and_colours_whatever_was_said() -> None:
    empty = draw_wheel(a_wheel(scale=FREQUENCIES), "sv")
    full = draw_wheel(a_wheel([a_slice(x, strengths=["a"] * 9, step=4) for x in LABELS], scale=FREQUENCIES), "sv")
    bleak = draw_wheel(a_wheel([a_slice(x, challenges=["a"] * 9, step=1) for x in LABELS], scale=FREQUENCIES), "sv")

    assert len(SECTOR.findall(empty)) == 8
    assert SECTOR.findall(empty) == SECTOR.findall(full) == SECTOR.findall(bleak)
    assert set(re.findall("#[0-9a-f]+", full)) == set(re.findall("#[0-9a-f]+", bleak))


@pytest.mark.parametrize("step", [1, 2, 3, 4])
def test_a_step_is_its_label_and_one_tick_among_as_many_as_the_scale_has(step: int) -> None:
    root = parsed(draw_wheel(a_wheel(eight(step=step), scale=FREQUENCIES), "sv"))
    heights = re.findall(r"v-(\d+)$", "\n".join(path.get("d", "") for path in root.iter(f"{SVG}path")), re.M)

    assert [place for place, height in enumerate(heights[:4], 1) if height == "12"] == [step]
    assert len(heights) == 2 * 4, "in the wheel and in the list"
    assert f"På skalan: {FREQUENCIES[step - 1]}" in lines(root)
    assert FREQUENCIES[step - 1] in lines(root)


@pytest.mark.parametrize(("step", "scale"), [(0, FREQUENCIES), (5, FREQUENCIES), (1, ())])
def test_a_step_that_the_scale_does_not_have_is_refused(step: int, scale: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="no such step"):
        draw_wheel(a_wheel(eight(step=step), scale=scale), "sv")


@pytest.mark.parametrize("said", [1, 5, 20, 60])
def test_every_mark_finds_room_in_its_slice(said: int) -> None:
    slices = [a_slice(label, strengths=["a"] * said, challenges=["b"] * said, step=3) for label in LABELS]
    root = parsed(draw_wheel(a_wheel(slices, scale=FREQUENCIES), "sv"))

    circles = [tuple(float(shape.get(name, 0)) for name in ("cx", "cy", "r")) for shape in root.findall(f"{SVG}circle")]
    (x, y, _), (_, _, hub), *rest = circles
    marks = rest[: 8 * 2 * said]
    assert len(rest) == 8 * 2 * said + 2 + 8 * (2 * said + 1), "in the wheel, in the legend and in the list"
    for index, (right, down, radius) in enumerate(marks):
        assert hub + radius < hypot(right - x, down - y) < RADIUS - radius
        turned = degrees(atan2(right - x, y - down)) - 45 * (index // (2 * said))
        assert abs((turned + 180) % 360 - 180) < 22.5, "between the borders of its own slice"


def test_long_texts_and_unbroken_words_stay_inside_the_picture() -> None:
    unbroken = "Barnkonventionsimplementering" * 9
    piece = {"strengths": ["lång text " * 40], "challenges": [unbroken], "own_words": "W" * 300, "step": 1}
    slices = [a_slice(unbroken, **piece) for _ in LABELS]
    wheel = a_wheel(slices, title=unbroken, respondent=unbroken, setting=unbroken, scale=[unbroken], note=unbroken)
    root = parsed(draw_wheel(wheel._replace(hopes=slices[0]), "sv"))

    assert outside(root) == []
    assert unbroken in "".join(lines(root)), "cut into lines, with nothing added"
    assert float(root.get("width", 0)) == 400


def test_no_text_is_smaller_than_twelve() -> None:
    root = parsed(draw_wheel(a_wheel(eight(strengths=["a"], not_discussed=True), note="b"), "sv"))
    assert min(float(line.get("font-size", 0)) for line in root.iter(f"{SVG}text")) >= 12


def test_hopes_stand_as_the_ninth() -> None:
    root = parsed(draw_wheel(a_wheel(hopes=a_slice("Hopp", own_words="Bli veterinär")), "sv"))
    assert "9. Hopp: Egna ord: ”Bli veterinär”." in described(root)
    assert lines(root).count("Hopp") == 2


def test_a_picture_brings_nothing_from_elsewhere() -> None:
    picture = draw_wheel(a_wheel(eight(strengths=["a"], not_discussed=True), scale=FREQUENCIES), "sv")
    assert [word for word in FOREIGN if word in picture] == []
    assert picture.count("http") == 1, "the namespace"


def test_the_same_wheel_is_the_same_picture() -> None:
    first, second = (draw_wheel(a_wheel(eight(strengths=["a", "b"])), "sv") for _ in range(2))
    assert first == second


@given(text=st.text(), step=st.none() | st.integers(1, 4), flags=st.tuples(st.booleans(), st.booleans()))
def test_any_text_at_all_makes_a_well_formed_picture(text: str, step: int | None, flags: tuple[bool, bool]) -> None:
    said = Slice(text, [text], [text, text], text, step, *flags)
    wheel = a_wheel([said] * 8, title=text, respondent=text, setting=text, hopes=said, scale=[text] * 4, note=text)
    root = parsed(draw_wheel(wheel._replace(held_on=date(2026, 12, 31)), "en"))

    assert clean(text) in described(root)
    assert outside(root) == []
