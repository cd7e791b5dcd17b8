"""Needs, goals and disagreements over HTTP."""

from uuid import uuid4

import pytest

from tests.builders import a_case, made, problem
from tests.plan_contents.steps import a_goal, a_need, added, an_action, patched
from tests.plans.steps import a_circle, a_plan, a_prepared_sip, given, linked, prepared, withdrawn

pytestmark = pytest.mark.database


@pytest.fixture
def school(client_for):
    return client_for("gnesta.school")


@pytest.fixture(scope="module")
async def plan(client_for):
    _, plan, _ = await a_prepared_sip(client_for)
    return plan


async def listed(client, plan, what, *sought):
    """Where these stand in a list of the plan."""
    items = (await made(await client.get(f"/plans/{plan['id']}/{what}?limit=200")))["items"]
    return [item for item in items if item["id"] in {one["id"] for one in sought}]


async def test_needs_and_goals_are_written_together_and_read_by_everybody(client_for, school, plan):
    need = await a_need(school, plan, childView="Det är för mycket ljud.", wheelDimensions=["achieving", "achieving"])
    goal = await a_goal(school, plan, need, evidence="Närvaron.")

    assert need["wheelDimensions"] == ["achieving"]
    assert need["_links"].keys() == {"self", "plan", "edit", "removal"}
    for subject in ("gnesta.social", "region.bup", "guardian.one"):
        reader = client_for(subject)
        (seen,) = await listed(reader, plan, "needs", need)
        (aimed,) = await listed(reader, plan, "goals", goal)
        assert (seen["childView"], aimed["evidence"]) == ("Det är för mycket ljud.", "Närvaron.")
        assert seen["_links"].keys() == {"self", "plan"}
        assert (await made(await reader.get(f"/plans/{plan['id']}/goals/{goal['id']}")))["status"] == "open"


async def test_a_need_is_put_in_other_words_at_the_version_that_one_has_read(school, plan):
    need = await a_need(school, plan)
    address = f"/plans/{plan['id']}/needs/{need['id']}"
    first = {"if-match": f'"v{need["version"]}"'}

    changed = await made(await school.patch(address, json={"description": "Alma behöver vila."}, headers=first))

    assert (changed["description"], changed["wheelDimensions"]) == ("Alma behöver vila.", need["wheelDimensions"])
    assert (await school.patch(address, json={"description": "Nej."}, headers=first)).status_code == 412
    assert (await school.patch(address, json={"description": "Nej."})).status_code == 428


async def test_the_contents_are_written_by_whoever_writes_the_plan(client_for, school, plan):
    need = await a_need(school, plan)

    for subject in ("region.bup", "guardian.one"):
        answer = await patched(client_for(subject), f"/plans/{plan['id']}/needs/{need['id']}", description="Nej.")
        assert problem(answer) == (403, "forbidden")


async def test_how_a_goal_went_is_for_follow_ups_to_say(school, plan):
    goal = await a_goal(school, plan)
    address = f"/plans/{plan['id']}/goals/{goal['id']}"

    assert problem(await patched(school, address, status="reached")) == (422, "validation-failed")
    assert (await made(await patched(school, address, horizon="long")))["horizon"] == "long"


@pytest.mark.rule("R3.8")
async def test_what_is_taken_out_stays_with_its_reason(school, plan, owner_db):
    need = await a_need(school, plan)
    address = f"/plans/{plan['id']}/needs/{need['id']}"

    removed = await made(await school.post(f"{address}/removal", json={"reason": "Skrevs två gånger."}))

    assert removed["removedAt"] is not None
    assert await listed(school, plan, "needs", need) == []
    assert (await made(await school.get(address)))["description"] == need["description"]
    logged = owner_db.execute("select reason from access_log where object_id = %s and kind = 'change'", [need["id"]])
    assert "Skrevs två gånger." in {row["reason"] for row in logged}
    for again in (
        school.post(f"{address}/removal", json={"reason": "Igen."}),
        patched(school, address, childView="Ja"),
    ):
        assert problem(await again) == (409, "already-removed")


async def test_nothing_is_taken_away_from_under_something_else(school, plan):
    goal = await a_goal(school, plan)
    action = await added(school, plan, an_action("gnesta-skola", goalId=goal["id"]))
    need_at, goal_at = (f"/plans/{plan['id']}/{x}" for x in (f"needs/{goal['needId']}", f"goals/{goal['id']}"))
    reason = {"reason": "Inte längre."}

    for address in (need_at, goal_at):
        assert problem(await school.post(f"{address}/removal", json=reason)) == (409, "still-in-use")
    for address in (f"/actions/{action['id']}", goal_at, need_at):
        await made(await school.post(f"{address}/removal", json=reason))


async def test_a_goal_belongs_to_a_need_of_its_plan(school, plan):
    need = await a_need(school, plan)
    await made(await school.post(f"/plans/{plan['id']}/needs/{need['id']}/removal", json={"reason": "Fel."}))

    for need_id in (str(uuid4()), need["id"]):
        body = {"needId": need_id, "text": "Mål.", "horizon": "short"}
        assert problem(await school.post(f"/plans/{plan['id']}/goals", json=body)) == (422, "unknown-reference")


async def test_a_need_names_a_wheel_of_the_child(school, plan):
    body = {"description": "Behov.", "assessmentId": str(uuid4())}

    assert problem(await school.post(f"/plans/{plan['id']}/needs", json=body)) == (422, "unknown-reference")


async def test_what_is_not_in_the_plan_is_not_there(school, plan):
    for place in ("needs", "goals", "disagreements"):
        assert problem(await school.get(f"/plans/{plan['id']}/{place}/{uuid4()}")) == (404, "not-found")
    need = await a_need(school, plan)
    other = await a_plan(school, await a_case(school))
    assert problem(await school.get(f"/plans/{other['id']}/needs/{need['id']}")) == (404, "not-found")
    assert problem(await patched(school, f"/plans/{other['id']}/needs/{need['id']}", childView="Ja")) == (
        404, "not-found",
    )  # fmt: skip


async def test_a_plan_is_not_written_before_it_is_prepared_nor_while_it_rests(client_for, school):
    case = await a_circle(client_for)
    consent = await given(client_for, case)
    plan = await linked(school, await a_plan(school, case), consent)
    path = f"/plans/{plan['id']}"
    early = await school.post(f"{path}/needs", json={"description": "Behov."})
    assert problem(early) == (409, "plan-is-not-writable")
    await prepared(school, plan)
    goal = await a_goal(school, plan)
    await withdrawn(client_for("guardian.one"), consent)

    seen = await made(await school.get(f"{path}/goals/{goal['id']}"))
    assert seen["_links"].keys() == {"self", "plan", "need"}
    answers = [
        await patched(school, f"{path}/goals/{goal['id']}", text="Annat."),
        await school.post(f"{path}/goals/{goal['id']}/removal", json={"reason": "Nej."}),
        await school.post(f"{path}/needs", json={"description": "Behov."}),
    ]
    assert [problem(answer) for answer in answers] == [(409, "plan-is-not-writable")] * 3
    disagreement = await client_for("guardian.two").post(f"{path}/disagreements", json={"text": "Jag vill."})
    assert disagreement.status_code == 201, "what one does not agree with is said also then"


async def test_every_party_says_what_it_does_not_agree_with(client_for, school, plan):
    address = f"/plans/{plan['id']}/disagreements"
    said, records = {}, []
    for subject, body in {
        "guardian.one": {"text": "Vi vill inte byta skola."},
        "region.bup": {"text": "För många möten."},
        "gnesta.school": {"text": "Jag vill rida.", "whose": "child"},
    }.items():
        records.append(await made(await client_for(subject).post(address, json=body)))
        said[subject] = records[-1]["whose"]

    assert said == {"guardian.one": "guardian", "region.bup": "professional", "gnesta.school": "child"}
    assert len(await listed(client_for("guardian.two"), plan, "disagreements", *records)) == 3


async def test_a_guardian_speaks_for_nobody_else(client_for, plan):
    body = {"text": "Han vill inte.", "whose": "child"}

    answer = await client_for("guardian.one").post(f"/plans/{plan['id']}/disagreements", json=body)

    assert problem(answer) == (403, "speaks-for-another")


async def test_a_disagreement_is_settled_and_stays(client_for, school, plan):
    body = {"text": "Vi vill inte byta skola."}
    made_one = await made(await client_for("guardian.one").post(f"/plans/{plan['id']}/disagreements", json=body))
    address = f"/plans/{plan['id']}/disagreements/{made_one['id']}"
    how = {"how": "Alma går kvar."}

    assert problem(await client_for("region.bup").post(f"{address}/settlement", json=how)) == (403, "forbidden")
    settled = await made(await school.post(f"{address}/settlement", json=how))

    assert (settled["text"], settled["settledHow"]) == (body["text"], how["how"])
    assert (await made(await client_for("guardian.one").get(address)))["settledAt"] is not None
    assert problem(await school.post(f"{address}/settlement", json=how)) == (409, "already-settled")


async def test_a_plan_that_is_over_is_history(school):
    plan = await a_plan(school, await a_case(school))
    await made(await school.post(f"/plans/{plan['id']}/decline", json={}))

    answer = await school.post(f"/plans/{plan['id']}/disagreements", json={"text": "Nej."})

    assert problem(answer) == (409, "plan-is-not-writable")
