"""How much each coordinator has to do (R5.7)."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import made
from tests.coordinators.steps import a_coordinator, a_joint_case, answer, asked, is_away, protect

pytestmark = pytest.mark.database


@pytest.fixture
def school(client_for):
    return client_for("gnesta.school")


@pytest.fixture
def karin(client_for):
    return client_for("gnesta.coordinator")


async def work_of(client, name="Karin Wallin"):
    items = (await made(await client.get("/coordination-workload?limit=200")))["items"]
    return next(item for item in items if item["name"] == name)


def more(before, after):
    return {name: after[name] - before[name] for name in ("cases", "proposed", "overdue")}


@pytest.mark.rule("R2.5")
@pytest.mark.rule("R5.7")
async def test_open_cases_questions_and_what_is_overdue_are_counted_and_nobody_is_named(
    client_for, school, karin, clock
):
    clock.set(datetime(2026, 3, 2, 9, 30, tzinfo=UTC))
    before = await work_of(karin)
    first = await a_joint_case(school, at=clock.now())
    await a_coordinator(school, first, karin, "gnesta.coordinator")
    protected = await a_joint_case(school, at=clock.now(), familyName="Hemlig")
    question = await asked(school, protected, "gnesta.coordinator")

    after = await work_of(karin)
    clock.advance(timedelta(days=30))
    late = await work_of(karin)
    assert more(before, after) == {"cases": 1, "proposed": 1, "overdue": 0}
    assert late["overdue"] - after["overdue"] >= 2, "first contact and consent were due"

    await made(await answer(karin, question, "acceptance"))
    await protect(school, protected)
    page = await karin.get("/coordination-workload")
    assert more(before, await work_of(karin))["cases"] == 2, "a protected child is counted"
    assert protected["id"] not in page.text
    assert "Hemlig" not in page.text

    members = (await made(await school.get(f"/cases/{protected['id']}/members")))["items"]
    closure = {"closeReason": "need_met", "outcomeSummary": "Klart.", "childView": "Bra.", "openActionsHandled": True,
               "informedUnitIds": [member["unitId"] for member in members]}  # fmt: skip
    await made(await school.post(f"/cases/{protected['id']}/closure", json=closure))
    assert more(before, await work_of(karin))["cases"] == 1, "it is over"
    consents = (await made(await school.get(f"/consents?childId={first['child']['id']}")))["items"]
    await made(await client_for("guardian.one").post(f"/consents/{consents[0]['id']}/withdrawal", json={}))
    assert more(before, await work_of(karin))["cases"] == 0, "it is no longer open to the unit"


async def test_who_is_away_today_and_who_stands_in(client_for, clock):
    clock.set(datetime(2026, 8, 3, 9, 30, tzinfo=UTC))
    oskar, manager, today = client_for("gnesta.school2"), client_for("gnesta.schoolmanager"), clock.now().date()
    case_owner = client_for("gnesta.school")
    await a_coordinator(case_owner, await a_joint_case(case_owner, at=clock.now()), oskar, "gnesta.school2")
    await made(await is_away(oskar, "gnesta.school2", "gnesta.school", first=today, last=today))

    away = await work_of(manager, "Oskar Nyberg")
    clock.advance(timedelta(days=1))
    there = await work_of(manager, "Oskar Nyberg")

    assert (away["absent"], away["deputyName"]) == (True, "Sara Ekdahl")
    assert there["absent"] is False


async def test_only_the_own_unit_and_only_for_those_who_lead_or_coordinate(client_for, karin):
    names = {item["name"] for item in (await made(await karin.get("/coordination-workload")))["items"]}

    assert "Petter Lindholm" not in names
    assert (await client_for("gnesta.school").get("/coordination-workload")).status_code == 403
    assert (await client_for("guardian.one").get("/coordination-workload")).status_code == 403
