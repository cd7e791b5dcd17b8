"""The directory over HTTP."""

from datetime import timedelta
from uuid import uuid4

import pytest

from app.demo.directory import UNITS

pytestmark = pytest.mark.database


async def test_me_tells_who_i_am_and_what_my_role_may_do(client_for):
    answer = await client_for("gnesta.school").get("/me")

    assert answer.status_code == 200
    me = answer.json()
    assert me["assignment"]["role"] == "practitioner"
    assert "case.create" in me["permissions"]
    assert "access_log.read" not in me["permissions"]


@pytest.mark.rule("R1.7")
async def test_municipality_codes_are_strings_with_their_leading_zero(client_for):
    items = (await client_for("gnesta.school").get("/municipalities")).json()["items"]

    assert [item["code"] for item in items] == [
        "0428", "0461", "0480", "0481", "0482", "0483", "0484", "0486", "0488"
    ]  # fmt: skip
    assert {item["code"]: item["joinedOn"] for item in items}["0461"] is None, "no date that the sources do not say"


@pytest.mark.rule("R1.7")
async def test_an_unknown_municipality_code_is_refused(client_for):
    body = {"authorityId": str(uuid4()), "name": "Skolan", "unitType": "school", "municipalityCode": "0485"}

    answer = await client_for("sys.admin").post("/units", json=body)

    assert (answer.status_code, answer.json()["code"]) == (422, "unknown-municipality")


@pytest.mark.rule("R1.5")
async def test_a_private_provider_is_its_own_controller(client_for):
    body = {
        "name": "Friskolan Eken AB", "sector": "education", "secrecyRegime": "skollag29_14",
        "organisation": {"kind": "private_provider", "name": "Friskolan Eken AB", "municipalityCode": "0461"},
    }  # fmt: skip

    answer = await client_for("sys.admin").post("/authorities", json=body)

    assert answer.status_code == 201
    made = answer.json()
    assert made["organisationKind"] == "private_provider"
    municipal = (await client_for("sys.admin").get("/authorities?municipalityCode=0461&sector=education")).json()
    assert made["id"] not in [item["id"] for item in municipal["items"] if item["organisationKind"] == "municipality"]


@pytest.mark.rule("R1.6")
async def test_the_name_of_a_board_is_free_text_and_its_sector_is_not(client_for):
    body = {"sector": "culture", "name": "Nämnden för lust och lärande", "secrecyRegime": "OSL26"}

    answer = await client_for("sys.admin").post("/authorities", json=body)

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/sector"]


async def test_only_a_system_administrator_changes_the_directory(client_for):
    answer = await client_for("gnesta.school").post("/users", json={"name": "Ny", "subject": "ny"})

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_a_subject_exists_once(client_for):
    body = {"name": "Dubbel", "subject": f"double-{uuid4()}"}
    first = await client_for("sys.admin").post("/users", json=body)

    second = await client_for("sys.admin").post("/users", json=body)

    assert first.status_code == 201
    assert (second.status_code, second.json()["code"]) == (409, "already-exists")


async def test_a_change_names_the_version_it_changes(client_for):
    admin = client_for("sys.admin")
    made = await admin.post("/users", json={"name": "Före", "subject": f"version-{uuid4()}"})
    path = f"/users/{made.json()['id']}"

    without = await admin.patch(path, json={"name": "Efter"})
    stale = await admin.patch(path, json={"name": "Efter"}, headers={"if-match": '"v7"'})
    fresh = await admin.patch(path, json={"name": "Efter"}, headers={"if-match": made.headers["etag"]})

    assert (without.status_code, without.json()["code"]) == (428, "precondition-required")
    assert (stale.status_code, stale.headers["etag"]) == (412, '"v1"')
    assert (fresh.status_code, fresh.json()["name"], fresh.json()["version"]) == (200, "Efter", 2)


async def test_a_held_representation_is_not_sent_again(client_for):
    school = client_for("gnesta.school")
    path = f"/units/{UNITS['gnesta-skola']}"
    etag = (await school.get(path)).headers["etag"]

    again = await school.get(path, headers={"if-none-match": etag})

    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.rule("R1.3")
async def test_an_ended_assignment_stops_access_at_once(client_for, issuer, clock):
    admin = client_for("sys.admin")
    subject = f"leaver-{uuid4()}"
    user = (await admin.post("/users", json={"name": "Slutar Snart", "subject": subject})).json()
    body = {"userId": user["id"], "unitId": str(UNITS["gnesta-skola"]), "role": "practitioner"}
    assignment = await admin.post("/assignments", json=body)
    leaver = client_for(subject)
    assert (await leaver.get("/me")).status_code == 200

    ends = clock.now() + timedelta(hours=1)
    await admin.patch(
        f"/assignments/{assignment.json()['id']}",
        json={"validTo": ends.isoformat()},
        headers={"if-match": assignment.headers["etag"]},
    )

    clock.set(ends - timedelta(microseconds=1))
    assert (await leaver.get("/me")).status_code == 200
    clock.set(ends)
    assert (await leaver.get("/me")).json()["code"] == "no-assignment"


async def test_whoever_holds_several_assignments_names_one(client_for):
    admin = client_for("sys.admin")
    subject = f"two-hats-{uuid4()}"
    user = (await admin.post("/users", json={"name": "Två Hattar", "subject": subject})).json()
    made = [
        (await admin.post("/assignments", json={"userId": user["id"], "unitId": str(UNITS[unit]), "role": role})).json()
        for unit, role in (("gnesta-skola", "practitioner"), ("gnesta-ifo", "coordinator"))
    ]

    unnamed = await client_for(subject).get("/me")
    named = await client_for(subject).get("/me", headers={"assignment-id": made[1]["id"]})

    assert (unnamed.status_code, unnamed.json()["code"]) == (400, "assignment-not-chosen")
    assert named.json()["assignment"]["role"] == "coordinator"
    assert len(named.json()["assignments"]) == 2


async def test_pages_follow_links_without_losing_or_repeating(client_for):
    school = client_for("gnesta.school")
    seen, address = [], "/units?limit=3"
    while address:
        answer = (await school.get(address)).json()
        seen += [item["id"] for item in answer["items"]]
        address = answer["_links"].get("next", {}).get("href")

    everything = (await school.get("/units?limit=200")).json()["items"]
    assert seen == [item["id"] for item in everything]


async def test_a_made_up_cursor_is_refused(client_for):
    answer = await client_for("gnesta.school").get("/units?cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid-cursor")


async def test_a_short_collection_is_paged_without_losing_or_repeating(client_for):
    school = client_for("gnesta.school")
    seen, address = [], "/municipalities?limit=4&includeTotal=true"
    while address:
        answer = (await school.get(address)).json()
        seen += [item["code"] for item in answer["items"]]
        address = answer["_links"].get("next", {}).get("href")
        assert answer["_meta"]["totalRecords"] == 9
    backwards = (await school.get("/municipalities?sortOrder=desc")).json()["items"]

    assert seen == ["0428", "0461", "0480", "0481", "0482", "0483", "0484", "0486", "0488"]
    assert [item["code"] for item in backwards] == seen[::-1]
    assert (await school.get("/municipalities?cursor=made-up")).json()["code"] == "invalid-cursor"
