"""Each kind of bad input gets its own problem, and the database is as it was."""

from collections.abc import AsyncIterator

import pytest

from tests.builders import a_child

pytestmark = pytest.mark.database
JSON = {"content-type": "application/json"}


@pytest.fixture
def school(client_for):
    return client_for("gnesta.school")


@pytest.fixture
async def everything(owner_db):
    """How much there is; compared after the test."""

    def count() -> list[int]:
        tables = ("children", "cases", "consents", "users", "idempotency_keys")
        return [owner_db.execute(f"select count(*) as n from {table}").fetchone()["n"] for table in tables]

    before = count()
    owner_db.rollback()
    yield
    assert count() == before


async def much(megabytes: int) -> AsyncIterator[bytes]:
    for _ in range(megabytes):
        yield b"x" * 1_000_000


@pytest.mark.usefixtures("everything")
@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b'{"givenName": ', JSON, 400, "malformed"),
        (b"[]", JSON, 422, "validation-failed"),
        (b"{}", JSON, 422, "validation-failed"),
        (b"givenName=Alma", {"content-type": "application/x-www-form-urlencoded"}, 415, "unsupported-media-type"),
        (b'{"familyName": "Ek"}', {"content-type": "text/plain"}, 415, "unsupported-media-type"),
        (b'{"familyName": "Ek"}', {}, 415, "unsupported-media-type"),
        (b"x" * 20_000_000, JSON, 413, "body-too-large"),
        (b'{"familyName": "Ek", "diagnosis": "F90"}', JSON, 422, "validation-failed"),
        (b'{"familyName": "\\u0000"}', JSON, 422, "validation-failed"),
        (b'{"familyName": "' + b"k" * 300 + b'"}', JSON, 422, "validation-failed"),
        (b'{"familyName": "Ek", "birthDate": "2014-02-30"}', JSON, 422, "validation-failed"),
        (b"\xff\xfe", JSON, 400, "malformed"),
    ],
    ids=["half JSON", "a list", "nothing", "a form", "plain text", "no type", "20 MB", "unknown field", "NUL",
         "too long", "30 February", "not UTF-8"],
)  # fmt: skip
async def test_bad_bodies(school, content, headers, status, code):
    answer = await school.post("/children", content=content, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"].endswith(f"/problems/{code}")


@pytest.mark.usefixtures("everything")
async def test_a_large_body_without_a_stated_length_is_stopped_while_it_is_read(school):
    answer = await school.post("/children", content=much(3), headers=JSON)

    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


async def test_field_errors_name_the_field_and_never_the_value(school):
    secret = "Mycket Hemligt Namn" * 20

    answer = await school.post("/children", json={"familyName": secret, "givenName": 17})

    pointers = {error["pointer"]: error["code"] for error in answer.json()["errors"]}
    assert pointers == {"/familyName": "string-too-long", "/givenName": "string-type"}
    assert "Hemligt" not in answer.text


async def test_an_unknown_address_and_a_wrong_method_are_problems_too(school):
    nowhere = await school.get("/nowhere")
    wrong = await school.delete("/cases")

    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "not-found")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method-not-allowed")
    assert wrong.headers["allow"]


@pytest.mark.rule("R2.3")
async def test_a_personal_number_in_an_address_is_not_repeated(school):
    answer = await school.get("/children/201010072393")

    assert answer.status_code == 422
    assert "201010072393" not in answer.text
    assert answer.json()["instance"].endswith("/children/-")


async def test_texts_follow_the_callers_language_and_codes_do_not(school):
    wishes = ("sv-SE,sv;q=0.9", "en", "de")
    answers = [await school.get("/nowhere", headers={"accept-language": wish}) for wish in wishes]

    assert [answer.json()["title"] for answer in answers] == ["Finns inte", "Not found", "Not found"]
    assert {answer.json()["code"] for answer in answers} == {"not-found"}
    assert [answer.headers["content-language"] for answer in answers] == ["sv", "en", "en"]


async def test_a_trace_goes_on_and_a_broken_one_begins_anew(school):
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"

    followed = await school.get("/me", headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
    broken = await school.get("/me", headers={"traceparent": "00-00000000000000000000000000000000-0-0"})

    assert followed.headers["traceparent"].split("-")[1] == trace
    assert len(broken.headers["traceparent"].split("-")[1].strip("0")) > 0


async def test_every_answer_is_sealed(school):
    child = await a_child(school)

    answer = await school.get(f"/children/{child['id']}")

    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "Authorization" in answer.headers["vary"]
    assert answer.headers["ratelimit"].startswith('"default";r=')
