"""The feed over HTTP: what it tells, to whom, from where, and for how long."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from app.config import Settings
from app.demo.directory import UNIT_RECORDS
from app.demo.staff import USER_IDS
from app.events import service
from app.jobs import pass_on_expired_offers
from app.kernel.context import ContextSigner
from app.kernel.http.door import Kernel
from tests.builders import (
    a_case,
    a_child,
    a_child_with_two_guardians,
    a_consent,
    changing,
    invited,
    made,
    problem,
)
from tests.contact_groups.steps import an_open_group
from tests.events.steps import PATH, asked, end, since, told
from tests.group_queues.steps import in_line, offered
from tests.support_offers.steps import TALKS
from tests.support_offers.steps import offered as support_offered
from tests.support_uses.steps import used

pytestmark = pytest.mark.database

EVENT = {"occurredOn": "2026-02-02", "eventType": "school", "text": "Stannade hemma.", "impact": "negative"}


@pytest.fixture
def school(client_for):
    return client_for("gnesta.school")


async def test_a_change_is_told_as_a_cloud_event_with_ids_alone(school, settings: Settings):
    cursor = await end(school)
    child = await a_child(school, givenName="Hemlig", familyName="Hemligsson")
    case = await a_case(school, child)

    answer = await school.get(PATH, params={"cursor": cursor})

    page = answer.json()
    created, opened, active = page["items"]
    sequence = active.pop("sequence")
    assert active == {
        "specversion": "1.0", "id": active["id"], "source": settings.api_url,
        "type": "se.tillsammans.case.activateCase", "subject": f"/cases/{case['id']}", "time": active["time"],
        "data": {
            "recordType": "case", "recordId": case["id"], "operation": "activateCase", "caseId": case["id"],
        },
    }  # fmt: skip
    assert created["sequence"] < opened["sequence"] < sequence
    assert (created["data"]["recordId"], created["data"]["caseId"]) == (child["id"], None)
    assert (page["_meta"]["count"], page["_links"]["next"]["href"]) == (3, answer.links["next"]["url"])
    assert await made(await school.get(active["subject"])), "the address of the record"
    assert "Hemlig" not in answer.text
    assert str(USER_IDS["gnesta.school"]) not in answer.text


async def test_whoever_follows_the_cursor_misses_nothing_and_is_told_nothing_twice(school):
    cursor = await end(school)
    children = [(await a_child(school))["id"] for _ in range(5)]
    wanted = [(child, "createChild") for child in children]

    assert await told(school, cursor, limit=2) == wanted
    assert await told(school, cursor, limit=200) == wanted, "from any point, any number of times"
    middle = (await asked(school, cursor=cursor, limit=3))["cursor"]
    assert await told(school, middle) == wanted[3:]
    following = (await made(await school.get(f"{PATH}?cursor={cursor}&limit=4")))["_links"]["next"]["href"]
    assert [event["data"]["recordId"] for event in (await made(await school.get(following)))["items"]] == children[4:]


async def test_a_cursor_is_good_for_any_filter(school):
    cursor = await end(school)
    case = await a_case(school)

    assert await told(school, cursor, recordType="case") == [(case["id"], "createCase"), (case["id"], "activateCase")]
    assert await told(school, cursor, recordType=["case", "child"], operation="activateCase") == [
        (case["id"], "activateCase")
    ]
    assert await told(school, cursor, recordType="nothing") == []


async def test_what_changed_nothing_and_what_came_again_is_no_event(school):
    child = await a_child(school)
    cursor, body, key = (
        await end(school),
        {"givenName": "Bo", "familyName": "Ek"},
        {"idempotency-key": "a-key-of-events"},
    )
    await school.get(f"/children/{child['id']}")
    refused = await school.post("/children", json={**body, "birthDate": "2999-01-01"})
    first = await made(await school.post("/children", json=body, headers=key))
    await made(await school.post("/children", json=body, headers=key))

    assert refused.status_code == 422
    assert await told(school, cursor) == [(first["id"], "createChild")]


@pytest.mark.rule("R4.6")
async def test_a_member_is_told_of_what_is_open_to_it_while_it_is(client_for, school):
    social, other = client_for("gnesta.social"), client_for("strangnas.social")
    cursor = await end(school)
    case = await a_case(school, await a_child_with_two_guardians(school))
    await invited(school, case, "gnesta-ifo")
    consent = await a_consent(school, case, ["gnesta-ifo"], ["plan", "contact"], answered=True)
    events = f"/cases/{case['id']}/chronology-events"
    own = await made(await school.post(events, json=EVENT))
    shared = await made(await school.post(events, json={**EVENT, "category": "plan"}))

    heard = {record for record, _ in await told(social, cursor)}
    assert {case["id"], shared["id"], consent["id"]} <= heard
    assert own["id"] not in heard
    assert {own["id"], shared["id"]} <= {record for record, _ in await told(school, cursor)}
    assert await told(other, cursor) == []

    await made(await school.post(f"/consents/{consent['id']}/withdrawal", json={"giverId": consent["givers"][0]["id"]}))

    assert {record for record, _ in await told(social, cursor)} & {case["id"], shared["id"]} == set()


async def test_the_family_is_told_of_its_own(client_for, school):
    maria = client_for("guardian.one")
    cursor = await end(maria)
    child = await a_child_with_two_guardians(school)
    case = await a_case(school, child)
    consent = await a_consent(school, case, ["gnesta-ifo"], ["plan"])
    await made(await school.post(f"/cases/{case['id']}/chronology-events", json=EVENT))

    heard = {event["data"]["recordType"] for event in await since(maria, cursor)}

    assert {"child", "case", "consent"} <= heard
    assert heard.isdisjoint({"chronology_event", "guardianship", "identifier", "deadline"})
    assert (consent["id"], "createConsent") in await told(maria, cursor)


@pytest.mark.rule("R2.5")
async def test_a_protected_child_is_told_of_past_its_checkpoint_only(client_for, school, owner_db):
    cursor, why = await end(school), "Skolan har kallat till möte om frånvaro."
    child = await a_child(school, protectedIdentity="skyddad_folkbokforing")
    assert await told(school, cursor) == []

    await made(await school.post(f"/children/{child['id']}/checkpoints", json={"reason": why}))

    assert (child["id"], "createChild") in await told(school, cursor)
    assert await told(client_for("gnesta.school2"), cursor) == []
    looks = owner_db.execute(
        "select distinct reason from access_log where action = 'listEvents' and reason is not null"
    )
    assert why in {row["reason"] for row in looks}


async def test_the_directory_is_told_to_those_who_may_read_it(client_for, school):
    admin, maria = client_for("sys.admin"), client_for("guardian.one")
    cursor = await end(admin)
    unit = str(UNIT_RECORDS["gnesta-ifo"].id)
    shown = await made(await admin.get(f"/units/{unit}"))
    await made(await admin.patch(f"/units/{unit}", json={"phone": shown["phone"]}, headers=changing(shown)))
    user = await made(await admin.post("/users", json={"name": "Ny Person", "subject": "events.somebody"}))
    child = await a_child(school)

    assert await told(admin, cursor) == [(unit, "updateUnit"), (user["id"], "createUser")]
    assert await told(maria, cursor) == [(unit, "updateUnit")]
    assert await told(school, cursor) == [(unit, "updateUnit"), (child["id"], "createChild")]


async def test_a_token_is_told_of_what_its_scopes_reach(school, client_for, issuer):
    cursor = await end(school)
    case = await a_case(school)
    for scope, wanted in (("events.read", set()), ("events.read cases.read", {case["id"]})):
        token = issuer.access_token("gnesta.school", scope=scope)
        answer = await client_for(None).get(
            PATH, params={"cursor": cursor}, headers={"authorization": f"Bearer {token}"}
        )
        assert {event["data"]["recordId"] for event in answer.json()["items"]} == wanted


@pytest.mark.rule("R14.6")
async def test_how_often_an_offer_is_used_is_told_to_its_unit_alone(client_for):
    manager, school = client_for("gnesta.socialmanager"), client_for("gnesta.school")
    cursor = await end(school)
    offer = await support_offered(manager, TALKS)
    use = await made(await used(manager, offer))

    assert await told(school, cursor) == [(offer["id"], "createSupportOffer")]
    assert {(offer["id"], "recordSupportUse"), (use["useId"], "recordSupportUse")} <= set(await told(manager, cursor))


@pytest.mark.rule("R11.5")
async def test_what_time_itself_moves_is_told(client_for, clock, kernel: Kernel):
    manager = client_for("vingaker.manager")
    clock.set(datetime(2026, 9, 7, 9, tzinfo=UTC))
    group = await an_open_group(manager, capacity=1, offerDays=5)
    first, second = await in_line(manager, group), await in_line(manager, group)
    await offered(manager, first)
    cursor = await end(manager)
    clock.advance(timedelta(days=7))

    await pass_on_expired_offers(kernel)

    moved = [pair for pair in await told(manager, cursor) if pair[0] in (first["id"], second["id"])]
    assert moved == [(first["id"], "place:expired"), (second["id"], "place:offered")]


async def test_a_stranger_finds_no_event_of_a_circle_in_the_database(school, settings: Settings, program_db):
    await a_case(school)
    signer = ContextSigner(settings.secret.get_secret_value())
    count = "select count(*) as n, count(*) filter (where circle_id is null) as open from events"
    for unit in (None, "strangnas-ifo"):
        if unit:
            record = UNIT_RECORDS[unit]
            context = signer.sign(record.id, record.authority_id, None, datetime.now(UTC))
            program_db.execute("select set_config('tillsammans.context', %s, true)", [context])
        row = program_db.execute(count).fetchone()
        assert row is not None
        assert row["n"] == row["open"] > 0
    for attack in ("update events set position = 1", "delete from events", "select nextval('wall.events_recorded')"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), program_db.transaction():
            program_db.execute(attack.encode())


async def test_a_page_leaves_one_look_and_an_empty_one_none(school, owner_db):
    looks = "select count(*) as n from access_log where action = 'listEvents'"
    cursor, before = await end(school), owner_db.execute(looks).fetchone()
    await a_child(school)
    await a_child(school)

    await since(school, cursor)

    owner_db.rollback()
    assert owner_db.execute(looks).fetchone()["n"] == before["n"] + 1


async def test_a_cursor_that_is_none_is_refused(school):
    cursor = await end(school)
    await a_child(school)
    await a_child(school)
    another = (await school.get("/children?limit=1")).json()["_links"]["next"]["href"].rpartition("cursor=")[2]

    for wrong in (another, cursor[:-2], "nonsense", "å"):
        assert problem(await school.get(PATH, params={"cursor": wrong})) == (400, "invalid-cursor")
    assert problem(await school.get(PATH, params={"offset": 20})) == (422, "validation-failed")


async def test_what_is_forgotten_is_a_gap_that_is_told(school, kernel: Kernel, addresses, clock):
    # As of an installation long ago: the events of other tests stay.
    with psycopg.connect(addresses.owner, autocommit=True) as owner:
        await service.place_all(kernel.database)
        (placed,), (oldest, kept) = (
            owner.execute("select placed from event_feed").fetchone(),
            owner.execute("select min(position), count(*) from events").fetchone(),
        )
        owner.execute("update events set occurred_at = now() - interval '91 days' where position < %s", [oldest + 3])
        first = (await asked(school, limit=1))["cursor"]

        await service.forget(kernel.database, datetime.now(UTC), kernel.settings.event_keep_days)

        left = owner.execute("select min(position), count(*) from events where position <= %s", [placed]).fetchone()
        assert left == (oldest + 3, kept - 3)
        assert problem(await school.get(PATH, params={"cursor": first})) == (410, "events-forgotten")
        assert (await asked(school))["items"], "without a cursor one begins with what is kept"

        owner.execute("update event_feed set placed = placed + 10")
        ahead = await end(school)
        owner.execute("update event_feed set placed = placed - 10")
        assert problem(await school.get(PATH, params={"cursor": ahead})) == (410, "events-forgotten"), "a restored one"
