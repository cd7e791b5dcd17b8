"""The support catalogue over HTTP."""

from datetime import UTC, datetime, timedelta

import pytest

from app.demo.directory import UNITS
from tests.builders import changing, made, problem
from tests.support_offers.steps import CENTRE, CLINIC, GNESTA_OFFERS, KOMET, NPF, PATH, TALKS, listed, offered, told

pytestmark = pytest.mark.database


@pytest.fixture
def anybody(client_for):
    return client_for(None)


@pytest.fixture
def manager(client_for):
    return client_for("gnesta.socialmanager")


@pytest.fixture(scope="module")
async def gnesta(client_for):
    """The seven offers, as their keepers tell of them."""
    return [await offered(client_for(one.keeper), one.body) for one in GNESTA_OFFERS]


@pytest.mark.rule("R14.7")
async def test_anybody_reads_what_there_is_in_plain_words(anybody, gnesta):
    assert {offer["id"] for offer in gnesta} <= await listed(anybody, municipalityCode="0461")

    swedish = await told(anybody, gnesta[0], headers={"accept-language": "sv"})
    english = await told(anybody, gnesta[0], headers={"accept-language": "en"})

    assert (swedish["name"], english["name"]) == ("Råd- och stödsamtal", "Advice and support talks")
    assert swedish["summary"].endswith("fem samtal om råd och stöd.")
    assert (swedish["nameEn"], english["nameSv"]) == (english["name"], swedish["name"])
    assert swedish["_links"].keys() == {"self"}


@pytest.mark.rule("R14.7")
async def test_only_what_the_source_says_is_said(anybody, gnesta):
    shown = {offer["kind"]: await told(anybody, offer) for offer in gnesta}

    assert [kind for kind, offer in shown.items() if offer["isFree"]] == ["advice_talks"]
    assert {offer["isFree"] for kind, offer in shown.items() if kind != "advice_talks"} == {None}
    assert (
        {offer["access"] for offer in shown.values()} == {offer["decisionType"] for offer in shown.values()} == {None}
    )
    assert shown["advice_talks"]["maxSessions"] == 5
    centre, clinic = shown["family_centre"], shown["youth_clinic"]
    assert (centre["ageMin"], centre["ageMax"], centre["ageOf"]) == (0, 6, "child")
    assert (clinic["ageMin"], clinic["ageMax"], clinic["ageOf"]) == (13, 23, "participant")
    assert clinic["privateToPerson"]
    assert shown["cooperation_talks"]["twoParties"]


async def test_offers_are_found_by_age_municipality_audience_and_need(anybody, gnesta):
    talks, cooperation, komet, npf, kin, centre, clinic = (offer["id"] for offer in gnesta)

    async def found(**query):
        return await listed(anybody, **query) & {offer["id"] for offer in gnesta}

    assert await found(age=14) == {talks, cooperation, komet, npf, kin, clinic}
    assert centre in await found(age=6)
    assert centre not in await found(age=7)
    assert await found(audience=["young_people", "next_of_kin"]) == {clinic, kin}
    assert await found(need=["npf", "small_children"]) == {npf, centre}
    assert await found(kind="komet") == {komet}
    assert await found(isFree=True) == {talks}
    assert await found(municipalityCode="0483") == await found(decisionType="needs_assessed") == set()


async def test_an_offer_of_the_whole_county_is_found_in_each_municipality(anybody, manager):
    county = await offered(manager, KOMET, municipalityCode=None)

    assert county["municipalityCode"] is None
    assert county["id"] in await listed(anybody, municipalityCode="0483")


async def test_the_pages_of_the_catalogue_go_on(anybody, gnesta):
    first = await made(await anybody.get(PATH, params={"limit": 2, "includeTotal": True}))
    second = await made(await anybody.get(first["_links"]["next"]["href"]))

    assert (first["_meta"]["count"], first["_meta"]["totalRecords"] >= 7) == (2, True)
    assert not {item["id"] for item in first["items"]} & {item["id"] for item in second["items"]}


async def test_whoever_signs_in_is_offered_what_they_may_do(client_for, gnesta):
    def offered_to(record):
        return record["_links"].keys() - {"self"}

    keeper, staff = client_for("gnesta.socialmanager"), client_for("gnesta.social")
    everything = {"edit", "assurance", "ending", "uses", "use", "use-counts"}
    assert offered_to(await told(keeper, gnesta[0])) == everything
    assert offered_to(await told(staff, gnesta[0])) == {"uses", "use", "use-counts"}
    assert offered_to(await told(client_for("stats.reader"), gnesta[0])) == {"use-counts"}
    assert offered_to(await told(client_for("stats.reader"), gnesta[-1])) == set(), (
        "a youth clinic's numbers are its own"
    )
    assert offered_to(await told(client_for("guardian.one"), gnesta[0])) == set()


async def test_caches_may_keep_the_catalogue(anybody, gnesta):
    address = f"{PATH}/{gnesta[0]['id']}"
    answer = await anybody.get(address)
    again = await anybody.get(address, headers={"if-none-match": answer.headers["etag"]})

    assert answer.headers["cache-control"].startswith("public")
    assert answer.headers["etag"].startswith(f'"v{gnesta[0]["version"]}-')
    assert (again.status_code, again.content) == (304, b"")


async def test_what_is_to_come_and_what_has_ended_is_in_no_list(anybody, manager, clock):
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    coming, ending = await offered(manager, KOMET, validFrom=tomorrow), await offered(manager, KOMET)
    ended = await made(await manager.post(f"{PATH}/{ending['id']}/ending", json={"reason": "Ingen ledare."}))

    assert coming["id"] not in await listed(anybody)
    assert not (await told(anybody, coming))["isValid"]
    assert ended["validTo"]
    assert ended["id"] in await listed(anybody), "its last day counts"

    clock.set(datetime.now(UTC) + timedelta(days=4))
    assert coming["id"] in await listed(anybody)
    assert ended["id"] not in await listed(anybody)
    again = await manager.post(f"{PATH}/{ending['id']}/ending", json={})
    assert problem(again) == (409, "offer-has-ended")
    own = await made(await manager.get(f"/units/{UNITS['gnesta-ifo']}/support-offers", params={"limit": 200}))
    kept = {item["id"]: item["_links"] for item in own["items"]}
    assert {coming["id"], ended["id"]} <= kept.keys()
    assert {"edit", "assurance", "ending", "use"} <= kept[coming["id"]].keys()
    assert not {"ending", "use"} & kept[ended["id"]].keys()


async def test_when_and_by_whom_an_offer_was_last_assured(anybody, manager, clock):
    offer = await offered(manager, NPF)
    assert (offer["isFresh"], offer["assuredBy"]) == (True, "Individ- och familjeomsorgen i Gnesta")

    clock.set(datetime.now(UTC) + timedelta(days=400))
    stale = await told(anybody, offer)
    changed = await manager.patch(f"{PATH}/{offer['id']}", json={"needs": []}, headers=changing(stale))
    assert (stale["isFresh"], (await made(changed))["isFresh"]) == (False, False)

    assured = await made(await manager.post(f"{PATH}/{offer['id']}/assurance", json={}))
    assert (assured["isFresh"], assured["assuredAt"] > offer["assuredAt"]) == (True, True)


async def test_a_manager_changes_the_own_units_offer(manager):
    offer = await offered(manager, KOMET)
    body = {
        "ageMax": 12, "decisionType": "without_needs_assessment", "boardDecisionRef": "SN 2023:4", "isFree": None,
        "howToGetItSv": "Ring oss.", "howToGetItEn": "Call us.", "contactPhone": "0158-000 00",
    }  # fmt: skip

    answer = await manager.patch(f"{PATH}/{offer['id']}", json=body, headers=changing(offer))

    changed = await made(answer)
    assert {name: changed[name] for name in body} == body
    assert changed["version"] == 2
    assert answer.headers["etag"].startswith('"v2-')


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({**CENTRE, "ageMax": 6, "ageMin": 7}, "ages-unclear"),
        ({**KOMET, "validFrom": "2026-03-02", "validTo": "2026-03-01"}, "validity-unclear"),
        ({**TALKS, "costNoteEn": None}, "both-languages-needed"),
        ({**CLINIC, "privateToPerson": False}, "youth-clinic-is-private"),
        ({**KOMET, "kind": "cooperation_talks", "twoParties": False}, "cooperation-talks-have-two-parties"),
        ({**KOMET, "conditions": "Bara kvällar."}, "board-decision-does-not-fit"),
        ({**KOMET, "municipalityCode": "0180"}, "unknown-municipality"),
        ({**KOMET, "contactUrl": "javascript:alert(1)"}, "validation-failed"),
        ({**KOMET, "audiences": []}, "validation-failed"),
    ],
)
async def test_what_does_not_hang_together_is_refused(manager, body, code):
    assert problem(await manager.post(PATH, json=body)) == (422, code)


async def test_only_the_providers_manager_keeps_an_offer(client_for, anybody, gnesta):
    address = f"{PATH}/{gnesta[0]['id']}"
    for who in ("gnesta.social", "gnesta.familymanager", "guardian.one", "sys.admin"):
        client = client_for(who)
        assert problem(await client.post(f"{address}/assurance", json={})) == (403, "forbidden"), who
        assert problem(await client.patch(address, json={}, headers={"if-match": "*"})) == (403, "forbidden"), who
    for who in ("gnesta.social", "guardian.one"):
        assert problem(await client_for(who).post(PATH, json=KOMET)) == (403, "forbidden"), who
    outside = await client_for("gnesta.school").get(f"/units/{UNITS['gnesta-ifo']}/support-offers")
    assert problem(outside) == (403, "forbidden")
    assert problem(await anybody.post(PATH, json=KOMET)) == (401, "unauthenticated")


async def test_an_offer_that_is_not_there(anybody, manager):
    nowhere = f"{PATH}/01976b1e-7a30-7c3e-9d5a-5d7f3c1b2a90"

    assert problem(await anybody.get(nowhere)) == (404, "not-found")
    assert problem(await manager.post(f"{nowhere}/assurance", json={})) == (404, "not-found")
    assert problem(await manager.get("/units/01976b1e-7a30-7c3e-9d5a-5d7f3c1b2a90/support-offers")) == (
        404,
        "not-found",
    )
    assert problem(await anybody.get(PATH, params={"age": 200})) == (422, "validation-failed")
    assert problem(await anybody.get(PATH, params={"name": "Alma"})) == (422, "validation-failed")
