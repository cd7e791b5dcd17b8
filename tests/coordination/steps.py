"""What several of these tests begin with: a request to Gnesta's desk, and what the desk does with it."""

from typing import Any

import httpx

from app.demo.directory import DESKS
from tests.builders import Json, made

PATH = "/coordination-requests"
GNESTA_DESK = str(DESKS[0].id)
FIVE_QUESTIONS = {
    "whatStandsInTheWay": "Sömnen och morgnarna.",
    "doIHaveTheInformation": "Skolans bild saknas.",
    "whatCanIDoNow": "Ringa hem i dag.",
    "whatCanMyServiceDoNow": "Erbjuda ett samtal.",
    "whatFurtherHelpIsNeeded": "Elevhälsan.",
}


async def asked(client: httpx.AsyncClient, **fields: Any) -> Json:
    """A request to Gnesta's desk."""
    body = {"deskId": GNESTA_DESK, "subject": "Hur får vi hjälp med morgnarna?"}
    return await made(await client.post(PATH, json={**body, **fields}))


async def told(client: httpx.AsyncClient, request: Json) -> Json:
    """The request as this caller reads it now."""
    return await made(await client.get(f"{PATH}/{request['id']}"))


async def do(client: httpx.AsyncClient, request: Json, deed: str, **body: Any) -> httpx.Response:
    """One deed with a request."""
    return await client.post(f"{PATH}/{request['id']}/{deed}", json=body)


async def triaged(client: httpx.AsyncClient, request: Json, **body: Any) -> Json:
    """The request after an ordinary triage."""
    found = {"fiveQuestions": FIVE_QUESTIONS, "suspectedHarm": False}
    return await made(await do(client, request, "triage", **{**found, **body}))


async def handled_outside(client: httpx.AsyncClient, request: Json, **body: Any) -> Json:
    """The request after a triage that showed suspected harm."""
    return await made(await do(client, request, "triage", **{"suspectedHarm": True, **body}))


async def corrected(client: httpx.AsyncClient, request: Json, **body: Any) -> httpx.Response:
    """A correction at the version that the request has."""
    tag = {"if-match": f'"v{request["version"]}"'}
    return await client.patch(f"{PATH}/{request['id']}", json=body, headers=tag)


async def listed(client: httpx.AsyncClient, **query: Any) -> list[Json]:
    """The first page of a list of requests, the newest first unless told otherwise."""
    page = await made(await client.get(PATH, params={"limit": 200, "sortOrder": "desc", **query}))
    items: list[Json] = page["items"]
    return items
