"""Two addresses of one database, and a program that is always behind the wall."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from app.config import Settings
from app.database import PROGRAM_ROLE, addresses, check_program, check_unprivileged, connect, ensure_database, migrate
from app.embedded import EmbeddedPostgres, OperatorError

OWNER = "postgresql://owner:hunter2@db.example:5433/somewhere?sslmode=require"


def settings(**values: object) -> Settings:
    return Settings(_env_file=None, **{"database_url": None, "owner_database_url": None, **values})  # type: ignore[arg-type, call-arg]


@pytest.fixture(scope="module")
def database(place: Path) -> Iterator[str]:
    """The owner's address of an empty database, on the server that the suite runs on."""
    server = EmbeddedPostgres(place / "postgres")
    maintenance = os.environ.get("TILLSAMMANS_DATABASE_URL") or server.start()
    name = f"tillsammans_serve_{os.getpid()}"
    ensure_database(maintenance, name)
    yield urlsplit(maintenance)._replace(path=f"/{name}").geturl()
    with connect(maintenance) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
    server.stop()


@pytest.fixture
def stranger(database: str) -> Iterator[str]:
    """A role of its own that is a member of the program's role; its name."""
    name = f"stranger_{os.getpid()}"
    with connect(database) as owner:
        migrate(settings(), database)
        owner.execute(sql.SQL("create role {} login in role {}").format(*map(sql.Identifier, (name, PROGRAM_ROLE))))
        yield name
        owner.execute(sql.SQL("drop owned by {0}; drop role {0}").format(sql.Identifier(name)))


def test_in_development_the_program_gets_a_role_of_its_own() -> None:
    found = addresses(settings(), OWNER)

    program = urlsplit(found.program)
    assert found.owner == OWNER
    assert program.username == PROGRAM_ROLE
    assert (program.hostname, program.port, program.path, program.query) == (
        *("db.example", 5433, "/somewhere", "sslmode=require"),
    )


def test_its_password_follows_from_the_secret_and_does_not_tell_it() -> None:
    one = urlsplit(addresses(settings(secret="s" * 32), OWNER).program).password
    same = urlsplit(addresses(settings(secret="s" * 32), OWNER).program).password
    other = urlsplit(addresses(settings(secret="t" * 32), OWNER).program).password

    assert one == same != other
    assert one is not None
    assert "s" * 8 not in one


def test_where_the_owner_has_an_address_the_other_one_is_the_programs() -> None:
    program = "postgresql+psycopg://program:pw@db.example/somewhere"

    found = addresses(settings(database_url=program, owner_database_url=OWNER), OWNER)

    assert found.program == "postgresql://program:pw@db.example/somewhere"


@pytest.mark.parametrize("address", ["db.example/somewhere", "mysql://me@db.example/x", "host=db.example"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(OperatorError, match="postgresql://"):
        addresses(settings(), address)


def test_what_cannot_be_reached_is_told_without_the_password() -> None:
    with (
        pytest.raises(OperatorError, match="cannot be reached") as told,
        connect("postgresql://me:hunter2@127.0.0.1:1/x"),
    ):
        pass

    assert "hunter2" not in str(told.value)


@pytest.mark.database
def test_several_programs_may_migrate_at_once(database: str) -> None:
    with ThreadPoolExecutor(4) as programs:
        found = set(programs.map(lambda _: migrate(settings(), database), range(4)))

    assert len(found) == 1
    check_program(found.pop().program)


@pytest.mark.database
def test_the_owner_may_not_be_the_program(database: str) -> None:
    with pytest.raises(OperatorError, match="superuser"):
        check_program(database)


@pytest.mark.database
@pytest.mark.parametrize(
    ("privilege", "complaint"),
    [
        ("alter role {} bypassrls", "bypasses row-level security"),
        ("alter role {} createrole", "can create roles"),
        ("create table of_a_stranger (); alter table of_a_stranger owner to {}", "owns tables"),
        (f"revoke {PROGRAM_ROLE} from {{}}", f"no member of {PROGRAM_ROLE}"),
    ],
)
def test_a_role_that_could_walk_around_the_wall_is_refused(
    database: str, stranger: str, privilege: str, complaint: str
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(sql.SQL("set session authorization {}").format(sql.Identifier(stranger)))
        check_unprivileged(connection)

        connection.execute("reset session authorization")
        connection.execute(sql.SQL(privilege).format(sql.Identifier(stranger)))
        connection.execute(sql.SQL("set session authorization {}").format(sql.Identifier(stranger)))

        with pytest.raises(OperatorError, match=complaint):
            check_unprivileged(connection)


@pytest.mark.database
def test_being_allowed_to_become_the_owner_is_being_the_owner(database: str, stranger: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        owner = connection.info.user
        connection.execute(sql.SQL("alter role {} noinherit").format(sql.Identifier(stranger)))
        connection.execute(sql.SQL("grant {} to {}").format(*map(sql.Identifier, (owner, stranger))))
        connection.execute(sql.SQL("set session authorization {}").format(sql.Identifier(stranger)))

        with pytest.raises(OperatorError, match="is a superuser"):
            check_unprivileged(connection)
