"""``make bench``: requests per second through everything, beside bare endpoints that do the same statements by hand.

Rounds of the two alternate, so that a noisy machine is noisy to both; a ratio is that of two neighbouring rounds.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from difflib import ndiff
from multiprocessing import get_context
from pathlib import Path

import httpx
from rich.console import Console

from app.config import API_PATH
from app.database import DatabaseAddresses
from app.dev_idp import DevIssuer
from app.embedded import EmbeddedPostgres
from tests.performance import imports, sealing, tables
from tests.performance.load import Requests, Round, drive
from tests.performance.servers import application, serving
from tests.performance.statements import difference, executed, outline
from tests.performance.world import BARE, CALLER, OURS, World, prepare, settings_for

DEEDS = {"read one case": 200, "list 20 cases": 200, "create a case": 201}
READ, LIST, CREATE = DEEDS
TRIALS = 8
"""Requests of each deed with which the statements are compared; psycopg and SQLAlchemy are warm after a few."""

console = Console(width=None if sys.stdout.isatty() else 132)


@dataclass(frozen=True, slots=True)
class Plan:
    """How long everything takes."""

    rounds: int
    seconds: float
    cases: int
    files: int


@dataclass(frozen=True, slots=True)
class Bench:
    """What is ready to be measured."""

    folder: Path
    world: World
    databases: dict[str, DatabaseAddresses]
    token: str

    def request(self, deed: str, number: int) -> httpx.Request:
        """One request of a deed; each creation is about another child."""
        url, headers = f"http://127.0.0.1:8000{API_PATH}/cases", {"authorization": f"Bearer {self.token}"}
        if deed == CREATE:
            body = {"childId": str(self.world.waiting[number]), "entryRoute": "professional",
                    "reasonText": "Behöver samlat stöd i skolan.", "levelOfNeed": "selective"}  # fmt: skip
            return httpx.Request("POST", url, headers=headers, json=body)
        if deed == LIST:
            return httpx.Request("GET", url, params={"limit": 20}, headers=headers)
        return httpx.Request("GET", f"{url}/{self.world.visible[number % len(self.world.visible)]}", headers=headers)


@contextmanager
def ready(folder: Path) -> Iterator[Bench]:
    """A running server with both databases."""
    settings, server = settings_for(folder), EmbeddedPostgres(folder / "postgres")
    server.start()
    try:
        world, databases = prepare(settings, server)
        yield Bench(folder, world, databases, DevIssuer.load(settings).access_token(CALLER))
    finally:
        server.stop()


def compare(bench: Bench) -> dict[str, tuple[int, int]]:
    """Statements per request of the program and of the bare endpoints; says where the two do not do the same."""
    heard = {}
    for name in (OURS, BARE):
        calls = {deed: [bench.request(deed, number) for number in range(TRIALS)] for deed in DEEDS}
        app = application(name, bench.folder, bench.databases[name].program)
        heard[name] = asyncio.run(executed(app, calls))
    for deed in DEEDS:
        (ours, our_answer), (bare, bare_answer) = heard[OURS][deed], heard[BARE][deed]
        if changes := [line for line in ndiff(outline(bare), outline(ours)) if line[0] in "+-"]:
            console.print(f"[red]{deed}: tests/performance/bare.py does not do the same:", *changes, sep="\n")
        if found := difference(our_answer, bare_answer):
            console.print(f"[red]{deed}: tests/performance/bare.py does not answer the same: {found}")
    return {deed: (len(heard[OURS][deed][0]), len(heard[BARE][deed][0])) for deed in DEEDS}


def measure(bench: Bench, plan: Plan) -> dict[str, dict[str, list[Round]]]:
    """Alternating rounds of each deed, after a warm-up that counts for nothing."""
    found: dict[str, dict[str, list[Round]]] = {deed: {OURS: [], BARE: []} for deed in DEEDS}
    with ExitStack() as stack:
        ports = {
            name: stack.enter_context(serving(name, bench.folder, bench.databases[name].program))
            for name in found[READ]
        }
        load = stack.enter_context(ProcessPoolExecutor(1, mp_context=get_context("spawn")))
        with console.status("") as status:
            for deed in DEEDS:
                supply = {name: _supply(bench, deed) for name in ports}
                for number in range(plan.rounds + 1):
                    status.update(f"{deed}: " + (f"round {number} of {plan.rounds}" if number else "warming up"))
                    for name in (OURS, BARE) if number % 2 else (BARE, OURS):
                        done = load.submit(drive, ports[name], supply[name], plan.seconds).result()
                        if deed == CREATE:
                            supply[name] = Requests(supply[name].raw[len(done.milliseconds) :], 201, once=True)
                        if number:
                            found[deed][name].append(done)
    return found


def _supply(bench: Bench, deed: str) -> Requests:
    count = {READ: len(bench.world.visible), LIST: 1, CREATE: len(bench.world.waiting)}[deed]
    first = TRIALS if deed == CREATE else 0
    return Requests([_raw(bench.request(deed, number)) for number in range(first, count)], DEEDS[deed], deed == CREATE)


def _raw(request: httpx.Request) -> bytes:
    lines = [b"%s %s HTTP/1.1" % (request.method.encode(), request.url.raw_path)]
    lines += [b"%s: %s" % header for header in request.headers.raw]
    return b"\r\n".join([*lines, b"", request.content])


def measure_log(bench: Bench, plan: Plan) -> dict[sealing.Way, list[float]]:
    """Entries per second of both ways to seal the access log, in alternating rounds."""
    addresses = bench.databases[BARE]
    sealing.make_chain(addresses.owner)
    found: dict[sealing.Way, list[float]] = {"batch": [], "chain": []}
    with console.status("sealing the access log"):
        for _ in range(plan.rounds):
            for way, rates in found.items():
                rates.append(sealing.write(addresses.program, way, plan.seconds))
    return found


def measure_import(bench: Bench, plan: Plan) -> imports.Imported:
    """Files of cases, worked through in a process of its own, whose memory is looked at."""
    with console.status("importing cases"), ProcessPoolExecutor(1, mp_context=get_context("spawn")) as worker:
        addresses = bench.databases[OURS]
        return worker.submit(imports.measure, bench.folder, addresses, plan.cases, plan.files).result()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.performance", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a first impression in half a minute")
    parser.add_argument("--only-import", action="store_true", help="nothing but the import of cases")
    parser.add_argument("--json", type=Path, help="also write every round to this file")
    given = parser.parse_args()
    plan = Plan(2, 1.0, 500, 2) if given.quick else Plan(6, 2.0, 2_500, 4)
    folder = Path(tempfile.gettempdir()) / f"tillsammans-bench-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    with console.status("making the database"):
        opened = ExitStack()
        bench = opened.enter_context(ready(folder))
    with opened:
        if given.only_import:
            console.print(tables.imported(measure_import(bench, plan)))
            return
        statements = compare(bench)
        rounds = measure(bench, plan)
        log = measure_log(bench, plan)
        imported = measure_import(bench, plan)
    console.print(tables.requests(rounds, statements, OURS, BARE), tables.log(log), tables.imported(imported))
    if given.json:
        rates = {
            deed: {name: [round(one.rate) for one in done] for name, done in each.items()}
            for deed, each in rounds.items()
        }
        given.json.write_text(json.dumps({**rates, "log": log, "import": asdict(imported)}, indent=2))


if __name__ == "__main__":
    main()
