"""The worker is killed with ``kill -9`` in the middle of a file, again and again: nothing is lost, and nothing doubled.

``TILLSAMMANS_ENDURANCE=1`` makes it the 100,000 cases and five kills that the program promises.
"""

import asyncio
import json
import multiprocessing
import os
import random
import signal
from collections.abc import AsyncIterator, Iterator

import httpx
import psycopg
import pytest
from asgi_lifespan import LifespanManager
from psycopg.rows import dict_row

from app import database, serving
from app.config import API_PATH, Settings
from app.demo import load_directory
from app.dev_idp import DevIssuer
from app.main import create_app
from tests.conftest import AsUser, NewDatabase
from tests.imports.steps import NDJSON

pytestmark = [pytest.mark.database, pytest.mark.endurance]

ENDURANCE = "TILLSAMMANS_ENDURANCE" in os.environ
CASES, KILLS, BLOCK = (100_000, 5, 500) if ENDURANCE else (200, 2, 25)
PATIENCE = 3600 if ENDURANCE else 120
#: Whoever asks without a pause takes the processor from the worker that is waited for.
PAUSE = 0.05
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["app.main", "app.serving"])


@pytest.fixture(scope="module")
def place(own_settings: Settings, new_database: NewDatabase) -> database.DatabaseAddresses:
    """A database of its own: another process works on it."""
    addresses = database.migrate(own_settings, new_database("killed"))
    load_directory(own_settings, addresses)
    return addresses


@pytest.fixture
async def client(own_settings: Settings, place: database.DatabaseAddresses) -> AsyncIterator[httpx.AsyncClient]:
    """The program on that database, which does no work of its own."""
    idle = own_settings.model_copy(update={"work_here": False, "import_block_lines": BLOCK})
    root = create_app(idle, program_url=place.program)
    async with (
        LifespanManager(root, startup_timeout=30),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(root), base_url=f"http://127.0.0.1:8000{API_PATH}", timeout=600,
            auth=AsUser(DevIssuer.load(idle), "gnesta.schoolmanager"),
        ) as client,
    ):  # fmt: skip
        yield client


class Worker:
    """The jobs in a process of their own: what ``tillsammans work`` runs, without loading the program each time."""

    def __init__(self, settings: Settings, place: database.DatabaseAddresses) -> None:
        often = settings.model_copy(update={"work_interval_seconds": 0.05})
        self.process = FORKS.Process(target=serving.work, args=(often, place.program), daemon=True)
        self.process.start()

    def kill(self) -> None:
        """As a power cut would: SIGKILL."""
        self.process.kill()
        self.process.join()
        assert self.process.exitcode == -signal.SIGKILL


def a_file() -> Iterator[bytes]:
    """A child and its case, and so on."""
    for number in range(CASES):
        child = {
            "recordKind": "child", "sourceId": f"c{number}", "givenName": f"Barn {number}", "familyName": "Sandell",
            "birthDate": "2014-05-06", "municipalityCode": "0461",
        }  # fmt: skip
        case = {
            "recordKind": "case", "sourceId": f"a{number}", "childSourceId": f"c{number}",
            "entryRoute": "professional", "reasonText": "Hög frånvaro.",
        }  # fmt: skip
        yield json.dumps(child).encode() + b"\n" + json.dumps(case).encode() + b"\n"


async def test_no_case_is_lost_or_doubled(
    client: httpx.AsyncClient, own_settings: Settings, place: database.DatabaseAddresses
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for piece in a_file():
            yield piece

    answer = await client.post("/imports", content=pieces(), headers=NDJSON, params={"sourceSystem": "register"})
    assert answer.status_code == 202, answer.text
    path = f"/imports/{answer.json()['id']}"
    dice = random.Random()
    moments = sorted(dice.sample(range(1, 2 * CASES * 9 // 10), KILLS))
    for moment in moments:
        worker = Worker(own_settings, place)
        await until(client, path, moment)
        worker.kill()
    worker = Worker(own_settings, place)
    counts = await until(client, path, None)
    worker.kill()

    wanted = {"submitted": 2 * CASES, "done": 2 * CASES, "created": 2 * CASES}
    assert counts == {**dict.fromkeys(("updated", "unchanged", "failed", "notApplied"), 0), **wanted}, moments
    told = [json.loads(line) async for line in lines_of(client, path)]
    assert [line["line"] for line in told] == list(range(1, 2 * CASES + 1))
    assert {line["status"] for line in told} == {"created"}
    assert len({line["id"] for line in told}) == 2 * CASES
    with psycopg.connect(place.owner, row_factory=dict_row) as owner_db:
        for table, action in (("children", "createChild"), ("cases", "createCase")):
            there = owner_db.execute(
                f"select count(*) as n, count(distinct source_id) as keys from {table}".encode()
            ).fetchone()
            logged = owner_db.execute(
                "select count(distinct object_id) as n from access_log where kind = 'change' and action = %s", [action]
            ).fetchone()
            assert (there, logged) == ({"n": CASES, "keys": CASES}, {"n": CASES}), table


async def until(client: httpx.AsyncClient, path: str, done: int | None) -> dict[str, int]:
    """Until so many lines are answered, or all of it has ended; returns the counts."""
    async with asyncio.timeout(PATIENCE):
        while True:
            told = (await client.get(path)).json()
            counts: dict[str, int] = told["counts"]
            if told["status"] == "completed" if done is None else counts["done"] >= done:
                return counts
            await asyncio.sleep(PAUSE)


async def lines_of(client: httpx.AsyncClient, path: str) -> AsyncIterator[str]:
    async with client.stream("GET", f"{path}/results") as answer:
        async for line in answer.aiter_lines():
            yield line
