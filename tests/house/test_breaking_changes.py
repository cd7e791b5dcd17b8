"""A change that would break a client needs a new major version."""

import copy
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.contract.breaking import breaks
from tests.contract import DOCUMENT

ROOT = Path(__file__).parents[2]
Document = dict[str, Any]


def last_committed() -> Document | None:
    """The contract of the last commit; None where there is no git or no contract yet."""
    git = shutil.which("git")
    if git is None:
        return None
    shown = subprocess.run(
        [git, "-C", str(ROOT), "show", "HEAD:openapi/openapi.json"], capture_output=True, check=False
    )
    document: Document | None = json.loads(shown.stdout) if shown.returncode == 0 else None
    return document


def test_the_program_breaks_no_client_of_the_last_committed_contract() -> None:
    committed = last_committed()
    if committed is None:
        return
    found = breaks(committed, DOCUMENT)
    assert not found, "raise the major version, or keep these as they were:\n" + "\n".join(found)


@pytest.fixture
def contract() -> Document:
    """A small contract with one of everything that can change."""
    pet = {
        "type": "object",
        "required": ["id", "kind"],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "kind": {"$ref": "#/components/schemas/Kind"},
            "friends": {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}},
        },
    }
    create = {
        "type": "object",
        "required": ["kind"],
        "properties": {
            "kind": {"$ref": "#/components/schemas/Kind"},
            "name": {"type": ["string", "null"], "maxLength": 20},
        },
    }
    answer = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}}
    return {
        "info": {"version": "1.4.2"},
        "paths": {
            "/pets": {
                "get": {
                    "operationId": "listPets",
                    "parameters": [
                        {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 200}},
                        {"name": "sortBy", "in": "query", "schema": {"type": "string", "pattern": "^(name|age)$"}},
                    ],
                    "responses": {"200": answer, "404": {}},
                },
                "post": {
                    "operationId": "createPet",
                    "requestBody": {
                        "required": True,
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PetCreate"}}},
                    },
                    "responses": {"201": answer},
                },
            }
        },
        "components": {
            "schemas": {"Kind": {"type": "string", "enum": ["cat", "dog"]}, "Pet": pet, "PetCreate": create},
            "parameters": {},
        },
    }


def of_pet(document: Document, name: str) -> Any:
    return document["components"]["schemas"][name]


def listing(document: Document) -> Any:
    return document["paths"]["/pets"]["get"]


BREAKING: dict[str, tuple[Callable[[Document], object], str]] = {
    "a path goes": (lambda new: new["paths"].clear(), "GET /pets: the operation is gone"),
    "an operation goes": (lambda new: new["paths"]["/pets"].pop("post"), "POST /pets: the operation is gone"),
    "an operation is renamed": (
        lambda new: listing(new).update(operationId="pets"),
        "GET /pets: listPets has another name",
    ),
    "a parameter goes": (
        lambda new: listing(new)["parameters"].clear(),
        "GET /pets: the query parameter limit is gone",
    ),
    "a parameter becomes required": (
        lambda new: listing(new)["parameters"][0].update(required=True),
        "GET /pets: the query parameter limit is required now",
    ),
    "a new parameter is required": (
        lambda new: listing(new)["parameters"].append(
            {"name": "colour", "in": "query", "required": True, "schema": {"type": "string"}}
        ),
        "GET /pets: the query parameter colour is required now",
    ),
    "a bound narrows": (
        lambda new: listing(new)["parameters"][0]["schema"].update(maximum=50),
        "GET /pets: the query parameter limit: maximum is narrower",
    ),
    "a pattern of codes becomes fewer codes": (
        lambda new: listing(new)["parameters"][1].update(schema={"type": "string", "enum": ["name"]}),
        "GET /pets: the query parameter sortBy: a code is gone",
    ),
    "an answer goes": (lambda new: listing(new)["responses"].pop("200"), "GET /pets: the answer 200 is gone"),
    "a media type goes": (
        lambda new: listing(new)["responses"].update({"200": {"content": {}}}),
        "GET /pets: 200 has no application/json any more",
    ),
    "an answer loses a field": (
        lambda new: of_pet(new, "Pet")["properties"].pop("id"),
        "GET /pets: 200.id is gone",
    ),
    "a field of an answer may be absent": (
        lambda new: of_pet(new, "Pet")["required"].remove("id"),
        "GET /pets: 200.id may be absent now",
    ),
    "a field of an answer may be null": (
        lambda new: of_pet(new, "Pet")["properties"]["id"].update(type=["string", "null"]),
        "GET /pets: 200.id: the type changed",
    ),
    "a format changes": (
        lambda new: of_pet(new, "Pet")["properties"]["id"].update(format="date"),
        "GET /pets: 200.id: the type changed",
    ),
    "a code goes": (lambda new: of_pet(new, "Kind")["enum"].remove("dog"), "POST /pets: body.kind: a code is gone"),
    "input becomes required": (
        lambda new: of_pet(new, "PetCreate")["required"].append("name"),
        "POST /pets: body.name is required now",
    ),
    "input goes": (
        lambda new: of_pet(new, "PetCreate")["properties"].pop("name"),
        "POST /pets: body.name is refused now",
    ),
    "input may not be null any more": (
        lambda new: of_pet(new, "PetCreate")["properties"]["name"].update(type="string"),
        "POST /pets: body.name: the type changed",
    ),
    "input gets a pattern": (
        lambda new: of_pet(new, "PetCreate")["properties"]["name"].update(pattern="^a"),
        "POST /pets: body.name: the pattern changed",
    ),
}
COMPATIBLE: dict[str, Callable[[Document], object]] = {
    "nothing": lambda new: None,
    "a new operation": lambda new: new["paths"].update({"/toys": {"get": {"responses": {}}}}),
    "a new optional parameter": lambda new: listing(new)["parameters"].append(
        {"name": "kind", "in": "query", "schema": {"type": "string"}}
    ),
    "a new field in answers": lambda new: of_pet(new, "Pet")["properties"].update(age={"type": "integer"}),
    "a new optional input": lambda new: of_pet(new, "PetCreate")["properties"].update(age={"type": "integer"}),
    "a new code": lambda new: of_pet(new, "Kind")["enum"].append("parrot"),
    "a pattern of codes becomes the same codes": lambda new: listing(new)["parameters"][1].update(
        schema={"type": "string", "enum": ["name", "age"]}
    ),
    "a wider bound": lambda new: listing(new)["parameters"][0]["schema"].update(maximum=500),
    "an error status that goes": lambda new: listing(new)["responses"].pop("404"),
    "input that need not be stated": lambda new: of_pet(new, "PetCreate").update(required=[]),
    "breaking, in a new major version": lambda new: (new["paths"].clear(), new["info"].update(version="2.0.0")),
}


@pytest.mark.parametrize("name", BREAKING)
def test_what_breaks_is_found(contract: Document, name: str) -> None:
    change, told = BREAKING[name]
    new = copy.deepcopy(contract)
    change(new)
    assert told in breaks(contract, new)


@pytest.mark.parametrize("name", COMPATIBLE)
def test_what_does_not_break_is_left_alone(contract: Document, name: str) -> None:
    new = copy.deepcopy(contract)
    COMPATIBLE[name](new)
    assert breaks(contract, new) == []
