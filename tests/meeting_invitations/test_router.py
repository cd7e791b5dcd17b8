"""Calls and invitations over HTTP."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from icalendar import Calendar

from app.demo.directory import UNITS
from app.demo.staff import GUARDIAN_ONE
from tests.builders import a_case, a_child, a_child_with_two_guardians, guardian, guardianships, invited, made, problem
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
)

pytestmark = pytest.mark.database

BUP = "region-bup-nykoping"
COMES = {"answer": "will_attend"}


@pytest.fixture
def school(client_for, clock):
    clock.set(MONDAY)
    return client_for("gnesta.school")


@pytest.fixture(scope="module")
async def case(client_for, program_clock):
    """A case with social services and BUP, in which each test has a meeting of its own."""
    return await on_monday(program_clock, a_shared_case(client_for("gnesta.school"), "gnesta-ifo", BUP))


@pytest.mark.rule("R7.7")
async def test_principals_are_called_and_all_others_invited(client_for, school, case):
    meeting = await a_meeting(school, case)

    invitations = await call(
        school, meeting, "gnesta-ifo", BUP, "gnesta-skola",
        family=True, externals=[{"name": "Tolken", "familyWishes": True}],
    )  # fmt: skip

    kinds = {who: one["kind"] for who, one in invitations.items()}
    assert kinds == {
        "gnesta-ifo": "kallelse", BUP: "kallelse", "gnesta-skola": "inbjudan", "Alma Sandell": "inbjudan",
        "Maria Sandell": "inbjudan", "Johan Sandell": "inbjudan", "Tolken": "inbjudan",
    }  # fmt: skip
    assert (await made(await school.get(f"/meetings/{meeting['id']}")))["status"] == "called"
    deadline = (await due(client_for("region.bup"), meeting))["answer_invitation"]
    assert (deadline["kind"], deadline["dueAt"]) == ("agreement", "2026-03-09T23:00:00Z")
    assert deadline["_links"]["meeting"]["href"].endswith(f"/meetings/{meeting['id']}")


async def test_nobody_is_called_to_a_team_meeting(school, case):
    meeting = await a_meeting(school, case, meetingType="team")

    assert (await call(school, meeting, "gnesta-ifo"))["gnesta-ifo"]["kind"] == "inbjudan"


@pytest.mark.rule("R8.1")
async def test_a_unit_to_which_nothing_is_open_cannot_be_invited(client_for, school):
    """Not a stranger, not a member without consent, and not one whose consent was taken back."""
    case = await a_shared_case(school, "gnesta-ifo")
    await invited(school, case, "gnesta-samordning")
    other = await a_shared_case(school)
    await invited(school, other, BUP)
    meeting, second = await a_meeting(school, case), await a_meeting(school, other)

    async def asked(meeting, unit):
        body = {"unitIds": [unit]}
        return problem(await school.post(f"/meetings/{meeting['id']}/invitations", json=body))

    refused = (409, "no-scope-to-invite")
    assert await asked(meeting, str(UNITS[BUP])) == refused
    assert await asked(second, str(UNITS[BUP])) == refused
    assert await asked(meeting, str(uuid4())) == refused
    consent = (await made(await school.get(f"/consents?caseId={case['id']}")))["items"][0]
    await made(await client_for("guardian.one").post(f"/consents/{consent['id']}/withdrawal", json={}))
    assert await asked(meeting, str(UNITS["gnesta-ifo"])) == refused
    assert (await made(await school.get(f"/meetings/{meeting['id']}/invitations")))["items"] == []
    assert (await made(await school.get(f"/meetings/{meeting['id']}")))["status"] == "planned"


@pytest.mark.rule("R8.1")
async def test_only_those_of_the_family_who_may_be_contacted_are_invited_each_by_itself(client_for, school):
    case = await a_case(school, await a_child_with_two_guardians(school))
    _, johan = await guardianships(school, case["child"]["id"])
    path = f"/children/{case['child']['id']}/guardians/{johan}"
    no_contact = {"contactAllowed": False, "contactReason": "Beslut i domstol."}
    assert (await school.patch(path, json=no_contact, headers={"if-match": "*"})).status_code == 200
    meeting = await a_meeting(school, case)

    invitations = await call(school, meeting, family=True)

    assert sorted(invitations) == ["Alma Sandell", "Maria Sandell"]
    maria = client_for("guardian.one")
    mine = await made(await maria.get(address(invitations["Maria Sandell"])))
    assert (mine["party"], mine["name"]) == ("guardian", None), "names of guardians are in the category contact"
    assert "answer" in mine["_links"]
    assert "answer" not in (await maria.get(address(invitations["Alma Sandell"]))).json()["_links"]
    answered = await made(await maria.post(f"{address(mine)}/answer", json=COMES))
    assert answered["answer"] == "will_attend"
    childs = await maria.post(f"{address(invitations['Alma Sandell'])}/answer", json=COMES)
    assert problem(childs) == (403, "forbidden")


async def test_a_meeting_may_be_called_again_with_others(school, case):
    meeting = await a_meeting(school, case)
    await call(school, meeting, "gnesta-ifo", family=True)

    more = await call(school, meeting, BUP)

    assert len(more) == 5
    path = f"/meetings/{meeting['id']}/invitations"
    again = await school.post(path, json={"unitIds": [str(UNITS[BUP])]})
    assert problem(again) == (409, "already-invited")
    assert problem(await school.post(path, json={"family": True})) == (422, "nobody-to-invite")
    assert problem(await school.post(path, json={})) == (422, "nobody-to-invite")


@pytest.mark.rule("R8.1")
async def test_others_come_only_because_the_family_wants_it(school, case):
    meeting = await a_meeting(school, case)

    answer = await school.post(f"/meetings/{meeting['id']}/invitations", json={"externals": [{"name": "Grannen"}]})

    assert problem(answer) == (422, "family-does-not-wish")


@pytest.mark.rule("R7.7")
async def test_a_called_unit_answers_with_a_substitute_or_a_reason(client_for, school, case):
    meeting = await a_meeting(school, case)
    invitations = await call(school, meeting, "gnesta-ifo", BUP)
    social, path = client_for("gnesta.social"), f"{address(invitations['gnesta-ifo'])}/answer"

    assert problem(await social.post(path, json={"answer": "cannot"})) == (422, "absence-needs-reason")
    assert problem(await social.post(path, json={"answer": "sends_substitute"})) == (422, "substitute-needs-name")
    assert problem(await social.post(path, json={"answer": "waiting"})) == (422, "validation-failed")
    body = {"answer": "sends_substitute", "substituteName": "Kim Ek", "reason": "Semester."}
    answered = await made(await social.post(path, json=body))

    assert (answered["answer"], answered["substituteName"], answered["version"]) == ("sends_substitute", "Kim Ek", 2)
    assert await due(social, meeting) == {}
    assert (await due(client_for("region.bup"), meeting)).keys() == {"answer_invitation"}, "the other has not answered"
    others = await client_for("region.bup").post(path, json=COMES)
    assert problem(others) == (403, "forbidden")


async def test_answers_at_the_same_moment_all_count(client_for, school, case):
    meeting = await a_meeting(school, case)
    invitations = await call(school, meeting, "gnesta-ifo", BUP, family=True)
    who = {"gnesta-ifo": "gnesta.social", BUP: "region.bup", "Maria Sandell": "guardian.one",
           "Johan Sandell": "guardian.two"}  # fmt: skip

    answers = await asyncio.gather(
        *(client_for(user).post(f"{address(invitations[one])}/answer", json=COMES) for one, user in who.items()),
        client_for("gnesta.socialmanager").post(f"{address(invitations['gnesta-ifo'])}/answer", json=COMES),
    )

    assert [answer.status_code for answer in answers] == [201] * 5, [answer.text for answer in answers]
    items = (await made(await school.get(f"/meetings/{meeting['id']}/invitations")))["items"]
    assert sorted(item["answer"] for item in items) == ["waiting", *["will_attend"] * 4]


async def test_answers_come_between_the_call_and_the_meeting(client_for, school, case):
    meeting = await held(school, case, "gnesta-ifo")
    invitation = (await made(await school.get(f"/meetings/{meeting['id']}/invitations")))["items"][0]

    late = await client_for("gnesta.social").post(f"{address(invitation)}/answer", json=COMES)

    assert problem(late) == (409, "impossible-in-this-state")


@pytest.mark.rule("R7.7")
async def test_a_called_principal_that_does_not_come_explains_itself_through_its_manager(client_for, school, case):
    social, manager = client_for("gnesta.social"), client_for("gnesta.socialmanager")

    meeting = await held(school, case, "gnesta-ifo", BUP, "gnesta-skola", absent=("gnesta-ifo", "gnesta-skola"))

    deadline = (await due(social, meeting))["explain_absence"]
    assert (deadline["subjectType"], deadline["dueAt"]) == ("meeting", "2026-03-09T23:00:00Z")
    assert await due(client_for("region.bup"), meeting) == {}
    assert await due(school, meeting) == {}, "the school was invited, not called"
    items = (await made(await social.get(f"/meetings/{meeting['id']}/invitations")))["items"]
    path, bup = (f"{address(item)}/explanation" for item in items[:2])
    body = {"explanation": "Mötet var inte inlagt i kalendern."}
    assert problem(await social.post(path, json=body)) == (403, "forbidden")
    assert problem(await manager.post(bup, json=body)) == (403, "forbidden")
    assert "explanation" in (await manager.get(address(items[0]))).json()["_links"]

    explained = await made(await manager.post(path, json=body))

    assert (explained["attended"], explained["absenceExplanation"]) == (False, body["explanation"])
    assert await due(social, meeting) == {}
    assert problem(await manager.post(path, json=body)) == (409, "nothing-to-explain")


async def test_whoever_may_not_know_any_more_is_not_asked_to_explain(client_for, school):
    case = await a_shared_case(school, "gnesta-ifo")
    meeting = await a_meeting(school, case)
    invitations = await call(school, meeting, "gnesta-ifo")
    consent = (await made(await school.get(f"/consents?caseId={case['id']}")))["items"][0]
    await made(await client_for("guardian.one").post(f"/consents/{consent['id']}/withdrawal", json={}))

    body = everybody(invitations, "gnesta-ifo")
    await made(await school.post(f"/meetings/{meeting['id']}/attendance", json=body))

    assert await due(client_for("gnesta.social"), meeting) == {}


@pytest.mark.rule("R8.5")
async def test_how_the_child_took_part_is_always_said(school, case):
    meeting = await a_meeting(school, case)
    invitations = await call(school, meeting, "gnesta-ifo")
    path = f"/meetings/{meeting['id']}/attendance"

    for part in (None, {"present": False, "prepared": True}):
        body = everybody(invitations, childParticipation=part)
        assert problem(await school.post(path, json=body)) == (422, "child-participation-missing")
    done = await made(await school.post(path, json=everybody(invitations)))

    assert done["status"] == "held"
    assert done["childParticipation"] == {**PART, "representedBy": None, "view": None, "effect": None}


async def test_attendance_is_said_of_everybody_who_was_invited(school, case):
    meeting = await a_meeting(school, case)
    invitations = await call(school, meeting, "gnesta-ifo", BUP)
    path = f"/meetings/{meeting['id']}/attendance"
    one, two = everybody(invitations)["attended"]

    for attended in ([one], [one, one], [one, {**two, "invitationId": str(uuid4())}]):
        body = {"attended": attended, "childParticipation": PART}
        assert problem(await school.post(path, json=body)) == (422, "attendance-incomplete")
    body = {"attended": [one, {**two, "substituteName": "Kim Ek"}], "childParticipation": PART}
    await made(await school.post(path, json=body))

    items = (await made(await school.get(f"/meetings/{meeting['id']}/invitations")))["items"]
    assert [(item["attended"], item["substituteName"]) for item in items] == [(True, None), (True, "Kim Ek")]
    assert problem(await school.post(path, json=body)) == (409, "impossible-in-this-state")


async def test_a_meeting_that_nobody_was_called_to_is_not_held(school, case):
    meeting = await a_meeting(school, case)

    answer = await school.post(
        f"/meetings/{meeting['id']}/attendance", json={"attended": [], "childParticipation": PART}
    )

    assert problem(answer) == (409, "impossible-in-this-state")


async def fetched(client, invitation, language="en"):
    answer = await client.get(f"{address(invitation)}/calendar", headers={"accept-language": language})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8"), answer.text
    calendar = Calendar.from_ical(answer.content)
    (event,) = calendar.events
    return answer.text, calendar, event


@pytest.mark.rule("R8.3")
async def test_an_invitation_goes_into_a_calendar_without_anything_sensitive(client_for, school, case):
    meeting = await a_meeting(school, case, place="Rådhuset, rum 3; plan 2")
    invitation = (await call(school, meeting, "gnesta-ifo", family=True))["gnesta-ifo"]

    for language, summary in (("sv", "Möte"), ("en", "Meeting")):
        text, calendar, event = await fetched(client_for("gnesta.social"), invitation, language)

        assert calendar["method"] == "REQUEST"
        assert (event["summary"], event["uid"], event["sequence"]) == (summary, meeting["id"], 0)
        assert (event.start, event.end, event.DTSTAMP) == (IN_TWO_WEEKS, IN_TWO_WEEKS + timedelta(hours=1), MONDAY)
        assert event["location"] == "Rådhuset, rum 3; plan 2"
        assert event["url"].endswith(f"/meetings/{meeting['id']}")
        for word in ("Alma", "Sandell", "skolan?", "Ekdahl", "Nuläge", "SIP"):
            assert word not in text
        again, _, _ = await fetched(client_for("gnesta.social"), invitation, language)
        assert again == text


async def test_a_calendar_follows_a_meeting_that_is_moved_answered_and_cancelled(client_for, school, case, clock):
    meeting = await a_meeting(school, case)
    invitation = (await call(school, meeting, "gnesta-ifo"))["gnesta-ifo"]
    social, path = client_for("gnesta.social"), f"/meetings/{meeting['id']}"
    await made(await social.post(f"{address(invitation)}/answer", json=COMES))
    _, _, answered = await fetched(social, invitation)

    clock.advance(timedelta(hours=1))
    await made(await school.patch(path, json={"endsAt": "2026-03-16T11:00:00Z"}, headers={"if-match": "*"}))
    _, _, moved = await fetched(social, invitation)
    clock.advance(timedelta(hours=1))
    await made(await school.post(f"{path}/cancellation", json={"reason": "Sjukdom."}))
    _, calendar, cancelled = await fetched(social, invitation)

    assert [event.attendees[0].params["partstat"] for event in (answered, moved)] == ["ACCEPTED", "NEEDS-ACTION"]
    assert (moved["sequence"], moved.end) == (1, datetime(2026, 3, 16, 11, tzinfo=UTC))
    assert (calendar["method"], cancelled["status"], cancelled["sequence"]) == ("CANCEL", "CANCELLED", 2)
    assert {event["uid"] for event in (answered, moved, cancelled)} == {meeting["id"]}


@pytest.mark.rule("R2.5")
async def test_the_calendar_of_a_protected_child_tells_neither_where_nor_who(client_for, school):
    case = await a_shared_case(school)
    meeting = await a_meeting(school, case, videoLink="https://video.example/rum/1")
    invitation = (await call(school, meeting, family=True))["Maria Sandell"]
    child = f"/children/{case['child']['id']}"
    shielded = {"protectedIdentity": "skyddad_folkbokforing"}
    await made(await school.patch(child, json=shielded, headers={"if-match": "*"}))

    text, _, event = await fetched(client_for("guardian.one"), invitation)

    assert "location" not in event
    for word in ("Gnesta", "rum 3", "video.example", "Alma", "Sandell"):
        assert word not in text


async def test_a_guardian_of_another_child_gets_no_calendar(client_for, school):
    child = await a_child(school, guardians=[guardian(GUARDIAN_ONE, "Maria", "sole")])
    meeting = await a_meeting(school, await a_case(school, child))
    invitation = (await call(school, meeting, family=True))["Maria Sandell"]

    answer = await client_for("guardian.two").get(f"{address(invitation)}/calendar")

    assert problem(answer) == (404, "not-found")
