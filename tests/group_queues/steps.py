"""What the tests of the queue begin with: children of Vingåker's, and wishes for a place in it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from app.demo.staff import GUARDIAN_ONE, GUARDIAN_TWO
from tests.builders import Json, a_child, authority_of, guardian, guardianships, made

ENTRIES = "/queue-entries"
VINGAKER = "0428"


async def a_vingaker_child(client: httpx.AsyncClient, **fields: Any) -> Json:
    """A child of the caller's unit, whose guardians are the demo users ``guardian.one`` and ``guardian.two``."""
    family = [guardian(GUARDIAN_ONE, "Maria"), guardian(GUARDIAN_TWO, "Johan")]
    return await a_child(client, municipalityCode=VINGAKER, **{"guardians": family, **fields})


async def wish(client: httpx.AsyncClient, group: Json, child: Json, **fields: Any) -> httpx.Response:
    """A wish for a place in a group, as it is answered."""
    body = {"childId": child["id"], "grade": 4}
    return await client.post(f"/contact-groups/{group['id']}/queue-entries", json={**body, **fields})


async def in_line(client: httpx.AsyncClient, group: Json, child: Json | None = None, **fields: Any) -> Json:
    """A wish that was taken; about a child of its own unless one is given."""
    child = child or await a_child(client, municipalityCode=VINGAKER)
    return await made(await wish(client, group, child, **fields))


async def do(client: httpx.AsyncClient, entry: Json, deed: str, **body: Any) -> httpx.Response:
    """One deed with an entry."""
    return await client.post(f"{ENTRIES}/{entry['id']}/{deed}", json=body)


async def told(client: httpx.AsyncClient, entry: Json) -> Json:
    """The entry as this caller reads it now."""
    return await made(await client.get(f"{ENTRIES}/{entry['id']}"))


async def corrected(client: httpx.AsyncClient, entry: Json, **body: Any) -> httpx.Response:
    """A correction at the version that the entry has."""
    return await client.patch(f"{ENTRIES}/{entry['id']}", json=body, headers={"if-match": f'"v{entry["version"]}"'})


async def offered(client: httpx.AsyncClient, entry: Json, **body: Any) -> Json:
    """An offer made to an entry."""
    return await made(await do(client, entry, "offers", **body))


async def line_of(client: httpx.AsyncClient, group: Json, **query: Any) -> list[Json]:
    """A group's line as this caller reads it."""
    page = await made(await client.get(f"/contact-groups/{group['id']}/queue-entries", params={"limit": 200, **query}))
    items: list[Json] = page["items"]
    return items


async def a_consent_about(
    client: httpx.AsyncClient, child: Json, *, unit: str = "vingaker-kontaktgrupper",
    categories: Sequence[str] = ("contact",), answered: bool = True, at: datetime | None = None, days: int = 30,
    **fields: Any,
) -> Json:  # fmt: skip
    """A consent of both guardians about a child; asked of them, or answered in writing."""
    reply = {"answer": {"answer": "given", "givenHow": "written"}} if answered else {}
    body = {
        "childId": child["id"], "purpose": "Plats i kontaktgrupp.",
        "receivingAuthorityIds": [authority_of(unit)], "categories": list(categories),
        "validTo": ((at or datetime.now(UTC)) + timedelta(days=days)).isoformat(),
        "information": {"textVersion": "samtycke-2026-1", "language": "sv"},
        "requirement": {"route": "all_givers", "confirmedReason": "Gemensam vårdnad enligt folkbokföringen."},
        "givers": [
            {"kind": "guardian", "guardianshipId": one, **reply} for one in await guardianships(client, child["id"])
        ],
    }  # fmt: skip
    return await made(await client.post("/consents", json={**body, **fields}))


async def answers(client: httpx.AsyncClient, consent: Json, answer: str) -> Json:
    """A family member's own answer to a consent."""
    return await made(await client.post(f"/consents/{consent['id']}/answers", json={"answer": answer}))


def places_of(entries: Sequence[Json]) -> list[tuple[str, int | None]]:
    """Who stands where."""
    return [(entry["id"], entry["rank"]) for entry in entries]
