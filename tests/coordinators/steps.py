"""What a test of coordination needs before its own story begins."""

from datetime import date
from typing import Any

import httpx

from app.demo.directory import UNITS
from app.demo.staff import USER_IDS
from tests.builders import Json, a_case, a_child_with_two_guardians, a_consent, invited, made

UNIT_OF = {
    "gnesta.coordinator": "gnesta-samordning", "gnesta.school": "gnesta-skola", "gnesta.school2": "gnesta-skola",
    "gnesta.otherschool": "gnesta-skola-2", "gnesta.schoolmanager": "gnesta-skola", "region.bup": "region-bup-nykoping",
}  # fmt: skip


def person(subject: str) -> Json:
    """A user and the unit that they work in."""
    return {"userId": str(USER_IDS[subject]), "unitId": str(UNITS[UNIT_OF[subject]])}


async def a_joint_case(client: httpx.AsyncClient, *, at: Any = None, **child: Any) -> Json:
    """A case of the school with BUP and the coordination function in it, on both guardians' consent."""
    case = await a_case(client, await a_child_with_two_guardians(client, **child))
    for unit in ("gnesta-samordning", "region-bup-nykoping"):
        await invited(client, case, unit)
    await a_consent(client, case, ["gnesta-samordning", "region-bup-nykoping"], ["plan", "contact"],
                    answered=True, at=at, days=300)  # fmt: skip
    return case


async def ask(client: httpx.AsyncClient, case: Json, subject: str, **fields: Any) -> httpx.Response:
    """Somebody is asked to coordinate."""
    body = {**person(subject), "reason": "Familjen vill ha en enda person att ringa.", **fields}
    return await client.post(f"/cases/{case['id']}/coordinators", json=body)


async def asked(client: httpx.AsyncClient, case: Json, subject: str) -> Json:
    """The assignment of somebody who was asked."""
    assignment: Json = (await made(await ask(client, case, subject)))["assignment"]
    return assignment


def address(assignment: Json) -> str:
    """Where an assignment stands."""
    return f"/cases/{assignment['caseId']}/coordinators/{assignment['id']}"


async def answer(client: httpx.AsyncClient, assignment: Json, deed: str, **body: Any) -> httpx.Response:
    """Accept, decline, withdraw or hand over."""
    return await client.post(f"{address(assignment)}/{deed}", json=body)


async def a_coordinator(client: httpx.AsyncClient, case: Json, theirs: httpx.AsyncClient, subject: str) -> Json:
    """Somebody who was asked and has accepted."""
    return await made(await answer(theirs, await asked(client, case, subject), "acceptance"))


def next_one(subject: str, **fields: Any) -> Json:
    """The body of a hand-over."""
    to = person(subject)
    return {"toUserId": to["userId"], "toUnitId": to["unitId"], "reason": "Byter tjänst.", **fields}


async def whom_to_call(client: httpx.AsyncClient, case: Json) -> Json:
    """The one answer."""
    return await made(await client.get(f"/cases/{case['id']}/whom-to-call"))


async def is_away(
    client: httpx.AsyncClient, subject: str, deputy: str | None = None, *, first: date, last: date | None = None
) -> httpx.Response:
    """Somebody is reported away."""
    body: Json = {"userId": str(USER_IDS[subject]), "fromOn": first.isoformat(), "reason": "leave"}
    body |= {"toOn": last.isoformat()} if last else {}
    body |= {"deputyUserId": str(USER_IDS[deputy])} if deputy else {}
    return await client.post("/coordinator-absences", json=body)


async def protect(client: httpx.AsyncClient, case: Json) -> None:
    """The child becomes protected, and whoever did it has stated why."""
    path = f"/children/{case['child']['id']}"
    child = await client.get(path)
    body = {"protectedIdentity": "sekretessmarkering"}
    await made(await client.patch(path, json=body, headers={"if-match": child.headers["etag"]}))
    await made(await client.post(f"{path}/checkpoints", json={"reason": "Eget ärende."}))
