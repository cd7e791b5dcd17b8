"""What the tests of a plan's contents begin with."""

from typing import Any

import httpx

from app.demo.directory import UNITS
from tests.builders import Json, made

ANY = {"if-match": "*"}


async def a_need(client: httpx.AsyncClient, plan: Json, **fields: Any) -> Json:
    """A need in two dimensions of the wheel."""
    body = {"wheelDimensions": ["achieving", "included"], "description": "Alma orkar inte hela skoldagar."}
    return await made(await client.post(f"/plans/{plan['id']}/needs", json={**body, **fields}))


async def a_goal(client: httpx.AsyncClient, plan: Json, need: Json | None = None, **fields: Any) -> Json:
    """A goal for a need, which is written first unless one is given."""
    need = need or await a_need(client, plan)
    body = {"needId": need["id"], "text": "Alma är i skolan varje förmiddag.", "horizon": "short"}
    return await made(await client.post(f"/plans/{plan['id']}/goals", json={**body, **fields}))


def an_action(unit: str | None = None, principal: str = "municipality", **fields: Any) -> Json:
    """The body of an action of a demo unit."""
    body: Json = {"principal": principal, "description": "Kontakt med hemmet varje vecka."}
    return {**body, **({"unitId": str(UNITS[unit])} if unit else {}), **fields}


async def added(client: httpx.AsyncClient, plan: Json, body: Json) -> Json:
    """An action in the plan."""
    return await made(await client.post(f"/plans/{plan['id']}/actions", json=body))


async def patched(client: httpx.AsyncClient, address: str, **fields: Any) -> httpx.Response:
    """A change at whatever version it has."""
    return await client.patch(address, json=fields, headers=ANY)


async def due(client: httpx.AsyncClient, action: Json) -> dict[str, Json]:
    """What is due of an action for the caller's unit, by code."""
    items = (await made(await client.get(f"/deadlines?subjectId={action['id']}&limit=50")))["items"]
    return {item["code"]: item for item in items}
