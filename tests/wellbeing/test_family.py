"""What the family sees of a wheel, makes itself, and confirms."""

from uuid import uuid4

import pytest

from tests.builders import a_case, a_child, made, problem
from tests.wellbeing.steps import (
    SAFE,
    a_confirmed_wheel,
    a_draft_wheel,
    a_family_case,
    born,
    confirmed,
    entries,
    path,
    shared,
    told,
    wheel,
    young_person,
)

pytestmark = pytest.mark.database


@pytest.fixture
def school(client_for):
    return client_for("gnesta.school")


@pytest.fixture
def maria(client_for):
    return client_for("guardian.one")


@pytest.fixture(scope="module")
async def case(client_for):
    """A case about a child of eight, in which each test has wheels of its own."""
    return await a_family_case(client_for("gnesta.school"))


@pytest.fixture(scope="module")
async def teens(client_for):
    """A case about somebody of fourteen, in which each test has wheels of its own."""
    return await a_family_case(client_for("gnesta.school"), years=14)


async def test_a_draft_is_the_units_own_until_it_is_shared(school, maria, case):
    drafted = await a_draft_wheel(school, case)
    unseen = await maria.get(path(drafted))

    seen = await shared(school, drafted)

    assert problem(unseen) == (404, "not-found")
    assert (seen["status"], seen["visibleToGuardians"]) == ("shared_with_family", True)
    shown = await made(await maria.get(path(drafted)))
    assert told(shown)["safe"]["strengths"] == SAFE["strengths"]
    assert "confirmation" in shown["_links"]
    assert shown["openedBy"] == []


async def test_from_thirteen_somebody_decides_what_the_guardians_see(school, teens):
    drafted = await a_draft_wheel(school, teens)

    answer = await school.post(f"{path(drafted)}/sharing", json={})

    assert problem(answer) == (422, "visibility-not-decided")
    assert (await shared(school, drafted, visibleToGuardians=True))["visibleToGuardians"] is True


async def test_what_was_decided_while_it_was_written_holds(school, maria, teens):
    drafted = await a_draft_wheel(school, teens, visibleToGuardians=False)

    assert (await shared(school, drafted))["visibleToGuardians"] is False
    assert problem(await maria.get(path(drafted))) == (404, "not-found")


async def test_where_no_age_is_known_somebody_decides(school):
    case = await a_case(school, await a_child(school, birthDate=None))

    answer = await school.post(f"{path(await a_draft_wheel(school, case))}/sharing")

    assert problem(answer) == (422, "visibility-not-decided")


async def test_a_guardian_of_a_fourteen_year_old_does_not_see_what_is_not_for_guardians(client_for, school, maria):
    case = await a_family_case(school, years=14)
    liam = client_for(await young_person(school, case))
    drafted = await a_draft_wheel(school, case)
    await shared(school, drafted, visibleToGuardians=False)

    for state in ("shared_with_family", "confirmed"):
        if state == "confirmed":
            await confirmed(liam, drafted, confirmedHow="child")
        assert problem(await maria.get(path(drafted))) == (404, "not-found")
        assert problem(await maria.get(f"{path(drafted)}/picture")) == (404, "not-found")
        assert problem(await maria.post(f"{path(drafted)}/confirmation", json={"confirmedHow": "together"})) == (
            404, "not-found"
        )  # fmt: skip
        listed = (await maria.get(f"/wellbeing-assessments?childId={case['child']['id']}")).json()["items"]
        assert listed == []
        shown = await made(await liam.get(path(drafted)))
        assert (shown["status"], told(shown)["safe"]["strengths"]) == (state, SAFE["strengths"])
    history = f"/children/{case['child']['id']}/wellbeing-history"
    assert (await maria.get(history)).json()["voices"] == []
    assert len((await liam.get(history)).json()["voices"]) == 1
    await a_young_person_tells_and_decides_whether_the_guardians_see_it(liam, school, maria, case)


async def a_young_person_tells_and_decides_whether_the_guardians_see_it(liam, school, maria, case):
    undecided = await liam.post("/wellbeing-assessments", json=wheel(case))
    his = await made(await liam.post("/wellbeing-assessments", json=wheel(case, visibleToGuardians=False)))

    assert problem(undecided) == (422, "visibility-not-decided")
    assert problem(await maria.get(path(his))) == (404, "not-found")
    assert (await school.get(path(his))).json()["status"] == "shared_with_family"


async def test_a_guardian_tells_of_its_own_view_and_the_family_sees_it_at_once(client_for, school, maria, teens):
    body = wheel(teens, respondent="guardian", respondentRelation="Mamma")

    hers = await made(await maria.post("/wellbeing-assessments", json=body))

    assert (hers["status"], hers["visibleToGuardians"]) == ("shared_with_family", True)
    assert hers["ownerUnitId"] == teens["ownerUnitId"]
    assert told(await made(await client_for("guardian.two").get(path(hers))))["safe"]["strengths"]
    kept = await confirmed(school, hers)
    assert (kept["status"], kept["confirmedHow"]) == ("confirmed", "together")


async def test_a_wheel_of_the_family_without_a_case_belongs_where_the_child_does(maria, school, case):
    body = {**wheel(case, respondent="guardian"), "caseId": None}

    hers = await made(await maria.post("/wellbeing-assessments", json=body))

    assert (hers["caseId"], hers["ownerUnitId"]) == (None, case["ownerUnitId"])
    assert (await school.get(path(hers))).status_code == 200


async def test_everybody_in_the_family_speaks_for_themselves_and_of_its_own_child_only(client_for, school, maria):
    case, strange = await a_family_case(school), await a_case(school)
    alma = client_for(await young_person(school, case))
    for client, respondents in ((maria, ("child", "professional", "joint")), (alma, ("guardian", "joint"))):
        for respondent in respondents:
            answer = await client.post("/wellbeing-assessments", json=wheel(case, respondent=respondent))
            assert problem(answer) == (422, "speaks-for-itself")

    for client, respondent in ((maria, "guardian"), (alma, "child")):
        for case_id in (strange["id"], None):
            body = wheel(strange, respondent=respondent, caseId=case_id)
            assert problem(await client.post("/wellbeing-assessments", json=body)) == (404, "not-found")


async def test_a_family_confirms_and_neither_edits_nor_shares(school, maria, case):
    drafted = await shared(school, await a_draft_wheel(school, case))

    edit = await maria.patch(path(drafted), json={"setting": "Hemma"}, headers={"if-match": f'"v{drafted["version"]}"'})
    share = await maria.post(f"{path(drafted)}/sharing", json={"visibleToGuardians": True})
    kept = await confirmed(maria, drafted, confirmedHow="family_member")

    assert problem(edit) == problem(share) == (403, "forbidden")
    assert (kept["status"], kept["confirmedHow"]) == ("confirmed", "family_member")


async def test_a_guardian_corrects_its_own_wheel_and_no_other(school, maria, case):
    hers = await made(await maria.post("/wellbeing-assessments", json=wheel(case, respondent="guardian")))
    await confirmed(maria, hers, confirmedHow="family_member")
    schools = await a_confirmed_wheel(school, case)
    body = wheel(case, respondent="guardian", correctionReason="Jag skrev fel.")

    corrected = await made(await maria.post("/wellbeing-assessments", json={**body, "supersedesId": hers["id"]}))
    await confirmed(maria, corrected, confirmedHow="family_member")
    other = await maria.post("/wellbeing-assessments", json={**body, "supersedesId": schools["id"]})

    assert (await maria.get(path(hers))).json()["status"] == "superseded"
    assert problem(other) == (403, "forbidden")


async def test_who_has_not_been_shown_what_is_corrected_does_not_confirm_the_correction(school, maria, teens):
    first = await shared(school, await a_draft_wheel(school, teens), visibleToGuardians=False)
    await confirmed(school, first)
    body = {"supersedesId": first["id"], "correctionReason": "Fel dag.", "entries": entries(safe=SAFE)}
    second = await shared(school, await a_draft_wheel(school, teens, **body), visibleToGuardians=True)

    answer = await maria.post(f"{path(second)}/confirmation", json={"confirmedHow": "family_member"})

    assert problem(answer) == (409, "earlier-not-shown")
    assert (await school.get(path(second))).json()["status"] == "shared_with_family"
    assert (await confirmed(school, second))["status"] == "confirmed"


async def test_what_a_youth_clinic_writes_is_not_for_guardians_unless_it_says_so(client_for):
    clinic = client_for("region.youthclinic")
    case = await a_case(clinic, await a_child(clinic, birthDate=born(12)), contact="region.youthclinic")

    assert (await shared(clinic, await a_draft_wheel(clinic, case)))["visibleToGuardians"] is False


async def test_a_stranger_in_the_family_roles_finds_nothing(client_for, school, case):
    kept = await a_confirmed_wheel(school, case)
    subject = f"young-{uuid4().hex}"
    other = await a_child(school)
    await made(await school.post(f"/children/{other['id']}/account", json={"subject": subject}))

    for address in (path(kept), f"{path(kept)}/picture", f"/children/{kept['childId']}/wellbeing-history"):
        assert problem(await client_for(subject).get(address)) == (404, "not-found")
