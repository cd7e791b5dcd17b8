"""Every change leaves an event, and an event is told to exactly those who may read the record that it is about."""

import ast
import os
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row

import app
from app.database import DatabaseAddresses
from app.dev_idp import DevIssuer
from app.events import repository
from app.events.records import RECORDS, Child
from app.kernel.db import Base
from tests.contract import DOCUMENT
from tests.house.fortress import Fortress, guarded_tables

pytestmark = pytest.mark.database

SOURCE = Path(app.__file__).parent
#: Tables whose rows may change without a name in the access log, and why no event is missing. It may only shrink.
NEUTRAL = {
    "access_log": "where the events come from",
    "access_log_epochs": "about the log, not about a record",
    "access_log_seals": "about the log, not about a record",
    "alembic_version": "the schema's own",
    "circle_grants": "what is open follows from a consent, a disclosure, a custody or a hand-over that is named",
    "circle_members": "who is in follows from a record that is handed in, a member or a hand-over that is named",
    "event_feed": "about the events",
    "events": "the events",
    "idempotency_keys": "answers kept for those who ask again",
    "import_blocks": "how far an import has come; what it makes is named record by record",
    "import_keys": "which keys a running import has met",
    "imports": "its beginning and its end are named, how far it has come is not",
    "municipalities": "the program's role may not write them",
    "place_claims": "every step is a move, and a move leaves an event of the record that the claim stands for",
    "place_endings": "what is to happen later; the end of the place is named",
    "place_moves": "each leaves an event, unless the record is named in the same transaction",
    "place_offers": "made and concluded with a move of the claim",
    "place_pools": "changes with its contact group or activity, which is named",
    "place_seats": "the same",
    "procrastinate_events": "of the library that runs the jobs; ids of deliveries",
    "procrastinate_jobs": "the same",
    "procrastinate_periodic_defers": "the same",
    "procrastinate_workers": "the same",
    "queue_consents": "each change leaves an event of the entry, unless it is named in the same transaction",
    "webhook_deliveries": "how an event reached a receiver; an event of that would be delivered again",
    "webhook_progress": "the same",
}
#: Types that stand in the access log for a look or a refusal alone.
LOOKED_AT = {
    "access_log", "child_lookup", "contact_group_demand", "contact_group_results", "coordination_workload",
    "idempotency_key", "place_offer", "referral", "support_use_counts", "support_use_lookup", "webhook_delivery",
}  # fmt: skip
#: What is known by hand to others than those who are told of it, and why. It may only shrink.
OTHERWISE: dict[str, str] = {}
SOME = ["gnesta.school", "vingaker.leader", "guardian.one"]
EVERYBODY = [
    *SOME, "gnesta.social", "gnesta.coordinator", "gnesta.familycentre", "vingaker.manager", "region.bup",
    "strangnas.social", "youth.one", "sys.admin", "system.gnesta-school",
]  # fmt: skip
ASKED, OF_EACH_TYPE = (EVERYBODY, 1000) if os.environ.get("TILLSAMMANS_ENDURANCE") == "1" else (SOME, 1)


def test_every_table_that_can_change_leaves_events(fortress: Fortress) -> None:
    with fortress.as_owner() as owner_db:
        unnamed = owner_db.execute(
            """select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
            and not exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgname = 'must_be_named')"""
        ).fetchall()
        noted = owner_db.execute("select tgrelid::regclass::text as name from pg_trigger where tgname ~ '^note_'")
        assert {row["name"] for row in noted} == {"access_log", "place_moves", "queue_consents"}
    assert {row["relname"] for row in unnamed} == NEUTRAL.keys(), "end the migration with `call wall.name_changes(…)`"


def test_every_type_of_the_log_is_a_record_that_can_be_told_of() -> None:
    named = {
        kind for file in sorted(SOURCE.rglob("*.py")) for kind in types_in(ast.parse(file.read_text("utf-8")))
    }  # fmt: skip
    lists = {kind for kind in named if kind.endswith("_list")}

    assert len(named) > 60, "the test no longer finds what the log is told"
    assert named - lists - RECORDS.keys() == LOOKED_AT
    assert RECORDS.keys() & LOOKED_AT == set()


def types_in(tree: ast.AST) -> Iterator[str]:
    """What ``Subject("…")``, and whatever makes one, is given; and ``KIND``, where a package has one for all."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("Subject", "subject", "named") and isinstance(node.args[0].value, str):
                yield node.args[0].value
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            yield from (str(node.value.value) for to in node.targets if isinstance(to, ast.Name) and to.id == "KIND")


def test_every_type_stands_where_it_is_said_to(fortress: Fortress) -> None:
    with fortress.as_owner() as owner_db:
        circles = {place.name: place.circle for place in guarded_tables(owner_db)}
        for kind, record in RECORDS.items():
            behind = record.circle is not None
            assert behind == (record.table in circles), kind
            assert not behind or record.circle == circles[record.table], kind
            assert behind or record.child is Child.NOBODY, f"{kind}: what is about a child is behind the wall"
            assert (record.unit or "id") in Base.metadata.tables[record.table].c or record.through, kind
            owner_db.execute(repository._records(kind).sql.encode(), repository._records(kind).bind({"ids": []}))


def test_a_record_is_told_of_under_the_permission_that_reads_it_by_hand() -> None:
    by_shape = {shape_of(path): methods["get"] for path, methods in DOCUMENT["paths"].items() if "get" in methods}
    found = {}
    for kind, record in RECORDS.items():
        if record.path:
            permission = by_shape[shape_of(record.path)]["x-permission"]
            if permission != str(record.reads) and permission != "public":
                found[kind] = permission
    assert found == {"centre_visit": "visit.read"}, "of a visit hears who counts there; others read sums"


def shape_of(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


def test_the_demo_world_has_an_event_for_each_of_its_changes(demo_world: DatabaseAddresses) -> None:
    with psycopg.connect(demo_world.owner, row_factory=dict_row) as owner:
        missing = owner.execute(
            """select object_type, action, count(*) as n from access_log l where kind = 'change' and not exists (
                select from events e where e.record_id = l.object_id and e.operation = l.action
                and e.record_type = l.object_type) group by 1, 2"""
        ).fetchall()
        types = owner.execute(
            "select record_type, bool_or(circle_id is null) as open from events group by 1"
        ).fetchall()
    assert missing == []
    assert {row["record_type"] for row in types} <= RECORDS.keys()
    for row in types:
        assert row["open"] == (RECORDS[row["record_type"]].circle is None), row["record_type"]


@pytest.mark.endurance
@pytest.mark.rule("R1.1")
async def test_whoever_is_told_may_read_and_whoever_may_read_is_told(
    demo_world: DatabaseAddresses, demo_api: httpx.AsyncClient, demo_issuer: DevIssuer
) -> None:
    wrong = {}
    for subject in ASKED:
        headers = {"authorization": f"Bearer {demo_issuer.access_token(subject)}"}
        told = {(event["data"]["recordType"], event["data"]["recordId"]) async for event in feed(demo_api, headers)}
        for kind, record_id, path in records_of(demo_world):
            read = (await demo_api.get(path, headers=headers)).status_code == 200
            if read != ((kind, str(record_id)) in told):
                wrong[subject, kind, path] = "read" if read else "told"
    assert {key: what for key, what in wrong.items() if key[1] not in OTHERWISE} == {}


async def feed(api: httpx.AsyncClient, headers: dict[str, str]) -> Any:
    """Every event from the beginning."""
    cursor = None
    while True:
        parameters = {"limit": 200, **({"cursor": cursor} if cursor else {})}
        page = (await api.get("/events", params=parameters, headers=headers)).json()
        for event in page["items"]:
            yield event
        if page["cursor"] == cursor:
            return
        cursor = page["cursor"]


def records_of(addresses: DatabaseAddresses) -> Iterator[tuple[str, UUID, str]]:
    """Some records of each type that has an address, with it."""
    with psycopg.connect(addresses.owner, row_factory=dict_row) as owner:
        events = owner.execute("select distinct record_type, record_id from events order by 1, 2").fetchall()
        for kind, of_type in groupby(events, key=lambda event: event["record_type"]):
            record = RECORDS[kind]
            if record.path is None:
                continue
            own, above = sql.Identifier(record.table), record.through
            joined = sql.SQL("select a.*, r.* from {} r").format(own)
            if above is not None:
                joined += sql.SQL(" join {} a on a.id = r.{}").format(
                    sql.Identifier(above.table), sql.Identifier(above.by)
                )
            else:
                joined = sql.SQL("select r.* from {} r").format(own)
            ids = [event["record_id"] for event in of_type]
            rows = owner.execute(joined + sql.SQL(" where r.id = any(%s) order by r.id limit %s"), [ids, OF_EACH_TYPE])
            for row in rows.fetchall():
                yield kind, row["id"], record.path.format(**row)
