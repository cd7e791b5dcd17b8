"""Sign-ins of the family over HTTP."""

from uuid import uuid4

import pytest

from tests.builders import a_child, guardian, made

pytestmark = pytest.mark.database


def a_subject() -> str:
    return f"family-{uuid4().hex}"


async def a_guardian(client, child, name="Eva"):
    return await made(await client.post(f"/children/{child['id']}/guardians", json=guardian(None, name)))


async def test_a_guardian_gets_a_sign_in_that_opens_the_child_and_no_other(client_for):
    school, subject = client_for("gnesta.school"), a_subject()
    child, other = await a_child(school), await a_child(school)
    eva = await a_guardian(school, child)

    account = await made(
        await school.post(f"/children/{child['id']}/guardians/{eva['id']}/account", json={"subject": subject})
    )

    assert account["role"] == "guardian"
    assert (await client_for(subject).get(f"/children/{child['id']}")).status_code == 200
    assert (await client_for(subject).get(f"/children/{other['id']}")).status_code == 404
    assert [item["id"] for item in (await client_for(subject).get("/children")).json()["items"]] == [child["id"]]


async def test_asking_twice_gives_the_same_sign_in(client_for):
    school, body = client_for("gnesta.school"), {"subject": a_subject()}
    child = await a_child(school)

    first = await made(await school.post(f"/children/{child['id']}/account", json=body))
    second = await made(await school.post(f"/children/{child['id']}/account", json=body))

    assert (first["userId"], first["role"]) == (second["userId"], "young_person")
    assert (await client_for(body["subject"]).get("/me")).status_code == 200


async def test_a_sign_in_follows_a_child_who_gets_an_identifier(client_for):
    school, subject = client_for("gnesta.school"), a_subject()
    child = await a_child(school, birthDate="2011-01-02")
    address = f"/children/{child['id']}"
    await made(await school.post(f"{address}/account", json={"subject": subject}))
    before = await client_for(subject).get(address)

    number = {"type": "personnummer", "value": "201101172383"}
    await made(await school.post(f"{address}/identifiers", json=number))

    assert (before.status_code, (await client_for(subject).get(address)).status_code) == (200, 200)


@pytest.mark.parametrize("taken", ["gnesta.social", "system.gnesta-school", "guardian.one"])
async def test_a_sign_in_is_never_somebody_elses(client_for, taken):
    school = client_for("gnesta.school")
    child = await a_child(school)
    eva = await a_guardian(school, child)

    answer = await school.post(f"/children/{child['id']}/guardians/{eva['id']}/account", json={"subject": taken})

    assert (answer.status_code, answer.json()["code"]) == (409, "account-of-somebody-else")


async def test_only_the_owner_unit_gives_sign_ins(client_for):
    child = await a_child(client_for("gnesta.school"))

    answer = await client_for("gnesta.social").post(f"/children/{child['id']}/account", json={"subject": a_subject()})

    assert answer.status_code == 404
