import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.pictures.history import Voice, draw_history
from app.pictures.text import clean
from tests.pictures.steps import (
    FOREIGN,
    FREQUENCIES,
    LABELS,
    SVG,
    a_history,
    a_moment,
    a_slice,
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

SPRING, AUTUMN = date(2026, 3, 14), date(2026, 9, 20)
DIAMOND = "l5 5l-5 5l-5 -5z"


@pytest.mark.parametrize(("language", "fixed"), [("sv", "I ord"), ("en", "In words")])
def test_a_reader_without_eyes_gets_title_description_and_language(language: str, fixed: str) -> None:
    root = parsed(draw_history(a_history(Voice("Barnet", [a_moment()])), language))

    assert root.attrib["role"] == "img"
    assert root.attrib["lang"] == language
    assert root.attrib["aria-labelledby"] == "title desc"
    assert root.findtext(f"{SVG}title") == "Över tid"
    assert fixed in lines(root)


@pytest.mark.rule("R6.5")
def test_both_texts_of_a_change_are_read_in_words() -> None:
    before, after = (
        eight(challenges=["Rädd på <vägen> hem"]),
        eight(strengths=["Går med en kompis"], own_words="Bättre"),
    )
    child = Voice("Barnet", [a_moment(before, SPRING), a_moment(after, AUTUMN)])
    root = parsed(draw_history(a_history(child, note="Orden är ett förslag"), "sv"))

    for text in ("Rädd på <vägen> hem", "Går med en kompis", "”Bättre”", "Orden är ett förslag", *LABELS):
        assert text in described(root)
        assert text in written(root)
    told = described(root)
    assert told.index("14 mars 2026") < told.index("Rädd") < told.index("20 september 2026") < told.index("Går med")


@pytest.mark.rule("R6.4")
def test_respondents_stand_side_by_side() -> None:
    child = Voice("Barnet", [a_moment(eight(step=1), SPRING)])
    guardian = Voice("Vårdnadshavare", [a_moment(eight(step=4), SPRING)])
    root = parsed(draw_history(a_history(child, guardian, scale=FREQUENCIES), "sv"))

    heads = {line.text: line for line in root.iter(f"{SVG}text") if line.text in ("Barnet", "Vårdnadshavare")}
    assert heads["Barnet"].get("y") == heads["Vårdnadshavare"].get("y")
    assert float(heads["Barnet"].get("x", 0)) < float(heads["Vårdnadshavare"].get("x", 0))
    assert lines(root).count("aldrig") == lines(root).count("alltid") == 1
    assert lines(root).count("ibland") == lines(root).count("ofta") == 0, "nothing between the two answers"


@pytest.mark.rule("R6.3")
def test_one_mark_for_each_thing_said_and_no_number_for_them_together() -> None:
    child = Voice("Barnet", [a_moment(eight(strengths=["a"] * 3, challenges=["b"]), SPRING)])
    guardian = Voice("Förälder", [a_moment(eight(strengths=["c"] * 2), SPRING)])
    root = parsed(draw_history(a_history(child, guardian), "sv"))

    assert (dots(root), rings(root)) == (5 * 2 + 1, 1 * 2 + 1)
    numbers = re.findall(r"\d+", (written(root) + described(root)).replace("14 mars 2026", "").replace("v1", ""))
    assert sorted(numbers) == sorted([*map(str, range(1, 9))] * 3), "only the places of the dimensions"


@pytest.mark.rule("R6.5")
def test_a_new_version_of_the_template_is_marked_where_it_came() -> None:
    same = Voice("Barnet", [a_moment(held_on=SPRING), a_moment(held_on=AUTUMN)])
    changed = Voice("Barnet", [a_moment(held_on=SPRING), a_moment(held_on=AUTUMN, template="v2")])
    others = (Voice("Barnet", [a_moment()]), Voice("Förälder", [a_moment(template="v2")]))

    assert draw_history(a_history(changed), "sv").count(DIAMOND) == 2, "above the column and in the legend"
    assert "20 september 2026 · v2. Hjulet har en annan version" in draw_history(a_history(changed), "sv")
    for history in (a_history(same), a_history(*others)):
        picture = draw_history(history, "sv")
        assert DIAMOND not in picture
        assert "annan version" not in picture


def test_a_label_of_an_earlier_version_is_told() -> None:
    moment = a_moment([a_slice("Säker"), *eight()[1:]])
    root = parsed(draw_history(a_history(Voice("Barnet", [moment])), "sv"))
    assert "Hette då ”Säker”" in described(root)
    assert lines(root).count("Hette då ”Säker”") == 1


@pytest.mark.rule("R6.1")
def test_not_discussed_is_something_else_than_nothing_said() -> None:
    silent = parsed(draw_history(a_history(Voice("Barnet", [a_moment()])), "sv"))
    undiscussed = parsed(draw_history(a_history(Voice("Barnet", [a_moment(eight(not_discussed=True))])), "sv"))

    assert hatched(silent) == 0
    assert hatched(undiscussed) == 3, "in the table, in the legend and in words"
    assert "Inte berört." in described(undiscussed)


def test_what_is_withheld_leaves_no_trace() -> None:
    hidden = {"strengths": ["hemlig"], "challenges": ["hemlig"], "own_words": "hemlig", "step": 2}
    picture, plain = (
        draw_history(a_history(Voice("Barnet", [a_moment(eight(withheld=True, **said))]), scale=FREQUENCIES), "sv")
        for said in (hidden, {})
    )
    assert "hemlig" not in picture
    assert "Inte delat." in picture
    assert picture == plain


@pytest.mark.rule("R6.1")
def test_every_wheel_and_the_labels_are_eight() -> None:
    for history in (
        a_history(Voice("Barnet", [a_moment(), a_moment(eight()[:7])])),
        a_history(Voice("Barnet", [a_moment()]), labels=LABELS[:7]),
    ):
        with pytest.raises(ValueError, match="8 dimensions"):
            draw_history(history, "sv")


@pytest.mark.parametrize(("columns", "width"), [(1, 400), (2, 400), (3, 428), (6, 830)])
def test_the_picture_widens_with_its_columns(columns: int, width: int) -> None:
    moments = [a_moment(held_on=date(2020 + year, 9, 20)) for year in range(columns)]
    root = parsed(draw_history(a_history(Voice("Barnet", moments)), "sv"))

    assert root.get("viewBox", "").split()[2] == str(width)
    assert outside(root) == []


def test_long_texts_and_unbroken_words_stay_inside_the_picture() -> None:
    unbroken = "Barnkonventionsimplementering" * 9
    piece = {"strengths": ["lång text " * 40], "challenges": [unbroken] * 20, "own_words": "W" * 300, "step": 1}
    moments = [a_moment([a_slice(unbroken, **piece)] * 8, template=unbroken) for _ in range(3)]
    voices = (Voice(unbroken, moments), Voice(unbroken, moments))
    root = parsed(draw_history(a_history(*voices, title=unbroken, scale=[unbroken], note=unbroken), "sv"))

    assert outside(root) == []
    assert unbroken in "".join(lines(root))


@pytest.mark.parametrize("voices", [(), (Voice("Barnet", []),)])
def test_a_history_without_wheels_says_so(voices: tuple[Voice, ...]) -> None:
    root = parsed(draw_history(a_history(*voices), "sv"))
    assert described(root) == "Det finns inga hjul att visa."
    assert "Det finns inga hjul att visa." in lines(root)


def test_a_picture_brings_nothing_from_elsewhere_and_is_always_the_same() -> None:
    child = Voice("Barnet", [a_moment(eight(strengths=["a"], not_discussed=True)), a_moment(template="v2")])
    first, second = (draw_history(a_history(child), "sv") for _ in range(2))

    assert [word for word in FOREIGN if word in first] == []
    assert first.count("http") == 1, "the namespace"
    assert first == second


@given(text=st.text(), step=st.none() | st.integers(1, 4), flags=st.tuples(st.booleans(), st.booleans()))
def test_any_text_at_all_makes_a_well_formed_picture(text: str, step: int | None, flags: tuple[bool, bool]) -> None:
    said = a_slice(text, strengths=[text], challenges=[text], own_words=text, step=step)
    moment = a_moment([said._replace(not_discussed=flags[0], withheld=flags[1])] * 8, template=text)
    voices = (Voice(text, [moment, moment]), Voice(text, [moment]))
    root = parsed(draw_history(a_history(*voices, title=text, scale=[text] * 4, note=text), "en"))

    assert clean(text) in described(root)
    assert outside(root) == []
