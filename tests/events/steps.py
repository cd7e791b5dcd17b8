"""How a consumer follows the feed."""

from typing import Any

import httpx

from tests.builders import Json, made

PATH = "/events"


async def asked(client: httpx.AsyncClient, **query: Any) -> Json:
    """One answer of the feed."""
    return await made(await client.get(PATH, params=query))


async def end(client: httpx.AsyncClient) -> str:
    """The cursor of whoever begins now."""
    cursor: str = (await asked(client, start="now"))["cursor"]
    return cursor


async def since(client: httpx.AsyncClient, cursor: str, **query: Any) -> list[Json]:
    """Everything that this consumer is told behind a cursor."""
    found: list[Json] = []
    while True:
        page = await asked(client, cursor=cursor, **query)
        found += page["items"]
        if page["cursor"] == cursor:
            return found
        cursor = page["cursor"]


async def told(client: httpx.AsyncClient, cursor: str, **query: Any) -> list[tuple[str, str]]:
    """The same, as pairs of record and operation."""
    return [(event["data"]["recordId"], event["data"]["operation"]) for event in await since(client, cursor, **query)]
