"""What a file may look like, as programs and spreadsheets write it, and what is said of one that cannot be taken in."""

from typing import Any

import psycopg
import pytest

from app.config import Settings
from app.kernel.http.door import Kernel
from tests.builders import Json
from tests.imports.steps import CSV, NDJSON, Clients, hand_in, imported, lines, offer

pytestmark = pytest.mark.database

MANAGER = "gnesta.schoolmanager"
HEADER = ["sourceId", "kind", "nameSv", "nameEn", "summarySv", "summaryEn", "audiences[]", "identityRecording"]


def row(source_id: str, name: str = "Samtal", **_: Any) -> list[str]:
    return [source_id, "advice_talks", name, "Talks", "Stöd.", "Support.", "guardians|children", "none"]


def as_csv(*rows: list[str], delimiter: str = ";", end: str = "\r\n") -> bytes:
    return end.join(delimiter.join(cells) for cells in [HEADER, *rows]).encode()


def codes(done: Json) -> list[tuple[int, str, str | None]]:
    """Line, status and problem of each answer."""
    return [(line["line"], line["status"], (line["problem"] or {}).get("code")) for line in done["lines"]]


async def test_ndjson_with_a_byte_order_mark_blank_lines_and_windows_ends(client_for: Clients, kernel: Kernel) -> None:
    content = b"\xef\xbb\xbf\r\n" + lines(offer("bom-1")).strip() + b"\r\n\r\n" + lines(offer("bom-2"))

    done = await imported(kernel, client_for(MANAGER), content)

    assert codes(done) == [(2, "created", None), (4, "created", None)]
    assert done["counts"] == {
        "submitted": 2, "done": 2, "created": 2, "updated": 0, "unchanged": 0, "failed": 0, "notApplied": 0,
    }  # fmt: skip
    shown = await client_for(MANAGER).get(f"/support-offers/{done['lines'][0]['id']}")
    assert shown.json()["name"] == "Talks bom-1"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("excel", b"\xef\xbb\xbf" + as_csv(row("excel", '"Samtal; ""om allt""\nfor alla"'))),
        ("hint", b"sep=,\r\n" + as_csv(row("hint"), delimiter=",")),
        ("comma", as_csv(row("comma"), delimiter=",", end="\n") + b"\n,,,,,,,\n"),
        ("tab", as_csv(row("tab"), delimiter="\t")),
    ],
)
async def test_csv(client_for: Clients, kernel: Kernel, name: str, content: bytes) -> None:
    where = {"recordKind": "support_offer", "sourceSystem": "calc"}
    first = await imported(kernel, client_for(MANAGER), content, CSV, **where)
    again = await imported(kernel, client_for(MANAGER), content, CSV, key=f"again {name}", **where)

    line = 3 if name == "hint" else 2
    assert codes(first) == [(line, "created", None)]
    assert codes(again) == [(line, "unchanged", None)]
    assert (first["format"], first["lines"][0]["sourceId"]) == ("csv", name)


async def test_a_row_that_is_none_and_a_line_that_is_too_long_fail_alone(
    client_for: Clients, kernel: Kernel, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "import_line_bytes", 1000)
    content = as_csv(row("alone-1"), ['"x"y'], row("alone-2", "x" * 1000), row("alone-3"), ['"never closed'])

    done = await imported(kernel, client_for(MANAGER), content, CSV, recordKind="support_offer", sourceSystem="calc")

    assert codes(done) == [
        (2, "created", None),
        (3, "failed", "line-unreadable"),
        (4, "failed", "line-too-long"),
        (5, "created", None),
        (6, "failed", "line-unreadable"),
    ]
    assert done["lines"][2]["problem"]["detail"] == "At most 1000 bytes."


async def test_a_file_of_nothing_but_lines_that_are_too_long(
    client_for: Clients, kernel: Kernel, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "import_line_bytes", 1000)

    done = await imported(kernel, client_for(MANAGER), b"[" + b"1," * 600 + b"1]\n")

    assert codes(done) == [(1, "failed", "line-too-long")]


async def test_an_empty_file_is_complete_at_once(client_for: Clients, kernel: Kernel) -> None:
    done = await imported(kernel, client_for(MANAGER), b"\n\n")

    assert (done["status"], done["lines"], done["counts"]["submitted"]) == ("completed", [], 0)


@pytest.mark.parametrize(
    ("line", "code", "pointer"),
    [
        (b"{", "malformed", ""),
        (b'{"nameSv": "\x00"}', "malformed", ""),
        (b"[1]", "validation-failed", ""),
        (b'{"sourceId": "1"}', "validation-failed", "/recordKind"),
        (b'{"recordKind": "plan"}', "validation-failed", "/recordKind"),
        (b'{"recordKind": ["unit"]}', "validation-failed", "/recordKind"),
        (lines({**offer("x"), "sourceSystem": None}), "validation-failed", "/sourceSystem"),
        (lines({name: value for name, value in offer("x").items() if name != "sourceSystem"}), "validation-failed",
         "/sourceSystem"),
        (lines(offer("x", ageMin="old")), "validation-failed", "/ageMin"),
        (lines(offer("x", secret="20130310-2394")), "validation-failed", "/secret"),  # a test number
    ],
)  # fmt: skip
async def test_a_line_that_cannot_be_read_is_told_where_and_never_echoed(
    client_for: Clients, kernel: Kernel, line: bytes, code: str, pointer: str
) -> None:
    done = await imported(kernel, client_for(MANAGER), line)

    assert codes(done) == [(1, "failed", code)]
    problem = done["lines"][0]["problem"]
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert problem["type"].endswith(f"/problems/{code}")
    assert problem["instance"].endswith(f"/imports/{done['id']}")
    assert "2394" not in str(problem)


async def test_a_file_in_another_encoding_is_refused_whole(
    client_for: Clients, owner_db: psycopg.Connection[Json]
) -> None:
    before = owner_db.execute("select count(*) as n from imports").fetchone()
    answer = await hand_in(client_for(MANAGER), lines(offer("1"))[:-1] + "Åsa".encode("cp1252"))

    assert (answer.status_code, answer.json()["code"]) == (422, "import-not-utf8")
    assert f"Byte {len(lines(offer('1')))} " in answer.json()["detail"]
    assert owner_db.execute("select count(*) as n from imports").fetchone() == before


@pytest.mark.parametrize(
    ("content", "parameters", "code", "told"),
    [
        (as_csv(), {}, "validation-failed", "/query/recordKind"),
        (b"sourceId;nameSv;20130310-2394\n", {"recordKind": "support_offer"}, "unknown-column", "Column 3 "),
        (b"sourceId;nameSv;sourceId\n", {"recordKind": "support_offer"}, "unknown-column", "Column 3 "),
        (b"", {"recordKind": "plan"}, "validation-failed", "/query/recordKind"),
        (b"", {"recordKind": "unit", "delimiter": ";"}, "validation-failed", "/query/delimiter"),
    ],
)
async def test_a_table_that_nobody_can_read_is_refused(
    client_for: Clients, content: bytes, parameters: Json, code: str, told: str
) -> None:
    answer = await hand_in(client_for(MANAGER), content, CSV, **parameters)

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert told in answer.text
    assert "2394" not in answer.text


@pytest.mark.parametrize("media", [{}, {"content-type": "application/json"}, {"content-type": "text/plain"}])
async def test_other_media_types_are_named(client_for: Clients, media: Json) -> None:
    answer = await hand_in(client_for(MANAGER), lines(offer("1")), media)

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")
    assert "application/x-ndjson, text/csv" in answer.json()["detail"]


@pytest.mark.parametrize("told_before", [True, False])
async def test_a_file_that_is_too_large_is_refused_with_the_limit(
    client_for: Clients, settings: Settings, monkeypatch: pytest.MonkeyPatch, told_before: bool
) -> None:
    monkeypatch.setattr(settings, "import_limit_bytes", 5000)
    content: Any = b"x" * 5001

    async def piece_by_piece() -> Any:
        for _ in range(3):
            yield b"x" * 2000

    answer = await hand_in(client_for(MANAGER), content if told_before else piece_by_piece())

    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")
    assert answer.json()["detail"] == "At most 5000 bytes."


async def test_a_file_may_be_larger_than_other_bodies(client_for: Clients, settings: Settings) -> None:
    content = b" " * (settings.body_limit_bytes + 1)

    assert (await hand_in(client_for(MANAGER), content)).status_code == 202
    assert (await hand_in(client_for(MANAGER), content, NDJSON, path="/units")).status_code == 413
