"""Meetings and their minutes over HTTP."""

from datetime import timedelta
from uuid import uuid4

import pytest

from app.demo.directory import UNITS
from app.demo.staff import USER_IDS
from tests.builders import a_case, a_child_with_two_guardians, a_consent, authority_of, invited, made, problem
from tests.meetings.steps import (
    IN_TWO_WEEKS,
    MONDAY,
    PART,
    a_meeting,
    a_shared_case,
    address,
    call,
    due,
    everybody,
    held,
    on_monday,
    planned,
)

pytestmark = pytest.mark.database

BUP = "region-bup-nykoping"
NOTES = {"notes": "Alla såg samma bild.", "decisions": [{"text": "Kortare måndagar.", "dueOn": "2026-04-01"}]}


@pytest.fixture
def school(client_for, clock):
    clock.set(MONDAY)
    return client_for("gnesta.school")


@pytest.fixture(scope="module")
async def case(client_for, program_clock):
    """A case with social services and BUP, in which each test has a meeting of its own."""
    return await on_monday(program_clock, a_shared_case(client_for("gnesta.school"), "gnesta-ifo", BUP))


@pytest.fixture(scope="module")
async def alone(client_for, program_clock):
    """A case of the school alone, in which each test has a meeting of its own."""
    return await on_monday(program_clock, a_shared_case(client_for("gnesta.school")))


async def test_a_meeting_is_planned_and_shows_what_can_be_done(school, alone):
    meeting = await a_meeting(school, alone, planId=str(uuid4()), interpreterLanguage="so")

    assert (meeting["status"], meeting["sequence"], meeting["version"]) == ("planned", 0, 1)
    assert meeting["question"] == "Hur kan Alma komma tillbaka till skolan?"
    assert meeting["agenda"] == ["Nuläge", "Vem gör vad"]
    assert meeting["documenterUnitId"] == str(UNITS["gnesta-skola"])
    assert meeting["_links"].keys() == {"self", "case", "invitations", "edit", "call", "cancellation"}
    assert (await made(await school.get(f"/meetings/{meeting['id']}"))) == meeting


async def test_a_member_of_the_circle_convenes_too(client_for, school, case):
    """The region often calls; it may call whoever is in the circle, and the holder of the case takes part."""
    bup = client_for("region.bup")
    writer = {"chairUserId": str(USER_IDS["region.bup"]), "documenterUserId": str(USER_IDS["gnesta.social"])}

    meeting = await a_meeting(bup, case, **writer)
    invitations = await call(bup, meeting, "gnesta-ifo", "gnesta-skola", family=True)

    assert meeting["documenterUnitId"] == str(UNITS["gnesta-ifo"])
    assert [one["party"] for one in invitations.values()].count("guardian") == 2
    seen = await made(await school.get(f"/meetings/{meeting['id']}"))
    assert seen["question"] == meeting["question"]
    assert not seen["_links"].keys() & {"edit", "call", "cancellation"}
    refused = await school.post(f"/meetings/{meeting['id']}/cancellation", json={"reason": "Nej."})
    assert problem(refused) == (403, "forbidden")


async def test_a_stranger_finds_no_meeting(client_for, school, alone):
    meeting = await a_meeting(school, alone)
    invitations = await call(school, meeting, family=True)

    for who in ("strangnas.social", "gnesta.social", "youth.one"):
        client = client_for(who)
        for path in ("", "/invitations", "/minutes"):
            assert problem(await client.get(f"/meetings/{meeting['id']}{path}")) == (404, "not-found")
        one = address(next(iter(invitations.values())))
        assert problem(await client.get(f"{one}/calendar")) == (404, "not-found")
        assert problem(await client.post(f"{one}/answer", json={"answer": "will_attend"})) == (404, "not-found")
        assert problem(await client.post("/meetings", json=planned(alone))) in [(404, "not-found"), (403, "forbidden")]
        assert meeting["id"] not in (await client.get("/meetings?limit=200")).text


async def test_nobody_meets_about_a_case_that_has_ended(school):
    case = await a_case(school)
    body = {"closeReason": "need_met", "outcomeSummary": "Klart.", "childView": "Bra.", "openActionsHandled": True}
    await made(await school.post(f"/cases/{case['id']}/closure", json=body))

    answer = await school.post("/meetings", json=planned(case))

    assert problem(answer) == (409, "meeting-needs-open-case")


@pytest.mark.parametrize("role", ["chairUserId", "documenterUserId"])
async def test_chair_and_documenter_are_of_the_circle(school, alone, role):
    answer = await school.post("/meetings", json=planned(alone, **{role: str(USER_IDS["gnesta.social"])}))

    assert problem(answer) == (422, "not-in-the-circle")


async def test_a_meeting_does_not_end_before_it_begins(school, alone):
    answer = await school.post("/meetings", json=planned(alone, endsAt=IN_TWO_WEEKS.isoformat()))

    assert problem(answer) == (409, "ends-before-it-begins")


@pytest.mark.rule("R7.15")
async def test_after_a_notice_of_discharge_the_call_is_due_in_three_days(school, case):
    notice = MONDAY - timedelta(days=1)
    meeting = await a_meeting(school, case, dischargeNoticeAt=notice.isoformat())

    deadline = (await due(school, meeting))["discharge_call"]
    await call(school, meeting, BUP)

    assert (deadline["kind"], deadline["legalBasis"]) == ("statutory", "LSP (2017:612) 4 kap.")
    assert deadline["dueAt"] == "2026-03-04T23:00:00Z", "the end of the third day after the notice"
    assert await due(school, meeting) == {}


async def test_a_discharge_concerns_sip_meetings(school, alone):
    body = planned(alone, meetingType="team", dischargeNoticeAt=MONDAY.isoformat())

    assert problem(await school.post("/meetings", json=body)) == (422, "discharge-needs-sip")


async def test_lists_show_meetings_of_the_callers_circles_by_time(client_for, school):
    case, other = await a_shared_case(school, "gnesta-ifo"), await a_case(school)
    later = await a_meeting(school, case, startsAt=(MONDAY + timedelta(days=13)).isoformat())
    sooner = await a_meeting(school, case, startsAt=(MONDAY + timedelta(days=3)).isoformat(), planId=str(uuid4()))
    elsewhere = await a_meeting(school, other)

    async def listed(client, query):
        return [item["id"] for item in (await made(await client.get(f"/meetings?{query}")))["items"]]

    assert await listed(school, f"caseId={case['id']}") == [sooner["id"], later["id"]]
    assert await listed(school, f"caseId={case['id']}&status=called") == []
    assert await listed(school, f"planId={sooner['planId']}") == [sooner["id"]]
    early = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-10T00:00:00Z"}
    answer = await school.get("/meetings", params={**early, "caseId": case["id"], "includeTotal": "true"})
    assert [item["id"] for item in answer.json()["items"]] == [sooner["id"]]
    assert answer.json()["_meta"]["totalRecords"] == 1
    first = await made(await school.get(f"/meetings?caseId={case['id']}&limit=1"))
    second = await made(await school.get(first["_links"]["next"]["href"]))
    assert [item["id"] for item in second["items"]] == [later["id"]]
    mine = await listed(client_for("gnesta.social"), "limit=200")
    assert {sooner["id"], later["id"]} <= set(mine)
    assert elsewhere["id"] not in mine
    assert problem(await school.get("/meetings?question=skola")) == (400, "search-not-allowed")


async def test_a_change_of_time_after_the_call_asks_everybody_again(client_for, school, case):
    social = client_for("gnesta.social")
    meeting = await a_meeting(school, case)
    invitation = (await call(school, meeting, "gnesta-ifo"))["gnesta-ifo"]
    await made(await social.post(f"{address(invitation)}/answer", json={"answer": "will_attend"}))
    assert await due(social, meeting) == {}
    path = f"/meetings/{meeting['id']}"
    current = await school.get(path)

    same = await school.patch(path, json={"agenda": ["Allt"]}, headers={"if-match": current.headers["etag"]})
    moved = await school.patch(
        path, json={"startsAt": "2026-03-16T08:00:00Z"}, headers={"if-match": same.headers["etag"]}
    )

    assert (same.json()["sequence"], same.json()["agenda"]) == (0, ["Allt"])
    assert moved.json()["sequence"] == 1
    asked = await made(await social.get(address(invitation)))
    assert (asked["answer"], asked["answeredAt"], asked["told"]) == ("waiting", None, "moved")
    assert (await due(social, meeting)).keys() == {"answer_invitation"}


async def test_a_change_names_the_version_and_keeps_the_order_of_time(school, alone):
    meeting = await a_meeting(school, alone)
    path = f"/meetings/{meeting['id']}"

    assert problem(await school.patch(path, json={"place": "Rum 4"})) == (428, "precondition-required")
    stale = await school.patch(path, json={"place": "Rum 4"}, headers={"if-match": '"v7"'})
    assert problem(stale) == (412, "precondition-failed")
    late = await school.patch(path, json={"startsAt": "2026-05-01T08:00:00Z"}, headers={"if-match": "*"})
    assert problem(late) == (409, "ends-before-it-begins")
    stranger = {"documenterUserId": str(USER_IDS["region.bup"])}
    assert problem(await school.patch(path, json=stranger, headers={"if-match": "*"})) == (422, "not-in-the-circle")
    colleague = {"documenterUserId": str(USER_IDS["gnesta.school2"]), "chairUserId": str(USER_IDS["gnesta.school2"])}
    changed = await made(await school.patch(path, json=colleague, headers={"if-match": "*"}))
    assert (changed["documenterName"], changed["chairName"], changed["version"]) == ("Oskar Nyberg", "Oskar Nyberg", 2)


@pytest.mark.rule("R8.4")
async def test_when_a_meeting_is_cancelled_everybody_is_told(client_for, school, case):
    social, maria = client_for("gnesta.social"), client_for("guardian.one")
    meeting = await a_meeting(school, case)
    await call(school, meeting, "gnesta-ifo", family=True, externals=[{"name": "Farmor", "familyWishes": True}])

    cancelled = await made(
        await school.post(f"/meetings/{meeting['id']}/cancellation", json={"reason": "Sjukdom bland personalen."})
    )

    assert (cancelled["status"], cancelled["sequence"]) == ("cancelled", 1)
    assert cancelled["cancelledReason"] == "Sjukdom bland personalen."
    items = (await made(await maria.get(f"/meetings/{meeting['id']}/invitations")))["items"]
    assert [(item["party"], item["told"]) for item in items] == [
        ("unit", "cancelled"), ("child", "cancelled"), ("guardian", "cancelled"), ("guardian", "cancelled"),
        ("external", "cancelled"),
    ]  # fmt: skip
    assert (await due(social, meeting)).keys() == {"meeting_cancelled"}
    await made(await social.post(f"{address(items[0])}/receipt", json={}))
    assert await due(social, meeting) == {}
    again = await social.post(f"{address(items[0])}/receipt", json={})
    assert problem(again) == (409, "nothing-to-acknowledge")
    edit = await school.patch(f"/meetings/{meeting['id']}", json={"place": "Rum 4"}, headers={"if-match": "*"})
    assert problem(edit) == (409, "impossible-in-this-state")


@pytest.mark.rule("R8.4")
async def test_when_the_family_declines_what_was_planned_is_cancelled(client_for, school):
    case = await a_shared_case(school, "gnesta-ifo")
    meeting = await a_meeting(school, case)
    await call(school, meeting, "gnesta-ifo", family=True)

    await made(await client_for("guardian.one").post(f"/cases/{case['id']}/decline", json={}))

    assert (await made(await school.get(f"/meetings/{meeting['id']}")))["status"] == "cancelled"
    assert (await due(client_for("gnesta.social"), meeting)).keys() == {"meeting_cancelled"}


@pytest.mark.rule("R8.3")
async def test_the_question_is_for_those_to_whom_the_plan_is_open(client_for, school):
    """An invitation holds nothing sensitive, nor does a meeting that somebody without the plan sees."""
    case = await a_case(school, await a_child_with_two_guardians(school))
    await invited(school, case, "gnesta-ifo")
    await a_consent(school, case, ["gnesta-ifo"], ["contact"], at=MONDAY, answered=True)
    meeting = await a_meeting(school, case)
    invitations = await call(school, meeting, "gnesta-ifo", family=True)

    seen = await made(await client_for("gnesta.social").get(f"/meetings/{meeting['id']}"))
    family = await made(await client_for("guardian.one").get(f"/meetings/{meeting['id']}"))

    assert (seen["question"], seen["agenda"], seen["place"]) == (None, None, "Grundskolan i Gnesta, rum 3")
    assert [basis["basis"] for basis in seen["openedBy"]] == ["consent"]
    assert family["question"] == meeting["question"]
    assert all("skolan?" not in str(one) for one in invitations.values())


@pytest.mark.rule("R8.2")
async def test_the_minutes_belong_to_the_documenters_authority_and_are_final_when_confirmed(
    client_for, school, case, owner_db
):
    social = client_for("gnesta.social")
    meeting = await held(school, case, "gnesta-ifo", documenterUserId=str(USER_IDS["gnesta.social"]))
    path = f"/meetings/{meeting['id']}/minutes"
    assert problem(await school.post(path, json=NOTES)) == (403, "forbidden")

    written = await social.post(path, json=NOTES)
    body = {"interpreterUsed": False, "decisions": [*NOTES["decisions"], {"text": "Vi ses om tre månader."}]}
    changed = await social.patch(path, json=body, headers={"if-match": written.headers["etag"]})
    confirmed = await made(await social.post(f"{path}/confirmation", json={}))

    assert written.status_code == 201, written.text
    assert written.json()["ownerAuthorityId"] == authority_of("gnesta-ifo")
    assert [one["text"] for one in changed.json()["decisions"]] == ["Kortare måndagar.", "Vi ses om tre månader."]
    assert changed.json()["_links"].keys() == {"self", "meeting", "edit", "confirmation"}
    assert confirmed["confirmedBy"] == str(USER_IDS["gnesta.social"])
    assert confirmed["childParticipation"]["missingReason"] == PART["missingReason"]
    for reader in (school, client_for("guardian.one")):
        assert (await made(await reader.get(path)))["notes"] == "Alla såg samma bild."
    after = await made(await school.get(f"/meetings/{meeting['id']}"))
    assert after["status"] == "notes_confirmed"
    assert "minutes" in after["_links"]
    for late in (
        await social.patch(path, json={"notes": "Nej."}, headers={"if-match": "*"}),
        await social.post(f"{path}/confirmation", json={}),
    ):
        assert problem(late) == (409, "impossible-in-this-state")
    with pytest.raises(Exception, match="final"):
        owner_db.execute("update meeting_minutes set notes = 'x' where meeting_id = %s", [meeting["id"]])


async def test_there_is_one_set_of_minutes_of_a_held_meeting(school, case):
    early = await a_meeting(school, case)
    assert problem(await school.post(f"/meetings/{early['id']}/minutes", json=NOTES)) == (
        409, "impossible-in-this-state"
    )  # fmt: skip
    meeting = await held(school, case, "gnesta-ifo")
    path = f"/meetings/{meeting['id']}/minutes"
    assert problem(await school.post(f"{path}/confirmation", json={})) == (404, "not-found")
    stranger = {**NOTES, "decisions": [{"text": "Gör.", "responsibleUnitId": str(UNITS["strangnas-ifo"])}]}
    assert problem(await school.post(path, json=stranger)) == (422, "unknown-reference")

    await made(await school.post(path, json=NOTES))

    assert problem(await school.post(path, json=NOTES)) == (409, "minutes-already-written")
    outside = await school.patch(path, json={"decisions": stranger["decisions"]}, headers={"if-match": "*"})
    assert problem(outside) == (422, "unknown-reference")


async def test_minutes_are_not_for_those_without_the_category(client_for, school):
    case = await a_case(school, await a_child_with_two_guardians(school))
    await invited(school, case, "gnesta-ifo")
    await a_consent(school, case, ["gnesta-ifo"], ["plan"], at=MONDAY, answered=True)
    meeting = await held(school, case, "gnesta-ifo")
    await made(await school.post(f"/meetings/{meeting['id']}/minutes", json=NOTES))
    social = client_for("gnesta.social")

    seen = await made(await social.get(f"/meetings/{meeting['id']}"))

    assert seen["childParticipation"] is None
    assert "minutes" not in seen["_links"]
    assert problem(await social.get(f"/meetings/{meeting['id']}/minutes")) == (404, "not-found")


@pytest.mark.rule("R2.5")
async def test_a_protected_child_is_in_no_list_and_has_no_place_for_others(client_for, school):
    case = await a_shared_case(school, "gnesta-ifo")
    child = f"/children/{case['child']['id']}"
    meeting = await a_meeting(school, case, videoLink="https://video.example/rum/1")
    await call(school, meeting, "gnesta-ifo", "gnesta-skola", family=True)
    manager, social = client_for("gnesta.schoolmanager"), client_for("gnesta.social")
    shield = await manager.patch(child, json={"protectedIdentity": "sekretessmarkering"}, headers={"if-match": "*"})
    assert shield.status_code == 200, shield.text
    path = f"/meetings/{meeting['id']}"
    assert problem(await social.get(path)) == (403, "checkpoint-required")
    await made(await social.post(f"{child}/checkpoints", json={"reason": "Deltar i mötet."}))

    seen = await made(await social.get(path))
    listed = await made(await social.get(f"{path}/invitations"))
    family = await made(await client_for("guardian.one").get(path))

    for shown in (seen, family):
        assert (shown["place"], shown["videoLink"], shown["ownerUnitName"]) == (None, None, None)
    assert {item["name"] for item in listed["items"] if item["party"] == "unit"} == {None}
    assert meeting["id"] not in (await social.get("/meetings?limit=200")).text
    assert meeting["id"] in (await client_for("guardian.one").get("/meetings?limit=200")).text
    own = (await made(await manager.post(f"{child}/checkpoints", json={"reason": "Leder enheten."}))) and await made(
        await manager.get(path)
    )
    assert own["place"] == "Grundskolan i Gnesta, rum 3"


async def test_a_meeting_follows_the_case_to_its_new_unit(client_for, school):
    """Whoever planned it has left the circle: somebody must be able to hold or cancel it."""
    case = await a_case(school)
    meeting = await a_meeting(school, case)
    other = client_for("gnesta.otherschool")
    body = {"toUnitId": str(UNITS["gnesta-skola-2"]), "reason": "Byter skola."}
    transfer = await made(await school.post(f"/cases/{case['id']}/transfers", json=body))
    await made(await other.post(f"/transfers/{transfer['id']}/acceptance", json={}))

    invitations = await call(other, meeting, "gnesta-skola-2", family=True)
    done = await made(await other.post(f"/meetings/{meeting['id']}/attendance", json=everybody(invitations)))

    assert done["status"] == "held"
