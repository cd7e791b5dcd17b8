"""The circle and its hand-overs over HTTP."""

import pytest

from app.demo.directory import UNITS
from app.demo.staff import USER_IDS
from tests.builders import a_case, a_child_with_two_guardians, a_consent, invited, made

pytestmark = pytest.mark.database


@pytest.fixture
def school(client_for):
    return client_for("gnesta.school")


@pytest.mark.rule("R3.2")
async def test_an_invited_unit_of_another_authority_sees_nothing_without_a_basis(client_for, school):
    case = await a_case(school)

    member = await invited(school, case, "gnesta-ifo")

    assert member["status"] == "invited"
    assert (await client_for("gnesta.social").get(f"/cases/{case['id']}")).status_code == 404


@pytest.mark.rule("R3.2")
async def test_a_consent_given_before_the_invitation_opens_at_once(client_for, school):
    case = await a_case(school, await a_child_with_two_guardians(school))
    consent = await a_consent(school, case, ["gnesta-ifo"], ["contact"], answered=True)

    member = await invited(school, case, "gnesta-ifo")

    assert member["status"] == "active"
    assert [opened["id"] for opened in member["openedBy"]] == [consent["id"]]
    assert (await client_for("gnesta.social").get(f"/cases/{case['id']}")).status_code == 200


async def test_another_unit_of_the_same_authority_works_without_consent(client_for, school):
    case = await a_case(school)
    other = client_for("gnesta.otherschool")
    assert (await other.get(f"/cases/{case['id']}")).status_code == 404

    await invited(school, case, "gnesta-skola-2")

    assert (await other.get(f"/cases/{case['id']}")).json()["reasonText"] == "Trivs inte, kommer sällan."


async def test_a_unit_is_invited_once(school):
    case = await a_case(school)
    await invited(school, case, "gnesta-ifo")

    again = await school.post(f"/cases/{case['id']}/members", json={"unitId": str(UNITS["gnesta-ifo"])})

    assert (again.status_code, again.json()["code"]) == (409, "already-member")


@pytest.mark.rule("R3.3")
async def test_somebody_coordinates_from_the_moment_two_authorities_are_in(school):
    case = await a_case(school)
    assert case["coordinator"] is None

    await invited(school, case, "gnesta-ifo")

    shown = (await school.get(f"/cases/{case['id']}")).json()
    assert shown["coordinator"]["name"] == shown["namedContact"]["name"]


@pytest.mark.rule("R3.4")
async def test_a_coordinator_is_appointed_from_the_circle(client_for, school):
    case = await a_case(school, await a_child_with_two_guardians(school))
    body = {
        "userId": str(USER_IDS["gnesta.coordinator"]), "unitId": str(UNITS["gnesta-samordning"]),
        "reason": "Samordningsfunktionen tar över.",
    }  # fmt: skip
    outside = await school.post(f"/cases/{case['id']}/coordinators", json=body)
    await invited(school, case, "gnesta-samordning")
    await a_consent(school, case, ["gnesta-samordning"], ["plan", "contact"], answered=True)

    inside = await made(await school.post(f"/cases/{case['id']}/coordinators", json=body))
    karin, address = client_for("gnesta.coordinator"), f"/cases/{case['id']}/coordinators/{inside['assignment']['id']}"
    await made(await karin.post(f"{address}/acceptance", json={}))

    assert (outside.status_code, outside.json()["code"]) == (422, "contact-not-in-unit")
    assert inside["coordinator"]["name"] == "Sara Ekdahl", "until she accepts"
    shown = (await karin.get(f"/cases/{case['id']}")).json()
    assert shown["coordinator"]["name"] == "Karin Wallin"
    assert {"closure", "pause", "invite"} <= shown["_links"].keys()


async def test_a_unit_that_leaves_sees_nothing_from_that_instant(client_for, school):
    case = await a_case(school, await a_child_with_two_guardians(school))
    await invited(school, case, "gnesta-ifo")
    await a_consent(school, case, ["gnesta-ifo"], ["plan"], answered=True)
    social = client_for("gnesta.social")
    assert (await social.get(f"/cases/{case['id']}")).status_code == 200

    await made(
        await school.post(f"/cases/{case['id']}/members/{UNITS['gnesta-ifo']}/ending", json={"reason": "Klart."})
    )

    assert (await social.get(f"/cases/{case['id']}")).status_code == 404
    assert (await social.get(f"/children/{case['child']['id']}")).status_code == 404


async def test_a_member_may_leave_by_itself_and_the_owner_may_not(client_for, school):
    case = await a_case(school, await a_child_with_two_guardians(school))
    await invited(school, case, "gnesta-ifo")
    await a_consent(school, case, ["gnesta-ifo"], ["plan"], answered=True)
    ending = {"reason": "Vi behövs inte."}

    owner = await school.post(f"/cases/{case['id']}/members/{UNITS['gnesta-skola']}/ending", json=ending)
    left = await client_for("gnesta.social").post(
        f"/cases/{case['id']}/members/{UNITS['gnesta-ifo']}/ending", json=ending
    )

    assert (owner.status_code, owner.json()["code"]) == (409, "owner-cannot-leave")
    assert left.status_code == 201


@pytest.mark.rule("R3.5")
async def test_the_old_contact_answers_until_the_new_one_accepts(client_for, school):
    case = await a_case(school)
    body = {"userId": str(USER_IDS["gnesta.school2"]), "reason": "Byter tjänst."}

    transfer = await made(await school.post(f"/cases/{case['id']}/named-contact", json=body))
    waiting = (await school.get(f"/cases/{case['id']}")).json()
    wrong = await client_for("gnesta.schoolmanager").post(f"/transfers/{transfer['id']}/acceptance", json={})
    accepted = await made(await client_for("gnesta.school2").post(f"/transfers/{transfer['id']}/acceptance", json={}))
    after = (await school.get(f"/cases/{case['id']}")).json()

    assert (waiting["status"], waiting["namedContact"]["name"]) == ("transferring", "Sara Ekdahl")
    assert (wrong.status_code, wrong.json()["code"]) == (409, "not-the-receiver")
    assert accepted["status"] == "accepted"
    assert (after["status"], after["namedContact"]["name"]) == ("active", "Oskar Nyberg")


@pytest.mark.rule("R3.5")
async def test_a_case_goes_to_another_unit_when_it_accepts(client_for, school):
    case = await a_case(school)
    other = client_for("gnesta.otherschool")
    body = {"toUnitId": str(UNITS["gnesta-skola-2"]), "reason": "Byter skola."}

    transfer = await made(await school.post(f"/cases/{case['id']}/transfers", json=body))
    assert (await other.get(f"/transfers/{transfer['id']}")).json()["_links"].keys() >= {"acceptance", "decline"}
    await made(await other.post(f"/transfers/{transfer['id']}/acceptance", json={}))

    theirs = (await other.get(f"/cases/{case['id']}")).json()
    assert (theirs["status"], theirs["namedContact"]["name"]) == ("active", "David Åberg")
    assert theirs["reasonText"] == "Trivs inte, kommer sällan."
    assert "closure" in theirs["_links"]
    assert (await school.get(f"/cases/{case['id']}")).status_code == 404


async def test_a_declined_hand_over_leaves_everything_as_it_was(client_for, school):
    case = await a_case(school)
    other = client_for("gnesta.otherschool")
    body = {"toUnitId": str(UNITS["gnesta-skola-2"]), "reason": "Byter skola."}
    transfer = await made(await school.post(f"/cases/{case['id']}/transfers", json=body))

    declined = await made(await other.post(f"/transfers/{transfer['id']}/decline", json={"note": "Fullt."}))

    assert (declined["status"], declined["answerNote"]) == ("declined", "Fullt.")
    assert (await other.get(f"/cases/{case['id']}")).status_code == 404
    assert (await school.get(f"/cases/{case['id']}")).json()["status"] == "active"


async def test_a_hand_over_is_answered_once(client_for, school):
    case = await a_case(school)
    body = {"toUnitId": str(UNITS["gnesta-skola-2"]), "reason": "Byter skola."}
    transfer = await made(await school.post(f"/cases/{case['id']}/transfers", json=body))
    await made(await school.post(f"/transfers/{transfer['id']}/withdrawal", json={}))

    again = await school.post(f"/transfers/{transfer['id']}/withdrawal", json={})

    assert (again.status_code, again.json()["code"]) == (409, "transfer-already-answered")


async def test_a_case_goes_to_another_authority_only_on_a_basis(client_for, school):
    case = await a_case(school, await a_child_with_two_guardians(school))
    social = client_for("gnesta.social")
    body = {"toUnitId": str(UNITS["gnesta-ifo"]), "reason": "Socialtjänsten tar över."}

    without = await school.post(f"/cases/{case['id']}/transfers", json=body)
    await a_consent(school, case, ["gnesta-ifo"], ["plan", "contact"], answered=True)
    transfer = await made(await school.post(f"/cases/{case['id']}/transfers", json=body))
    await made(await social.post(f"/transfers/{transfer['id']}/acceptance", json={}))

    assert (without.status_code, without.json()["code"]) == (409, "transfer-needs-basis")
    theirs = (await social.get(f"/cases/{case['id']}")).json()
    assert theirs["ownerUnitId"] == str(UNITS["gnesta-ifo"])
    assert theirs["reasonText"] is None, "what the school wrote is still the school's"


async def test_a_hand_over_names_a_receiver(school):
    case = await a_case(school)

    answer = await school.post(f"/cases/{case['id']}/transfers", json={"reason": "Någon annan"})

    assert (answer.status_code, answer.json()["code"]) == (422, "receiver-required")


@pytest.mark.rule("R1.4")
async def test_a_unit_manager_sees_only_the_own_units_circles_and_logs(client_for, school):
    case = await a_case(school)
    own, other = client_for("gnesta.schoolmanager"), client_for("gnesta.socialmanager")

    assert (await own.get(f"/cases/{case['id']}/access-log")).status_code == 200
    assert (await other.get(f"/cases/{case['id']}/access-log")).status_code == 404
    assert (await other.get(f"/cases/{case['id']}")).status_code == 404


@pytest.mark.rule("R1.1")
@pytest.mark.rule("R1.2")
@pytest.mark.parametrize("name", ["sys.admin", "stats.reader"])
async def test_roles_without_identifiable_data_meet_no_case(client_for, school, name):
    case = await a_case(school)

    assert (await client_for(name).get(f"/cases/{case['id']}")).status_code == 404
    assert (await client_for(name).get("/cases")).status_code == 403
    assert (await client_for(name).get(f"/children/{case['child']['id']}")).status_code == 404


async def test_a_new_owner_works_on_as_the_old_one_did(client_for, school):
    case = await a_case(school, await a_child_with_two_guardians(school))
    other = client_for("gnesta.otherschool")
    body = {"toUnitId": str(UNITS["gnesta-skola-2"]), "reason": "Byter skola."}
    transfer = await made(await school.post(f"/cases/{case['id']}/transfers", json=body))
    await made(await other.post(f"/transfers/{transfer['id']}/acceptance", json={}))

    await invited(other, case, "gnesta-ifo")
    await a_consent(other, case, ["gnesta-ifo"], ["plan", "contact"], answered=True)

    seen = await made(await client_for("gnesta.social").get(f"/cases/{case['id']}"))
    assert seen["namedContact"]["name"] == "David Åberg"
    assert (await other.get(f"/children/{case['child']['id']}")).json()["ownerUnitId"] == str(UNITS["gnesta-skola-2"])
