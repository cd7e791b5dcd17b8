"""Visits as counts over HTTP."""

import asyncio
from datetime import UTC, datetime

import pytest

from app.demo.directory import UNITS
from tests.builders import Json, changing, made, problem
from tests.family_centres.steps import a_centre, an_open_centre

pytestmark = pytest.mark.database

#: Counted at the open preschool: day, children, adults.
DAYS = [
    ("2025-01-07", 4, 4), ("2025-02-03", 6, 5), ("2025-03-03", 20, 12), ("2025-03-04", 10, 9), ("2025-05-05", 30, 25),
    ("2024-11-04", 9, 8),
]  # fmt: skip


def part(centre: Json, kind: str) -> str:
    return next(part["id"] for part in centre["parts"] if part["type"] == kind)


@pytest.fixture
def staff(client_for):
    return client_for("gnesta.familycentre")


@pytest.fixture
def preschool(client_for):
    return client_for("gnesta.openpreschool")


@pytest.fixture(scope="module")
async def counted(client_for):
    """A centre with counted days that the tests of this file only read."""
    centre = await an_open_centre(client_for("gnesta.familymanager"))
    path = f"/family-centres/{centre['id']}/visits"
    for day, children, adults in DAYS:
        body = {"onDate": day, "partId": part(centre, "open_preschool"), "kind": "open_preschool"}
        numbers = {"children": children, "adults": adults}
        await made(await client_for("gnesta.openpreschool").post(path, json=body | numbers))
    group = {"onDate": "2025-03-04", "kind": "group", "children": 3, "adults": 3}
    await made(await client_for("gnesta.familycentre").post(path, json=group))
    return centre


@pytest.mark.rule("R12.6")
async def test_a_visit_is_two_numbers_and_names_nobody(preschool, client_for, clock, owner_db):
    clock.set(datetime(2026, 3, 2, 23, 30, tzinfo=UTC))
    centre = await an_open_centre(client_for("gnesta.familymanager"))
    path = f"/family-centres/{centre['id']}/visits"
    body = {"partId": part(centre, "open_preschool"), "kind": "open_preschool", "children": 14, "adults": 11}

    visit = await made(await preschool.post(path, json=body))
    again = await preschool.post(path, json={**body, "children": 15})
    named = await preschool.post(path, json={**body, "kind": "other", "names": ["Alma"]})
    corrected = await made(
        await preschool.patch(f"{path}/{visit['id']}", json={"children": 15}, headers=changing(visit))
    )
    stale = await preschool.patch(f"{path}/{visit['id']}", json={"children": 16}, headers=changing(visit))

    assert (visit["onDate"], visit["children"], visit["adults"]) == ("2026-03-03", 14, 11)
    assert visit["_links"].keys() == {"self", "centre", "part", "correct"}
    assert problem(again) == (409, "visits-already-counted")
    assert problem(named) == (422, "validation-failed")
    assert (corrected["children"], corrected["adults"], stale.status_code) == (15, 11, 412)
    assert (await made(await preschool.get(f"/family-centres/{centre['id']}/visit-counts")))["items"]
    running = await made(await client_for("stats.reader").get(f"/family-centres/{centre['id']}/visit-counts"))
    assert running["items"] == [], "outside, a month is told when it is over"
    columns = owner_db.execute("select column_name, data_type from information_schema.columns"
                               " where table_name = 'centre_visits' and data_type in ('text', 'jsonb')")  # fmt: skip
    assert [row["column_name"] for row in columns] == ["kind"]


async def test_a_whole_centre_is_counted_once_a_day_also_in_a_race(staff, client_for):
    centre = await an_open_centre(client_for("gnesta.familymanager"))
    path = f"/family-centres/{centre['id']}/visits"
    body = {"onDate": "2025-03-04", "kind": "group", "children": 1, "adults": 1}

    answers = await asyncio.gather(*(staff.post(path, json=body) for _ in range(2)))

    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert {answer.json().get("code") for answer in answers} == {None, "visits-already-counted"}


async def test_only_what_has_been_is_counted(staff, client_for, counted):
    planned = await a_centre(client_for("gnesta.familymanager"))
    body = {"kind": "drop_in", "children": 1, "adults": 1}
    path = f"/family-centres/{counted['id']}/visits"

    not_open = await staff.post(f"/family-centres/{planned['id']}/visits", json=body)
    future = await staff.post(path, json={**body, "onDate": "2099-01-01"})
    no_part = await staff.post(path, json={**body, "partId": planned["id"]})

    assert problem(not_open) == problem(future) == (422, "not-open-that-day")
    assert problem(no_part) == (422, "unknown-reference")
    assert "count-visits" not in planned["_links"]


async def test_those_who_work_there_read_what_was_counted(staff, preschool, counted):
    path = f"/family-centres/{counted['id']}/visits"
    period = {"from": "2025-03-01", "to": "2025-03-31"}

    everything = await made(await staff.get(path, params={**period, "limit": 2}))
    rest = await made(await staff.get(everything["_links"]["next"]["href"]))
    whole = await made(await preschool.get(path, params={"includeTotal": True}))
    own = whole["items"]
    groups = (await made(await staff.get(path, params={"kind": "group"})))["items"]
    backwards = await staff.get(path, params={"from": "2025-03-31", "to": "2025-03-01"})

    days = [item["onDate"] for item in everything["items"] + rest["items"]]
    assert days == ["2025-03-04", "2025-03-04", "2025-03-03"]
    assert len(own) == whole["_meta"]["totalRecords"] == len(DAYS)
    assert {item["partName"] for item in own} == {"Delen open_preschool"}
    assert [item["partId"] for item in groups] == [None]
    assert problem(backwards) == (422, "validation-failed")
    assert (await made(await preschool.get(f"{path}/{own[0]['id']}"))) == own[0]
    assert problem(await preschool.get(f"{path}/{groups[0]['id']}")) == (403, "forbidden")


async def test_a_parts_unit_counts_its_own_part_alone(preschool, client_for, counted):
    path = f"/family-centres/{counted['id']}/visits"
    body = {"onDate": "2025-06-02", "kind": "other", "children": 1, "adults": 1}
    (group,) = (await made(await client_for("gnesta.familycentre").get(path, params={"kind": "group"})))["items"]

    answers = [
        await preschool.post(path, json=body),
        await preschool.post(path, json={**body, "partId": part(counted, "bhv")}),
        await preschool.patch(f"{path}/{group['id']}", json={"children": 0}, headers=changing(group)),
    ]

    assert [problem(answer) for answer in answers] == [(403, "forbidden")] * 3


@pytest.mark.parametrize("who", ["guardian.one", "gnesta.school", "region.youthmanager", "stats.reader", "sys.admin"])
async def test_nobody_else_reads_the_days_or_counts(client_for, counted, who):
    path = f"/family-centres/{counted['id']}/visits"
    other = client_for(who)

    answers = [await other.get(path), await other.post(path, json={"kind": "other", "children": 1, "adults": 1})]
    centre = await made(await other.get(f"/family-centres/{counted['id']}"))

    assert [problem(answer) for answer in answers] == [(403, "forbidden")] * 2
    assert {"visits", "count-visits"}.isdisjoint(centre["_links"])
    assert ("visit-counts" in centre["_links"]) == (who == "stats.reader")


async def test_those_who_work_there_get_every_sum(staff, preschool, counted):
    path = f"/family-centres/{counted['id']}/visit-counts"

    async def sums(client, **chosen: object) -> list[tuple[str, int, int, int]]:
        items = (await made(await client.get(path, params=chosen)))["items"]
        return [(item["fromOn"], item["days"], item["children"], item["adults"]) for item in items]

    assert await sums(staff, **{"from": "2025-02-10", "to": "2025-03-31"}) == [
        ("2025-03-01", 2, 33, 24), ("2025-02-01", 1, 6, 5),
    ]  # fmt: skip
    assert await sums(preschool, **{"from": "2025-03-01", "to": "2025-03-31"}) == [("2025-03-01", 2, 30, 21)]
    assert (await sums(staff, by="week", to="2025-01-31"))[0] == ("2025-01-06", 1, 4, 4)
    assert await sums(staff, by="year", kind="group") == [("2025-01-01", 1, 3, 3)]


@pytest.mark.rule("R12.6")
async def test_outside_the_unit_no_small_count_can_be_worked_out(client_for, counted):
    path = f"/family-centres/{counted['id']}/visit-counts"
    statistics = client_for("stats.reader")

    async def sums(**chosen: object) -> dict[str, tuple[int | None, int | None]]:
        items = (await made(await statistics.get(path, params=chosen)))["items"]
        return {item["fromOn"]: (item["children"], item["adults"]) for item in items}

    months, years = await sums(), await sums(by="year")
    one_month = await sums(**{"from": "2025-02-01", "to": "2025-02-28"})
    others = [
        await statistics.get(path, params=chosen)
        for chosen in ({"by": "week"}, {"kind": "group"}, {"partId": part(counted, "bhv")})
    ]

    # January is too small; February is hidden with it, or the year would tell January.
    assert months == {
        "2025-05-01": (30, 25), "2025-03-01": (33, 24), "2025-02-01": (None, None), "2025-01-01": (None, None),
        "2024-11-01": (9, 8),
    }  # fmt: skip
    assert years == {"2025-01-01": (73, 58), "2024-01-01": (9, 8)}
    assert one_month == {"2025-02-01": (None, None)}
    assert [problem(answer) for answer in others] == [(422, "only-whole-centres")] * 3


@pytest.mark.parametrize("who", ["guardian.one", "gnesta.social", "region.youthmanager", "sys.admin"])
async def test_sums_are_for_the_unit_and_for_statistics(client_for, counted, who):
    answer = await client_for(who).get(f"/family-centres/{counted['id']}/visit-counts")

    assert problem(answer) == (403, "forbidden")


async def test_what_is_not_there(staff, counted):
    path = f"/family-centres/{counted['id']}/visits/{counted['id']}"
    nowhere = f"/family-centres/{UNITS['gnesta-ifo']}"

    answers = [
        await staff.get(path),
        await staff.patch(path, json={"children": 1}, headers={"if-match": "*"}),
        await staff.get(f"{nowhere}/visits"),
        await staff.get(f"{nowhere}/visit-counts"),
        await staff.post(f"{nowhere}/visits", json={"kind": "other", "children": 1, "adults": 1}),
    ]

    assert [problem(answer) for answer in answers] == [(404, "not-found")] * 5


async def test_looks_and_changes_are_logged(staff, counted, owner_db):
    visits = (await made(await staff.get(f"/family-centres/{counted['id']}/visits", params={"kind": "group"})))["items"]

    rows = owner_db.execute("select action, kind from access_log where object_id = %s", [visits[0]["id"]]).fetchall()
    looks = owner_db.execute("select kind from access_log where object_id = %s and action = 'listCentreVisits'",
                             [counted["id"]]).fetchall()  # fmt: skip

    assert ("countCentreVisits", "change") in [(row["action"], row["kind"]) for row in rows]
    assert {"kind": "look"} in looks
