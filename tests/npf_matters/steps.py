"""What the tests of matters begin with: a team at work, a child whose guardians have consented, a matter brought."""

from typing import Any

import httpx

from tests.builders import Json, a_case, a_child_with_two_guardians, a_consent, made

BUP, IFO, SCHOOL = "region-bup-nykoping", "gnesta-ifo", "gnesta-skola"
ANONYMOUS = {
    "anonymous": True, "ageBand": "10-12", "question": "Hur bryter vi skolfrånvaron?",
    "needsAndFunctioning": "Trött av ljud, behöver förberedas på byten.",
}  # fmt: skip


async def a_childs_case(school: httpx.AsyncClient) -> Json:
    """A case of the school about a child with two guardians: whose consents the matters of a module rest on."""
    return await a_case(school, await a_child_with_two_guardians(school))


async def consented(school: httpx.AsyncClient, case: Json, *units: str, **fields: Any) -> Json:
    """A consent that both guardians have given: social services and BUP may know what the school knows."""
    categories = fields.pop("categories", ["school"])
    return await a_consent(school, case, list(units or (IFO, BUP)), categories, answered=True, **fields)


def about(case: Json, *consents: Json, **fields: Any) -> Json:
    """The body of a matter about the case's child."""
    return {
        "anonymous": False, "childId": case["child"]["id"], "consentIds": [one["id"] for one in consents],
        "question": "Hur hjälper vi Alma tillbaka till skolan?",
        "needsAndFunctioning": "Orkar förmiddagen, behöver en lugn plats.", **fields,
    }  # fmt: skip


def matters_of(team: Json) -> str:
    """Where a team's matters are listed."""
    return f"/npf-teams/{team['id']}/matters"


def at(matter: Json) -> str:
    """Where a matter stands."""
    return f"/npf-teams/{matter['teamId']}/matters/{matter['id']}"


async def brought(client: httpx.AsyncClient, team: Json, body: Json) -> Json:
    """A matter that was brought to the team."""
    return await made(await client.post(matters_of(team), json=body))


async def deed(client: httpx.AsyncClient, matter: Json, path: str, **body: Any) -> Json:
    """``POST …/matters/{matterId}/{path}``: what comes of a deed that succeeds."""
    return await made(await client.post(f"{at(matter)}/{path}", json=body))


async def discussed(client: httpx.AsyncClient, team: Json, body: Json) -> Json:
    """A matter that the team has discussed."""
    return await deed(client, await brought(client, team, body), "discussion")


async def seen(client: httpx.AsyncClient, team: Json, **filters: Any) -> list[str]:
    """The matters that somebody hears of in a team's list."""
    page = await made(await client.get(matters_of(team), params={"limit": 200, "includeTotal": True, **filters}))
    assert page["_meta"]["totalRecords"] == len(page["items"])
    return [item["id"] for item in page["items"]]
