"""A school refers a family to the family centre, which finds BUP better placed; and a fifteen-year-old goes alone."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from app.contract.operations import places
from app.permissions import Permission, scope_of
from tests.builders import made
from tests.centre_referrals.steps import (
    PATH,
    a_child_of,
    a_draft,
    a_referral,
    a_sign_in,
    take,
    the_0_18_centre,
    the_centre,
    the_consent,
    unit,
)
from tests.contract import DOCUMENT

pytestmark = pytest.mark.database


@pytest.mark.rule("R12.4")
@pytest.mark.rule("R12.5")
async def test_from_school_to_the_family_centre_and_on_to_bup(client_for):
    school, centre_staff, bup = (client_for(who) for who in ("gnesta.school", "gnesta.familycentre", "region.bup"))
    maria = client_for("guardian.one")
    centre = await the_centre(client_for("gnesta.familymanager"))
    child = await a_child_of(school, years=6)

    # A draft, a consent that both guardians give to the two authorities, and it is sent.
    draft = await a_draft(school, centre, child, feedbackAllowed=True)
    address = f"{PATH}/{draft['id']}"
    consent = await the_consent(school, child, ["gnesta-familjecentral", "region-bup-nykoping"])
    await take(school, draft, "sending", consentId=consent["id"])
    assert (await bup.get(address)).status_code == 404

    # The centre sees what it needs to decide, asks for more, and takes it on.
    preview = await made(await centre_staff.get(address))
    assert (preview["preview"], preview["details"], preview["ageYears"]) == (True, None, 6)
    await take(centre_staff, draft, "receipt")
    await take(centre_staff, draft, "return", what="Har ni pratat med föräldrarna om sömnen?")
    tag = {"if-match": f'"v{(await made(await school.get(address)))["version"]}"'}
    await made(await school.patch(address, json={"wishes": "Ja; de vill ha hjälp med kvällarna."}, headers=tag))
    await take(school, draft, "sending")
    await take(centre_staff, draft, "receipt")
    accepted = await take(centre_staff, draft, "acceptance", capacityAnswer="has_room")
    assert accepted["details"]["wishes"].startswith("Ja")

    # It needs more than the centre has: BUP is named by the consent. The centre is out of it then.
    redirection = {"unitId": unit("region-bup-nykoping"), "reason": "Behöver en bedömning av BUP."}
    await take(centre_staff, draft, "redirection", **redirection)
    assert (await centre_staff.get(address)).status_code == 404
    seen = await made(await bup.get(address))
    assert (seen["preview"], seen["redirectedFromUnitName"]) == (True, preview["receiverUnitName"])
    told = await made(await school.get(address))
    assert (told["status"], told["receiverUnitName"], told["centreId"]) == ("sent", "BUP Nyköping", None)

    due = (await made(await bup.get("/deadlines", params={"subjectId": draft["id"]})))["items"]
    assert [one["dueAt"] for one in due] == [told["acknowledgeDueAt"]]

    # BUP takes it the whole way, and tells the school what the family allows.
    await take(bup, draft, "receipt")
    await take(bup, draft, "acceptance")
    await take(bup, draft, "booking", at=(datetime.now(UTC) + timedelta(days=7)).isoformat())
    await take(bup, draft, "start")
    done = {"outcome": "support_given", "text": "Sömnskola med föräldrarna.", "shareWithSender": True}
    await take(bup, draft, "completion", **done)
    for reader in (school, maria):
        seen = await made(await reader.get(address))
        assert (seen["status"], [one["text"] for one in seen["outcomes"]]) == ("completed", [done["text"]])
    deeds = [step["deed"] for step in seen["steps"]]
    assert deeds == [
        "send", "receive", "return", "send", "receive", "accept", "redirect", "receive", "accept", "book", "start",
        "complete",
    ]  # fmt: skip


@pytest.mark.rule("R14.6")
@pytest.mark.rule("R21.1")
async def test_a_fifteen_year_old_turns_to_the_youth_clinic_and_nobody_at_home_or_at_school_can_find_it(client_for):
    """Both guardians and the school ask every GET of the contract, for the id, for the child, and for all there is."""
    school, clinic = client_for("gnesta.school"), client_for("region.youthclinic")
    wide = await the_0_18_centre(client_for("gnesta.familymanager"))
    child = await a_child_of(school, years=15)
    liam = client_for(await a_sign_in(school, child))

    body = a_referral(wide, child, partId=wide["clinic"], reason="Jag vill prata med någon.", contact="Sms, inte brev.")
    referral = await made(await liam.post(PATH, json=body))
    assert (referral["private"], referral["childGivenName"], referral["ageYears"]) == (True, "Alma", 15)
    await take(clinic, referral, "receipt")
    assert (await take(clinic, referral, "acceptance"))["details"]["contact"] == "Sms, inte brev."
    assert (await made(await liam.get(f"{PATH}/{referral['id']}")))["status"] == "accepted"

    traces = (body["reason"], body["contact"], unit("region-ungdomsmottagning-gnesta"), "Ungdomsmottagningen")
    found, asked = [], set()

    async def look(client):
        for path, parameters in gets(referral["id"], child["id"]):
            answer = await client.get(path, params=parameters)
            asked.add(path)
            assert answer.status_code < 500, path
            assert answer.status_code >= 400 or referral["id"] not in path, path
            found.extend((path, trace) for trace in (*traces, referral["id"]) if trace in heard(answer, referral["id"]))
        listed = await made(await client.get(PATH, params={"childId": child["id"], "includeTotal": "true"}))
        assert (listed["items"], listed["_meta"]["totalRecords"]) == ([], 0)

    await asyncio.gather(*(look(client) for client in (client_for("guardian.one"), client_for("guardian.two"), school)))
    assert found == []
    assert {PATH, f"{PATH}/{referral['id']}", f"/children/{child['id']}", "/deadlines", "/consents"} <= asked


def gets(referral_id, child_id):
    """Every GET of the contract but of the directory, which names every unit to everybody: about the referral wherever
    a record is named, and about the child where one is.
    """
    for place in places(DOCUMENT):
        if place.method != "get" or place.public:
            continue
        if scope_of(Permission(place.operation["x-permission"])) == "directory.read":
            continue
        path, parameters = place.path.replace("{childId}", child_id), {}
        for parameter in place.operation["parameters"]:
            if parameter.get("in") == "path":
                path = path.replace(f"{{{parameter['name']}}}", referral_id)
            elif parameter.get("name") in ("includeTotal", "childId"):
                parameters[parameter["name"]] = {"childId": child_id}.get(parameter["name"], "true")
        yield path, parameters


def heard(answer, record_id):
    """What an answer tells: all of it, but for the address that a refusal repeats."""
    return answer.text if answer.status_code < 400 else answer.text.replace(f"/{record_id}", "")
