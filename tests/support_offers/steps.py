"""What several of these tests begin with: an offer of a demo unit."""

from typing import Any

import httpx

from app.demo.catalogue import GNESTA_OFFERS as GNESTA_OFFERS
from tests.builders import Json, made

PATH = "/support-offers"
TALKS, COOPERATION, KOMET, NPF, NEXT_OF_KIN, CENTRE, CLINIC = (offered.body for offered in GNESTA_OFFERS)


async def offered(client: httpx.AsyncClient, body: Json, **fields: Any) -> Json:
    """An offer of the client's unit."""
    return await made(await client.post(PATH, json={**body, **fields}))


async def told(client: httpx.AsyncClient, offer: Json, **options: Any) -> Json:
    """The offer as this client reads it now."""
    return await made(await client.get(f"{PATH}/{offer['id']}", **options))


async def listed(client: httpx.AsyncClient, **query: Any) -> set[str]:
    """The ids of a list of offers."""
    page = await made(await client.get(PATH, params={"limit": 200, **query}))
    return {item["id"] for item in page["items"]}
