"""Registrations over HTTP: a place or a place in line, by nobody's name; never more than there are places."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from app.demo.staff import USER_IDS
from tests.activities.steps import MONDAY, UNIT, WEEK, an_activity, at, opened
from tests.builders import a_child_with_two_guardians, changing, made, problem

pytestmark = pytest.mark.database

ANSWERS = {"acceptance", "decline", "withdrawal"}


@pytest.fixture(autouse=True)
def monday(clock):
    clock.set(MONDAY)


@pytest.fixture
def unit(client_for):
    return client_for(UNIT)


@pytest.fixture
def maria(client_for):
    return client_for("guardian.one")


@pytest.fixture
def johan(client_for):
    return client_for("guardian.two")


async def register(client, activity, **body):
    return await client.post(f"/activities/{activity['id']}/registrations", json=body)


async def registered(client, activity, **body):
    return await made(await register(client, activity, **body))


async def answered(client, registration, deed):
    return await client.post(f"/registrations/{registration['id']}/{deed}", json={})


async def stands(client, registration):
    """Where it stands as its own maker sees it: status and rank."""
    now = await made(await client.get(f"/registrations/{registration['id']}"))
    return (now["status"], now["rank"]) if now["rank"] else now["status"]


async def test_a_free_place_is_confirmed_at_once_with_a_code_that_is_told_once(client_for, unit, maria):
    activity = await opened(unit)

    mine = await registered(maria, activity)

    assert (mine["status"], mine["rank"], mine["registeredKind"]) == ("confirmed", None, "guardian")
    assert mine["_links"].keys() == {"self", "activity", "withdrawal"}
    read = await made(await maria.get(f"/registrations/{mine['id']}"))
    assert read == {**mine, "bookingCode": None}
    said = {"bookingCode": mine["bookingCode"].lower().replace("-", " ")}
    looked_up = await unit.post("/registration-lookups", json=said)
    assert (looked_up.status_code, looked_up.json()["id"], looked_up.json()["bookingCode"]) == (200, mine["id"], None)
    for subject in ("gnesta.school", "guardian.two"):
        assert problem(await client_for(subject).post("/registration-lookups", json=said)) == (404, "not-found")
    unknown = await unit.post("/registration-lookups", json={"bookingCode": "2222-2222"})
    assert problem(unknown) == (404, "not-found")


@pytest.mark.rule("R11.5")
async def test_a_place_that_becomes_free_goes_down_the_line(client_for, clock, unit, maria, johan):
    activity = await opened(unit, capacity=1, audiences=["guardians", "professionals"])
    school, social = client_for("gnesta.school"), client_for("gnesta.social")
    first, second = await registered(maria, activity), await registered(johan, activity)
    third, fourth = await registered(school, activity), await registered(social, activity)
    assert [one["status"] for one in (first, second, third, fourth)] == ["confirmed", "waiting", "waiting", "waiting"]
    assert [(one["rank"], one["waiting"]) for one in (second, third, fourth)] == [(1, 1), (2, 2), (3, 3)]
    assert second["_links"].keys() == {"self", "activity", "withdrawal"}
    assert problem(await answered(johan, second, "acceptance")) == (409, "nothing-offered")

    withdrawn = await made(await answered(maria, first, "withdrawal"))
    offered = await made(await johan.get(f"/registrations/{second['id']}"))
    assert (withdrawn["status"], withdrawn["_links"].keys()) == ("withdrawn", {"self", "activity"})
    assert (offered["status"], offered["offerExpiresAt"]) == ("offered", at(MONDAY + timedelta(days=3)))
    assert offered["_links"].keys() == {"self", "activity", *ANSWERS}
    assert (await made(await answered(johan, second, "decline")))["status"] == "declined"

    assert await stands(school, third) == "offered"
    clock.advance(timedelta(days=3))
    assert await stands(school, third) == "expired"
    for anybody in (client_for(None), unit):
        shown = await made(await anybody.get(f"/activities/{activity['id']}"))
        assert (shown["status"], shown["free"]) == ("open", 1), "nobody has noticed yet"
    assert problem(await answered(school, third, "acceptance")) == (409, "offer-has-expired")
    again = await registered(maria, activity)
    assert again["rank"] == 1, "whoever waited is asked first"
    assert (await made(await answered(social, fourth, "acceptance")))["status"] == "confirmed"
    assert problem(await answered(social, fourth, "acceptance")) == (409, "nothing-offered")


async def test_near_its_beginning_an_offer_waits_one_day(clock, unit, maria, johan):
    activity = await opened(unit, capacity=1)
    first, second = await registered(maria, activity), await registered(johan, activity)
    clock.advance(WEEK - timedelta(hours=30))

    await made(await answered(maria, first, "withdrawal"))

    offered = await made(await johan.get(f"/registrations/{second['id']}"))
    assert offered["offerExpiresAt"] == at(MONDAY + WEEK - timedelta(hours=6))


async def test_more_places_are_offered_to_the_line(unit, maria, johan):
    activity = await opened(unit, capacity=1)
    await registered(maria, activity)
    second = await registered(johan, activity)

    larger = await unit.patch(f"/activities/{activity['id']}", json={"capacity": 2}, headers=changing(activity))

    assert (await made(larger))["free"] == 0
    assert await stands(johan, second) == "offered"


async def test_one_person_is_one_registration_and_nobody_learns_of_the_other_parents(
    client_for, owner_db, unit, maria, johan
):
    child = await a_child_with_two_guardians(client_for("gnesta.school"), birthDate="2018-05-06")
    activity = await opened(unit, capacity=9, ageMin=6, ageMax=60)

    made_ones = [
        await registered(maria, activity, age=39), await registered(johan, activity, age=39),
        await registered(maria, activity, childId=child["id"]), await registered(johan, activity, childId=child["id"]),
        await registered(unit, activity, age=30), await registered(unit, activity, age=30),
    ]  # fmt: skip
    for body in ({"age": 39}, {"childId": child["id"]}):
        assert problem(await register(maria, activity, **body)) == (409, "already-in-line")

    rows = owner_db.execute("select * from activity_registrations where activity_id = %s", [activity["id"]]).fetchall()
    assert len(rows) == len(made_ones)
    moves = owner_db.execute("select moved_by from place_moves where pool_id = %s", [activity["id"]]).fetchall()
    assert {row["moved_by"] for row in moves} == {None, USER_IDS[UNIT]}, "the line remembers nobody of the family"
    kept = {str(value) for row in rows for value in row.values()}
    kept |= {str(row["holder"]) for row in owner_db.execute("select holder from place_claims")}
    assert kept.isdisjoint({child["id"], str(USER_IDS["guardian.one"]), *(one["bookingCode"] for one in made_ones)})


async def test_the_age_is_checked_and_what_fits_is_told(client_for, unit, maria):
    child = await a_child_with_two_guardians(client_for("gnesta.school"), birthDate="2012-05-06")
    movement = await opened(unit, type="movement", ageMin=6, ageMax=12, titleEn=None, titleSv="Rörelse")
    first = {"startsAt": at(MONDAY + timedelta(days=1)), "titleSv": "Tonårskväll", "titleEn": None}
    teens = await opened(unit, ageMin=13, ageMax=17, **first)

    older = await register(maria, movement, childId=child["id"])

    assert problem(older) == (422, "age-outside-activity")
    fitting = {one["id"]: (one["name"], one["href"].rpartition("/v1")[2]) for one in older.json()["alternatives"]}
    assert fitting[teens["id"]] == ("Tonårskväll", f"/activities/{teens['id']}")
    assert problem(await register(maria, movement, age=5)) == (422, "age-outside-activity")
    assert problem(await register(maria, movement)) == (422, "age-needed")
    assert problem(await register(maria, movement, childId=str(uuid4()))) == (422, "unknown-reference")
    assert problem(await register(unit, movement, childId=child["id"])) == (422, "child-is-for-guardians")
    assert (await registered(maria, teens, childId=child["id"]))["status"] == "confirmed"


async def test_one_registers_while_it_is_open_for_oneself(client_for, clock, unit, maria):
    without = await an_activity(unit)
    planned = await an_activity(unit, capacity=2)
    window = {"registrationOpensAt": at(MONDAY + timedelta(days=1)), "registrationClosesAt": at(MONDAY + 3 * WEEK / 7)}
    later = await opened(unit, **window)
    training = await opened(client_for("gnesta.school"), type="teacher_training", audiences=["professionals"])

    assert problem(await register(maria, without)) == (409, "no-registration-needed")
    assert problem(await register(maria, planned)) == (409, "registration-closed")
    assert problem(await register(maria, later)) == (409, "registration-closed")
    assert problem(await register(maria, training)) == (422, "not-for-this-audience")
    assert problem(await register(client_for("youth.one"), training)) == (422, "not-for-this-audience")
    assert problem(await register(client_for("gnesta.social"), later)) == (409, "registration-closed")
    assert problem(await register(client_for("stats.reader"), later)) == (403, "forbidden")
    assert problem(await register(maria, {"id": uuid4()})) == (404, "not-found")
    assert (await registered(unit, training))["registeredKind"] == "professional"
    clock.advance(timedelta(days=1))
    assert problem(await register(client_for("gnesta.social"), later)) == (422, "not-for-this-audience")
    assert (await registered(maria, later))["status"] == "confirmed"
    clock.advance(timedelta(days=2))
    assert problem(await register(unit, later)) == (409, "registration-closed")


async def test_when_it_is_cancelled_nobody_has_a_place(client_for, unit, maria, johan):
    activity = await opened(unit, capacity=1)
    first, second, third = [await registered(one, activity) for one in (maria, johan, unit)]

    cancelled = await unit.post(f"/activities/{activity['id']}/cancellation", json={"reason": "Ledaren är sjuk."})

    assert (await made(cancelled))["waiting"] == 0
    for client, registration in ((maria, first), (johan, second), (unit, third)):
        now = await made(await client.get(f"/registrations/{registration['id']}"))
        assert (now["status"], now["cancelReason"]) == ("withdrawn", "Ledaren är sjuk.")
        assert now["_links"].keys() == {"self", "activity"}
    assert problem(await register(client_for("youth.one"), activity)) == (409, "registration-closed")


async def test_whoever_registers_while_it_is_cancelled_has_no_place_either(owner_db, unit, maria, johan):
    activity = await opened(unit, capacity=3)

    *answers, cancelled = await asyncio.gather(
        *(register(client, activity) for client in (unit, maria, unit, johan, unit, unit)),
        unit.post(f"/activities/{activity['id']}/cancellation", json={"reason": "Regn."}),
    )

    await made(cancelled)
    assert {problem(answer) for answer in answers if answer.status_code != 201} <= {(409, "registration-closed")}
    claims = owner_db.execute("select status from place_claims where pool_id = %s", [activity["id"]])
    assert {row["status"] for row in claims} <= {"left", "withdrawn"}


async def test_what_has_begun_is_answered_no_more(clock, unit, maria):
    activity = await opened(unit)
    mine = await registered(maria, activity)
    clock.advance(WEEK)

    assert problem(await answered(maria, mine, "withdrawal")) == (409, "activity-has-begun")
    assert (await made(await maria.get(f"/registrations/{mine['id']}")))["_links"].keys() == {"self", "activity"}


async def test_each_sees_their_own_and_the_unit_sees_its_activities(client_for, unit, maria, johan):
    activity = await opened(unit, capacity=2, audiences=["guardians", "young_people", "professionals"])
    liam, school = client_for("youth.one"), client_for("gnesta.school")
    mine, theirs = await registered(maria, activity), await registered(johan, activity)
    young, ours = await registered(liam, activity), await registered(school, activity)
    assert young["registeredKind"] == "young_person"
    address = f"/activities/{activity['id']}/registrations"

    async def listed(client, where=address, **filters):
        return [item["id"] for item in (await made(await client.get(where, params=filters or None)))["items"]]

    everybody = [ours["id"], young["id"], theirs["id"], mine["id"]]
    assert await listed(unit) == everybody
    assert await listed(unit, status="waiting") == everybody[:2]
    assert await listed(unit, "/registrations", activityId=activity["id"], limit=3) == everybody[:3]
    page = await made(await unit.get(address, params={"limit": 2, "includeTotal": "true"}))
    assert page["_meta"]["totalRecords"] == 4
    assert await listed(unit, page["_links"]["next"]["href"]) == everybody[2:]
    for client, registration in ((maria, mine), (johan, theirs), (liam, young), (school, ours)):
        assert await listed(client) == [registration["id"]]
        assert registration["id"] in await listed(client, "/registrations", sent="true")
    assert await listed(client_for("gnesta.social")) == await listed(client_for("strangnas.social")) == []
    assert ours["id"] not in await listed(school, "/registrations")

    for client in (johan, liam, school, client_for("region.bvc")):
        assert problem(await client.get(f"/registrations/{mine['id']}")) == (404, "not-found")
        assert problem(await answered(client, mine, "withdrawal")) == (404, "not-found")
    assert (await made(await answered(unit, mine, "withdrawal")))["status"] == "withdrawn"


@pytest.mark.rule("R11.1")
async def test_thirty_at_once_and_never_more_than_there_are_places(owner_db, unit):
    activity = await opened(unit, capacity=10)

    answers = await asyncio.gather(*(register(unit, activity) for _ in range(30)))

    assert {answer.status_code for answer in answers} == {201}
    statuses = sorted(answer.json()["status"] for answer in answers)
    assert statuses == ["confirmed"] * 10 + ["waiting"] * 20
    seats = owner_db.execute("select seat from place_claims where pool_id = %s and seat is not null", [activity["id"]])
    assert sorted(row["seat"] for row in seats) == list(range(1, 11))
    now = await made(await unit.get(f"/activities/{activity['id']}"))
    assert (now["status"], now["free"], now["waiting"]) == ("full", 0, 20)
