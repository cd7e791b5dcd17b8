"""The use of support over HTTP."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from app.contract.operations import places
from tests.builders import a_child, a_child_with_two_guardians, made, problem
from tests.contract import DOCUMENT
from tests.support_offers.steps import CENTRE, CLINIC, COOPERATION, KOMET, PATH, TALKS, offered
from tests.support_uses.steps import begun, counted, do, used

pytestmark = pytest.mark.database
FULL = {**KOMET, "identityRecording": "full"}


@pytest.fixture
def manager(client_for):
    return client_for("gnesta.socialmanager")


@pytest.fixture
def social(client_for):
    return client_for("gnesta.social")


@pytest.fixture
def clinic(client_for):
    return client_for("region.youthclinic")


@pytest.fixture(scope="module")
async def offers(client_for):
    """An offer of each way to record identity, by its name."""
    manager, youth = client_for("gnesta.socialmanager"), client_for("region.youthmanager")
    return {
        "talks": await offered(manager, TALKS),
        "cooperation": await offered(manager, {**COOPERATION, "identityRecording": "full"}),
        "open": await offered(manager, KOMET),
        "full": await offered(manager, FULL),
        "clinic": await offered(youth, {**CLINIC, "identityRecording": "full"}),
    }


@pytest.mark.rule("R14.2")
async def test_the_sixth_of_five_talks_is_refused_with_what_there_is_instead(social, manager, offers, clock):
    use = await begun(social, offers["talks"])
    clock.set(datetime.now(UTC))
    for _ in range(5):
        use = await made(await do(social, use, "sessions"))
        clock.advance(timedelta(days=7))

    sixth = await do(social, use, "sessions")

    assert (use["sessionsUsed"], len(use["sessionDates"])) == (5, 5)
    assert "sessions" not in use["_links"]
    assert problem(sixth) == (409, "sessions-used-up")
    more, apply = sixth.json()["alternatives"]
    assert (more["method"], more["href"]) == ("POST", use["_links"]["self"]["href"] + "/extension")
    assert (await social.get(apply["href"])).status_code == 200

    assert problem(await do(social, use, "extension", sessions=2, reason="Skilsmässa.")) == (403, "forbidden")
    extended = await made(await do(manager, use, "extension", sessions=2, reason="Mitt i en skilsmässa."))
    assert (extended["sessionsAllowed"], extended["extensionReason"]) == (7, "Mitt i en skilsmässa.")
    assert (await made(await do(social, use, "sessions")))["sessionsUsed"] == 6


async def test_a_talk_is_not_counted_twice_nor_before_its_time(social, offers):
    use = await begun(social, offers["talks"])
    await made(await do(social, use, "sessions"))

    assert problem(await do(social, use, "sessions")) == (409, "session-already-counted")
    assert problem(await do(social, use, "sessions", onDate="2026-01-01")) == (422, "session-before-the-use")
    assert problem(await do(social, use, "sessions", onDate="2099-01-01")) == (422, "use-in-the-future")


async def test_a_use_ends_and_what_has_no_limit_is_not_extended(social, manager, offers):
    child = await a_child(social)
    use = await begun(manager, offers["full"], childId=child["id"])
    assert problem(await do(manager, use, "extension", sessions=1, reason="Behövs.")) == (409, "nothing-to-extend")

    ended = await made(await do(manager, use, "ending"))

    assert (ended["status"], ended["_links"].keys()) == ("ended", {"self", "offer", "child"})
    for deed, body in (("sessions", {}), ("ending", {}), ("extension", {"sessions": 1, "reason": "Behövs."})):
        assert problem(await do(manager, use, deed, **body)) == (409, "impossible-in-this-state")


@pytest.mark.rule("R14.4")
async def test_of_anonymous_use_there_is_a_number_and_nothing_else(manager, owner_db):
    open_to_all = await offered(manager, KOMET)
    first = await made(await used(manager, open_to_all, people=12))
    await made(await used(manager, open_to_all))

    assert (first["counted"], first["useId"], first["code"]) == (True, None, None)
    assert [item["people"] for item in await counted(manager, open_to_all)] == [13]
    kept = owner_db.execute("select * from support_use_counts where offer_id = %s", [open_to_all["id"]]).fetchall()
    assert [row.keys() for row in kept] == [{"id", "offer_id", "on_date", "people"}]
    assert not owner_db.execute("select from support_uses where offer_id = %s", [open_to_all["id"]]).fetchall()


@pytest.mark.rule("R14.4")
@pytest.mark.parametrize("said", [{"firstName": "Maria"}, {"childId": "01976b1e-7a30-7c3e-9d5a-5d7f3c1b2a90"}])
async def test_an_offer_holds_no_more_than_it_records(social, offers, said):
    for name in ("open", "talks"):
        assert problem(await used(social, offers[name], **said)) == (422, "more-than-is-recorded")


async def test_whoever_comes_back_says_the_code(social, client_for, offers, owner_db):
    first = await made(await used(social, offers["talks"]))
    code = first["code"]

    found = await made(await social.post("/support-use-lookups", json={"code": code.lower().replace("-", " ")}))

    assert (found["id"], found["hasCode"], found["firstName"]) == (first["useId"], True, None)
    shown = (await social.get(f"{PATH}/{offers['talks']['id']}/uses/{first['useId']}")).text
    kept = owner_db.execute("select * from support_uses where id = %s", [first["useId"]]).fetchone()
    assert code not in shown
    assert code.replace("-", "") not in str(kept).upper()
    for who, said in (("gnesta.school", code), ("gnesta.social", "ZZZZ-2222")):
        answer = await client_for(who).post("/support-use-lookups", json={"code": said})
        assert problem(answer) == (404, "no-use-with-this-code")


async def test_a_full_recording_says_who(social, offers):
    child = await a_child(social)

    use = await begun(social, offers["full"], childId=child["id"])
    other = await begun(social, offers["full"], firstName="Maria")

    assert (use["childId"], use["firstName"], use["_links"]["child"]["href"].endswith(child["id"])) == (
        child["id"], None, True,
    )  # fmt: skip
    assert (other["childId"], other["firstName"]) == (None, "Maria")
    address = f"{PATH}/{offers['full']['id']}/uses"
    listed = await made(await social.get(address, params={"childId": child["id"], "status": "ongoing",
                                                          "includeTotal": True}))  # fmt: skip
    assert ([item["id"] for item in listed["items"]], listed["_meta"]["totalRecords"]) == ([use["id"]], 1)
    for body in ({}, {"childId": child["id"], "firstName": "Maria"}):
        assert problem(await used(social, offers["full"], **body)) == (422, "who-is-required")
    assert problem(await used(social, offers["full"], firstName="Maria", people=2)) == (422, "recorded-one-by-one")


async def test_only_a_child_of_the_own_unit_is_recorded(social, client_for, offers):
    foreign = await a_child(client_for("gnesta.school"))
    assert problem(await used(social, offers["full"], childId=foreign["id"])) == (422, "unknown-reference")


@pytest.mark.rule("R2.5")
async def test_a_protected_child_is_in_no_list_before_the_checkpoint(manager, client_for, offers):
    child = await a_child(manager, protectedIdentity="sekretessmarkering")
    assert problem(await used(manager, offers["full"], childId=child["id"])) == (403, "checkpoint-required")
    await made(await manager.post(f"/children/{child['id']}/checkpoints", json={"reason": "Bokar träffen."}))
    use = await begun(manager, offers["full"], childId=child["id"])
    address = f"{PATH}/{offers['full']['id']}/uses"

    async def seen_by(who):
        page = await made(await client_for(who).get(address, params={"childId": child["id"]}))
        return [item["id"] for item in page["items"]]

    assert (await seen_by("gnesta.socialmanager"), await seen_by("gnesta.social")) == ([use["id"]], [])
    one = await client_for("gnesta.social").get(f"{address}/{use['id']}")
    assert problem(one) == (403, "checkpoint-required")


@pytest.mark.rule("R14.3")
async def test_outside_the_age_what_there_is_instead_is_shown(clinic, offers):
    for age in (12, 24):
        refused = await used(clinic, offers["clinic"], firstName="Alex", ageYears=age)

        assert problem(refused) == (422, "age-outside-offer")
        instead = {one["id"]: one["href"] for one in refused.json()["alternatives"]}
        assert instead
        assert offers["clinic"]["id"] not in instead
        assert (await clinic.get(next(iter(instead.values())))).status_code == 200
    for age in (13, 23):
        assert (await begun(clinic, offers["clinic"], firstName="Alex", ageYears=age))["ageYears"] == age
    assert problem(await used(clinic, offers["clinic"], firstName="Alex")) == (422, "age-required")


@pytest.mark.rule("R14.3")
async def test_the_child_s_birth_date_tells_its_age(client_for):
    keeper = client_for("gnesta.familymanager")
    centre = await offered(keeper, {**CENTRE, "identityRecording": "full"})
    school_child = await a_child(keeper, birthDate="2014-05-06")
    unborn = await a_child(keeper, birthDate=None, expectedBirthDate="2099-05-06")

    assert problem(await used(keeper, centre, childId=school_child["id"], ageYears=3)) == (422, "age-outside-offer")
    assert (await begun(keeper, centre, childId=unborn["id"], ageYears=0))["ageYears"] == 0
    open_centre = await offered(keeper, CENTRE)
    assert problem(await used(keeper, open_centre, ageYears=7)) == (422, "age-outside-offer")
    assert (await made(await used(keeper, open_centre, people=3)))["counted"]


@pytest.mark.rule("R14.5")
async def test_cooperation_talks_have_both_parents_and_no_child(social, offers):
    child = await a_child(social)

    use = await begun(social, offers["cooperation"], firstName="Maria")

    assert use["parties"] == 2
    refused = await used(social, offers["cooperation"], childId=child["id"])
    assert problem(refused) == (422, "no-child-for-this-offer")


@pytest.mark.rule("R14.6")
async def test_a_visit_to_the_youth_clinic_is_found_by_no_guardian_and_no_school(client_for, clinic, offers, owner_db):
    """The use itself asked of by everybody else; a child's records, logs and deadlines by a guardian and the school."""
    offer = offers["clinic"]
    child = await a_child_with_two_guardians(client_for("gnesta.school"))
    own_record = await a_child(clinic)
    assert problem(await used(clinic, offer, childId=own_record["id"], ageYears=15)) == (422, "no-child-for-this-offer")
    use = await begun(clinic, offer, firstName="Q-Alma", ageYears=15)
    telling = (use["id"], "Q-Alma")
    known = {"supportOfferId": offer["id"], "useId": use["id"], "childId": child["id"], "unitId": offer["unitId"]}
    reading = [place.path for place in places(DOCUMENT) if place.method == "get"]
    of_uses = [path for path in reading if path.startswith("/support-offers/{supportOfferId}/")]
    near = [path for path in reading if re.search("support|access-log|^/children|^/deadlines", path)]
    assert (len(of_uses), len(near) > len(of_uses)) == (3, True)

    others = dict.fromkeys(("guardian.two", "region.bup", "stats.reader", "sys.admin"), of_uses)
    for who, paths in {"guardian.one": near, "gnesta.school": near, **others}.items():
        for path in paths:
            address = re.sub(r"{(\w+)}", lambda name: known.get(name[1], child["id"]), path)
            answer = await client_for(who).get(address)
            assert not [word for word in telling if word in answer.text and word not in address], (who, address)
            assert path not in of_uses or problem(answer) == (404, "not-found"), (who, path)
    inside = owner_db.execute("select party_id from circle_members where circle_id = %s", [use["id"]]).fetchall()
    assert [str(row["party_id"]) for row in inside] == [offer["unitId"]]


@pytest.mark.rule("R14.6")
async def test_of_other_offers_too_only_the_own_unit_sees_uses(client_for, social, offers):
    use = await begun(social, offers["talks"])
    address = f"{PATH}/{offers['talks']['id']}/uses"

    for who in ("guardian.one", "gnesta.school", "gnesta.familycentre", "stats.reader"):
        client = client_for(who)
        for path in (address, f"{address}/{use['id']}"):
            assert problem(await client.get(path)) == (404, "not-found"), who
        assert problem(await client.post(address, json={})) == (404, "not-found"), who
        assert problem(await do(client, use, "sessions")) == (404, "not-found"), who
    other = f"{PATH}/{offers['full']['id']}/uses/{use['id']}"
    assert problem(await social.get(other)) == (404, "not-found"), "a use stands below its own offer"


async def test_others_see_numbers_of_whole_months_from_the_smallest_count_up(client_for, manager, clock):
    clock.set(datetime(2027, 5, 20, 12, tzinfo=UTC))
    offer = await offered(manager, KOMET, validFrom="2027-01-01")
    for day, people in (("2027-03-02", 3), ("2027-03-30", 2), ("2027-04-02", 4), ("2027-05-02", 9)):
        await made(await used(manager, offer, onDate=day, people=people))
    stats = client_for("stats.reader")

    assert [item["people"] for item in await counted(manager, offer)] == [9, 4, 2, 3]
    march = [{"fromDate": "2027-03-01", "toDate": "2027-03-31", "people": 5}]
    assert await counted(stats, offer) == march
    assert await counted(stats, offer, **{"from": "2027-03-31", "to": "2027-05-31"}) == march
    refused = await stats.get(f"{PATH}/{offer['id']}/use-counts", params={"from": "2027-05-02", "to": "2027-05-01"})
    assert problem(refused) == (422, "period-backwards")
    for who in ("gnesta.school", "guardian.one"):
        answer = await client_for(who).get(f"{PATH}/{offer['id']}/use-counts")
        assert problem(answer) == (403, "forbidden"), who


async def test_nobody_begins_with_what_is_not_offered(social, manager, offers):
    coming = await offered(manager, KOMET, validFrom="2098-01-01")

    assert problem(await used(social, coming)) == (409, "offer-is-not-valid")
    assert problem(await used(social, offers["open"], onDate="2099-01-01")) == (422, "use-in-the-future")
