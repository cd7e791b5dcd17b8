"""What becomes of the lines: by the rules of each kind, each for itself, once, and all or none where that is asked."""

import asyncio
import random
from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from app.config import Settings
from app.demo.directory import UNITS
from app.demo.staff import ASSIGNMENT_IDS
from app.exchange import support
from app.imports import repository
from app.imports.worker import work
from app.kernel.http.door import Kernel
from tests.builders import Json, made
from tests.imports.steps import Clients, hand_in, imported, lines, offer, report, worked

pytestmark = pytest.mark.database

MANAGER = "gnesta.schoolmanager"
OwnerDb = psycopg.Connection[Json]


@pytest.fixture
def run() -> str:
    """The beginning of source ids that no other test has."""
    return uuid4().hex[:8]


def codes(done: Json) -> list[tuple[int, str, str | None]]:
    return [(line["line"], line["status"], (line["problem"] or {}).get("code")) for line in done["lines"]]


def counted(owner_db: OwnerDb, run: str) -> int:
    """How many offers of a test there are."""
    row = owner_db.execute(
        "select count(*) as n from support_offers o join source_keys k on k.record_id = o.id where k.source_id like %s",
        [f"{run}%"],
    ).fetchone()
    owner_db.rollback()
    assert row is not None
    return int(row["n"])


@pytest.mark.parametrize(
    ("strategy", "known", "fresh"),
    [
        ("upsert", ("updated", None), ("created", None)),
        ("create", ("failed", "source-exists"), ("created", None)),
        ("update", ("updated", None), ("failed", "source-missing")),
    ],
)
async def test_a_strategy_says_what_a_line_does(
    client_for: Clients, kernel: Kernel, run: str, strategy: str, known: Any, fresh: Any
) -> None:
    client = client_for(MANAGER)
    first = await imported(kernel, client, lines(offer(f"{run}-1")))

    done = await imported(
        kernel, client, lines(offer(f"{run}-1", nameSv="Nytt namn"), offer(f"{run}-2")), strategy=strategy
    )

    assert codes(done) == [(1, *known), (2, *fresh)]
    shown = await made(
        await client.get(f"/support-offers/{first['lines'][0]['id']}", headers={"accept-language": "sv"})
    )
    assert shown["name"] == (f"Samtal {run}-1" if strategy == "create" else "Nytt namn")


async def test_two_lines_with_one_key_are_one_record(
    client_for: Clients,
    kernel: Kernel,
    run: str,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    owner_db: OwnerDb,
) -> None:
    monkeypatch.setattr(settings, "import_block_lines", 2)
    twice, other = offer(f"{run}-1"), offer(f"{run}-2", sourceSystem="elsewhere")

    done = await imported(kernel, client_for(MANAGER), lines(twice, twice, {**other, "sourceId": f"{run}-1"}, twice))

    double = ("failed", "duplicate-in-file")
    assert codes(done) == [(1, "created", None), (2, *double), (3, "created", None), (4, *double)]
    assert done["lines"][3]["problem"]["detail"] == "Line 1 has the same sourceSystem and sourceId."
    assert counted(owner_db, run) == 2


async def test_lines_refer_to_earlier_ones_and_to_what_is_known(
    client_for: Clients, kernel: Kernel, run: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "import_block_lines", 1)

    def user(name: str) -> Json:
        return {
            "recordKind": "user", "sourceSystem": "hr", "sourceId": f"{run}-{name}", "name": name,
            "subject": f"{run}.{name}",
        }  # fmt: skip

    def assignment(number: int, of: str) -> Json:
        return {
            "recordKind": "assignment", "sourceSystem": "hr", "sourceId": f"{run}-{number}", "role": "practitioner",
            "userSourceId": f"{run}-{of}", "unitSourceSystem": "tillsammans",
            "unitSourceId": str(UNITS["gnesta-skola"]),
        }  # fmt: skip

    done = await imported(
        kernel, client_for("sys.admin"), lines(assignment(1, "ada"), user("ada"), assignment(2, "ada"), user("bo"))
    )

    assert codes(done) == [
        (1, "failed", "unknown-source"),
        (2, "created", None),
        (3, "created", None),
        (4, "created", None),
    ]
    later = await imported(kernel, client_for("sys.admin"), lines(assignment(3, "bo"), assignment(4, "nobody")))
    assert codes(later) == [(1, "created", None), (2, "failed", "unknown-source")]
    assert later["lines"][1]["problem"]["detail"].startswith("The field userSourceId ")


async def test_rights_are_those_of_the_deed_by_hand(
    client_for: Clients, kernel: Kernel, run: str, owner_db: OwnerDb
) -> None:
    user = {"recordKind": "user", "sourceSystem": "hr", "sourceId": run, "name": "Ada", "subject": f"{run}.ada"}

    done = await imported(kernel, client_for(MANAGER), lines(user, offer(f"{run}-1")))

    assert codes(done) == [(1, "failed", "forbidden"), (2, "created", None)]
    refusals = owner_db.execute(
        "select object_type, reason from access_log where kind = 'refusal' and trace_id = %s",
        [done["lines"][0]["problem"]["traceId"]],
    ).fetchall()
    assert refusals == [{"object_type": "user", "reason": "forbidden"}]


async def test_a_token_reaches_only_its_scope_later_too(
    client_for: Clients, kernel: Kernel, issuer: Any, run: str
) -> None:
    token = issuer.access_token(MANAGER, scope="imports.write imports.read")
    client, headers = client_for(None), {"authorization": f"Bearer {token}"}
    answer = await client.post(
        "/imports", content=lines(offer(run)), headers={**headers, "content-type": "application/x-ndjson"}
    )
    await worked(kernel)

    told = await client.get(f"/imports/{answer.json()['id']}/results", headers=headers)

    assert told.json()["problem"]["code"] == "insufficient-scope"
    assert "directory.write" in told.json()["problem"]["detail"]


@pytest.mark.parametrize("mode", ["partial", "atomic"])
async def test_a_dry_run_answers_as_the_import_would_and_leaves_nothing(
    client_for: Clients, kernel: Kernel, run: str, owner_db: OwnerDb, mode: str
) -> None:
    client = client_for(MANAGER)
    before = everything(owner_db)
    content = lines(offer(f"{run}-1"), offer(f"{run}-2"))
    tried = await imported(kernel, client, content, mode=mode, dryRun=True)

    assert (tried["status"], tried["counts"]["created"]) == ("completed", 2)
    assert {line["id"] for line in tried["lines"]} == {None}
    assert changed(before, everything(owner_db)) <= {"imports", "import_blocks", "access_log", "events"}
    done = await imported(kernel, client, content, mode=mode)
    assert codes(tried) == codes(done) == [(1, "created", None), (2, "created", None)]
    assert counted(owner_db, run) == 2


@pytest.mark.parametrize("dry", [False, True])
async def test_atomic_is_all_or_nothing(
    client_for: Clients,
    kernel: Kernel,
    run: str,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    owner_db: OwnerDb,
    dry: bool,
) -> None:
    monkeypatch.setattr(settings, "import_block_lines", 2)
    client, good = client_for(MANAGER), [offer(f"{run}-{number}") for number in range(5)]
    before = everything(owner_db)

    refused = await imported(kernel, client, lines(*good[:4]) + b"{\n" + lines(good[4]), mode="atomic", dryRun=dry)

    assert (refused["status"], refused["failedBecause"]) == ("failed", "import-not-applied")
    assert refused["counts"] == {
        "submitted": 6, "done": 6, "created": 0, "updated": 0, "unchanged": 0, "failed": 1, "notApplied": 5,
    }  # fmt: skip
    assert [(line["line"], line["status"], line["id"]) for line in refused["lines"] if line["status"] != "failed"] == [
        (line, "not_applied", None) for line in (1, 2, 3, 4, 6)
    ]
    assert changed(before, everything(owner_db)) <= {"imports", "import_blocks", "access_log", "events"}
    done = await imported(kernel, client, lines(*good), mode="atomic", dryRun=dry)
    assert (done["status"], done["counts"]["created"], counted(owner_db, run)) == ("completed", 5, 0 if dry else 5)


async def test_an_import_ends_with_the_assignment_that_it_was_made_in(
    client_for: Clients,
    kernel: Kernel,
    run: str,
    owner_db: OwnerDb,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings, "import_block_lines", 1)
    client = client_for(MANAGER)
    path = f"/imports/{(await hand_in(client, lines(offer(f'{run}-1'), offer(f'{run}-2')))).json()['id']}"
    assert await work(kernel)
    ending = "update assignments set valid_to = %s where id = %s"
    owner_db.execute("set session_replication_role = replica")
    owner_db.execute(ending, ["2026-01-01T00:00:00Z", ASSIGNMENT_IDS[MANAGER]])
    owner_db.commit()
    try:
        assert await worked(kernel) == 1
    finally:
        owner_db.execute(ending, [None, ASSIGNMENT_IDS[MANAGER]])
        owner_db.commit()

    told = (await client.get(path)).json()
    assert (told["status"], told["failedBecause"]) == ("failed", "no-assignment")
    assert [line["status"] for line in await report(client, path)] == ["created", "not_applied"]
    left = owner_db.execute("select 1 from import_blocks where import_id = %s and content is not null", [path[9:]])
    assert left.fetchall() == []


async def test_who_made_the_record_meanwhile_is_met_and_not_doubled(
    client_for: Clients, kernel: Kernel, run: str, owner_db: OwnerDb
) -> None:
    """Somebody else's transaction holds the key while the line is imported, and commits before it is done."""
    client = client_for(MANAGER)
    first = await imported(kernel, client, lines(offer(f"{run}-known")))
    record = first["lines"][0]["id"]
    await hand_in(client, lines(offer(f"{run}-raced", nameSv="Annat namn"), offer(f"{run}-other")))
    owner_db.execute("set session_replication_role = replica")
    owner_db.execute(
        "insert into source_keys (id, kind, source_system, source_id, record_id, owner_authority_id) "
        "select gen_random_uuid(), kind, source_system, %s, record_id, owner_authority_id from source_keys "
        "where record_id = %s",
        [f"{run}-raced", record],
    )
    working = asyncio.create_task(worked(kernel))
    await somebody_waits(owner_db)
    owner_db.commit()
    await working

    listed = (await client.get("/imports", params={"limit": 1})).json()["items"][0]
    assert [line["status"] for line in await report(client, f"/imports/{listed['id']}")] == ["updated", "created"]
    assert counted(owner_db, f"{run}-raced") == counted(owner_db, f"{run}-other") == 1


async def test_who_holds_what_is_needed_for_long_is_not_waited_for(
    client_for: Clients, kernel: Kernel, run: str, owner_db: OwnerDb, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_for(MANAGER)
    known = await imported(kernel, client, lines(offer(f"{run}-1")))
    await hand_in(client, lines(offer(f"{run}-1", nameSv="Nytt namn")))
    owner_db.execute("select 1 from support_offers where id = %s for update", [known["lines"][0]["id"]])

    async def hasty(tx: Any) -> None:
        await tx.rows("select set_config('lock_timeout', '20ms', true)")

    monkeypatch.setattr(repository, "be_patient", hasty)
    assert await worked(kernel) == 0
    owner_db.rollback()

    assert await worked(kernel) == 2


async def test_ten_overlapping_files_at_once(
    client_for: Clients,
    kernel: Kernel,
    run: str,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    owner_db: OwnerDb,
) -> None:
    """Must hold: no duplicate, every line answered. Several workers, in different orders through the same keys."""
    monkeypatch.setattr(settings, "import_block_lines", 4)
    client, dice = client_for(MANAGER), random.Random(run)
    files = [dice.sample(range(12), 8) for _ in range(10)]
    answers = [
        await hand_in(client, lines(*(offer(f"{run}-{number}") for number in numbers)), key=f"{run} {place}")
        for place, numbers in enumerate(files)
    ]

    await asyncio.gather(*(worked(kernel) for _ in range(6)))
    await worked(kernel)

    told = [await report(client, f"/imports/{answer.json()['id']}") for answer in answers]
    statuses = Counter(line["status"] for lines in told for line in lines)
    named = {number for numbers in files for number in numbers}
    assert [len(lines) for lines in told] == [8] * 10
    assert statuses == {"created": len(named), "unchanged": 80 - len(named)}
    assert counted(owner_db, run) == len(named)


async def test_a_fault_of_ours_is_the_lines_and_not_the_files(
    client_for: Clients, kernel: Kernel, run: str, monkeypatch: pytest.MonkeyPatch, owner_db: OwnerDb
) -> None:
    create = support.ADAPTER.create

    async def faulty(visit: Any, entry: Any) -> UUID:
        offer_id = await create(visit, entry)
        if entry.source_id.endswith("-2"):
            visit.trail.entries.clear()  # an unnamed change: the database refuses it
        if entry.source_id.endswith("-3"):
            raise RuntimeError("a fault of ours")
        return offer_id

    monkeypatch.setattr(support._SupportOffers, "create", staticmethod(faulty))

    done = await imported(kernel, client_for(MANAGER), lines(*(offer(f"{run}-{number}") for number in range(5))))

    failed = ("failed", "internal-error")
    assert [line["status"] for line in done["lines"]] == ["created", "created", "failed", "failed", "created"]
    assert codes(done)[2:4] == [(3, *failed), (4, *failed)]
    assert counted(owner_db, run) == 3
    logged = owner_db.execute(
        "select object_id from access_log where kind = 'change' and action = 'createSupportOffer' and trace_id = %s",
        [done["lines"][2]["problem"]["traceId"]],
    ).fetchall()
    made = {line["id"] for line in done["lines"] if line["status"] == "created"}
    assert {str(entry["object_id"]) for entry in logged} == made


@pytest.mark.parametrize("mode", ["partial", "atomic"])
async def test_what_nothing_helps_against_is_given_up(
    client_for: Clients, kernel: Kernel, run: str, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    async def broken(*_: Any) -> Any:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(support._SupportOffers, "find", broken)

    done = await imported(kernel, client_for(MANAGER), lines(offer(f"{run}-1")) + b"{\n", mode=mode)

    if mode == "partial":
        assert codes(done) == [(1, "failed", "internal-error"), (2, "failed", "malformed")]
    else:
        assert (done["status"], done["failedBecause"]) == ("failed", "internal-error")
        assert codes(done) == [(1, "not_applied", None), (2, "not_applied", None)]


async def somebody_waits(owner_db: OwnerDb) -> None:
    """Until a worker waits for a row that this connection holds."""
    async with asyncio.timeout(10):
        waiting = "select from pg_locks where not granted and locktype = 'transactionid'"
        while not owner_db.execute(waiting).fetchall():  # noqa: ASYNC110 - no event tells of a lock
            await asyncio.sleep(0)


def everything(owner_db: OwnerDb) -> dict[str, int]:
    """How many rows every table has."""
    tables = owner_db.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
    found = {}
    for row in tables:
        counted = owner_db.execute(f"select count(*) as n from {row['tablename']}".encode()).fetchone()
        assert counted is not None
        found[row["tablename"]] = counted["n"]
    owner_db.rollback()
    return found


def changed(before: dict[str, int], after: dict[str, int]) -> set[str]:
    return {table for table, rows in after.items() if rows != before[table]}
