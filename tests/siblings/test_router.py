"""Siblings over HTTP."""

from uuid import uuid4

import pytest

from tests.builders import a_case, a_child, a_child_with_two_guardians, a_consent, guardian, invited, made

pytestmark = pytest.mark.database

REASON = {"reason": "Skolan har kallat till möte om frånvaro."}


async def link(client, one, other):
    return await client.post(f"/children/{one['id']}/siblings", json={"siblingId": other["id"], "relation": "full"})


async def names(client, child):
    items = (await made(await client.get(f"/children/{child['id']}/siblings")))["items"]
    return [item["givenName"] for item in items]


async def test_siblings_are_linked_once_and_seen_from_both(client_for):
    school = client_for("gnesta.school")
    one, other = await a_child(school, givenName="Ett"), await a_child(school, givenName="Två")

    linked = await made(await link(school, one, other))

    assert linked["childId"] == other["id"]
    assert (await names(school, one), await names(school, other)) == (["Två"], ["Ett"])
    again = await link(school, other, one)
    assert (again.status_code, again.json()["code"]) == (409, "already-exists")


@pytest.mark.rule("R2.7")
async def test_only_the_owner_unit_knows_of_siblings(client_for):
    school, bup = client_for("gnesta.school"), client_for("region.bup")
    one, other = await a_child_with_two_guardians(school), await a_child_with_two_guardians(school)
    await made(await link(school, one, other))
    for child in (one, other):
        case = await a_case(school, child)
        await invited(school, case, "region-bup-nykoping")
        await a_consent(school, case, ["region-bup-nykoping"], ["contact", "plan", "social"], answered=True)

    shown = await made(await bup.get(f"/children/{one['id']}"))

    assert "siblings" not in shown["_links"]
    answer = await bup.get(f"/children/{one['id']}/siblings")
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert (await client_for("gnesta.otherschool").get(f"/children/{one['id']}/siblings")).status_code == 404


@pytest.mark.rule("R2.7")
async def test_the_wall_itself_keeps_siblings_within_the_unit(client_for, owner_db):
    school = client_for("gnesta.school")
    one, other = await a_child(school), await a_child(school)
    await made(await link(school, one, other))

    policy = owner_db.execute("select qual from pg_policies where tablename = 'sibling_links'").fetchone()
    granted = owner_db.execute("select count(*) as n from circle_grants where 'own' = any (categories)").fetchone()

    assert "'own'" in policy["qual"]
    assert granted["n"] == 0


@pytest.mark.rule("R2.6")
@pytest.mark.parametrize("which", ["the child", "the sibling", "a guardian"])
async def test_nobody_is_found_by_way_of_a_sibling(client_for, which):
    school = client_for("gnesta.school")
    one, other = await a_child(school), await a_child(school)
    await made(await link(school, one, other))

    if which == "a guardian":
        hidden = {**guardian(None, "Maria"), "protectedIdentity": "skyddad_folkbokforing"}
        await made(await school.post(f"/children/{other['id']}/guardians", json=hidden))
    else:
        child = one if which == "the child" else other
        shield, tag = {"protectedIdentity": "sekretessmarkering"}, {"if-match": f'"v{child["version"]}"'}
        await made(await school.patch(f"/children/{child['id']}", json=shield, headers=tag))
        await made(await school.post(f"/children/{child['id']}/checkpoints", json=REASON))

    assert (await names(school, one), await names(school, other)) == ([], [])


@pytest.mark.rule("R2.6")
async def test_a_protected_child_is_linked_to_nobody(client_for):
    school = client_for("gnesta.school")
    one, other = await a_child(school), await a_child(school, protectedIdentity="sekretessmarkering")

    answer = await link(school, one, other)

    assert (answer.status_code, answer.json()["code"]) == (409, "siblings-protected")


async def test_a_sibling_is_another_child_of_the_unit(client_for):
    school = client_for("gnesta.school")
    one, foreign = await a_child(school), await a_child(client_for("gnesta.social"))

    for other in (one, foreign, {"id": str(uuid4())}):
        answer = await link(school, one, other)
        assert (answer.status_code, answer.json()["code"]) == (422, "unknown-reference")
