"""What happens is told and carried: through refusals, silence, errors and a killed worker, until it has arrived."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from standardwebhooks import Webhook

from app.demo.staff import ASSIGNMENT_IDS
from app.kernel.http.door import Kernel
from app.webhooks import worker
from app.webhooks.sending import Sender
from tests.builders import Json, changing, made
from tests.conftest import AdjustableClock
from tests.webhooks.steps import (
    MANAGER,
    PATH,
    SILENCE,
    Clients,
    OwnerDb,
    Receiver,
    an_event,
    deliveries,
    later,
    now,
    sent,
    subscribed,
    told,
    took,
)

pytestmark = pytest.mark.database

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def _settings(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel.settings, "webhook_private_targets", True)
    monkeypatch.setattr(kernel.settings, "webhook_timeout_seconds", 1.0)


@pytest.fixture
async def receiver() -> Receiver:
    """Somebody who is not there yet, but whose address is known."""
    receiver = Receiver()
    async with receiver.listening():
        return receiver


@pytest.fixture
async def mine(client_for: Clients, clock: AdjustableClock, receiver: Receiver) -> AsyncIterator[Json]:
    """A subscription for that receiver, which ends with the test."""
    clock.set(START)
    subscription = await subscribed(client_for(MANAGER), receiver.url)
    yield subscription
    await client_for(MANAGER).post(f"{PATH}/{subscription['id']}/ending")


def shown(delivery: Json) -> tuple[str, int, int | None, str | None]:
    return delivery["status"], delivery["attempts"], delivery["statusCode"], delivery["fault"]


async def test_a_receiver_that_is_not_there_fails_is_silent_and_recovers(
    client_for: Clients, kernel: Kernel, clock: AdjustableClock, owner_db: OwnerDb, mine: Json, receiver: Receiver
) -> None:
    client, course = client_for(MANAGER), []
    offer = await an_event(client)
    receiver.answers += [SILENCE, 500, 302, 200]

    await sent(kernel)
    (first,) = await deliveries(client, mine)
    async with receiver.listening():
        for wait in (5, 300, 1800, 7200):
            await later(kernel, clock, owner_db, timedelta(seconds=0.9 * wait))  # not yet
            course.append(shown((await deliveries(client, mine))[0]))
            failing = await now(client, mine)
            await later(kernel, clock, owner_db, timedelta(seconds=0.4 * wait))
        (last,) = await deliveries(client, mine)

    assert course == [
        ("waiting", 1, None, "unreachable"), ("waiting", 2, None, "timeout"), ("waiting", 3, 500, "status"),
        ("waiting", 4, 302, "status"),
    ]  # fmt: skip
    assert shown(last) == ("delivered", 5, 200, None)
    assert (failing["failingSince"], (await now(client, mine))["failingSince"]) == ("2026-11-20T09:00:00Z", None)
    assert (
        START + timedelta(seconds=5) <= datetime.fromisoformat(first["nextAttemptAt"]) <= START + timedelta(seconds=6)
    )
    assert last["nextAttemptAt"] is None
    assert {heard.headers["webhook-id"] for heard in receiver.heard} == {first["eventId"]}
    assert len({heard.body for heard in receiver.heard}) == 1
    assert receiver.heard[0].event["data"]["recordId"] == offer["id"]


async def test_410_disables_at_once_and_what_was_missed_is_sent_when_it_is_activated(
    client_for: Clients, kernel: Kernel, clock: AdjustableClock, owner_db: OwnerDb, mine: Json, receiver: Receiver
) -> None:
    client = client_for(MANAGER)
    offers = [await an_event(client)]
    receiver.answers += [410]

    async with receiver.listening():
        await sent(kernel)
        gone = await now(client, mine)
        offers.append(await an_event(client))
        await later(kernel, clock, owner_db, DAY)
        assert len(receiver.heard) == 1
        back = await took(client, mine, "activation")
        await sent(kernel)

    assert (gone["status"], gone["disabledBecause"], "activation" in gone["_links"]) == ("disabled", "gone", True)
    assert (back["status"], back["disabledBecause"], back["failingSince"]) == ("active", None, None)
    assert {heard.event["data"]["recordId"] for heard in receiver.heard[1:]} == {offer["id"] for offer in offers}
    assert [one["status"] for one in await deliveries(client, mine)] == ["delivered", "delivered"]
    log = "select user_id, reason from access_log where action = 'disableWebhookSubscription' and object_id = %s"
    assert [row["reason"] for row in owner_db.execute(log, [mine["id"]])] == ["gone"]


async def test_days_of_failure_disable_and_nothing_is_given_up_before(
    client_for: Clients, kernel: Kernel, clock: AdjustableClock, owner_db: OwnerDb, mine: Json, receiver: Receiver
) -> None:
    client = client_for(MANAGER)
    await an_event(client)
    await sent(kernel)

    states = []
    for _ in range(6):
        await later(kernel, clock, owner_db, 1.2 * DAY)
        states.append((await now(client, mine))["disabledBecause"])

    assert states == [None] * 4 + ["failing"] * 2
    assert [one["status"] for one in await deliveries(client, mine)] == ["waiting"]
    async with receiver.listening():
        await took(client, mine, "activation")
        await sent(kernel)
    assert len(receiver.heard) == 1


async def test_what_has_no_attempts_left_has_failed_and_can_be_sent_again(
    client_for: Clients, kernel: Kernel, clock: AdjustableClock, owner_db: OwnerDb, mine: Json, receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    client = client_for(MANAGER)
    monkeypatch.setattr(kernel.settings, "webhook_retry_seconds", [60.0])
    await an_event(client)
    receiver.answers += [400, 400]

    async with receiver.listening():
        await sent(kernel)
        await later(kernel, clock, owner_db, 2 * MINUTE)
        (failed,) = await deliveries(client, mine, status="failed")
        again = await took(client, mine, f"deliveries/{failed['id']}/resend")
        await sent(kernel)
        (delivered,) = await deliveries(client, mine)
        await took(client, mine, f"deliveries/{failed['id']}/resend")
        await sent(kernel)

    assert (shown(failed), failed["nextAttemptAt"]) == (("failed", 2, 400, "status"), None)
    assert (shown(again)[:2], shown(delivered)) == (("waiting", 0), ("delivered", 1, 204, None))
    assert [heard.headers["webhook-id"] for heard in receiver.heard] == [failed["eventId"]] * 4
    assert owner_db.execute("select from procrastinate_jobs").fetchall() == [], "a job that is done is gone"


async def test_two_secrets_sign_while_one_takes_over_from_the_other(
    client_for: Clients, kernel: Kernel, clock: AdjustableClock, mine: Json, receiver: Receiver
) -> None:
    client = client_for(MANAGER)
    clock.release()  # a receiver refuses what is signed at another time than its own
    begun = kernel.clock.now()
    async with receiver.listening():
        await took(client, mine, "test")
        await sent(kernel)
        second = (await took(client, mine, "secret", overlapMinutes=60))["secret"]
        await took(client, mine, "test")
        await sent(kernel)
        third = (await took(client, mine, "secret", overlapMinutes=0))["secret"]
        await took(client, mine, "test")
        await sent(kernel)

    secrets = (mine["secret"], second, third)
    assert [[verifies(secret, heard) for secret in secrets] for heard in receiver.heard] == [
        [True, False, False], [True, True, False], [False, False, True],
    ]  # fmt: skip
    stamped = [int(heard.headers["webhook-timestamp"]) for heard in receiver.heard]
    assert all(begun.timestamp() - 1 <= stamp for stamp in stamped)


def verifies(secret: str, heard: object) -> bool:
    """Whether the public library accepts it."""
    try:
        Webhook(secret).verify(heard.body, heard.headers)  # type: ignore[attr-defined]
    except Exception:
        return False
    return True


async def test_a_pause_loses_nothing(
    client_for: Clients, kernel: Kernel, clock: AdjustableClock, owner_db: OwnerDb, mine: Json, receiver: Receiver
) -> None:
    client = client_for(MANAGER)
    offers = [await an_event(client)]
    await told(kernel)
    await took(client, mine, "pause")
    offers.append(await an_event(client))

    async with receiver.listening():
        await later(kernel, clock, owner_db, MINUTE)
        assert receiver.heard == []
        await took(client, mine, "resumption")
        await sent(kernel)

    assert {heard.event["data"]["recordId"] for heard in receiver.heard} == {offer["id"] for offer in offers}
    assert len(receiver.heard) == 2


async def test_a_killed_worker_leaves_its_delivery_to_another(
    client_for: Clients, kernel: Kernel, clock: AdjustableClock, owner_db: OwnerDb, mine: Json, receiver: Receiver
) -> None:
    """It had taken the job and the delivery, and died before it could tell what became of the attempt."""
    client = client_for(MANAGER)
    await an_event(client)
    await told(kernel)
    (delivery,) = await deliveries(client, mine)
    owner_db.execute("insert into procrastinate_workers (last_heartbeat) values (now() - interval '1 minute')")
    owner_db.execute(
        "update procrastinate_jobs set status = 'doing', worker_id = (select max(id) from procrastinate_workers)"
    )
    owner_db.execute(
        "update webhook_deliveries set attempts = 1, next_attempt_at = %s where id = %s",
        [START + timedelta(seconds=2), delivery["id"]],
    )
    owner_db.commit()

    async with receiver.listening():
        await sent(kernel)
        assert receiver.heard == [], "it is another's"
        await worker.take_up(kernel)
        await sent(kernel)
        assert receiver.heard == [], "that attempt may still be under way"
        await later(kernel, clock, owner_db, timedelta(seconds=5))

    assert shown((await deliveries(client, mine))[0]) == ("delivered", 2, 204, None)
    assert len(receiver.heard) == 1


async def test_two_jobs_for_one_delivery_make_one_attempt(
    client_for: Clients, kernel: Kernel, mine: Json, receiver: Receiver
) -> None:
    client = client_for(MANAGER)
    test = await took(client, mine, "test")
    await took(client, mine, f"deliveries/{test['id']}/resend")

    async with receiver.listening():
        await sent(kernel)
        async with Sender(kernel.settings) as sender:
            await worker.deliver(kernel, sender, UUID(test["id"]))
            await worker.deliver(kernel, sender, UUID(mine["id"]))  # no delivery

    assert len(receiver.heard) == 1


async def test_nobody_is_told_twice_or_drowned(
    client_for: Clients, kernel: Kernel, mine: Json, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_for(MANAGER)
    monkeypatch.setattr(worker, "MOST_WAITING", 2)
    for _ in range(2):
        await an_event(client)
    await told(kernel)
    await an_event(client)
    await told(kernel)
    waiting = len(await deliveries(client, mine))

    async with receiver.listening():
        await sent(kernel)
        await sent(kernel)
        await sent(kernel)

    assert (waiting, len(receiver.heard)) == (2, 3)
    assert len({heard.headers["webhook-id"] for heard in receiver.heard}) == 3


@pytest.mark.rule("R1.3")
async def test_it_ends_with_the_assignment_that_it_was_made_in(
    client_for: Clients, kernel: Kernel, clock: AdjustableClock, owner_db: OwnerDb, mine: Json, receiver: Receiver
) -> None:
    client = client_for(MANAGER)
    await an_event(client)
    await told(kernel)
    await an_event(client)
    ending = "update assignments set valid_to = %s where id = %s"
    owner_db.execute("set session_replication_role = replica")
    owner_db.execute(ending, ["2026-01-01T00:00:00Z", ASSIGNMENT_IDS[MANAGER]])
    owner_db.commit()
    try:
        async with receiver.listening():
            await sent(kernel)
    finally:
        owner_db.execute(ending, [None, ASSIGNMENT_IDS[MANAGER]])
        owner_db.execute("set session_replication_role = origin")
        owner_db.commit()
    ended = await now(client, mine)
    async with receiver.listening():
        await took(client, mine, "activation")
        await sent(kernel)

    assert (ended["status"], ended["disabledBecause"]) == ("disabled", "assignment_ended")
    assert len(receiver.heard) == 2


async def test_a_gap_is_told_and_never_passed_over(
    client_for: Clients, kernel: Kernel, owner_db: OwnerDb, mine: Json, receiver: Receiver
) -> None:
    client = client_for(MANAGER)
    owner_db.execute("update webhook_progress set position = -1 where subscription_id = %s", [mine["id"]])
    owner_db.commit()

    await told(kernel)
    lost = await now(client, mine)
    await took(client, mine, "activation")
    offer = await an_event(client)
    async with receiver.listening():
        await sent(kernel)

    assert (lost["status"], lost["disabledBecause"]) == ("disabled", "events_forgotten")
    assert [heard.event["data"]["recordId"] for heard in receiver.heard] == [offer["id"]]


async def test_a_new_address_gets_what_waits_and_only_what_is_asked_for(
    client_for: Clients, kernel: Kernel, mine: Json, receiver: Receiver
) -> None:
    client = client_for(MANAGER)
    await an_event(client)
    await told(kernel)

    async with Receiver().listening() as moved:
        body = {"url": moved.url, "operations": ["updateSupportOffer"]}
        await made(await client.patch(f"{PATH}/{mine['id']}", json=body, headers=changing(mine)))
        offer = await an_event(client)
        path = f"/support-offers/{offer['id']}"
        await made(await client.patch(path, json={"nameSv": "Annat"}, headers=changing(offer)))
        await sent(kernel)

    operations = [heard.event["data"]["operation"] for heard in moved.heard]
    assert operations == ["createSupportOffer", "updateSupportOffer"]


async def test_what_was_settled_long_ago_is_forgotten(
    client_for: Clients, kernel: Kernel, clock: AdjustableClock, owner_db: OwnerDb, mine: Json, receiver: Receiver
) -> None:
    client = client_for(MANAGER)
    await took(client, mine, "test")
    async with receiver.listening():
        await sent(kernel)
    await took(client, mine, "test")
    owner_db.execute("update webhook_deliveries set created_at = now() - interval '3 days'")
    owner_db.commit()
    clock.release()

    await worker.forget(kernel)
    kept = len(await deliveries(client, mine))
    clock.set(kernel.clock.now() + kernel.settings.event_keep_days * DAY)
    await worker.forget(kernel)

    assert kept == 2
    assert [one["status"] for one in await deliveries(client, mine)] == ["waiting"]
