"""Migrations: from nothing to the newest and back, with data in it, and in step with the models."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool, create_engine, inspect

from app import database
from app.config import Settings
from app.demo import load_directory
from app.models import metadata

pytestmark = pytest.mark.database

STEPS = ScriptDirectory(str(database.MIGRATIONS))
#: What the kernel keeps in tables without a model: nothing changes them through the ORM, or nothing reads them by Core.
WITHOUT_A_MODEL = {"access_log_epochs", "access_log_seals", "idempotency_keys"}
#: The queue's own (``0026_procrastinate.sql``).
QUEUE = {"procrastinate_events", "procrastinate_jobs", "procrastinate_periodic_defers", "procrastinate_workers"}
#: Alembic's own.
BOOKKEEPING = {"alembic_version"}


def alembic(settings: Settings, url: str, go: Callable[[Config], None]) -> None:
    """Run an Alembic command on a database, in one transaction."""
    config = Config()
    config.set_main_option("script_location", str(database.MIGRATIONS))
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool)
    with engine.begin() as connection:
        config.attributes.update(connection=connection, settings=settings)
        go(config)


def shape_of(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Everything that the steps make, as PostgreSQL describes it."""
    queries = {
        "columns": """select table_schema, table_name, column_name, data_type, is_nullable, column_default
            from information_schema.columns where table_schema in ('public', 'wall') order by 1, 2, 3""",
        "constraints": """select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
            where connamespace = 'public'::regnamespace order by 1, 2""",
        "indexes": "select indexname, indexdef from pg_indexes where schemaname in ('public', 'wall') order by 1",
        "policies": "select tablename, policyname, roles::text, cmd, qual, with_check from pg_policies order by 1, 2",
        "triggers": "select tgrelid::regclass::text, tgname from pg_trigger where not tgisinternal order by 1, 2",
        "functions": """select p.oid::regprocedure::text, md5(prosrc) from pg_proc p
            join pg_namespace n on n.oid = pronamespace where nspname in ('public', 'wall') order by 1""",
        "rights": """select table_schema, table_name, grantee, privilege_type from information_schema.table_privileges
            where table_schema in ('public', 'wall') order by 1, 2, 3, 4""",
    }
    with psycopg.connect(url) as connection:
        return {name: connection.execute(query.encode()).fetchall() for name, query in queries.items()}


def test_the_steps_are_one_line(own_settings: Settings) -> None:
    steps = list(STEPS.walk_revisions())

    assert len(steps) >= 5
    assert len(STEPS.get_heads()) == len(STEPS.get_bases()) == 1
    assert [Path(step.path).name.split("_")[0] for step in steps] == [step.revision for step in steps]


def test_each_step_goes_down_with_data_and_up_again(own_settings: Settings, new_database: Callable[[str], str]) -> None:
    url = new_database("steps")
    load_directory(own_settings, database.migrate(own_settings, url))
    shapes = {}

    for step in STEPS.walk_revisions():
        shapes[step.revision] = shape_of(url)
        alembic(own_settings, url, lambda config, below=step.down_revision: command.downgrade(config, below or "base"))
    with psycopg.connect(url) as connection:
        left = connection.execute("select tablename from pg_tables where schemaname in ('public', 'wall')").fetchall()
    assert {table for (table,) in left} == BOOKKEEPING

    for revision, before in reversed(shapes.items()):
        alembic(own_settings, url, lambda config, this=revision: command.upgrade(config, this))
        assert shape_of(url) == before, revision


def test_migrating_again_changes_nothing(own_settings: Settings, new_database: Callable[[str], str]) -> None:
    url = new_database("steps")
    database.migrate(own_settings, url)
    once = shape_of(url)

    database.migrate(own_settings, url)

    assert shape_of(url) == once


def test_models_meet_migrations(own_settings: Settings, new_database: Callable[[str], str]) -> None:
    url = new_database("steps")
    database.migrate(own_settings, url)

    def ours(_object: object, name: str | None, kind: str, reflected: bool, model: object) -> bool:
        # An index or a unique key may stand in the migration alone; one that a model names must be there.
        only_there = reflected and model is None and kind in ("index", "unique_constraint")
        return not only_there and not (kind == "table" and name in WITHOUT_A_MODEL | QUEUE | BOOKKEEPING)

    def differences(connection: Connection) -> list[object]:
        options = {"compare_type": True, "compare_server_default": True, "include_object": ours}
        return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)

    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool)
    with engine.connect() as connection:
        found = differences(connection)
        tables = inspect(connection).get_table_names()

    assert found == []
    assert set(tables) - metadata.tables.keys() == WITHOUT_A_MODEL | QUEUE | BOOKKEEPING


def test_the_newest_step_is_told_by_its_file_name() -> None:
    assert database.newest_step() == STEPS.get_current_head()
