"""A receiver that does as it is told, and what makes the program's queue move when the test says so."""

import asyncio
import json
import ssl
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, NamedTuple

import httpx
import psycopg

from app.events import service as events
from app.kernel.http.door import Kernel
from app.webhooks import worker
from app.webhooks.sending import Sender
from tests.builders import Json, made
from tests.conftest import AdjustableClock

Clients = Callable[[str | None], httpx.AsyncClient]
OwnerDb = psycopg.Connection[Json]

PATH = "/webhook-subscriptions"
MANAGER = "gnesta.schoolmanager"
SILENCE = "silence"


class Heard(NamedTuple):
    """One request that a receiver got."""

    headers: dict[str, str]
    body: str

    @property
    def event(self) -> Json:
        """The CloudEvent."""
        event: Json = json.loads(self.body)
        return event


class Receiver:
    """Answers with the next of ``answers`` (a status, or ``SILENCE``), and 204 when there is none."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.answers: deque[int | str] = deque()
        self.port = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/heard"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, one answer, and good-bye."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:-2])}
            body = await reader.readexactly(int(headers["content-length"]))
            self.heard.append(Heard(headers, body.decode()))
            answer = self.answers.popleft() if self.answers else 204
            if answer == SILENCE:
                await reader.read()
            else:
                writer.write(f"HTTP/1.1 {answer} So\r\nlocation: {self.url}\r\ncontent-length: 0\r\n\r\n".encode())
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    @asynccontextmanager
    async def listening(self, context: ssl.SSLContext | None = None) -> AsyncIterator["Receiver"]:
        """At a port of its own, the same one when it listens again; nobody is there before and afterwards."""
        server = await asyncio.start_server(self.answer, "127.0.0.1", self.port, ssl=context)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self


async def subscribed(client: httpx.AsyncClient, url: str, **fields: Any) -> Json:
    """A subscription with its secret; to support offers unless told otherwise."""
    return await made(await client.post(PATH, json={"url": url, "recordTypes": ["support_offer"], **fields}))


async def an_event(client: httpx.AsyncClient, **fields: Any) -> Json:
    """Something happens that the manager of the school may know of."""
    body = {
        "kind": "advice_talks", "nameSv": "Samtal", "nameEn": "Talks", "summarySv": "Stöd.", "summaryEn": "Support.",
        "audiences": ["guardians"], "identityRecording": "none", **fields,
    }  # fmt: skip
    return await made(await client.post("/support-offers", json=body))


async def told(kernel: Kernel) -> None:
    """What has happened becomes deliveries."""
    await events.place_all(kernel.database)
    await worker.tell(kernel)


async def sent(kernel: Kernel, sender: Sender | None = None) -> None:
    """What has happened is told, and what is due is sent."""
    await told(kernel)
    await worker.work(kernel, sender, wait=False)


async def later(kernel: Kernel, clock: AdjustableClock, owner_db: OwnerDb, step: timedelta) -> None:
    """Time passes, also for the queue, and what is due then is sent."""
    clock.advance(step)
    owner_db.execute("update procrastinate_jobs set scheduled_at = scheduled_at - %s where status = 'todo'", [step])
    owner_db.commit()
    await sent(kernel)


async def now(client: httpx.AsyncClient, subscription: Json) -> Json:
    """The subscription as it is now."""
    return await made(await client.get(f"{PATH}/{subscription['id']}"))


async def deliveries(client: httpx.AsyncClient, subscription: Json, **filters: Any) -> list[Json]:
    """Its deliveries, oldest first."""
    page = await made(await client.get(f"{PATH}/{subscription['id']}/deliveries", params=filters))
    items: list[Json] = page["items"]
    return items[::-1]


async def took(client: httpx.AsyncClient, subscription: Json, deed: str, **body: Any) -> Json:
    """A deed of a subscription."""
    return await made(await client.post(f"{PATH}/{subscription['id']}/{deed}", json=body))
