"""Which statements a request really executes: the bare endpoints must do the same, or the comparison says nothing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from unittest.mock import patch

import httpx
from asgi_lifespan import LifespanManager
from fastapi import FastAPI
from psycopg import AsyncConnection, AsyncCursor
from psycopg.pq import TransactionStatus

_heard: ContextVar[list[str] | None] = ContextVar("heard", default=None)


@contextmanager
def _listening() -> Iterator[None]:
    """Hear what every psycopg cursor is told, the ORM's too; background jobs run in contexts of their own."""
    execute, commit = AsyncCursor.execute, AsyncConnection.commit

    async def heard(cursor: Any, query: Any, *args: Any, **options: Any) -> Any:
        if (said := _heard.get()) is not None:
            text = query.decode() if isinstance(query, bytes) else str(query)
            said.append(" ".join(text.split()))
        return await execute(cursor, query, *args, **options)

    async def committed(connection: Any) -> None:
        said = _heard.get()
        if said is not None and connection.info.transaction_status is not TransactionStatus.IDLE:
            said.append("commit")
        await commit(connection)

    with patch.object(AsyncCursor, "execute", heard), patch.object(AsyncConnection, "commit", committed):
        yield


async def executed(app: FastAPI, calls: dict[str, list[httpx.Request]]) -> dict[str, tuple[list[str], Any]]:
    """For each deed the statements of its last request, when everything is warm, and the JSON that it answers."""
    found: dict[str, tuple[list[str], Any]] = {}
    with _listening():
        async with LifespanManager(app), httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
            for deed, requests in calls.items():
                for request in requests:
                    said: list[str] = []
                    token = _heard.set(said)
                    answer = await client.send(request)
                    _heard.reset(token)
                    answer.raise_for_status()
                    found[deed] = said, json.loads(answer.content)
    return found


def outline(statements: list[str]) -> list[str]:
    """What each statement is: ``insert into cases``, ``select wall.join_circle``, or the start of a longer select."""
    return [statement.split("(")[0][:60].strip().lower().replace('"', "") for statement in statements]


def difference(ours: Any, bare: Any) -> str | None:
    """Where two answers differ in shape, links apart; values of a new record are its own."""
    if isinstance(ours, dict) and isinstance(bare, dict):
        if ours.keys() != bare.keys():
            return f"fields {sorted(ours.keys() ^ bare.keys())}"
        found = (difference(ours[key], bare[key]) for key in ours.keys() - {"_links"})
        return next(filter(None, found), None)
    if isinstance(ours, list) and isinstance(bare, list):
        if len(ours) != len(bare):
            return f"{len(ours)} and {len(bare)} items"
        return next(filter(None, map(difference, ours, bare)), None)
    return None if type(ours) is type(bare) else f"{type(ours)} and {type(bare)}"
