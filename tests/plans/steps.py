"""The common story of the plans: a school's case, social services and BUP in it by consent, a SIP on its way."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from app.demo.directory import AUTHORITIES, UNITS
from app.demo.staff import USER_IDS
from tests.builders import Json, a_case, a_child_with_two_guardians, a_consent, invited, made

ClientFor = Callable[[str | None], httpx.AsyncClient]

IFO, BUP = "gnesta-ifo", "region-bup-nykoping"
SHARED = ["contact", "plan", "meeting_notes", "wheel"]
CHILD = {"present": False, "prepared": True, "missingReason": "Ville hellre skicka en teckning."}


async def a_circle(client_for: ClientFor, *units: str, **child: Any) -> Json:
    """An active case of the school with two guardians; social services and BUP are invited, or these units."""
    school = client_for("gnesta.school")
    case = await a_case(school, await a_child_with_two_guardians(school, **child))
    for unit in units or (IFO, BUP):
        await invited(school, case, unit)
    return case


async def asked(client_for: ClientFor, case: Json, *units: str, **fields: Any) -> Json:
    """A consent that both guardians are asked for, with everything that a plan needs."""
    categories = fields.pop("categories", SHARED)
    return await a_consent(client_for("gnesta.school"), case, list(units or (IFO, BUP)), categories, **fields)


async def answers(client_for: ClientFor, consent: Json, *said: str) -> Json:
    """The guardians answer one after the other: both say yes, unless more is said."""
    for guardian, answer in zip(("guardian.one", "guardian.two"), said or ("given", "given"), strict=False):
        path = f"/consents/{consent['id']}/answers"
        consent = await made(await client_for(guardian).post(path, json={"answer": answer}))
    return consent


async def given(client_for: ClientFor, case: Json, *units: str, **fields: Any) -> Json:
    """A consent that both guardians have given, on paper."""
    return await asked(client_for, case, *units, answered=True, **fields)


async def withdrawn(client: httpx.AsyncClient, consent: Json) -> None:
    """A guardian takes it back."""
    await made(await client.post(f"/consents/{consent['id']}/withdrawal"))


def needed(case: Json, **fields: Any) -> Json:
    """The body of a new plan: a SIP that the school asks for, unless more is said."""
    return {
        "caseId": case["id"], "kind": "sip", "initiatorKind": "professional",
        "needReason": "Alma kommer sällan till skolan, och flera behöver hjälpas åt.", **fields,
    }  # fmt: skip


async def a_plan(client: httpx.AsyncClient, case: Json, **fields: Any) -> Json:
    """A plan whose need has been seen."""
    return await made(await client.post("/plans", json=needed(case, **fields)))


async def deed(client: httpx.AsyncClient, plan: Json, path: str, **body: Any) -> Json:
    """``POST /plans/{planId}/{path}``: the plan as it is after a deed that succeeds."""
    return await made(await client.post(f"/plans/{plan['id']}/{path}", json=body))


async def change(client: httpx.AsyncClient, plan: Json, **fields: Any) -> httpx.Response:
    """``PATCH /plans/{planId}`` at whatever version it has."""
    return await client.patch(f"/plans/{plan['id']}", json=fields, headers={"if-match": "*"})


async def read(client: httpx.AsyncClient, plan: Json) -> Json:
    """The plan as somebody sees it now."""
    return await made(await client.get(f"/plans/{plan['id']}"))


async def linked(client: httpx.AsyncClient, plan: Json, *consents: Json) -> Json:
    """The plan rests on these consents, or waits for them."""
    return await deed(client, plan, "consents", consentIds=[consent["id"] for consent in consents])


async def prepared(client: httpx.AsyncClient, plan: Json, **fields: Any) -> Json:
    """The meeting is prepared; the school chairs, writes and is mainly responsible, unless more is said."""
    school = str(USER_IDS["gnesta.school"])
    roles = {"chairId": school, "documenterId": school, "mainResponsibleId": school}
    question = "Hur kan Alma komma tillbaka till skolan?"
    return await deed(client, plan, "preparation", **{"question": question, **roles, **fields})


async def a_called_meeting(client: httpx.AsyncClient, plan: Json, *units: str) -> tuple[Json, list[Json]]:
    """A meeting about the plan that social services and BUP, or these units, are called to; and its invitations."""
    starts = datetime.now(UTC) + timedelta(days=14)
    school = str(USER_IDS["gnesta.school"])
    body = {
        "caseId": plan["caseId"], "planId": plan["id"], "meetingType": "sip", "startsAt": starts.isoformat(),
        "endsAt": (starts + timedelta(hours=1)).isoformat(), "chairUserId": school, "documenterUserId": school,
        "question": "Hur kan Alma komma tillbaka till skolan?",
    }  # fmt: skip
    meeting = await made(await client.post("/meetings", json=body))
    whom = {"unitIds": [str(UNITS[unit]) for unit in units or (IFO, BUP)]}
    invitations = await made(await client.post(f"/meetings/{meeting['id']}/invitations", json=whom))
    return meeting, invitations["items"]


async def held(client: httpx.AsyncClient, meeting: Json, invitations: list[Json]) -> Json:
    """The meeting has taken place, and everybody came."""
    attended = [{"invitationId": one["id"], "attended": True} for one in invitations]
    body = {"attended": attended, "childParticipation": CHILD}
    return await made(await client.post(f"/meetings/{meeting['id']}/attendance", json=body))


async def met(client: httpx.AsyncClient, plan: Json, *units: str) -> Json:
    """The plan after its meeting was called and held."""
    await held(client, *await a_called_meeting(client, plan, *units))
    return await read(client, plan)


async def a_prepared_sip(client_for: ClientFor, **child: Any) -> tuple[Json, Json, Json]:
    """Case, SIP and consent: consented by both guardians, and prepared by the school."""
    school = client_for("gnesta.school")
    case = await a_circle(client_for, **child)
    consent = await given(client_for, case)
    plan = await linked(school, await a_plan(school, case), consent)
    return case, await prepared(school, plan), consent


async def a_drafted_sip(client_for: ClientFor, **child: Any) -> tuple[Json, Json, Json]:
    """Case, SIP and consent: the meeting has been, and the plan is being written."""
    school = client_for("gnesta.school")
    case, plan, consent = await a_prepared_sip(client_for, **child)
    await held(school, *await a_called_meeting(school, plan))
    return case, await deed(school, plan, "drafting"), consent


def overall() -> Json:
    """The overall responsibility: the municipality, by the school's own board."""
    return {
        "overallPrincipal": "municipality", "overallAuthorityId": str(AUTHORITIES["gnesta-utbildning"]),
        "mainResponsibleId": str(USER_IDS["gnesta.school"]),
    }  # fmt: skip


async def due(client: httpx.AsyncClient, plan: Json) -> dict[str, Json]:
    """What is due of the plan for the caller's unit, by code."""
    items = (await made(await client.get(f"/deadlines?subjectId={plan['id']}&limit=50")))["items"]
    return {item["code"]: item for item in items}
