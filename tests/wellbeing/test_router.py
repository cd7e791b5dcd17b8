"""Wheels over HTTP: written, changed, shown to the family, confirmed, corrected, drawn."""

from datetime import timedelta
from uuid import uuid4
from xml.etree import ElementTree

import psycopg
import pytest

from tests.builders import a_case, a_child, invited, made, problem
from tests.wellbeing.steps import (
    OFTEN,
    PLAIN,
    SAFE,
    a_confirmed_wheel,
    a_draft_wheel,
    a_family_case,
    confirmed,
    entries,
    path,
    shared,
    told,
    wheel,
)
from tests.wheel_templates.steps import a_template, proposal

pytestmark = pytest.mark.database


@pytest.fixture
def school(client_for):
    return client_for("gnesta.school")


@pytest.fixture(scope="module")
async def case(client_for):
    """A case of the school with another school in it, in which each test has wheels of its own."""
    school = client_for("gnesta.school")
    case = await a_family_case(school)
    await invited(school, case, "gnesta-skola-2")
    return case


@pytest.fixture(scope="module")
async def draft(client_for, case):
    """A draft for those who are refused."""
    return await a_draft_wheel(client_for("gnesta.school"), case)


@pytest.fixture(scope="module")
async def kept(client_for, case):
    """A confirmed wheel for those who read it, and for those who are refused."""
    return await a_confirmed_wheel(client_for("gnesta.school"), case)


async def refused(client, case, **fields):
    return problem(await client.post("/wellbeing-assessments", json=wheel(case, **fields)))


@pytest.mark.rule("R6.1")
async def test_a_wheel_holds_all_eight_and_what_was_not_discussed_is_not_zero(school, case):
    answer = await school.post("/wellbeing-assessments", json=wheel(case))

    drafted = answer.json()
    assert (answer.status_code, drafted["status"], drafted["template"]["id"]) == (201, "draft", PLAIN)
    assert len(drafted["entries"]) == 8
    assert told(drafted)["safe"]["label"] == "Trygg"
    assert told(drafted)["active"] == {
        "dimension": "active", "withheld": False, "label": "Aktiv", "strengths": [], "challenges": [], "ownWords": [],
        "scaleValue": None, "scaleLabel": None, "notDiscussed": True,
    }  # fmt: skip
    assert drafted["hopes"]["notDiscussed"] is True
    assert {"edit", "sharing", "picture", "case", "child"} <= drafted["_links"].keys()
    assert (await school.get(path(drafted))).json() == drafted


@pytest.mark.rule("R6.1")
async def test_a_missing_dimension_is_told_by_name(school, case):
    answer = await school.post("/wellbeing-assessments", json=wheel(case, entries=entries()[1:]))

    assert problem(answer) == (422, "dimensions-missing")
    assert "safe" in answer.json()["detail"]


@pytest.mark.rule("R6.1")
async def test_what_was_not_discussed_holds_nothing_else(school, case):
    assert await refused(school, case, entries=entries(safe={**SAFE, "notDiscussed": True})) == (
        422, "discussed-or-not"
    )  # fmt: skip
    assert await refused(school, case, entries=entries(safe={})) == (422, "discussed-or-not")


async def test_a_dimension_is_told_once_and_hopes_stand_by_themselves(school, case):
    for extra in ("safe", "hopes"):
        body = wheel(case, entries=[*entries()[:7], {"dimension": extra, "notDiscussed": True}])
        assert problem(await school.post("/wellbeing-assessments", json=body)) == (422, "validation-failed")


@pytest.mark.rule("R6.2")
@pytest.mark.parametrize(("template", "value"), [(OFTEN, 0), (OFTEN, 5), (PLAIN, 1)])
async def test_a_value_is_on_the_scale_of_the_template(school, case, template, value):
    said = entries(safe={"scaleValue": value})

    assert await refused(school, case, templateId=template, entries=said) == (
        422, "scale-value-outside"
    )  # fmt: skip


@pytest.mark.rule("R6.2")
async def test_a_step_has_its_word(school, case):
    drafted = await a_draft_wheel(school, case, templateId=OFTEN, entries=entries(safe={"scaleValue": 3}))

    assert (told(drafted)["safe"]["scaleValue"], told(drafted)["safe"]["scaleLabel"]) == (3, "ofta")


async def test_a_wheel_is_made_with_a_published_template(client_for, school, case):
    admin = client_for("sys.admin")
    drafted = await made(await admin.post("/wheel-templates", json=proposal()))
    for template_id in (drafted["id"], str(uuid4())):
        assert await refused(school, case, templateId=template_id) == (422, "template-not-usable")


async def test_a_template_that_is_no_longer_current_can_still_be_used(client_for, school, case):
    first = await a_template(client_for("sys.admin"))
    await a_template(client_for("sys.admin"), code=first["code"])

    assert (await a_draft_wheel(school, case, templateId=first["id"]))["status"] == "draft"


async def test_hopes_are_told_where_the_template_asks(client_for, school, case):
    hopes = {"ownWords": [{"text": "Att få en kompis."}]}
    without = await a_template(client_for("sys.admin"), hopes=None)

    drafted = await a_draft_wheel(school, case, hopes=hopes)

    assert drafted["hopes"]["ownWords"] == [{"text": "Att få en kompis.", "quote": True}]
    assert await refused(school, case, templateId=without["id"], hopes=hopes) == (422, "template-has-no-hopes")
    assert (await a_draft_wheel(school, case, templateId=without["id"]))["hopes"] is None


async def test_a_conversation_is_not_in_the_future(school, clock, case):
    tomorrow = (clock.now() + timedelta(days=2)).date().isoformat()

    assert await refused(school, case, heldOn=tomorrow) == (422, "held-in-the-future")


async def test_the_case_is_about_the_child(school, case):
    other = await a_child(school)

    assert await refused(school, case, childId=other["id"]) == (422, "wheel-of-another-child")


async def test_a_wheel_without_a_case_belongs_to_the_child(client_for, school):
    child = await a_child(school)
    body = {**wheel({"child": child, "id": None}), "caseId": None}

    drafted = await made(await school.post("/wellbeing-assessments", json=body))

    assert (drafted["caseId"], drafted["childId"]) == (None, child["id"])
    for stranger in ("gnesta.social", "region.bup"):
        assert problem(await client_for(stranger).post("/wellbeing-assessments", json=body)) == (404, "not-found")
        assert problem(await client_for(stranger).get(path(drafted))) == (404, "not-found")


@pytest.mark.rule("R6.7")
async def test_own_words_come_back_byte_for_byte(school, case):
    words = ["  jag e rädd för  ”stora” Kalle \t\n\n…å så !  ", "<b>&quot; 🙂 e\u0301", " "]
    own = [{"text": text, "quote": place != 1} for place, text in enumerate(words)]
    drafted = await a_draft_wheel(school, case, entries=entries(safe={**SAFE, "ownWords": own}))
    kept = await confirmed(school, await shared(school, drafted))

    assert told(kept)["safe"]["ownWords"] == own
    read = (await school.get(path(kept))).json()
    assert [one["text"].encode() for one in told(read)["safe"]["ownWords"]] == [text.encode() for text in words]


async def test_a_dimension_that_is_given_is_replaced_and_the_others_stay(school, case):
    drafted = await a_draft_wheel(school, case)
    version = {"if-match": f'"v{drafted["version"]}"'}
    change = {"setting": "Hemma", "entries": [{"dimension": "safe", "challenges": ["Rädd på rasten"]}],
              "hopes": {"strengths": ["Vill vidare"]}}  # fmt: skip

    changed = await made(await school.patch(path(drafted), json=change, headers=version))

    assert (changed["setting"], changed["respondent"], changed["version"]) == ("Hemma", "child", drafted["version"] + 1)
    assert (told(changed)["safe"]["strengths"], told(changed)["safe"]["challenges"]) == ([], ["Rädd på rasten"])
    assert told(changed)["achieving"] == told(drafted)["achieving"]
    assert changed["hopes"]["strengths"] == ["Vill vidare"]


async def test_a_change_of_one_entry_is_a_new_version_of_the_wheel(school, case):
    drafted = await a_draft_wheel(school, case)
    version = {"if-match": f'"v{drafted["version"]}"'}
    change = {"entries": [{"dimension": "active", "strengths": ["Simmar"]}]}

    first = await school.patch(path(drafted), json=change, headers=version)
    late = await school.patch(path(drafted), json=change, headers=version)

    assert (first.status_code, problem(late)) == (200, (412, "precondition-failed"))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"entries": [{"dimension": "safe"}]}, "discussed-or-not"),
        ({"entries": [{"dimension": "safe", "scaleValue": 1}]}, "scale-value-outside"),
        ({"heldOn": "2999-01-01"}, "held-in-the-future"),
        ({"entries": [{"dimension": "hopes", "notDiscussed": True}]}, "validation-failed"),
    ],
)
async def test_a_change_keeps_the_rules(school, draft, change, code):
    answer = await school.patch(path(draft), json=change, headers={"if-match": f'"v{draft["version"]}"'})

    assert problem(answer) == (422, code)


async def test_only_a_draft_is_changed(school, case):
    seen = await shared(school, await a_draft_wheel(school, case))

    answer = await school.patch(path(seen), json={"setting": "Hemma"}, headers={"if-match": f'"v{seen["version"]}"'})

    assert problem(answer) == (409, "impossible-in-this-state")
    assert "edit" not in seen["_links"]


async def test_a_colleague_in_another_unit_changes_nothing(client_for, kept):
    other = client_for("gnesta.otherschool")

    assert told((await other.get(path(kept))).json())["safe"]["strengths"] == SAFE["strengths"]
    assert problem(await other.post(f"{path(kept)}/sharing")) == (403, "forbidden")
    assert (await other.get(path(kept))).json()["_links"].keys().isdisjoint({"edit", "sharing", "confirmation"})


@pytest.mark.rule("R6.6")
async def test_a_wheel_without_a_strength_needs_a_reason(school, case):
    drafted = await a_draft_wheel(school, case, entries=entries(safe={"challenges": ["Rädd"]}))
    await shared(school, drafted)

    bare = await school.post(f"{path(drafted)}/confirmation", json={"confirmedHow": "together"})
    kept = await confirmed(school, drafted, noStrengthReason="Samtalet fick avbrytas.")

    assert problem(bare) == (422, "strength-or-reason")
    assert (kept["status"], kept["noStrengthReason"]) == ("confirmed", "Samtalet fick avbrytas.")


async def test_what_the_family_has_not_seen_is_not_confirmed(school, draft):
    answer = await school.post(f"{path(draft)}/confirmation", json={"confirmedHow": "together"})

    assert problem(answer) == (409, "impossible-in-this-state")


async def test_a_correction_takes_the_place_of_what_it_corrects(school, case):
    first = await a_confirmed_wheel(school, case)
    correction = {"supersedesId": first["id"], "correctionReason": "Fel dimension."}

    second = await a_draft_wheel(school, case, entries=entries(active=SAFE), **correction)
    before = (await school.get(path(first))).json()
    await confirmed(school, await shared(school, second))
    after = (await school.get(path(first))).json()

    assert (before["status"], before["supersededById"]) == ("confirmed", None)
    assert (after["status"], after["supersededById"]) == ("superseded", second["id"])
    assert after["entries"] == first["entries"]
    again = await refused(school, case, **correction)
    assert again == (409, "only-confirmed-is-corrected")


async def test_a_correction_is_of_a_wheel_in_the_same_place_and_has_a_reason(school, case, kept):
    elsewhere = await a_case(school)
    reason = {"correctionReason": "Fel."}

    assert await refused(school, elsewhere, supersedesId=kept["id"], **reason) == (422, "unknown-reference")
    assert await refused(school, case, supersedesId=str(uuid4()), **reason) == (422, "unknown-reference")
    assert await refused(school, case, supersedesId=kept["id"]) == (422, "validation-failed")


async def test_a_wheel_is_corrected_by_whoever_made_it(client_for, case, kept):
    answer = await refused(
        client_for("gnesta.otherschool"), case, supersedesId=kept["id"], correctionReason="Vi ser det annorlunda."
    )

    assert answer == (403, "forbidden")


async def test_a_confirmed_wheel_is_final_in_the_database_itself(kept, owner_db):
    for statement in (
        "update wellbeing_assessments set setting = 'Annat' where id = %s",
        "update wellbeing_assessments set status = 'draft' where id = %s",
        "update wellbeing_assessments set status = 'superseded', no_strength_reason = 'x' where id = %s",
        "update wellbeing_entries set strengths = '{}' where assessment_id = %s",
        "update wellbeing_entries set open_to = '{}' where assessment_id = %s",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="final"), owner_db.transaction():
            owner_db.execute(statement, [kept["id"]])
    assert owner_db.execute(
        "update wellbeing_assessments set status = 'superseded', version = version + 1 where id = %s", [kept["id"]]
    ).rowcount == 1  # fmt: skip


async def test_wheels_are_listed_by_child_case_respondent_and_status(school):
    case = await a_family_case(school)
    drafted = await a_draft_wheel(school, case, respondent="professional")
    kept = await a_confirmed_wheel(school, case)
    everything = f"/wellbeing-assessments?childId={case['child']['id']}"

    found = (await school.get(f"{everything}&includeTotal=true")).json()

    assert [item["id"] for item in found["items"]] == [kept["id"], drafted["id"]]
    assert found["_meta"]["totalRecords"] == 2
    assert "entries" not in found["items"][0]
    for term, wanted in (
        (f"caseId={case['id']}&limit=1", kept), ("respondent=professional", drafted), ("status=confirmed", kept)
    ):  # fmt: skip
        items = (await school.get(f"{everything}&{term}")).json()["items"]
        assert [item["id"] for item in items] == [wanted["id"]], term
    following = (await school.get(f"{everything}&limit=1")).json()["_links"]["next"]["href"]
    assert [item["id"] for item in (await school.get(following)).json()["items"]] == [drafted["id"]]


async def test_nothing_that_was_said_can_be_searched(school):
    answer = await school.get("/wellbeing-assessments?strengths=mormor")

    assert problem(answer) == (400, "search-not-allowed")


@pytest.mark.rule("R2.5")
async def test_a_protected_child_is_not_listed_needs_a_reason_and_has_no_place(client_for, school):
    case = await a_family_case(school)
    await invited(school, case, "gnesta-skola-2")
    kept = await a_confirmed_wheel(school, case)
    child = await school.get(f"/children/{case['child']['id']}")
    shield = {"protectedIdentity": "sekretessmarkering"}
    await made(await school.patch(child.url, json=shield, headers={"if-match": child.headers["etag"]}))
    other = client_for("gnesta.otherschool")

    for client in (school, other):
        listed = (await client.get(f"/wellbeing-assessments?childId={case['child']['id']}")).json()["items"]
        assert listed == []
        assert problem(await client.get(path(kept))) == (403, "checkpoint-required")
        assert problem(await client.get(f"{path(kept)}/picture")) == (403, "checkpoint-required")
        assert problem(await client.get(f"{child.url}/wellbeing-history")) == (403, "checkpoint-required")
        await made(await client.post(f"{child.url}/checkpoints", json={"reason": "Uppföljning i dag."}))

    own, shown = (await school.get(path(kept))).json(), (await other.get(path(kept))).json()
    assert own["setting"] == "På skolan, med mentorn"
    assert [shown[name] for name in ("setting", "ownerUnitId", "ownerUnitName")] == [None] * 3
    assert "mentorn" not in (await other.get(f"{path(kept)}/picture")).text
    family = (await client_for("guardian.one").get(f"/wellbeing-assessments?childId={case['child']['id']}")).json()
    assert [(item["id"], item["setting"]) for item in family["items"]] == [(kept["id"], None)]


async def test_a_wheel_is_a_picture_too(school, case):
    drafted = await a_draft_wheel(school, case, hopes={"strengths": ["Börja i <fotbollen> & vinna"]})

    answer = await school.get(f"{path(drafted)}/picture", headers={"accept-language": "sv"})

    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    root = ElementTree.fromstring(answer.text)
    words = " ".join(root.itertext())
    assert root.tag.endswith("svg")
    for text in ("Trygg hos mormor", "Hos mormor är det lugnt.", "Svårt att börja läsa", "Börja i <fotbollen> & vinna"):
        assert text in words
    english = await school.get(f"{path(drafted)}/picture", headers={"accept-language": "en"})
    assert english.text != answer.text
    again = await school.get(f"{path(drafted)}/picture", headers={"if-none-match": english.headers["etag"]})
    assert again.status_code == 304


async def test_looks_and_changes_are_in_the_log(client_for, school, case, kept):
    await school.get(path(kept))

    log = (await client_for("gnesta.logreviewer").get(f"/cases/{case['id']}/access-log?limit=200")).json()["items"]

    assert {
        ("createWellbeingAssessment", "change"), ("shareWellbeingAssessment", "change"),
        ("confirmWellbeingAssessment", "change"), ("getWellbeingAssessment", "look"),
    } <= {(entry["action"], entry["kind"]) for entry in log if entry["objectId"] == kept["id"]}  # fmt: skip
