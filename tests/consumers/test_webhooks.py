"""A receiver in another language, with the public library of Standard Webhooks: it fails, recovers, is not fooled."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.consumers.conftest import HERE, SECONDS_UNTIL_GIVEN_UP, SYSTEM, Program, said_by

pytestmark = pytest.mark.consumers

Json = dict[str, Any]


@pytest.fixture
def receiver() -> Iterator[httpx.Client]:
    """It hangs up, is silent, has a fault, says that it is gone, and from then on is well."""
    process = subprocess.Popen(
        ["node", "receiver.js", json.dumps(["hang up", "silence", 500, 410])],
        cwd=HERE / "webhooks", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    with (
        said_by(process, "http://") as address,
        httpx.Client(base_url=address, timeout=SECONDS_UNTIL_GIVEN_UP) as client,
    ):
        yield client


def heard(receiver: httpx.Client, count: int) -> list[Json]:
    """Everything that was received, once it is so much."""
    told: list[Json] = receiver.get("/heard", params={"count": count}).json()
    return told


def made(answer: httpx.Response) -> Json:
    assert answer.status_code in (200, 201), answer.text
    record: Json = answer.json()
    return record


def until(client: httpx.Client, path: str, status: str) -> Json:
    """The record once it has that status: the program writes it a moment after the receiver has answered."""
    for _ in range(2_000):
        record = made(client.get(path))
        if record["status"] == status:
            return record
    raise AssertionError(record)


def test_what_a_receiver_gets_is_verified_in_its_own_language(program: Program, receiver: httpx.Client) -> None:
    token = program.command("token", SYSTEM).strip()
    with httpx.Client(base_url=program.api, headers={"authorization": f"Bearer {token}"}) as client:
        body = {
            "url": str(receiver.base_url.join("/events")),
            "recordTypes": ["webhook_subscription"],
            "operations": ["none"],
        }
        subscription = made(client.post("/webhook-subscriptions", json=body))
        path = f"/webhook-subscriptions/{subscription['id']}"
        receiver.put("/secret", content=subscription["secret"])

        test = made(client.post(f"{path}/test"))
        heard(receiver, 4)
        gone = until(client, path, "disabled")
        assert gone["disabledBecause"] == "gone"
        made(client.post(gone["_links"]["activation"]["href"]))
        heard(receiver, 5)
        delivered = until(client, f"{path}/deliveries/{test['id']}", "delivered")

        rotated = made(client.post(f"{path}/secret", json={"overlapMinutes": 60}))
        made(client.post(f"{path}/test"))
        heard(receiver, 6)  # with the secret of before
        receiver.put("/secret", content=rotated["secret"])
        made(client.post(f"{path}/test"))
        requests = heard(receiver, 7)
        made(client.post(f"{path}/ending"))

    assert [request["answer"] for request in requests] == ["hang up", "silence", 500, 410, 204, 204, 204]
    assert [(request["verified"], request["tampered"], request["anothers"]) for request in requests] == [
        (True, False, False)
    ] * 7
    assert {request["id"] for request in requests[:5]} == {delivered["eventId"]}
    assert requests[0]["event"]["type"] == "se.tillsammans.webhook.test"
