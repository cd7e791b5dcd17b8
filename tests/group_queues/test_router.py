"""The queue to a contact group: its order, what each may see of it, and how one leaves it and comes back."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import made, problem
from tests.contact_groups.steps import an_open_group
from tests.group_queues.steps import a_vingaker_child, do, in_line, line_of, offered, places_of, told

pytestmark = pytest.mark.database


@pytest.fixture
def manager(client_for):
    return client_for("vingaker.manager")


@pytest.fixture
def maria(client_for):
    return client_for("guardian.one")


@pytest.fixture
def social(client_for):
    """Another unit of the same authority."""
    return client_for("vingaker.social")


async def history(client, entry):
    """What happened to an entry, as this caller reads it."""
    return (await made(await client.get(f"/queue-entries/{entry['id']}/history")))["items"]


@pytest.mark.rule("R11.4")
async def test_the_line_is_priority_and_then_the_time_of_the_request(manager):
    group = await an_open_group(manager, capacity=1)
    before = (datetime.now(UTC) - timedelta(days=30)).isoformat()
    first, second = await in_line(manager, group), await in_line(manager, group, grade=5)
    third = await in_line(manager, group, priority="urgent", priorityReason="Helt ensam på rasterna.")
    fourth = await in_line(manager, group, requestedAt=before)
    assert places_of(await line_of(manager, group)) == [
        (third["id"], 1), (fourth["id"], 2), (first["id"], 3), (second["id"], 4),
    ]  # fmt: skip

    raised = await made(await do(manager, second, "priority", priority="raised", reason="Har bytt skola."))

    assert (raised["priority"], raised["rank"], raised["waiting"]) == ("raised", 2, 4)
    await offered(manager, third)
    assert places_of(await line_of(manager, group)) == [
        (second["id"], 1), (fourth["id"], 2), (first["id"], 3), (third["id"], None),
    ]  # fmt: skip
    assert places_of(await line_of(manager, group, status="offered")) == [(third["id"], None)]
    assert places_of(await line_of(manager, group, priority="raised", grade=5)) == [(second["id"], 1)]
    assert places_of(await line_of(manager, group, sortOrder="desc", grade=4))[0] == (third["id"], None)
    assert problem(await do(manager, second, "priority", priority="urgent")) == (422, "validation-failed")
    assert problem(await do(manager, third, "priority", priority="raised", reason="Sent.")) == (
        409, "impossible-in-this-state",
    )  # fmt: skip


async def test_each_sees_of_the_line_what_is_theirs(manager, social, maria, client_for):
    group = await an_open_group(manager)
    theirs = await in_line(manager, group)
    entry = await in_line(social, group, await a_vingaker_child(social), wishedBy="guardian")
    as_unit, as_family, as_sender = [await told(client, entry) for client in (manager, maria, social)]

    assert (as_unit["rank"], as_unit["waiting"], as_unit["priority"]) == (2, 2, "ordinary")
    assert (as_family["rank"], as_family["waiting"], as_family["priority"]) == (2, 2, None)
    assert (as_sender["rank"], as_sender["waiting"], as_sender["priority"]) == (None, None, None)
    deeds = {"edit", "priority", "offer", "return", "withdrawal", "consent"}
    assert deeds & as_unit["_links"].keys() == {"edit", "priority", "offer", "withdrawal"}
    assert deeds & as_family["_links"].keys() == deeds & as_sender["_links"].keys() == {"withdrawal"}
    for client in (maria, social):
        assert [item["id"] for item in await line_of(client, group)] == [entry["id"]]
        assert await line_of(client, group, priority="ordinary") == []
    assert await line_of(client_for("vingaker.school"), group) == []
    assert {item["id"] for item in await line_of(manager, group)} == {theirs["id"], entry["id"]}
    assert problem(await maria.get(f"/queue-entries/{theirs['id']}")) == (404, "not-found")
    answer = await client_for("vingaker.leader").get(f"/contact-groups/{group['id']}/queue-entries")
    assert problem(answer) == (403, "forbidden")
    assert problem(await maria.get("/queue-entries", params={"givenName": "Alma"})) == (400, "search-not-allowed")


async def test_a_child_that_waits_for_several_groups_is_seen_in_all_of_them(manager, social, maria):
    child = await a_vingaker_child(social)
    entries = [await in_line(social, await an_open_group(manager), child) for _ in range(2)]
    wanted = {entry["id"] for entry in entries}

    for client in (social, maria):
        page = await made(await client.get("/queue-entries", params={"childId": child["id"], "includeTotal": True}))
        assert ({item["id"] for item in page["items"]}, page["_meta"]["totalRecords"]) == (wanted, 2)
    unknown = await made(await manager.get("/queue-entries", params={"childId": child["id"]}))
    assert unknown["items"] == [], "the group's unit has no record of the child"
    everything = await made(await manager.get("/queue-entries", params={"status": "waiting", "limit": 200}))
    assert wanted <= {item["id"] for item in everything["items"]}
    few = await made(await social.get("/queue-entries", params={"childId": child["id"], "limit": 1}))
    following = await made(await social.get(few["_links"]["next"]["href"]))
    assert {item["id"] for item in (*few["items"], *following["items"])} == wanted


async def test_whoever_is_in_the_circle_takes_the_child_out_of_the_line(manager, social, maria):
    group = await an_open_group(manager)
    entries = [await in_line(social, group, await a_vingaker_child(social)) for _ in range(3)]

    for client, entry, who in zip((maria, social, manager), entries, ("family", "sender", "unit"), strict=True):
        gone = await made(await do(client, entry, "withdrawal", reason="Har flyttat."))
        assert (gone["status"], gone["concludedBecause"]) == ("withdrawn", who)
        assert problem(await do(client, entry, "withdrawal")) == (409, "impossible-in-this-state")
    assert (await told(maria, entries[0]))["concludedReason"] == "Har flyttat."
    assert (await told(social, entries[0]))["concludedReason"] is None, "the family's words are not the sender's"


async def test_a_child_comes_back_where_its_request_puts_it_and_all_of_it_can_be_explained(manager, social, maria):
    group = await an_open_group(manager, capacity=1)
    entry = await in_line(social, group, await a_vingaker_child(social))
    other = await in_line(manager, group)
    offer = await offered(manager, entry)
    await made(await maria.post(f"/offers/{offer['id']}/decline", json={}))
    assert problem(await do(social, entry, "return", reason="Ångrar sig.")) == (403, "forbidden")

    back = await made(await do(manager, entry, "return", reason="Familjen hade missförstått."))

    assert (back["status"], back["rank"], back["concludedBecause"]) == ("waiting", 1, None)
    assert problem(await do(manager, other, "return", reason="Nej.")) == (409, "impossible-in-this-state")
    told_to_unit = [(one["move"] or one["note"], one["rank"], one["byName"]) for one in await history(manager, entry)]
    assert told_to_unit == [
        ("joined", 1, "Leila Omar"), ("offered", 1, "Birgitta Malm"), ("declined", None, "Maria Sandell"),
        ("returned", 1, "Birgitta Malm"), ("return", None, "Birgitta Malm"),
    ]  # fmt: skip
    moves = ["joined", "offered", "declined", "returned"]
    assert [(one["move"], one["rank"], one["byName"]) for one in await history(maria, entry)] == [
        *zip(moves, (1, 1, None, 1), [None] * 4, strict=True)
    ]  # fmt: skip
    assert [(one["move"], one["rank"], one["waiting"]) for one in await history(social, entry)] == [
        (move, None, None) for move in moves
    ]


async def test_nobody_stands_in_a_line_twice_by_coming_back(manager):
    group = await an_open_group(manager)
    child = await a_vingaker_child(manager)
    first = await in_line(manager, group, child)
    await made(await do(manager, first, "withdrawal"))
    await in_line(manager, group, child)

    assert problem(await do(manager, first, "return", reason="Åter.")) == (409, "already-in-line")


async def test_when_a_group_ends_nobody_waits_for_it(manager, maria, client_for):
    group, school = await an_open_group(manager), client_for("vingaker.school")
    waiting = await in_line(manager, group, await a_vingaker_child(manager))
    held = await in_line(school, group, await a_vingaker_child(school))

    await made(await manager.post(f"/contact-groups/{group['id']}/ending", json={"reason": "Terminen är slut."}))

    for entry in (waiting, held):
        shown = await told(maria, entry)
        assert (shown["status"], shown["concludedBecause"]) == ("withdrawn", "group_ended")
    assert problem(await do(manager, waiting, "return", reason="Åter.")) == (409, "group-has-ended")


async def test_every_look_and_every_change_is_in_the_log(manager, owner_db):
    entry = await in_line(manager, await an_open_group(manager))
    await told(manager, entry)
    await do(manager, entry, "priority", priority="raised", reason="Brådskar.")

    rows = owner_db.execute(
        "select kind, action, changed from access_log where circle_id = %s order by id", [entry["id"]]
    ).fetchall()

    assert [(row["kind"], row["action"]) for row in rows if row["kind"] == "look"][:1] == [("look", "getQueueEntry")]
    changes = {row["action"]: row["changed"] for row in rows if row["kind"] == "change"}
    assert changes.keys() == {"joinGroupQueue", "prioritiseQueueEntry"}
    assert changes["prioritiseQueueEntry"] == ["note:priority"]
