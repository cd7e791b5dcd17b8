"""Subscriptions over HTTP: what is agreed, shown once, changed, refused, and nobody else's."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from app.kernel.http.door import Kernel
from app.webhooks import sending
from tests.builders import Json, changing, made, problem
from tests.webhooks.steps import (
    MANAGER,
    PATH,
    Clients,
    OwnerDb,
    Receiver,
    an_event,
    deliveries,
    now,
    sent,
    subscribed,
    took,
)

pytestmark = pytest.mark.database

OPEN = "https://receiver.example/events"


@pytest.fixture(autouse=True)
def _names(monkeypatch: pytest.MonkeyPatch) -> None:
    """What names point to in these tests."""

    async def resolve(host: str, port: int) -> list[str]:
        known = {"receiver.example": ["93.184.215.14"], "inside.example": ["93.184.215.14", "10.0.0.8"]}
        if host == "nowhere.example":
            raise OSError
        return known.get(host, [host])

    monkeypatch.setattr(sending, "addresses_of", resolve)


@pytest.fixture
async def mine(client_for: Clients) -> AsyncIterator[Json]:
    """A subscription that ends with the test."""
    client = client_for(MANAGER)
    subscription = await subscribed(client, OPEN, description="Skolans system")
    yield subscription
    await client.post(f"{PATH}/{subscription['id']}/ending")


def rels(record: Json) -> set[str]:
    return record["_links"].keys() - {"self", "deliveries"}


async def test_a_secret_is_shown_once_and_kept_sealed(client_for: Clients, owner_db: OwnerDb) -> None:
    client, key = client_for(MANAGER), {"idempotency-key": str(uuid4())}

    first = await client.post(PATH, json={"url": OPEN}, headers=key)
    again = await client.post(PATH, json={"url": OPEN}, headers=key)

    subscription = await made(first)
    assert subscription["secret"].startswith("whsec_")
    assert again.json() == {**subscription, "secret": None}
    assert "secret" not in await now(client, subscription)
    (row,) = owner_db.execute(
        "select sealed from webhook_secrets where subscription_id = %s", [subscription["id"]]
    ).fetchall()
    kept = owner_db.execute("select body from idempotency_keys where key = %s", [key["idempotency-key"]]).fetchall()
    assert subscription["secret"].encode() not in bytes(row["sealed"]) + bytes(kept[0]["body"])
    await took(client, subscription, "ending")


async def test_a_subscription_is_read_changed_and_listed(client_for: Clients, mine: Json) -> None:
    client, path = client_for(MANAGER), f"{PATH}/{mine['id']}"

    changed = await made(
        await client.patch(path, json={"recordTypes": ["case"], "description": None}, headers=changing(mine))
    )

    assert (mine["description"], changed["description"]) == ("Skolans system", None)
    assert (changed["recordTypes"], changed["url"], changed["status"]) == (["case"], OPEN, "active")
    assert rels(changed) == {"edit", "secret", "test", "pause", "ending"}
    assert problem(await client.patch(path, json={}, headers=changing(mine))) == (412, "precondition-failed")
    listed = await made(await client.get(PATH, params={"status": "active"}))
    assert mine["id"] in [item["id"] for item in listed["items"]]


async def test_what_its_state_forbids_is_refused(client_for: Clients, mine: Json) -> None:
    client, path = client_for(MANAGER), f"{PATH}/{mine['id']}"
    test = await took(client, mine, "test")
    again = f"/deliveries/{test['id']}/resend"

    states = {}
    for deed in ("pause", "resumption", "ending"):
        record = await took(client, mine, deed)
        refused = {
            tried
            for tried in ("pause", "resumption", "activation", "test", "secret", again)
            if tried not in rels(record)
            and problem(await client.post(f"{path}/{tried.lstrip('/')}", json={})) == (409, "impossible-in-this-state")
        }
        states[record["status"]] = rels(record), refused - {again}, again in refused

    assert states == {
        "paused": ({"edit", "secret", "resumption", "ending"}, {"pause", "activation", "test"}, True),
        "active": ({"edit", "secret", "test", "pause", "ending"}, {"resumption", "activation"}, False),
        "ended": (set(), {"pause", "resumption", "activation", "test", "secret"}, True),
    }
    record = await now(client, mine)
    assert problem(await client.patch(path, json={"url": OPEN}, headers=changing(record))) == (
        409,
        "impossible-in-this-state",
    )
    assert [one["fault"] for one in await deliveries(client, mine, status="failed")] == ["withdrawn"]


@pytest.mark.parametrize(
    "url",
    [
        "http://receiver.example/", "https://inside.example/", "https://127.0.0.1/", "https://[::1]/",
        "https://169.254.169.254/latest", "https://user:word@receiver.example/", "https://receiver.example/#part",
        "https://[::ffff:10.0.0.1]/", "https://:443/", "https://receiver.example:99999999/",
    ],
)  # fmt: skip
async def test_an_address_inside_is_refused(client_for: Clients, mine: Json, url: str) -> None:
    client, refused = client_for(MANAGER), (422, "webhook-target-refused")

    assert problem(await client.post(PATH, json={"url": url})) == refused
    assert problem(await client.patch(f"{PATH}/{mine['id']}", json={"url": url}, headers=changing(mine))) == refused


async def test_a_name_that_points_nowhere_yet_is_looked_up_later(client_for: Clients) -> None:
    subscription = await subscribed(client_for(MANAGER), "https://nowhere.example/")

    await took(client_for(MANAGER), subscription, "ending")


async def test_it_is_the_subscribers_own(client_for: Clients, mine: Json) -> None:
    test = await took(client_for(MANAGER), mine, "test")
    path = f"{PATH}/{mine['id']}"
    tried: list[tuple[str, str, Any]] = [
        ("GET", path, None), ("PATCH", path, {}), ("GET", f"{path}/deliveries", None),
        ("GET", f"{path}/deliveries/{test['id']}", None), ("POST", f"{path}/deliveries/{test['id']}/resend", None),
        *(("POST", f"{path}/{deed}", {}) for deed in
          ("secret", "test", "pause", "resumption", "activation", "ending")),
    ]  # fmt: skip

    for somebody in ("sys.admin", "vingaker.manager"):
        client = client_for(somebody)
        answers = [await client.request(method, where, json=body) for method, where, body in tried]
        assert {problem(answer) for answer in answers} == {(404, "not-found")}
        assert (await made(await client.get(PATH)))["items"] == []
    assert problem(await client_for("gnesta.school").post(PATH, json={"url": OPEN})) == (403, "forbidden")
    strange = await client_for(MANAGER).get(f"{path}/deliveries/{uuid4()}")
    assert problem(strange) == (404, "not-found")


async def test_a_test_event_is_delivered_like_any_other(
    client_for: Clients, kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel.settings, "webhook_private_targets", True)
    client = client_for(MANAGER)
    async with Receiver().listening() as receiver:
        subscription = await subscribed(client, receiver.url)
        test = await took(client, subscription, "test")
        await sent(kernel)
        done = await made(await client.get(f"{PATH}/{subscription['id']}/deliveries/{test['id']}"))
        await took(client, subscription, "ending")

    assert (test["status"], test["attempts"], done["status"], done["statusCode"]) == ("waiting", 0, "delivered", 204)
    (heard,) = [one for one in receiver.heard if one.event["type"] == "se.tillsammans.webhook.test"]
    assert heard.event["id"] == done["eventId"]
    assert heard.headers["webhook-id"] == done["eventId"]


async def test_who_may_not_read_is_told_nothing(
    client_for: Clients, kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is sent is what GET /events tells the subscriber: the same events, word for word."""
    monkeypatch.setattr(kernel.settings, "webhook_private_targets", True)
    school, stranger = client_for(MANAGER), client_for("vingaker.manager")
    start = (await made(await school.get("/events", params={"start": "now"})))["cursor"]
    async with Receiver().listening() as ours, Receiver().listening() as theirs:
        both = [
            (school, await subscribed(school, ours.url, recordTypes=["child", "support_offer"])),
            (stranger, await subscribed(stranger, theirs.url, recordTypes=["child", "support_offer"])),
        ]
        child = {"givenName": "Alma", "familyName": "Sandell", "birthDate": "2014-05-06", "municipalityCode": "0461"}
        await made(await client_for("gnesta.school").post("/children", json=child))
        await an_event(school)
        await sent(kernel)
        for client, subscription in both:
            await took(client, subscription, "ending")

    feed = (await made(await school.get("/events", params={"cursor": start, "limit": 200})))["items"]
    wanted = [event for event in feed if event["data"]["recordType"] in ("child", "support_offer")]
    assert [event["type"].rpartition(".")[2] for event in wanted] == ["createChild", "createSupportOffer"]
    assert sorted((heard.event for heard in ours.heard), key=lambda event: event["sequence"]) == wanted
    assert [heard.event["data"]["recordType"] for heard in theirs.heard] == ["support_offer"]
    assert "Alma" not in "".join(heard.body for heard in ours.heard)
