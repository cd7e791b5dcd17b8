"""Children with those around them as lines: made, changed and read as by hand, one by one and many at once."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.demo.directory import UNITS
from app.demo.staff import GUARDIAN_ONE, GUARDIAN_TWO
from app.exchange import children
from app.exchange.lines import RecordKind, Selection
from app.guardians.models import ContactNeedsReason, GuardianshipEnded
from app.kernel.errors import AlreadyExists, Denied, Invalid, NotFound, Problem
from app.organisations.models import UnknownMunicipality
from app.people.identifiers import person_key
from app.people.models import CheckpointRequired
from app.people.testnumbers import TEST_PERSONNUMMER
from tests.builders import a_case, a_child, a_child_with_two_guardians, a_consent, free, guardianships, made
from tests.exchange.steps import acting, as_json, change, create, exported
from tests.exchange.traces import traces

pytestmark = pytest.mark.database

SCHOOL = "gnesta.school"
CHILD = RecordKind.CHILD
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
#: Numbers of children that no other test gives to one of this unit's.
NUMBERS = TEST_PERSONNUMMER[-30:-4]


def adult(number: str | None = None, **fields: Any) -> dict[str, Any]:
    """A guardian with joint custody."""
    person = {"givenName": "Maria", "familyName": "Alm", "relation": "mother", "custody": "joint", **fields}
    return person | ({"identifier": {"type": "personnummer", "value": number}} if number else {})


def line(**fields: Any) -> dict[str, Any]:
    """A line of a child with a key of its own."""
    return {
        "sourceSystem": "pupils", "sourceId": uuid4().hex, "givenName": "Alma", "familyName": "Alm",
        "birthDate": "2014-05-06", "municipalityCode": "0461", **fields,
    }  # fmt: skip


async def told(kernel, child_id, subject=SCHOOL, **selection):
    """The line of a child, as an export tells it."""
    async with acting(kernel, subject, write=False) as visit:
        page = await children.ADAPTER.page(visit, Selection(**selection), UUID(int=child_id.int - 1), 1)
    return as_json(page[0].entry) if page and page[0].id == child_id else None


async def many(kernel, lines, subject=SCHOOL):
    """What becomes of lines that are handed in together: ids, and types of problems."""
    async with acting(kernel, subject) as visit:
        entries = [children.ChildEntry.model_validate(one) for one in lines]
        outcomes = await children.ADAPTER.create_many(visit, entries)
    return [type(one) if isinstance(one, Problem) else one for one in outcomes]


async def test_a_child_comes_in_and_goes_out_as_the_same_line(kernel, clock, client_for):
    clock.set(NOW)
    school = client_for(SCHOOL)
    await free(school, NUMBERS[0])
    said = line(
        protectedIdentity="none", movedOutOn="2026-02-01",
        details={"streetAddress": "Skolgatan 1", "city": "Gnesta", "language": "so", "interpreterNeeded": True},
        identifiers=[{"type": "personnummer", "value": NUMBERS[0], "validFrom": "2014-05-06"},
                     {"type": "local_reserve", "value": "RES12345", "oid": "1.2.752.1.2"}],
        guardians=[adult(phone="0158-1", validFrom="2014-05-06T00:00:00Z", protectedIdentity="none",
                         contactAllowed=True),
                   adult(givenName="Johan", relation="father", custody="none", contactAllowed=False,
                         contactReason="Kontaktförbud", validFrom="2020-01-01T00:00:00Z", protectedIdentity="none",
                         validTo="2030-01-01T00:00:00Z")],
    )  # fmt: skip

    child_id = await create(kernel, SCHOOL, CHILD, **said)

    assert await told(kernel, child_id) == said
    assert not await change(kernel, SCHOOL, CHILD, child_id, **said)
    shown = await made(await school.get(f"/children/{child_id}"))
    assert (shown["movedOutOn"], shown["details"]["city"], shown["version"]) == ("2026-02-01", "Gnesta", 1)


async def test_an_export_leaves_a_look_for_each_child_and_takes_only_the_units_own(kernel, owner_db):
    child_id = await create(kernel, SCHOOL, CHILD, **line())

    assert str(child_id) not in {entry.source_id for entry in await exported(kernel, "gnesta.social", CHILD)}
    looks = "select count(*) from access_log where object_id = %s and kind = 'look' and action = 'createImport'"
    before = owner_db.execute(looks, [child_id]).fetchone()["count"]
    assert await told(kernel, child_id) is not None
    owner_db.rollback()
    assert owner_db.execute(looks, [child_id]).fetchone()["count"] == before + 1


async def test_what_differs_is_changed_by_the_deeds_that_do_it_by_hand(kernel, client_for, owner_db):
    school = client_for(SCHOOL)
    await free(school, NUMBERS[1])
    said = line(expectedBirthDate="2026-09-01", birthDate=None, details={"city": "Gnesta", "phone": "1"},
                guardians=[adult(), adult(givenName="Johan")])  # fmt: skip
    child_id = await create(kernel, SCHOOL, CHILD, **said)
    now = {
        **said, "expectedBirthDate": None, "birthDate": "2026-08-20", "details": {"phone": None},
        "identifiers": [{"type": "personnummer", "value": NUMBERS[1]}],
        "guardians": [adult(GUARDIAN_ONE, custody="sole"), adult(givenName="Eva", custody="none")],
    }  # fmt: skip

    assert await change(kernel, SCHOOL, CHILD, child_id, **now)
    assert not await change(kernel, SCHOOL, CHILD, child_id, **now)

    found = await told(kernel, child_id)
    assert (found["birthDate"], found["details"], "expectedBirthDate" in found) == ("2026-08-20", {"city": "Gnesta"}, 0)
    assert {(one["givenName"], one["custody"]) for one in found["guardians"]} == {
        ("Maria", "sole"), ("Johan", "joint"), ("Eva", "none"),
    }  # fmt: skip
    entries = owner_db.execute(
        "select action, permission from access_log where child_id = %s and kind = 'change' order by id", [child_id]
    ).fetchall()
    assert {(row["action"], row["permission"]) for row in entries} == {
        ("createChild", "child.create"), ("updateChild", "child.edit"), ("createIdentifier", "identifier.edit"),
        ("updateGuardian", "guardian.edit"), ("createGuardian", "guardian.edit"),
    }  # fmt: skip


async def test_details_are_forgotten_only_when_the_line_says_null(kernel):
    said = line(details={"city": "Gnesta", "interpreterNeeded": True})
    child_id = await create(kernel, SCHOOL, CHILD, **said)

    assert not await change(kernel, SCHOOL, CHILD, child_id, **{**line(), "sourceId": said["sourceId"]})
    assert await change(kernel, SCHOOL, CHILD, child_id, **{**said, "details": None})
    assert "details" not in await told(kernel, child_id)
    assert not await change(kernel, SCHOOL, CHILD, child_id, **{**said, "details": None})


@pytest.mark.rule("R2.8")
async def test_custody_that_has_ended_here_does_not_come_back_with_a_line(kernel, clock, client_for):
    clock.set(NOW)
    school = client_for(SCHOOL)
    said = line(guardians=[adult()])
    child_id = await create(kernel, SCHOOL, CHILD, **said)
    (period,) = await guardianships(school, str(child_id))
    clock.advance(timedelta(days=1))
    ended = {"validTo": (NOW + timedelta(days=1)).isoformat()}
    await made(await school.patch(f"/children/{child_id}/guardians/{period}", json=ended, headers={"if-match": "*"}))

    with pytest.raises(GuardianshipEnded):
        await change(kernel, SCHOOL, CHILD, child_id, **said)
    assert not await change(kernel, SCHOOL, CHILD, child_id, **{**said, "guardians": [adult(**ended)]})
    again = adult(validFrom=(NOW + timedelta(days=2)).isoformat())
    assert await change(kernel, SCHOOL, CHILD, child_id, **{**said, "guardians": [again]})


async def test_a_child_that_was_handed_over_goes_out_with_what_its_unit_now_sees(kernel, client_for):
    """Where the child is reached is still the earlier authority's, and a line about it changes nothing there."""
    school, social = client_for(SCHOOL), client_for("gnesta.social")
    child = await a_child_with_two_guardians(school, details={"city": "Gnesta"})
    case = await a_case(school, child)
    await a_consent(school, case, ["gnesta-ifo"], ["plan"], answered=True)
    body = {"toUnitId": str(UNITS["gnesta-ifo"]), "reason": "Socialtjänsten tar över."}
    transfer = await made(await school.post(f"/cases/{case['id']}/transfers", json=body))
    await made(await social.post(f"/transfers/{transfer['id']}/acceptance", json={}))
    child_id = UUID(child["id"])

    found = await told(kernel, child_id, "gnesta.social")

    assert (found["givenName"], found.keys() & {"details", "guardians"}) == ("Alma", set())
    assert not await change(kernel, "gnesta.social", CHILD, child_id, **found, details={"city": "Nyköping"})
    assert await told(kernel, child_id) is None


async def test_two_people_of_one_name_are_two_where_identifiers_say_so(kernel):
    said = line(guardians=[adult(GUARDIAN_ONE)])
    child_id = await create(kernel, SCHOOL, CHILD, **said)

    assert not await change(kernel, SCHOOL, CHILD, child_id, **{**said, "guardians": [adult()]})
    assert await change(kernel, SCHOOL, CHILD, child_id, **{**said, "guardians": [adult(GUARDIAN_TWO)]})
    assert len((await told(kernel, child_id))["guardians"]) == 2


@pytest.mark.rule("R2.5")
async def test_a_protected_child_stands_in_no_file_without_a_checkpoint(kernel, client_for):
    manager, guardian = "gnesta.schoolmanager", adult(phone="0158-2", protectedIdentity="sekretessmarkering")
    said = line(protectedIdentity="skyddad_folkbokforing", details={"city": "Gnesta"}, guardians=[guardian])
    child_id = await create(kernel, SCHOOL, CHILD, **said)

    assert await told(kernel, child_id, manager, include_protected=True) is None
    with pytest.raises(CheckpointRequired):
        await change(kernel, SCHOOL, CHILD, child_id, **{**said, "familyName": "Ek"})
    for who in (SCHOOL, manager):
        reason = {"reason": "Flytt till ett nytt system."}
        await made(await client_for(who).post(f"/children/{child_id}/checkpoints", json=reason))
    assert await told(kernel, child_id, manager) is None
    assert await told(kernel, child_id, SCHOOL, include_protected=True) is None  # may not see where they are
    found = await told(kernel, child_id, manager, include_protected=True)
    assert (found["details"], found["guardians"][0]["phone"]) == ({"city": "Gnesta"}, "0158-2")
    assert await change(kernel, SCHOOL, CHILD, child_id, **{**said, "familyName": "Ek"})


async def test_where_a_protected_guardian_is_reached_stands_in_no_file(kernel):
    hidden = adult(phone="0158-2", email="maria@x.example", protectedIdentity="sekretessmarkering")
    child_id = await create(kernel, SCHOOL, CHILD, **line(guardians=[hidden]))

    (found,) = (await told(kernel, child_id))["guardians"]

    assert found.keys().isdisjoint({"phone", "email"})


async def test_nobody_makes_or_changes_what_they_could_not_by_hand(kernel):
    with pytest.raises(Denied):
        await create(kernel, "stats.reader", CHILD, **line())
    said = line()
    child_id = await create(kernel, SCHOOL, CHILD, **said)
    with pytest.raises(NotFound):
        await change(kernel, "gnesta.social", CHILD, child_id, **said)


async def test_many_children_are_what_they_are_one_by_one(kernel, clock, client_for, owner_db):
    """The same bodies over HTTP and in one file: the same rows, the same entries, the same problems."""
    clock.set(NOW)
    school = client_for(SCHOOL)
    taken = line(identifiers=[{"type": "nrid", "value": "220000000000"}])
    bodies: list[dict[str, Any]] = [
        {},
        {"guardians": [adult(GUARDIAN_ONE), adult(givenName="Eva", custody="none")], "details": {"city": "Gnesta"}},
        {"birthDate": None, "expectedBirthDate": "2026-09-01", "guardians": [adult(GUARDIAN_TWO)]},
        {"protectedIdentity": "sekretessmarkering"},
        {"birthDate": "2007-01-01", "guardians": [adult(GUARDIAN_ONE)]},
        {"birthDate": "2027-01-01"},
        {"municipalityCode": "9999"},
        {"guardians": [adult(contactAllowed=False)]},
        {"guardians": [adult(GUARDIAN_ONE), adult(GUARDIAN_ONE, custody="none")]},
        {"identifiers": taken["identifiers"]},
    ]  # fmt: skip
    numbered = [
        [{"type": "personnummer", "value": NUMBERS[2 + place]}, {"type": "local_reserve", "value": f"AB{place}1234",
                                                                 "oid": "1.2.3"}]
        for place in range(2)
    ]  # fmt: skip
    for number in NUMBERS[2:4]:
        await free(school, number)
    by_hand = [line(sourceSystem="by-hand", **body) for body in [*bodies, {"identifiers": numbered[0]}]]
    in_file = [line(sourceSystem="file", **body) for body in [*bodies, {"identifiers": numbered[1]}]]

    answers = [await school.post("/children", json=body) for body in by_hand]
    outcomes = await many(kernel, in_file)

    codes = [answer.json().get("code") for answer in answers]
    assert codes == [one.code if isinstance(one, type) else None for one in outcomes]
    assert codes[5:10] == [
        one.code for one in (Invalid, UnknownMunicipality, ContactNeedsReason, AlreadyExists, Invalid)
    ]
    for answer, outcome in zip(answers, outcomes, strict=True):
        if answer.status_code == 201:
            assert traces(owner_db, outcome) == traces(owner_db, UUID(answer.json()["id"]))


async def test_what_is_taken_fails_alone_within_a_file_and_beside_it(kernel, client_for, owner_db):
    school = client_for(SCHOOL)
    for number in NUMBERS[4:6]:
        await free(school, number)
    one, two = ([{"type": "personnummer", "value": number}] for number in NUMBERS[4:6])
    there = line(identifiers=one)
    await create(kernel, SCHOOL, CHILD, **there)
    first = line(identifiers=two)

    outcomes = await many(kernel, [
        first, line(sourceId=there["sourceId"]), line(identifiers=one), line(sourceId=first["sourceId"]),
        line(identifiers=two), line(identifiers=two + two), line(),
    ])  # fmt: skip

    assert [one if isinstance(one, type) else None for one in outcomes] == [None, *[AlreadyExists] * 5, None]
    named = "select count(*) from access_log where xact = (select xact from access_log where object_id = %s)"
    assert owner_db.execute(named, [outcomes[0]]).fetchone()["count"] == 2


async def test_a_family_that_came_in_a_file_stands_where_the_deeds_by_hand_put_it(kernel, clock, client_for, owner_db):
    """Whatever brings the family in again finds it there already: nothing moves."""
    clock.set(NOW)
    school = client_for(SCHOOL)
    (child_id,) = await many(kernel, [line(guardians=[adult(GUARDIAN_ONE), adult(givenName="Eva", custody="none")])])
    before = traces(owner_db, child_id)["circle_grants"]

    tag = {"if-match": "*"}
    await made(await school.patch(f"/children/{child_id}", json={"birthDate": "2014-05-06"}, headers=tag))

    assert traces(owner_db, child_id)["circle_grants"] == before
    secret = kernel.settings.secret.get_secret_value()
    held = owner_db.execute(
        "select party_id, steward_id from circle_grants where circle_id = %s", [child_id]
    ).fetchall()
    assert (person_key(secret, GUARDIAN_ONE), UNITS["gnesta-skola"]) in {tuple(row.values()) for row in held}


async def test_a_child_without_a_key_is_called_by_its_id_here(kernel, client_for):
    child = await a_child(client_for(SCHOOL))

    found = await told(kernel, UUID(child["id"]))

    assert (found["sourceSystem"], found["sourceId"]) == ("tillsammans", child["id"])
    entry = children.ChildEntry.model_validate(found)
    async with acting(kernel, SCHOOL, write=False) as visit:
        assert await children.ADAPTER.find(visit, [entry.key]) == {entry.key: UUID(child["id"])}
    assert not await change(kernel, SCHOOL, CHILD, UUID(child["id"]), **found)
