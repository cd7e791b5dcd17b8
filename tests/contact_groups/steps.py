"""Steps towards a contact group of Vingåker's, all over HTTP but for its places: those know nobody."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx

from app.demo.staff import USER_IDS
from app.kernel.http.door import Kernel
from app.places import service as places
from app.places.line import Moving
from tests.builders import Json, made

A_GROUP: Json = {
    "name": "Onsdagsgruppen", "term": "HT2026", "weekday": 3, "startsAt": "15:00", "endsAt": "17:00",
    "defaultDecisionType": "without_needs_assessment",
}  # fmt: skip


async def a_group(manager: httpx.AsyncClient, **fields: Any) -> Json:
    """A planned group of the caller's unit."""
    return await made(await manager.post("/contact-groups", json={**A_GROUP, **fields}))


async def an_open_group(manager: httpx.AsyncClient, **fields: Any) -> Json:
    """A group that offers its places."""
    group = await a_group(manager, **fields)
    return await made(await manager.post(f"/contact-groups/{group['id']}/opening", json={}))


async def leads(manager: httpx.AsyncClient, group: Json, who: str, **fields: Any) -> httpx.Response:
    """Somebody is made a leader of a group."""
    body = {"userId": str(USER_IDS[who]), "policeRecordCheckedOn": "2026-01-15", **fields}
    return await manager.post(f"/contact-groups/{group['id']}/leaders", json=body)


async def a_session(client: httpx.AsyncClient, group: Json, day: date, **fields: Any) -> httpx.Response:
    """A session of a group is planned."""
    return await client.post(f"/contact-groups/{group['id']}/sessions", json={"heldOn": day.isoformat(), **fields})


async def claimed(kernel: Kernel, group: Json, *, taken: int = 0, offered: int = 0, waiting: int = 0) -> None:
    """So many places of a group are taken or offered, and so many wait; nobody knows for whom."""
    async with kernel.database.transaction(write=True) as tx:
        moving = Moving(tx, datetime.now(UTC))
        for number in range(taken + offered + waiting):
            claim_id = uuid4()
            await places.join(moving, UUID(group["id"]), claim_id)
            if number < taken:
                await places.place(moving, claim_id, skipping=True)
            elif number < taken + offered:
                await places.offer(moving, claim_id, skipping=True)
        await tx.commit()
