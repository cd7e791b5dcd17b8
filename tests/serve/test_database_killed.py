"""The database is killed in the middle of two hundred writes: what was acknowledged is there, and all goes on."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from asgi_lifespan import LifespanManager

from app import database
from app.config import API_PATH, Settings
from app.demo import load_directory
from app.demo.directory import UNITS
from app.dev_idp import DevIssuer
from app.embedded import EmbeddedPostgres
from app.main import create_app

WRITES, KILL_AFTER = 200, 40


@pytest.fixture
def server() -> EmbeddedPostgres:
    with tempfile.TemporaryDirectory(prefix="tillsammans-", ignore_cleanup_errors=True) as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres")
        server.start()
        yield server
        server.stop()


@pytest.fixture
async def client(server: EmbeddedPostgres, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    database.ensure_database(server.url("postgres"), "tillsammans")
    here = {"database_url": None, "owner_database_url": None, "database_timeout_seconds": 0.2}
    alone = settings.model_copy(update=here)
    addresses = database.migrate(alone, server.url("tillsammans"))
    load_directory(alone, addresses)
    app = create_app(alone, program_url=addresses.program)
    token = DevIssuer.load(alone).access_token("sys.admin")
    async with (
        LifespanManager(app, startup_timeout=30, shutdown_timeout=30),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False),
            base_url=f"http://127.0.0.1:8000{API_PATH}",
            headers={"authorization": f"Bearer {token}"},
            timeout=30,
        ) as client,
    ):
        yield client


async def test_no_acknowledged_write_is_lost_and_the_program_recovers(client, server):
    acknowledged: list[str] = []
    refused: list[httpx.Response] = []

    async def write(number: int) -> None:
        user = {"name": f"Skriven {number}", "subject": f"written-{number}"}
        answer = await client.post("/users", json=user)
        if answer.status_code == 201:
            acknowledged.append(answer.json()["id"])
            if len(acknowledged) == KILL_AFTER:
                server.crash()
        else:
            refused.append(answer)

    async def writer(numbers: range) -> None:
        for number in numbers:
            await write(number)

    await asyncio.gather(*(writer(range(start, WRITES, 8)) for start in range(8)))

    assert len(acknowledged) >= KILL_AFTER
    assert refused, "the database was away for the rest"
    assert {answer.status_code for answer in refused} == {503}
    assert {answer.json()["code"] for answer in refused} == {"service-unavailable"}
    assert all(answer.headers["retry-after"] for answer in refused)

    server.start()
    unit = f"/units/{UNITS['gnesta-skola']}"
    for _ in range(100):
        if (await client.get(unit)).status_code == 200:
            break
    else:
        pytest.fail("the program did not recover by itself")

    for user_id in acknowledged:
        assert (await client.get(f"/users/{user_id}")).status_code == 200
