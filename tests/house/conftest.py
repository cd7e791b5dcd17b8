"""What the law's tests share: databases of their own, made on the test server and thrown away with it."""

from collections.abc import Callable

import pytest

from app import database
from app.config import Settings
from tests.house.fortress import Fortress


@pytest.fixture(scope="session")
def new_database(
    settings: Settings, server_url: Callable[[str], str], worker_id: str
) -> Callable[[str], str]:
    """``new_database("wall")``: the owner's address of a new, empty database of this worker."""

    def make(purpose: str) -> str:
        name = f"tillsammans_{purpose}_{worker_id}"
        with database.connect(server_url("postgres")) as connection:
            connection.execute(f"drop database if exists {name} with (force)".encode())
            connection.execute(f"create database {name} template template0 encoding 'UTF8'".encode())
        return server_url(name)

    return make


@pytest.fixture(scope="session")
def own_settings(settings: Settings) -> Settings:
    """The settings without the address of a database: whoever migrates a new one names it."""
    return settings.model_copy(update={"database_url": None, "owner_database_url": None})


@pytest.fixture(scope="session")
def fortress(own_settings: Settings, new_database: Callable[[str], str]) -> Fortress:
    """A database with the wall, and two strangers with a row each in every table behind it."""
    addresses = database.migrate(own_settings, new_database("wall"))
    return Fortress(own_settings, addresses.owner, addresses.program)
