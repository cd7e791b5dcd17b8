"""The last place of eight groups, wanted by everybody at once (R11.1): real requests, a real pool of connections.

Whoever asks gets an answer, nobody gets a place that is not there, and places are offered in the order of the rules.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Iterable
from typing import Any

import httpx
import psycopg
import pytest

from tests.builders import Json, a_child, changing, made
from tests.contact_groups.steps import an_open_group, claimed
from tests.group_queues.steps import VINGAKER, wish

pytestmark = [pytest.mark.database, pytest.mark.rule("R11.1"), pytest.mark.rule("R11.4")]

GROUPS, CHILDREN, CAPACITY = 8, 24, 8
PRIORITIES = ("ordinary", "ordinary", "raised", "urgent")
HELD = "select count(*) as n from place_claims where pool_id = %s and status in ('offered', 'taken')"
MOVES = """select m.move, m.claim_id, c.requested_at, m.rank from place_moves m join place_claims c on c.id = m.claim_id
where m.pool_id = %s order by m.id"""
OPEN = "select id from place_offers where pool_id = any (%s::uuid[]) and status = 'open'"
JOINED = "select id, priority, requested_at from place_claims where pool_id = %s"


async def at_once(requests: Iterable[Awaitable[httpx.Response]]) -> Counter[tuple[int, str]]:
    """Everything at the same time; what each answer says."""
    answers = await asyncio.gather(*requests)
    return Counter((answer.status_code, answer.json().get("code", "")) for answer in answers)


def wanted(clients: list[httpx.AsyncClient], group: Json, child: Json, number: int) -> Awaitable[httpx.Response]:
    """A wish of one child for one group, urgent for some."""
    priority = PRIORITIES[number % len(PRIORITIES)]
    reason = {} if priority == "ordinary" else {"priorityReason": "Behöver en plats snart."}
    return wish(clients[number % 2], group, child, priority=priority, **reason)


def in_the_order_of_the_rules(owner_db: psycopg.Connection[dict[str, Any]], group: Json) -> int:
    """Replay what moved in a group: each offer went to the first of those who waited then. Answers how many."""
    claims = {row["id"]: row for row in owner_db.execute(JOINED, [group["id"]])}
    waiting, offers = set(), 0
    for move in owner_db.execute(MOVES, [group["id"]]):
        if move["move"] == "joined":
            waiting.add(move["claim_id"])
        if move["move"] in ("offered", "placed"):
            first = min(waiting, key=lambda one: (-claims[one]["priority"], claims[one]["requested_at"], one))
            assert (move["claim_id"], move["rank"]) == (first, 1)
            waiting.remove(first)
            offers += 1
    return offers


async def test_two_hundred_at_once_want_the_last_place_of_eight_groups(client_for, kernel, owner_db, monkeypatch):
    # How long a request may wait for a connection is the installation's; here the machine may be slow.
    monkeypatch.setattr(kernel.database._pool, "timeout", 120)
    staff = [client_for("vingaker.manager"), client_for("system.vingaker-import")]
    children = [await a_child(staff[0], municipalityCode=VINGAKER) for _ in range(CHILDREN)]
    groups = [await an_open_group(staff[0]) for _ in range(GROUPS)]
    for group in groups:
        await claimed(kernel, group, taken=CAPACITY - 1)
        changed = {"json": {"automaticOffers": True}, "headers": changing(group)}
        await made(await staff[0].patch(f"/contact-groups/{group['id']}", **changed))

    joined = await at_once(
        wanted(staff, group, child, number) for number, child in enumerate([*children, children[0]]) for group in groups
    )

    assert joined == {(201, ""): GROUPS * CHILDREN, (409, "already-in-line"): GROUPS}
    for _ in range(2):
        owner_db.rollback()
        open_offers = [row["id"] for row in owner_db.execute(OPEN, [[group["id"] for group in groups]])]
        answered = await at_once(
            staff[turn % 2].post(f"/offers/{offer_id}/{deed}", json={})
            for offer_id in open_offers
            for turn, deed in enumerate(("decline", "decline", "acceptance"))
        )
        assert answered[201, ""] == len(open_offers), "each offer is answered once"
        assert answered.total() == answered[201, ""] + answered[409, "offer-is-concluded"]

    owner_db.rollback()
    for group in groups:
        assert owner_db.execute(HELD, [group["id"]]).fetchone() == {"n": CAPACITY}
        assert in_the_order_of_the_rules(owner_db, group) >= CAPACITY


async def test_a_last_place_that_is_given_by_decision_is_given_once(client_for, kernel, owner_db, monkeypatch):
    monkeypatch.setattr(kernel.database._pool, "timeout", 120)
    staff = client_for("vingaker.manager")
    group = await an_open_group(staff)
    await claimed(kernel, group, taken=CAPACITY - 1)
    children = [await a_child(staff, municipalityCode=VINGAKER) for _ in range(8)]
    entries = [(await wish(staff, group, child)).json() for child in children]

    given = await at_once(
        request
        for entry in entries
        for request in (
            staff.post(
                f"/contact-groups/{group['id']}/places", json={"queueEntryId": entry["id"], "skipReason": "Brådskar."}
            ),
            staff.post(f"/queue-entries/{entry['id']}/offers", json={"skipReason": "Brådskar."}),
        )
    )

    assert given[201, ""] == 1
    assert given.total() == 1 + given[409, "no-place-free"] + given[409, "impossible-in-this-state"]
    assert owner_db.execute(HELD, [group["id"]]).fetchone() == {"n": CAPACITY}
