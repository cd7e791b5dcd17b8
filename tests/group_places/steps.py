"""Steps towards a place in a contact group of Vingåker's, all over HTTP."""

from typing import Any

import httpx

from app.demo.staff import YOUTH_ONE
from tests.builders import Json, free, made
from tests.contact_groups.steps import an_open_group, leads
from tests.group_queues.steps import a_vingaker_child, in_line, offered

YOUNG: Json = {
    "givenName": "Liam", "birthDate": "2010-10-07", "identifiers": [{"type": "personnummer", "value": YOUTH_ONE}],
}  # fmt: skip


async def a_led_group(manager: httpx.AsyncClient, **fields: Any) -> Json:
    """An open group for every grade, led by ``vingaker.leader``; ``vingaker.leader2`` does not lead it."""
    group = await an_open_group(manager, **{"gradeMin": 0, "gradeMax": 9, **fields})
    await made(await leads(manager, group, "vingaker.leader", fromOn="2026-01-01"))
    return group


async def a_young_child(manager: httpx.AsyncClient, **fields: Any) -> Json:
    """A child who is ``youth.one`` and has two guardians."""
    await free(manager, YOUTH_ONE)
    return await a_vingaker_child(manager, **YOUNG, **fields)


async def accept(client: httpx.AsyncClient, offer: Json, **body: Any) -> httpx.Response:
    """Yes to an offer, as it is answered."""
    return await client.post(f"/offers/{offer['id']}/acceptance", json=body)


async def give(client: httpx.AsyncClient, group: Json, entry: Json, **body: Any) -> httpx.Response:
    """A place by decision, as it is answered."""
    return await client.post(f"/contact-groups/{group['id']}/places", json={"queueEntryId": entry["id"], **body})


async def a_place(manager: httpx.AsyncClient, group: Json, child: Json | None = None, **body: Any) -> Json:
    """A place given by decision to a child, one of its own unless one is given."""
    entry = await in_line(manager, group, child or await a_vingaker_child(manager), wishedBy="guardian")
    return await made(await give(manager, group, entry, **{"skipReason": "Direkt plats.", **body}))


async def an_offer(manager: httpx.AsyncClient, group: Json, child: Json) -> Json:
    """An offer to a child who stands in the group's line for its guardian's wish."""
    return await offered(manager, await in_line(manager, group, child, wishedBy="guardian"), skipReason="Direkt.")


async def end(client: httpx.AsyncClient, place: Json, **body: Any) -> httpx.Response:
    """The end of a place, as it is answered."""
    return await client.post(f"/places/{place['id']}/ending", json=body)


async def seen(client: httpx.AsyncClient, place: Json) -> Json:
    """The place as this caller reads it now."""
    return await made(await client.get(f"/places/{place['id']}"))


async def due_of(client: httpx.AsyncClient, place: Json) -> dict[str, str]:
    """What is due of a place, and when, as the group's unit sees it."""
    page = await made(await client.get("/deadlines", params={"subjectId": place["id"], "limit": 50}))
    return {item["code"]: item["dueAt"] for item in page["items"]}
