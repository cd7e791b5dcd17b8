"""What the tests of NPF teams begin with: BUP forms a team with social services and school."""

from collections.abc import Callable
from typing import Any

import httpx

from app.demo.directory import UNITS
from app.demo.staff import EVERYBODY, USER_IDS
from tests.builders import Json, made

ClientFor = Callable[[str | None], httpx.AsyncClient]

#: BUP first: its team lead forms the team and leads it.
GNESTA = ("region.bup", "gnesta.social", "gnesta.school")
PLAN = {"planText": "Vi möts varannan vecka, och börjar med skolfrånvaro.", "planYear": 2026}


def standing(subject: str, unit: str | None = None) -> Json:
    """The body of a membership: a demo user for their own unit, unless another is named."""
    own = next(person.unit for person in EVERYBODY if person.subject == subject)
    return {"userId": str(USER_IDS[subject]), "unitId": str(UNITS[unit or own or ""])}


async def step(client: httpx.AsyncClient, team: Json, path: str, **body: Any) -> Json:
    """``POST /npf-teams/{teamId}/{path}``: what comes of a deed that succeeds."""
    return await made(await client.post(f"/npf-teams/{team['id']}/{path}", json=body))


async def a_team(client: httpx.AsyncClient, **fields: Any) -> Json:
    """A team that forms in Gnesta."""
    return await made(await client.post("/npf-teams", json={"municipalityCode": "0461", "name": "NPF-team", **fields}))


async def a_full_team(client: httpx.AsyncClient, *subjects: str) -> Json:
    """A team that plans, with everything it needs in order to work."""
    team = await a_team(client, **PLAN)
    for subject in subjects or GNESTA:
        await step(client, team, "members", **standing(subject))
    await step(client, team, "lead", userId=str(USER_IDS["region.bup"]))
    await step(client, team, "planning")
    return await step(client, team, "plan-adoption", adoptedOn="2026-01-15")


async def an_operative_team(client: httpx.AsyncClient, *subjects: str) -> Json:
    """A team at work."""
    team = await a_full_team(client, *subjects)
    return await step(client, team, "operation")


async def membership(client: httpx.AsyncClient, team: Json, subject: str) -> str:
    """The address of a demo user's membership."""
    items = (await made(await client.get(f"/npf-teams/{team['id']}/members")))["items"]
    found = next(item["id"] for item in items if item["userId"] == str(USER_IDS[subject]) and item["toOn"] is None)
    return f"/npf-teams/{team['id']}/members/{found}"
