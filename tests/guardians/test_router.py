"""Guardians over HTTP: custody over time, and what it opens to the family."""

from datetime import UTC, datetime, timedelta

import pytest

from app.demo.staff import GUARDIAN_ONE, YOUTH_ONE
from tests.builders import a_case, a_child, free, guardian, made
from tests.people.test_router import CONTACT_DETAILS, changing, listed, personnummer, problem

pytestmark = pytest.mark.database


@pytest.mark.rule("R2.8")
async def test_another_custody_is_a_new_period_and_the_earlier_one_stays(client_for, clock):
    clock.set(datetime(2026, 3, 2, 8, tzinfo=UTC))
    school = client_for("gnesta.school")
    child = await a_child(school, guardians=[guardian(None, "Maria")])
    address = f"/children/{child['id']}/guardians"
    [joint] = (await made(await school.get(address)))["items"]
    clock.advance(timedelta(days=30))

    change = {"custody": "sole", "source": "Dom T 123-26"}
    sole = await made(await school.patch(f"{address}/{joint['id']}", json=change, headers=changing(joint)))

    periods = (await made(await school.get(address)))["items"]
    assert [(item["custody"], item["validFrom"], item["validTo"]) for item in periods] == [
        ("sole", "2026-04-01T08:00:00Z", None),
        ("joint", "2026-03-02T08:00:00Z", "2026-04-01T08:00:00Z"),
    ]
    assert sole["id"] != joint["id"]
    assert {item["personId"] for item in periods} == {joint["personId"]}
    late = await school.patch(f"{address}/{joint['id']}", json={"source": "x"}, headers={"if-match": "*"})
    assert problem(late) == (409, "guardianship-ended")


async def test_who_may_not_be_contacted_is_so_for_a_reason(client_for):
    school = client_for("gnesta.school")
    child = await a_child(school)
    address, person = f"/children/{child['id']}/guardians", {**guardian(None, "Johan"), "contactAllowed": False}

    assert problem(await school.post(address, json=person)) == (422, "contact-needs-reason")
    assert (await school.post(address, json={**person, "contactReason": "Kontaktförbud"})).status_code == 201


async def test_a_guardianship_ends_after_it_begins(client_for):
    school = client_for("gnesta.school")
    child = await a_child(school)
    address = f"/children/{child['id']}/guardians"
    added = await made(await school.post(address, json=guardian(None, "Johan")))

    early = {"validTo": "2020-01-01T00:00:00Z"}
    answer = await school.patch(f"{address}/{added['id']}", json=early, headers=changing(added))

    assert problem(answer) == (409, "ends-before-it-begins")


async def test_changing_only_the_phone_is_a_new_version_of_the_guardianship(client_for, clock):
    clock.set(datetime(2026, 3, 2, 8, tzinfo=UTC))
    school = client_for("gnesta.school")
    child = await a_child(school)
    address = f"/children/{child['id']}/guardians"
    added = await made(await school.post(address, json=guardian(None, "Johan")))

    phone = {"phone": "070-1"}
    changed = await made(await school.patch(f"{address}/{added['id']}", json=phone, headers=changing(added)))

    assert (changed["id"], changed["phone"], changed["version"]) == (added["id"], "070-1", 2)


async def test_custody_opens_the_childs_core_to_the_guardian_and_its_end_closes_it(client_for, owner_db):
    school, maria = client_for("gnesta.school"), client_for("guardian.one")
    child = await a_child(school, details=CONTACT_DETAILS, guardians=[guardian(GUARDIAN_ONE, "Maria")])
    address = f"/children/{child['id']}"

    shown = await made(await maria.get(address))
    assert (shown["givenName"], shown["details"], shown["openedBy"]) == ("Alma", None, [])
    assert child["id"] in await listed(maria)
    for part in ("guardians", "identifiers", "siblings"):
        assert problem(await maria.get(f"{address}/{part}")) == (403, "forbidden")

    [current] = (await made(await school.get(f"{address}/guardians")))["items"]
    ended = await school.patch(
        f"{address}/guardians/{current['id']}", json={"custody": "none"}, headers=changing(current)
    )
    assert ended.status_code == 200
    assert problem(await maria.get(address)) == (404, "not-found")
    assert child["id"] not in await listed(maria)
    left = "select standing from circle_members where circle_id = %s and left_at is null order by standing"
    assert [row["standing"] for row in owner_db.execute(left, [child["id"]]).fetchall()] == ["child", "owner"]


async def test_a_guardian_who_may_not_be_contacted_sees_nothing(client_for):
    school, maria = client_for("gnesta.school"), client_for("guardian.one")
    kept_away = {**guardian(GUARDIAN_ONE, "Maria"), "contactAllowed": False, "contactReason": "Kontaktförbud"}

    child = await a_child(school, guardians=[kept_away])

    assert problem(await maria.get(f"/children/{child['id']}")) == (404, "not-found")


async def test_a_guardian_added_later_comes_into_the_cases_that_are_open(client_for):
    school, maria = client_for("gnesta.school"), client_for("guardian.one")
    child = await a_child(school)
    case = await a_case(school, child)
    assert (await maria.get(f"/cases/{case['id']}")).status_code == 404

    added = await made(await school.post(f"/children/{child['id']}/guardians", json=guardian(GUARDIAN_ONE, "Maria")))
    assert (await maria.get(f"/cases/{case['id']}")).status_code == 200

    end = {"validTo": added["validFrom"]}
    await made(
        await school.patch(f"/children/{child['id']}/guardians/{added['id']}", json=end, headers=changing(added))
    )
    assert (await maria.get(f"/cases/{case['id']}")).status_code == 404


@pytest.mark.rule("R2.8")
async def test_custody_that_begins_later_opens_a_new_case_later(client_for, clock):
    clock.set(datetime(2026, 3, 2, 8, tzinfo=UTC))
    school, maria = client_for("gnesta.school"), client_for("guardian.one")
    begins = clock.now() + timedelta(days=10)
    child = await a_child(school, guardians=[{**guardian(GUARDIAN_ONE, "Maria"), "validFrom": begins.isoformat()}])
    case = await a_case(school, child)

    clock.set(begins - timedelta(microseconds=1))
    assert problem(await maria.get(f"/cases/{case['id']}")) == (404, "not-found")
    clock.set(begins)
    assert (await maria.get(f"/cases/{case['id']}")).status_code == 200


async def test_the_mothers_number_entered_for_the_child_is_corrected_and_she_stays(client_for, owner_db):
    school, maria = client_for("gnesta.school"), client_for("guardian.one")
    await free(school, GUARDIAN_ONE)
    child = await a_child(school, identifiers=[personnummer(GUARDIAN_ONE)], guardians=[guardian(GUARDIAN_ONE, "Maria")])
    address = f"/children/{child['id']}/identifiers"
    [wrong] = (await made(await school.get(address)))["items"]

    await made(await school.post(address, json={**personnummer(), "replaces": wrong["id"]}))

    assert (await maria.get(f"/children/{child['id']}")).status_code == 200
    bases = "select basis from circle_grants where circle_id = %s and basis <> 'owner' order by basis, party_id"
    assert [row["basis"] for row in owner_db.execute(bases, [child["id"]]).fetchall()] == ["child", "guardian"]


@pytest.mark.rule("R2.9")
async def test_the_guardians_access_ends_as_the_18th_birthday_begins_in_stockholm(client_for, clock):
    clock.set(datetime(2026, 6, 1, 8, tzinfo=UTC))
    school, maria, liam = (client_for(name) for name in ("gnesta.school", "guardian.one", "youth.one"))
    await free(school, YOUTH_ONE)
    child = await a_child(
        school, birthDate="2008-07-15", guardians=[guardian(GUARDIAN_ONE, "Maria")],
        identifiers=[personnummer(YOUTH_ONE)],
    )  # fmt: skip
    address = f"/children/{child['id']}"

    clock.set(datetime(2026, 7, 14, 21, 59, 59, tzinfo=UTC))  # 23:59:59 in Stockholm, summer time
    assert (await maria.get(address)).status_code == 200
    clock.advance(timedelta(seconds=1))
    assert problem(await maria.get(address)) == (404, "not-found")
    assert child["id"] not in await listed(maria)
    assert (await made(await liam.get(address)))["id"] == child["id"]


@pytest.mark.rule("R2.9")
async def test_a_corrected_birth_date_moves_the_end_of_the_guardians_access(client_for, clock):
    clock.set(datetime(2026, 6, 1, 8, tzinfo=UTC))
    school, maria = client_for("gnesta.school"), client_for("guardian.one")
    child = await a_child(school, birthDate="2010-01-01", guardians=[guardian(GUARDIAN_ONE, "Maria")])
    address = f"/children/{child['id']}"

    grown = await made(await school.patch(address, json={"birthDate": "2008-05-31"}, headers=changing(child)))
    assert (await maria.get(address)).status_code == 404
    await made(await school.patch(address, json={"birthDate": "2008-06-30"}, headers=changing(grown)))
    assert (await maria.get(address)).status_code == 200
