"""Writing, sending, reading and taking back a referral, over HTTP."""

from datetime import timedelta
from uuid import uuid4

import pytest

from app.demo.staff import USER_IDS
from app.kernel.clock import SystemClock
from app.kernel.context import ContextSigner
from tests.builders import made
from tests.centre_referrals.steps import (
    PATH,
    REASON,
    a_child_of,
    a_draft,
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
async def read_only(client_for, centre):
    """A sent referral that no test changes."""
    school = client_for("gnesta.school")
    child = await a_child_of(school)
    consent = await the_consent(school, child, ["gnesta-familjecentral"])
    return await a_sent(school, centre, child, consent)


async def code_of(answer):
    return answer.status_code, answer.json()["code"]


@pytest.mark.rule("R12.5")
async def test_without_consent_nothing_is_sent(client_for, centre):
    school, receiver = client_for("gnesta.school"), client_for("gnesta.familycentre")
    child = await a_child_of(school)
    draft = await a_draft(school, centre, child)
    assert (draft["status"], draft["preview"], draft["details"]["reason"]) == ("draft", False, REASON)
    assert {"edit", "sending", "withdrawal"} <= draft["_links"].keys()

    insufficient = [
        await the_consent(school, child, ["region-bup-nykoping"]),
        await the_consent(school, child, ["gnesta-familjecentral"], ["contact"]),
        await the_consent(school, await a_child_of(school), ["gnesta-familjecentral"]),
    ]
    for consent_id in (None, *(consent["id"] for consent in insufficient)):
        assert await refused(school, draft, "sending", consentId=consent_id) == (409, "referral-needs-consent")
    assert (await receiver.get(f"{PATH}/{draft['id']}")).status_code == 404

    consent = await the_consent(school, child, ["gnesta-familjecentral"])
    sent = await take(school, draft, "sending", consentId=consent["id"])
    assert (sent["status"], sent["openUntil"]) == ("sent", consent["validTo"])
    assert "edit" not in sent["_links"]


async def test_the_receiver_decides_on_a_preview(client_for, read_only):
    seen = await made(await client_for("gnesta.familycentre").get(f"{PATH}/{read_only['id']}"))

    shown = {"childGivenName": "Alma", "ageYears": 5, "kindOfNeed": "parenting", "urgency": "ordinary"}
    assert shown.items() <= seen.items()
    assert (seen["preview"], seen["fromUnitName"]) == (True, "Grundskolan i Gnesta")
    hidden = ("details", "childId", "consentId", "feedbackAllowed")
    assert [name for name in hidden if seen[name] is not None] == []
    assert [basis["id"] for basis in seen["openedBy"]] == [read_only["consentId"]]
    assert "receipt" in seen["_links"]
    assert {"edit", "sending", "withdrawal", "acceptance"}.isdisjoint(seen["_links"])


async def test_not_even_sql_shows_the_receiver_why_before_acceptance(client_for, settings, program_db, centre):
    school, receiver = client_for("gnesta.school"), client_for("gnesta.familycentre")
    child = await a_child_of(school)
    consent = await the_consent(school, child, ["gnesta-familjecentral"])
    referral = await a_sent(school, centre, child, consent)
    signer = ContextSigner(settings.secret.get_secret_value())

    def why():
        context = signer.sign(unit("gnesta-familjecentral"), None, USER_IDS["gnesta.familycentre"], SystemClock().now())
        program_db.execute("select set_config('tillsammans.context', %s, false)", [context])
        found = "select d.reason from referral_details d join family_centre_referrals r on r.id = d.referral_id "
        return program_db.execute(found + "where r.id = %s", [referral["id"]]).fetchall()

    assert why() == []
    await take(receiver, referral, "receipt")
    assert why() == []
    accepted = await take(receiver, referral, "acceptance", capacityAnswer="has_room")
    assert (accepted["preview"], accepted["details"]["contact"]) == (False, "Ring efter fyra.")
    assert [row["reason"] for row in why()] == [REASON]
    await take(school, referral, "withdrawal", reason="Familjen har flyttat.")
    assert why() == []
    assert (await made(await receiver.get(f"{PATH}/{referral['id']}")))["preview"] is True


@pytest.mark.rule("R12.4")
async def test_an_age_outside_the_limits_is_told_what_fits(client_for, centre, wide):
    school, social = client_for("gnesta.school"), client_for("gnesta.social")
    older = await a_child_of(school, years=7)
    answer = await school.post(PATH, json=a_referral(centre, older))
    assert await code_of(answer) == (422, "age-outside-centre")
    offered = {one["id"]: one for one in answer.json()["alternatives"]}
    assert wide["id"] in offered
    assert offered[wide["id"]]["href"].endswith(f"/family-centres/{wide['id']}")
    assert {centre["id"], wide["clinic"]}.isdisjoint(offered)

    for years, fits in ((12, False), (13, True), (23, True), (24, False)):
        child = await a_child_of(social, years=years)
        answer = await social.post(PATH, json=a_referral(wide, child, partId=wide["clinic"]))
        assert (answer.status_code == 201) is fits, years
        if years == 12:
            assert [one["id"] for one in answer.json()["alternatives"] if one["id"] == wide["clinic"]] == []
        if fits:
            assert answer.json()["private"] is True, "always, at a youth clinic"

    unborn = await a_child_of(school)
    await made(await school.patch(f"/children/{unborn['id']}", json={"birthDate": None}, headers={"if-match": "*"}))
    assert await code_of(await school.post(PATH, json=a_referral(centre, unborn))) == (422, "age-unknown")
    expected = a_referral(centre, unborn, birthDate=born(-1))
    assert await code_of(await school.post(PATH, json=expected)) == (422, "age-outside-centre")


async def test_what_is_written_must_be_possible(client_for, centre, wide, read_only):
    school, social = client_for("gnesta.school"), client_for("gnesta.social")
    child = await a_child_of(school)
    teenager = await a_child_of(school, years=14)
    drop_in = await the_centre(client_for("gnesta.familymanager"), takesReferrals=False)
    own = await a_child_of(client_for("gnesta.familycentre"))

    async def said(client, body):
        return await code_of(await client.post(PATH, json=body))

    assert await said(school, a_referral(drop_in, child)) == (409, "centre-takes-no-referrals")
    assert await said(school, a_referral(centre)) == (422, "referred-child-missing")
    assert await said(social, a_referral(centre, child)) == (422, "unknown-reference")
    assert await said(school, a_referral({"id": str(uuid4())}, child)) == (422, "unknown-reference")
    assert await said(school, a_referral(centre, child, partId=wide["clinic"])) == (422, "unknown-reference")
    assert await said(school, a_referral(centre, child, consentId=str(uuid4()))) == (422, "unknown-reference")
    assert await said(school, a_referral(wide, teenager)) == (422, "privacy-not-decided")
    to_clinic = a_referral(wide, teenager, partId=wide["clinic"], private=True)
    assert await said(school, to_clinic) == (422, "youth-clinic-is-ones-own-choice")
    family = client_for("gnesta.familycentre")
    assert await said(family, a_referral(centre, own)) == (409, "referral-goes-elsewhere")
    assert await refused(school, read_only, "sending") == (409, "impossible-in-this-state")
    stale = await school.patch(f"{PATH}/{read_only['id']}", json={"urgency": "soon"}, headers={"if-match": '"v1"'})
    assert await code_of(stale) == (412, "precondition-failed")


async def test_what_comes_back_is_completed_and_sent_again(client_for, owner_db, centre):
    school, receiver = client_for("gnesta.school"), client_for("gnesta.familycentre")
    child = await a_child_of(school)
    consent = await the_consent(school, child, ["gnesta-familjecentral"])
    referral = await a_sent(school, centre, child, consent)
    await take(receiver, referral, "receipt")
    returned = await take(receiver, referral, "return", what="Vad har redan prövats?")
    assert (returned["status"], returned["preview"]) == ("returned", True)

    seen = await made(await school.get(f"{PATH}/{referral['id']}"))
    assert [step["text"] for step in seen["steps"]] == [None, None, "Vad har redan prövats?"]
    tag = {"if-match": f'"v{seen["version"]}"'}
    body = {"reason": "Vi har prövat rutiner kväll och morgon.", "urgency": "soon", "feedbackAllowed": True}
    edited = await made(await school.patch(f"{PATH}/{referral['id']}", json=body, headers=tag))
    assert (edited["urgency"], edited["details"]["reason"]) == ("soon", body["reason"])
    assert (edited["feedbackAllowed"], edited["consentId"]) == (True, consent["id"])
    kept = owner_db.execute("select earlier from corrections where circle_id = %s", [referral["id"]]).fetchall()
    assert kept == [{"earlier": {"reason": REASON}}]

    tag = {"if-match": f'"v{edited["version"]}"'}
    without = await school.patch(f"{PATH}/{referral['id']}", json={"consentId": None}, headers=tag)
    assert await code_of(without) == (409, "consent-is-in-use")
    newer = await the_consent(school, child, ["gnesta-familjecentral"])
    again = await take(school, referral, "sending", consentId=newer["id"])
    assert (again["status"], again["receivedAt"], again["consentId"]) == ("sent", None, newer["id"])
    received = await take(receiver, referral, "receipt")
    assert [basis["id"] for basis in received["openedBy"]] == [newer["id"]]


@pytest.mark.rule("R12.7")
async def test_the_receiver_has_five_working_days(client_for, clock, centre):
    school, receiver = client_for("gnesta.school"), client_for("gnesta.familycentre")
    child = await a_child_of(school)
    consent = await the_consent(school, child, ["gnesta-familjecentral"])
    referral = await a_sent(school, centre, child, consent)
    due = {"subjectId": referral["id"]}
    (deadline,) = (await made(await receiver.get("/deadlines", params=due)))["items"]
    assert (deadline["code"], deadline["dueAt"]) == ("referral_receipt", referral["acknowledgeDueAt"])
    assert deadline["_links"]["family-centre-referral"]["href"].endswith(f"{PATH}/{referral['id']}")
    assert (await made(await school.get("/deadlines", params=due)))["items"] == []

    clock.advance(timedelta(days=12))
    assert (await made(await school.get(f"{PATH}/{referral['id']}")))["acknowledgeOverdue"] is True
    received = await take(receiver, referral, "receipt")
    assert (received["acknowledgeOverdue"], received["receivedAt"][:10]) == (False, f"{clock.now():%Y-%m-%d}")
    assert (await made(await receiver.get("/deadlines", params=due)))["items"] == []


@pytest.mark.rule("R4.6")
async def test_with_a_withdrawn_consent_the_referral_ends_at_once(client_for, centre, read_only):
    school, receiver = client_for("gnesta.school"), client_for("gnesta.familycentre")
    child = await a_child_of(school)
    consent = await the_consent(school, child, ["gnesta-familjecentral"])
    referral, draft = await a_sent(school, centre, child, consent), await a_draft(school, centre, child)
    await take(receiver, referral, "receipt")
    await take(receiver, referral, "acceptance")

    await made(await client_for("guardian.two").post(f"/consents/{consent['id']}/withdrawal", json={}))

    assert (await receiver.get(f"{PATH}/{referral['id']}")).status_code == 404
    seen = await made(await school.get(f"{PATH}/{referral['id']}"))
    assert (seen["status"], seen["steps"][-1]["deed"]) == ("withdrawn", "end")
    assert (await made(await school.get(f"{PATH}/{draft['id']}")))["status"] == "draft"
    assert (await made(await receiver.get(f"{PATH}/{read_only['id']}")))["status"] == "sent"
    assert await refused(school, referral, "withdrawal") == (409, "impossible-in-this-state")


@pytest.mark.rule("R4.7")
async def test_a_newer_consent_carries_a_referral_on_and_its_end_ends_it(client_for, clock, centre):
    school, receiver = client_for("gnesta.school"), client_for("gnesta.familycentre")
    child = await a_child_of(school)
    first = await the_consent(school, child, ["gnesta-familjecentral"], days=10)
    referral = await a_sent(school, centre, child, first)
    other = await a_sent(school, centre, child, await the_consent(school, child, ["gnesta-familjecentral"], days=10))
    later = await the_consent(school, child, ["gnesta-familjecentral"], days=60, supersedesId=first["id"])

    clock.advance(timedelta(days=11))
    seen = await made(await receiver.get(f"{PATH}/{referral['id']}"))
    assert [basis["id"] for basis in seen["openedBy"]] == [later["id"]]
    assert (await receiver.get(f"{PATH}/{other['id']}")).status_code == 404
    expired = await made(await school.get(f"{PATH}/{other['id']}"))
    assert (expired["status"], "withdrawal" in expired["_links"]) == ("withdrawn", False)
    assert await refused(school, other, "withdrawal") == (409, "impossible-in-this-state")

    await the_consent(school, child, ["region-bup-nykoping"], supersedesId=later["id"], at=clock.now())
    assert (await made(await school.get(f"{PATH}/{referral['id']}")))["status"] == "withdrawn"


async def test_lists_tell_sent_from_received_and_filter(client_for, centre, wide, read_only):
    school, receiver = client_for("gnesta.school"), client_for("gnesta.familycentre")
    mine = read_only["id"]

    async def found(client, **query):
        listed = await made(await client.get(PATH, params={"limit": 200, "includeTotal": "true", **query}))
        assert listed["_meta"]["totalRecords"] == len(listed["items"])
        return {item["id"] for item in listed["items"]}

    assert mine in await found(school)
    assert mine in await found(school, direction="sent", status="sent", urgency="ordinary", centreId=centre["id"])
    assert mine in await found(receiver, direction="received")
    assert await found(school, childId=read_only["childId"]) == {mine}
    for query in ({"direction": "received"}, {"status": "draft"}, {"urgency": "urgent"}, {"centreId": wide["id"]}):
        assert mine not in await found(school, **query)
    assert mine not in await found(receiver, direction="sent")
    assert mine not in await found(client_for("region.bvc"))
    for client in (client_for("gnesta.otherschool"), client_for("gnesta.openpreschool"), client_for("sys.admin")):
        assert (await client.get(f"{PATH}/{mine}")).status_code == 404
    assert await code_of(await school.get(PATH, params={"kindOfNeed": "health"})) == (400, "search-not-allowed")


async def test_the_family_reads_what_is_sent_about_the_child_and_may_stop_it(client_for, centre):
    school, maria = client_for("gnesta.school"), client_for("guardian.one")
    child = await a_child_of(school)
    draft = await a_draft(school, centre, child)
    assert (await maria.get(f"{PATH}/{draft['id']}")).status_code == 404, "a draft is the sender's own paper"
    consent = await the_consent(school, child, ["gnesta-familjecentral"])
    await take(school, draft, "sending", consentId=consent["id"])

    seen = await made(await maria.get(f"{PATH}/{draft['id']}"))
    assert (seen["details"]["reason"], seen["preview"], seen["childId"]) == (REASON, False, child["id"])
    assert {"withdrawal"} == {rel for rel, link in seen["_links"].items() if link["method"] != "GET"}
    listed = (await made(await maria.get(PATH, params={"direction": "received"})))["items"]
    assert draft["id"] in {item["id"] for item in listed}
    assert (await made(await maria.get(PATH, params={"direction": "sent", "childId": child["id"]})))["items"] == []
    tag = {"if-match": f'"v{seen["version"]}"'}
    assert await code_of(await maria.patch(f"{PATH}/{draft['id']}", json={"reason": "Nej"}, headers=tag)) == (
        403, "forbidden",
    )  # fmt: skip
    assert await refused(maria, draft, "sending") == (403, "forbidden")
    assert await refused(maria, draft, "receipt") == (403, "forbidden")
    assert (await take(maria, draft, "withdrawal"))["status"] == "withdrawn"


@pytest.mark.rule("R21.1")
async def test_what_a_professional_keeps_private_reaches_the_young_person_alone(client_for, wide):
    social = client_for("gnesta.social")
    child = await a_child_of(social, years=14)
    liam = client_for(await a_sign_in(social, child))
    consent = await the_consent(social, child, ["region-ungdomsmottagning-gnesta"], ["contact", "social"])
    referral = await a_sent(social, wide, child, consent, partId=wide["clinic"])

    assert referral["private"] is True
    assert (await made(await liam.get(f"{PATH}/{referral['id']}")))["details"]["reason"] == REASON
    for guardian in (client_for("guardian.one"), client_for("guardian.two")):
        assert (await guardian.get(f"{PATH}/{referral['id']}")).status_code == 404
        await made(await guardian.get(f"/children/{child['id']}"))
    # A guardian who ends the consent ends the referral too, and hears nothing of it.
    await made(await client_for("guardian.one").post(f"/consents/{consent['id']}/withdrawal", json={}))
    assert (await made(await liam.get(f"{PATH}/{referral['id']}")))["status"] == "withdrawn"


@pytest.mark.rule("R2.5")
async def test_a_protected_child_is_in_no_list_and_its_place_not_in_the_referral(client_for, centre):
    school, receiver = client_for("gnesta.school"), client_for("gnesta.familycentre")
    child = await a_child_of(school, protectedIdentity="sekretessmarkering")
    body = a_referral(centre, child)
    assert await code_of(await school.post(PATH, json=body)) == (403, "checkpoint-required")
    reason = {"reason": "Remiss till familjecentralen på familjens begäran."}
    await made(await school.post(f"/children/{child['id']}/checkpoints", json=reason))
    referral = await made(await school.post(PATH, json=body))
    consent = await the_consent(school, child, ["gnesta-familjecentral"])
    await take(school, referral, "sending", consentId=consent["id"])
    await take(receiver, referral, "receipt")
    await take(receiver, referral, "acceptance")

    seen = await receiver.get(f"{PATH}/{referral['id']}")
    assert (seen.json()["preview"], seen.json()["details"]["reason"]) == (False, REASON)
    assert [place for place in ("Grundskolan", unit("gnesta-skola"), "Ring efter fyra") if place in seen.text] == []
    for client in (school, receiver):
        listed = await client.get(PATH, params={"limit": 200})
        assert referral["id"] not in listed.text
    assert (await client_for("gnesta.school2").get(f"{PATH}/{referral['id']}")).json()["code"] == "checkpoint-required"
