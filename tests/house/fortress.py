"""A database with the wall and two strangers behind it, for every table that there is, also those yet to come.

The tables' own checks and references are taken down first, so that a row can be put into any of them without knowing
what it means; policies, rights and triggers stay as the migrations made them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, LiteralString
from uuid import UUID, uuid4

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from app.config import Settings
from app.kernel.context import ContextSigner

Connection = psycopg.Connection[dict[str, Any]]

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
#: Columns that tie a row to a child, a case or the unit that owns it.
BINDING = ("owner_unit_id", "child_id", "circle_id", "case_id", "person_key")


#: Tables with a policy of their own: what one user handed in, or one unit calls its records.
OWN_TABLES = (
    "source_keys", "imports", "import_blocks", "import_keys", "exports",
    "webhook_subscriptions", "webhook_progress", "webhook_secrets", "webhook_deliveries",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Guarded:
    """A table with ``wall.protect``: its name, the column that holds the circle, and whether its rows ever change."""

    name: str
    circle: str
    final: bool = False

    @property
    def table(self) -> sql.Identifier:
        return sql.Identifier(self.name)

    def count(self, connection: Connection) -> int:
        """How many rows the connection sees."""
        row = connection.execute(sql.SQL("select count(*) as n from {}").format(self.table)).fetchone()
        assert row is not None
        return int(row["n"])

    def insert(self, row: dict[str, object]) -> sql.Composed:
        """The statement that puts such a row there."""
        names, values = map(sql.Identifier, row), map(sql.Placeholder, row)
        statement = sql.SQL("insert into {} ({}) values ({})")
        return statement.format(self.table, sql.SQL(", ").join(names), sql.SQL(", ").join(values))


@dataclass(frozen=True, slots=True)
class Party:
    """A unit with a circle of its own, and one row of every table in it."""

    unit: UUID
    authority: UUID
    user: UUID
    circle: UUID
    row: UUID

    @classmethod
    def new(cls) -> "Party":
        return cls(*(uuid4() for _ in range(5)))


class Fortress:
    """The database, the keys to it, and those inside."""

    def __init__(self, settings: Settings, owner: str, program: str) -> None:
        self.owner_url, self.program_url = owner, program
        self.signer = ContextSigner(settings.secret.get_secret_value())
        self.gnesta, self.stranger = Party.new(), Party.new()
        with self.as_owner() as owner_db:
            self.guarded = list(guarded_tables(owner_db))
            _take_down_checks(owner_db, [*self.guarded, *(Guarded(table, "") for table in OWN_TABLES)])
            for party in (self.gnesta, self.stranger):
                _settle(owner_db, party, self.guarded)
            owner_db.commit()
            owner_db.autocommit = True
            owner_db.execute("analyze")

    def context(self, party: Party, at: datetime = NOW) -> str:
        """What the door would set for a user of this party."""
        return self.signer.sign(party.unit, party.authority, party.user, at)

    @contextmanager
    def as_owner(self) -> Iterator[Connection]:
        """Behind the wall; rolled back."""
        with psycopg.connect(self.owner_url, row_factory=dict_row) as connection:
            yield connection
            connection.rollback()

    @contextmanager
    def as_program(self, context: str | None) -> Iterator[Connection]:
        """As the program's own role, in a context; rolled back."""
        with psycopg.connect(self.program_url, row_factory=dict_row) as connection:
            if context is not None:
                connection.execute("select set_config('tillsammans.context', %s, false)", [context])
            yield connection
            connection.rollback()


def columns_of(connection: Connection) -> dict[str, dict[str, str]]:
    """Every table of the program with its columns and their types."""
    found: dict[str, dict[str, str]] = {}
    for row in connection.execute(
        """select c.table_name, c.column_name, c.udt_name from information_schema.columns c
        join information_schema.tables t using (table_schema, table_name)
        where c.table_schema = 'public' and t.table_type = 'BASE TABLE' order by c.ordinal_position"""
    ):
        found.setdefault(row["table_name"], {})[row["column_name"]] = row["udt_name"]
    return found


def guarded_tables(connection: Connection) -> Iterator[Guarded]:
    """Tables with the policy that ``wall.protect`` writes; the trigger beside it names the circle's column."""
    for row in connection.execute(
        """select c.relname as name, t.tgargs as arguments, exists (
            select from pg_trigger f
            where f.tgrelid = c.oid and f.tgname = 'is_final' and pg_get_triggerdef(f.oid) like '%WHEN (true)%'
        ) as final
        from pg_policy p join pg_class c on c.oid = p.polrelid
        join pg_trigger t on t.tgrelid = c.oid and t.tgname = 'must_be_named'
        where p.polname = 'circle' order by 1"""
    ):
        yield Guarded(row["name"], bytes(row["arguments"]).split(b"\0")[0].decode(), row["final"])


def _take_down_checks(connection: Connection, guarded: list[Guarded]) -> None:
    tables = [place.name for place in guarded]
    for statement in _CHECKS:
        for row in connection.execute(statement, {"tables": tables}).fetchall():
            connection.execute(row["statement"])


#: Statements that take down what says which values a row may hold; primary keys stay.
_CHECKS: tuple[LiteralString, ...] = (
    """select format('alter table %%s drop constraint %%I', conrelid::regclass, conname) as statement
    from pg_constraint where conrelid = any (%(tables)s::text[]::regclass[]) and contype in ('c', 'u', 'f')
    order by contype = 'u'""",
    """select format('drop index %%s', indexrelid::regclass) as statement from pg_index
    where indrelid = any (%(tables)s::text[]::regclass[]) and indisunique and not indisprimary""",
    """select format('alter table %%s alter %%I drop not null', attrelid::regclass, attname) as statement
    from pg_attribute a where attrelid = any (%(tables)s::text[]::regclass[]) and attnum > 0 and attnotnull
      and not exists (select from pg_index where indrelid = attrelid and indisprimary and attnum = any (indkey))""",
)


def _settle(connection: Connection, party: Party, guarded: list[Guarded]) -> None:
    """One row in every table, in the party's own circle; every text is ``core``, a category too, also in lists."""
    columns = columns_of(connection)
    for place in guarded:
        _alter(connection, place.name, sql.SQL("disable trigger user"))
        texts = {name: "core" for name, kind in columns[place.name].items() if kind == "text"}
        texts |= {name: ["core"] for name, kind in columns[place.name].items() if kind == "_text"}
        row = {**texts, **row_of(place, party, party.row, party.circle)}
        connection.execute(place.insert(row), row)
        _alter(connection, place.name, sql.SQL("enable trigger user"))
    for table in OWN_TABLES:
        _alter(connection, table, sql.SQL("disable trigger user"))
    for statement in _CIRCLE:
        connection.execute(statement, {name: getattr(party, name) for name in party.__slots__})
    for table in OWN_TABLES:
        _alter(connection, table, sql.SQL("enable trigger user"))


_CIRCLE: tuple[LiteralString, ...] = (
    """insert into circle_members (id, circle_id, party_id, authority_id, standing, joined_at)
    values (gen_random_uuid(), %(circle)s, %(unit)s, %(authority)s, 'owner', '2026-01-01Z')""",
    """insert into circle_grants (circle_id, party_id, steward_id, categories, valid_from, valid_until, basis, basis_id)
    values (%(circle)s, %(unit)s, %(unit)s, '{core}', '-infinity', 'infinity', 'owner', %(circle)s)""",
    """insert into access_log (id, logged_at, kind, action, permission, outcome, user_id, controller_id, object_type,
        circle_id, trace_id)
    values (gen_random_uuid(), '2026-01-01Z', 'look', 'a', 'p', 'allowed', %(user)s, %(authority)s, 'case',
        %(circle)s, 't')""",
    """insert into events (id, occurred_at, record_type, record_id, circle_id, operation)
    values (gen_random_uuid(), '2026-01-01Z', 'case', %(circle)s, %(circle)s, 'a')""",
    """insert into source_keys (id, kind, source_system, source_id, record_id, owner_authority_id, owner_unit_id)
    values (%(row)s, 'case', 's', 'i', %(row)s, %(authority)s, %(unit)s)""",
    """insert into imports (id, submitted_by, assignment_id, scopes, language, trace_id, format, mode, strategy,
        dry_run, fingerprint, status, submitted_at)
    values (%(row)s, %(user)s, %(row)s, '{}', 'sv', 't', 'ndjson', 'partial', 'upsert', false, '', 'queued',
        '2026-01-01Z')""",
    """insert into import_blocks (import_id, number, submitted_by, numbers, content)
    values (%(row)s, 0, %(user)s, '{1}', '{x}')""",
    """insert into import_keys (import_id, key, submitted_by, line) values (%(row)s, %(row)s, %(user)s, 1)""",
    """insert into exports (id, submitted_by) values (%(row)s, %(user)s)""",
    """insert into webhook_subscriptions (id, submitted_by) values (%(row)s, %(user)s)""",
    """insert into webhook_progress (subscription_id, submitted_by) values (%(row)s, %(user)s)""",
    """insert into webhook_secrets (id, submitted_by) values (%(row)s, %(user)s)""",
    """insert into webhook_deliveries (id, submitted_by) values (%(row)s, %(user)s)""",
    """insert into idempotency_keys (caller_id, key, operation, fingerprint, status, headers, body, created_at)
    values (%(user)s, 'key', 'o', '', 201, '{}', '', '2026-01-01Z')""",
)


def row_of(place: Guarded, party: Party, row_id: UUID, circle: UUID) -> dict[str, object]:
    """The columns that the wall looks at; a circle's own record has the circle as its id."""
    return {
        "id": row_id, "owner_unit_id": party.unit, "owner_authority_id": party.authority, place.circle: circle,
    }  # fmt: skip


def _alter(connection: Connection, table: str, what: sql.Composable) -> None:
    connection.execute(sql.SQL("alter table {} {}").format(sql.Identifier(table), what))
