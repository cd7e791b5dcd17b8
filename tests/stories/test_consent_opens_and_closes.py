"""A Gnesta school opens a case, asks social services and BUP in, and learns what consent means."""

import pytest

from app.kernel.http.door import Kernel
from app.kernel.seals import Sealer
from tests.builders import a_case, a_child_with_two_guardians, a_consent, invited, made

pytestmark = pytest.mark.database


@pytest.mark.rule("R3.1")
@pytest.mark.rule("R3.2")
@pytest.mark.rule("R4.6")
@pytest.mark.rule("R4.11")
async def test_a_case_is_shared_by_consent_and_closed_by_one_guardian(client_for, kernel: Kernel, owner_db):
    school, social, bup = client_for("gnesta.school"), client_for("gnesta.social"), client_for("region.bup")
    maria, johan = client_for("guardian.one"), client_for("guardian.two")

    child = await a_child_with_two_guardians(school)
    case = await a_case(school, child)
    address = f"/cases/{case['id']}"
    note = {"occurredOn": "2026-02-02", "eventType": "school", "text": "Stannade hemma i två veckor."}
    await made(await school.post(f"{address}/chronology-events", json=note))

    # Invited, but nobody has consented: to the others there is no such case.
    await invited(school, case, "gnesta-ifo")
    await invited(school, case, "region-bup-nykoping")
    for stranger in (social, bup):
        assert (await stranger.get(address)).status_code == 404
        assert case["id"] not in [item["id"] for item in (await stranger.get("/cases?limit=200")).json()["items"]]

    # Both guardians consent to plan and contact, for social services and BUP.
    consent = await a_consent(school, case, ["gnesta-ifo", "region-bup-nykoping"], ["plan", "contact"])
    assert consent["status"] == "requested"
    first = await made(await maria.post(f"/consents/{consent['id']}/answers", json={"answer": "given"}))
    assert first["status"] == "requested"
    assert (await bup.get(address)).status_code == 404, "one guardian is not enough"
    second = await made(await johan.post(f"/consents/{consent['id']}/answers", json={"answer": "given"}))
    assert second["status"] == "given"

    # Now they see those parts, and what it rests on; the reasons and the notes are the school's own.
    for invitee in (social, bup):
        shown = await made(await invitee.get(address))
        assert shown["namedContact"]["name"] == "Sara Ekdahl"
        assert shown["reasonText"] is None
        assert {basis["id"] for basis in shown["openedBy"]} == {consent["id"]}
        assert (await invitee.get(f"{address}/chronology")).json()["items"] == []
        assert (await invitee.get(f"/children/{child['id']}/guardians")).status_code == 200

    # One guardian takes the consent back: the next request meets no case.
    await made(await maria.post(f"/consents/{consent['id']}/withdrawal", json={}))
    for invitee in (social, bup):
        assert (await invitee.get(address)).status_code == 404
        assert (await invitee.get(f"/children/{child['id']}")).status_code == 404
    assert (await school.get(f"/consents/{consent['id']}")).json()["status"] == "withdrawn"

    # The log of the case tells all of it to whoever reviews the school's authority.
    log = (await client_for("gnesta.logreviewer").get(f"{address}/access-log?limit=200")).json()["items"]
    told = {(entry["action"], entry["outcome"]) for entry in log}
    assert {
        ("createCase", "allowed"), ("activateCase", "allowed"), ("inviteMember", "allowed"),
        ("getCase", "allowed"), ("getCase", "denied"), ("answerConsent", "allowed"), ("withdrawConsent", "allowed"),
    } <= told  # fmt: skip
    assert any(entry["basis"] == f"consent:{consent['id']}" for entry in log if entry["action"] == "getCase")


async def test_one_byte_changed_in_the_log_is_found(client_for, kernel: Kernel, owner_db):
    await a_case(client_for("gnesta.school"))
    sealer = Sealer(kernel.settings.secret.get_secret_value())

    async def verdict():
        async with kernel.database.transaction(write=False) as tx:
            await sealer.seal(tx, kernel.clock.now())
            await tx.commit()
        async with kernel.database.transaction(write=False) as tx:
            return await sealer.verify(tx)

    sound = await verdict()
    assert sound.faults == []
    assert sound.entries > 0

    # The first entry is sealed by now; the newest wait for transactions of other tests on the same server.
    entry = owner_db.execute("select id, action from access_log order by xact, id limit 1").fetchone()
    change = "update access_log set action = %s where id = %s"
    owner_db.execute(change, [entry["action"][:-1] + "X", entry["id"]])
    owner_db.commit()
    broken = await verdict()
    owner_db.execute(change, [entry["action"], entry["id"]])
    owner_db.commit()

    assert any(str(entry["id"]) in fault for fault in broken.faults)
    assert (await verdict()).faults == []
