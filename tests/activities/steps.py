"""Activities of the family centre in Gnesta, over HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.builders import Json, made

#: A Monday; the tests' activities begin a week later.
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
WEEK = timedelta(days=7)
UNIT = "gnesta.familycentre"


def at(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def a_body(**fields: Any) -> Json:
    """A Komet meeting for parents, a week after the Monday, without a number of places."""
    body = {
        "type": "komet_meeting", "titleSv": "Komet-träff", "titleEn": "Komet meeting", "audiences": ["guardians"],
        "startsAt": at(MONDAY + WEEK), "endsAt": at(MONDAY + WEEK + timedelta(hours=2)), "place": "Biblioteket",
    }  # fmt: skip
    return {**body, **fields}


async def an_activity(client: httpx.AsyncClient, **fields: Any) -> Json:
    """A planned activity of the caller's unit."""
    return await made(await client.post("/activities", json=a_body(**fields)))


async def opened(client: httpx.AsyncClient, **fields: Any) -> Json:
    """An activity that is open for registration; for parents and for children."""
    activity = await an_activity(client, **{"capacity": 2, "audiences": ["guardians", "children"], **fields})
    return await made(await client.post(f"/activities/{activity['id']}/opening", json={}))
