"""Absences and signs over HTTP."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from app.demo.directory import UNITS
from app.demo.staff import USER_IDS
from tests.builders import made, problem
from tests.coordinators.steps import is_away

pytestmark = pytest.mark.database

#: Each test has days of its own: absences stay, and everybody of the unit shares them.
_days = iter(date(2031, 1, 1) + timedelta(days=30 * number) for number in range(100))


@pytest.fixture
def day():
    return next(_days)


@pytest.fixture
def school(client_for):
    return client_for("gnesta.school")


@pytest.fixture
def manager(client_for):
    return client_for("gnesta.schoolmanager")


async def test_somebody_reports_the_own_absence_with_a_deputy(school, day):
    absence = await made(await is_away(school, "gnesta.school", "gnesta.school2", first=day, last=day))

    read = await school.get(f"/coordinator-absences/{absence['id']}")
    assert read.json() == absence
    assert (absence["name"], absence["deputyName"], absence["reason"]) == ("Sara Ekdahl", "Oskar Nyberg", "leave")
    assert absence["_links"]["ending"]["method"] == "POST"


async def test_a_manager_reports_for_the_own_unit_and_a_colleague_does_not(client_for, school, manager, day):
    by_manager = await is_away(manager, "gnesta.school", "gnesta.school2", first=day)
    by_colleague = await is_away(school, "gnesta.school2", first=day)
    of_another_unit = await is_away(client_for("gnesta.socialmanager"), "gnesta.school", first=day)

    assert by_manager.status_code == 201
    assert problem(by_colleague) == (403, "forbidden")
    assert problem(of_another_unit) == (422, "unknown-reference")
    await made(await manager.post(f"/coordinator-absences/{by_manager.json()['id']}/ending", json={}))


async def test_why_somebody_is_away_is_nothing_for_colleagues(client_for, school, manager, day):
    absence = await made(await is_away(school, "gnesta.school", first=day, last=day))
    address = f"/coordinator-absences/{absence['id']}"

    assert (await client_for("gnesta.school2").get(address)).json()["reason"] is None
    assert (await manager.get(address)).json()["reason"] == "leave"
    assert "ending" not in (await client_for("gnesta.school2").get(address)).json()["_links"]


async def test_absences_are_the_own_units(client_for, school, day):
    absence = await made(await is_away(school, "gnesta.school", first=day, last=day))
    other = client_for("gnesta.otherschool")

    mine = (await made(await school.get("/coordinator-absences?limit=200")))["items"]
    theirs = (await made(await other.get("/coordinator-absences?limit=200")))["items"]
    assert absence["id"] in {item["id"] for item in mine}
    assert absence["id"] not in {item["id"] for item in theirs}
    for tried in (
        await other.get(f"/coordinator-absences/{absence['id']}"),
        await other.post(f"/coordinator-absences/{absence['id']}/ending", json={}),
    ):
        assert problem(tried) == (404, "not-found")
    assert problem(await client_for("guardian.one").get("/coordinator-absences")) == (403, "forbidden")


async def test_a_deputy_works_in_the_unit_and_is_somebody_else(school, day):
    elsewhere = await is_away(school, "gnesta.school", "gnesta.social", first=day)
    oneself = await is_away(school, "gnesta.school", "gnesta.school", first=day)

    assert problem(elsewhere) == (422, "deputy-not-in-unit")
    assert problem(oneself) == (422, "deputy-is-oneself")


async def test_an_absence_does_not_end_before_it_begins(school, day):
    answer = await is_away(school, "gnesta.school", first=day, last=day - timedelta(days=1))

    assert problem(answer) == (422, "validation-failed")


@pytest.mark.rule("R5.6")
async def test_a_deputy_is_there_in_those_days(client_for, school, day):
    week = {"first": day, "last": day + timedelta(days=6)}
    await made(await is_away(client_for("gnesta.school2"), "gnesta.school2", "gnesta.schoolmanager", **week))

    overlapping = await is_away(school, "gnesta.school", "gnesta.school2", first=day + timedelta(days=6))
    next_day = day + timedelta(days=7)
    after = await is_away(school, "gnesta.school", "gnesta.school2", first=next_day, last=next_day)

    assert problem(overlapping) == (409, "deputy-is-away")
    assert after.status_code == 201


@pytest.mark.rule("R5.6")
async def test_no_two_stand_in_for_each_other_also_not_at_once(client_for, school, day):
    first, second = await asyncio.gather(
        is_away(school, "gnesta.school", "gnesta.school2", first=day, last=day),
        is_away(client_for("gnesta.school2"), "gnesta.school2", "gnesta.school", first=day, last=day),
    )

    assert sorted([first.status_code, second.status_code]) == [201, 409]
    assert {problem(one)[1] for one in (first, second)} == {"", "deputy-is-away"}


async def test_one_absence_covers_a_day(school, day):
    await made(await is_away(school, "gnesta.school", first=day, last=day + timedelta(days=2)))

    again = await is_away(school, "gnesta.school", first=day + timedelta(days=2), last=day + timedelta(days=3))

    assert problem(again) == (409, "away-already")


async def test_an_absence_ends_once_and_its_days_are_free_again(school, day):
    absence = await made(await is_away(school, "gnesta.school", first=day))
    address = f"/coordinator-absences/{absence['id']}"

    ended = await made(await school.post(f"{address}/ending", json={}))
    again = await school.post(f"{address}/ending", json={})

    assert ended["endedAt"] is not None
    assert "ending" not in ended["_links"]
    assert problem(again) == (409, "absence-is-over")
    assert (await is_away(school, "gnesta.school", first=day, last=day)).status_code == 201


async def test_an_absence_that_is_not_there(school):
    assert problem(await school.get(f"/coordinator-absences/{uuid4()}")) == (404, "not-found")


@pytest.mark.rule("R5.6")
async def test_a_coordinator_gives_a_sign_and_names_who_answers_otherwise(client_for, clock):
    clock.set(datetime(2026, 3, 20, 9, 30, tzinfo=UTC))
    karin, address = client_for("gnesta.school2"), "/coordination-workload/acknowledgement"

    given = await made(await karin.post(address, json={"deputyUserId": str(USER_IDS["gnesta.school"])}))
    elsewhere = await karin.post(address, json={"deputyUserId": str(USER_IDS["gnesta.social"])})
    oneself = await karin.post(address, json={"deputyUserId": str(USER_IDS["gnesta.school2"])})

    assert (given["deputyName"], given["silentFrom"]) == ("Sara Ekdahl", "2026-04-03")
    assert (await karin.get(address)).json() == given
    assert problem(elsewhere) == (422, "deputy-not-in-unit")
    assert problem(oneself) == (422, "deputy-is-oneself")
    assert (await made(await karin.post(address, json={})))["deputyName"] is None


async def test_before_the_first_sign_there_is_none(client_for):
    address = "/coordination-workload/acknowledgement"

    assert problem(await client_for("gnesta.studenthealth").get(address)) == (404, "not-found")
    assert problem(await client_for("guardian.one").post(address, json={})) == (403, "forbidden")


async def test_what_was_reported_is_in_the_log(school, day, owner_db):
    absence = await made(await is_away(school, "gnesta.school", first=day, last=day))

    entries = owner_db.execute("select * from access_log where object_id = %s", [absence["id"]]).fetchall()
    assert [(entry["action"], entry["kind"], entry["unit_id"]) for entry in entries] == [
        ("reportCoordinatorAbsence", "change", UNITS["gnesta-skola"])
    ]
