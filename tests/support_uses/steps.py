"""What several of these tests begin with: somebody uses an offer."""

from typing import Any

import httpx

from tests.builders import Json, made
from tests.support_offers.steps import PATH


async def used(client: httpx.AsyncClient, offer: Json, **body: Any) -> httpx.Response:
    """Somebody uses the offer."""
    return await client.post(f"{PATH}/{offer['id']}/uses", json=body)


async def begun(client: httpx.AsyncClient, offer: Json, **body: Any) -> Json:
    """A use of the offer, as its unit reads it."""
    recorded = await made(await used(client, offer, **body))
    return await made(await client.get(f"{PATH}/{offer['id']}/uses/{recorded['useId']}"))


async def do(client: httpx.AsyncClient, use: Json, deed: str, **body: Any) -> httpx.Response:
    """One deed with a use."""
    return await client.post(f"{PATH}/{use['offerId']}/uses/{use['id']}/{deed}", json=body)


async def counted(client: httpx.AsyncClient, offer: Json, **period: str) -> list[Json]:
    """How many used the offer, by period."""
    page = await made(await client.get(f"{PATH}/{offer['id']}/use-counts", params=period))
    items: list[Json] = page["items"]
    return items
