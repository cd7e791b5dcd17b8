"""The proposal over HTTP: from age and custody at the instant, in Swedish days."""

from datetime import UTC, datetime

import pytest

from tests.builders import a_child, a_child_with_two_guardians, guardian, guardianships, made

pytestmark = pytest.mark.database


async def asked(client, child, **query):
    params = {"kind": "secrecy_disclosure", **query}
    return await made(await client.get(f"/children/{child['id']}/consent-requirements", params=params))


def kinds(proposal, *, required: bool = True):
    return [giver["kind"] for giver in proposal["givers"] if giver["required"] is required]


@pytest.mark.rule("R4.3")
async def test_both_custodians_are_proposed_with_reasons_and_nothing_is_decided(client_for):
    school = client_for("gnesta.school")
    child = await a_child_with_two_guardians(school, birthDate="2020-05-06")

    proposal = await asked(school, child)

    assert proposal["proposal"] is True
    assert {giver["guardianshipId"] for giver in proposal["givers"]} == set(await guardianships(school, child["id"]))
    assert all("6:13" in giver["basis"] and "R4.2" in giver["basis"] for giver in proposal["givers"])
    assert {route["route"]: route["available"] for route in proposal["routes"]} == {
        "all_givers": True, "prevented": True, "fb_6_13_a": False, "twelve_years": False, "child_decides_alone": True,
    }  # fmt: skip


@pytest.mark.rule("R4.5")
async def test_the_routes_follow_measure_and_sector(client_for):
    social = client_for("gnesta.social")
    child = await a_child_with_two_guardians(social, birthDate="2012-01-15")

    proposal = await asked(social, child, measureType="contact_person")

    available = {route["route"] for route in proposal["routes"] if route["available"]}
    assert {"fb_6_13_a", "twelve_years"} <= available
    assert next(route for route in proposal["routes"] if route["route"] == "twelve_years")["unverified"] is True


@pytest.mark.rule("R4.2")
async def test_birthdays_come_at_midnight_in_stockholm(client_for, clock):
    school = client_for("gnesta.school")
    clock.set(datetime(2023, 6, 1, 12, tzinfo=UTC))
    child = await a_child_with_two_guardians(school, birthDate="2011-06-10")

    for year, before, after in (
        (2023, ([], []), ([], ["child"])),
        (2026, ([], ["child"]), (["child"], [])),
    ):
        clock.set(datetime(year, 6, 9, 21, 59, 59, tzinfo=UTC))
        proposal = await asked(school, child)
        assert (kinds(proposal)[2:], kinds(proposal, required=False)) == before
        clock.set(datetime(year, 6, 9, 22, 0, tzinfo=UTC))
        proposal = await asked(school, child)
        assert (kinds(proposal)[2:], kinds(proposal, required=False)) == after

    clock.set(datetime(2029, 6, 9, 21, 59, 59, tzinfo=UTC))
    assert kinds(await asked(school, child)) == ["guardian", "guardian", "child"]
    clock.set(datetime(2029, 6, 9, 22, 0, tzinfo=UTC))
    assert kinds(await asked(school, child)) == ["child"]


@pytest.mark.rule("R2.8")
async def test_custody_is_read_at_the_instant(client_for):
    school = client_for("gnesta.school")
    child = await a_child(school, birthDate="2020-05-06", guardians=[guardian(None, "Maria"), guardian(None, "Johan")])
    items = (await made(await school.get(f"/children/{child['id']}/guardians")))["items"]
    for person, custody in (("Maria", "sole"), ("Johan", "none")):
        one = next(item for item in items if item["givenName"] == person)
        changed = await school.patch(
            f"/children/{child['id']}/guardians/{one['id']}",
            json={"custody": custody},
            headers={"if-match": f'"v{one["version"]}"'},
        )
        await made(changed)

    proposal = await asked(school, child)

    assert [giver["name"] for giver in proposal["givers"]] == ["Maria Sandell"]
    assert "6:13" not in proposal["givers"][0]["basis"]


async def test_the_texts_are_in_the_callers_language_and_practice_is_named_as_such(client_for):
    school = client_for("gnesta.school")
    child = await a_child_with_two_guardians(school, birthDate="2010-06-10")
    address = f"/children/{child['id']}/consent-requirements?kind=sip_participation"

    swedish = (await school.get(address, headers={"accept-language": "sv"})).json()
    english = (await school.get(address, headers={"accept-language": "en"})).json()

    assert "Praxis går isär" in swedish["note"]
    assert "Practice differs" in english["note"]
    assert [giver["unverified"] for giver in english["givers"]] == [False, False, True]


async def test_a_stranger_meets_no_child_and_family_is_not_shown_the_professional_proposal(client_for):
    school = client_for("gnesta.school")
    child = await a_child_with_two_guardians(school)
    address = f"/children/{child['id']}/consent-requirements?kind=secrecy_disclosure"

    assert (await client_for("vingaker.social").get(address)).status_code == 404
    assert (await client_for("guardian.one").get(address)).status_code == 403
    assert (await school.get(address.replace("secrecy_disclosure", "everything"))).status_code == 422


@pytest.mark.rule("R2.5")
async def test_a_protected_child_needs_a_checkpoint_first(client_for):
    school = client_for("gnesta.school")
    child = await a_child_with_two_guardians(school, protectedIdentity="sekretessmarkering")
    address = f"/children/{child['id']}/consent-requirements?kind=secrecy_disclosure"

    refused = await school.get(address)
    await made(await school.post(f"/children/{child['id']}/checkpoints", json={"reason": "Ska begära samtycke."}))

    assert (refused.status_code, refused.json()["code"]) == (403, "checkpoint-required")
    assert (await school.get(address)).status_code == 200
