"""Which PostgreSQL, as whom, and in which version of the schema.

Two addresses of one database: the owner's, which migrates, and the program's, whose role is neither owner nor superuser
and cannot bypass row-level security. Whatever would put the program behind the wall stops the start.
"""

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString, TypeAlias
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import errors, sql
from psycopg.conninfo import conninfo_to_dict

from app.config import Settings
from app.embedded import EmbeddedPostgres, OperatorError

PROGRAM_ROLE = "tillsammans_program"
DATABASE = "tillsammans"
OLDEST_VERSION = 15
MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
MIGRATION_LOCK = 7_411_950_001

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class DatabaseAddresses:
    """The same database as its owner and as the program's unprivileged role."""

    owner: str
    program: str


@contextmanager
def running(settings: Settings) -> Iterator[DatabaseAddresses]:
    """The addresses to use, for as long as the block runs; starts and stops the embedded server when none is named.

    Raises OperatorError when the database cannot be started or is misconfigured.
    """
    if settings.database_url is not None:
        yield addresses(settings, settings.owner_database_url or settings.database_url)
        return
    server = EmbeddedPostgres(settings.data_dir / "postgres")
    try:
        ensure_database(server.start(), DATABASE)
        yield addresses(settings, server.url(DATABASE))
    finally:
        server.stop()


def addresses(settings: Settings, owner_url: str) -> DatabaseAddresses:
    """Both addresses of the database at ``owner_url``; touches nothing.

    In production, or where the owner has an address of its own, ``database_url`` is the program's; otherwise the
    program gets a role of its own, with a password that follows from the secret.
    """
    owner = _plain(owner_url)
    if settings.database_url is not None and (settings.production or settings.owner_database_url is not None):
        return DatabaseAddresses(owner, _plain(settings.database_url))
    password = hmac.new(settings.secret.get_secret_value().encode(), b"program-role", hashlib.sha256).hexdigest()
    parts = urlsplit(owner)
    host = parts.netloc.rpartition("@")[2]
    return DatabaseAddresses(owner, parts._replace(netloc=f"{PROGRAM_ROLE}:{password}@{host}").geturl())


def migrate(settings: Settings, owner_url: str) -> DatabaseAddresses:
    """Bring the database at ``owner_url`` to the newest schema, make the program's role, and prove it unprivileged.

    Any number of programs may do so at once: they take turns. Raises OperatorError.
    """
    found = addresses(settings, owner_url)
    if settings.production and settings.owner_database_url is None:
        raise OperatorError("Production migrates as the owner: set TILLSAMMANS_OWNER_DATABASE_URL.")
    with connect(found.owner) as guard:
        guard.execute("set lock_timeout = '60s'")
        try:
            guard.execute("select pg_advisory_lock(%s)", [MIGRATION_LOCK])
        except errors.LockNotAvailable as error:
            raise OperatorError("Another program has been migrating this database for a minute; try again.") from error
        _ensure_roles(guard, found.program, refresh=not settings.production)
        if not _is_current(guard, settings):
            _upgrade(settings, found.owner)
    check_program(found.program)
    return found


def check_program(program_url: str) -> None:
    """Raise OperatorError unless ``program_url`` can be reached and its role is held by the wall."""
    with connect(program_url) as connection:
        check_unprivileged(connection)


def check_unprivileged(connection: Connection) -> None:
    """Raise OperatorError when the connection's role could walk around row-level security.

    That is: it is or may become a superuser, a role with BYPASSRLS or the owner of a table, or it can create roles;
    or it is no member of the role that the migrations grant rights to.
    """
    held = "exists (select from pg_roles r where pg_has_role(current_user, r.oid, 'member') and {})"
    faults = {
        "is a superuser": held.format("r.rolsuper"),
        "bypasses row-level security": held.format("r.rolbypassrls"),
        "can create roles": held.format("r.rolcreaterole"),
        "owns tables": """exists (
            select from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p') and n.nspname !~ '^(pg_|information_schema$)'
              and pg_has_role(current_user, c.relowner, 'member'))""",
        f"is no member of {PROGRAM_ROLE}": f"""not exists (
            select from pg_roles r where r.rolname = '{PROGRAM_ROLE}' and pg_has_role(current_user, r.oid, 'usage'))""",
    }
    found = [fault for fault, query in faults.items() if _fetch(connection, "select " + query)]
    if found:
        role = connection.info.user
        raise OperatorError(f"The program may not run as the database role {role}: it {', '.join(found)}.")


def ensure_database(maintenance_url: str, name: str) -> None:
    """Create the database ``name`` where it is missing; ``maintenance_url`` is the owner's, of another database."""
    with connect(maintenance_url) as connection:
        if connection.execute("select from pg_database where datname = %s", [name]).fetchone() is None:
            try:
                connection.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))
            except (errors.DuplicateDatabase, errors.UniqueViolation):
                return


@contextmanager
def connect(url: str) -> Iterator[Connection]:
    """An autocommitting connection to PostgreSQL 15 or newer; OperatorError, without the password, when it fails."""
    address = _plain(url)
    try:
        connection = psycopg.connect(address, autocommit=True, connect_timeout=5)
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[-1].strip()
        raise OperatorError(f"The database {_shown(address)} cannot be reached: {reason}") from error
    with connection:
        version = connection.info.server_version // 10_000
        if version < OLDEST_VERSION:
            raise OperatorError(f"PostgreSQL {OLDEST_VERSION} or newer is needed; {_shown(address)} is {version}.")
        yield connection


def newest_step() -> str:
    """The newest migration that this program knows, read off the file names."""
    return max(path.stem.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def _is_current(owner: Connection, settings: Settings) -> bool:
    """Whether there is nothing to migrate: the newest step is reached, and the wall has this secret's key."""
    from app.kernel.context import ContextSigner

    key = ContextSigner(settings.secret.get_secret_value()).pads
    query = "select version_num, inner_pad, outer_pad from alembic_version, wall.signing_key"
    try:
        return owner.execute(query).fetchone() == (newest_step(), *key)
    except (errors.UndefinedTable, errors.InvalidSchemaName):
        return False


def _upgrade(settings: Settings, owner_url: str) -> None:
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import NullPool, create_engine
    from sqlalchemy.exc import OperationalError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    engine = create_engine(owner_url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool)
    with engine.begin() as connection:
        config.attributes.update(connection=connection, settings=settings)
        try:
            command.upgrade(config, "head")
        except OperationalError as error:
            if isinstance(error.orig, errors.LockNotAvailable):
                raise OperatorError("The tables to migrate are in use; try again when it is quieter.") from error
            raise


def _ensure_roles(owner: Connection, program_url: str, *, refresh: bool) -> None:
    """Make the roles that are missing, and give the program's its password again where ``refresh`` allows it.

    Roles belong to the whole server, where programs on other databases may be doing the same just now.
    """
    parts = urlsplit(program_url)
    name, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not name:
        raise OperatorError("TILLSAMMANS_DATABASE_URL must name the program's database role.")
    try:
        if name != PROGRAM_ROLE:
            _create_role(owner, PROGRAM_ROLE, sql.SQL("nologin"))
        _create_role(owner, name, _login(owner, name, password))
        if not _fetch(owner, "select pg_has_role(%s, %s, 'usage')", name, PROGRAM_ROLE):
            owner.execute(sql.SQL("grant {} to {}").format(sql.Identifier(PROGRAM_ROLE), sql.Identifier(name)))
        if refresh:
            _refresh_login(owner, program_url, name, password)
    except errors.InsufficientPrivilege as error:
        raise OperatorError(
            f"The database role {owner.info.user} may not make the role {name}: let a superuser "
            f"`create role {name} login password …` and `grant {PROGRAM_ROLE} to {name}`, or give it CREATEROLE."
        ) from error


def _create_role(owner: Connection, name: str, login: sql.Composable) -> None:
    if not _fetch(owner, "select exists (select from pg_roles where rolname = %s)", name):
        try:
            owner.execute(sql.SQL("create role {} {}").format(sql.Identifier(name), login))
        except (errors.DuplicateObject, errors.UniqueViolation):
            return


def _refresh_login(owner: Connection, program_url: str, name: str, password: str) -> None:
    for _ in range(10):
        try:
            psycopg.connect(program_url, connect_timeout=5).close()
            return
        except psycopg.OperationalError:
            try:
                owner.execute(sql.SQL("alter role {} {}").format(sql.Identifier(name), _login(owner, name, password)))
            except errors.InternalError_:  # "tuple concurrently updated": somebody else gives the same password
                continue


def _login(owner: Connection, name: str, password: str) -> sql.Composable:
    """The password goes as its SCRAM verifier: a server that logs statements does not log the password."""
    if not password:
        return sql.SQL("login")
    verifier = owner.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
    return sql.SQL("login password {}").format(sql.Literal(verifier))


def _fetch(connection: Connection, query: LiteralString, *values: str) -> object:
    """The first value of the first row."""
    row = connection.execute(query, values).fetchone()
    return row[0] if row else None


def _plain(url: str) -> str:
    """The address as libpq wants it; SQLAlchemy's way of naming the driver is understood."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.partition("+")[0] not in {"postgresql", "postgres"}:
        raise OperatorError("A database address looks like postgresql://user:password@host:5432/name.")
    return f"postgresql://{rest}"


def _shown(address: str) -> str:
    """An address fit for a message: user, host and name, without the password."""
    try:
        parts = conninfo_to_dict(address)
    except psycopg.ProgrammingError:
        return "(not an address PostgreSQL understands)"
    return f"{parts.get('dbname', '')} of {parts.get('user', '')} on {parts.get('host', 'the local socket')}"
