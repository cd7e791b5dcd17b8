"""NPF teams over HTTP: BUP forms one with social services and school, plans, and it works."""

import asyncio

import pytest

from app.demo.directory import DESKS, UNITS
from app.demo.staff import USER_IDS
from tests.builders import changing, made, problem
from tests.npf_teams.steps import GNESTA, PLAN, a_full_team, a_team, an_operative_team, membership, standing, step

pytestmark = pytest.mark.database


@pytest.fixture
def bup(client_for):
    return client_for("region.bup")


def lead(subject: str) -> dict[str, str]:
    return {"userId": str(USER_IDS[subject])}


@pytest.mark.rule("R13.2")
async def test_a_team_forms_plans_works_rests_and_ends(client_for, bup):
    team = await a_team(bup)
    assert (team["status"], team["missingParts"]) == ("forming", ["bup", "social", "education", "lead", "plan"])
    assert team["_links"].keys() == {"self", "unit", "edit", "lead", "members", "add-member", "planning", "ending"}

    for subject in GNESTA:
        await step(bup, team, "members", **standing(subject))
    led = await step(bup, team, "lead", **lead("region.bup"))
    assert (led["leadName"], led["unitName"], led["missingParts"]) == ("Hanna Sjögren", "BUP Nyköping", ["plan"])
    planning = await step(bup, team, "planning", reason="Alla tre är med.")
    early = await bup.post(f"/npf-teams/{team['id']}/operation", json={})
    unwritten = await bup.post(f"/npf-teams/{team['id']}/plan-adoption", json={})
    written = await made(await bup.patch(f"/npf-teams/{team['id']}", json=PLAN, headers=changing(planning)))
    ahead = await bup.post(f"/npf-teams/{team['id']}/plan-adoption", json={"adoptedOn": "2099-01-01"})
    adopted = await step(bup, team, "plan-adoption", adoptedOn="2026-01-15")
    operative = await step(bup, team, "operation")
    again = await bup.post(f"/npf-teams/{team['id']}/planning", json={})
    paused = await step(bup, team, "pause", reason="Sommar.")
    resumed = await step(bup, team, "resumption")
    ended = await step(bup, team, "ending", reason="Försöket är över.")

    assert problem(early) == (409, "team-not-complete")
    assert early.json()["detail"].endswith("plan.")
    assert problem(unwritten) == (409, "plan-not-written")
    assert problem(ahead) == (422, "plan-adopted-ahead")
    assert problem(again) == (409, "impossible-in-this-state")
    assert (written["planAdoptedOn"], adopted["planAdoptedOn"]) == (None, "2026-01-15")
    assert [each["status"] for each in (operative, paused, resumed, ended)] == [
        "operative", "paused", "operative", "ended",
    ]  # fmt: skip
    assert operative["_links"].keys() >= {"pause", "ending", "plan-adoption"}
    assert ended["_links"].keys() == {"self", "unit", "members"}
    assert (await made(await client_for("guardian.one").get(f"/npf-teams/{team['id']}")))["status"] == "ended"


@pytest.mark.rule("R13.1")
async def test_bup_forms_and_leads_unless_configuration_says_otherwise(client_for, bup, kernel, monkeypatch):
    manager, body = client_for("gnesta.socialmanager"), {"municipalityCode": "0461", "name": "Teamet"}
    team = await a_full_team(bup)

    formed_elsewhere = await manager.post("/npf-teams", json=body)
    led_elsewhere = await bup.post(f"/npf-teams/{team['id']}/lead", json=lead("gnesta.social"))
    led_from_outside = await bup.post(f"/npf-teams/{team['id']}/lead", json=lead("region.bvc"))
    monkeypatch.setattr(kernel, "settings", kernel.settings.model_copy(update={"npf_lead_from_bup": False}))
    own = await made(await manager.post("/npf-teams", json=body))
    handed = await step(bup, team, "lead", **lead("gnesta.social"))

    assert problem(formed_elsewhere) == problem(led_elsewhere) == (422, "lead-not-from-bup")
    assert problem(led_from_outside) == (422, "lead-not-member")
    assert own["unitId"] == handed["unitId"] == str(UNITS["gnesta-ifo"])
    # Whoever leads may, without being a manager; the unit that led before may no more.
    assert "edit" in (await made(await client_for("gnesta.social").get(f"/npf-teams/{team['id']}")))["_links"]
    assert problem(await bup.post(f"/npf-teams/{team['id']}/pause", json={})) == (403, "forbidden")


async def test_members_stand_for_a_unit_of_the_three_sectors(bup, client_for):
    team = await a_team(bup)
    path = f"/npf-teams/{team['id']}/members"

    member = await step(bup, team, "members", **standing("region.bvc"))
    for body in (standing("gnesta.social", "gnesta-skola"), standing("gnesta.logreviewer")):
        assert problem(await bup.post(path, json=body)) == (422, "member-not-in-unit")
    twice = await bup.post(path, json=standing("region.bvc"))
    races = await asyncio.gather(*(bup.post(path, json=standing("gnesta.school")) for _ in range(2)))

    assert (member["sector"], member["unitName"], member["leads"]) == ("health", "BVC Gnesta", False)
    assert member["_links"].keys() == {"self", "team", "ending"}
    assert problem(twice) == (409, "already-in-team")
    assert sorted(answer.status_code for answer in races) == [201, 409]
    # A child health centre is health care, but not the psychiatry that a team cannot do without.
    missing = (await made(await bup.get(f"/npf-teams/{team['id']}")))["missingParts"]
    assert missing == ["bup", "social", "lead", "plan"]
    listed = (await made(await client_for("guardian.one").get(path)))["items"]
    assert [item["name"] for item in listed] == ["Camilla Frid", "Sara Ekdahl"]
    assert all(item["_links"].keys() == {"self", "team"} for item in listed)


async def test_a_unit_of_a_joint_authority_is_in_no_team(bup, client_for):
    admin, team = client_for("sys.admin"), await a_team(bup)
    user = await made(await admin.post("/users", json={"name": "Gemensam Resurs", "subject": f"joint.{team['id']}"}))
    body = {"userId": user["id"], "unitId": str(UNITS["lansstod"])}
    await made(await admin.post("/assignments", json={**body, "role": "practitioner"}))

    answer = await bup.post(f"/npf-teams/{team['id']}/members", json=body)

    assert problem(answer) == (422, "sector-not-of-team")


@pytest.mark.rule("R13.2")
async def test_a_team_at_work_does_not_lose_a_profession(bup):
    team = await an_operative_team(bup)
    social, own = await membership(bup, team, "gnesta.social"), await membership(bup, team, "region.bup")

    last = await bup.post(f"{social}/ending", json={})
    leading = await bup.post(f"{own}/ending", json={})
    await step(bup, team, "members", **standing("gnesta.socialmanager"))
    ended = await made(await bup.post(f"{social}/ending", json={"reason": "Byter tjänst."}))
    again = await bup.post(f"{social}/ending", json={})
    await step(bup, team, "pause")
    changed = await membership(bup, team, "gnesta.socialmanager")
    await made(await bup.post(f"{changed}/ending", json={}))
    incomplete = await bup.post(f"/npf-teams/{team['id']}/resumption", json={})

    assert problem(last) == (409, "last-of-profession")
    assert problem(leading) == (409, "lead-must-stay")
    assert ended["toOn"] is not None
    assert ended["_links"].keys() == {"self", "team"}
    assert problem(again) == (409, "member-already-ended")
    assert problem(incomplete) == (409, "team-not-complete")
    assert incomplete.json()["detail"].endswith("social.")


@pytest.mark.rule("R13.3")
@pytest.mark.rule("R13.4")
async def test_a_plan_that_everybody_reads_names_nobody(bup):
    team = await a_team(bup)

    named = await bup.patch(
        f"/npf-teams/{team['id']}", json={"planText": "Ring Almas mamma, 070-000 00 00."}, headers=changing(team)
    )
    coded = await bup.post("/npf-teams", json={"municipalityCode": "0461", "name": "F84-teamet"})

    assert problem(named) == (422, "text-names-somebody")
    assert named.json()["errors"][0]["pointer"] == "/planText"
    assert "070" not in named.text
    assert problem(coded) == (422, "diagnosis-code-not-kept")


async def test_teams_are_found_by_municipality_state_and_unit(bup, client_for):
    team = await a_team(bup, municipalityCode="0483", name="NPF-teamet i Katrineholm")
    reader = client_for("stats.reader")

    for filters in ({"municipalityCode": "0483"}, {"unitId": str(UNITS["region-bup-nykoping"]), "status": "forming"}):
        found = await made(await reader.get("/npf-teams", params={**filters, "limit": 200, "includeTotal": True}))
        assert team["id"] in {item["id"] for item in found["items"]}
        assert found["_meta"]["totalRecords"] == len(found["items"])
    for filters in ({"municipalityCode": "0486"}, {"unitId": str(UNITS["gnesta-skola"])}):
        found = await made(await reader.get("/npf-teams", params=filters))
        assert team["id"] not in {item["id"] for item in found["items"]}


async def test_a_team_is_managed_by_whoever_leads_it(bup, client_for):
    team = await a_team(bup)
    path = f"/npf-teams/{team['id']}"

    for subject in ("region.bup-eskilstuna", "gnesta.social", "guardian.one", "sys.admin"):
        assert problem(await client_for(subject).post(f"{path}/planning", json={})) == (403, "forbidden")
    assert problem(await client_for("region.bup-katrineholm").post("/npf-teams", json={})) == (403, "forbidden")
    manager = client_for("region.bupmanager")
    assert (await made(await manager.post(f"{path}/planning", json={})))["status"] == "planning"
    assert problem(await bup.patch(path, json={"name": "Annat"}, headers=changing(team))) == (
        412,
        "precondition-failed",
    )
    assert problem(await bup.patch(path, json={"name": "Annat"})) == (428, "precondition-required")
    nowhere = {"municipalityCode": "9999", "name": "Teamet"}
    assert problem(await bup.post("/npf-teams", json=nowhere)) == (422, "unknown-municipality")
    assert problem(await bup.get(f"/npf-teams/{DESKS[0].id}")) == (404, "not-found")
    assert problem(await bup.post(f"{path}/members/{DESKS[0].id}/ending", json={})) == (404, "not-found")
