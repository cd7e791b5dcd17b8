"""The demo world: the sources' story with their numbers, made-up people, and nobody's real personnummer.

Development and tests only. ``USERS`` is cheap to import; loading imports the program.
"""

from typing import TYPE_CHECKING, Final

from app.demo.staff import EVERYBODY, USER_IDS
from app.dev_idp.issuer import DemoUser

if TYPE_CHECKING:
    from app.config import Settings
    from app.database import Connection, DatabaseAddresses
    from app.kernel.clock import Clock

LOADING_LOCK: Final = 7_411_950_002

USERS: Final[list[DemoUser]] = [
    DemoUser(person.subject, person.name, person.description, person.is_system) for person in EVERYBODY
]


def load(settings: "Settings", addresses: "DatabaseAddresses", clock: "Clock | None" = None) -> bool:
    """Load the directory and the cases; False, and nothing done, when somebody is there already.

    A load that was interrupted between the two is completed. Programs that start together take turns. Raises
    RuntimeError in production.
    """
    from app import database
    from app.demo.cases import load_cases
    from app.kernel.clock import SystemClock

    if settings.production:
        raise RuntimeError("there is no demo data in production")
    clock = clock or SystemClock()
    with database.connect(addresses.owner) as guard:
        guard.execute("select pg_advisory_lock(%s)", [LOADING_LOCK])
        loaded = load_directory(settings, addresses, clock)
        if not loaded and not _was_interrupted(guard):
            return False
        load_cases(settings, addresses.program, clock)
    return True


def load_directory(settings: "Settings", addresses: "DatabaseAddresses", clock: "Clock | None" = None) -> bool:
    """Load municipalities, organisations, authorities, units, users and assignments; False when there are users."""
    from app import database
    from app.demo import loading
    from app.kernel.clock import SystemClock

    with database.connect(addresses.owner) as connection:
        if connection.execute("select from users limit 1").fetchone() is not None:
            return False
    loading.load_directory(settings, addresses.owner, clock or SystemClock())
    return True


def _was_interrupted(guard: "Connection") -> bool:
    """Whether the demo directory stands there without its cases."""
    first = next(iter(USER_IDS.values()))
    query = "select exists (select from users where id = %s) and not exists (select from children)"
    row = guard.execute(query, [first]).fetchone()
    return bool(row and row[0])
