"""An import of cases with their children, worked through block by block, beside a raw COPY of the same bytes.

Each case is two lines: a child with one guardian, and its active case with a named contact. COPY writes the lines, one
a row, into an unlogged table of one column on the same server: no rule, no wall, no log and no index.
"""

import asyncio
import json
import os
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
from fastapi import FastAPI

from app.config import API_PATH
from app.database import DatabaseAddresses
from app.dev_idp import DevIssuer
from app.imports.worker import work
from app.main import create_app
from tests.performance.world import settings_for

CALLER = "gnesta.schoolmanager"
CHUNK = 1 << 20


@dataclass(slots=True)
class Imported:
    """What a file measured: cases a second of each way in neighbouring parts, and memory as it went."""

    cases: int
    import_rates: list[float] = field(default_factory=list)
    copy_rates: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)


def measure(folder: Path, addresses: DatabaseAddresses, cases: int, parts: int) -> Imported:
    """Import ``parts`` files of so many cases each, and copy the bytes of each."""
    return asyncio.run(_measure(folder, addresses, cases, parts))


async def _measure(folder: Path, addresses: DatabaseAddresses, cases: int, parts: int) -> Imported:
    settings = settings_for(folder)
    program = create_app(settings.model_copy(update={"work_here": False}), program_url=addresses.program)
    found = Imported(cases)
    await program.state.kernel.database.open()
    try:
        for part in range(parts + 1):
            content = b"".join(_lines(f"{os.getpid()}-{part}", cases if part else 500))
            rate = await _import(program, DevIssuer.load(settings).access_token(CALLER), content)
            if part:  # the first warms up
                found.import_rates.append(rate)
                found.copy_rates.append(_copy(addresses.owner, content, cases))
                found.megabytes.append(_resident())
    finally:
        await program.state.kernel.database.close()
    return found


def _lines(name: str, cases: int) -> Iterator[bytes]:
    """All children before the cases, so that a block of lines is of one kind."""
    for number in range(cases):
        yield _line(
            recordKind="child", sourceId=f"{name}-{number}", givenName="Barn", familyName=f"Exempel {number}",
            birthDate=f"{2010 + number % 15}-{1 + number % 12:02}-{1 + number % 28:02}", municipalityCode="0461",
            guardians=[{"givenName": "Vuxen", "familyName": f"Exempel {number}", "relation": "parent",
                        "custody": "sole"}],
        )  # fmt: skip
    for number in range(cases):
        yield _line(
            recordKind="case", sourceId=f"{name}-{number}-1", childSourceId=f"{name}-{number}",
            entryRoute="professional", reasonText="Behöver samlat stöd i skolan.", levelOfNeed="selective",
            status="active", analysisResult="own_service", namedContactSourceSystem="demo",
            namedContactSourceId="gnesta.school",
        )  # fmt: skip


def _line(**fields: Any) -> bytes:
    return json.dumps(fields, ensure_ascii=False).encode() + b"\n"


async def _import(program: FastAPI, token: str, content: bytes) -> float:
    """Cases a second from the first block to the last; handing the file in is not counted."""
    headers = {"authorization": f"Bearer {token}", "content-type": "application/x-ndjson"}
    transport = httpx.ASGITransport(program)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://127.0.0.1{API_PATH}", timeout=600) as client:
        answer = await client.post("/imports?sourceSystem=bench", content=content, headers=headers)
        answer.raise_for_status()
        begun = time.perf_counter()
        while await work(program.state.kernel):
            pass
        seconds = time.perf_counter() - begun
        counts = (await client.get(f"/imports/{answer.json()['id']}", headers=headers)).json()["counts"]
    if counts["created"] != counts["submitted"]:
        raise RuntimeError(f"not every line was imported: {counts}")
    return float(counts["created"] / 2 / seconds)


def _copy(owner_url: str, content: bytes, cases: int) -> float:
    """The same bytes by COPY: a row a line, whatever stands in it."""
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("drop table if exists bench_lines")
        owner.execute("create unlogged table bench_lines (line text)")
        into = "copy bench_lines from stdin with (format csv, delimiter e'\\x01', quote e'\\x02')"
        begun = time.perf_counter()
        with owner.cursor() as cursor, cursor.copy(into) as copy:
            for start in range(0, len(content), CHUNK):
                copy.write(content[start : start + CHUNK])
        seconds = time.perf_counter() - begun
        owner.execute("drop table bench_lines")
    return cases / seconds


def _resident() -> float:
    """What this process holds now, in megabytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6
