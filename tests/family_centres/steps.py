"""What a test about family centres needs before its own story begins."""

from typing import Any

import httpx

from app.demo.directory import UNITS
from tests.builders import Json, made

HOURS = [{"weekday": 1, "opens": "08:00", "closes": "12:00"}]
#: The four parts of a familjecentral, and the demo units whose they are.
FOUR = {
    "mhv": "region-mhv-gnesta",
    "bhv": "region-bvc-gnesta",
    "open_preschool": "gnesta-oppen-forskola",
    "preventive_social": "gnesta-familjecentral",
}
UNIT_OF = {
    **FOUR,
    "student_health": "gnesta-elevhalsa",
    "school": "gnesta-skola",
    "youth_clinic": "region-ungdomsmottagning-gnesta",
}


def a_part(kind: str, **fields: Any) -> Json:
    """A part of Gnesta's, with its demo unit as its owner."""
    return {
        "type": kind,
        "name": f"Delen {kind}",
        "unitId": str(UNITS[UNIT_OF[kind]]),
        "fromOn": "2019-09-02",
        **fields,
    }


async def a_centre(client: httpx.AsyncClient, *parts: str, kind: str = "familjecentral", **fields: Any) -> Json:
    """A planned centre of Gnesta's family unit with these parts."""
    body = {"kind": kind, "unitId": str(UNITS["gnesta-familjecentral"]), "name": "Familjecentralen i Gnesta"}
    centre = await made(await client.post("/family-centres", json={**body, "openingHours": HOURS, **fields}))
    for part in parts:
        await made(await client.post(f"/family-centres/{centre['id']}/parts", json=a_part(part)))
    return await made(await client.get(f"/family-centres/{centre['id']}"))


async def an_open_centre(client: httpx.AsyncClient, *parts: str, **fields: Any) -> Json:
    """An open centre; a whole familjecentral unless parts are named. Open since September 2019."""
    centre = await a_centre(client, *(parts or FOUR), **fields)
    return await made(await client.post(f"/family-centres/{centre['id']}/opening", json={"openedOn": "2019-09-02"}))
