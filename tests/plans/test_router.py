"""Plans over HTTP: the record, its roles, its refusal and its end."""

from datetime import timedelta
from uuid import uuid4

import pytest

from app.demo.directory import AUTHORITIES, UNITS
from app.demo.staff import USER_IDS
from tests.builders import a_case, a_child, a_child_with_two_guardians, a_draft, made, problem
from tests.plans.steps import BUP, a_drafted_sip, a_plan, a_prepared_sip, change, deed, due, needed, overall, read

pytestmark = pytest.mark.database


@pytest.fixture
def school(client_for):
    return client_for("gnesta.school")


@pytest.fixture(scope="module")
async def case(client_for):
    """A case of the school alone, in which each test has a plan of its own."""
    school = client_for("gnesta.school")
    return await a_case(school, await a_child_with_two_guardians(school))


@pytest.fixture(scope="module")
async def sip(client_for):
    """A prepared SIP for those who read it, and for those who may not."""
    _, plan, _ = await a_prepared_sip(client_for)
    return plan


async def test_a_sip_goes_from_need_to_draft_and_every_step_is_kept_with_who_and_when(client_for):
    _, plan, consent = await a_drafted_sip(client_for)

    assert plan["status"] == "plan_draft"
    assert plan["consentIds"] == [consent["id"]]
    for subject in ("gnesta.social", "region.bup", "guardian.one", "guardian.two"):
        assert (await read(client_for(subject), plan))["needReason"] == plan["needReason"]
    items = (await made(await client_for("guardian.one").get(f"/plans/{plan['id']}/steps")))["items"]
    assert [item["deed"] for item in items] == ["open", "ask_consent", "consent", "prepare", "call", "hold", "draft"]
    assert [item["status"] for item in items][-1] == "plan_draft"
    assert {item["takenByName"] for item in items} == {"Sara Ekdahl"}


async def test_a_need_that_is_seen_is_started_without_delay(school, case):
    plan = await a_plan(school, case, kind="barnets_plan", whatMatters="Att få ha kvar sin bästis.")

    assert (plan["status"], plan["whatMatters"]) == ("need_identified", "Att få ha kvar sin bästis.")
    assert (plan["initiatorUnitId"], plan["kvaCode"]) == (str(UNITS["gnesta-skola"]), None)
    assert {"plan_start_warn", "plan_start"} == (await due(school, plan)).keys()
    await deed(school, plan, "preparation", question="Vad behöver Alma?")
    assert await due(school, plan) == {}


async def test_the_answer_tells_where_the_plan_is_and_in_which_version(school, case):
    answer = await school.post("/plans", json=needed(case))

    found = await school.get(answer.headers["location"])
    assert found.json() == answer.json()
    assert found.headers["etag"] == answer.headers["etag"]


async def test_a_plan_begins_in_an_active_case(school):
    draft = await a_draft(school)

    assert problem(await school.post("/plans", json=needed(draft))) == (409, "case-not-active")


async def test_a_plan_in_a_case_that_one_does_not_see_is_not_begun(client_for, case):
    assert problem(await client_for("strangnas.social").post("/plans", json=needed(case))) == (404, "not-found")


@pytest.mark.rule("R7.14")
async def test_the_local_agreement_says_whether_school_may_initiate(client_for, school, sip, kernel, monkeypatch):
    case = {"id": sip["caseId"]}
    monkeypatch.setattr(kernel.settings, "school_may_initiate_sip", False)

    assert problem(await school.post("/plans", json=needed(case))) == (403, "school-may-not-initiate")
    assert (await a_plan(school, case, kind="barnets_plan"))["kind"] == "barnets_plan"
    social = await a_plan(client_for("gnesta.social"), case)
    assert social["initiatorUnitId"] == str(UNITS["gnesta-ifo"])
    monkeypatch.undo()
    assert (await a_plan(school, case))["kind"] == "sip"


async def test_the_kva_code_of_a_sip_is_a_setting(school, case, kernel, monkeypatch):
    monkeypatch.setattr(kernel.settings, "sip_kva_code", "XX999")

    assert (await a_plan(school, case))["kvaCode"] == "XX999"


async def test_the_plans_of_a_circle_are_listed_and_found_by_their_state_now(client_for, school, clock):
    case, plan, _ = await a_prepared_sip(client_for)
    other = await a_plan(school, case, kind="barnets_plan")

    async def found(subject, **query):
        items = (await made(await client_for(subject).get("/plans", params={"caseId": case["id"], **query})))["items"]
        return [item["id"] for item in items]

    assert await found("gnesta.school") == await found("guardian.one") == [other["id"], plan["id"]]
    assert await found("region.bup", status="preparing") == [plan["id"]]
    assert await found("gnesta.school", kind="barnets_plan") == [other["id"]]
    assert await found("gnesta.school", childId=case["child"]["id"], updatedAfter=other["updatedAt"]) == []
    assert await found("strangnas.social") == []
    clock.advance(timedelta(days=100))
    assert await found("gnesta.school", status="preparing") == []
    assert await found("gnesta.school", status="suspended") == [plan["id"]]
    counted = await made(await school.get("/plans", params={"caseId": case["id"], "includeTotal": True, "limit": 1}))
    assert (counted["_meta"]["totalRecords"], "next" in counted["_links"]) == (2, True)
    rest = await made(await school.get(counted["_links"]["next"]["href"]))
    assert [item["id"] for item in rest["items"]] == [plan["id"]]


async def test_plans_are_not_searched_by_what_they_say(school):
    assert problem(await school.get("/plans?question=skola")) == (400, "search-not-allowed")


@pytest.mark.rule("R7.6")
async def test_initiator_chair_documenter_and_main_responsible_are_different_people_or_one(client_for, school):
    _, plan, _ = await a_prepared_sip(client_for)
    people = {
        "chairId": "gnesta.school2", "documenterId": "region.bup", "mainResponsibleId": "gnesta.social",
    }  # fmt: skip

    several = await made(await change(school, plan, **{role: str(USER_IDS[who]) for role, who in people.items()}))
    one = await made(await change(school, plan, **{role: str(USER_IDS["gnesta.social"]) for role in people}))

    assert several["chair"]["name"] == "Oskar Nyberg"
    assert several["documenter"]["unitId"] == str(UNITS[BUP])
    assert several["mainResponsible"]["phone"] == "0158-000 00"
    assert several["initiatorUnitId"] == str(UNITS["gnesta-skola"])
    assert {one[role]["name"] for role in ("chair", "documenter", "mainResponsible")} == {"Amir Haddad"}
    await made(await change(client_for("gnesta.social"), plan, whatMatters="Hemma hos mormor."))
    assert (await made(await change(school, plan, documenterId=None)))["documenter"] is None
    await the_overall_responsibility_is_a_principals_and_its_main_responsibles(school, plan)


async def the_overall_responsibility_is_a_principals_and_its_main_responsibles(school, plan):
    region = {"overallPrincipal": "region", "overallAuthorityId": str(AUTHORITIES["region"])}

    named = await made(await change(school, plan, **overall()))

    assert named["overallAuthorityName"] == "Barn- och utbildningsnämnden i Gnesta"
    wrong = {"overallAuthorityId": str(AUTHORITIES["region"])}
    assert problem(await change(school, plan, **wrong)) == (422, "principal-does-not-fit")
    assert problem(await change(school, plan, **region)) == (422, "main-responsible-elsewhere")
    assert problem(await change(school, plan, overallAuthorityId=str(uuid4()))) == (422, "unknown-reference")
    elsewhere = {"overallPrincipal": "region", "overallAuthorityId": None}
    assert problem(await change(school, plan, **elsewhere)) == (422, "main-responsible-elsewhere")
    moved = await made(await change(school, plan, mainResponsibleId=str(USER_IDS["region.bup"]), **region))
    assert moved["mainResponsible"]["unitId"] == str(UNITS[BUP])


async def test_who_has_no_role_does_not_write_and_a_role_is_given_to_somebody_of_the_circle(client_for, school, sip):
    assert problem(await change(client_for("region.bup"), sip, question="Något annat?")) == (403, "forbidden")
    for fields in (
        {"chairId": str(USER_IDS["strangnas.social"])},
        {"documenterId": str(uuid4())},
        {"mainResponsibleId": str(USER_IDS["gnesta.social"]), "mainResponsibleUnitId": str(UNITS["gnesta-skola"])},
    ):
        assert problem(await change(school, sip, **fields)) == (422, "person-not-in-circle")


async def test_the_texts_of_a_plan_are_written_while_it_is_open(school, case):
    plan = await a_plan(school, case)
    texts = {
        "needReason": "Alma är ofta ledsen.", "childView": "”Det är stökigt.”", "plainText": "Vi ska hjälpas åt.",
        "careContact": "Hanna på BUP", "oneSidedReason": "Regionen har bara samordningen.",
        "othersMeasuresNote": "Fotbollslaget ger skjuts.", "nextFollowUpOn": "2026-06-01", "kvaCode": "XX999",
        "otherPlans": [{"kind": "vardplan", "reference": "IFO 2026-17"}],
    }  # fmt: skip

    written = await made(await change(school, plan, **texts))

    assert {name: written[name] for name in texts} == texts
    assert written["version"] == plan["version"] + 1
    assert (await made(await change(school, plan, otherPlans=[])))["otherPlans"] == []


@pytest.mark.rule("R7.13")
async def test_the_child_reads_a_version_in_plain_words(client_for, school, case):
    plan = await a_plan(school, case, plainText="Vi ska hjälpas åt så att skolan blir lugnare för dig.")

    assert (await read(client_for("guardian.one"), plan))["plainText"] == plan["plainText"]


async def test_a_change_names_the_version_that_it_changes(school, case):
    plan = await a_plan(school, case)
    path, body = f"/plans/{plan['id']}", {"question": "Hur?"}

    assert problem(await school.patch(path, json=body)) == (428, "precondition-required")
    assert problem(await school.patch(path, json=body, headers={"if-match": '"v9"'})) == (412, "precondition-failed")


@pytest.mark.rule("R7.1")
async def test_the_familys_request_is_refused_by_a_manager_with_a_reason(client_for, school, case):
    plan = await a_plan(school, case, initiatorKind="family")
    manager, path = client_for("gnesta.schoolmanager"), f"/plans/{plan['id']}/refusal"
    reason = {"reason": "Behoven tillgodoses redan av skolan."}

    assert plan["initiatorUnitId"] is None
    assert "refusal" not in plan["_links"]
    assert problem(await school.post(path, json=reason)) == (403, "forbidden")
    assert problem(await manager.post(path, json={})) == (422, "validation-failed")
    practitioner = reason | {"approvedById": str(USER_IDS["gnesta.school"])}
    assert problem(await manager.post(path, json=practitioner)) == (422, "refusal-needs-manager")
    refused = await made(await manager.post(path, json=reason))

    assert (refused["status"], refused["closedAt"] is not None) == ("not_needed", True)
    assert await due(school, plan) == {}
    last = (await made(await school.get(f"/plans/{plan['id']}/steps")))["items"][-1]
    assert (last["deed"], last["reason"], last["approvedByName"]) == ("refuse", reason["reason"], "Lena Hjort")
    assert problem(await manager.post(path, json=reason)) == (409, "impossible-in-this-state")


async def test_the_familys_no_is_written_down_and_that_is_all(school, case):
    plan = await a_plan(school, case)

    declined = await deed(school, plan, "decline")

    assert (declined["status"], declined["closeReason"]) == ("declined", "declined")
    assert {rel for rel, link in declined["_links"].items() if link["method"] != "GET"} == set()
    assert problem(await change(school, plan, question="Ändå?")) == (409, "plan-is-not-writable")


async def test_links_follow_role_and_state(client_for, school, sip):
    barnets = await a_plan(school, {"id": sip["caseId"]}, kind="barnets_plan")

    mine, theirs = sip["_links"], (await read(client_for("region.bup"), sip))["_links"]

    assert {"edit", "add-need", "add-goal", "add-action", "approve", "add-disagreement", "link-consents"} <= mine.keys()
    assert mine.keys().isdisjoint({"preparation", "drafting", "activation", "document", "upgrade", "closure"})
    assert {"add-action", "approve", "needs", "steps", "case"} <= theirs.keys()
    assert theirs.keys().isdisjoint({"edit", "add-need", "link-consents"})
    assert "preparation" in barnets["_links"]
    assert "add-need" not in barnets["_links"]
    family = (await read(client_for("guardian.one"), sip))["_links"]
    assert {rel for rel, link in family.items() if link["method"] != "GET"} == {"approve", "add-disagreement"}


async def test_a_case_is_not_closed_from_under_its_plan(client_for, school):
    case = await a_case(school)
    plan = await a_plan(school, case)
    closure = {
        "closeReason": "need_met", "outcomeSummary": "Går till skolan igen.", "childViewMissingReason": "Ville inte.",
        "openActionsHandled": True,
    }  # fmt: skip

    refused = await school.post(f"/cases/{case['id']}/closure", json=closure)
    await deed(school, plan, "decline")

    assert problem(refused) == (409, "plan-still-open")
    assert (await made(await school.post(f"/cases/{case['id']}/closure", json=closure)))["status"] == "closed"


@pytest.mark.rule("R3.6")
async def test_when_the_family_declines_the_case_its_plans_end_with_it(client_for, school):
    case, plan, _ = await a_prepared_sip(client_for)
    need = await a_plan(school, case, kind="barnets_plan")

    await made(await client_for("guardian.one").post(f"/cases/{case['id']}/decline", json={}))

    assert [(await read(school, each))["status"] for each in (plan, need)] == ["closed", "declined"]
    assert (await read(school, plan))["closeReason"] == "declined"
    assert await due(school, plan) == await due(school, need) == {}


@pytest.mark.rule("R2.5")
async def test_a_protected_childs_plan_shows_no_place_and_stands_in_no_list(client_for, school):
    case, plan, _ = await a_prepared_sip(client_for)
    await made(await change(school, plan, careContact="Skolsköterskan på Grundskolan i Gnesta", **overall()))
    manager, social = client_for("gnesta.schoolmanager"), client_for("gnesta.social")
    child = f"/children/{case['child']['id']}"
    shield = await manager.patch(child, json={"protectedIdentity": "sekretessmarkering"}, headers={"if-match": "*"})
    await made(shield)

    assert problem(await social.get(f"/plans/{plan['id']}")) == (403, "checkpoint-required")
    await made(await social.post(f"{child}/checkpoints", json={"reason": "Deltar i planen."}))
    answer = await social.get(f"/plans/{plan['id']}")

    assert "Gnesta" not in answer.text
    assert "0158-000 00" not in answer.text
    assert (await made(answer))["mainResponsible"]["name"] == "Sara Ekdahl"
    for client in (school, social, manager):
        assert plan["id"] not in (await client.get("/plans", params={"caseId": case["id"]})).text


async def test_a_stranger_learns_nothing(client_for, school):
    plan = await a_plan(school, await a_case(school, await a_child(school)))

    for subject in ("strangnas.social", "guardian.one", "region.bup"):
        assert problem(await client_for(subject).get(f"/plans/{plan['id']}")) == (404, "not-found")
        assert problem(await change(client_for(subject), plan, question="Vad?")) == (404, "not-found")
