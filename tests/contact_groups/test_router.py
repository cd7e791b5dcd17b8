"""Contact groups and their leaders over HTTP."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from app.contact_groups import service
from app.demo.directory import UNITS
from app.demo.staff import USER_IDS
from tests.builders import changing, made, problem
from tests.contact_groups.steps import A_GROUP, a_group, an_open_group, claimed, leads

pytestmark = pytest.mark.database

MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
MANAGING = {"edit", "opening", "pause", "resumption", "ending", "add-leader", "add-session"}


@pytest.fixture
def manager(client_for):
    return client_for("vingaker.manager")


def offered(record):
    """The actions that a record offers."""
    return record["_links"].keys() & (MANAGING | {"join-queue", "sessions"})


async def test_a_group_is_planned_as_vingakers_are(manager, client_for):
    group = await a_group(manager)

    read = await manager.get(f"/contact-groups/{group['id']}")
    assert read.json() == group
    assert (group["unitId"], group["municipalityCode"]) == (str(UNITS["vingaker-kontaktgrupper"]), "0428")
    assert (group["gradeMin"], group["gradeMax"], group["capacity"], group["free"]) == (3, 7, 8, 8)
    assert (group["offerDays"], group["automaticOffers"], group["waiting"]) == (10, False, 0)
    assert (group["status"], group["warnings"], group["leaders"]) == ("planned", ["no_leader"], [])
    assert offered(group) == MANAGING - {"pause", "resumption"} | {"join-queue", "sessions"}
    family = (await client_for("guardian.one").get(f"/contact-groups/{group['id']}")).json()
    assert (offered(family), family["waiting"]) == ({"join-queue"}, None)


@pytest.mark.parametrize("who", ["vingaker.leader", "vingaker.social", "gnesta.socialmanager", "guardian.one"])
async def test_only_the_own_units_manager_manages_a_group(client_for, manager, who):
    other, group = client_for(who), await a_group(manager)
    address = f"/contact-groups/{group['id']}"

    answers = [
        await other.patch(address, json={"name": "Min"}, headers=changing(group)),
        await other.post(f"{address}/opening", json={}),
        await other.post(f"{address}/ending", json={"reason": "Nej"}),
        await leads(other, group, "vingaker.leader"),
    ]

    assert [problem(answer) for answer in answers] == [(403, "forbidden")] * 4
    assert offered((await other.get(address)).json()) <= {"join-queue"}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"gradeMin": 5, "gradeMax": 4}, "grades-do-not-fit"),
        ({"gradeMin": 8}, "grades-do-not-fit"),
        ({"startsAt": "17:00"}, "times-do-not-fit"),
        ({"municipalityCode": "9999"}, "unknown-municipality"),
        ({"term": "2026"}, "validation-failed"),
        ({"capacity": 0}, "validation-failed"),
        ({"gradeMax": 10}, "validation-failed"),
    ],
)
async def test_what_does_not_fit_is_refused(manager, fields, code):
    assert problem(await manager.post("/contact-groups", json={**A_GROUP, **fields})) == (422, code)


async def test_a_group_is_an_effort_of_social_services(client_for):
    answer = await client_for("gnesta.schoolmanager").post("/contact-groups", json=A_GROUP)

    assert problem(answer) == (422, "not-social-services")


async def test_groups_are_found_by_what_a_family_asks_for(manager, client_for, kernel):
    term = f"HT{uuid4().int % 9000 + 1000}"
    young = await an_open_group(manager, term=term, name="Yngre", gradeMin=3, gradeMax=4, capacity=1)
    older = await an_open_group(manager, term=term, name="Äldre", gradeMin=5, gradeMax=7)
    planned = await a_group(manager, term=term, name="Nästa", gradeMin=5)
    await claimed(kernel, young, taken=1)

    async def found(**filters):
        answer = await client_for("guardian.one").get("/contact-groups", params={"term": term, **filters})
        return [item["id"] for item in (await made(answer))["items"]]

    assert await found() == [planned["id"], older["id"], young["id"]]
    assert await found(grade=5, sortOrder="asc") == [older["id"], planned["id"]]
    assert await found(grade=4) == [young["id"]]
    assert await found(status=["open"]) == [older["id"]]
    assert await found(status=["full", "planned"]) == [planned["id"], young["id"]]
    assert await found(municipalityCode="0461") == await found(unitId=str(UNITS["gnesta-ifo"])) == []
    assert len(await found(municipalityCode=["0428", "0461"], unitId=str(UNITS["vingaker-kontaktgrupper"]))) == 3
    first = await made(await manager.get("/contact-groups", params={"term": term, "limit": 2, "includeTotal": True}))
    rest = await made(await manager.get(first["_links"]["next"]["href"]))
    assert (first["_meta"]["totalRecords"], [item["id"] for item in rest["items"]]) == (3, [young["id"]])


async def test_a_group_changes_and_so_does_its_pool(manager, kernel):
    group = await an_open_group(manager, capacity=2)
    address = f"/contact-groups/{group['id']}"
    await claimed(kernel, group, taken=1, offered=1, waiting=1)

    full = await made(await manager.get(address))
    too_few = await manager.patch(address, json={"capacity": 1}, headers=changing(group))
    body = {"capacity": 3, "automaticOffers": True}
    changed = await made(await manager.patch(address, json=body, headers=changing(group)))
    stale = await manager.patch(address, json={"place": None}, headers=changing(group))
    misfit = await manager.patch(address, json={"gradeMin": 9}, headers=changing(changed))

    assert [full[name] for name in ("status", "taken", "offered", "free", "waiting")] == ["full", 1, 1, 0, 1]
    assert "pause" in full["_links"]
    assert problem(too_few) == (409, "places-are-taken")
    assert [changed[name] for name in ("status", "capacity", "offered", "waiting")] == ["full", 3, 2, 0]
    assert changed["version"] == group["version"] + 1
    assert stale.status_code == 412
    assert problem(misfit) == (422, "grades-do-not-fit")
    assert (await manager.patch(address, json={"note": "Hej"})).status_code == 428


async def test_a_group_opens_pauses_goes_on_and_ends(manager, kernel):
    group = await a_group(manager, automaticOffers=True)
    address = f"/contact-groups/{group['id']}"
    await claimed(kernel, group, waiting=1)

    too_early = await manager.post(f"{address}/pause", json={"reason": "Sjukdom"})
    opened = await made(await manager.post(f"{address}/opening", json={}))
    paused = await made(await manager.post(f"{address}/pause", json={"reason": "Ledarna är sjuka."}))
    await claimed(kernel, group, waiting=1)
    still = await made(await manager.get(address))
    resumed = await made(await manager.post(f"{address}/resumption", json={}))
    not_yet = await manager.post(f"{address}/ending", json={"reason": "Inga pengar."})

    assert problem(too_early) == (409, "impossible-in-this-state")
    assert (opened["status"], opened["offered"]) == ("open", 1)
    assert (paused["status"], paused["statusReason"], "ending" in paused["_links"]) == (
        "paused", "Ledarna är sjuka.", False,
    )  # fmt: skip
    assert (still["offered"], still["waiting"]) == (1, 1), "a paused group offers nothing"
    assert (resumed["status"], resumed["statusReason"], resumed["offered"]) == ("open", None, 2)
    assert problem(not_yet) == (409, "group-has-places")


async def test_an_ended_group_is_history(manager):
    group = await a_group(manager)
    address = f"/contact-groups/{group['id']}"

    ended = await made(await manager.post(f"{address}/ending", json={"reason": "Terminen är slut."}))

    assert (ended["status"], ended["statusReason"], ended["warnings"]) == ("ended", "Terminen är slut.", [])
    assert ended["endedAt"]
    assert offered(ended) == {"sessions"}
    changed = await manager.patch(address, json={"name": "En till"}, headers=changing(ended))
    assert problem(changed) == problem(await leads(manager, group, "vingaker.leader")) == (409, "group-has-ended")
    assert problem(await manager.post(f"{address}/opening", json={})) == (409, "impossible-in-this-state")


async def test_a_group_that_is_not_there(manager):
    nowhere = f"/contact-groups/{uuid4()}"
    group = await a_group(manager)

    for answer in (
        await manager.get(nowhere),
        await manager.post(f"{nowhere}/opening", json={}),
        await manager.get(f"{nowhere}/sessions"),
        await manager.get(f"/contact-groups/{group['id']}/leaders/{uuid4()}"),
        await manager.post(f"/contact-groups/{group['id']}/leaders/{uuid4()}/ending", json={}),
    ):
        assert problem(answer) == (404, "not-found")


@pytest.mark.rule("R11.2")
async def test_two_leaders_lead_and_one_alone_is_warned_of(manager, client_for):
    group = await a_group(manager)
    address = f"/contact-groups/{group['id']}"

    first = await made(await leads(manager, group, "vingaker.leader"))
    one = await made(await manager.get(address))
    await made(await leads(manager, group, "vingaker.leader2"))
    two = await made(await manager.get(address))
    third = await leads(manager, group, "vingaker.social")

    assert one["warnings"] == ["one_leader"]
    assert two["warnings"] == []
    assert problem(third) == (409, "too-many-leaders")
    assert [one["name"] for one in two["leaders"]] == ["Jonas Ek", "Malin Ros"]
    assert two["leaders"][0]["policeRecordCheckedOn"] == first["policeRecordCheckedOn"] == "2026-01-15"
    assert first["_links"].keys() >= {"edit", "ending", "contact-group"}
    family = client_for("guardian.one")
    seen = [*(await family.get(address)).json()["leaders"], *(await family.get(f"{address}/leaders")).json()["items"]]
    assert {one["policeRecordCheckedOn"] for one in seen} == {None}
    assert offered(await made(await client_for("vingaker.leader").get(address))) == {"add-session", "sessions"}


@pytest.mark.parametrize(
    ("who", "fields", "refusal"),
    [
        ("vingaker.school", {}, (422, "leader-not-employed-by-social-services")),
        ("vingaker.leader", {"userId": str(UUID(int=1))}, (422, "leader-not-employed-by-social-services")),
        ("vingaker.leader", {"policeRecordCheckedOn": "2099-01-01"}, (422, "police-check-in-the-future")),
        ("vingaker.leader", {"toOn": "2020-01-01"}, (422, "leader-ends-before-beginning")),
    ],
)
async def test_who_may_not_be_a_leader(manager, who, fields, refusal):
    group = await a_group(manager)

    assert problem(await leads(manager, group, who, **fields)) == refusal


async def test_a_leaders_time_is_changed_ended_and_kept(manager, clock):
    clock.set(MONDAY)
    group = await a_group(manager)
    address = f"/contact-groups/{group['id']}/leaders"
    jonas = await made(await leads(manager, group, "vingaker.leader", fromOn="2026-02-01"))
    twice = await leads(manager, group, "vingaker.leader", toOn="2026-12-31")
    own = f"{address}/{jonas['id']}"

    checked = await manager.patch(own, json={"policeRecordCheckedOn": "2026-03-02"}, headers=changing(jonas))
    ahead = await manager.patch(own, json={"policeRecordCheckedOn": "2026-03-03"}, headers=changing(checked.json()))
    ended = await made(await manager.post(f"{own}/ending", json={"lastOn": "2026-03-01", "reason": "Ny tjänst"}))
    again = await manager.post(f"{own}/ending", json={})
    back = await made(await leads(manager, group, "vingaker.leader"))
    lifted = await manager.patch(own, json={"toOn": None}, headers=changing(ended))

    assert problem(twice) == problem(lifted) == (409, "already-leader")
    assert (checked.json()["policeRecordCheckedOn"], checked.json()["version"]) == ("2026-03-02", 2)
    assert problem(ahead) == (422, "police-check-in-the-future")
    assert (ended["toOn"], "ending" in ended["_links"], "edit" in ended["_links"]) == ("2026-03-01", False, True)
    assert problem(again) == (409, "leader-has-left")
    assert (await made(await manager.get(own))) == ended
    history = (await made(await manager.get(address)))["items"]
    assert [one["id"] for one in history] == [jonas["id"], back["id"]]
    assert back["fromOn"] == "2026-03-02"
    shown = await made(await manager.get(f"/contact-groups/{group['id']}"))
    assert [one["id"] for one in shown["leaders"]] == [back["id"]]


async def test_two_leaders_at_once_for_the_last_room(manager):
    group = await a_group(manager)
    await made(await leads(manager, group, "vingaker.social"))

    answers = await asyncio.gather(*(leads(manager, group, who) for who in ("vingaker.leader", "vingaker.leader2")))
    of_another_group = await leads(manager, await a_group(manager), "vingaker.leader")

    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert of_another_group.status_code == 201


async def test_others_ask_who_leads_on_a_day(manager, kernel, clock):
    clock.set(MONDAY)
    group = await a_group(manager)
    await made(await leads(manager, group, "vingaker.leader", fromOn="2026-03-01", toOn="2026-03-10"))
    group_id, jonas = UUID(group["id"]), USER_IDS["vingaker.leader"]

    async with kernel.database.transaction(write=False) as tx:
        row = await service.group_of(tx, group_id)
        days = [date(2026, 3, 1) + timedelta(days=step) for step in (-1, 0, 9, 10)]
        found = [await service.is_leader(tx, group_id, jonas, day) for day in days]
        other = await service.is_leader(tx, group_id, USER_IDS["vingaker.leader2"], days[1])

    assert (row["unit_id"], row["grade_min"], row["status"]) == (UNITS["vingaker-kontaktgrupper"], 3, "planned")
    assert found == [False, True, True, False]
    assert other is False


async def test_every_change_of_a_group_is_in_the_log(manager, owner_db):
    group = await an_open_group(manager)
    await made(await leads(manager, group, "vingaker.leader"))

    entries = owner_db.execute(
        "select action, changed from access_log where circle_id = %s and kind = 'change' order by id", [group["id"]]
    ).fetchall()

    assert [entry["action"] for entry in entries] == ["createContactGroup", "openContactGroup", "addGroupLeader"]
    assert entries[1]["changed"] == ["status"]
