"""Whose of the family moved something in a line: no line keeps their names, and the wall shows no stranger whose."""

from datetime import UTC, datetime

import pytest

from app.demo.directory import UNITS
from app.kernel.context import ContextSigner
from tests.builders import authority_of, made
from tests.contact_groups.steps import an_open_group
from tests.group_places.steps import a_young_child, accept, end
from tests.group_queues.steps import a_consent_about, a_vingaker_child, answers, do, in_line, offered

pytestmark = pytest.mark.database

UNIT, SENDER, STRANGER = "vingaker-kontaktgrupper", "vingaker-skola", "gnesta-ifo"


@pytest.fixture
def manager(client_for):
    return client_for("vingaker.manager")


@pytest.fixture
def school(client_for):
    return client_for("vingaker.school")


@pytest.fixture
def maria(client_for):
    return client_for("guardian.one")


@pytest.fixture
def johan(client_for):
    return client_for("guardian.two")


async def told(manager, entry):
    """Who did what, as the group's unit reads it."""
    items = (await made(await manager.get(f"/queue-entries/{entry['id']}/history")))["items"]
    return [(one["move"], one["byName"]) for one in items if one["move"]]


def remembered(owner_db, entry):
    """Whom the line itself remembers, as the owner of the tables finds it."""
    rows = owner_db.execute(
        """select m.move, u.name from place_moves m left join users u on u.id = m.moved_by
        where m.claim_id = %s order by m.id""",
        [entry["id"]],
    ).fetchall()
    return [(row["move"], row["name"]) for row in rows]


async def declined_and_withdrawn(manager, maria):
    """A child whose guardian asked for a place, declined one, and left the line when it had come back."""
    group = await an_open_group(manager, capacity=1)
    entry = await in_line(maria, group, await a_vingaker_child(manager))
    offer = await offered(manager, entry)
    await made(await maria.post(f"/offers/{offer['id']}/decline", json={}))
    await made(await do(manager, entry, "return", reason="Familjen ångrade sig."))
    await made(await do(maria, entry, "withdrawal"))
    return entry


async def test_the_line_remembers_staff_and_the_circle_the_family(manager, maria, client_for, owner_db):
    youth, group = client_for("youth.one"), await an_open_group(manager, gradeMax=9)
    guardians = await declined_and_withdrawn(manager, maria)
    youths = await in_line(youth, group, await a_young_child(manager))
    offer = await offered(manager, youths)
    place = (await made(await accept(youth, offer)))["id"]
    await made(await end(youth, {"id": place}, reason="family_wish"))

    assert await told(manager, guardians) == [
        ("joined", "Maria Sandell"), ("offered", "Birgitta Malm"), ("declined", "Maria Sandell"),
        ("returned", "Birgitta Malm"), ("withdrawn", "Maria Sandell"),
    ]  # fmt: skip
    assert remembered(owner_db, guardians) == [
        ("joined", None), ("offered", "Birgitta Malm"), ("declined", None), ("returned", "Birgitta Malm"),
        ("withdrawn", None),
    ]  # fmt: skip
    assert await told(manager, youths) == [
        ("joined", "Liam Norberg"), ("offered", "Birgitta Malm"), ("accepted", "Liam Norberg"),
        ("left", "Liam Norberg"),
    ]  # fmt: skip
    assert {name for _, name in remembered(owner_db, youths)} == {None, "Birgitta Malm"}


async def test_whose_word_on_a_consent_moved_an_entry_is_told_by_its_circle(manager, school, maria, johan, owner_db):
    child, group = await a_vingaker_child(school), await an_open_group(manager)
    consent = await a_consent_about(school, child, answered=False)
    entry = await in_line(school, group, child, consentId=consent["id"])
    await answers(maria, consent, "given")
    await answers(johan, consent, "given")
    await made(await maria.post(f"/consents/{consent['id']}/withdrawal", json={}))

    moves = await told(manager, entry)

    assert moves[1:] == [("released", "Johan Sandell"), ("withdrawn", "Maria Sandell")]
    assert remembered(owner_db, entry)[1:] == [("released", None), ("withdrawn", None)]


async def test_no_line_in_the_whole_world_remembers_a_family(manager, maria, owner_db):
    await declined_and_withdrawn(manager, maria)

    kept = owner_db.execute(
        "select m.move, count(*) from place_moves m join users u on u.id = m.moved_by where u.person_id is not null "
        "group by 1"
    ).fetchall()

    assert kept == []


async def test_a_stranger_learns_of_no_family_past_every_line_of_ours(
    manager, school, maria, program_db, settings, client_for
):
    group = await an_open_group(manager)
    entry = await in_line(school, group, await a_vingaker_child(school))
    await made(await do(maria, entry, "withdrawal"))
    signer = ContextSigner(settings.secret.get_secret_value())
    seen = {}

    for unit in (UNIT, SENDER, STRANGER):
        signed = signer.sign(UNITS[unit], authority_of(unit), None, datetime.now(UTC))
        program_db.execute("select set_config('tillsammans.context', %s, true)", [signed])
        beside = program_db.execute(
            """select m.id from place_moves m join users u on u.id = m.moved_by
            where m.claim_id = %s and u.person_id is not null""",
            [entry["id"]],
        ).fetchall()
        behind = program_db.execute(
            "select u.name from family_moves f join users u on u.id = f.moved_by where f.entry_id = %s", [entry["id"]]
        ).fetchall()
        seen[unit] = (beside, [row["name"] for row in behind])

    assert seen == {UNIT: ([], ["Maria Sandell"]), SENDER: ([], []), STRANGER: ([], [])}
