"""Children and those around them over HTTP."""

import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from app.people.testnumbers import make_personnummer, make_samordningsnummer
from tests.builders import (
    a_case,
    a_child,
    a_child_with_two_guardians,
    a_consent,
    changing,
    guardian,
    invited,
    made,
    problem,
)

pytestmark = pytest.mark.database

NUMBERS: Iterator[str] = (make_personnummer(date(2012, 1, 1) + timedelta(days=day)) for day in itertools.count())
REASON = {"reason": "Skolan har kallat till möte om frånvaro."}
CONTACT_DETAILS = {
    "streetAddress": "Hemliga vägen 4", "city": "Gömstad", "schoolName": "Lönnskolan", "schoolAddress": "Lönnvägen 9",
    "phone": "070-555 66 77", "language": "so",
}  # fmt: skip


def personnummer(value: str | None = None) -> dict[str, str]:
    return {"type": "personnummer", "value": value or next(NUMBERS)}


async def a_protected_child(client, **fields):
    return await a_child(client, protectedIdentity="skyddad_folkbokforing", **fields)


async def pass_checkpoint(client, child):
    return await made(await client.post(f"/children/{child['id']}/checkpoints", json=REASON))


async def listed(client, **parameters):
    items = (await made(await client.get("/children", params={"limit": 200, **parameters})))["items"]
    return [item["id"] for item in items]


async def shared_with_bup(client_for, categories, **fields):
    school = client_for("gnesta.school")
    child = await a_child_with_two_guardians(school, **fields)
    case = await a_case(school, child)
    await invited(school, case, "region-bup-nykoping")
    consent = await a_consent(school, case, ["region-bup-nykoping"], categories, answered=True)
    return child, consent


# Children


@pytest.mark.rule("R2.2")
async def test_a_child_needs_no_identifier(client_for):
    child = await a_child(client_for("gnesta.school"), birthDate=None)

    shown = await made(await client_for("gnesta.school").get(f"/children/{child['id']}"))

    assert shown["birthDate"] is None
    assert shown["version"] == 1


@pytest.mark.rule("R2.2")
async def test_an_unborn_child_has_an_expected_birth_date_until_it_is_born(client_for, clock):
    clock.set(datetime(2026, 6, 12, 8, tzinfo=UTC))
    midwife = client_for("region.midwife")
    child = await a_child(midwife, givenName=None, birthDate=None, expectedBirthDate="2026-06-10")

    born = await made(
        await midwife.patch(f"/children/{child['id']}", json={"birthDate": "2026-06-11"}, headers=changing(child))
    )

    assert (born["birthDate"], born["expectedBirthDate"]) == ("2026-06-11", None)


@pytest.mark.parametrize(
    ("stated", "pointer", "code"),
    [
        ({"birthDate": "2090-01-01"}, "/birthDate", "date-in-future"),
        ({"birthDate": "2020-01-01", "expectedBirthDate": "2020-01-02"}, "/expectedBirthDate", "already-born"),
        ({"sourceSystem": "elevregister"}, "/sourceId", "source-incomplete"),
    ],
)
async def test_implausible_facts_are_refused_field_by_field(client_for, stated, pointer, code):
    answer = await client_for("gnesta.school").post("/children", json={"familyName": "Ek", **stated})

    assert problem(answer) == (422, "validation-failed")
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]


async def test_a_change_names_the_version_it_changes(client_for):
    school = client_for("gnesta.school")
    child = await a_child(school)
    address = f"/children/{child['id']}"

    assert problem(await school.patch(address, json={"givenName": "Elsa"})) == (428, "precondition-required")
    changed = await made(await school.patch(address, json={"givenName": "Elsa"}, headers=changing(child)))
    assert (changed["givenName"], changed["version"]) == ("Elsa", 2)
    assert problem(await school.patch(address, json={}, headers=changing(child))) == (412, "precondition-failed")


async def test_details_are_changed_one_by_one_and_make_a_new_version_of_the_child(client_for, clock):
    clock.set(datetime(2026, 3, 2, 8, tzinfo=UTC))
    school = client_for("gnesta.school")
    child = await a_child(school, details=CONTACT_DETAILS)

    body = {"details": {"city": "Gnesta", "phone": None}}
    changed = await made(await school.patch(f"/children/{child['id']}", json=body, headers=changing(child)))

    details = changed["details"]
    assert (details["city"], details["phone"], details["schoolName"]) == ("Gnesta", None, "Lönnskolan")
    assert changed["version"] == 2


async def test_death_and_moving_out_are_dates_that_may_be_taken_back(client_for):
    school = client_for("gnesta.school")
    child = await a_child(school)
    address = f"/children/{child['id']}"

    before = {"deceasedOn": "2013-01-01"}
    assert problem(await school.patch(address, json=before, headers=changing(child))) == (422, "validation-failed")
    moved = await made(await school.patch(address, json={"movedOutOn": "2026-02-01"}, headers=changing(child)))
    assert moved["movedOutOn"] == "2026-02-01"
    back = await made(await school.patch(address, json={"movedOutOn": None}, headers=changing(moved)))
    assert back["movedOutOn"] is None


async def test_an_own_system_id_is_unique_in_the_authority_and_found_again(client_for):
    school, source = client_for("gnesta.school"), {"sourceSystem": "elevregister", "sourceId": uuid4().hex}
    child = await a_child(school, **source)

    again = await school.post("/children", json={"familyName": "Ek", **source})

    assert problem(again) == (409, "already-exists")
    assert await listed(school, **source) == [child["id"]]
    assert problem(await school.get("/children", params={"sourceId": "1"}))[0] == 422


async def test_the_list_finds_by_the_beginning_of_a_name_in_any_case(client_for):
    school = client_for("gnesta.school")
    child = await a_child(school, givenName="Åsa", familyName="Öberg_100%")
    other = await a_child(school, givenName="Åsa", familyName="ÖbergX100")

    assert {child["id"], other["id"]} <= set(await listed(school, name="åsa ÖBERG"))
    assert await listed(school, name="öberg_1") == [child["id"]]


async def test_the_list_follows_its_links_and_counts_what_the_caller_may_see(client_for):
    school, name = client_for("gnesta.otherschool"), f"Ström{uuid4().hex[:6]}"
    ids = [(await a_child(school, familyName=name))["id"] for _ in range(3)]

    first = await made(await school.get("/children", params={"name": name, "limit": 2, "includeTotal": True}))
    second = await made(await school.get(first["_links"]["next"]["href"]))

    assert [item["id"] for page in (first, second) for item in page["items"]] == ids[::-1]
    assert first["_meta"]["totalRecords"] == 3
    stranger = await made(
        await client_for("vingaker.school").get("/children", params={"name": name, "includeTotal": True})
    )
    assert (stranger["items"], stranger["_meta"]["totalRecords"]) == ([], 0)


async def test_children_are_not_searched_by_anything_else(client_for):
    answer = await client_for("gnesta.school").get("/children", params={"schoolName": "Lönnskolan"})

    assert problem(answer) == (400, "search-not-allowed")


async def test_to_strangers_and_to_roles_without_children_there_is_no_child(client_for):
    child = await a_child(client_for("gnesta.school"))

    for stranger in ("gnesta.otherschool", "gnesta.social", "region.bup", "guardian.one"):
        assert problem(await client_for(stranger).get(f"/children/{child['id']}")) == (404, "not-found")
    for reader in ("stats.reader", "sys.admin"):
        assert (await client_for(reader).get(f"/children/{child['id']}")).status_code in (403, 404)
        assert problem(await client_for(reader).get("/children")) == (403, "forbidden")


async def test_a_member_sees_the_categories_that_are_open_and_what_opens_them(client_for):
    child, consent = await shared_with_bup(client_for, ["plan"], details=CONTACT_DETAILS, identifiers=[personnummer()])
    bup = client_for("region.bup")

    shown = await made(await bup.get(f"/children/{child['id']}"))

    assert shown["details"] is None
    assert [(basis["basis"], basis["id"]) for basis in shown["openedBy"]] == [("consent", consent["id"])]
    assert "edit" not in shown["_links"]
    assert (await made(await bup.get(f"/children/{child['id']}/identifiers")))["items"] == []
    assert (await made(await bup.get(f"/children/{child['id']}/guardians")))["items"] == []
    assert child["id"] in await listed(bup)
    edit = await bup.patch(f"/children/{child['id']}", json={"givenName": "X"}, headers=changing(shown))
    assert problem(edit) == (403, "forbidden")


async def test_contact_details_open_with_their_category(client_for):
    child, _ = await shared_with_bup(client_for, ["contact"], details=CONTACT_DETAILS, identifiers=[personnummer()])
    bup = client_for("region.bup")

    shown = await made(await bup.get(f"/children/{child['id']}"))

    assert shown["details"]["streetAddress"] == "Hemliga vägen 4"
    assert len((await made(await bup.get(f"/children/{child['id']}/identifiers")))["items"]) == 1
    assert len((await made(await bup.get(f"/children/{child['id']}/guardians")))["items"]) == 2


# Identifiers and look-ups


@pytest.mark.rule("R2.1")
@pytest.mark.parametrize(
    ("identifier", "pointer", "code"),
    [
        ({"type": "personnummer", "value": "20120102-2385"}, "/identifiers/0/value", "identifier-check-digit"),
        ({"type": "personnummer", "value": "20121302-2385"}, "/identifiers/0/value", "identifier-date"),
        ({"type": "personnummer", "value": "hejsan"}, "/identifiers/0/value", "identifier-format"),
        ({"type": "personnummer", "value": "201503862391"}, "/identifiers/0/type", "identifier-type"),
        ({"type": "nrid", "value": "22950606FH21"}, "/identifiers/0/value", "identifier-check-digit"),
        ({"type": "local_reserve", "value": "9920120001"}, "/identifiers/0/oid", "identifier-oid"),
        ({**personnummer(), "dormant": True}, "/identifiers/0/dormant", "coordination-only"),
    ],
)
async def test_a_wrong_identifier_is_named_by_its_field(client_for, identifier, pointer, code):
    answer = await client_for("gnesta.school").post("/children", json={"familyName": "Ek", "identifiers": [identifier]})

    assert problem(answer) == (422, "validation-failed")
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]


@pytest.mark.rule("R2.3")
@pytest.mark.parametrize("value", ["201201022385", "20121302-2385", "19121212-1212x", "201503862391"])
async def test_an_identifier_stands_in_no_error_no_address_and_no_log(client_for, owner_db, caplog, capfd, value):
    caplog.set_level("DEBUG")
    school, wrong = client_for("gnesta.school"), {"type": "personnummer", "value": value}
    child = await a_child(school)

    answers = [
        await school.post("/children", json={"familyName": "Ek", "identifiers": [wrong]}),
        await school.post(f"/children/{child['id']}/identifiers", json=wrong),
        await school.post("/child-lookups", json={"identifier": wrong}),
        await school.post(f"/children/{child['id']}/guardians", json={**guardian(None, "Eva"), "identifier": wrong}),
        await school.get("/children", params={"identifier": value}),
    ]

    assert [answer.status_code for answer in answers] == [422, 422, 422, 422, 400]
    log = owner_db.execute("select l::text as entry from access_log l").fetchall()
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("http")]
    told = [*(answer.text + str(answer.headers) for answer in answers), *ours, *capfd.readouterr()]
    assert not any(value in text for text in [*told, *(row["entry"] for row in log)])


@pytest.mark.rule("R2.3")
async def test_a_look_up_answers_one_certain_hit_and_is_logged_without_the_value(client_for, owner_db):
    school, number = client_for("gnesta.school"), next(NUMBERS)
    child = await a_child(school, identifiers=[personnummer(number)])

    hit = await made(await school.post("/child-lookups", json={"identifier": personnummer(number)}))

    assert (hit["childId"], hit["familyName"], hit["checkpointRequired"]) == (child["id"], "Sandell", False)
    entries = owner_db.execute(
        "select * from access_log where action = 'search' and object_id = %s", [child["id"]]
    ).fetchall()
    assert [entry["kind"] for entry in entries] == ["look"]
    assert not any(number in str(entry) for entry in entries)


@pytest.mark.rule("R2.3")
async def test_nobody_somebody_hidden_and_several_answer_alike(client_for, owner_db):
    school, social, bup = (client_for(name) for name in ("gnesta.school", "gnesta.social", "region.bup"))
    number, hidden = next(NUMBERS), next(NUMBERS)
    await a_child(social, identifiers=[personnummer(hidden)])
    twice = [personnummer(number)]
    await shared_with_bup(client_for, ["contact"], identifiers=twice)
    other = await a_child_with_two_guardians(social, identifiers=twice)
    case = await a_case(social, other, "gnesta.social")
    await invited(social, case, "region-bup-nykoping")
    await a_consent(social, case, ["region-bup-nykoping"], ["contact"], answered=True)

    answers = [
        await school.post("/child-lookups", json={"identifier": personnummer()}),
        await school.post("/child-lookups", json={"identifier": personnummer(hidden)}),
        await bup.post("/child-lookups", json={"identifier": personnummer(number)}),
    ]

    assert [problem(answer) for answer in answers] == [(404, "no-certain-match")] * 3
    assert len({(answer.json()["title"], answer.json()["detail"]) for answer in answers}) == 1
    assert (await school.post("/child-lookups", json={"identifier": personnummer(number)})).status_code == 200


@pytest.mark.parametrize("unsure", [{"dormant": True}, {"identityLevel": "osaker"}, {"validTo": "2024-05-06"}])
async def test_an_uncertain_dormant_or_ended_identifier_is_no_certain_match(client_for, unsure):
    school = client_for("gnesta.school")
    number = make_samordningsnummer(date(2011, 1, 1) + timedelta(days=next(DAYS)))
    child = await a_child(school)
    added = await made(
        await school.post(f"/children/{child['id']}/identifiers", json={"type": "samordningsnummer", "value": number})
    )
    lookup = {"identifier": {"type": "samordningsnummer", "value": number}}
    assert (await school.post("/child-lookups", json=lookup)).status_code == 200

    await made(
        await school.patch(f"/children/{child['id']}/identifiers/{added['id']}", json=unsure, headers=changing(added))
    )

    assert problem(await school.post("/child-lookups", json=lookup)) == (404, "no-certain-match")


DAYS = itertools.count()


async def test_a_samordningsnummer_becomes_a_personnummer_and_both_are_kept(client_for):
    school = client_for("gnesta.school")
    number = make_samordningsnummer(date(2011, 1, 1) + timedelta(days=next(DAYS)))
    earlier = {"type": "samordningsnummer", "value": number, "identityLevel": "styrkt"}
    child = await a_child(school, identifiers=[earlier])
    address = f"/children/{child['id']}/identifiers"
    [first] = (await made(await school.get(address)))["items"]

    second = await made(await school.post(address, json={**personnummer(), "replaces": first["id"]}))

    kept = (await made(await school.get(address)))["items"]
    assert [(item["id"], item["validTo"] is None) for item in kept] == [(second["id"], True), (first["id"], False)]
    again = await school.post(address, json={**personnummer(), "replaces": first["id"]})
    assert problem(again) == (422, "unknown-reference")


async def test_two_children_of_a_unit_cannot_have_the_same_current_identifier(client_for):
    school, number = client_for("gnesta.school"), next(NUMBERS)
    await a_child(school, identifiers=[personnummer(number)])

    answer = await school.post("/children", json={"familyName": "Ek", "identifiers": [personnummer(number)]})

    assert problem(answer) == (409, "already-exists")


async def test_an_identifier_ends_after_it_begins_and_not_in_the_future(client_for):
    school = client_for("gnesta.school")
    child = await a_child(school)
    address = f"/children/{child['id']}/identifiers"
    added = await made(await school.post(address, json={**personnummer(), "validFrom": "2020-01-01"}))
    one = f"{address}/{added['id']}"

    assert problem(await school.patch(one, json={"validTo": "2090-01-01"}, headers=changing(added)))[0] == 422
    early = await school.patch(one, json={"validTo": "2019-12-31"}, headers=changing(added))
    assert problem(early) == (409, "ends-before-it-begins")
    ended = await made(await school.patch(one, json={"validTo": "2024-01-01"}, headers=changing(added)))
    assert (await made(await school.get(one)))["validTo"] == ended["validTo"] == "2024-01-01"


# Protected identity


@pytest.mark.rule("R2.5")
async def test_a_protected_child_is_in_no_list_and_in_no_count(client_for):
    school, name = client_for("gnesta.school"), f"Holm{uuid4().hex[:6]}"
    await a_protected_child(school, familyName=name)
    visible = await a_child(school, familyName=name)

    found = await made(await school.get("/children", params={"name": name, "includeTotal": True}))

    assert [item["id"] for item in found["items"]] == [visible["id"]]
    assert found["_meta"]["totalRecords"] == 1


@pytest.mark.rule("R2.5")
async def test_a_protected_child_opens_on_a_stated_reason_to_one_user_for_a_while(client_for, clock, owner_db):
    clock.set(datetime(2026, 3, 2, 8, tzinfo=UTC))
    school, colleague = client_for("gnesta.school"), client_for("gnesta.school2")
    child = await a_protected_child(school, givenName="Hemlig")
    address = f"/children/{child['id']}"

    refused = await school.get(address)
    assert problem(refused) == (403, "checkpoint-required")
    assert "Hemlig" not in refused.text
    for part in ("guardians", "identifiers", "siblings"):
        assert problem(await school.get(f"{address}/{part}")) == (403, "checkpoint-required")
    assert problem(await school.patch(address, json={}, headers=changing(child))) == (403, "checkpoint-required")

    passed = await pass_checkpoint(school, child)
    assert passed["validUntil"] == "2026-03-02T09:00:00Z"
    assert (await made(await school.get(address)))["givenName"] == "Hemlig"
    assert problem(await colleague.get(address)) == (403, "checkpoint-required")
    reasons = owner_db.execute(
        "select reason from access_log where child_id = %s and action = 'getChild' and kind = 'look'", [child["id"]]
    ).fetchall()
    assert [row["reason"] for row in reasons] == [REASON["reason"]]

    clock.advance(timedelta(hours=1))
    assert problem(await school.get(address)) == (403, "checkpoint-required")


@pytest.mark.rule("R2.5")
async def test_where_a_protected_child_is_stays_hidden_without_explicit_permission(client_for):
    school, manager = client_for("gnesta.school"), client_for("gnesta.schoolmanager")
    phone = {"phone": "070-111 22 33", "email": "mamma@example.org"}
    child = await a_protected_child(school, details=CONTACT_DETAILS, guardians=[{**guardian(None, "Maria"), **phone}])
    address = f"/children/{child['id']}"
    await pass_checkpoint(school, child)
    await pass_checkpoint(manager, child)

    answers = [await school.get(address), await school.get(f"{address}/guardians")]
    shown = answers[0].json()

    assert (shown["municipalityCode"], shown["ownerUnitId"], shown["details"]["language"]) == (None, None, "so")
    hidden = [value for name, value in CONTACT_DETAILS.items() if name != "language"]
    assert not any(value in answer.text for value in [*hidden, *phone.values()] for answer in answers)
    assert (await made(await manager.get(address)))["details"]["streetAddress"] == "Hemliga vägen 4"
    [seen] = (await made(await manager.get(f"{address}/guardians")))["items"]
    assert (seen["phone"], seen["email"]) == tuple(phone.values())


@pytest.mark.rule("R2.5")
async def test_a_look_up_of_a_protected_child_tells_no_more_than_where_the_checkpoint_is(client_for):
    school, number = client_for("gnesta.school"), next(NUMBERS)
    child = await a_protected_child(school, identifiers=[personnummer(number)])

    hit = await made(await school.post("/child-lookups", json={"identifier": personnummer(number)}))

    assert hit["checkpointRequired"] is True
    assert (hit["givenName"], hit["familyName"], hit["birthDate"]) == (None, None, None)
    assert hit["_links"]["checkpoint"]["href"].endswith(f"/children/{child['id']}/checkpoints")


@pytest.mark.rule("R2.5")
async def test_a_protected_guardian_is_reached_by_nobody_without_permission(client_for):
    school = client_for("gnesta.school")
    person = {**guardian(None, "Maria"), "phone": "070-111 22 33", "protectedIdentity": "sekretessmarkering"}
    child = await a_child(school, guardians=[person])

    [shown] = (await made(await school.get(f"/children/{child['id']}/guardians")))["items"]

    assert (shown["givenName"], shown["phone"]) == ("Maria", None)


async def test_a_checkpoint_needs_a_reason_that_says_something(client_for):
    school = client_for("gnesta.school")
    child = await a_protected_child(school)

    answer = await school.post(f"/children/{child['id']}/checkpoints", json={"reason": "möte"})

    assert problem(answer) == (422, "validation-failed")
