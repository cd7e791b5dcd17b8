"""Export, import into an empty database, export again: the same lines; and the sample files are those lines."""

import csv
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app import database
from app.config import Settings
from app.demo import load_directory, samples
from app.demo.directory import AUTHORITY_RECORDS, UNITS
from app.demo.staff import ASSIGNMENT_IDS, USER_IDS
from app.exchange import table
from app.exchange.adapters import ADAPTERS
from app.exchange.lines import KIND_FIELD, RecordKind
from app.kernel.clock import FixedClock
from app.kernel.http.door import Kernel
from app.main import create_app
from tests.conftest import DEMO_DAY, NewDatabase
from tests.exchange.steps import acting

pytestmark = pytest.mark.database

EXAMPLES = Path(__file__).parents[2] / "openapi" / "examples"


@asynccontextmanager
async def standing_still(settings: Settings, addresses: database.DatabaseAddresses) -> AsyncIterator[Kernel]:
    """The program's kernel on a database, on the day of the demo world."""
    program = create_app(settings, program_url=addresses.program, clock=FixedClock(DEMO_DAY))
    kernel: Kernel = program.state.kernel
    await kernel.database.open()
    try:
        yield kernel
    finally:
        await kernel.database.close()


@pytest.fixture(scope="module")
async def world(
    own_settings: Settings, new_database: NewDatabase, demo_template: str
) -> AsyncIterator[dict[str, samples.Lines]]:
    """Every line of the demo world."""
    addresses = database.addresses(own_settings, new_database("exported", demo_template))
    async with standing_still(own_settings, addresses) as kernel:
        yield await samples.exported(kernel)


@pytest.fixture(scope="module")
async def empty(own_settings: Settings, new_database: NewDatabase) -> AsyncIterator[Kernel]:
    """A database with the county's municipalities, and a system administrator to begin with."""
    addresses = database.migrate(own_settings, new_database("imported"))
    load_directory(own_settings, addresses, FixedClock(DEMO_DAY))
    board = AUTHORITY_RECORDS["nsv"]
    kept = {
        "desk_staff": [], "coordination_desks": [], "assignments": [ASSIGNMENT_IDS["sys.admin"]],
        "users": [USER_IDS["sys.admin"]], "units": [UNITS["lansstod"]], "authorities": [board.id],
        "organisations": [board.organisation_id],
    }  # fmt: skip
    with psycopg.connect(addresses.owner) as owner:
        for name, ids in kept.items():
            owner.execute(f"delete from {name} where id <> all(%s)".encode(), [ids])
        kept_ids = [record_id for ids in kept.values() for record_id in ids]
        owner.execute("delete from source_keys where record_id <> all(%s)", [kept_ids])
    async with standing_still(own_settings, addresses) as kernel:
        yield kernel


async def handed_in(kernel: Kernel, subject: str, kind: RecordKind, lines: list[samples.Json]) -> None:
    """Lines as a worker takes them: what is there must be as the line has it, and the rest is made."""
    adapter = ADAPTERS[kind]
    async with acting(kernel, subject) as visit:
        for line in lines:
            entry = adapter.entry.model_validate(line)
            known = await adapter.find(visit, [entry.key])
            if known:
                assert not await adapter.change(visit, known[entry.key], entry), line
            else:
                await adapter.create(visit, entry)


async def test_the_demo_world_comes_back_as_it_was(empty: Kernel, world: dict[str, samples.Lines]) -> None:
    movers = samples.movers()

    for place, lines in world.items():
        for kind, of_kind in lines.items():
            await handed_in(empty, movers[place], kind, of_kind)

    assert by_key(await samples.exported(empty)) == by_key(world)


def by_key(world: dict[str, samples.Lines]) -> dict[str, dict[RecordKind, dict[str, samples.Json]]]:
    """The order is that of the ids here: the system administrator was here first."""
    return {
        place: {kind: {line["sourceId"]: line for line in of_kind} for kind, of_kind in lines.items()}
        for place, lines in world.items()
    }


def test_the_committed_samples_are_the_demo_world(world: dict[str, samples.Lines]) -> None:
    assert samples.SAMPLE_DAY == DEMO_DAY
    written = samples.files(world)

    assert {file.name: file.read_text("utf-8") for file in EXAMPLES.iterdir()} == written, "run `make examples`"


def test_a_table_says_the_same_as_the_lines(world: dict[str, samples.Lines]) -> None:
    written = samples.files(world)
    lines: dict[RecordKind, list[Any]] = {kind: [] for kind in RecordKind}
    for name, text in written.items():
        for line in map(json.loads, text.splitlines() if name.endswith(".ndjson") else ()):
            kind = RecordKind(line.pop(KIND_FIELD))
            lines[kind].append(ADAPTERS[kind].entry.model_validate(line))
    tables = {RecordKind(name.removesuffix(".csv")): text for name, text in written.items() if name.endswith(".csv")}

    for kind, text in tables.items():
        header, *rows = csv.reader(io.StringIO(text, newline=""))
        entry = ADAPTERS[kind].entry
        told = [entry.model_validate(table.to_fields(header, row)) for row in rows]
        assert all(one in lines[kind] for one in told)
    assert len(tables) >= 9
