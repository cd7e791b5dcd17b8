"""What the tests share: a database of their own for each worker, the running program, and people to be."""

import os
import tempfile
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from asgi_lifespan import LifespanManager
from fastapi import FastAPI
from hypothesis import settings as hypothesis_settings
from psycopg.rows import dict_row

from app import database
from app.config import API_PATH, Settings
from app.demo import load, load_directory
from app.dev_idp import DevIssuer
from app.embedded import EmbeddedPostgres
from app.kernel.clock import Clock, FixedClock, SystemClock
from app.kernel.http.door import Kernel
from app.main import create_app
from app.serving import loading

hypothesis_settings.register_profile("house", deadline=None, derandomize=True)
hypothesis_settings.load_profile("house")

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
FOLDER = Path(tempfile.gettempdir()) / f"tillsammans-tests-{os.getuid()}"
TOKEN_USED_FOR = timedelta(minutes=30)
#: The day on which the demo world of the tests stands still.
DEMO_DAY = datetime(2026, 11, 20, 12, tzinfo=UTC)
#: What takes long begins first, so that no worker is left alone with it at the end.
LONGEST_FIRST = ("serve/test_process.py", "serve/test_database_killed.py", "group_queues/test_race.py")

NewDatabase = Callable[..., str]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect as the program is started: looking for garbage in what stays takes seconds."""
    with loading():
        return (yield)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first; all others keep their order."""
    items.sort(key=lambda item: not item.path.as_posix().endswith(LONGEST_FIRST))


class AdjustableClock(Clock):
    """The program's clock, which a test may set and move."""

    def __init__(self) -> None:
        self._system = SystemClock()
        self._fixed: datetime | None = None

    def now(self) -> datetime:
        """The set instant, or the real one."""
        return self._fixed or self._system.now()

    def set(self, at: datetime) -> None:
        """From now on it is this instant."""
        self._fixed = at.astimezone(UTC)

    def advance(self, step: timedelta) -> None:
        """Move on from the present instant."""
        self._fixed = self.now() + step

    def release(self) -> None:
        """Real time again."""
        self._fixed = None


class AsUser(httpx.Auth):
    """Signs each request with a token of a demo user that is good at the program's own time."""

    def __init__(self, issuer: DevIssuer, subject: str) -> None:
        self.issuer = issuer
        self.subject = subject
        self.token = ""
        self.made_at = datetime.min.replace(tzinfo=UTC)

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override]
        """Add the Authorization header; a new token only when the clock has left the old one behind, as clients do."""
        now = self.issuer.clock()
        if not self.made_at <= now < self.made_at + TOKEN_USED_FOR:
            self.token, self.made_at = self.issuer.access_token(self.subject), now
        request.headers["authorization"] = f"Bearer {self.token}"
        yield request


@pytest.fixture(scope="session")
def program_clock() -> AdjustableClock:
    """The running program's clock."""
    return AdjustableClock()


@pytest.fixture
def clock(program_clock: AdjustableClock) -> Iterator[AdjustableClock]:
    """The program's clock, to set and move; real time again after the test."""
    yield program_clock
    program_clock.release()


@pytest.fixture(scope="session")
def settings() -> Settings:
    """Settings of the program under test."""
    FOLDER.mkdir(exist_ok=True)
    return Settings(
        data_dir=FOLDER, rate_limit="1000000/minute", rate_limit_per_address="1000000/minute",
        log_seal_interval_seconds=3600, expiry_interval_seconds=3600, work_interval_seconds=3600,
        database_pool_size=20, database_pool_idle=1, database_idle_seconds=2,  # each connection plans every query anew
    )  # fmt: skip


@pytest.fixture(scope="session")
def own_settings(settings: Settings) -> Settings:
    """The settings without the address of a database: whoever migrates a new one names it."""
    return settings.model_copy(update={"database_url": None, "owner_database_url": None})


@pytest.fixture(scope="session")
def server_url(settings: Settings) -> Iterator[Callable[[str], str]]:
    """The address of a database on the test server: the embedded one, or the one that CI names."""
    named = settings.database_url
    if named:
        yield lambda name: _with_database(named, name)
        return
    server = EmbeddedPostgres(FOLDER / "postgres")
    server.start()
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def new_database(server_url: Callable[[str], str], worker_id: str) -> NewDatabase:
    """``new_database("wall")``: the owner's address of a new database of this worker, empty or a copy of another."""

    def make(purpose: str, template: str = "template0") -> str:
        name = f"tillsammans_{purpose}_{worker_id}"
        with database.connect(server_url("postgres")) as connection:
            connection.execute(f"drop database if exists {name} with (force)".encode())
            _create(connection, name, template)
        return server_url(name)

    return make


def _create(connection: database.Connection, name: str, template: str = "template0") -> None:
    """A database that may forget its last writes in a power cut: nobody waits for a disk in these tests."""
    connection.execute(f"create database {name} template {template} encoding 'UTF8'".encode())
    connection.execute(f"alter database {name} set synchronous_commit = off".encode())


def _with_database(url: str, name: str) -> str:
    head, _, query = url.partition("?")
    base = head.rsplit("/", 1)[0]
    return f"{base}/{name}" + (f"?{query}" if query else "")


@pytest.fixture(scope="session")
def addresses(
    settings: Settings, own_settings: Settings, server_url: Callable[[str], str]
) -> Iterator[database.DatabaseAddresses]:
    """A fresh, migrated database of this worker with the demo directory (organisations and users), no children."""
    name = f"tillsammans_test_{WORKER}_{os.getpid()}"
    with database.connect(server_url("postgres")) as connection:
        _create(connection, name)
    found = database.migrate(own_settings, server_url(name))
    load_directory(settings, found)
    yield found
    with database.connect(server_url("postgres")) as connection:
        connection.execute(f"drop database {name} with (force)".encode())


@pytest.fixture(scope="session")
def demo_template(own_settings: Settings, server_url: Callable[[str], str], testrun_uid: str) -> str:
    """The name of a database with the whole demo world on ``DEMO_DAY``, to be copied and otherwise left alone.

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
            _create(connection, f"{name}_half")
            assert load(own_settings, database.migrate(own_settings, server_url(f"{name}_half")), FixedClock(DEMO_DAY))
            connection.execute(f"alter database {name}_half rename to {name}".encode())
    return name


@pytest.fixture(scope="session")
async def app(
    settings: Settings, addresses: database.DatabaseAddresses, program_clock: AdjustableClock
) -> AsyncIterator[FastAPI]:
    """The whole program, running."""
    root = create_app(settings, program_url=addresses.program, clock=program_clock)
    async with LifespanManager(root, startup_timeout=30):
        yield root


@pytest.fixture(scope="session")
def kernel(app: FastAPI) -> Kernel:
    """The running program's kernel."""
    kernel: Kernel = app.state.kernel
    return kernel


@pytest.fixture(scope="session")
def issuer(settings: Settings, program_clock: AdjustableClock) -> DevIssuer:
    """The development issuer, on the program's clock."""
    return DevIssuer.load(settings, clock=program_clock.now)


@pytest.fixture(scope="session")
async def client_for(app: FastAPI, issuer: DevIssuer) -> AsyncIterator[Callable[..., httpx.AsyncClient]]:
    """``client_for("gnesta.school")``: a client signed in as that demo user; ``client_for(None)``: nobody."""
    clients: dict[str | None, httpx.AsyncClient] = {}

    def client(subject: str | None) -> httpx.AsyncClient:
        if subject not in clients:
            clients[subject] = httpx.AsyncClient(
                transport=httpx.ASGITransport(app, raise_app_exceptions=False),
                base_url=f"http://127.0.0.1:8000{API_PATH}",
                auth=AsUser(issuer, subject) if subject else None,
            )
        return clients[subject]

    yield client
    for opened in clients.values():
        await opened.aclose()


@pytest.fixture
def owner_db(addresses: database.DatabaseAddresses) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    """A connection as the owner of the tables, to look behind the wall; rolled back."""
    with psycopg.connect(addresses.owner, row_factory=dict_row) as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def program_db(addresses: database.DatabaseAddresses) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    """A connection as the program's own role, to attack the wall from inside; rolled back."""
    with psycopg.connect(addresses.program, row_factory=dict_row) as connection:
        yield connection
        connection.rollback()
