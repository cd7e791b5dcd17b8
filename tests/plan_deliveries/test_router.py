"""Copies over HTTP: within the scope of consent, and acknowledged by whoever was given them."""

from uuid import uuid4

import httpx
import pytest

from app.demo.directory import UNITS
from tests.builders import Json, guardianships, invited, made, problem
from tests.plan_agreements.steps import CARE, SCHOOL, SOCIAL, ClientFor, Written, an_active_sip, listed
from tests.plans.steps import BUP, IFO

pytestmark = pytest.mark.database


async def copies(client: httpx.AsyncClient, plan: Json) -> Json:
    """The page of copies."""
    return await made(await client.get(f"/plans/{plan['id']}/deliveries"))


async def acknowledged(client: httpx.AsyncClient, plan: Json) -> list[Json]:
    """The caller says of each copy of its own that it came."""
    mine = [one for one in await listed(client, plan, "deliveries") if one["mine"]]
    return [await made(await client.post(_path(one["_links"]["receipt"]["href"]), json={})) for one in mine]


def _path(address: str) -> str:
    return address.split("/tillsammans/v1", 1)[1]


async def send(client: httpx.AsyncClient, written: Written, number: int = 1, **fields: str) -> httpx.Response:
    """A copy goes out on paper, or in another way."""
    body = {"versionNumber": number, "channel": "paper", **fields}
    return await client.post(f"/plans/{written.plan['id']}/deliveries", json=body)


async def waiting(client: httpx.AsyncClient, plan: Json) -> set[str]:
    items = (await made(await client.get(f"/deadlines?subjectId={plan['id']}&limit=50")))["items"]
    return {item["code"] for item in items if item["metAt"] is None}


@pytest.mark.rule("R7.9")
async def test_every_party_and_the_family_gets_the_version_and_says_that_it_came(client_for: ClientFor) -> None:
    written = await an_active_sip(client_for)
    school, bup = client_for(SCHOOL), client_for(CARE)
    found = await copies(school, written.plan)

    assert found["notDeliveredTo"] == []
    assert {one["unitName"] or one["name"] for one in found["items"]} == {
        "Grundskolan i Gnesta", "Individ- och familjeomsorgen i Gnesta", "BUP Nyköping", "Maria Sandell",
        "Johan Sandell", "Alma Sandell",
    }  # fmt: skip
    assert {(one["channel"], one["versionNumber"], one["acknowledgedAt"]) for one in found["items"]} == {
        ("portal", 1, None)
    }
    (mine,) = [one for one in await listed(bup, written.plan, "deliveries") if one["mine"]]
    assert mine["unitId"] == str(UNITS[BUP])
    assert "receipt" in mine["_links"]
    sent = await made(await send(school, written, unitId=str(UNITS[BUP]), channel="sdk"))
    assert (sent["unitId"], sent["channel"]) == (str(UNITS[BUP]), "sdk"), "sent in another way"
    assert len(await listed(school, written.plan, "deliveries")) == 6

    receipt = f"/plans/{written.plan['id']}/deliveries/{mine['id']}/receipt"
    for other in (SCHOOL, SOCIAL, "guardian.one"):
        assert problem(await client_for(other).post(receipt, json={})) == (403, "not-the-recipient")
    answer = await bup.post(receipt, json={})
    copy = await made(answer)
    assert copy["acknowledgedAt"] is not None
    assert "receipt" not in copy["_links"]
    assert await made(await bup.get(answer.headers["location"])) == copy
    assert problem(await bup.post(receipt, json={})) == (409, "already-received")
    assert problem(await send(school, written, unitId=str(UNITS[BUP]))) == (409, "already-received")
    await nothing_is_due_when_everybody_has_a_copy(client_for, written)


async def nothing_is_due_when_everybody_has_a_copy(client_for: ClientFor, written: Written) -> None:
    school = client_for(SCHOOL)
    for party in (SCHOOL, SOCIAL, "guardian.one"):
        await acknowledged(client_for(party), written.plan)
    assert "plan_copies" in await waiting(school, written.plan)

    _, johan = await guardianships(school, written.case["child"]["id"])
    paper = await made(await send(school, written, guardianshipId=johan))
    assert (paper["name"], paper["channel"]) == ("Johan Sandell", "paper")
    child = await made(await send(school, written))
    assert (child["kind"], child["channel"]) == ("child", "paper")
    assert "plan_copies" not in await waiting(school, written.plan)


@pytest.mark.rule("R7.9")
async def test_a_copy_goes_to_somebody_within_the_scope_and_it_is_said_who_gets_none(client_for: ClientFor) -> None:
    written = await an_active_sip(client_for)
    school = client_for(SCHOOL)
    await only_to_somebody_of_the_plan_and_of_a_version(client_for, written)
    gone = f"/cases/{written.case['id']}/members/{UNITS[IFO]}/ending"
    await made(await school.post(gone, json={"reason": "Insatsen är avslutad."}))
    body = {"reason": "Ny version efter mötet."}
    await made(await school.post(f"/plans/{written.plan['id']}/versions", json=body))

    found = await copies(school, written.plan)
    newest = [one["unitId"] for one in found["items"] if one["versionNumber"] == 2]
    assert str(UNITS[IFO]) not in newest
    assert found["notDeliveredTo"] == [
        {"unitId": str(UNITS[IFO]), "unitName": "Individ- och familjeomsorgen i Gnesta", "versionNumber": 2,
         "reason": "left_circle"}
    ]  # fmt: skip
    assert problem(await send(school, written, 2, unitId=str(UNITS[IFO]))) == (409, "outside-scope")

    await invited(school, written.case, IFO)
    (waits,) = (await copies(school, written.plan))["notDeliveredTo"]
    assert waits["reason"] == "not_sent"
    await made(await send(school, written, 2, unitId=str(UNITS[IFO]), channel="sdk"))
    assert (await copies(school, written.plan))["notDeliveredTo"] == []


async def only_to_somebody_of_the_plan_and_of_a_version(client_for: ClientFor, written: Written) -> None:
    school = client_for(SCHOOL)
    assert problem(await send(school, written, 2)) == (422, "unknown-version")
    assert problem(await send(school, written, unitId=str(UNITS["katrineholm-ifo"]))) == (409, "outside-scope")
    assert problem(await send(school, written, guardianshipId=str(uuid4()))) == (422, "unknown-reference")
    both = await send(school, written, unitId=str(UNITS[BUP]), guardianshipId=str(uuid4()))
    assert problem(both) == (422, "validation-failed")
    assert problem(await send(school, written, channel="portal")) == (422, "validation-failed")
    assert problem(await send(client_for(CARE), written)) == (403, "forbidden")
    answer = await school.get(f"/plans/{written.plan['id']}/deliveries/{uuid4()}")
    assert problem(answer) == (404, "not-found")
    answer = await school.post(f"/plans/{written.plan['id']}/deliveries/{uuid4()}/receipt", json={})
    assert problem(answer) == (404, "not-found")
