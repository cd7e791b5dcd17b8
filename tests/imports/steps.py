"""Files handed in and worked through, as tests of imports need them."""

import json
from collections.abc import Callable
from typing import Any

import httpx

from app.imports.worker import work
from app.kernel.http.door import Kernel
from tests.builders import Json

Clients = Callable[[str | None], httpx.AsyncClient]

NDJSON = {"content-type": "application/x-ndjson"}
CSV = {"content-type": "text/csv"}


def lines(*records: Json) -> bytes:
    """Records as an NDJSON file."""
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def offer(number: int | str, **fields: Any) -> Json:
    """A support offer as a line."""
    return {
        "recordKind": "support_offer", "sourceSystem": "tests", "sourceId": str(number), "kind": "advice_talks",
        "nameSv": f"Samtal {number}", "nameEn": f"Talks {number}", "summarySv": "Stöd.", "summaryEn": "Support.",
        "audiences": ["guardians"], "identityRecording": "none", **fields,
    }  # fmt: skip


async def hand_in(client: httpx.AsyncClient, content: bytes, media: Json = NDJSON, **options: Any) -> httpx.Response:
    """A file handed in; ``key`` is its Idempotency-Key, the rest are parameters."""
    headers = dict(media)
    if key := options.pop("key", None):
        headers["idempotency-key"] = key
    return await client.post(options.pop("path", "/imports"), content=content, headers=headers, params=options)


async def worked(kernel: Kernel) -> int:
    """Everything that is due is done; in how many steps."""
    steps = 0
    while await work(kernel):
        steps += 1
    return steps


async def imported(
    kernel: Kernel, client: httpx.AsyncClient, content: bytes, media: Json = NDJSON, **options: Any
) -> Json:
    """An import handed in and done, with its report under ``lines``."""
    answer = await hand_in(client, content, media, **options)
    assert answer.status_code == 202, answer.text
    await worked(kernel)
    path = f"/imports/{answer.json()['id']}"
    return {**(await client.get(path)).json(), "lines": await report(client, path)}


async def report(client: httpx.AsyncClient, path: str, **filters: Any) -> list[Json]:
    """The answers to the lines."""
    answer = await client.get(f"{path}/results", params=filters)
    assert answer.headers["content-type"].startswith("application/x-ndjson"), answer.text
    return [json.loads(line) for line in answer.text.splitlines()]
