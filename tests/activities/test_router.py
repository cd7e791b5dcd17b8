"""Activities over HTTP: anybody reads them, their unit plans, cancels and counts."""

from datetime import timedelta
from uuid import uuid4

import pytest

from app.demo.directory import UNITS
from tests.activities.steps import MONDAY, UNIT, WEEK, a_body, an_activity, at, opened
from tests.builders import changing, made, problem

pytestmark = pytest.mark.database

ANYBODY = {"self", "unit", "calendar"}


@pytest.fixture(autouse=True)
def monday(clock):
    clock.set(MONDAY)


@pytest.fixture
def unit(client_for):
    return client_for(UNIT)


async def found(client, **filters):
    return [item["id"] for item in (await made(await client.get("/activities", params=filters)))["items"]]


async def test_anybody_reads_it_and_who_is_known_sees_what_they_may_do(client_for, unit):
    planned = await an_activity(unit, capacity=8, titleEn=None, centreId=None)
    address = f"/activities/{planned['id']}"
    assert planned["_links"].keys() == ANYBODY | {"edit", "opening", "cancellation"}
    assert (planned["status"], planned["free"], planned["registrationOpen"]) == ("planned", 8, False)
    assert (planned["unitId"], planned["municipalityCode"]) == (str(UNITS["gnesta-familjecentral"]), "0461")

    swedish = {"accept-language": "sv"}
    nobody = await client_for(None).get(address, headers=swedish)
    assert nobody.json()["_links"].keys() == ANYBODY
    assert (nobody.json()["title"], nobody.headers["cache-control"]) == ("Komet-träff", "public, max-age=300")
    again = await client_for(None).get(address, headers={**swedish, "if-none-match": nobody.headers["etag"]})
    assert again.status_code == 304

    own = await unit.get(address)
    assert own.json()["_links"] == planned["_links"]
    assert own.headers["cache-control"] == "private, no-cache"
    changed = await unit.patch(address, json={"titleEn": "Komet"}, headers={"if-match": own.headers["etag"]})
    assert (await made(changed))["title"] == "Komet"
    await made(await unit.post(f"{address}/opening", json={}))
    for subject, more in {
        "guardian.one": {"registrations"}, "gnesta.school": {"registrations"}, "stats.reader": set(),
        UNIT: {"registrations", "edit", "cancellation"},
    }.items():  # fmt: skip
        assert (await client_for(subject).get(address)).json()["_links"].keys() == ANYBODY | more, subject
    assert (await client_for(None).get(address)).json()["_links"].keys() == ANYBODY
    forged = await client_for(None).get(address, headers={"authorization": "Bearer nonsense"})
    assert problem(forged) == (401, "unauthenticated")
    assert problem(await client_for(None).get(f"/activities/{uuid4()}")) == (404, "not-found")


async def test_they_are_found_by_place_kind_audience_age_time_and_state(client_for, unit):
    here = {"unitId": str(UNITS["gnesta-familjecentral"]), "from": "2027-01-01"}
    late = {"startsAt": "2027-03-01T17:00:00Z", "endsAt": "2027-03-01T19:00:00Z"}
    movement = await opened(unit, type="movement", ageMin=6, ageMax=12, audiences=["children"], capacity=1, **late)
    evening = await an_activity(unit, type="theme_evening_andt", audiences=["guardians", "professionals"], **late)
    await made(await unit.post(f"/activities/{movement['id']}/registrations", json={"age": 7}))
    asked = client_for(None)

    for filters, wanted in (
        ({"age": 12}, [movement, evening]),
        ({"age": 13}, [evening]),
        ({"type": "movement"}, [movement]),
        ({"audience": ["young_people", "professionals"]}, [evening]),
        ({"municipalityCode": "0483"}, []),
        ({"municipalityCode": ["0461", "0483"]}, [movement, evening]),
        ({"status": "full"}, [movement]),
        ({"status": ["open", "cancelled"]}, []),
        ({"to": "2027-02-28"}, []),
        ({"to": "2027-03-01", "sortOrder": "desc"}, [evening, movement]),
        ({"from": "2027-03-02"}, []),
    ):
        assert await found(asked, **{**here, **filters}) == [item["id"] for item in wanted], filters

    first = await made(await asked.get("/activities", params={**here, "limit": 1, "includeTotal": "true"}))
    assert (first["_meta"]["totalRecords"], first["items"][0]["id"]) == (2, movement["id"])
    then = await made(await asked.get(first["_links"]["next"]["href"]))
    assert [item["id"] for item in then["items"]] == [evening["id"]]


async def test_only_what_lies_ahead_is_listed_unless_the_past_is_asked_for(client_for, clock, unit):
    activity = await an_activity(unit, capacity=3)
    clock.advance(WEEK + timedelta(days=1))

    assert activity["id"] not in await found(unit, limit=200)
    (held,) = [item for item in (await made(await unit.get("/activities", params={"from": "2026-03-01", "limit": 200})))
               ["items"] if item["id"] == activity["id"]]  # fmt: skip
    assert held["status"] == "held"
    assert held["_links"].keys() == ANYBODY | {"attendance", "evaluation"}


async def test_a_centre_has_its_activities(client_for, unit):
    manager = client_for("gnesta.familymanager")
    body = {
        "kind": "familjecentral", "name": "Familjecentralen", "municipalityCode": "0461", "ageMin": 0, "ageMax": 6,
        "unitId": str(UNITS["gnesta-familjecentral"]), "openingHours": [],
    }  # fmt: skip
    centre = await made(await manager.post("/family-centres", json=body))

    activity = await an_activity(unit, centreId=centre["id"])
    listed = await made(await client_for(None).get(f"/family-centres/{centre['id']}/activities"))

    assert [item["id"] for item in listed["items"]] == [activity["id"]]
    assert activity["_links"]["family-centre"]["href"].endswith(f"/family-centres/{centre['id']}")
    assert activity["centreName"] == "Familjecentralen"
    assert listed["_links"]["self"]["href"].endswith(f"/family-centres/{centre['id']}/activities")
    assert await found(client_for(None), centreId=centre["id"]) == [activity["id"]]
    stranger = await client_for("gnesta.school").post("/activities", json=a_body(centreId=centre["id"]))
    assert problem(stranger) == (422, "unit-not-of-centre")
    assert problem(await client_for(None).get(f"/family-centres/{uuid4()}/activities")) == (404, "not-found")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"type": "movement", "ageMax": 13}, "movement-is-for-up-to-12"),
        ({"ageMin": 9, "ageMax": 8}, "ages-unclear"),
        ({"endsAt": at(MONDAY)}, "activity-times-unclear"),
        ({"municipalityCode": "9999"}, "unknown-municipality"),
        ({"centreId": str(uuid4())}, "unknown-reference"),
        ({"supportOfferId": str(uuid4())}, "unknown-reference"),
    ],
)
async def test_what_cannot_be_is_named(unit, fields, code):
    assert problem(await unit.post("/activities", json=a_body(**fields))) == (422, code)


async def test_it_is_its_units_to_change(client_for, unit):
    activity = await an_activity(unit)
    address = f"/activities/{activity['id']}"
    changes = {"place": "Torget", "capacity": 4, "ageMin": None}

    assert problem(await unit.patch(address, json=changes)) == (428, "precondition-required")
    for subject in ("gnesta.school", "guardian.one", "sys.admin"):
        answer = await client_for(subject).patch(address, json=changes, headers=changing(activity))
        assert problem(answer) == (403, "forbidden")
    assert problem(await client_for("guardian.one").post("/activities", json=a_body())) == (403, "forbidden")
    changed = await made(await unit.patch(address, json=changes, headers=changing(activity)))
    assert (changed["place"], changed["capacity"], changed["free"]) == ("Torget", 4, 4)
    assert problem(await unit.patch(address, json=changes, headers=changing(activity))) == (412, "precondition-failed")


async def test_registration_is_opened_where_there_are_places(unit):
    without = await an_activity(unit)
    activity = await opened(unit)

    answer = await unit.post(f"/activities/{without['id']}/opening", json={})
    assert problem(answer) == (409, "no-registration-needed")
    assert (activity["status"], activity["registrationOpen"]) == ("open", True)
    again = await unit.post(f"/activities/{activity['id']}/opening", json={})
    assert problem(again) == (409, "impossible-in-this-state")


async def test_there_are_never_fewer_places_than_are_taken(unit):
    activity = await opened(unit)
    address = f"/activities/{activity['id']}"
    for _ in range(2):
        await made(await unit.post(f"{address}/registrations", json={}))

    fewer = await unit.patch(address, json={"capacity": 1}, headers=changing(activity))
    assert problem(fewer) == (409, "places-are-taken")


async def test_a_cancelled_activity_tells_why_and_changes_no_more(client_for, unit):
    activity = await opened(unit)
    address = f"/activities/{activity['id']}"

    cancelled = await made(await unit.post(f"{address}/cancellation", json={"reason": "Ledaren är sjuk."}))

    assert (cancelled["status"], cancelled["cancelReason"]) == ("cancelled", "Ledaren är sjuk.")
    assert (await client_for(None).get(address)).json()["cancelReason"] == "Ledaren är sjuk."
    assert cancelled["_links"].keys() == ANYBODY
    edit = await unit.patch(address, json={"place": "Torget"}, headers=changing(cancelled))
    assert problem(edit) == (409, "impossible-in-this-state")


@pytest.mark.rule("R14.4")
async def test_who_came_is_counted_and_never_named(client_for, clock, owner_db, unit):
    activity = await an_activity(unit)
    address = f"/activities/{activity['id']}/attendance"
    numbers = {"children": 12, "adults": 7, "staff": 2}
    assert problem(await unit.get(address)) == (404, "not-found")
    assert problem(await unit.post(address, json=numbers)) == (409, "activity-not-yet-held")

    clock.advance(WEEK)
    await made(await unit.post(address, json={**numbers, "children": 2}))
    corrected = await made(await unit.post(address, json=numbers))

    assert numbers.items() <= corrected.items()
    assert (corrected["version"], corrected["recordedByName"]) == (2, "Elin Forsberg")
    assert (await unit.get(address)).json() == corrected
    for asked in (client_for("gnesta.school").get(address), client_for("gnesta.school").post(address, json=numbers)):
        assert problem(await asked) == (403, "forbidden")
    kinds = owner_db.execute(
        "select data_type from information_schema.columns where table_name = 'activity_attendances'"
    )
    assert {row["data_type"] for row in kinds} <= {"uuid", "smallint", "integer", "timestamp with time zone"}


async def test_what_was_thought_of_it_is_told_together(clock, unit):
    activity = await an_activity(unit)
    address = f"/activities/{activity['id']}/evaluation"
    said = {"text": "Många ville ha mer tid för frågor.", "answers": 9, "wouldRecommend": 8}
    assert problem(await unit.post(address, json=said)) == (409, "activity-not-yet-held")

    clock.advance(WEEK)
    too_many = await unit.post(address, json={**said, "wouldRecommend": 10})
    named = await unit.post(address, json={**said, "text": "Ring mig på 070-174 06 05."})
    written = await made(await unit.post(address, json=said))

    assert problem(named) == (422, "text-names-somebody")
    assert problem(too_many) == (422, "more-recommend-than-answered")
    assert said.items() <= written.items()
    assert (await unit.get(address)).json() == written


async def test_what_has_begun_is_changed_no_more(clock, unit):
    activity = await opened(unit)
    clock.advance(WEEK)

    edit = await unit.patch(f"/activities/{activity['id']}", json={"place": "Torget"}, headers=changing(activity))
    cancel = await unit.post(f"/activities/{activity['id']}/cancellation", json={"reason": "Regn."})

    assert problem(edit) == problem(cancel) == (409, "activity-has-begun")


async def test_it_goes_into_a_calendar(client_for, unit):
    activity = await an_activity(unit)
    address = f"/activities/{activity['id']}/calendar"

    calendar = await client_for(None).get(address, headers={"accept-language": "sv"})
    await made(await unit.post(f"/activities/{activity['id']}/cancellation", json={"reason": "Regn."}))
    cancelled = await client_for(None).get(address)

    assert calendar.headers["content-type"].startswith("text/calendar")
    for line in ("DTSTART:20260309T090000Z", "SUMMARY:Komet-träff", "LOCATION:Biblioteket", "METHOD:PUBLISH"):
        assert line in calendar.text
    assert "METHOD:CANCEL" in cancelled.text
