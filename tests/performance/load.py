"""The load: keep-alive connections that each send the next request as soon as the answer is whole.

Written by hand on asyncio, in a process of its own, so that the generator is not what is measured.
"""

import asyncio
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import cast

import uvloop

CLIENTS = 16
PATIENCE_SECONDS = 20

_LENGTH = re.compile(rb"\r\ncontent-length: ?(\d+)\r\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Requests:
    """Raw requests to choose from, and the status that each of them must be answered with."""

    raw: Sequence[bytes]
    status: int
    once: bool = False


@dataclass(slots=True)
class Round:
    """What one round measured; ``milliseconds`` is the time to answer of every request."""

    seconds: float = 0.0
    milliseconds: list[float] = field(default_factory=list)
    fault: str | None = None

    @property
    def rate(self) -> float:
        """Requests per second."""
        return len(self.milliseconds) / self.seconds


def drive(port: int, requests: Requests, seconds: float) -> Round:
    """Send for some seconds; RuntimeError at the first answer with another status."""
    done = uvloop.run(_drive(port, requests, seconds))
    if done.fault:
        raise RuntimeError(done.fault)
    return done


async def _drive(port: int, requests: Requests, seconds: float) -> Round:
    done, loop = Round(), asyncio.get_running_loop()
    waiting = iter(requests.raw) if requests.once else cycle(requests.raw)
    begun = time.perf_counter()
    clients = [_Client(waiting, requests.status, begun + seconds, done) for _ in range(CLIENTS)]
    for client in clients:
        await loop.create_connection(lambda client=client: client, "127.0.0.1", port)  # type: ignore[misc]
    async with asyncio.timeout(seconds + PATIENCE_SECONDS):
        await asyncio.gather(*(client.closed for client in clients))
    done.seconds = time.perf_counter() - begun
    return done


class _Client(asyncio.Protocol):
    """One connection."""

    def __init__(self, waiting: Iterator[bytes], status: int, until: float, done: Round) -> None:
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting = waiting
        self._wanted = f"HTTP/1.1 {status} ".encode()
        self._until = until
        self._done = done
        self._answer = b""
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.closed.done():
            self._done.fault = self._done.fault or f"the connection was lost: {exc}"
            self.closed.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head = self._answer.find(b"\r\n\r\n")
        length = _LENGTH.search(self._answer, 0, head + 2) if head > 0 else None
        if length is None or len(self._answer) < head + 4 + int(length[1]):
            return
        now = time.perf_counter()
        self._done.milliseconds.append((now - self._sent) * 1000)
        if not self._answer.startswith(self._wanted):
            self._done.fault = self._answer.decode(errors="replace")
        self._answer = b""
        self._next()

    def _next(self) -> None:
        self._sent = time.perf_counter()
        request = next(self._waiting, None) if self._sent < self._until and not self._done.fault else None
        if request is None:
            self.closed.set_result(None)
            self._transport.close()
        else:
            self._transport.write(request)
