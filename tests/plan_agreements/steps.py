"""The common story goes on: a SIP that is written, accepted, and in effect."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import httpx

from tests.builders import Json, made
from tests.plan_contents.steps import a_goal, a_need, added, an_action
from tests.plans.steps import BUP, IFO, a_drafted_sip, change, deed, overall

ClientFor = Callable[[str | None], httpx.AsyncClient]
SCHOOL, SOCIAL, CARE = "gnesta.school", "gnesta.social", "region.bup"
PARTIES = (SCHOOL, SOCIAL, CARE)


class Written(NamedTuple):
    """A SIP with everything in it that R7.2 asks for, except acceptances."""

    case: Json
    plan: Json
    consent: Json
    goal: Json
    actions: dict[str, Json]


def in_days(days: int) -> str:
    """A day from today on."""
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


def day(value: str) -> date:
    """A day as JSON says it."""
    return date.fromisoformat(value)


async def an_action_of_each(client_for: ClientFor, plan: Json) -> dict[str, Json]:
    """The school, social services, BUP and the family each have an action of their own."""
    school = client_for(SCHOOL)
    return {
        SCHOOL: await added(school, plan, an_action("gnesta-skola", description="En egen plats i klassrummet.")),
        SOCIAL: await added(client_for(SOCIAL), plan, an_action(IFO, description="Samtal med familjen varje vecka.")),
        CARE: await added(client_for(CARE), plan, an_action(BUP, "region", description="Utredning på mottagningen.")),
        "family": await added(school, plan, an_action(None, "family", description="Vi äter frukost tillsammans.")),
    }


async def a_written_sip(client_for: ClientFor, **child: Any) -> Written:
    """One goal, and an action of each."""
    school = client_for(SCHOOL)
    case, plan, consent = await a_drafted_sip(client_for, **child)
    goal = await a_goal(school, plan, await a_need(school, plan))
    actions = await an_action_of_each(client_for, plan)
    texts = {"childView": "Jag vill ha rast med Elsa.", "nextFollowUpOn": in_days(60), "plainText": "Du får hjälp."}
    plan = await made(await change(school, plan, **texts, **overall()))
    return Written(case, plan, consent, goal, actions)


async def accept(client: httpx.AsyncClient, plan: Json, **body: Any) -> httpx.Response:
    """The caller's party accepts its own part."""
    return await client.post(f"/plans/{plan['id']}/approvals", json=body)


async def accepted(client_for: ClientFor, plan: Json, *parties: str) -> None:
    """These parties accept; every unit, unless some are named."""
    for party in parties or PARTIES:
        await made(await accept(client_for(party), plan))


async def an_active_sip(client_for: ClientFor, **child: Any) -> Written:
    """A SIP that is in effect, in its first version."""
    written = await a_written_sip(client_for, **child)
    await accepted(client_for, written.plan)
    return written._replace(plan=await deed(client_for(SCHOOL), written.plan, "activation"))


async def parties(client: httpx.AsyncClient, plan: Json) -> dict[str, Json]:
    """The parties as somebody sees them, by unit or kind."""
    items = (await made(await client.get(f"/plans/{plan['id']}/parties")))["items"]
    return {item["unitName"] or item["kind"]: item for item in items}


async def listed(client: httpx.AsyncClient, plan: Json, what: str) -> list[Json]:
    """A list that belongs to a plan."""
    items: list[Json] = (await made(await client.get(f"/plans/{plan['id']}/{what}")))["items"]
    return items
