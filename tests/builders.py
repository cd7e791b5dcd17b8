"""One function per aggregate, all over HTTP: what a test needs before its own story begins."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from app.demo.directory import UNIT_RECORDS, UNITS
from app.demo.staff import GUARDIAN_ONE, GUARDIAN_TWO, USER_IDS

Json = dict[str, Any]


def authority_of(unit: str) -> str:
    """The authority that a demo unit belongs to."""
    return str(UNIT_RECORDS[unit].authority_id)


async def made(answer: httpx.Response) -> Json:
    """The record that an answer holds, or the problem that it names."""
    assert answer.status_code in (200, 201), answer.text
    record: Json = answer.json()
    return record


def problem(answer: httpx.Response) -> tuple[int, str]:
    """What an answer says is wrong: its status, and the problem's code."""
    return answer.status_code, answer.json().get("code", "")


def changing(record: Json) -> dict[str, str]:
    """The header that says which version is changed."""
    return {"if-match": f'"v{record["version"]}"'}


def guardian(number: str | None, name: str, custody: str = "joint") -> Json:
    """A guardian with custody, recognised by a personal number."""
    person: Json = {"givenName": name, "familyName": "Sandell", "relation": "parent", "custody": custody}
    if number:
        person["identifier"] = {"type": "personnummer", "value": number}
    return person


async def a_child(client: httpx.AsyncClient, **fields: Any) -> Json:
    """A child of the caller's unit; without guardians unless they are given."""
    body = {"givenName": "Alma", "familyName": "Sandell", "birthDate": "2014-05-06", "municipalityCode": "0461"}
    return await made(await client.post("/children", json={**body, **fields}))


async def free(client: httpx.AsyncClient, number: str) -> None:
    """No child of the caller's unit has this personal number any longer, whichever test gave it to one."""
    found = await client.post("/child-lookups", json={"identifier": {"type": "personnummer", "value": number}})
    if found.status_code != 200:
        return
    address = f"/children/{found.json()['childId']}/identifiers"
    for item in (await made(await client.get(address)))["items"]:
        tag = {"if-match": f'"v{item["version"]}"'}
        await made(await client.patch(f"{address}/{item['id']}", json={"validTo": "2026-01-01"}, headers=tag))


async def a_child_with_two_guardians(client: httpx.AsyncClient, **fields: Any) -> Json:
    """A child whose guardians are the demo users ``guardian.one`` and ``guardian.two``, with joint custody."""
    return await a_child(client, guardians=[guardian(GUARDIAN_ONE, "Maria"), guardian(GUARDIAN_TWO, "Johan")], **fields)


async def a_draft(client: httpx.AsyncClient, child: Json | None = None, **fields: Any) -> Json:
    """A case as a draft, about a child of its own unless one is given."""
    child = child or await a_child(client, familyName=f"Sandell-{uuid4().hex[:6]}")
    body = {"childId": child["id"], "entryRoute": "professional", "reasonText": "Trivs inte, kommer sällan."}
    return await made(await client.post("/cases", json={**body, **fields}))


async def a_case(client: httpx.AsyncClient, child: Json | None = None, contact: str = "gnesta.school") -> Json:
    """An active case with its named contact."""
    draft = await a_draft(client, child)
    body = {"analysisResult": "cooperation_needed", "namedContactId": str(USER_IDS[contact])}
    return await made(await client.post(f"/cases/{draft['id']}/activation", json=body))


async def invited(client: httpx.AsyncClient, case: Json, unit: str) -> Json:
    """A demo unit invited into the circle."""
    return await made(await client.post(f"/cases/{case['id']}/members", json={"unitId": str(UNITS[unit])}))


async def guardianships(client: httpx.AsyncClient, child_id: str) -> list[str]:
    """The guardianships of a child with custody, by given name."""
    items = (await made(await client.get(f"/children/{child_id}/guardians")))["items"]
    return [item["id"] for item in sorted(items, key=lambda item: item["givenName"], reverse=True)]


async def a_consent(
    client: httpx.AsyncClient,
    case: Json,
    units: list[str],
    categories: list[str],
    *,
    days: int = 90,
    at: datetime | None = None,
    answered: bool = False,
    **fields: Any,
) -> Json:
    """A consent asked of both guardians: first Maria, then Johan."""
    now = at or datetime.now(UTC)
    child_id = case["child"]["id"]
    reply = {"answer": {"answer": "given", "givenHow": "written"}} if answered else {}
    body = {
        "childId": child_id, "caseId": case["id"], "purpose": "Samordna stöd i skola och hemma.",
        "receivingAuthorityIds": [authority_of(unit) for unit in units], "categories": categories,
        "validTo": (now + timedelta(days=days)).isoformat(),
        "information": {"textVersion": "samtycke-2026-1", "language": "sv"},
        "requirement": {"route": "all_givers", "confirmedReason": "Gemensam vårdnad enligt folkbokföringen."},
        "givers": [
            {"kind": "guardian", "guardianshipId": one, **reply} for one in await guardianships(client, child_id)
        ],
    }  # fmt: skip
    return await made(await client.post("/consents", json={**body, **fields}))
