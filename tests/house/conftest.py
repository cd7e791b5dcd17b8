"""What the law's tests share: databases of their own, made on the test server and thrown away with it."""

from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from asgi_lifespan import LifespanManager

from app import database
from app.config import Settings
from app.demo import load
from app.main import create_app
from tests.contract import knowing_it
from tests.house.fortress import Fortress

NewDatabase = Callable[..., str]


@pytest.fixture(scope="session")
def new_database(server_url: Callable[[str], str], worker_id: str) -> NewDatabase:
    """``new_database("wall")``: the owner's address of a new database of this worker, empty or a copy of another."""

    def make(purpose: str, template: str = "template0") -> str:
        name = f"tillsammans_{purpose}_{worker_id}"
        with database.connect(server_url("postgres")) as connection:
            connection.execute(f"drop database if exists {name} with (force)".encode())
            connection.execute(f"create database {name} template {template} encoding 'UTF8'".encode())
        return server_url(name)

    return make


@pytest.fixture(scope="session")
def own_settings(settings: Settings) -> Settings:
    """The settings without the address of a database: whoever migrates a new one names it."""
    return settings.model_copy(update={"database_url": None, "owner_database_url": None})


@pytest.fixture(scope="session")
def fortress(own_settings: Settings, new_database: NewDatabase) -> Fortress:
    """A database with the wall, and two strangers with a row each in every table behind it."""
    addresses = database.migrate(own_settings, new_database("wall"))
    return Fortress(own_settings, addresses.owner, addresses.program)


@pytest.fixture(scope="session")
def demo_template(own_settings: Settings, server_url: Callable[[str], str], testrun_uid: str) -> str:
    """The name of a database with the whole demo world, to be copied and otherwise left alone.

    The worker that comes first makes it, the others wait for it: to load the world takes longer than to copy it.
    """
    name = f"tillsammans_demo_template_{testrun_uid[:8]}"
    with database.connect(server_url("postgres")) as connection:
        connection.execute("select pg_advisory_lock(461)")
        there = connection.execute("select datname from pg_database where datname like 'tillsammans_demo_template_%'")
        names = {row[0] for row in there}
        if name not in names:
            for old in names | {f"{name}_half"}:
                connection.execute(f"drop database if exists {old} with (force)".encode())
            connection.execute(f"create database {name}_half template template0 encoding 'UTF8'".encode())
            load(own_settings, database.migrate(own_settings, server_url(f"{name}_half")))
            connection.execute(f"alter database {name}_half rename to {name}".encode())
    return name


@pytest.fixture(scope="session")
def demo_world(own_settings: Settings, new_database: NewDatabase, demo_template: str) -> database.DatabaseAddresses:
    """The demo world: cases, consents and all that will be, in a database of their own."""
    return database.addresses(own_settings, new_database("demo", demo_template))


@pytest.fixture(scope="session")
async def demo_api(own_settings: Settings, demo_world: database.DatabaseAddresses) -> AsyncIterator[httpx.AsyncClient]:
    """The program on the demo world, with nobody signed in."""
    root = knowing_it(create_app(own_settings, program_url=demo_world.program))
    transport = httpx.ASGITransport(root, raise_app_exceptions=False)
    async with (
        LifespanManager(root, startup_timeout=30),
        httpx.AsyncClient(transport=transport, base_url=own_settings.api_url) as client,
    ):
        yield client
