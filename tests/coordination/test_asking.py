"""Requests come in, are read and listed, by those who may."""

from datetime import UTC, datetime, timedelta

import pytest

from app.demo.directory import UNITS
from tests.builders import a_child, made, problem
from tests.coordination.steps import GNESTA_DESK, PATH, asked, corrected, do, handled_outside, listed, told, triaged

pytestmark = pytest.mark.database

FRIDAY = datetime(2026, 3, 6, 9, tzinfo=UTC)


@pytest.fixture
def desk(client_for):
    return client_for("gnesta.coordinator")


@pytest.fixture
def maria(client_for):
    return client_for("guardian.one")


async def test_a_guardian_asks_and_is_told_by_when(maria, clock):
    clock.set(FRIDAY)

    request = await asked(maria, askerPhone="070-000 00 00", askerRelation="Mamma")

    assert (request["status"], request["askerKind"], request["channel"]) == ("received", "guardian", "digital")
    assert (request["askerName"], request["deskName"]) == ("Maria Sandell", "Samordningsfunktionen i Gnesta")
    assert request["acknowledgeDueAt"] == "2026-03-10T23:00:00Z", "two working days, to the end of the Stockholm day"
    assert request["contactDueAt"] == "2026-03-13T23:00:00Z"
    assert "unverified" in request["dueBasis"]
    assert request["_links"].keys() == {"self", "desk"}
    assert await told(maria, request) == request


async def test_a_young_person_asks_as_the_child(client_for, desk):
    request = await asked(client_for("youth.one"), askerKind="child")

    assert (request["askerKind"], request["askerName"]) == ("child", "Liam Norberg")
    assert (await told(desk, request))["subject"] == request["subject"]


@pytest.mark.parametrize(("who", "kind"), [("guardian.one", "anonymous"), ("youth.one", "guardian")])
async def test_a_family_member_asks_as_who_they_are(client_for, who, kind):
    body = {"deskId": GNESTA_DESK, "subject": "Hej?", "askerKind": kind}

    assert problem(await client_for(who).post(PATH, json=body)) == (422, "asker-kind-not-yours")


async def test_a_professional_asks_in_the_own_name_and_reads_what_comes_of_it(client_for, desk):
    midwife = client_for("region.midwife")

    request = await asked(midwife, channel="sdk")
    await triaged(desk, request)

    assert (request["askerKind"], request["askerName"]) == ("professional", "Annika Berglund")
    seen = await told(midwife, request)
    assert (seen["status"], seen["triage"]) == ("triaged", None)
    assert seen["_links"].keys() == {"self", "desk"}


async def test_the_desk_records_what_a_guardian_said_on_the_telephone(desk):
    request = await asked(desk, askerKind="guardian", channel="phone", askerName="Ture", askerPhone="070-000 00 01")

    assert (request["askerName"], request["askerKind"]) == ("Ture", "guardian")
    assert {"triage", "handle-outside", "closure", "edit"} <= request["_links"].keys()
    assert {"answer", "referral", "open-case"}.isdisjoint(request["_links"])


@pytest.mark.parametrize("who", ["katrineholm.coordinator", "region.bup", "gnesta.social", "guardian.two", "sys.admin"])
async def test_a_stranger_finds_nothing(client_for, maria, who):
    request = await asked(maria)
    stranger = client_for(who)

    assert problem(await stranger.get(f"{PATH}/{request['id']}")) == (404, "not-found")
    answer = await stranger.post(f"{PATH}/{request['id']}/answer", json={"text": "Hej."})
    assert problem(answer) == (404, "not-found")


async def test_only_the_desk_handles_a_request(maria):
    request = await asked(maria)

    answer = await maria.post(f"{PATH}/{request['id']}/answer", json={"text": "Jag svarar själv."})

    assert problem(answer) == (403, "forbidden")


@pytest.mark.rule("R5.1")
async def test_a_request_may_stay_anonymous(desk, owner_db):
    before = owner_db.execute("select count(*) as n from children").fetchone()

    request = await asked(desk, askerKind="anonymous", channel="phone")

    assert (request["askerName"], request["askerPhone"], request["childId"]) == (None, None, None)
    assert owner_db.execute("select count(*) as n from children").fetchone() == before


@pytest.mark.rule("R5.1")
@pytest.mark.parametrize("field", ["askerName", "askerPhone", "askerRelation"])
async def test_an_anonymous_request_tells_of_nobody(desk, field):
    body = {"deskId": GNESTA_DESK, "subject": "Hej?", "askerKind": "anonymous", field: "Ture"}
    request = await asked(desk, askerKind="anonymous")

    assert problem(await desk.post(PATH, json=body)) == (422, "anonymous-stays-anonymous")
    assert problem(await corrected(desk, request, **{field: "Ture"})) == (422, "anonymous-stays-anonymous")


async def test_only_the_desk_names_a_child_and_only_its_own(client_for, desk, maria):
    own, other = await a_child(desk), await a_child(client_for("gnesta.school"))

    named = await asked(desk, askerKind="guardian", childId=own["id"])

    assert named["childId"] == own["id"]
    assert named["_links"]["child"]["href"].endswith(own["id"])
    for client, child in ((desk, other), (client_for("gnesta.school"), other), (maria, own)):
        answer = await client.post(PATH, json={"deskId": GNESTA_DESK, "subject": "Hej?", "childId": child["id"]})
        assert problem(answer) == (422, "unknown-reference")


async def test_a_request_goes_to_a_desk(maria):
    answer = await maria.post(PATH, json={"deskId": str(UNITS["gnesta-ifo"]), "subject": "Hej?"})

    assert problem(answer) == (422, "unknown-reference")


async def test_the_desk_corrects_and_what_was_said_is_kept(desk, maria, owner_db):
    request = await asked(maria)
    child = await a_child(desk)

    changed = await made(
        await corrected(
            desk, request, subject="Om kvällarna.", childId=child["id"], askerPhone="070-000 00 02",
            correctionReason="Maria rättade sig.",
        )
    )  # fmt: skip

    assert (changed["subject"], changed["childId"], changed["version"]) == ("Om kvällarna.", child["id"], 2)
    (kept,) = owner_db.execute("select earlier, reason from corrections where subject_id = %s", [request["id"]])
    assert kept["earlier"] == {"subject": request["subject"], "asker_phone": None}
    assert kept["reason"] == "Maria rättade sig."
    assert problem(await corrected(desk, request, subject="För sent.")) == (412, "precondition-failed")


@pytest.mark.rule("R2.9")
async def test_a_guardian_follows_what_they_asked_until_the_child_is_of_age(desk, maria, clock):
    clock.set(FRIDAY)
    corrected_to, became_case = await asked(maria), await asked(maria)
    child = await a_child(desk, birthDate="2008-03-10")
    await made(await corrected(desk, corrected_to, childId=child["id"]))
    await triaged(desk, became_case)
    await made(await do(desk, became_case, "case", childId=child["id"], reasonText="Sover inte."))
    address = {request["id"]: f"{PATH}/{request['id']}" for request in (corrected_to, became_case)}

    clock.set(datetime(2026, 3, 9, 22, 59, 59, tzinfo=UTC))
    day_before = {(await maria.get(one)).status_code for one in address.values()}
    clock.set(datetime(2026, 3, 9, 23, tzinfo=UTC))
    birthday = {(await maria.get(one)).status_code for one in address.values()}

    assert (day_before, birthday) == ({200}, {404})
    younger = await a_child(desk)
    await made(await corrected(desk, await told(desk, corrected_to), childId=younger["id"]))
    assert (await maria.get(address[corrected_to["id"]])).status_code == 200, "it was about another child"


async def test_the_queue_is_read_from_its_beginning_and_by_desk_and_status(desk, maria, clock):
    clock.set(datetime(2023, 3, 6, 9, tzinfo=UTC))
    first = await asked(maria, subject="Först")
    clock.advance(timedelta(minutes=1))
    second = await asked(maria, subject="Sedan")
    await triaged(desk, second)

    queue = (await made(await desk.get(PATH, params={"deskId": GNESTA_DESK})))["items"]
    by_due_date = (await made(await desk.get(PATH, params={"sortBy": "contactDueAt"})))["items"]
    waiting = await listed(desk, status="received", sortOrder="asc")

    assert [item["subject"] for item in queue[:2]] == ["Först", "Sedan"]
    assert [item["id"] for item in by_due_date[:2]] == [first["id"], second["id"]]
    assert second["id"] not in {item["id"] for item in waiting}
    assert waiting[0]["id"] == first["id"]
    assert await listed(desk, deskId=str(UNITS["gnesta-ifo"])) == []


async def test_the_queue_is_paged_and_counted(desk, maria):
    for _ in range(2):
        await asked(maria)

    page = await made(await desk.get(PATH, params={"limit": 1, "includeTotal": "true"}))
    following = (await desk.get(page["_links"]["next"]["href"])).json()

    assert page["_meta"]["totalRecords"] >= 2
    assert following["items"][0]["id"] != page["items"][0]["id"]
    assert following["items"][0]["receivedAt"] >= page["items"][0]["receivedAt"]


async def test_what_is_late_is_told_and_found(desk, maria, clock):
    clock.set(FRIDAY)
    waiting, read = await asked(maria), await asked(maria)
    await triaged(desk, read)

    clock.set(datetime(2026, 3, 10, 22, 59, tzinfo=UTC))
    in_time = await told(desk, waiting)
    clock.set(datetime(2026, 3, 10, 23, tzinfo=UTC))
    late = {item["id"]: item for item in await listed(desk, overdue="true")}
    clock.set(datetime(2026, 3, 13, 23, tzinfo=UTC))
    later = {item["id"] for item in await listed(desk, overdue="true")}
    on_time = {item["id"] for item in await listed(desk, overdue="false")}

    assert (in_time["acknowledgeOverdue"], in_time["contactOverdue"]) == (False, False)
    assert late[waiting["id"]]["acknowledgeOverdue"] is True
    assert read["id"] not in late
    assert {waiting["id"], read["id"]} <= later
    assert later.isdisjoint(on_time)


async def test_a_sender_lists_what_was_sent_and_nothing_else(client_for, desk, maria):
    theirs, of_other = await asked(maria), await asked(client_for("guardian.two"))
    to_katrineholm = await asked(desk, deskId=str((await _katrineholm(desk))["id"]))

    mine = {item["id"] for item in await listed(maria)}

    assert theirs["id"] in mine
    assert of_other["id"] not in mine
    queue = {item["id"] for item in await listed(desk)}
    assert {theirs["id"], of_other["id"]} <= queue
    assert to_katrineholm["id"] not in queue
    assert to_katrineholm["id"] in {item["id"] for item in await listed(desk, sent="true")}
    assert to_katrineholm["id"] in {item["id"] for item in await listed(client_for("katrineholm.coordinator"))}
    assert await listed(client_for("gnesta.familycentre")) == []


async def _katrineholm(client):
    (found,) = (await made(await client.get("/coordination-desks", params={"municipalityCode": "0483"})))["items"]
    return found


async def test_a_list_is_not_searched_by_name(desk):
    assert problem(await desk.get(PATH, params={"askerName": "Maria"})) == (400, "search-not-allowed")


@pytest.mark.rule("R2.5")
async def test_a_protected_childs_request_opens_to_the_desk_past_a_checkpoint(client_for, desk):
    midwife = client_for("region.midwife")
    request = await asked(midwife, askerPhone="0155-000 00", subject="Om ett skyddat barn.")
    child = await a_child(desk, protectedIdentity="sekretessmarkering")
    refused = await corrected(desk, request, childId=child["id"])
    await made(await desk.post(f"/children/{child['id']}/checkpoints", json={"reason": "Jag handlägger förfrågan."}))
    await made(await corrected(desk, request, childId=child["id"]))

    assert problem(refused) == (403, "checkpoint-required")
    assert (await told(desk, request))["childId"] == child["id"]
    colleague = {item["id"]: item for item in await listed(desk)}[request["id"]]
    assert (colleague["subject"], colleague["askerName"], "child" in colleague["_links"]) == (None, None, False)
    assert request["id"] not in {item["id"] for item in await listed(midwife)}
    seen = await told(midwife, request)
    assert (seen["subject"], seen["childId"]) == ("Om ett skyddat barn.", None)
    assert (seen["askerPhone"], seen["deskPhone"]) == (None, None)


@pytest.mark.rule("R2.5")
async def test_without_a_checkpoint_a_protected_childs_request_stays_closed(desk, clock):
    child = await a_child(desk, protectedIdentity="sekretessmarkering")
    await made(await desk.post(f"/children/{child['id']}/checkpoints", json={"reason": "Jag handlägger förfrågan."}))
    request = await asked(desk, askerKind="guardian", childId=child["id"])

    clock.advance(timedelta(hours=2))

    assert problem(await desk.get(f"{PATH}/{request['id']}")) == (403, "checkpoint-required")


@pytest.mark.rule("R5.8")
async def test_a_sender_lists_what_is_handled_outside_as_triaged(desk, maria):
    ordinary, outside = await asked(maria), await asked(maria)
    await triaged(desk, ordinary)
    await handled_outside(desk, outside)

    as_triaged = {item["id"] for item in await listed(maria, status="triaged")}

    assert {ordinary["id"], outside["id"]} <= as_triaged
    assert await listed(maria, status="handled_outside") == []
    assert outside["id"] in {item["id"] for item in await listed(desk, status="handled_outside")}
