"""Every operation against its own contract: what it does not promise, it does not do, whatever is sent.

Schemathesis makes requests that fit the contract and requests that do not, and checks each answer: no 500, only
documented statuses, media types, headers and bodies; wrong data is refused; nothing without a token.
``make fuzz`` does the same with many more examples.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from schemathesis.config import SchemathesisConfig
from schemathesis.python import asgi

from app import database
from app.config import Settings
from app.demo.directory import UNIT_RECORDS
from app.demo.staff import EVERYBODY
from app.dev_idp import DevIssuer
from app.main import create_app, openapi_document
from app.permissions import Permission, may_ever
from tests.house.conftest import NewDatabase
from tests.house.enquiries import Records

pytestmark = pytest.mark.database

EXAMPLES = int(os.environ.get("TILLSAMMANS_FUZZ_EXAMPLES", "8"))

#: A request that fits the contract may still be refused: by the state of a record (409), by its version (412), or
#: because what it says is not so (422), for which JSON Schema has no words (schemathesis issue 3516).
REFUSALS = ["2xx", "401", "403", "404", "409", "412", "422"]
CONFIG = SchemathesisConfig.from_dict(
    {
        "seed": 1_461,
        "generation": {"max-examples": EXAMPLES, "deterministic": True, "no-shrink": EXAMPLES < 100},
        "checks": {"positive_data_acceptance": {"expected-statuses": REFUSALS}},
    }
)
schema = schemathesis.openapi.from_dict(openapi_document(), config=CONFIG)

#: Who asks: the first whose role may, in some relation.
ASKERS = ("gnesta.school", "guardian.one", "gnesta.logreviewer", "sys.admin")


@pytest.fixture(scope="module")
def program(own_settings: Settings, new_database: NewDatabase, demo_template: str) -> Iterator[FastAPI]:
    """The program on a demo world of its own, which the fuzzing may spoil."""
    addresses = database.addresses(own_settings, new_database("fuzz", demo_template))
    yield create_app(own_settings, program_url=addresses.program)
    asgi.shutdown_lifespans()


@schema.parametrize()
def test_an_operation_keeps_its_contract(case: schemathesis.Case, program: FastAPI, issuer: DevIssuer) -> None:
    token = issuer.access_token(asker(case.operation.definition.raw["x-permission"]))

    case.call_and_validate(app=program, headers={"authorization": f"Bearer {token}"})


def asker(permission: str) -> str:
    roles = {person.subject: person.role for person in EVERYBODY}
    able = [subject for subject in ASKERS if permission != "public" and may_ever(roles[subject], Permission(permission))]
    return able[0] if able else ASKERS[0]
