"""Exports over HTTP: what the caller may see, for a reason, line by line, and never more."""

import csv
import io
import json
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest

from app.demo.staff import ASSIGNMENT_IDS
from app.exchange import table
from app.exchange.children import ChildEntry
from app.exports import service
from app.kernel.errors import NoAssignment
from app.kernel.http.door import Kernel
from app.permissions import Permission
from tests.builders import Json, a_child, made, problem
from tests.conftest import AdjustableClock
from tests.exchange.steps import acting

pytestmark = pytest.mark.database
Clients = Callable[..., httpx.AsyncClient]
Owner = psycopg.Connection[dict[str, Any]]
WHY = "Genomgång av skolans öppna ärenden."
MANAGER = "gnesta.schoolmanager"


async def an_export(client: httpx.AsyncClient, kind: str = "child", **fields: Any) -> Json:
    return await made(await client.post("/exports", json={"recordKind": kind, "reason": WHY, **fields}))


async def content(client: httpx.AsyncClient, export: Json) -> httpx.Response:
    answer = await client.get(f"/exports/{export['id']}/content")
    assert answer.status_code == 200, answer.text
    return answer


async def lines(client: httpx.AsyncClient, **fields: Any) -> list[Json]:
    return [json.loads(line) for line in (await content(client, await an_export(client, **fields))).text.splitlines()]


def looks(owner: Owner, export: Json) -> list[str]:
    """The children whose records left for this export's reason."""
    found = owner.execute(
        "select object_id::text as id from access_log where action = 'getExportContent' and kind = 'look' "
        "and reason = %s and object_type = 'child'", [export["reason"]],
    )  # fmt: skip
    return [row["id"] for row in found]


async def test_what_is_seen_leaves_line_by_line_and_is_in_the_log_with_its_reason(
    client_for: Clients, owner_db: Owner, monkeypatch: pytest.MonkeyPatch, kernel: Kernel
) -> None:
    monkeypatch.setattr(kernel.settings, "export_page_lines", 3)
    school, manager = client_for("gnesta.school"), client_for(MANAGER)
    for _ in range(3):
        await a_child(school)
    mine = await a_child(school, sourceSystem="exports", sourceId="first")
    shielded = await a_child(school, protectedIdentity="sekretessmarkering", familyName="Osynlig")
    others = await a_child(client_for("gnesta.social"), familyName="Andras")

    export = await an_export(manager, reason="En genomgång som bara detta prov gör.")
    answer = await content(manager, export)
    found = [json.loads(line) for line in answer.text.splitlines()]

    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert answer.headers["content-disposition"] == 'attachment; filename="child.ndjson"'
    assert answer.headers["cache-control"] == "no-store"
    keys = [(line["sourceSystem"], line["sourceId"]) for line in found]
    assert ("exports", "first") in keys
    assert {line["recordKind"] for line in found} == {"child"}
    for unseen in (shielded, others):
        assert ("tillsammans", unseen["id"]) not in keys
    ids = looks(owner_db, export)
    assert mine["id"] in ids
    assert len(ids) == len(set(ids)) == len(found) > 3

    after = (await manager.get(f"/exports/{export['id']}")).json()
    assert after["lines"] == len(found)
    assert after["fetchedAt"] is not None
    assert after["_links"]["content"]["href"].endswith("/content")


@pytest.mark.rule("R2.5")
async def test_a_protected_child_leaves_only_when_asked_for_and_open_to_the_caller(client_for: Clients) -> None:
    school, manager = client_for("gnesta.school"), client_for(MANAGER)
    child = await a_child(school, protectedIdentity="sekretessmarkering", sourceSystem="exports", sourceId="protected")

    async def leaves() -> bool:
        return "protected" in [line["sourceId"] for line in await lines(manager, includeProtected=True)]

    assert not await leaves()
    await made(await manager.post(f"/children/{child['id']}/checkpoints", json={"reason": "Planerat möte i dag."}))
    assert await leaves()
    assert "protected" not in [line["sourceId"] for line in await lines(manager)]


@pytest.mark.parametrize(("form", "separator", "begins"), [("csv", ",", ""), ("csv_excel", ";", service.BOM)])
async def test_a_table_reads_back_as_it_was_and_runs_nothing(
    client_for: Clients, form: str, separator: str, begins: str
) -> None:
    manager = client_for(MANAGER)
    await a_child(
        client_for("gnesta.school"), familyName='=HYPERLINK("x")', sourceSystem="exports", sourceId=f"in-{form}"
    )
    told = await lines(manager)
    answer = await content(manager, await an_export(manager, format=form))
    text = answer.content.decode()

    assert answer.headers["content-type"].startswith("text/csv")
    assert text.startswith(begins + "sourceSystem" + separator)
    header, *rows = csv.reader(io.StringIO(text.removeprefix(service.BOM)), delimiter=separator)
    assert header == table.columns(ChildEntry)
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))]
    as_read = [ChildEntry.model_validate(table.to_fields(header, row)) for row in rows]
    assert as_read == [ChildEntry.model_validate({k: v for k, v in line.items() if k != "recordKind"}) for line in told]


async def test_each_page_is_in_the_log_before_it_leaves(
    client_for: Clients, owner_db: Owner, kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel.settings, "export_page_lines", 2)
    for _ in range(5):
        await a_child(client_for("gnesta.school"))
    manager = client_for(MANAGER)
    export = await an_export(manager, reason="En läsare som bryter av efter första sidan.")

    async def pages() -> AsyncIterator[int]:
        async with acting(kernel, MANAGER, write=False) as visit:
            row = (await visit.tx.rows("select *, kind as record_kind from exports where id = %s", [export["id"]]))[0]
            read = service.reading(visit, row)
        while True:
            async with acting(kernel, MANAGER, write=False) as inside:
                inside.trail.action, inside.trail.permission = "getExportContent", str(Permission.EXPORT_READ)
                page = await read(inside)
            yield len((page or b"").splitlines())

    async for lines_left in pages():
        assert lines_left == 2 == len(looks(owner_db, export))
        break
    assert (await manager.get(f"/exports/{export['id']}")).json()["fetchedAt"] is None


async def test_who_is_no_longer_assigned_gets_no_further_page(
    client_for: Clients, owner_db: Owner, kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel.settings, "export_page_lines", 1)
    for _ in range(2):
        await a_child(client_for("gnesta.school"))
    export = await an_export(client_for(MANAGER))
    async with acting(kernel, MANAGER, write=False) as visit:
        row = (await visit.tx.rows("select *, kind as record_kind from exports where id = %s", [export["id"]]))[0]
        read = service.reading(visit, row)
        assert await read(visit)
        ends(owner_db, MANAGER, kernel.clock.now() - timedelta(hours=1))
        try:
            with pytest.raises(NoAssignment):
                await read(visit)
        finally:
            ends(owner_db, MANAGER, None)


def ends(owner: Owner, subject: str, at: datetime | None) -> None:
    """An assignment ends, or goes on, beside the program."""
    owner.execute("set local session_replication_role = replica")
    owner.execute("update assignments set valid_to = %s where id = %s", [at, ASSIGNMENT_IDS[subject]])
    owner.commit()


@pytest.mark.parametrize(
    ("who", "wanted", "answer"),
    [
        ("gnesta.school", {}, (403, "forbidden")),
        ("sys.admin", {}, (403, "forbidden")),
        ("sys.admin", {"recordKind": "unit", "includeProtected": True}, (403, "forbidden")),
        (MANAGER, {"reason": "kort"}, (422, "validation-failed")),
        (MANAGER, {"municipalityCode": "9999"}, (422, "unknown-municipality")),
        (MANAGER, {"recordKind": "plan"}, (422, "validation-failed")),
    ],
)
async def test_what_may_not_leave_is_refused_before_anything_does(
    client_for: Clients, owner_db: Owner, who: str, wanted: Json, answer: tuple[int, str]
) -> None:
    before = owner_db.execute("select count(*) as n from exports").fetchone()
    refused = await client_for(who).post("/exports", json={"recordKind": "child", "reason": WHY, **wanted})
    assert problem(refused) == answer
    assert owner_db.execute("select count(*) as n from exports").fetchone() == before


async def test_an_export_is_its_own_callers_and_open_for_an_hour(client_for: Clients, clock: AdjustableClock) -> None:
    manager, colleague = client_for(MANAGER), client_for("system.gnesta-school")
    export = await an_export(manager, kind="unit", municipalityCode="0461")
    for path in ("", "/content"):
        assert problem(await colleague.get(f"/exports/{export['id']}{path}")) == (404, "not-found")
    mine = (await manager.get("/exports", params={"recordKind": "unit"})).json()["items"]
    assert export["id"] in [one["id"] for one in mine]
    assert export["id"] not in [one["id"] for one in (await colleague.get("/exports")).json()["items"]]
    units = [json.loads(line) for line in (await content(manager, export)).text.splitlines()]
    assert {unit["municipalityCode"] for unit in units} == {"0461"}

    clock.advance(timedelta(hours=1, seconds=1))
    assert problem(await manager.get(f"/exports/{export['id']}/content")) == (409, "export-expired")
    assert "content" not in (await manager.get(f"/exports/{export['id']}")).json()["_links"]
