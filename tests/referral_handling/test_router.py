"""What the receiver does with a referral, over HTTP."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from tests.builders import made
from tests.centre_referrals.steps import (
    PATH,
    REASON,
    a_child_of,
    a_referral,
    a_sent,
    a_sign_in,
    born,
    refused,
    take,
    the_0_18_centre,
    the_centre,
    the_consent,
    unit,
)

pytestmark = pytest.mark.database


@pytest.fixture(scope="module")
async def centre(client_for):
    return await the_centre(client_for("gnesta.familymanager"))


@pytest.fixture(scope="module")
async def wide(client_for):
    return await the_0_18_centre(client_for("gnesta.familymanager"))


@pytest.fixture(scope="module")
async def family(client_for):
    """A child of the school's with a consent that reaches the family centre and the region."""
    school = client_for("gnesta.school")
    child = await a_child_of(school)
    return child, await the_consent(school, child, ["gnesta-familjecentral", "region-bup-nykoping"])


@pytest.fixture
async def received(client_for, centre, family):
    referral = await a_sent(client_for("gnesta.school"), centre, *family)
    return await take(client_for("gnesta.familycentre"), referral, "receipt")


def in_days(days):
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


async def test_from_a_missed_time_to_a_completion_that_stays_with_the_receiver(client_for, received):
    school, receiver = client_for("gnesta.school"), client_for("gnesta.familycentre")
    assert await refused(receiver, received, "start") == (409, "impossible-in-this-state")
    accepted = await take(receiver, received, "acceptance", capacityAnswer="must_assess_first", text="Välkomna.")
    assert {"booking", "start", "redirection"} <= accepted["_links"].keys()
    assert await refused(receiver, received, "booking", at=in_days(-1)) == (422, "booking-in-the-past")
    await take(receiver, received, "booking", at=in_days(3))
    await take(receiver, received, "booking", at=in_days(4))
    await take(receiver, received, "no-show", text="Ingen hörde av sig.")
    await take(receiver, received, "booking", at=in_days(9))
    await take(receiver, received, "start")
    done = {"outcome": "support_given", "text": "Fem samtal med föräldrarna."}
    shared = {**done, "shareWithSender": True}
    assert await refused(receiver, received, "completion", **shared) == (409, "feedback-not-allowed")
    own = await take(receiver, received, "completion", **done, shareWithSender=False)
    assert [(one["outcome"], one["text"]) for one in own["outcomes"]] == [("support_given", done["text"])]

    seen = await made(await school.get(f"{PATH}/{received['id']}"))
    assert (seen["status"], seen["outcomes"]) == ("completed", [])
    said = [(step["deed"], step["text"], step["capacityAnswer"]) for step in seen["steps"]]
    assert ("accept", "Välkomna.", "must_assess_first") in said
    assert [deed for deed, *_ in said][-6:] == ["book", "book", "miss", "book", "start", "complete"]
    assert {rel for rel, link in seen["_links"].items() if link["method"] != "GET"} == set()


async def test_a_decline_tells_why(client_for, received):
    school, receiver = client_for("gnesta.school"), client_for("gnesta.familycentre")
    assert (await receiver.post(f"{PATH}/{received['id']}/decline", json={})).status_code == 422
    assert await refused(school, received, "decline", reason="Nej") == (403, "forbidden")
    declined = await take(receiver, received, "decline", reason="Vi har ingen sådan grupp.", capacityAnswer="full")
    assert (declined["status"], declined["preview"]) == ("declined", True)
    step = (await made(await school.get(f"{PATH}/{received['id']}")))["steps"][-1]
    assert (step["text"], step["capacityAnswer"]) == ("Vi har ingen sådan grupp.", "full")
    assert await refused(receiver, received, "acceptance") == (409, "impossible-in-this-state")


async def test_a_redirection_names_one_receiver_within_the_consent(client_for, centre, wide, received):
    receiver = client_for("gnesta.familycentre")
    bup, reason = unit("region-bup-nykoping"), {"reason": "Behöver en annan bedömning."}

    async def said(**body):
        return await refused(receiver, received, "redirection", **reason, **body)

    assert await said() == (422, "one-receiver")
    assert await said(unitId=bup, centreId=wide["id"]) == (422, "one-receiver")
    assert await said(unitId=str(uuid4())) == (422, "unknown-reference")
    assert await said(unitId=unit("gnesta-skola")) == (409, "referral-goes-elsewhere")
    assert await said(centreId=centre["id"]) == (409, "referral-goes-elsewhere")
    assert await said(unitId=unit("gnesta-elevhalsa"), personAgrees=True) == (409, "consent-does-not-cover-receiver")
    to_clinic = {"centreId": wide["id"], "partId": wide["clinic"]}
    assert await said(**to_clinic) == (422, "youth-clinic-is-ones-own-choice")
    assert (await made(await receiver.get(f"{PATH}/{received['id']}")))["status"] == "received"


@pytest.mark.rule("R12.5")
async def test_the_wall_itself_passes_a_referral_on_only_within_its_consent(client_for, kernel, received):
    """The function behind a redirection, asked directly on the program's own connection."""
    receiver = client_for("gnesta.familycentre")
    await take(receiver, received, "redirection", unitId=unit("region-bup-nykoping"), reason="Behöver en bedömning.")

    async def asked(party, statement, *values):
        async with kernel.database.transaction(write=False) as tx:
            context = kernel.signer.sign(party, None, None, kernel.clock.now())
            await tx.rows("select set_config('tillsammans.context', %s, true)", [context])
            return await tx.rows(statement, [received["id"], *values])

    async def passed(party, to):
        await asked(party, "select wall.pass_on_referral(%s, %s)", to)

    for party, to in (
        ("gnesta-familjecentral", "region-bvc-gnesta"),
        ("gnesta-skola", "region-bvc-gnesta"),
        ("region-bup-nykoping", "gnesta-elevhalsa"),
    ):
        with pytest.raises(Exception, match="within its consent"):
            await passed(unit(party), unit(to))
    await passed(unit("region-bup-nykoping"), unit("region-bvc-gnesta"))
    seen = "select id from family_centre_referrals where id = %s"
    assert await asked(unit("gnesta-familjecentral"), seen) == [], "who passed it on is out of the circle"
    assert len(await asked(unit("region-bup-nykoping"), seen)) == 1


async def test_a_part_for_another_age_is_no_place_to_pass_it_on_to(client_for, wide):
    social, receiver = client_for("gnesta.social"), client_for("gnesta.familycentre")
    child = await a_child_of(social, years=12)
    consent = await the_consent(social, child, ["gnesta-ifo", "region-bvc-gnesta"], ["contact", "social"])
    referral = await a_sent(social, wide, child, consent, private=True)
    await take(receiver, referral, "receipt")
    to_clinic = {"centreId": wide["id"], "partId": wide["clinic"], "reason": "De har tid."}
    assert await refused(receiver, referral, "redirection", **to_clinic) == (422, "age-outside-centre")


async def test_a_guardian_turns_to_a_centre_without_anybodys_consent(client_for, centre):
    school, maria, receiver = (client_for(who) for who in ("gnesta.school", "guardian.one", "gnesta.familycentre"))
    child = await a_child_of(school)
    referral = await made(await maria.post(PATH, json=a_referral(centre, child, kindOfNeed="child_development")))
    assert (referral["status"], referral["senderKind"], referral["fromUnitId"]) == ("sent", "guardian", None)
    assert (referral["ageYears"], referral["feedbackAllowed"], referral["consentId"]) == (5, True, None)
    assert (await school.get(f"{PATH}/{referral['id']}")).status_code == 404

    preview = await made(await receiver.get(f"{PATH}/{referral['id']}"))
    assert (preview["preview"], preview["details"], preview["childGivenName"]) == (True, None, "Alma")
    await take(receiver, referral, "receipt")
    await take(receiver, referral, "return", what="Vilken tid passar?")
    tag = {"if-match": '"v3"'}
    body = {"wishes": "Helst på eftermiddagen.", "consentId": str(uuid4()), "feedbackAllowed": False}
    edited = await made(await maria.patch(f"{PATH}/{referral['id']}", json=body, headers=tag))
    assert (edited["details"]["wishes"], edited["feedbackAllowed"]) == (body["wishes"], True)
    await take(maria, referral, "sending")
    await take(receiver, referral, "receipt")
    assert (await take(receiver, referral, "acceptance"))["details"]["reason"] == REASON
    await take(receiver, referral, "start")
    await take(receiver, referral, "completion", outcome="no_need", text="Allt är bra.", shareWithSender=True)
    assert (await made(await maria.get(f"{PATH}/{referral['id']}")))["outcomes"][0]["text"] == "Allt är bra."

    # Without a record: an unborn child goes nowhere that is not there from pregnancy.
    unborn = a_referral(centre, givenName="Bebis", birthDate=born(-1))
    answer = await maria.post(PATH, json=unborn)
    assert (answer.status_code, answer.json()["code"]) == (422, "age-outside-centre")
    for missing in (a_referral(centre, birthDate=born(2)), a_referral(centre, givenName="Bebis")):
        assert (await maria.post(PATH, json=missing)).json()["code"] == "referred-child-missing"
    grown = a_referral(centre, givenName="Stor", birthDate=born(18))
    assert (await maria.post(PATH, json=grown)).json()["code"] == "referred-is-of-age"
    baby = await made(await maria.post(PATH, json=a_referral(centre, givenName="Bebis", birthDate=born(0))))
    assert (baby["ageYears"], baby["childId"], baby["childGivenName"]) == (0, None, "Bebis")
    assert (await maria.post(PATH, json=a_referral(centre, {"id": str(uuid4())}))).json()["code"] == "unknown-reference"


async def test_a_young_persons_own_referral_follows_to_its_next_receiver(client_for, owner_db, wide):
    school, clinic, bup = client_for("gnesta.school"), client_for("region.youthclinic"), client_for("region.bup")
    subject = await a_sign_in(school, await a_child_of(school, years=15))
    liam, other = client_for(subject), client_for("region.bup-eskilstuna")
    body = a_referral(wide, partId=wide["clinic"], birthDate=born(15), kindOfNeed="mental_wellbeing")
    referral = await made(await liam.post(PATH, json=body))
    assert (referral["private"], referral["ageYears"], referral["childId"]) == (True, 15, None)
    await take(clinic, referral, "receipt")
    await take(clinic, referral, "acceptance")

    to_bup = {"unitId": unit("region-bup-nykoping"), "reason": "BUP kan mer om det här."}
    assert await refused(clinic, referral, "redirection", **to_bup) == (409, "consent-does-not-cover-receiver")
    to_school = {**to_bup, "unitId": unit("gnesta-elevhalsa"), "personAgrees": True}
    assert await refused(clinic, referral, "redirection", **to_school) == (409, "private-from-schools")
    passed = await take(clinic, referral, "redirection", **to_bup, personAgrees=True)
    assert (passed["status"], passed["preview"], passed["details"]) == ("sent", True, None)
    assert (await clinic.get(f"{PATH}/{referral['id']}")).status_code == 404
    assert referral["id"] not in (await clinic.get(PATH, params={"limit": 200})).text

    preview = await made(await bup.get(f"{PATH}/{referral['id']}"))
    assert (preview["preview"], preview["centreId"], preview["steps"][-1]["text"]) == (True, None, None)
    await take(bup, referral, "receipt")
    accepted = await take(bup, referral, "acceptance")
    assert accepted["details"]["reason"] == REASON
    owners = "select distinct owner_unit_id::text as unit from {} where {} = %s"
    for table, column in (("family_centre_referrals", "id"), ("referral_details", "referral_id")):
        found = owner_db.execute(owners.format(table, column), [referral["id"]]).fetchall()
        assert found == [{"unit": unit("region-bup-nykoping")}], table
    # And on from there, without the first receiver ever coming back into it.
    further = {"unitId": unit("region-bup-eskilstuna"), "reason": "Närmare hem.", "personAgrees": True}
    await take(bup, referral, "redirection", **further)
    await take(other, referral, "receipt")
    await take(other, referral, "acceptance")
    await take(other, referral, "start")
    done = {"outcome": "support_given", "text": "Tio samtal.", "shareWithSender": True}
    await take(other, referral, "completion", **done)
    for earlier in (clinic, bup):
        assert (await earlier.get(f"{PATH}/{referral['id']}")).status_code == 404
    seen = await made(await liam.get(f"{PATH}/{referral['id']}"))
    assert [(one["outcome"], one["text"]) for one in seen["outcomes"]] == [("support_given", "Tio samtal.")]
    assert (await made(await liam.get(PATH, params={"direction": "sent"})))["items"][0]["id"] == referral["id"]


@pytest.mark.rule("R21.1")
async def test_a_young_person_says_whether_the_guardians_know(client_for, wide):
    school, maria = client_for("gnesta.school"), client_for("guardian.one")
    child = await a_child_of(school, years=15)
    liam = client_for(await a_sign_in(school, child))
    for stated, private in ({}, True), ({"private": False}, False):
        referral = await made(await liam.post(PATH, json=a_referral(wide, child, **stated)))
        assert referral["private"] is private
        seen = await maria.get(f"{PATH}/{referral['id']}")
        assert seen.status_code == (404 if private else 200)
        listed = (await made(await maria.get(PATH, params={"childId": child["id"]})))["items"]
        assert (referral["id"] in {item["id"] for item in listed}) is not private
    assert (seen.json()["details"]["reason"], "sending" in seen.json()["_links"]) == (REASON, False)
    clinic = a_referral(wide, child, partId=wide["clinic"], private=False)
    always = await made(await liam.post(PATH, json=clinic))
    assert always["private"] is True
    assert (await maria.get(f"{PATH}/{always['id']}")).status_code == 404
