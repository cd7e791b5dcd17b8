"""What the law's tests share: databases of their own, made on the test server and thrown away with it."""

from collections.abc import AsyncIterator

import httpx
import pytest
from asgi_lifespan import LifespanManager

from app import database
from app.config import Settings
from app.dev_idp import DevIssuer
from app.kernel.clock import FixedClock
from app.main import create_app
from tests.conftest import DEMO_DAY, NewDatabase
from tests.contract import knowing_it
from tests.house.fortress import Fortress


@pytest.fixture(scope="session")
def fortress(own_settings: Settings, new_database: NewDatabase) -> Fortress:
    """A database with the wall, and two strangers with a row each in every table behind it."""
    addresses = database.migrate(own_settings, new_database("wall"))
    return Fortress(own_settings, addresses.owner, addresses.program)


@pytest.fixture(scope="session")
def demo_world(own_settings: Settings, new_database: NewDatabase, demo_template: str) -> database.DatabaseAddresses:
    """The demo world: cases, consents and all that will be, in a database of their own."""
    return database.addresses(own_settings, new_database("demo", demo_template))


@pytest.fixture(scope="session")
async def demo_api(own_settings: Settings, demo_world: database.DatabaseAddresses) -> AsyncIterator[httpx.AsyncClient]:
    """The program on the demo world and its day, with nobody signed in."""
    root = knowing_it(create_app(own_settings, program_url=demo_world.program, clock=FixedClock(DEMO_DAY)))
    transport = httpx.ASGITransport(root, raise_app_exceptions=False)
    async with (
        LifespanManager(root, startup_timeout=30),
        httpx.AsyncClient(transport=transport, base_url=own_settings.api_url) as client,
    ):
        yield client


@pytest.fixture(scope="session")
def demo_issuer(own_settings: Settings) -> DevIssuer:
    """The development issuer on the day of the demo world."""
    return DevIssuer.load(own_settings, clock=FixedClock(DEMO_DAY).now)
