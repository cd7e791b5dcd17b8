"""Family centres and their parts over HTTP."""

import asyncio
from datetime import UTC, datetime

import pytest

from app.demo.directory import AUTHORITIES, UNITS
from app.demo.staff import USER_IDS
from app.family_centres import service
from tests.builders import changing, made, problem
from tests.family_centres.steps import a_centre, a_part, an_open_centre

pytestmark = pytest.mark.database

MONDAY_MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)
LIKE = ("bhv", "open_preschool", "preventive_social")


def missing(answer) -> set[str]:
    return {error["code"] for error in answer.json()["errors"]}


@pytest.fixture
def manager(client_for):
    return client_for("gnesta.familymanager")


@pytest.fixture(scope="module")
async def gnesta(client_for):
    """An open familjecentral that the tests of this file only read."""
    return await an_open_centre(client_for("gnesta.familymanager"), fromPregnancy=True, address="Torggatan 1")


async def test_everybody_may_know_of_a_centre_its_parts_and_their_owners(client_for, clock, gnesta):
    clock.set(MONDAY_MORNING)

    for who in ("guardian.one", "youth.one", "region.bup", "stats.reader"):
        centre = await made(await client_for(who).get(f"/family-centres/{gnesta['id']}"))
        assert centre["_links"].keys() - {"visit-counts"} == {"self", "unit", "parts", "activities"}
        assert all(part["_links"].keys() == {"self", "centre"} for part in centre["parts"])

    assert (centre["isOpenNow"], centre["nextOpening"]) == (True, "2026-03-09T07:00:00Z")
    assert (centre["ageMin"], centre["ageMax"], centre["fromPregnancy"], centre["warnings"]) == (0, 6, True, [])
    assert {part["type"]: part["authorityName"] for part in centre["parts"]} == {
        "mhv": "Hälso- och sjukvården i Region Sörmland",
        "bhv": "Hälso- och sjukvården i Region Sörmland",
        "open_preschool": "Barn- och utbildningsnämnden i Gnesta",
        "preventive_social": "Socialnämnden i Gnesta",
    }


@pytest.mark.rule("R12.1")
async def test_a_familjecentral_opens_with_all_four_parts_and_says_before_what_is_missing(manager):
    centre = await a_centre(manager, "bhv", "open_preschool")
    path = f"/family-centres/{centre['id']}"
    assert centre["warnings"] == ["mhv_missing", "preventive_social_missing"]
    assert (centre["isOpenNow"], centre["nextOpening"]) == (False, None)

    early = await manager.post(f"{path}/opening", json={})
    await made(await manager.post(f"{path}/parts", json=a_part("mhv")))
    elsewhere = await made(await manager.post(f"{path}/parts", json=a_part("preventive_social", coLocated=False)))
    apart = await manager.post(f"{path}/opening", json={})
    part = f"{path}/parts/{elsewhere['id']}"
    await made(await manager.patch(part, json={"coLocated": True}, headers=changing(elsewhere)))
    opened = await made(await manager.post(f"{path}/opening", json={"openedOn": "2019-09-02"}))

    assert problem(early) == problem(apart) == (422, "familjecentral-not-whole")
    assert missing(early) == {"mhv-missing", "preventive-social-missing"}
    assert missing(apart) == {"preventive-social-missing"}
    assert (opened["status"], opened["openedOn"], opened["warnings"]) == ("open", "2019-09-02", [])
    assert {"closure", "capacity-answer", "add-part", "edit"} <= opened["_links"].keys()
    assert "opening" not in opened["_links"]


@pytest.mark.rule("R12.1")
async def test_an_open_familjecentral_keeps_its_parts_or_becomes_another_kind(manager):
    centre = await an_open_centre(manager)
    path = f"/family-centres/{centre['id']}"
    mhv = next(part for part in centre["parts"] if part["type"] == "mhv")
    ending = f"{path}/parts/{mhv['id']}/ending"

    refused = await manager.post(ending, json={})
    later = await manager.post(ending, json={"toOn": "2099-01-01"})
    moved = await manager.patch(f"{path}/parts/{mhv['id']}", json={"coLocated": False}, headers=changing(mhv))
    other_kind = await manager.patch(path, json={"kind": "way_of_working_0_18"}, headers=changing(centre))
    unchanged = await made(await manager.get(path))
    ended = await made(await manager.post(ending, json={"centreKind": "familjecentralsliknande"}))
    now = await made(await manager.get(path))

    assert problem(refused) == problem(later) == problem(moved) == (422, "familjecentral-not-whole")
    assert problem(other_kind) == (422, "way-of-working-not-whole")
    assert (unchanged["kind"], len(unchanged["parts"])) == ("familjecentral", 4)
    assert (ended["toOn"] is not None, ended["_links"].keys()) == (True, {"self", "centre"})
    assert (now["kind"], len(now["parts"]), now["version"]) == ("familjecentralsliknande", 3, centre["version"] + 1)
    assert len((await made(await manager.get(f"{path}/parts")))["items"]) == 4


@pytest.mark.rule("R12.2")
async def test_what_is_like_a_familjecentral_becomes_one_with_the_fourth_part(manager):
    two = await a_centre(manager, "bhv", "mhv", kind="familjecentralsliknande")
    centre = await an_open_centre(manager, *LIKE, kind="familjecentralsliknande")
    path = f"/family-centres/{centre['id']}"

    no_municipal_part = await manager.post(f"/family-centres/{two['id']}/opening", json={})
    fourth = await manager.post(f"{path}/parts", json=a_part("mhv"))
    becoming = {**a_part("mhv", fromOn=None), "centreKind": "familjecentral"}
    await made(await manager.post(f"{path}/parts", json=becoming))

    assert problem(no_municipal_part) == (422, "similar-centre-not-whole")
    assert missing(no_municipal_part) == {"municipal-part-missing"} == {two["warnings"][0].replace("_", "-")}
    assert problem(fourth) == (422, "is-familjecentral")
    assert (await made(await manager.get(path)))["kind"] == "familjecentral"


@pytest.mark.rule("R12.3")
async def test_a_way_of_working_needs_three_sides_in_any_house(manager):
    centre = await a_centre(manager, "youth_clinic", "student_health", kind="way_of_working_0_18", ageMax=18)
    path = f"/family-centres/{centre['id']}"

    refused = await manager.post(f"{path}/opening", json={})
    await made(await manager.post(f"{path}/parts", json=a_part("preventive_social", coLocated=False)))
    opened = await made(await manager.post(f"{path}/opening", json={}))

    assert problem(refused) == (422, "way-of-working-not-whole")
    assert missing(refused) == {"social-part-missing"}
    assert opened["status"] == "open"


async def test_two_changes_at_once_never_leave_a_centre_without_its_kind(manager):
    centre = await an_open_centre(manager, *LIKE, kind="familjecentralsliknande")
    path = f"/family-centres/{centre['id']}/parts"
    municipal = [part["id"] for part in centre["parts"] if part["type"] != "bhv"]

    answers = await asyncio.gather(*(manager.post(f"{path}/{part}/ending", json={}) for part in municipal))

    assert sorted(answer.status_code for answer in answers) == [201, 422]


async def test_centres_are_found_by_what_they_are(client_for, manager, gnesta):
    youth = await an_open_centre(
        manager, "student_health", "preventive_social", "bhv", kind="way_of_working_0_18", ageMax=18,
        municipalityCode="0480", takesReferrals=False,
    )  # fmt: skip
    clinic = a_part("youth_clinic", ageMin=13, ageMax=23)
    await made(await manager.post(f"/family-centres/{youth['id']}/parts", json=clinic))
    family = client_for("guardian.one")

    async def found(**filters: object) -> set[str]:
        page = await made(await family.get("/family-centres", params={"limit": 200, **filters}))
        return {item["id"] for item in page["items"]} & {youth["id"], gnesta["id"]}

    total = await made(await family.get("/family-centres", params={"municipalityCode": "0480", "includeTotal": True}))
    assert total["_meta"]["totalRecords"] == 1
    assert await found(municipalityCode="0480") == await found(kind="way_of_working_0_18") == {youth["id"]}
    assert await found(part=["youth_clinic", "student_health"]) == await found(takesReferrals=False) == {youth["id"]}
    assert await found(fromPregnancy=True) == {gnesta["id"]}
    assert await found(status="planned") == set()
    assert [await found(age=age) for age in (6, 18, 23, 24)] == [
        {gnesta["id"], youth["id"]}, {youth["id"]}, {youth["id"]}, set(),
    ]  # fmt: skip


async def test_what_fits_an_age_is_told_to_other_packages(kernel, client_for, manager):
    centre = await an_open_centre(
        manager, "student_health", "preventive_social", "bhv", kind="way_of_working_0_18", ageMax=18,
        municipalityCode="0482",
    )  # fmt: skip
    clinic = a_part("youth_clinic", ageMin=13, ageMax=23)
    part = await made(await manager.post(f"/family-centres/{centre['id']}/parts", json=clinic))
    await a_centre(manager, municipalityCode="0482", ageMax=18)

    async with kernel.database.transaction(write=False) as tx:
        context = kernel.signer.sign(None, None, None, kernel.clock.now())
        await tx.rows("select set_config('tillsammans.context', %s, true)", [context])
        told = {age: await service.fitting(tx, "0482", age) for age in (12, 13, 23, 24)}
        whole = await service.centre_of(tx, told[12][0]["centre_id"])

    ids = {age: [str(row["part_id"] or row["centre_id"]) for row in rows] for age, rows in told.items()}
    assert ids == {12: [centre["id"]], 13: [part["id"], centre["id"]], 23: [part["id"]], 24: []}
    assert whole is not None
    assert (len(whole["parts"]), whole["unit_id"]) == (4, UNITS["gnesta-familjecentral"])


async def test_a_centre_says_whether_it_has_room_with_who_and_when(client_for, manager, clock):
    centre = await an_open_centre(manager)
    path, staff = f"/family-centres/{centre['id']}", client_for("gnesta.familycentre")
    clock.set(MONDAY_MORNING)
    assert centre["capacityAnswer"] is None

    body = {"answer": "full_with_waiting_list", "note": "Omkring tre veckor.", "validUntil": "2026-03-31"}
    said = await made(await staff.post(f"{path}/capacity-answer", json=body))
    clock.set(datetime(2026, 3, 31, 21, 59, tzinfo=UTC))
    on_the_last_day = await made(await manager.get(path))
    clock.set(datetime(2026, 3, 31, 22, tzinfo=UTC))
    afterwards = await made(await manager.get(path))
    foreign = await client_for("gnesta.openpreschool").post(f"{path}/capacity-answer", json={"answer": "full"})

    assert said["capacityAnswer"] == {
        **body, "saidAt": "2026-03-02T09:00:00Z", "saidBy": str(USER_IDS["gnesta.familycentre"]),
        "saidByName": "Elin Forsberg",
    }  # fmt: skip
    assert {"capacity-answer", "visits", "count-visits"} <= said["_links"].keys()
    assert "edit" not in said["_links"]
    assert (on_the_last_day["capacityAnswer"] is not None, afterwards["capacityAnswer"]) == (True, None)
    assert problem(foreign) == (403, "forbidden")


async def test_a_centre_closes_with_a_reason_and_opens_again(manager):
    centre = await an_open_centre(manager, *LIKE, kind="familjecentralsliknande")
    path = f"/family-centres/{centre['id']}"

    future = await manager.post(f"{path}/closure", json={"reason": "Flyttar.", "closedOn": "2099-01-01"})
    closed = await made(await manager.post(f"{path}/closure", json={"reason": "Huset byggs om."}))
    again = await manager.post(f"{path}/closure", json={"reason": "Igen."})
    answered = await manager.post(f"{path}/capacity-answer", json={"answer": "full"})
    ending = f"{path}/parts/{centre['parts'][0]['id']}/ending"
    await made(await manager.post(ending, json={}))
    without = await manager.post(f"{path}/opening", json={})
    await made(await manager.post(f"{path}/parts", json=a_part("bhv")))
    reopened = await made(await manager.post(f"{path}/opening", json={}))

    assert problem(future) == (422, "centre-day-does-not-fit")
    assert (closed["status"], closed["closedReason"], closed["isOpenNow"]) == ("closed", "Huset byggs om.", False)
    assert problem(again) == problem(answered) == (409, "impossible-in-this-state")
    assert problem(without) == (422, "similar-centre-not-whole")
    assert (reopened["status"], reopened["closedReason"]) == ("open", None)


async def test_a_centre_is_changed_by_its_unit(manager, client_for):
    centre = await a_centre(manager)
    path = f"/family-centres/{centre['id']}"

    changed = await made(await manager.patch(path, json={"phone": "0158-000 00"}, headers=changing(centre)))
    stale = await manager.patch(path, json={"phone": None}, headers=changing(centre))
    unclear = await manager.patch(path, json={"ageMin": 7}, headers=changing(changed))
    hours = [{"weekday": 1, "opens": "12:00", "closes": "08:00"}]
    backwards = await manager.patch(path, json={"openingHours": hours}, headers=changing(changed))

    assert (changed["phone"], changed["openingHours"]) == ("0158-000 00", centre["openingHours"])
    assert stale.status_code == 412
    assert problem(unclear) == (422, "age-limits-unclear")
    assert problem(backwards) == (422, "opening-hours-unclear")


async def test_a_centre_belongs_to_a_unit_and_a_municipality(client_for, manager):
    admin = client_for("sys.admin")
    body = {"kind": "familjecentral", "name": "Ny", "unitId": str(UNITS["vingaker-ifo"])}

    by_admin = await made(await admin.post("/family-centres", json=body))
    no_unit = await admin.post("/family-centres", json={**body, "unitId": by_admin["id"]})
    no_municipality = await admin.post("/family-centres", json={**body, "municipalityCode": "9999"})
    nowhere = await admin.post("/family-centres", json={**body, "unitId": str(UNITS["lansstod"])})

    assert (by_admin["municipalityCode"], by_admin["authorityName"]) == ("0428", "Socialnämnden i Vingåker")
    assert {"edit", "opening", "add-part"} <= by_admin["_links"].keys()
    assert "capacity-answer" not in by_admin["_links"]
    assert problem(no_unit) == (422, "unknown-reference")
    assert problem(no_municipality) == problem(nowhere) == (422, "unknown-municipality")
    assert problem(await manager.post("/family-centres", json=body)) == (403, "forbidden")


@pytest.mark.parametrize("who", ["guardian.one", "gnesta.familycentre", "gnesta.openpreschool", "region.bupmanager"])
async def test_nobody_else_manages_a_centre(client_for, gnesta, who):
    other, path = client_for(who), f"/family-centres/{gnesta['id']}"
    part = f"{path}/parts/{gnesta['parts'][0]['id']}"

    answers = [
        await other.patch(path, json={"name": "Min"}, headers=changing(gnesta)),
        await other.post(f"{path}/opening", json={}),
        await other.post(f"{path}/closure", json={"reason": "Nej."}),
        await other.post(f"{path}/parts", json=a_part("school")),
        await other.patch(part, json={"name": "Min"}, headers=changing(gnesta["parts"][0])),
        await other.post(f"{part}/ending", json={}),
    ]

    assert [problem(answer) for answer in answers] == [(403, "forbidden")] * 6


async def test_a_part_has_an_owner_and_is_there_once(manager):
    centre = await a_centre(manager)
    path = f"/family-centres/{centre['id']}/parts"
    unowned = {"type": "other", "name": "Tandvården"}
    region, social = str(AUTHORITIES["region"]), str(AUTHORITIES["gnesta-social"])

    named = await made(await manager.post(path, json={**unowned, "authorityId": region}))
    again = await manager.post(path, json={**unowned, "authorityId": region})
    no_owner = await manager.post(path, json={**unowned, "name": "Biblioteket"})
    elsewhere = await manager.post(path, json=a_part("bhv", authorityId=social))
    no_unit = await manager.post(path, json=a_part("bhv", unitId=centre["id"]))
    no_authority = await manager.post(path, json={**unowned, "name": "Bio", "authorityId": centre["id"]})
    half = await manager.post(path, json=a_part("bhv", ageMin=3))
    backwards = await manager.post(f"{path}/{named['id']}/ending", json={"toOn": "2019-01-01"})

    assert (named["unitId"], named["authorityId"], named["toOn"]) == (None, region, None)
    assert problem(again) == (409, "part-already-there")
    assert problem(no_owner) == problem(elsewhere) == (422, "part-of-another-authority")
    assert problem(no_unit) == problem(no_authority) == (422, "unknown-reference")
    assert problem(half) == (422, "age-limits-unclear")
    assert problem(backwards) == (422, "centre-day-does-not-fit")


async def test_a_part_is_changed_while_it_is_one(manager):
    centre = await a_centre(manager, "bhv")
    path = f"/family-centres/{centre['id']}/parts/{centre['parts'][0]['id']}"
    part = await made(await manager.get(path))

    foreign = await manager.patch(path, json={"unitId": str(UNITS["gnesta-skola"])}, headers=changing(part))
    stale = await manager.patch(path, json={"name": "BVC"}, headers={"if-match": '"v7"'})
    await made(await manager.post(path.rpartition("/")[0], json=a_part("bhv", name="Den andra")))
    taken = await manager.patch(path, json={"name": "Den andra"}, headers=changing(part))
    limited = {"name": "BVC", "ageMin": 0, "ageMax": 5, "unitId": None}
    changed = await made(await manager.patch(path, json=limited, headers=changing(part)))
    ended = await made(await manager.post(f"{path}/ending", json={"reason": "Flyttar."}))
    answers = [
        await manager.patch(path, json={"name": "Åter"}, headers=changing(ended)),
        await manager.post(f"{path}/ending", json={}),
    ]

    assert problem(foreign) == (422, "part-of-another-authority")
    assert stale.status_code == 412
    assert problem(taken) == (409, "part-already-there")
    assert (changed["name"], changed["ageMax"], changed["unitId"]) == ("BVC", 5, None)
    assert changed["authorityId"] == str(AUTHORITIES["region"])
    assert [problem(answer) for answer in answers] == [(409, "part-has-ended")] * 2


async def test_what_is_not_there(client_for, manager, gnesta):
    other = await a_centre(manager, "bhv")
    foreign = f"/family-centres/{gnesta['id']}/parts/{other['parts'][0]['id']}"

    answers = [
        await manager.get(f"/family-centres/{UNITS['gnesta-ifo']}"),
        await manager.post(f"/family-centres/{UNITS['gnesta-ifo']}/opening", json={}),
        await manager.get(foreign),
        await manager.post(f"{foreign}/ending", json={}),
    ]

    assert [problem(answer) for answer in answers] == [(404, "not-found")] * 4


async def test_changes_of_centres_and_parts_are_logged(manager, owner_db):
    centre = await a_centre(manager, "bhv")
    ids = [centre["id"], centre["parts"][0]["id"]]

    rows = owner_db.execute("select action from access_log where object_id = any (%s::uuid[]) order by id", [ids])

    assert [row["action"] for row in rows] == ["createFamilyCentre", "addCentrePart"]
