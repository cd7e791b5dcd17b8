"""Every operation against its own contract: what it does not promise, it does not do, whatever is sent.

Schemathesis makes requests that fit the contract and requests that do not, and checks each answer: no 500, only
documented statuses, media types, headers and bodies; wrong data is refused; nothing without a token.
``make fuzz`` does the same with many more examples.
"""

import copy
import json
import os
import socket
import threading
from collections.abc import Iterator
from functools import cache

import pytest
import requests
import schemathesis
import uvicorn
from fastapi import FastAPI
from schemathesis.config import SchemathesisConfig

from app import database
from app.config import API_PATH, Settings
from app.demo.staff import EVERYBODY
from app.dev_idp import DevIssuer
from app.kernel.clock import FixedClock
from app.main import create_app
from app.permissions import Permission, may_ever
from tests.conftest import DEMO_DAY, NewDatabase
from tests.contract import DOCUMENT, knowing_it

pytestmark = [
    pytest.mark.database,
    # The program's own threads draw random numbers while hypothesis watches for strategies that do.
    pytest.mark.filterwarnings("ignore:Do not use the .random. module inside strategies"),
]

#: Schemathesis gives up after ten, which a busy machine needs for a slow answer.
SECONDS_UNTIL_GIVEN_UP = 120
EXAMPLES = int(os.environ.get("TILLSAMMANS_FUZZ_EXAMPLES", "1"))

#: A request that fits the contract may still be refused: by the state of a record (409), by its version (412), or
#: because what it says is not so (422), for which JSON Schema has no words (schemathesis issue 3516).
REFUSALS = ["2xx", "401", "403", "404", "409", "412", "422"]
#: Only addresses hold cursors, and one that nobody was given is 400.
READING = {"include-method": "GET", "checks": {"positive_data_acceptance": {"expected-statuses": [*REFUSALS, "400"]}}}
#: A file is taken in whatever its lines say: what is wrong with one is told of that line, later.
FILES = {
    "include-path": "/imports",
    "include-method": "POST",
    "checks": {"negative_data_rejection": {"enabled": False}},
}
CONFIG = SchemathesisConfig.from_dict(
    {
        "seed": 1_461,
        "generation": {"max-examples": EXAMPLES, "deterministic": True, "no-shrink": EXAMPLES < 100},
        # A hundred systematic requests for each operation take minutes: only when there is time.
        "phases": {"coverage": {"enabled": EXAMPLES >= 100}},
        "checks": {"positive_data_acceptance": {"expected-statuses": REFUSALS}},
        "operations": [READING, FILES],
    }
)
schema = schemathesis.openapi.from_dict(copy.deepcopy(DOCUMENT), config=CONFIG)


@schemathesis.serializer("application/x-ndjson", "text/csv")
def _as_a_file(_context: schemathesis.SerializationContext, value: object) -> bytes:
    """A file of one line, or the text that it is."""
    if isinstance(value, bytes):
        return value
    return (value if isinstance(value, str) else json.dumps(value)).encode()


#: Who asks: the first whose role may, in some relation.
ASKERS = ("gnesta.school", "guardian.one", "gnesta.logreviewer", "sys.admin", "gnesta.schoolmanager")


class Served(uvicorn.Server):
    """The program on a socket, in a thread of its own."""

    def __init__(self, program: FastAPI) -> None:
        super().__init__(uvicorn.Config(program, log_config=None, ws="none"))
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@pytest.fixture(scope="module")
def address(own_settings: Settings, new_database: NewDatabase, demo_template: str) -> Iterator[str]:
    """Where the program answers, on a demo world of its own, which the fuzzing may spoil."""
    addresses = database.addresses(own_settings, new_database("fuzz", demo_template))
    program = create_app(own_settings, program_url=addresses.program, clock=FixedClock(DEMO_DAY))
    server = Served(knowing_it(program))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        assert server.ready.wait(30)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}{API_PATH}"
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as kept:
        yield kept


@schema.parametrize()
def test_an_operation_keeps_its_contract(
    case: schemathesis.Case, address: str, session: requests.Session, demo_issuer: DevIssuer
) -> None:
    token = token_of(demo_issuer, asker(case.operation.definition.raw["x-permission"]))

    headers = {"Authorization": f"Bearer {token}"}
    case.call_and_validate(base_url=address, session=session, headers=headers, timeout=SECONDS_UNTIL_GIVEN_UP)


@cache
def token_of(issuer: DevIssuer, subject: str) -> str:
    return issuer.access_token(subject)


def asker(permission: str) -> str:
    roles = {person.subject: person.role for person in EVERYBODY}
    if permission == "public":
        return ASKERS[0]
    return next(subject for subject in ASKERS if may_ever(roles[subject], Permission(permission)))
