"""Matters about a child: consent opens them to the three sectors, and its end closes them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.demo.directory import UNITS
from app.demo.staff import USER_IDS
from tests.builders import a_child, made, problem
from tests.npf_matters.steps import (
    BUP,
    IFO,
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
from tests.npf_teams.steps import an_operative_team, membership, standing, step
from tests.plan_actions.steps import become, count

pytestmark = pytest.mark.database
LATER = (date.today() + timedelta(days=60)).isoformat()
WITHDRAW = "/consents/{}/withdrawal"


@pytest.fixture(scope="module")
async def team(client_for):
    return await an_operative_team(client_for("region.bup"))


@pytest.fixture(scope="module")
async def case(client_for):
    return await a_childs_case(client_for("gnesta.school"))


@pytest.fixture
def school(client_for):
    return client_for("gnesta.school")


@pytest.fixture
def bup(client_for):
    return client_for("region.bup")


@pytest.fixture
def social(client_for):
    return client_for("gnesta.social")


@pytest.mark.rule("R13.3")
async def test_a_matter_is_brought_discussed_reviewed_and_closed(school, bup, social, team, case):
    consent = await consented(school, case)
    matter = await brought(school, team, about(case, consent, discussOn="2026-03-10"))
    assert (matter["status"], matter["childGivenName"], matter["openToTeam"]) == ("brought", "Alma", True)
    assert matter["_links"].keys() == {
        "self", "team", "child", "advices", "actions", "reviews", "discussion", "closure", "correction",
    }  # fmt: skip

    read = await made(await bup.get(at(matter)))
    talked = await deed(bup, matter, "discussion", discussedOn="2026-03-02", nextReviewOn=LATER)
    due = (await made(await school.get("/deadlines", params={"subjectId": matter["id"]})))["items"]
    found = await made(await school.get(due[0]["_links"]["npf-matter"]["href"]))
    closed = await deed(social, matter, "closure", reason="handed_on", note="Skolan går vidare.")

    assert (read["childId"], read["consentIds"], read["broughtByName"]) == (None, [], "Sara Ekdahl")
    assert [(one["basis"], one["id"]) for one in read["openedBy"]] == [("consent", consent["id"])]
    assert read["_links"].keys() == {"self", "team", "advices", "actions", "reviews", "discussion", "closure"}
    assert (talked["status"], talked["discussedOn"], talked["nextReviewOn"]) == ("discussed", "2026-03-02", LATER)
    assert talked["_links"].keys() >= {"give-advice", "propose-action", "add-review"}
    assert [(one["code"], one["metAt"]) for one in due] == [("npf_matter_review", None)]
    assert found["_links"]["self"]["href"].endswith(at(matter))
    assert (closed["closeReason"], closed["closeNote"]) == ("handed_on", "Skolan går vidare.")
    assert closed["_links"].keys() == {"self", "team", "advices", "actions", "reviews"}
    assert (await made(await school.get("/deadlines", params={"subjectId": matter["id"]})))["items"] == []
    assert problem(await bup.post(f"{at(matter)}/discussion", json={})) == (409, "impossible-in-this-state")


@pytest.mark.rule("R13.3")
async def test_consent_in_force_covers_all_three_sectors(school, bup, team, case):
    everybody = await consented(school, case)
    for_social, for_health = await consented(school, case, IFO), await consented(school, case, BUP)
    other_category = await consented(school, case, categories=["contact"])
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    not_begun = await consented(school, case, validFrom=tomorrow)

    for consents, missing in (
        ([for_social], "health."), ([for_health], "social."), ([other_category], "health, social."),
        ([not_begun], "health, social."),
    ):  # fmt: skip
        answer = await school.post(matters_of(team), json=about(case, *consents), headers={"accept-language": "en"})
        assert problem(answer) == (422, "consent-must-cover-all-sectors")
        assert f"for: {missing}" in answer.json()["detail"]
        assert answer.json()["errors"][0]["pointer"] == "/consentIds"
    together = await brought(school, team, about(case, for_social, for_health))
    useless = await school.post(matters_of(team), json=about(case, everybody, not_begun))
    other_child = about(case, everybody, childId=(await a_child(school))["id"])
    not_that_childs = await school.post(matters_of(team), json=other_child)
    unseen = await bup.post(matters_of(team), json=about(case, everybody))

    assert together["openToTeam"] is True
    assert problem(useless) == problem(unseen) == (422, "unknown-reference")
    assert problem(not_that_childs) == (422, "consent-must-cover-all-sectors")


@pytest.mark.rule("R13.3")
@pytest.mark.rule("R4.6")
async def test_a_withdrawn_consent_ends_the_matter_for_everybody_at_once(
    client_for, school, bup, team, case, program_db, settings
):
    """About the child alone, with no receiver in any circle but the matter's: the guardian reaches that one too."""
    consent = await consented(school, case, caseId=None)
    matter = await brought(school, team, about(case, consent))
    await deed(bup, matter, "discussion", nextReviewOn=LATER)
    become(program_db, settings, "region.bup")
    assert count(program_db, "npf_matters", "id", matter["id"]) == 1
    # A consent in force ends nothing, whoever calls the wall's function.
    assert program_db.execute("select wall.end_matters_of(%s)", [consent["id"]]).fetchall() == []
    assert count(program_db, "circle_grants", "circle_id", matter["id"]) == 1
    program_db.rollback()

    await made(await client_for("guardian.one").post(WITHDRAW.format(consent["id"])))

    become(program_db, settings, "region.bup")
    for table, column in (("npf_matters", "id"), ("circle_grants", "circle_id")):
        assert count(program_db, table, column, matter["id"]) == 0
    assert problem(await bup.get(at(matter))) == (404, "not-found")
    assert matter["id"] not in await seen(bup, team)
    own = await made(await school.get(at(matter)))
    assert (own["status"], own["closeReason"], own["openToTeam"]) == ("closed", "consent_ended", False)
    assert (await made(await school.get("/deadlines", params={"subjectId": matter["id"]})))["items"] == []


@pytest.mark.rule("R4.6")
async def test_a_new_consent_opens_the_matter_anew_to_the_team_as_it_is_now(
    client_for, school, bup, social, team, case
):
    consent = await consented(school, case)
    matter = await discussed(school, team, about(case, consent))
    manager = client_for("gnesta.socialmanager")
    newer = await consented(school, case, supersedesId=consent["id"])

    assert problem(await bup.get(at(matter))) == (404, "not-found")
    waiting = await made(await school.get(at(matter)))
    assert (waiting["status"], waiting["openToTeam"]) == ("discussed", False)
    assert waiting["_links"].keys() & {"give-advice", "closure", "correction"} == {"closure", "correction"}
    assert problem(await school.post(f"{at(matter)}/advices", json={"text": "Vila."})) == (409, "matter-closed-to-team")
    text = {"json": {"question": "Hur går vi vidare?"}, "headers": {"if-match": "*"}}
    assert problem(await school.patch(at(matter), **text)) == (409, "matter-closed-to-team")
    renewed = {"json": {"consentIds": [newer["id"]]}, "headers": {"if-match": "*"}}
    assert (await made(await school.patch(at(matter), **renewed)))["openToTeam"] is True
    assert (await made(await bup.get(at(matter))))["openedBy"][0]["id"] == newer["id"]
    # A colleague of a unit that was let in before is one of the team from the day on which they join it.
    assert problem(await manager.get(at(matter))) == (404, "not-found")
    await step(bup, team, "members", **standing("gnesta.socialmanager"))
    assert (await made(await manager.get(at(matter))))["id"] == matter["id"]


async def test_an_ended_consent_closes_the_matter_to_the_team(school, bup, team, case, clock):
    consent = await consented(school, case, days=10)
    matter = await discussed(school, team, about(case, consent))

    clock.advance(timedelta(days=11))

    assert problem(await bup.get(at(matter))) == (404, "not-found")
    assert (await made(await school.get(at(matter))))["openToTeam"] is False
    review = await school.post(f"{at(matter)}/reviews", json={"text": "Bättre."})
    assert problem(review) == (409, "matter-closed-to-team")
    assert (await deed(school, matter, "closure", reason="consent_ended"))["status"] == "closed"


@pytest.mark.rule("R13.6")
async def test_nobody_outside_the_team_hears_of_a_matter(client_for, school, bup, team, case):
    matter = await brought(school, team, about(case, await consented(school, case)))

    assert matter["id"] in await seen(bup, team, status="brought", anonymous=False)
    assert matter["id"] not in await seen(bup, team, anonymous=True)
    by_child = await bup.get(matters_of(team), params={"childId": case["child"]["id"]})
    assert problem(by_child) == (400, "search-not-allowed")
    # Colleagues in the units of the team, another unit, and somebody who leads another team.
    for subject in ("gnesta.school2", "gnesta.schoolmanager", "region.bupmanager", "strangnas.social"):
        client = client_for(subject)
        assert await seen(client, team) == []
        for path in (at(matter), f"{at(matter)}/advices", f"/npf-matters/{matter['id']}"):
            assert problem(await client.get(path)) == (404, "not-found")
        assert problem(await client.post(f"{at(matter)}/closure", json={"reason": "answered"})) == (404, "not-found")
        assert problem(await client.post(matters_of(team), json=about(case))) == (403, "forbidden")
    for subject in ("guardian.one", "sys.admin", "stats.reader"):
        assert problem(await client_for(subject).get(matters_of(team))) == (403, "forbidden")
        assert problem(await client_for(subject).get(at(matter))) == (404, "not-found")
    other = await an_operative_team(bup)
    assert problem(await bup.get(f"{matters_of(other)}/{matter['id']}")) == (404, "not-found")


@pytest.mark.rule("R13.6")
async def test_whoever_leaves_the_team_leaves_its_matters_but_those_they_brought(client_for, school, bup, case):
    team = await an_operative_team(bup, "region.bup", "gnesta.social", "gnesta.school", "gnesta.studenthealth")
    await step(bup, team, "members", **standing("gnesta.socialmanager"))
    matter = await brought(school, team, about(case, await consented(school, case)))
    social, nurse = client_for("gnesta.social"), client_for("gnesta.studenthealth")
    assert await seen(social, team) == await seen(nurse, team) == [matter["id"]]

    for subject in ("gnesta.social", "gnesta.school"):
        await made(await bup.post(f"{await membership(bup, team, subject)}/ending", json={}))

    assert await seen(social, team) == []
    assert problem(await social.get(at(matter))) == (404, "not-found")
    assert await seen(school, team) == await seen(bup, team) == [matter["id"]]
    assert problem(await bup.post(f"/npf-teams/{team['id']}/ending", json={})) == (409, "matters-still-open")
    await deed(school, matter, "closure", reason="taken_back")
    assert (await step(bup, team, "ending"))["status"] == "ended"
    body = about(case, await consented(school, case))
    assert problem(await client_for("gnesta.studenthealth").post(matters_of(team), json=body)) == (
        409,
        "team-not-operative",
    )


@pytest.mark.rule("R3.8")
async def test_the_unit_that_brought_it_corrects_it_and_what_it_said_is_kept(school, bup, team, case, owner_db):
    matter = await brought(school, team, about(case, await consented(school, case)))
    change = {"question": "Hur gör vi skoldagen möjlig?", "discussOn": LATER, "correctionReason": "Tydligare."}

    changed = await made(await school.patch(at(matter), json=change, headers={"if-match": '"v1"'}))

    assert (changed["question"], changed["discussOn"], changed["version"]) == (change["question"], LATER, 2)
    (kept,) = owner_db.execute(
        "select earlier, reason from corrections where subject_id = %s", [matter["id"]]
    ).fetchall()
    assert (kept["earlier"], kept["reason"]) == ({"question": matter["question"]}, "Tydligare.")
    assert problem(await bup.patch(at(matter), json=change, headers={"if-match": "*"})) == (403, "forbidden")
    assert problem(await school.patch(at(matter), json=change, headers={"if-match": '"v1"'})) == (
        412, "precondition-failed",
    )  # fmt: skip
    nobody = await school.patch(at(matter), json={"consentIds": []}, headers={"if-match": "*"})
    assert problem(nobody) == (422, "consent-must-cover-all-sectors")


@pytest.mark.rule("R13.4")
@pytest.mark.rule("R13.7")
async def test_no_diagnosis_and_no_medical_note_is_kept(school, team, case):
    consent = await consented(school, case)
    whole = about(case, consent)

    for field in ("question", "needsAndFunctioning"):
        coded = await school.post(matters_of(team), json={**whole, field: "Har F90.0 enligt journalen."})
        assert problem(coded) == (422, "diagnosis-code-not-kept")
        assert coded.json()["errors"][0]["pointer"] == f"/{field}"
        assert "F90" not in coded.text
        # A journal's text is longer than what a team needs, and there is no other field to put it in.
        long = await school.post(matters_of(team), json={**whole, field: "x" * 2001})
        assert problem(long) == (422, "validation-failed")
    for field in ("diagnosis", "diagnosisCode", "journalNote", "medication", "attachments"):
        assert problem(await school.post(matters_of(team), json={**whole, field: "text"})) == (422, "validation-failed")
    assert (await brought(school, team, {**whole, "needsAndFunctioning": None}))["status"] == "brought"


@pytest.mark.rule("R2.5")
async def test_a_protected_childs_matter_stands_in_no_list_and_tells_no_place(client_for, school, bup, team):
    case = await a_childs_case(school)
    child = f"/children/{case['child']['id']}"
    consent = await consented(school, case)
    protect = {"json": {"protectedIdentity": "sekretessmarkering"}, "headers": {"if-match": "*"}}
    await made(await school.patch(child, **protect))

    unasked = await school.post(matters_of(team), json=about(case, consent))
    await made(await school.post(f"{child}/checkpoints", json={"reason": "Väcker frågan i teamet."}))
    matter = await brought(school, team, about(case, consent))
    action = await deed(
        bup, await deed(bup, matter, "discussion"), "actions", unitId=str(UNITS["gnesta-skola"]), text="Möt upp."
    )

    assert problem(unasked) == (403, "checkpoint-required")
    assert matter["broughtByUnitName"] is not None
    told = await made(await bup.get(at(matter)))
    assert {told[name] for name in ("broughtByName", "broughtByUnitId", "broughtByUnitName")} == {None}
    assert (action["unitId"], action["unitName"]) == (None, None)
    for client in (school, bup, client_for("gnesta.social")):
        assert matter["id"] not in await seen(client, team)
    assert str(USER_IDS["gnesta.school"]) not in (await bup.get(at(matter))).text
