"""What other packages ask of guardians, inside the wall."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.demo.staff import GUARDIAN_ONE, GUARDIAN_TWO
from app.guardians import service
from app.kernel.auth import Identity
from app.kernel.circles import FOREVER
from app.kernel.db import Transaction
from app.kernel.http.door import Kernel
from app.people import service as people
from app.people.identifiers import person_key
from tests.builders import a_child, guardian, made

pytestmark = pytest.mark.database

BEGINS = datetime(2026, 3, 2, 8, tzinfo=UTC)


@asynccontextmanager
async def inside(kernel: Kernel, subject: str) -> AsyncIterator[Transaction]:
    identity = Identity(kernel.settings.dev_issuer, subject, None, frozenset(), 0, "")
    async with kernel.database.transaction(write=False) as tx:
        actor = await kernel.find_actor(tx, identity, None, kernel.clock.now())
        await kernel.enter(tx, actor, kernel.clock.now())
        yield tx


async def change(client, child, name, **fields):
    address = f"/children/{child['id']}/guardians"
    current = next(
        item
        for item in (await made(await client.get(address)))["items"]
        if item["givenName"] == name and item["validTo"] is None
    )
    tag = {"if-match": f'"v{current["version"]}"'}
    return await made(await client.patch(f"{address}/{current['id']}", json=fields, headers=tag))


async def custody_at(kernel, child, at):
    async with inside(kernel, "gnesta.school") as tx:
        return {(each.name, each.custody) for each in await service.custodians_at(tx, UUID(child["id"]), at)}


@pytest.mark.rule("R2.8")
async def test_custody_is_what_it_was_at_the_time_asked_about(client_for, kernel, clock):
    clock.set(BEGINS)
    school = client_for("gnesta.school")
    child = await a_child(school, guardians=[guardian(GUARDIAN_ONE, "Maria"), guardian(GUARDIAN_TWO, "Johan")])
    clock.set(BEGINS + timedelta(days=10))
    await change(school, child, "Maria", custody="sole")
    await change(school, child, "Johan", custody="none")

    both = {("Maria Sandell", "joint"), ("Johan Sandell", "joint")}
    assert await custody_at(kernel, child, BEGINS - timedelta(seconds=1)) == set()
    assert await custody_at(kernel, child, BEGINS) == both
    assert await custody_at(kernel, child, BEGINS + timedelta(days=10, seconds=-1)) == both
    assert await custody_at(kernel, child, BEGINS + timedelta(days=10)) == {("Maria Sandell", "sole")}


@pytest.mark.rule("R2.9")
async def test_nobody_has_custody_of_an_adult(client_for, kernel, clock):
    clock.set(BEGINS)
    child = await a_child(
        client_for("gnesta.school"), birthDate="2008-07-15", guardians=[guardian(GUARDIAN_ONE, "Maria")]
    )
    midnight = datetime(2026, 7, 14, 22, tzinfo=UTC)

    assert len(await custody_at(kernel, child, midnight - timedelta(microseconds=1))) == 1
    assert await custody_at(kernel, child, midnight) == set()


async def test_the_family_is_the_child_and_the_custodians_who_may_be_contacted(client_for, kernel, clock):
    clock.set(BEGINS)
    kept_away = {**guardian(GUARDIAN_TWO, "Johan"), "contactAllowed": False, "contactReason": "Kontaktförbud"}
    child = await a_child(
        client_for("gnesta.school"),
        birthDate="2014-05-06",
        guardians=[guardian(GUARDIAN_ONE, "Maria"), kept_away, guardian(None, "Eva", custody="none")],
    )

    async with inside(kernel, "gnesta.school") as tx:
        members = await service.family_of(tx, UUID(child["id"]), clock.now())

    secret = kernel.settings.secret.get_secret_value()
    assert [member.standing for member in members] == ["child", "guardian"]
    assert members[1].party_id == person_key(secret, GUARDIAN_ONE)
    assert [member.valid_until for member in members] == [FOREVER, datetime(2032, 5, 5, 22, tzinfo=UTC)]


async def test_nobody_hears_of_the_family_of_a_child_they_do_not_see(client_for, kernel):
    child = await a_child(client_for("gnesta.school"), guardians=[guardian(GUARDIAN_ONE, "Maria")])

    async with inside(kernel, "gnesta.social") as tx:
        assert await people.facts(tx, UUID(child["id"])) is None
        assert await service.family_of(tx, UUID(child["id"]), kernel.clock.now()) == []
        assert await service.custodians_at(tx, UUID(child["id"]), kernel.clock.now()) == []
