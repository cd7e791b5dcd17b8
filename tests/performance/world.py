"""The database that is measured: the demo directory, two thousand cases of several units, and children without one."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, LiteralString
from uuid import UUID, uuid4

import psycopg
from psycopg import sql

from app import database
from app.config import Settings
from app.demo import load_directory
from app.demo.directory import UNIT_RECORDS, UNITS
from app.demo.staff import USER_IDS
from app.embedded import EmbeddedPostgres
from app.kernel.circles import FOREVER
from app.kernel.ids import new_id

CALLER = "gnesta.school"
#: Units and who is named contact there. The first unit is the caller's; it is also let into every case of the second.
CONTACTS = {
    "gnesta-skola": CALLER,
    "gnesta-ifo": "gnesta.social",
    "region-bup-nykoping": "region.bup",
    "katrineholm-skola": "katrineholm.school",
}
OWNERS = tuple(CONTACTS)
CASES, WAITING = 2_000, 10_000
OURS, BARE = "tillsammans_bench_program", "tillsammans_bench_bare"

_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
_OPEN_ENDED = ("-infinity", "infinity")
_COLUMNS: dict[LiteralString, LiteralString] = {
    "children": "id given_name family_name birth_date person_key created_at updated_at "
    "owner_unit_id owner_authority_id municipality_code",
    "guardian_persons": "id child_id given_name family_name person_key "
    "owner_unit_id owner_authority_id municipality_code",
    "guardianships": "id child_id person_id relation custody valid_from contact_allowed updated_at "
    "owner_unit_id owner_authority_id municipality_code",
    "cases": "id case_number child_id status entry_route named_contact_id opened_at created_at updated_at "
    "owner_unit_id owner_authority_id municipality_code",
    "case_analyses": "id case_id category reason_text level_of_need owner_unit_id owner_authority_id municipality_code",
    "circle_members": "id circle_id party_id authority_id standing joined_at",
    "circle_grants": "id circle_id party_id steward_id categories valid_from valid_until basis basis_id",
}


@dataclass(slots=True)
class World:
    """What the load may ask for."""

    visible: list[UUID] = field(default_factory=list)
    waiting: list[UUID] = field(default_factory=list)
    rows: dict[LiteralString, list[Sequence[Any]]] = field(default_factory=lambda: {table: [] for table in _COLUMNS})


def settings_for(folder: Path) -> Settings:
    """Settings as in production, where development does not differ; nobody is held up by the rate limit."""
    unhindered = "1000000000/minute"
    return Settings(
        data_dir=folder, database_url=None, rate_limit=unhindered, rate_limit_per_address=unhindered,
        database_pool_size=16,
    )  # fmt: skip


def prepare(settings: Settings, server: EmbeddedPostgres) -> tuple[World, dict[str, database.DatabaseAddresses]]:
    """Make the same database twice, for the program and for the bare endpoints."""
    world = World()
    with database.connect(server.url("postgres")) as postgres:
        for name in (OURS, BARE):
            postgres.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
        postgres.execute(sql.SQL("create database {} template template0").format(sql.Identifier(OURS)))
        ours = database.migrate(settings, server.url(OURS))
        load_directory(settings, ours)
        _fill(world, ours.owner)
        copied = sql.SQL("create database {} template {}").format(sql.Identifier(BARE), sql.Identifier(OURS))
        postgres.execute(copied)
    world.rows.clear()
    return world, {OURS: ours, BARE: database.addresses(settings, server.url(BARE))}


def _fill(world: World, owner_url: str) -> None:
    world.waiting = [_child(world, OWNERS[0], CASES + number) for number in range(WAITING)]
    for number, owner in zip(range(CASES), itertools.cycle(OWNERS), strict=False):
        _case(world, owner, number, _child(world, owner, number))
    with psycopg.connect(owner_url) as connection:
        # The triggers ask for a named change of each row; here nobody changes anything.
        connection.execute("set session_replication_role = replica")
        for table, columns in _COLUMNS.items():
            names = sql.SQL(", ").join(map(sql.Identifier, columns.split()))
            into = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(table), names)
            with connection.cursor() as cursor, cursor.copy(into) as copy:
                for row in world.rows[table]:
                    copy.write_row(row)
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("vacuum analyze")
        connection.execute("checkpoint")


def _owned(owner: str) -> tuple[UUID, UUID, str | None]:
    unit = UNIT_RECORDS[owner]
    return unit.id, unit.authority_id, unit.municipality_code


def _child(world: World, owner: str, number: int) -> UUID:
    child, person, guardian = new_id(), new_id(), uuid4()
    rows, owned = world.rows, _owned(owner)
    born = date(2010 + number % 15, 1 + number % 12, 1 + number % 28)
    rows["children"].append((child, "Barn", f"Exempel {number}", born, uuid4(), _BEGAN, _BEGAN, *owned))
    rows["guardian_persons"].append((person, child, "Vuxen", f"Exempel {number}", guardian, *owned))
    rows["guardianships"].append((new_id(), child, person, "parent", "sole", _BEGAN, True, _BEGAN, *owned))
    _circle(world, child, owner, guardian)
    return child


def _case(world: World, owner: str, number: int, child: UUID) -> None:
    case, rows, owned = new_id(), world.rows, _owned(owner)
    contact = USER_IDS[CONTACTS[owner]]
    rows["cases"].append(
        (case, f"B{number:06}", child, "active", "professional", contact, _BEGAN, _BEGAN, _BEGAN, *owned)
    )
    rows["case_analyses"].append((new_id(), case, "school", "Behöver samlat stöd i skolan.", "selective", *owned))
    _circle(world, case, owner, uuid4())
    if owner == OWNERS[1]:
        caller = UNIT_RECORDS[OWNERS[0]]
        consent = uuid4()
        for circle in (case, child):
            rows["circle_members"].append((new_id(), circle, caller.id, caller.authority_id, "member", _BEGAN))
            opened = (["core", "school", "contact"], _BEGAN, FOREVER, "consent", consent)
            rows["circle_grants"].append((new_id(), circle, caller.id, UNITS[owner], *opened))
    if owner in OWNERS[:2]:
        world.visible.append(case)


def _circle(world: World, circle: UUID, owner: str, guardian: UUID) -> None:
    """What ``wall.open_circle`` and the family's joining leave behind."""
    unit, authority, _ = _owned(owner)
    members, grants = world.rows["circle_members"], world.rows["circle_grants"]
    members.append((new_id(), circle, unit, authority, "owner", _BEGAN))
    members.append((new_id(), circle, guardian, None, "guardian", _BEGAN))
    grants.append((new_id(), circle, unit, unit, ["core"], *_OPEN_ENDED, "owner", circle))
    grants.append((new_id(), circle, guardian, unit, ["core"], _BEGAN, FOREVER, "guardian", uuid4()))
