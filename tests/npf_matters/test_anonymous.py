"""Anonymous consultation: the team helps with a question, and nothing tells whose it is (R13.3)."""

from datetime import date, timedelta

import pytest

from app.demo.staff import GUARDIAN_ONE
from tests.builders import made, problem
from tests.npf_matters.steps import (
    ANONYMOUS,
    a_childs_case,
    about,
    at,
    brought,
    consented,
    deed,
    discussed,
    matters_of,
    seen,
)
from tests.npf_teams.steps import a_full_team, an_operative_team

pytestmark = [pytest.mark.database, pytest.mark.rule("R13.3")]
TRACE = f"Gäller {GUARDIAN_ONE}, ring 0158-000 00."


@pytest.fixture(scope="module")
async def team(client_for):
    return await an_operative_team(client_for("region.bup"))


@pytest.fixture
def school(client_for):
    return client_for("gnesta.school")


@pytest.fixture
def bup(client_for):
    return client_for("region.bup")


async def test_the_team_consults_about_nobody_who_is_named(client_for, school, bup, team, owner_db):
    matter = await brought(school, team, {**ANONYMOUS, "discussOn": "2026-03-10"})
    read = await made(await bup.get(at(matter)))
    later = (date.today() + timedelta(days=30)).isoformat()
    await deed(client_for("gnesta.social"), matter, "discussion", nextReviewOn=later)
    await deed(bup, matter, "reviews", text="Går bättre.")
    closed = await deed(school, matter, "closure", reason="answered")

    assert (read["anonymous"], read["ageBand"], read["childId"], read["childGivenName"]) == (True, "10-12", None, None)
    assert [one["basis"] for one in read["openedBy"]] == ["disclosure"]
    assert "child" not in matter["_links"]
    assert closed["status"] == "closed"
    assert (await made(await school.get("/deadlines", params={"subjectId": matter["id"]})))["items"] == []
    logged = owner_db.execute("select child_id from access_log where circle_id = %s", [matter["id"]]).fetchall()
    assert {row["child_id"] for row in logged} == {None}
    assert matter["id"] in await seen(bup, team, anonymous=True, status="closed")


async def test_every_text_of_an_anonymous_matter_is_searched(school, bup, team):
    matter = await discussed(school, team, ANONYMOUS)
    whole = {"if-match": "*"}
    action = await deed(bup, matter, "actions", unitId=matter["broughtByUnitId"], text="Lugn start på dagen.")
    tried = {
        "/question": await school.post(matters_of(team), json={**ANONYMOUS, "question": TRACE}),
        "/needsAndFunctioning": await school.patch(at(matter), json={"needsAndFunctioning": TRACE}, headers=whole),
        "/correctionReason": await school.patch(at(matter), json={"correctionReason": TRACE}, headers=whole),
        "/text": await bup.post(f"{at(matter)}/advices", json={"text": TRACE}),
        "/text ": await bup.post(f"{at(matter)}/reviews", json={"text": TRACE}),
        "/text  ": await bup.post(f"{at(matter)}/actions", json={"text": TRACE, "unitId": matter["broughtByUnitId"]}),
        "/note": await bup.post(f"{at(matter)}/closure", json={"reason": "answered", "note": TRACE}),
        "/note ": await school.patch(f"{at(matter)}/actions/{action['id']}", json={"note": TRACE}, headers=whole),
    }

    for pointer, answer in tried.items():
        assert problem(answer) == (422, "text-names-somebody"), pointer
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer.strip()]
        assert GUARDIAN_ONE not in answer.text
    assert (await made(await school.get(at(matter))))["question"] == ANONYMOUS["question"]


@pytest.mark.rule("R13.4")
async def test_no_text_of_any_matter_holds_a_diagnosis_code(school, bup, team):
    matter = await discussed(school, team, ANONYMOUS)

    for path in ("advices", "reviews"):
        answer = await bup.post(f"{at(matter)}/{path}", json={"text": "Talar för F84.5."})
        assert problem(answer) == (422, "diagnosis-code-not-kept")


async def test_a_matter_is_in_one_mode(school, team):
    case = await a_childs_case(school)
    named = about(case, await consented(school, case))
    both = [
        {**ANONYMOUS, "childId": named["childId"]}, {**ANONYMOUS, "consentIds": named["consentIds"]},
        {**ANONYMOUS, "ageBand": None}, {**named, "ageBand": "10-12"}, {**named, "consentIds": []},
        {**named, "childId": None},
    ]  # fmt: skip

    for body in both:
        assert problem(await school.post(matters_of(team), json=body)) == (422, "matter-in-one-mode")
    matter = await brought(school, team, ANONYMOUS)
    changed = await school.patch(at(matter), json={"consentIds": named["consentIds"]}, headers={"if-match": "*"})
    assert problem(changed) == (422, "matter-in-one-mode")


async def test_only_a_team_at_work_takes_matters(bup):
    team = await a_full_team(bup)

    assert problem(await bup.post(matters_of(team), json=ANONYMOUS)) == (409, "team-not-operative")
