"""The plan as a PDF: what it says, in which form and language, and that nothing anybody wrote can break it."""

import io
import re
from datetime import datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from app.documents.plan import Form, render_plan
from app.documents.words import LABELS, WORDS
from tests.documents.steps import action, plan

PROFESSIONAL, FAMILY = Form.PROFESSIONAL, Form.FAMILY
VARIANTS = [(form, language) for form in Form for language in ("sv", "en")]
STATUTORY = ("1. Insatser som behövs", "2. Vilka insatser", "3. Åtgärder", "4. Huvudman med det övergripande ansvaret")


def opened(content: dict[str, Any], form: Form = PROFESSIONAL, language: str = "sv") -> PdfReader:
    """The document, read back."""
    return PdfReader(io.BytesIO(render_plan(content, form=form, language=language)))


def said(content: dict[str, Any], form: Form = PROFESSIONAL, language: str = "sv") -> str:
    """All its words, with single spaces."""
    return " ".join(" ".join(page.extract_text() for page in opened(content, form, language).pages).split())


def structure(element: Any) -> list[str]:
    """The tags of the document, in reading order."""
    element = element.get_object()
    if isinstance(element, list):
        return [tag for child in element for tag in structure(child)]
    if not isinstance(element, dict):
        return []
    own = [str(element["/S"])] if "/S" in element else []
    return own + (structure(element["/K"]) if "/K" in element else [])


@pytest.mark.parametrize(("form", "language"), VARIANTS)
def test_a_plan_is_a_pdf_and_the_same_version_gives_the_same_bytes(form: Form, language: str) -> None:
    pdf = render_plan(plan(), form=form, language=language)

    assert pdf.startswith(b"%PDF")
    assert render_plan(plan(), form=form, language=language) == pdf
    assert render_plan(plan(number=3), form=form, language=language) != pdf
    metadata = PdfReader(io.BytesIO(pdf)).metadata
    assert metadata is not None
    assert metadata.creation_date == datetime.fromisoformat(plan()["made_at"]), "never the moment it was printed"


@pytest.mark.parametrize(
    ("form", "language", "words"),
    [
        (PROFESSIONAL, "sv", ["Samordnad individuell plan (SIP)", "Frågeställning", "Ordförande", "Delvis uppnått"]),
        (PROFESSIONAL, "en", ["Coordinated individual plan (SIP)", "Question", "Chair", "Partly reached"]),
        (FAMILY, "sv", ["Vem ringer jag?", "Det här är viktigt för mig", "Det här gör vi själva", "2 juni 2026"]),
        (FAMILY, "en", ["Whom do I call?", "What matters to me", "What we do ourselves", "2 June 2026"]),
    ],
)
def test_each_form_speaks_its_language(form: Form, language: str, words: list[str]) -> None:
    text = said(plan(), form, language)

    assert [word for word in words if word not in text] == []
    assert all(written in text for written in ("Alva Testsson", "0158-000 20", "Jag sover minst nio timmar."))


@pytest.mark.parametrize(("form", "language"), VARIANTS)
def test_it_can_be_read_aloud(form: Form, language: str) -> None:
    """PDF/UA: tagged, with headings, a title and a language; nobody is named as its author."""
    document = opened(plan(), form, language)
    root, metadata = document.root_object, document.xmp_metadata

    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/Lang"] == {"sv": "sv-SE", "en": "en-GB"}[language]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert {"/Title", "/H1"} <= set(structure(root["/StructTreeRoot"]))
    assert document.metadata is not None
    assert document.metadata.title
    assert document.metadata.author is None
    assert metadata is not None
    assert b"pdfuaid:part>1<" in metadata.stream.get_data()


def test_tables_have_header_cells_and_lists_are_lists() -> None:
    tables = structure(opened(plan()).root_object["/StructTreeRoot"])
    lists = structure(opened(plan(), FAMILY).root_object["/StructTreeRoot"])

    assert {"/Table", "/THead", "/TH", "/H2"} <= set(tables)
    assert {"/L", "/LI"} <= set(lists)


@pytest.mark.rule("R7.13")
def test_the_family_reads_first_whom_to_call_then_what_matters_and_no_law() -> None:
    text = said(plan(), FAMILY)
    headings = ["Vem ringer jag?", "Det här är viktigt för mig", "Planen med enkla ord", "Det här vill vi",
                "Vem gör vad, och när?", "Det här gör vi själva", "Nästa gång vi ses", "inte överens om"]  # fmt: skip
    places = [text.index(heading) for heading in headings]

    assert places == sorted(places)
    assert text.index("Vi lägger bort skärmarna") > text.index("Det här gör vi själva")
    assert not re.search(r"§|kap\.|lagen|goal-1|action-1|need-1|GNE-2026-0017", text)


@pytest.mark.rule("R5.4")
def test_the_family_is_told_of_one_to_call() -> None:
    both = said(plan(), Form.FAMILY)
    assert "Min samordnare" in both
    assert "Min kontaktperson" not in both
    assert "Min kontaktperson" in said(plan(coordinator=None), Form.FAMILY)


def test_a_sip_has_the_four_statutory_items_in_order() -> None:
    text = said(plan())
    one, two, three, four = (text.index(heading) for heading in STATUTORY)

    assert one < text.index("Gör en bedömning av sömn") < two < three
    assert three < text.index("Gnesta ridklubb") < four
    assert "Kommun, Socialnämnden i Gnesta" in text[four:]
    assert "16 kap. 4 §" in text
    assert "10 kap. 8–9 §§" in text


def test_the_note_stands_where_nobody_else_does_anything() -> None:
    text = said(plan(actions=[action(1, "region")], others_measures_note="Ingen annan behövs nu."))

    assert text.index(STATUTORY[2]) < text.index("Ingen annan behövs nu.") < text.index(STATUTORY[3])


def test_a_barnets_plan_has_no_statutory_headings() -> None:
    text = said(plan(kind="barnets_plan"))

    assert text.startswith("Barnets plan")
    assert not [heading for heading in STATUTORY if heading in text]
    assert "16 kap." not in text
    assert "Gnesta ridklubb" in text


def test_who_has_not_accepted_is_said_in_words() -> None:
    assert said(plan()).count("Har inte godkänt än") == 1
    assert "Has not accepted yet" in said(plan(), language="en")


def test_the_footer_tells_version_day_and_page() -> None:
    """The day is the one in Sweden: 23:30 UTC on the second of March is the third."""
    first = " ".join(opened(plan()).pages[0].extract_text().split())

    assert re.search(r"Version 2 · 3 mars 2026 · GNE-2026-0017 Sida 1 av \d", first)


@pytest.mark.parametrize("form", Form)
def test_a_protected_childs_name_is_replaced(form: Form) -> None:
    protected = {"child": {"name": None, "birth_date": None}, "kind": "sip"}

    assert "Skyddad" in said(protected, form)
    assert "Protected" in said(protected, form, "en")
    title = opened(plan(), form).metadata
    assert title is not None
    assert "Alva" not in str(title.title), "titles end up in lists of files"


HOSTILE = [
    '#panic("x") #sys.inputs.data $a^2$ *b* _c_ `d` \\ <e> @f ~ -- --- ...',
    "= ingen rubrik / - ingen lista // inget försvinner /* inte heller här */ [x] {y}",
    "\"citat\" 'citat' ”citat” \\u{41} \\n %s {0} &amp; <script>alert(1)</script> ' or 1=1; --",
    "❤ ★ ☀ привет γειά مرحبا",
]


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("text", HOSTILE)
def test_what_people_write_comes_out_as_they_wrote_it(form: Form, text: str) -> None:
    def letters(value: str) -> str:
        return re.sub(r"\s", "", value)

    assert letters(text) in letters(said(plan(what_matters=text), form))


def test_a_symbol_without_a_glyph_is_named_and_a_letter_is_a_box_with_a_note() -> None:
    text = said(plan(what_matters="Häst 🐴👍🏽 🦄 och ሰላም"), FAMILY)

    assert "Häst [häst][tummen upp] [unicorn face] och □□□" in text
    assert WORDS["boxes"].sv in text
    assert WORDS["boxes"].sv not in said(plan(what_matters="Häst 🐴"), FAMILY)


@pytest.mark.parametrize("form", Form)
def test_four_thousand_characters_are_all_there(form: Form) -> None:
    words = [f"ord{number}" for number in range(620)]
    text = said(plan(what_matters=" ".join(words), actions=[action(1, "region", description=" ".join(words))]), form)

    assert [word for word in words if len(re.findall(rf"\b{word}\b", text)) != 2] == []


def test_a_long_address_is_cut_without_a_hyphen_and_stays_on_the_paper() -> None:
    address = "https://exempel.se/" + "a" * 300
    lines = opened(plan(what_matters=address)).pages[0].extract_text().splitlines()

    assert address in "".join(lines)
    assert max(map(len, lines)) < 120


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=60))
@example("（［")  # drawn by no font, and moved sideways by typst
@example("\u2603\u20d7 ሰ\u1dc2 \ufeff\U000e0067\ufe0f")  # marks on what their font does not know; invisible ones
@example("\U000cfb32\u0eb3")  # a letter that behaves like a mark
@example("\ufeb7" * 60)  # a long Arabic word
def test_any_text_at_all_can_be_printed(text: str) -> None:
    content = {"child": {"name": text}, "what_matters": text, "goals": [{"text": text}], "actions": [{"result": text}]}

    for form in Form:
        assert render_plan(content, form=form, language="sv").startswith(b"%PDF")


@pytest.mark.parametrize(("form", "language"), VARIANTS)
def test_an_empty_plan_is_a_document_too(form: Form, language: str) -> None:
    assert len(opened({}, form, language).pages) == 1
    assert len(opened(dict.fromkeys(plan()), form, language).pages) == 1
    assert len(opened({name: [{}] for name in ("needs", "goals", "actions", "parties")}, form, language).pages) >= 1


@pytest.mark.parametrize("name", plan())
def test_any_value_may_be_missing(name: str) -> None:
    for form in Form:
        assert render_plan(plan(**{name: None}), form=form, language="sv").startswith(b"%PDF")


def test_sixty_actions_take_several_pages_each_with_the_header_row() -> None:
    pages = [page.extract_text() for page in opened(plan(actions=[action(n, "region") for n in range(1, 61)])).pages]
    with_actions = [page for page in pages if "Erbjuder" in page]

    assert len(with_actions) > 2
    assert all("Huvudman" in page for page in with_actions)
    assert sum(page.count("Erbjuder") for page in pages) == 60


@pytest.mark.parametrize("text", [*WORDS.values(), *(text for labels in LABELS.values() for text in labels.values())])
def test_every_fixed_word_is_there_in_both_languages(text: Any) -> None:
    assert text.sv.strip()
    assert text.en.strip()
