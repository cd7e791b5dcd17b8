"""A child's wheels over time: each voice for itself, in words."""

from xml.etree import ElementTree

import pytest

from tests.builders import invited, made
from tests.wellbeing.steps import (
    OFTEN,
    PLAIN,
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
from tests.wheel_templates.steps import a_template

pytestmark = pytest.mark.database

BEFORE = {"heldOn": "2026-01-12", "entries": entries(safe={"challenges": ["Rädd på rasten"]})}
AFTER = {"heldOn": "2026-02-23", "entries": entries(safe={"strengths": ["Har en kompis på rasten"]})}


@pytest.fixture
def school(client_for):
    return client_for("gnesta.school")


def history_of(case):
    return f"/children/{case['child']['id']}/wellbeing-history"


async def weak(client, case, **fields):
    """A confirmed wheel without a strength."""
    drafted = await shared(client, await a_draft_wheel(client, case, **fields))
    return await confirmed(client, drafted, noStrengthReason="Samtalet gällde rasten.")


@pytest.mark.rule("R6.5")
async def test_change_is_read_in_the_words_of_both_times(school):
    case = await a_family_case(school)
    after = await a_confirmed_wheel(school, case, **AFTER)
    before = await weak(school, case, **BEFORE)

    answer = await made(await school.get(history_of(case)))

    (voice,) = answer["voices"]
    assert [moment["assessmentId"] for moment in voice["moments"]] == [before["id"], after["id"]]
    assert [(told(moment)["safe"]["challenges"], told(moment)["safe"]["strengths"]) for moment in voice["moments"]] == [
        (["Rädd på rasten"], []), ([], ["Har en kompis på rasten"])
    ]  # fmt: skip
    assert {moment["templateId"] for moment in voice["moments"]} == {PLAIN}
    assert answer["templates"][0]["dimensions"][0]["label"] == "Trygg"


@pytest.mark.rule("R6.4")
async def test_several_respondents_stand_side_by_side(client_for, school):
    case, maria, johan = await a_family_case(school), client_for("guardian.one"), client_for("guardian.two")
    await a_confirmed_wheel(school, case)
    await a_confirmed_wheel(school, case, respondent="professional", respondentRelation="Mentor")
    for guardian, relation in ((maria, "Mamma"), (johan, "Pappa")):
        body = wheel(case, respondent="guardian", respondentRelation=relation)
        await confirmed(guardian, await made(await guardian.post("/wellbeing-assessments", json=body)))

    voices = (await school.get(history_of(case))).json()["voices"]

    assert [(voice["respondent"], voice["respondentRelation"], len(voice["moments"])) for voice in voices] == [
        ("child", None, 1), ("professional", "Mentor", 1), ("guardian", "Mamma", 1), ("guardian", "Pappa", 1)
    ]  # fmt: skip
    chosen = (await school.get(f"{history_of(case)}?respondent=child&respondent=professional")).json()["voices"]
    assert [voice["respondent"] for voice in chosen] == ["child", "professional"]

    await invited(school, case, "gnesta-skola-2")
    other = client_for("gnesta.otherschool")
    await a_confirmed_wheel(other, case, respondent="professional", respondentRelation="Mentor")
    seen_by_the_family = (await maria.get(f"{history_of(case)}?respondent=professional")).json()["voices"]
    assert [len(voice["moments"]) for voice in seen_by_the_family] == [1, 1], (
        "professionals of two units are two voices"
    )


@pytest.mark.rule("R6.5")
async def test_a_change_of_template_is_a_break_unless_it_maps(client_for, school):
    admin, case = client_for("sys.admin"), await a_family_case(school)
    unmapped = await a_template(admin)
    later = await a_template(admin, code=unmapped["code"], mapsFromId=unmapped["id"])
    for day, template_id in enumerate((PLAIN, OFTEN, unmapped["id"], later["id"]), start=1):
        await a_confirmed_wheel(school, case, heldOn=f"2026-02-0{day}", templateId=template_id)

    answer = (await school.get(history_of(case))).json()

    moments = answer["voices"][0]["moments"]
    assert [moment["comparable"] for moment in moments] == [True, True, False, True]
    assert {one["id"] for one in answer["templates"]} == {PLAIN, OFTEN, unmapped["id"], later["id"]}
    only = (await school.get(f"{history_of(case)}?templateCode={unmapped['code']}")).json()["voices"][0]["moments"]
    assert [moment["templateId"] for moment in only] == [unmapped["id"], later["id"]]


async def test_only_what_is_confirmed_and_not_corrected_is_history_and_a_look_at_it_is_logged(client_for, school):
    case = await a_family_case(school)
    first = await a_confirmed_wheel(school, case)
    await a_draft_wheel(school, case)
    await shared(school, await a_draft_wheel(school, case))
    second = await a_confirmed_wheel(school, case, supersedesId=first["id"], correctionReason="Fel ord.")

    voices = (await school.get(history_of(case))).json()["voices"]

    assert [moment["assessmentId"] for moment in voices[0]["moments"]] == [second["id"]]
    log = (await client_for("gnesta.logreviewer").get(f"/cases/{case['id']}/access-log?limit=200")).json()["items"]
    assert second["id"] in [entry["objectId"] for entry in log if entry["action"] == "getWellbeingHistory"]
    assert (await school.get(path(second))).status_code == 200


async def test_a_history_is_a_picture_too(school):
    case = await a_family_case(school)
    empty = await school.get(f"{history_of(case)}/picture")
    await weak(school, case, **BEFORE)
    await a_confirmed_wheel(school, case, **AFTER)
    steps = entries(safe={"strengths": ["Har två kompisar"], "scaleValue": 3})
    await a_confirmed_wheel(school, case, templateId=OFTEN, heldOn="2026-03-01", entries=steps)

    answer = await school.get(f"{history_of(case)}/picture", headers={"accept-language": "sv"})

    assert (empty.status_code, answer.status_code, answer.headers["content-type"]) == (200, 200, "image/svg+xml")
    words = " ".join(ElementTree.fromstring(answer.text).itertext())
    for text in ("Rädd på rasten", "Har en kompis på rasten", "Har två kompisar", "ofta", "förslag"):
        assert text in words
