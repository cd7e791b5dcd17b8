"""The contract: committed, whole, and fit to generate clients from. The messages say what to add, and where."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from app.codes import CODE_LISTS
from app.contract.operations import Place, places
from app.contract.schemas import every_schema
from app.kernel.errors import Problem
from app.main import openapi_document
from tests.contract import DOCUMENT

COMMITTED = Path(__file__).parents[2] / "openapi" / "openapi.json"
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
PLACES = list(places(DOCUMENT))
JSON = re.compile(r"application/([\w.-]+\+)?json")


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    """What a reference points at; anything else as it is."""
    while "$ref" in node:
        *_, kind, name = node["$ref"].split("/")
        node = DOCUMENT["components"][kind][name]
    return node


def bodies(place: Place) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every JSON body of an operation with a name for it."""
    contents = [("request", place.operation.get("requestBody", {}))]
    contents += [(status, resolved(answer)) for status, answer in place.operation["responses"].items()]
    for name, holder in contents:
        for media, content in holder.get("content", {}).items():
            if JSON.fullmatch(media):
                yield f"{name} {media}", content


def validator(schema: dict[str, Any]) -> jsonschema_rs.Validator:
    return _validator(json.dumps(schema))


@cache
def _validator(schema: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.Draft202012Validator(
        {**json.loads(schema), "components": DOCUMENT["components"]}, validate_formats=True, ignore_unknown_formats=True
    )


def test_the_committed_contract_is_the_programs() -> None:
    assert COMMITTED.exists(), "run `make openapi` and commit openapi/openapi.json"
    assert json.loads(COMMITTED.read_text("utf-8")) == DOCUMENT, "run `make openapi` and commit openapi/openapi.json"


def test_the_contract_is_the_same_every_time() -> None:
    assert json.dumps(openapi_document()) == json.dumps(DOCUMENT)


def test_the_contract_is_not_empty() -> None:
    assert {"listUnits", "createUnit", "getUnit", "updateUnit", "getMe", "getApiInfo"} <= {
        place.operation["operationId"] for place in PLACES
    }


def test_operation_ids_are_unique() -> None:
    ids = [place.operation["operationId"] for place in PLACES]
    assert sorted(ids) == sorted(set(ids))


def test_nothing_of_the_frameworks_own_problem_shape_is_left() -> None:
    assert "HTTPValidationError" not in json.dumps(DOCUMENT)


def test_every_tag_is_described_in_both_languages() -> None:
    used = {tag for place in PLACES for tag in place.operation["tags"]}
    described = {tag["name"] for tag in DOCUMENT["tags"] if " · " in tag.get("description", "")}
    assert used <= described, f'write Router("{(used - described).pop()}", Text("Svenska.", "English."))'


def test_schemas_have_names_of_their_own() -> None:
    ugly = [name for name in SCHEMAS if not re.fullmatch(r"([A-Z][a-z0-9]*)+", name)]
    assert not ugly, f"{ugly}: two schemas share a name, or a page has none: class CasePage(Page[Case])"


@pytest.mark.parametrize("name", [name for name, schema in SCHEMAS.items() if "enum" in schema])
def test_every_code_has_labels_in_both_languages(name: str) -> None:
    assert name in CODE_LISTS, f'class {name}(Coded) with NAME = "code", "svenska", "English" (app/codes.py)'
    assert SCHEMAS[name]["enum"] == [str(code) for code in CODE_LISTS[name]]
    assert len(SCHEMAS[name]["x-enum-descriptions"]) == len(SCHEMAS[name]["enum"])
    assert all(label["sv"] and label["en"] for label in SCHEMAS[name]["x-labels"].values())


def test_enums_in_bodies_have_names() -> None:
    nameless = {
        f"{name}.{field}"
        for name, schema in SCHEMAS.items()
        for field, inner in schema.get("properties", {}).items()
        for part in every_schema(inner)
        if "enum" in part
    }
    assert not nameless, f"{sorted(nameless)}: make the values a Coded enum instead of a Literal"


def an_operation_is_named_for_what_it_does(place: Place) -> None:
    operation = place.operation
    assert re.fullmatch(r"[a-z]+([A-Z][a-z0-9]*)*", operation["operationId"])
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", "|".join(operation["tags"]))
    assert operation["x-permission"]
    assert operation["summary"]
    assert "**Permission**" in operation["description"]


def a_field_of_an_operation_is_described(place: Place) -> None:
    parameters = [resolved(parameter) for parameter in place.operation["parameters"]]
    assert all(parameter["description"] for parameter in parameters)
    assert len({(parameter["in"], parameter["name"]) for parameter in parameters}) == len(parameters)


def examples_are_valid(place: Place) -> None:
    for name, content in bodies(place):
        check = validator(content["schema"])
        assert content.get("examples"), f"{name} has no example"
        for example in content["examples"].values():
            for fault in check.iter_errors(resolved(example)["value"]):
                where = "/".join(str(part) for part in fault.instance_path)
                pytest.fail(f'{name}, at {where}: {fault.message}. Give that field Field(examples=["…"])')


def what_is_made_leads_to_what_reads_it(place: Place) -> None:
    answers = place.operation["responses"]
    readers = {other.path.rpartition("/")[0] for other in PLACES if other.method == "get" and other.path.endswith("}")}
    if place.method != "post" or "201" not in answers or place.path not in readers:
        return
    link = next(iter(answers["201"]["links"].values()))
    reader = next(other for other in PLACES if other.operation["operationId"] == link["operationId"])
    assert set(link["parameters"]) == set(re.findall(r"{(\w+)}", reader.path))


def an_answer_is_one_of_ours(place: Place) -> None:
    """A typed client needs a named schema, not a bare object."""
    for status in ("200", "201", "202"):
        content = place.operation["responses"].get(status, {}).get("content", {}).get("application/json")
        if content and place.path != "/openapi.json":
            assert "$ref" in content["schema"], f"{status}: give the endpoint a response_model"


def changing_needs_a_version_and_making_takes_a_key(place: Place) -> None:
    headers = {parameter["name"]: parameter for parameter in map(resolved, place.operation["parameters"])}
    if place.method in ("put", "patch", "delete"):
        assert headers["If-Match"]["required"] is True
        assert {"412", "428"} <= place.operation["responses"].keys()
    assert ("Idempotency-Key" in headers) is (place.method == "post")
    assert ("Assignment-Id" in headers) is not place.public


def a_patch_is_a_merge_patch(place: Place) -> None:
    if place.method == "patch":
        assert {"application/merge-patch+json", "application/json"} <= place.operation["requestBody"]["content"].keys()


def what_may_be_left_out_has_no_default(place: Place) -> None:
    """In a merge patch what is absent stays; elsewhere openapi-typescript would make the caller send the field."""
    for content in place.operation.get("requestBody", {}).get("content", {}).values():
        fields = resolved(content.get("schema", {})).get("properties", {})
        assert not [name for name, field in fields.items() if "default" in field]


FORM = (
    an_operation_is_named_for_what_it_does,
    a_field_of_an_operation_is_described,
    examples_are_valid,
    what_is_made_leads_to_what_reads_it,
    an_answer_is_one_of_ours,
    changing_needs_a_version_and_making_takes_a_key,
    a_patch_is_a_merge_patch,
    what_may_be_left_out_has_no_default,
)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.operation["operationId"])
def test_an_operation_has_the_form_that_clients_rely_on(place: Place) -> None:
    """All of it in one test for each operation: thousands of a millisecond each take half a minute to hand out."""
    for holds in FORM:
        holds(place)


def test_no_problem_is_defined_in_vain() -> None:
    """A named error that no operation can answer with is dead, or is raised in a way that the contract cannot see."""
    elsewhere = {"conflict", "method-not-allowed"}  # what the others derive from; the framework's own answer
    documented = {
        code
        for place in PLACES
        for response in map(resolved, place.operation["responses"].values())
        for code in response.get("content", {}).get("application/problem+json", {}).get("examples", {})
    }
    of_lines = {code for place in PLACES for code in place.operation.get("x-line-problems", [])}
    assert Problem.registry.keys() - documented - of_lines - elsewhere == set()
