"""The team gives advice; what comes of it, each principal decides (R13.5)."""

from datetime import date, timedelta

import pytest
from psycopg import errors

from app.demo.directory import DESKS, UNITS
from tests.builders import made, problem
from tests.npf_matters.steps import ANONYMOUS, at, brought, deed, discussed
from tests.npf_teams.steps import an_operative_team
from tests.plan_actions.steps import become

pytestmark = [pytest.mark.database, pytest.mark.rule("R13.5")]
ANY = {"if-match": "*"}
LATER, TODAY = ((date.today() + timedelta(days=days)).isoformat() for days in (60, 0))
TO_SCHOOL = {"unitId": str(UNITS["gnesta-skola"]), "text": "Lugn start på dagen.", "dueOn": LATER}


@pytest.fixture(scope="module")
async def team(client_for):
    return await an_operative_team(client_for("region.bup"))


@pytest.fixture(scope="module")
async def matter(client_for, team):
    """A matter of social services that the team has discussed."""
    return await discussed(client_for("gnesta.social"), team, ANONYMOUS)


@pytest.fixture
def bup(client_for):
    return client_for("region.bup")


@pytest.fixture
def school(client_for):
    return client_for("gnesta.school")


async def read(client, matter, kind: str) -> list[dict]:
    return (await made(await client.get(f"{at(matter)}/{kind}")))["items"]


async def test_advice_is_given_by_anybody_in_the_team_and_stays(bup, school, matter, program_db, settings):
    first = await deed(bup, matter, "advices", text="Börja med sömnen.", givenOn="2026-03-02")
    second = await deed(school, matter, "advices", text="Möt upp vid grinden.")

    assert (first["givenOn"], first["givenByName"], first["unitName"]) == (
        "2026-03-02",
        "Hanna Sjögren",
        "BUP Nyköping",
    )
    assert first["_links"].keys() == {"self", "matter"}
    assert [one["text"] for one in await read(school, matter, "advices")] == [second["text"], first["text"]]
    become(program_db, settings, "region.bup")
    with pytest.raises(errors.InsufficientPrivilege, match="final"):
        program_db.execute("update matter_advices set text = 'Något annat' where id = %s", [first["id"]])


async def test_only_its_principal_decides_about_an_action(client_for, bup, school, matter, program_db, settings):
    action = await deed(bup, matter, "actions", **TO_SCHOOL)
    path = f"{at(matter)}/actions/{action['id']}"
    assert (action["status"], action["unitName"], action["dueOn"]) == ("proposed", "Grundskolan i Gnesta", LATER)
    assert action["_links"].keys() == {"self", "matter"}

    for other in ("region.bup", "gnesta.social"):
        answer = await client_for(other).patch(path, json={"status": "taken_on"}, headers=ANY)
        assert problem(answer) == (403, "forbidden")
    become(program_db, settings, "region.bup")
    with pytest.raises(errors.InsufficientPrivilege, match="only its owner"):
        program_db.execute("update matter_actions set status = 'done' where id = %s", [action["id"]])
    assert "decision" in (await made(await school.get(path)))["_links"]
    taken = await made(
        await school.patch(path, json={"status": "taken_on", "note": "Ja."}, headers={"if-match": '"v1"'})
    )
    stale = await school.patch(path, json={"status": "done"}, headers={"if-match": '"v1"'})
    done = await made(await school.patch(path, json={"status": "done"}, headers=ANY))
    again = await school.patch(path, json={"status": "declined"}, headers=ANY)

    assert (taken["status"], taken["note"], taken["decidedByName"]) == ("taken_on", "Ja.", "Sara Ekdahl")
    assert problem(stale) == (412, "precondition-failed")
    assert done["_links"].keys() == {"self", "matter"}
    assert problem(again) == (409, "impossible-in-this-state")
    assert [one["status"] for one in await read(bup, matter, "actions")] == ["done"]


async def test_a_principal_is_there_to_decide(bup, matter):
    for unit_id in (str(UNITS["strangnas-ifo"]), str(UNITS["region-bvc-gnesta"]), str(DESKS[0].id)):
        answer = await bup.post(f"{at(matter)}/actions", json={**TO_SCHOOL, "unitId": unit_id})
        assert problem(answer) == (422, "unit-not-in-matter")
    assert problem(await bup.get(f"{at(matter)}/actions/{DESKS[0].id}")) == (404, "not-found")
    assert problem(await bup.patch(f"{at(matter)}/actions/{DESKS[0].id}", json={}, headers=ANY)) == (404, "not-found")


async def test_advice_comes_after_the_discussion_and_decisions_after_the_closure(client_for, bup, school, team):
    matter = await brought(client_for("gnesta.social"), team, ANONYMOUS)
    early = [await bup.post(f"{at(matter)}/{path}", json=TO_SCHOOL) for path in ("actions",)]
    early += [await bup.post(f"{at(matter)}/{path}", json={"text": "Vila."}) for path in ("advices", "reviews")]
    await deed(bup, matter, "discussion")
    action = await deed(bup, matter, "actions", **TO_SCHOOL)
    await deed(bup, matter, "closure", reason="handed_on")

    assert {problem(answer) for answer in early} == {(409, "impossible-in-this-state")}
    assert problem(await bup.post(f"{at(matter)}/advices", json={"text": "Vila."})) == (409, "impossible-in-this-state")
    decided = await school.patch(f"{at(matter)}/actions/{action['id']}", json={"status": "declined"}, headers=ANY)
    assert (await made(decided))["status"] == "declined"


async def test_a_review_tells_how_it_went_and_when_it_is_next(client_for, bup, team):
    social = client_for("gnesta.social")
    matter = await discussed(social, team, ANONYMOUS)

    first = await deed(bup, matter, "reviews", text="Närvaron ökar.", reviewedOn=TODAY, nextReviewOn=LATER)
    planned = await made(await social.get(at(matter)))
    await deed(social, matter, "reviews", text="Nu räcker det.")
    settled = await made(await social.get(at(matter)))

    assert (first["reviewedByName"], first["nextReviewOn"]) == ("Hanna Sjögren", LATER)
    assert (planned["status"], planned["nextReviewOn"]) == ("followed_up", LATER)
    assert settled["nextReviewOn"] is None
    assert [one["text"] for one in await read(bup, matter, "reviews")] == ["Nu räcker det.", "Närvaron ökar."]
    for path, day in (("reviews", "reviewedOn"), ("advices", "givenOn"), ("discussion", "discussedOn")):
        body = {day: LATER} | ({} if path == "discussion" else {"text": "Text."})
        assert problem(await bup.post(f"{at(matter)}/{path}", json=body)) == (422, "day-not-yet-come")
    past = {"text": "Text.", "nextReviewOn": TODAY}
    assert problem(await bup.post(f"{at(matter)}/reviews", json=past)) == (422, "review-must-lie-ahead")
