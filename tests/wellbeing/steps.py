"""What the tests of wheels begin with."""

from datetime import date
from typing import Any
from uuid import uuid4

import httpx

from app.wheel_templates.models import THE_EIGHT
from tests.builders import Json, a_case, a_child_with_two_guardians, made

#: The proposed Swedish wheel: without a scale, and with one of four steps.
PLAIN = "00000004-0006-7000-a000-000000000001"
OFTEN = "00000004-0006-7000-a000-000000000002"
SAFE = {"strengths": ["Trygg hos mormor"], "ownWords": [{"text": "Hos mormor är det lugnt."}]}
ACHIEVING = {"challenges": ["Svårt att börja läsa"]}


def born(years: int) -> str:
    """A birth date of somebody who is that old, on whichever day the tests are run."""
    return date(date.today().year - years - 1, 12, 31).isoformat()


def entries(**said: Json) -> list[Json]:
    """All eight dimensions; those without words were not discussed."""
    return [{"dimension": each, **said.get(each, {"notDiscussed": True})} for each in map(str, THE_EIGHT)]


def wheel(case: Json, **fields: Any) -> Json:
    """The body of a wheel in a case, with something about two of the eight."""
    return {
        "childId": case["child"]["id"],
        "caseId": case["id"],
        "templateId": PLAIN,
        "respondent": "child",
        "heldOn": "2026-02-02",
        "setting": "På skolan, med mentorn",
        "entries": entries(safe=SAFE, achieving=ACHIEVING),
        **fields,
    }


async def a_draft_wheel(client: httpx.AsyncClient, case: Json, **fields: Any) -> Json:
    """A wheel that nobody else has seen."""
    return await made(await client.post("/wellbeing-assessments", json=wheel(case, **fields)))


async def shared(client: httpx.AsyncClient, drafted: Json, **fields: Any) -> Json:
    """A wheel that the family has been shown."""
    return await made(await client.post(f"{path(drafted)}/sharing", json=fields))


async def confirmed(client: httpx.AsyncClient, drafted: Json, **fields: Any) -> Json:
    """A wheel that says what was meant."""
    body = {"confirmedHow": "together", **fields}
    return await made(await client.post(f"{path(drafted)}/confirmation", json=body))


async def a_confirmed_wheel(client: httpx.AsyncClient, case: Json, **fields: Any) -> Json:
    """A wheel from draft to confirmed, by the unit."""
    drafted = await a_draft_wheel(client, case, **fields)
    return await confirmed(client, await shared(client, drafted, visibleToGuardians=True))


async def a_family_case(client: httpx.AsyncClient, years: int = 8) -> Json:
    """An active case about a child of that age with two guardians."""
    return await a_case(client, await a_child_with_two_guardians(client, birthDate=born(years)))


async def young_person(client: httpx.AsyncClient, case: Json) -> str:
    """The child's own sign-in."""
    subject = f"young-{uuid4().hex}"
    await made(await client.post(f"/children/{case['child']['id']}/account", json={"subject": subject}))
    return subject


def path(assessment: Json) -> str:
    return f"/wellbeing-assessments/{assessment['id']}"


def told(assessment: Json) -> dict[str, Json]:
    """The entries by dimension."""
    return {entry["dimension"]: entry for entry in assessment["entries"]}
