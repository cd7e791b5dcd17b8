"""R6.3: no answer holds a verdict. Every schema and every operation of the contract is read for one."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from app.contract.operations import places
from app.contract.schemas import every_schema, refs
from app.kernel.shapes import PageMeta
from tests.contract import DOCUMENT

pytestmark = pytest.mark.rule("R6.3")

SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
PLACES = list(places(DOCUMENT))
WHEEL = [place for place in PLACES if place.operation["tags"][0].startswith(("wellbeing-", "wheel-"))]

#: What nothing in the whole contract is called.
VERDICTS = {
    "sum", "total", "totals", "mean", "average", "averages", "median", "score", "scores", "scoring", "threshold",
    "thresholds", "cutoff", "colour", "colours", "color", "colors", "rank", "ranks", "ranking", "rating", "ratings",
    "grade", "grades", "level", "levels", "norm", "norms", "percentile", "percentiles", "benchmark", "verdict",
}  # fmt: skip
#: What nothing of the wheel is called or described with: words that judge, compare or count together.
JUDGEMENTS = VERDICTS | {
    "red", "green", "amber", "normal", "deviation", "index", "trend", "trends", "delta", "difference", "improved",
    "worsened", "better", "worse", "best", "worst", "high", "low", "points", "percent", "percentage", "ratio", "count",
}  # fmt: skip
#: Names that hold such a word and judge no child, and why. It may only shrink.
HARMLESS = {
    "totalRecords": "how many records a collection has",
    "includeTotal": "asks for that",
    "levelOfNeed": "which kind of service, chosen by a professional (12.3)",
    "LevelOfNeed": "the same",
    "identityLevel": "how sure an identity is",
    "IdentityLevel": "the same",
    "rank": "where somebody stands in a line, by priority and the time of the request (R11.4)",
    "grade": "the school class (årskurs) that a child goes to (12.11)",
    **dict.fromkeys(("gradeMin", "gradeMax", "gradeExceptionReason"), "the same"),
    **dict.fromkeys(("gradeBand", "gradeBandCounts", "GradeBand", "GradeBandCount"), "the same, in bands"),
}
#: The one sentence that may speak of it.
NO_LEVEL = "There is no level to reach"
#: The numbers of an answer about a wheel; the rest is words.
NUMBERS = {"scaleValue", "version", "number"} | {
    field.alias or name for name, field in PageMeta.model_fields.items()
}  # fmt: skip


def words_of(text: str) -> set[str]:
    """Words of a prose text, or of a name in camelCase or kebab-case."""
    return {word.lower() for word in re.findall(r"[A-Za-z][a-z]*", text)}


def reached(*starts: Any) -> set[str]:
    """The names of the schemas that a part of the contract leads to."""
    found: set[str] = set()
    waiting = [name for start in starts for name in refs(start)]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += refs(SCHEMAS[name])
    return found


def answered() -> dict[str, Any]:
    """The schemas of what wheel operations answer with, when they succeed."""
    answers = [
        answer.get("content", {})
        for place in WHEEL
        for status, answer in place.operation["responses"].items()
        if status < "300"
    ]
    return {name: SCHEMAS[name] for name in reached(answers)}


def fields(schemas: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for name, schema in schemas.items():
        yield from ((name, field, inner) for field, inner in schema.get("properties", {}).items())


def test_the_wheel_is_read_whole() -> None:
    assert {place.operation["operationId"] for place in WHEEL} >= {
        "listWellbeingAssessments", "createWellbeingAssessment", "getWellbeingAssessment", "updateWellbeingAssessment",
        "shareWellbeingAssessment", "confirmWellbeingAssessment", "getWellbeingPicture", "getWellbeingHistory",
        "getWellbeingHistoryPicture", "listWheelTemplates", "getWheelTemplate",
    }  # fmt: skip
    assert answered().keys() >= {
        "WellbeingAssessment", "WellbeingAssessmentPage", "WheelEntry", "WithheldEntry", "WellbeingHistory",
        "HistoryVoice", "HistoryMoment", "WheelTemplate", "PageMeta",
    }  # fmt: skip


def test_nothing_in_the_whole_contract_is_named_as_a_verdict() -> None:
    names = {field for _, field, _ in fields(SCHEMAS)} | {place.operation["operationId"] for place in PLACES}
    names |= {place.path for place in PLACES} | SCHEMAS.keys()
    names |= {parameter.get("name", "") for place in PLACES for parameter in place.operation["parameters"]}

    assert {name for name in names if words_of(name) & VERDICTS} - HARMLESS.keys() == set()


def test_nothing_of_the_wheel_is_named_or_described_as_a_judgement() -> None:
    schemas = {name: schema for name, schema in answered().items() if name != "PageMeta"}
    named = {field for _, field, _ in fields(schemas) if words_of(field) & JUDGEMENTS}
    described = {
        (name, text)
        for name, schema in schemas.items()
        for part in every_schema(schema)
        if isinstance(text := part.get("description"), str) and words_of(text.replace(NO_LEVEL, "")) & JUDGEMENTS
    }

    assert (named, described) == (set(), set())


def test_an_answer_about_a_wheel_holds_no_number_but_the_step_that_was_said() -> None:
    found = {
        field
        for name, field, inner in fields(answered())
        for part in every_schema(inner)
        if {"integer", "number"} & set([part["type"]] if isinstance(part.get("type"), str) else part.get("type", []))
    }

    assert "scaleValue" in found
    assert found <= NUMBERS


def test_no_list_can_be_put_in_order_by_what_was_said() -> None:
    for place in WHEEL:
        names = {parameter.get("name") for parameter in place.operation["parameters"]}
        assert "sortBy" not in names, place.path


@pytest.mark.parametrize("word", ["averageScore", "total-level", "The mean of all eight"])
def test_a_verdict_would_be_found(word: str) -> None:
    assert words_of(word) & VERDICTS
