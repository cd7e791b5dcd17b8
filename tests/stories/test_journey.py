"""One family's way, from the call to the desk in Gnesta to the closed case, and everything that goes wrong on it.

The chapters are those that ``tillsammans story`` prints and that the demo world plays (``app/demo/journey.py``).
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from app.config import Settings
from app.database import DatabaseAddresses
from app.demo.journey import PARTIES, Journey
from app.demo.play import Body, stage
from app.demo.staff import USER_IDS
from app.kernel.clock import FixedClock

pytestmark = pytest.mark.database

TODAY = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
async def journey(settings: Settings, addresses: DatabaseAddresses) -> AsyncIterator[Journey]:
    """The family before its call, with every request of it told."""
    async with stage(settings, addresses.program, FixedClock(TODAY), tell=print) as play:
        yield Journey(play)


async def refused(journey: Journey, who: str, method: str, path: str, **body: object) -> Body:
    """The problem that somebody is answered with."""
    answer = await journey.play.attempt(method, who, path, **body)
    assert answer.status_code >= 400, answer.text
    problem: Body = answer.json()
    return problem


async def whom_to_call(journey: Journey, who: str = "guardian.one") -> Body:
    return await journey.play.get(who, f"/cases/{journey.case}/whom-to-call")


async def due(journey: Journey, who: str) -> set[tuple[str, str]]:
    """What is due for somebody's unit in this case: code and kind."""
    items = (await journey.play.get(who, "/deadlines", limit="200"))["items"]
    return {(item["code"], item["kind"]) for item in items if item["childId"] == journey.child}


async def up_to_activation(journey: Journey) -> None:
    journey.play.at(118, 10)
    await journey.the_call()
    await journey.the_wheel()
    await journey.the_consent()
    await journey.the_meeting()
    await journey.the_writing()
    await journey.the_agreement()


async def test_from_the_call_to_the_closed_case(journey: Journey) -> None:
    await journey.tell()

    plan = await journey.social.get(f"/plans/{journey.plan}")
    assert (plan["status"], plan["closeReason"]) == ("closed", "goals_met")
    case = await journey.karin.get(f"/cases/{journey.case}")
    assert case["status"] == "closed"
    versions = (await journey.maria.get(f"/plans/{journey.plan}/versions"))["items"]
    assert [version["number"] for version in versions] == [1]
    steps = [
        step["deed"] for step in (await journey.karin.get(f"/plans/{journey.plan}/steps", sortOrder="asc"))["items"]
    ]
    assert steps == [
        "open", "ask_consent", "consent", "prepare", "call", "hold", "draft", "activate", "follow_up",
        "begin_closing", "close",
    ]  # fmt: skip
    paper = await journey.play.attempt("GET", "guardian.one", f"/plans/{journey.plan}/document?form=family")
    assert (paper.status_code, paper.content[:5]) == (200, b"%PDF-")


@pytest.mark.rule("R6.8")
async def test_each_sees_of_the_wheel_what_was_chosen(journey: Journey) -> None:
    await journey.the_call()
    await journey.the_wheel()
    await journey.the_consent()

    address = f"/wellbeing-assessments/{journey.wheel}"
    shown = {each["dimension"]: each["withheld"] for each in (await journey.bup.get(address))["entries"]}
    assert {dimension for dimension, withheld in shown.items() if not withheld} == {"healthy", "achieving", "included"}
    assert not any(each["withheld"] for each in (await journey.maria.get(address))["entries"])
    words = next(each for each in (await journey.bup.get(address))["entries"] if each["dimension"] == "healthy")
    assert [each["text"] for each in words["ownWords"]] == ["Magen gör ont på måndagar."]


@pytest.mark.rule("R3.6")
@pytest.mark.rule("R4.8")
async def test_one_guardian_says_no(journey: Journey) -> None:
    await journey.the_call()
    await journey.asking()
    await journey.maria.consent(journey.consent)

    await journey.play.post("guardian.two", f"/consents/{journey.consent['id']}/answers", answer="refused")

    plan = await journey.karin.get(f"/plans/{journey.plan}")
    assert (plan["status"], plan["closeReason"]) == ("declined", "declined")
    assert (await refused(journey, "region.bup", "GET", f"/plans/{journey.plan}"))["status"] == 404
    assert (await refused(journey, "gnesta.coordinator", "POST", f"/plans/{journey.plan}/preparation",
                          question="Ändå?"))["code"] == "impossible-in-this-state"  # fmt: skip
    case = await journey.karin.get(f"/cases/{journey.case}")
    assert case["status"] == "active", "the desk goes on with what the family wants"


@pytest.mark.rule("R7.7")
async def test_a_called_principal_does_not_come(journey: Journey) -> None:
    journey.play.at(118, 10)
    await journey.the_call()
    await journey.the_wheel()
    await journey.the_consent()
    await journey.the_meeting(absent=("region-bup-nykoping", "gnesta-skola"))

    meeting = (await journey.karin.get("/meetings", caseId=journey.case))["items"][0]
    invitations = (await journey.karin.get(f"/meetings/{meeting['id']}/invitations"))["items"]
    came = {each["name"]: (each["kind"], each["attended"]) for each in invitations}
    assert came["BUP Nyköping"] == ("kallelse", False)
    assert ("explain_absence", "agreement") in await due(journey, "region.bupmanager")
    assert "explain_absence" not in {code for code, _ in await due(journey, "gnesta.school")}, "invited, not called"

    called = next(each for each in invitations if each["name"] == "BUP Nyköping")
    address = f"/meetings/{meeting['id']}/invitations/{called['id']}/explanation"
    assert (await refused(journey, "region.bup", "POST", address, explanation="Akut."))["status"] == 403
    await journey.play.post("region.bupmanager", address, explanation="Akut patientarbete; vi kommer nästa gång.")
    assert "explain_absence" not in {code for code, _ in await due(journey, "region.bupmanager")}


@pytest.mark.rule("R4.6")
async def test_consent_is_withdrawn_after_activation(journey: Journey) -> None:
    await up_to_activation(journey)
    held = await journey.bup.get(f"/plans/{journey.plan}")
    assert held["status"] == "active"

    await journey.johan.post(f"/consents/{journey.consent['id']}/withdrawal")

    assert (await refused(journey, "region.bup", "GET", f"/plans/{journey.plan}"))["status"] == 404
    assert (await refused(journey, "region.bup", "GET", f"/wellbeing-assessments/{journey.wheel}"))["status"] == 404
    assert (await journey.karin.get(f"/plans/{journey.plan}"))["status"] == "suspended"
    for who in ("region.bup", "gnesta.school", "gnesta.social"):
        assert ("decide_after_withdrawal", "agreement") in await due(journey, who), who
    own = await journey.bup.get(f"/actions/{journey.actions['region-bup-nykoping']}")
    assert own["awaitsDecision"] is True, "what it wrote stays its own"

    for unit, who in PARTIES.items():
        address = f"/actions/{journey.actions[unit]}/decision"
        await journey.play.post(who, address, decision="stops", reason="Familjen vill avsluta.")
    await journey.play.post("gnesta.coordinator", f"/actions/{journey.actions['family']}/decision", decision="stops")
    await journey.social.post(
        f"/plans/{journey.plan}/closure", closeReason="consent_withdrawn", childView="Jag vill att det tar slut.",
        outcomeSummary="Familjen går vidare på egen hand.",
    )  # fmt: skip
    assert (await journey.karin.get(f"/plans/{journey.plan}"))["closeReason"] == "consent_withdrawn"


@pytest.mark.rule("R5.3")
@pytest.mark.rule("R5.4")
@pytest.mark.rule("R5.6")
async def test_the_coordinator_goes_on_leave_in_the_middle(journey: Journey) -> None:
    await up_to_activation(journey)
    assert (await whom_to_call(journey))["name"] == "Karin Wallin"
    today = journey.play.today_there

    away = await journey.karin.post(
        "/coordinator-absences", userId=str(USER_IDS["gnesta.coordinator"]), reason="leave",
        fromOn=today.isoformat(), toOn=(today + timedelta(days=30)).isoformat(),
        deputyUserId=str(USER_IDS["gnesta.coordinator2"]),
    )  # fmt: skip
    call = await whom_to_call(journey)
    assert (call["name"], call["standingInFor"]) == ("Jens Moberg", "Karin Wallin")

    # She does not come back: Amir is asked, and Jens answers until Amir has said yes.
    asked = await journey.karin.coordinate(journey.case, "gnesta.social", "gnesta-ifo", "Karin byter arbete.")
    for who in ("guardian.one", "guardian.two", "region.bup", "gnesta.school"):
        assert (await whom_to_call(journey, who))["name"] == "Jens Moberg", who
    await journey.social.accept(journey.case, asked)
    assert (await whom_to_call(journey))["name"] == "Amir Haddad"
    await journey.karin.post(f"/coordinator-absences/{away['id']}/ending")
    assert (await whom_to_call(journey, "region.bup"))["name"] == "Amir Haddad"


@pytest.mark.rule("R2.9")
@pytest.mark.rule("R4.2")
async def test_the_child_turns_fifteen_and_eighteen_between_two_requests(
    settings: Settings, addresses: DatabaseAddresses
) -> None:
    """Born on 21 November 2011: fifteen tomorrow, and eighteen three years later."""
    async with stage(settings, addresses.program, FixedClock(TODAY), tell=print) as play:
        journey = Journey(play, given_name="Robin", birth_date="2011-11-21")
        play.at(0, 9)
        await journey.the_call()
        kind = {"kind": "sip_participation"}
        givers = (await journey.karin.get(f"/children/{journey.child}/consent-requirements", **kind))["givers"]
        assert {giver["kind"] for giver in givers if giver["required"]} == {"guardian"}

        play.after(timedelta(days=1))
        givers = (await journey.karin.get(f"/children/{journey.child}/consent-requirements", **kind))["givers"]
        assert {giver["kind"] for giver in givers if giver["required"]} == {"guardian", "child"}

        # A month before the eighteenth birthday guardians and child say yes: the plan goes on, their access does not.
        play.after(timedelta(days=3 * 365 + 1 - 30))
        ends = (play.now + timedelta(days=200)).isoformat()
        await journey.asking(validTo=ends, answers=["given", "given", "given"])
        assert (await journey.karin.get(f"/plans/{journey.plan}"))["status"] == "consented"
        assert (await journey.maria.get(f"/plans/{journey.plan}"))["status"] == "consented"
        play.after(timedelta(days=30))
        assert (await refused(journey, "guardian.one", "GET", f"/plans/{journey.plan}"))["status"] == 404
        assert (await refused(journey, "guardian.two", "GET", f"/cases/{journey.case}"))["status"] == 404
        assert (await journey.karin.get(f"/plans/{journey.plan}"))["status"] == "consented"
        assert (await journey.bup.get(f"/plans/{journey.plan}"))["status"] == "consented"


async def test_the_story_can_be_told_again(journey: Journey) -> None:
    """``tillsammans story`` may be run twice: it makes a family of its own each time."""
    await journey.the_call()
    first = journey.case
    again = Journey(journey.play)
    await again.the_call()
    assert again.case != first
