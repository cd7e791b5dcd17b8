"""Coordination desks over HTTP."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from app.demo.directory import DESKS, UNITS
from app.demo.staff import USER_IDS
from tests.builders import changing, made, problem

pytestmark = pytest.mark.database

GNESTA = f"/coordination-desks/{DESKS[0].id}"
MONDAY_MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)
MONDAY = {"weekday": 1, "opens": "08:00", "closes": "12:00"}


@pytest.fixture
def coordinator(client_for):
    return client_for("gnesta.coordinator")


@pytest.fixture
def admin(client_for):
    return client_for("sys.admin")


async def a_unit(admin) -> str:
    """A new unit of Gnesta's social board."""
    authority = (await admin.get(f"/units/{UNITS['gnesta-ifo']}")).json()["authorityId"]
    body = {
        "authorityId": authority, "name": "Ny funktion", "unitType": "open_social", "municipalityCode": "0461",
    }  # fmt: skip
    return (await made(await admin.post("/units", json=body)))["id"]


async def employed(admin, unit_id: str) -> str:
    """A new user with an assignment in the unit."""
    user = await made(await admin.post("/users", json={"name": "Ny Samordnare", "subject": f"new.{unit_id}"}))
    assignment = {"userId": user["id"], "unitId": unit_id, "role": "coordinator"}
    await made(await admin.post("/assignments", json=assignment))
    return user["id"]


async def a_desk_body(admin, **fields: Any) -> dict[str, Any]:
    unit_id = await a_unit(admin)
    lead = await employed(admin, unit_id)
    return {"unitId": unit_id, "name": "Samordningen", "leadUserId": lead, "openingHours": [MONDAY], **fields}


@pytest.mark.parametrize("who", ["guardian.one", "youth.one", "region.bup", "stats.reader"])
async def test_everybody_may_know_whom_to_call(client_for, clock, who):
    clock.set(MONDAY_MORNING)

    desk = await made(await client_for(who).get(GNESTA))

    assert (desk["leadName"], desk["phone"]) == ("Karin Wallin", "0158-000 00")
    assert (desk["openNow"], desk["nextOpening"]) == (True, "2026-03-03T07:00:00Z")
    assert desk["_links"].keys() == {"self", "unit", "staff"}


async def test_desks_are_found_by_municipality_and_unit(client_for):
    family = client_for("guardian.one")

    by_code = await made(await family.get("/coordination-desks", params={"municipalityCode": ["0461", "0483"]}))
    by_unit = await made(await family.get("/coordination-desks", params={"unitId": str(DESKS[2].id)}))
    strangnas = {"unitId": str(UNITS["strangnas-samordning"])}

    assert {DESKS[0].id.hex, DESKS[1].id.hex} <= {item["id"].replace("-", "") for item in by_code["items"]}
    assert by_unit["items"] == []
    (found,) = (await made(await family.get("/coordination-desks", params=strangnas)))["items"]
    assert found["leadName"] == "Maja Ceder"


async def test_a_unit_becomes_a_desk_with_its_own_municipality(admin):
    body = await a_desk_body(admin)

    desk = await made(await admin.post("/coordination-desks", json=body))

    assert (desk["municipalityCode"], desk["unitName"], desk["leadName"]) == ("0461", "Ny funktion", "Ny Samordnare")
    assert desk["closedOnHolidays"] is True
    assert (await admin.get(f"/coordination-desks/{desk['id']}")).json() == desk


async def test_a_unit_has_one_desk_also_in_a_race(admin):
    body = await a_desk_body(admin)

    answers = await asyncio.gather(*(admin.post("/coordination-desks", json=body) for _ in range(2)))
    later = await admin.post("/coordination-desks", json=body)

    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert problem(later) == (409, "desk-already-there")


async def test_a_desk_of_no_unit_or_no_municipality_is_none(admin):
    body = await a_desk_body(admin)

    no_unit = await admin.post("/coordination-desks", json={**body, "unitId": str(DESKS[0].id)})
    no_municipality = await admin.post("/coordination-desks", json={**body, "municipalityCode": "9999"})

    assert problem(no_unit) == (422, "unknown-reference")
    assert problem(no_municipality) == (422, "unknown-municipality")


async def test_the_lead_works_in_the_desks_unit(admin, coordinator):
    body = await a_desk_body(admin, leadUserId=str(USER_IDS["gnesta.social"]))
    desk = await made(await coordinator.get(GNESTA))

    new = await admin.post("/coordination-desks", json=body)
    stranger = {"leadUserId": str(USER_IDS["gnesta.social"])}
    changed = await coordinator.patch(GNESTA, json=stranger, headers=changing(desk))

    assert problem(new) == problem(changed) == (422, "not-in-desk-unit")


async def test_hours_must_fit_together(admin, coordinator):
    overlapping = [MONDAY, {"weekday": 1, "opens": "11:00", "closes": "16:00"}]
    desk = await made(await coordinator.get(GNESTA))

    new = await admin.post("/coordination-desks", json=await a_desk_body(admin, openingHours=overlapping))
    changed = await coordinator.patch(GNESTA, json={"openingHours": overlapping}, headers=changing(desk))
    no_time = await coordinator.patch(GNESTA, json={"openingHours": [{**MONDAY, "opens": "8"}]}, headers=changing(desk))

    assert problem(new) == problem(changed) == (422, "opening-hours-unclear")
    assert problem(no_time) == (422, "validation-failed")


async def test_the_own_unit_changes_its_desk(client_for, coordinator):
    desk = await made(await coordinator.get(GNESTA))
    assert {"edit", "add-staff"} <= desk["_links"].keys()

    changed = await made(await coordinator.patch(GNESTA, json={"note": "Ring oss."}, headers=changing(desk)))
    stale = await coordinator.patch(GNESTA, json={"note": None}, headers=changing(desk))
    restored = await made(await coordinator.patch(GNESTA, json={"note": None}, headers=changing(changed)))

    assert (changed["note"], restored["note"]) == ("Ring oss.", None)
    assert changed["openingHours"] == desk["openingHours"]
    assert stale.status_code == 412


@pytest.mark.parametrize("who", ["guardian.one", "gnesta.school", "katrineholm.coordinator", "stats.reader"])
async def test_nobody_else_manages_a_desk(client_for, who):
    other = client_for(who)
    desk = await made(await other.get(GNESTA))
    body = {"unitId": str(UNITS["gnesta-ifo"]), "name": "Min egen", "leadUserId": str(USER_IDS["gnesta.social"])}

    answers = [
        await other.post("/coordination-desks", json=body),
        await other.patch(GNESTA, json={"note": "Hej"}, headers=changing(desk)),
        await other.post(f"{GNESTA}/staff", json={"userId": str(USER_IDS["gnesta.social"])}),
        await other.post(f"{GNESTA}/staff/{USER_IDS['gnesta.coordinator']}/ending", json={}),
    ]

    assert [problem(answer) for answer in answers] == [(403, "forbidden")] * 4


async def test_a_coordinator_makes_the_own_unit_a_desk_and_no_other(client_for, coordinator):
    body = {"name": "Samordningen", "leadUserId": str(USER_IDS["gnesta.coordinator"])}

    own = await coordinator.post("/coordination-desks", json={**body, "unitId": str(UNITS["gnesta-samordning"])})
    other = await coordinator.post("/coordination-desks", json={**body, "unitId": str(UNITS["gnesta-ifo"])})

    assert problem(own) == (409, "desk-already-there")
    assert problem(other) == (403, "forbidden")


async def test_who_answered_when_is_kept(client_for, admin):
    desk = await made(await admin.post("/coordination-desks", json=await a_desk_body(admin)))
    path, person = f"/coordination-desks/{desk['id']}/staff", {"userId": desk["leadUserId"]}

    added = await made(await admin.post(path, json=person))
    again = await admin.post(path, json=person)
    ended = await made(await admin.post(f"{path}/{person['userId']}/ending", json={"reason": "Ny tjänst."}))
    gone = await admin.post(f"{path}/{person['userId']}/ending", json={})
    back = await made(await admin.post(path, json=person))

    assert (added["name"], added["toAt"], "ending" in added["_links"]) == ("Ny Samordnare", None, True)
    assert problem(again) == (409, "already-on-desk")
    assert (ended["toAt"] is not None, "ending" in ended["_links"]) == (True, False)
    assert problem(gone) == (404, "not-found")
    everybody = (await made(await client_for("guardian.one").get(path)))["items"]
    assert [(item["id"], item["toAt"]) for item in everybody] == [(added["id"], ended["toAt"]), (back["id"], None)]


async def test_the_staff_work_in_the_desks_unit(coordinator):
    stranger = await coordinator.post(f"{GNESTA}/staff", json={"userId": str(USER_IDS["gnesta.social"])})

    assert problem(stranger) == (422, "not-in-desk-unit")


async def test_a_desk_that_is_not_there(client_for):
    missing = await client_for("guardian.one").get(f"/coordination-desks/{UNITS['gnesta-ifo']}")

    assert problem(missing) == (404, "not-found")


async def test_changes_of_the_directory_are_logged(admin, owner_db):
    desk = await made(await admin.post("/coordination-desks", json=await a_desk_body(admin)))

    rows = owner_db.execute("select action, kind from access_log where object_id = %s", [desk["id"]]).fetchall()

    assert [(row["action"], row["kind"]) for row in rows] == [("createCoordinationDesk", "change")]
