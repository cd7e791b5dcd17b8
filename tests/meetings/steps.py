"""What the tests of meetings begin with."""

from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from app.demo.directory import UNITS
from app.demo.staff import USER_IDS
from tests.builders import a_case, a_child_with_two_guardians, a_consent, invited, made

Json = dict[str, Any]

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
IN_TWO_WEEKS = MONDAY + timedelta(days=14)
PART = {"present": False, "prepared": True, "missingReason": "Ville hellre skicka en teckning."}
SHARED = ["plan", "contact", "meeting_notes"]


async def a_shared_case(client: httpx.AsyncClient, *units: str, at: datetime = MONDAY, **fields: Any) -> Json:
    """An active case of the school with two guardians, and these units in it by consent."""
    case = await a_case(client, await a_child_with_two_guardians(client, **fields))
    for unit in units:
        await invited(client, case, unit)
    if units:
        await a_consent(client, case, list(units), SHARED, at=at, answered=True)
    return case


async def on_monday(clock: Any, story: Awaitable[Json]) -> Json:
    """What happens on the day of these tests: for fixtures of a module, which have no ``clock`` of a test."""
    clock.set(MONDAY)
    try:
        return await story
    finally:
        clock.release()


def planned(case: Json, **fields: Any) -> Json:
    """The body of a new SIP meeting, chaired and documented by the school."""
    return {
        "caseId": case["id"],
        "meetingType": "sip",
        "startsAt": IN_TWO_WEEKS.isoformat(),
        "endsAt": (IN_TWO_WEEKS + timedelta(hours=1)).isoformat(),
        "place": "Grundskolan i Gnesta, rum 3",
        "chairUserId": str(USER_IDS["gnesta.school"]),
        "documenterUserId": str(USER_IDS["gnesta.school"]),
        "question": "Hur kan Alma komma tillbaka till skolan?",
        "agenda": ["Nuläge", "Vem gör vad"],
        **fields,
    }


async def a_meeting(client: httpx.AsyncClient, case: Json, **fields: Any) -> Json:
    """A planned meeting."""
    return await made(await client.post("/meetings", json=planned(case, **fields)))


async def call(client: httpx.AsyncClient, meeting: Json, *units: str, **fields: Any) -> dict[str, Json]:
    """Call these units; the invitations by unit's name or party."""
    body = {"unitIds": [str(UNITS[unit]) for unit in units], **fields}
    page = await made(await client.post(f"/meetings/{meeting['id']}/invitations", json=body))
    names = {str(UNITS[unit]): unit for unit in UNITS}
    return {names.get(item["unitId"], item["name"] or item["party"]): item for item in page["items"]}


def everybody(invitations: dict[str, Json], *absent: str, **fields: Any) -> Json:
    """The body of an attendance: everybody came but these."""
    attended = [{"invitationId": one["id"], "attended": who not in absent} for who, one in invitations.items()]
    return {"attended": attended, "childParticipation": PART, **fields}


async def held(client: httpx.AsyncClient, case: Json, *units: str, absent: tuple[str, ...] = (), **fields: Any) -> Json:
    """A meeting that has taken place."""
    meeting = await a_meeting(client, case, **fields)
    invitations = await call(client, meeting, *units)
    body = everybody(invitations, *absent)
    return await made(await client.post(f"/meetings/{meeting['id']}/attendance", json=body))


def address(invitation: Json) -> str:
    """Where an invitation stands."""
    return f"/meetings/{invitation['meetingId']}/invitations/{invitation['id']}"


async def due(client: httpx.AsyncClient, meeting: Json) -> dict[str, Json]:
    """What the caller's unit has to do about a meeting, by code."""
    items = (await made(await client.get(f"/deadlines?subjectId={meeting['id']}")))["items"]
    return {item["code"]: item for item in items}
