"""What the tests of referrals need before their own story begins."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
from dateutil.relativedelta import relativedelta

from app.demo.directory import UNITS
from app.kernel.clock import stockholm_date
from tests.builders import Json, a_child_with_two_guardians, a_consent, made
from tests.family_centres.steps import a_part, an_open_centre

PATH = "/family-centre-referrals"
REASON = "Somnar sent och vill inte gå hemifrån."


def born(years: int, days: int = 40) -> str:
    """The birth date of somebody who turned that old so many days ago."""
    today: date = stockholm_date(datetime.now(UTC))
    return (today - relativedelta(years=years) - timedelta(days=days)).isoformat()


async def the_centre(manager: httpx.AsyncClient, **fields: Any) -> Json:
    """Gnesta's familjecentral for 0–6, open."""
    return await an_open_centre(manager, **fields)


async def the_0_18_centre(manager: httpx.AsyncClient) -> Json:
    """A way of working for 0–18 with a youth clinic for 13–23, open; ``clinic`` is the id of that part."""
    centre = await an_open_centre(
        manager, "school", "preventive_social", "bhv", kind="way_of_working_0_18", name="Gnesta 0–18", ageMax=18
    )
    address = f"/family-centres/{centre['id']}/parts"
    part = a_part("youth_clinic", name="Ungdomsmottagningen", ageMin=13, ageMax=23)
    return {**centre, "clinic": (await made(await manager.post(address, json=part)))["id"]}


async def a_child_of(client: httpx.AsyncClient, years: int = 5, **fields: Any) -> Json:
    """A child with both guardians of the demo, of the caller's unit."""
    fields.setdefault("familyName", f"Sandell-{uuid4().hex[:6]}")
    return await a_child_with_two_guardians(client, birthDate=born(years), **fields)


async def the_consent(
    client: httpx.AsyncClient, child: Json, units: list[str], categories: list[str] | None = None, **fields: Any
) -> Json:
    """Both guardians' consent about a child, given."""
    about = {"id": None, "child": child}
    return await a_consent(client, about, units, categories or ["contact", "school"], answered=True, **fields)


def a_referral(centre: Json, child: Json | None = None, **fields: Any) -> Json:
    """What is sent to write a referral."""
    about = {"childId": child["id"]} if child else {}
    body = {"centreId": centre["id"], "kindOfNeed": "parenting", "reason": REASON, "contact": "Ring efter fyra."}
    return {**body, **about, **fields}


async def a_draft(client: httpx.AsyncClient, centre: Json, child: Json, **fields: Any) -> Json:
    """A referral that is not sent yet."""
    return await made(await client.post(PATH, json=a_referral(centre, child, **fields)))


async def a_sent(client: httpx.AsyncClient, centre: Json, child: Json, consent: Json, **fields: Any) -> Json:
    """A referral on its way."""
    draft = await a_draft(client, centre, child, consentId=consent["id"], **fields)
    return await take(client, draft, "sending")


async def take(client: httpx.AsyncClient, referral: Json, deed: str, **body: Any) -> Json:
    """One step that succeeds."""
    return await made(await client.post(f"{PATH}/{referral['id']}/{deed}", json=body))


async def refused(client: httpx.AsyncClient, referral: Json, deed: str, **body: Any) -> tuple[int, str]:
    """One step that does not: status and code."""
    answer = await client.post(f"{PATH}/{referral['id']}/{deed}", json=body)
    return answer.status_code, answer.json().get("code", "")


async def a_sign_in(client: httpx.AsyncClient, child: Json) -> str:
    """The subject of a young person's own sign-in."""
    subject = f"young-{uuid4().hex[:12]}"
    await made(await client.post(f"/children/{child['id']}/account", json={"subject": subject}))
    return subject


def unit(name: str) -> str:
    """The id of a demo unit."""
    return str(UNITS[name])
