"""The database: one pool, one transaction per request, prepared reads and the ORM on the same connection.

Reads are Core selects compiled once (``Prepared``) and run straight on psycopg; changes go through the ORM session
(house rule 7). Nothing here commits by itself: the door does (house rule 2).
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache, cached_property, lru_cache
from typing import Any, ParamSpec, TypeAlias, cast

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.types.json import set_json_loads
from psycopg_pool import AsyncConnectionPool
from pydantic_core import from_json, to_json
from sqlalchemy import ClauseElement, MetaData, Select
from sqlalchemy.dialects.postgresql.psycopg import PGDialectAsync_psycopg
from sqlalchemy.engine.interfaces import Compiled
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import NullPool

set_json_loads(from_json)  # lists carry a few JSON columns a row, and Python's own reader is slow on bytes

Row = dict[str, Any]
AnySelect: TypeAlias = Select[*tuple[Any, ...]]
Shape = ParamSpec("Shape")

_DIALECT = PGDialectAsync_psycopg()  # type: ignore[no-untyped-call]


class Base(DeclarativeBase):
    """The base of every table."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )

    def __init__(self, **stated: Any) -> None:
        """A new record with these columns; taken over at once, because setting each by itself was half of a deed."""
        if unknown := stated.keys() - _columns(type(self)):
            raise TypeError(f"{type(self).__name__} has no {', '.join(sorted(unknown))}")
        vars(self).update(stated)


@cache
def _columns(model: type[Base]) -> frozenset[str]:
    return frozenset(model.__table__.columns.keys())


class Prepared:
    """A Core statement compiled once, when it first runs; its named parameters are given at each run."""

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement

    @cached_property
    def sql(self) -> str:
        """The statement as psycopg runs it."""
        sql = str(self._compiled)
        if "POSTCOMPILE" in sql:
            raise TypeError("a prepared statement compares with any_(array), not with in_(list)")
        return sql

    @cached_property
    def _compiled(self) -> Compiled:
        return self._statement.compile(dialect=_DIALECT)

    @cached_property
    def _constants(self) -> dict[str, Any]:
        return {name: value for name, value in self._compiled.params.items() if value is not None}

    def bind(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The statement's own constants, joined by this run's values."""
        return {**self._constants, **values}


def prepared(build: Callable[Shape, ClauseElement]) -> Callable[Shape, Prepared]:
    """Compile what ``build`` returns once per shape: the arguments say which filters and order are in use."""
    return cast(
        Callable[Shape, Prepared],
        lru_cache(maxsize=512)(lambda *args, **kwargs: Prepared(build(*args, **kwargs))),
    )


class Transaction:
    """One transaction on one connection: ``one``/``all`` for reads, ``session`` for changes."""

    def __init__(self, connection: AsyncConnection[Any], session: AsyncSession | None) -> None:
        self.connection = connection
        self._session = session
        self._cursor = connection.cursor(row_factory=dict_row)

    @property
    def session(self) -> AsyncSession:
        """The ORM session; a reading transaction has none."""
        if self._session is None:
            raise RuntimeError("a GET builds no ORM object")
        return self._session

    async def all(self, query: Prepared, **values: Any) -> list[Row]:
        """Every row of a prepared statement."""
        return await self.rows(query.sql, query.bind(values))

    async def one(self, query: Prepared, **values: Any) -> Row | None:
        """The first row of a prepared statement, or none."""
        rows = await self.rows(query.sql, query.bind(values))
        return rows[0] if rows else None

    async def rows(self, sql: str, values: Mapping[str, Any] | Sequence[Any] = ()) -> list[Row]:
        """Rows of a statement written by hand: the kernel's own, and the wall's functions."""
        await self._cursor.execute(sql.encode(), values)
        # Not cursor.description: it describes every column anew each time it is asked.
        return await self._cursor.fetchall() if self._cursor.rownumber is not None else []

    async def insert(self, records: Iterable[Base]) -> None:
        """New records, with one statement for each table: in the order in which the tables first come.

        What a record does not state takes the column's default. The session does not hear of them: whoever changes one
        later loads it.
        """
        tables: dict[str, dict[frozenset[str], list[Row]]] = defaultdict(lambda: defaultdict(list))
        for record in records:
            row = {name: value for name, value in vars(record).items() if name != "_sa_instance_state"}
            tables[record.__tablename__][frozenset(row)].append(row)
        for table, groups in tables.items():
            for columns, rows in groups.items():
                await self.insert_rows(table, tuple(sorted(columns)), rows)

    async def insert_rows(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Rows of one table in one statement, as JSON: binding each value takes three times as long.

        What all rows share goes once, as the record that the others are told on top of.
        """
        first, names = rows[0], ", ".join(columns)
        shared = {name: first[name] for name in columns if all(row[name] is first[name] for row in rows)}
        varying = [name for name in columns if name not in shared]
        base = f"jsonb_populate_record(null::{table}, %s::jsonb)"
        await self.rows(
            f"insert into {table} ({names}) "  # noqa: S608 - names of models
            f"select {names} from jsonb_populate_recordset({base}, %s::jsonb)",
            [to_json(shared).decode(), to_json([{name: row[name] for name in varying} for row in rows]).decode()],
        )

    async def flush(self) -> None:
        """Write what the session holds; a reading transaction holds nothing."""
        if self._session is not None:
            await self._session.flush()

    async def commit(self) -> None:
        """Make everything durable; only the door calls this."""
        await (self._session or self.connection).commit()

    async def rollback(self) -> None:
        """Leave the database as it was."""
        await (self._session or self.connection).rollback()


async def _remember_statements(connection: AsyncConnection[Any]) -> None:
    """Every statement of the program stays prepared: there are a few hundred, psycopg keeps a hundred."""
    connection.prepared_max = 1000


class Database:
    """The program's pool, as the role that neither owns the tables nor passes row-level security."""

    def __init__(
        self, url: str, *, pool_size: int, timeout: float, statement_timeout: float, prepares: bool = True,
        idle: int = 4, idle_seconds: float = 600.0,
    ) -> None:  # fmt: skip
        self._pool = AsyncConnectionPool(
            url,
            min_size=min(idle, pool_size),
            max_size=pool_size,
            max_idle=idle_seconds,
            timeout=timeout,
            open=False,
            reconnect_timeout=10,  # after an outage the pool tries again soon, however long it lasted
            close_returns=True,
            configure=_remember_statements,
            kwargs={
                "options": f"-c timezone=UTC -c statement_timeout={int(statement_timeout * 1000)} "
                f"-c idle_in_transaction_session_timeout={int(statement_timeout * 4000)}",
                "prepare_threshold": 0 if prepares else None,
            },
        )
        self._engine: AsyncEngine = create_async_engine(
            "postgresql+psycopg://",
            async_creator=self._pool.getconn,
            poolclass=NullPool,
            use_native_hstore=False,
        )

    @property
    def pool(self) -> AsyncConnectionPool:
        """The connections themselves, for the queue of jobs."""
        return self._pool

    async def open(self) -> None:
        """Start the pool; connections are made in the background so that the program starts without a database."""
        await self._pool.open()

    async def close(self) -> None:
        """Return what is held and stop."""
        await self._engine.dispose()
        await self._pool.close()

    @asynccontextmanager
    async def transaction(self, *, write: bool) -> AsyncIterator[Transaction]:
        """A transaction that is rolled back unless the caller commits it.

        Raises ``psycopg_pool.PoolTimeout`` or ``psycopg.OperationalError`` when the database is away.
        """
        if not write:
            async with self._pool.connection() as connection:
                transaction = Transaction(connection, None)
                try:
                    yield transaction
                finally:
                    if not connection.closed and not connection.broken:
                        await connection.rollback()
            return
        async with AsyncSession(self._engine, expire_on_commit=False) as session:
            raw = await (await session.connection()).get_raw_connection()
            yield Transaction(cast(AsyncConnection[Any], raw.driver_connection), session)
