"""Imports over HTTP: one file is one import, told to nobody but who handed it in."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from app.demo.staff import USER_IDS
from app.imports.worker import forget
from app.kernel.http.door import Kernel
from tests.builders import Json, made
from tests.imports.steps import CSV, Clients, hand_in, imported, lines, offer, report, worked

pytestmark = pytest.mark.database

MANAGER, OTHER = "gnesta.schoolmanager", "vingaker.manager"


def a_file(*names: str, **fields: Any) -> bytes:
    """Lines that nobody has handed in before."""
    run = uuid4().hex[:8]
    return lines(*(offer(f"{run}-{name}", **fields) for name in names or ("a", "b")))


def codes(done: Json) -> list[tuple[int, str, str | None]]:
    return [(line["line"], line["status"], (line["problem"] or {}).get("code")) for line in done["lines"]]


async def test_a_file_is_taken_in_and_told_of(client_for: Clients, kernel: Kernel) -> None:
    client = client_for(MANAGER)
    answer = await hand_in(client, a_file(), sourceSystem="register", strategy="create")

    waiting = answer.json()
    path = f"/imports/{waiting['id']}"
    assert answer.status_code == 202
    assert answer.headers["location"].endswith(path)
    assert answer.headers["retry-after"] == "1"
    assert (waiting["status"], waiting["counts"]["submitted"], waiting["counts"]["done"]) == ("queued", 2, 0)
    assert (waiting["mode"], waiting["strategy"], waiting["sourceSystem"]) == ("partial", "create", "register")
    assert waiting["_links"].keys() == {"self", "results", "cancellation"}
    assert await report(client, path) == []

    await worked(kernel)
    told = await client.get(path)
    assert (told.json()["status"], told.json()["counts"]["created"]) == ("completed", 2)
    assert told.json()["_links"].keys() == {"self", "results"}
    assert "retry-after" not in told.headers
    listed = await made(await client.get("/imports", params={"status": ["completed", "failed"], "limit": 1}))
    assert [item["id"] for item in listed["items"]] == [waiting["id"]]
    assert "next" in listed["_links"] or listed["_meta"]["count"] == 1


async def test_the_same_file_is_the_same_import(client_for: Clients, kernel: Kernel) -> None:
    client, content = client_for(MANAGER), a_file()
    first = await hand_in(client, content)
    again = await hand_in(client, content)
    await worked(kernel)
    afterwards = await hand_in(client, content)
    others = [await hand_in(client, content, mode="atomic"), await hand_in(client_for(OTHER), content)]

    assert again.json()["id"] == afterwards.json()["id"] == first.json()["id"]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert (afterwards.status_code, afterwards.json()["status"]) == (202, "completed")
    assert len({first.json()["id"], *(other.json()["id"] for other in others)}) == 3


async def test_two_of_one_file_at_once_are_one_import(client_for: Clients, kernel: Kernel) -> None:
    client, plain, keyed = client_for(MANAGER), a_file(), a_file()

    handed_in = [(plain, None), (plain, None), (keyed, "race"), (keyed, "race")]
    answers = await asyncio.gather(*(hand_in(client, content, key=key) for content, key in handed_in))

    assert {answer.status_code for answer in answers} == {202}
    ids = [answer.json()["id"] for answer in answers]
    assert (len(set(ids[:2])), len(set(ids[2:]))) == (1, 1)


async def test_a_key_decides_what_is_the_same(client_for: Clients, kernel: Kernel) -> None:
    client, content, other = client_for(MANAGER), a_file(), a_file()
    first = await imported(kernel, client, content, key="once")
    again = await hand_in(client, content, key="once")
    anew = await imported(kernel, client, content, key="twice")
    refused = [await hand_in(client, other, key="once"), await hand_in(client, content, key="once", dryRun=True)]
    strange = await hand_in(client, content, key="\x07")
    without = await hand_in(client, content)

    assert without.json()["id"] == anew["id"]
    assert again.json()["id"] == first["id"] != anew["id"]
    assert codes(anew) == [(1, "unchanged", None), (2, "unchanged", None)]
    assert {(answer.status_code, answer.json()["code"]) for answer in refused} == {(422, "idempotency-key-reused")}
    assert (strange.status_code, strange.json()["code"]) == (422, "validation-failed")


async def test_what_came_to_nothing_may_come_again(client_for: Clients, kernel: Kernel) -> None:
    client, content = client_for(MANAGER), a_file()
    first = (await hand_in(client, content)).json()
    await made(await client.post(f"/imports/{first['id']}/cancellation"))

    again = await imported(kernel, client, content)

    assert again["id"] != first["id"]
    assert again["counts"]["created"] == 2


async def test_a_cancelled_import_answers_every_line(
    client_for: Clients, kernel: Kernel, owner_db: psycopg.Connection[Json]
) -> None:
    client = client_for(MANAGER)
    path = f"/imports/{(await hand_in(client, b'{}' + bytes([10]) + a_file())).json()['id']}"

    cancelled = await client.post(f"{path}/cancellation")

    assert (cancelled.status_code, cancelled.json()["status"]) == (201, "cancelled")
    assert cancelled.json()["counts"]["notApplied"] == 3
    assert await worked(kernel) == 0
    assert [(line["line"], line["status"]) for line in await report(client, path)] == [
        (1, "not_applied"), (2, "not_applied"), (3, "not_applied"),
    ]  # fmt: skip
    kept = owner_db.execute("select 1 from import_blocks where import_id = %s and content is not null", [path[9:]])
    assert kept.fetchall() == []
    again = await client.post(f"{path}/cancellation")
    assert (again.status_code, again.json()["code"]) == (409, "impossible-in-this-state")


async def test_answers_can_be_chosen(client_for: Clients, kernel: Kernel) -> None:
    client = client_for(MANAGER)
    done = await imported(kernel, client, a_file("a") + b"{\n" + a_file("b") + b"[]\n")
    path = f"/imports/{done['id']}"

    assert [line["line"] for line in await report(client, path, status="failed")] == [2, 4]
    assert [line["line"] for line in await report(client, path, status=["created", "updated"])] == [1, 3]
    assert (await client.get(f"{path}/results", params={"status": "lost"})).status_code == 422


async def test_nobody_else_hears_of_an_import(
    client_for: Clients, kernel: Kernel, program_db: psycopg.Connection[Json]
) -> None:
    done = await imported(kernel, client_for(MANAGER), a_file())
    path = f"/imports/{done['id']}"

    for other in (OTHER, "gnesta.socialmanager", "sys.admin"):
        client = client_for(other)
        for answer in (await client.get(path), await client.get(f"{path}/results"),
                       await client.post(f"{path}/cancellation")):  # fmt: skip
            assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
        listed = (await client.get("/imports", params={"limit": 200})).json()["items"]
        assert done["id"] not in {item["id"] for item in listed}
        signed = kernel.signer.sign(None, None, USER_IDS[other], kernel.clock.now())
        program_db.execute("select set_config('tillsammans.context', %s, false)", [signed])
        for table in ("imports", "import_blocks", "import_keys"):
            rows = program_db.execute(f"select * from {table}".encode()).fetchall()
            assert str(done["id"]) not in str(rows)


@pytest.mark.parametrize("subject", ["gnesta.school", "gnesta.coordinator", "guardian.one", "stats.reader"])
async def test_who_may_not_import_is_told_before_the_file_is_read(client_for: Clients, subject: str) -> None:
    async def endless() -> Any:
        yield b"{}\n"
        pytest.fail("the file was read")

    answer = await client_for(subject).post("/imports", content=endless(), headers=CSV)

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert (await client_for(subject).get("/imports")).status_code == 403


async def test_the_job_stands_in_the_log_and_so_does_each_line(
    client_for: Clients, kernel: Kernel, owner_db: psycopg.Connection[Json]
) -> None:
    done = await imported(kernel, client_for(MANAGER), a_file("a") + b"{\n")

    entries = owner_db.execute(
        "select action, object_type, user_id from access_log where kind = 'change' and object_id = any(%s) order by id",
        [[done["id"], done["lines"][0]["id"]]],
    ).fetchall()
    assert [(entry["action"], entry["object_type"]) for entry in entries] == [
        ("createImport", "import"),
        ("createSupportOffer", "support_offer"),
        ("runImport", "import"),
    ]
    assert {entry["user_id"] for entry in entries} == {USER_IDS[MANAGER]}


async def test_answers_are_forgotten_when_they_have_been_kept_long_enough(
    client_for: Clients, kernel: Kernel, owner_db: psycopg.Connection[Json]
) -> None:
    client, days = client_for(MANAGER), kernel.settings.import_keep_days
    path = f"/imports/{(await imported(kernel, client, a_file()))['id']}"
    for age, status in ((days - 1, 200), (days + 1, 404)):
        ended = kernel.clock.now() - timedelta(days=age)
        owner_db.execute("update imports set finished_at = %s where id = %s", [ended, path[9:]])
        owner_db.commit()
        await forget(kernel)

        assert (await client.get(path)).status_code == status
        assert (await client.get(f"{path}/results")).status_code == status


def test_a_context_is_needed_to_see_any(program_db: psycopg.Connection[Json]) -> None:
    for table in ("imports", "import_blocks", "import_keys"):
        assert program_db.execute(f"select count(*) as n from {table}".encode()).fetchone() == {"n": 0}
