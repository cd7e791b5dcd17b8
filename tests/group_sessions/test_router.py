"""Sessions of contact groups over HTTP."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from app.group_sessions import repository
from tests.builders import changing, made, problem
from tests.contact_groups.steps import a_group, a_session, an_open_group, leads

pytestmark = pytest.mark.database

MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TODAY, TOMORROW = date(2026, 3, 2), date(2026, 3, 3)


@pytest.fixture
def manager(client_for, clock):
    clock.set(MONDAY)
    return client_for("vingaker.manager")


@pytest.fixture
def leader(client_for, clock):
    clock.set(MONDAY)
    return client_for("vingaker.leader")


@pytest.fixture
async def group(manager):
    """A group that Jonas Ek leads, alone, from today on."""
    found = await an_open_group(manager)
    await made(await leads(manager, found, "vingaker.leader"))
    return found


def address(session):
    return f"/contact-groups/{session['groupId']}/sessions/{session['id']}"


@pytest.mark.rule("R11.2")
async def test_a_session_is_planned_and_held_by_one_leader_with_a_warning(manager, leader, group):
    session = await made(await a_session(leader, group, TODAY, note="Vi lagar mat."))
    alone = await made(await leader.get(address(session)))
    await made(await leads(manager, group, "vingaker.leader2"))
    held = await made(await leader.post(f"{address(session)}/holding", json={"note": "Fem kom, bra stämning."}))

    assert alone == session
    assert (session["status"], session["warnings"], session["createdByName"]) == ("planned", ["one_leader"], "Jonas Ek")
    assert (session["startsAt"], session["endsAt"]) == ("15:00", "17:00")
    assert session["_links"].keys() == {"self", "contact-group", "edit", "holding", "cancellation", "attendance"}
    assert (held["status"], held["note"], held["warnings"]) == ("held", "Fem kom, bra stämning.", [])
    assert held["_links"].keys() == {"self", "contact-group", "attendance"}
    again = await leader.post(f"{address(session)}/holding", json={})
    changed = await leader.patch(address(session), json={"note": "Nej"}, headers=changing(held))
    assert problem(again) == problem(changed) == (409, "impossible-in-this-state")


@pytest.mark.rule("R11.2")
async def test_without_a_leader_on_its_day_there_is_no_session(manager, group):
    before = await a_session(manager, group, TODAY - timedelta(days=1))
    none_at_all = await a_session(manager, await a_group(manager), TODAY)
    session = await made(await a_session(manager, group, TODAY))
    moved = await manager.patch(address(session), json={"heldOn": "2026-03-01"}, headers=changing(session))
    (jonas,) = (await made(await manager.get(f"/contact-groups/{group['id']}/leaders")))["items"]
    own = f"/contact-groups/{group['id']}/leaders/{jonas['id']}"
    tomorrow = await made(await a_session(manager, group, TOMORROW))
    await made(await manager.post(f"{own}/ending", json={}))

    left_alone = await made(await manager.get(address(tomorrow)))

    refused = (409, "no-leader-no-session")
    assert problem(before) == problem(none_at_all) == problem(moved) == refused
    assert (left_alone["warnings"], "holding" in left_alone["_links"]) == (["no_leader"], False)
    assert problem(await a_session(manager, group, TOMORROW + timedelta(days=1))) == refused


@pytest.mark.rule("R11.2")
async def test_a_session_whose_leader_left_cannot_have_been_held(manager, group, clock):
    session = await made(await a_session(manager, group, TOMORROW))
    (jonas,) = (await made(await manager.get(f"/contact-groups/{group['id']}/leaders")))["items"]
    await made(await manager.post(f"/contact-groups/{group['id']}/leaders/{jonas['id']}/ending", json={}))
    clock.advance(timedelta(days=1))

    answer = await manager.post(f"{address(session)}/holding", json={})

    assert problem(answer) == (409, "no-leader-no-session")


@pytest.mark.rule("R11.8")
async def test_a_leader_reads_the_own_groups_sessions_and_no_others(client_for, manager, leader, group):
    session = await made(await a_session(leader, group, TODAY))
    sessions = f"/contact-groups/{group['id']}/sessions"
    another = client_for("vingaker.leader2")

    assert [one["id"] for one in (await made(await leader.get(sessions)))["items"]] == [session["id"]]
    for answer in (
        await another.get(sessions),
        await another.get(address(session)),
        await another.post(f"{address(session)}/holding", json={}),
        await a_session(another, group, TOMORROW),
    ):
        assert problem(answer) == (403, "forbidden")
    for who in ("vingaker.social", "guardian.one", "region.midwife", "stats.reader"):
        outsider = client_for(who)
        assert problem(await outsider.get(sessions)) == problem(await a_session(outsider, group, TOMORROW))
        assert problem(await outsider.get(sessions)) == (403, "forbidden")
        assert problem(await outsider.get(address(session))) == (404, "not-found")
        assert problem(await outsider.post(f"{address(session)}/cancellation", json={"reason": "x"})) == (
            404, "not-found",
        )  # fmt: skip


@pytest.mark.rule("R11.8")
async def test_whoever_led_the_group_reads_no_more(manager, leader, group, clock):
    session = await made(await a_session(leader, group, TODAY))
    (jonas,) = (await made(await manager.get(f"/contact-groups/{group['id']}/leaders")))["items"]
    await made(await manager.post(f"/contact-groups/{group['id']}/leaders/{jonas['id']}/ending", json={}))

    last_day = await leader.get(address(session))
    clock.advance(timedelta(days=1))
    day_after = await leader.get(address(session))

    assert last_day.status_code == 200
    assert problem(day_after) == (403, "forbidden")


async def test_a_planned_session_is_changed(leader, group):
    session = await made(await a_session(leader, group, TODAY, startsAt="14:00", endsAt="16:00", note="Bio."))

    moved = {"heldOn": "2026-03-03", "startsAt": None, "endsAt": None, "note": None}
    changed = await made(await leader.patch(address(session), json=moved, headers=changing(session)))
    stale = await leader.patch(address(session), json={"note": "Bio"}, headers=changing(session))
    half = await leader.patch(address(session), json={"startsAt": "14:00"}, headers=changing(changed))
    ahead = await leader.post(f"{address(session)}/holding", json={})

    assert (session["startsAt"], session["endsAt"]) == ("14:00", "16:00")
    assert [changed[name] for name in ("heldOn", "startsAt", "endsAt", "note")] == [
        "2026-03-03", "15:00", "17:00", None,
    ]  # fmt: skip
    assert "holding" not in changed["_links"]
    assert stale.status_code == 412
    assert problem(half) == (422, "times-do-not-fit")
    assert problem(ahead) == (409, "session-lies-ahead")
    backwards = await a_session(leader, group, TODAY, startsAt="16:00", endsAt="14:00")
    assert problem(backwards) == (422, "times-do-not-fit")


async def test_a_group_meets_once_a_day_unless_it_was_cancelled(leader, group):
    session = await made(await a_session(leader, group, TODAY))
    other = await made(await a_session(leader, group, TOMORROW))

    twice = await a_session(leader, group, TODAY)
    moved = await leader.patch(address(other), json={"heldOn": "2026-03-02"}, headers=changing(other))
    cancelled = await made(await leader.post(f"{address(session)}/cancellation", json={"reason": "Snöstorm."}))
    instead = await a_session(leader, group, TODAY, startsAt="18:00", endsAt="19:00")

    assert problem(twice) == problem(moved) == (409, "session-already-there")
    assert (cancelled["status"], cancelled["cancelReason"], cancelled["warnings"]) == ("cancelled", "Snöstorm.", [])
    assert cancelled["_links"].keys() == {"self", "contact-group"}
    assert instead.status_code == 201


async def test_a_group_that_ends_meets_no_more(manager, group):
    held = await made(await a_session(manager, group, TODAY))
    await made(await manager.post(f"{address(held)}/holding", json={}))
    planned = await made(await a_session(manager, group, TOMORROW))

    await made(await manager.post(f"/contact-groups/{group['id']}/ending", json={"reason": "Terminen är slut."}))

    after = await made(await manager.get(address(planned)))
    assert (after["status"], after["cancelReason"]) == ("cancelled", "Terminen är slut.")
    assert (await made(await manager.get(address(held))))["status"] == "held"
    assert problem(await a_session(manager, group, TOMORROW)) == (409, "group-has-ended")


async def test_sessions_are_found_by_day_and_status(leader, group):
    days = [TODAY + timedelta(days=7 * week) for week in range(4)]
    sessions = [(await made(await a_session(leader, group, day)))["id"] for day in days]
    await made(await leader.post(f"/contact-groups/{group['id']}/sessions/{sessions[0]}/holding", json={}))
    path = f"/contact-groups/{group['id']}/sessions"

    async def found(**filters):
        return [sessions.index(one["id"]) for one in (await made(await leader.get(path, params=filters)))["items"]]

    assert await found() == [3, 2, 1, 0]
    assert await found(status="planned", sortOrder="asc") == [1, 2, 3]
    assert await found(heldFrom=days[1].isoformat(), heldTo=days[2].isoformat()) == [2, 1]
    first = await made(await leader.get(path, params={"limit": 3, "includeTotal": True}))
    rest = await made(await leader.get(first["_links"]["next"]["href"]))
    assert (first["_meta"]["totalRecords"], [one["id"] for one in rest["items"]]) == (4, [sessions[0]])


async def test_a_session_that_is_not_there(leader, manager, group):
    session = await made(await a_session(leader, group, TODAY))
    another = await an_open_group(manager)

    for path in (
        f"/contact-groups/{group['id']}/sessions/{uuid4()}",
        f"/contact-groups/{another['id']}/sessions/{session['id']}",
    ):
        assert problem(await manager.get(path)) == (404, "not-found")
        assert problem(await manager.patch(path, json={}, headers={"if-match": "*"})) == (404, "not-found")


async def test_nobody_outside_the_wall_is_shown_a_session(leader, group, kernel):
    session = await made(await a_session(leader, group, TODAY))

    async with kernel.database.transaction(write=False) as tx:
        assert await repository.session(tx, UUID(session["id"])) is None
