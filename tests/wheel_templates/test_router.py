"""Templates of the wheel over HTTP."""

from uuid import uuid4

import pytest

from app.wheel_templates.models import THE_EIGHT
from tests.builders import made
from tests.wheel_templates.steps import a_template, proposal

pytestmark = pytest.mark.database

SEED = "00000004-0006-7000-a000-000000000001"


@pytest.fixture
def admin(client_for):
    return client_for("sys.admin")


async def test_the_proposed_words_are_there_from_the_beginning_and_marked_unverified(client_for):
    answer = await client_for("guardian.one").get("/wheel-templates?code=sormland&status=published&includeTotal=true")

    found = answer.json()
    assert found["_meta"]["totalRecords"] == 3
    assert {(one["locale"], one["number"], one["scale"], one["labelsVerified"]) for one in found["items"]} == {
        ("sv", 1, "none", False), ("sv", 2, "frequency_4", False), ("en", 1, "none", False)
    }  # fmt: skip
    for one in found["items"]:
        assert [words["dimension"] for words in one["dimensions"]] == list(THE_EIGHT)
        assert all(words["helpText"] and words["childText"] for words in (*one["dimensions"], one["hopes"]))
        assert one["note"]
        assert one["current"]
    english = (await client_for("guardian.one").get("/wheel-templates?locale=en")).json()["items"]
    assert "Safe" in [words["label"] for one in english for words in one["dimensions"]]


async def test_a_version_is_proposed_changed_and_published(admin):
    draft = await admin.post("/wheel-templates", json=proposal())
    address = f"/wheel-templates/{draft.json()['id']}"
    words = {"scale": "frequency_4", "scaleLabels": ["aldrig", "ibland", "ofta", "alltid"], "labelsVerified": True}

    changed = await admin.patch(address, json=words, headers={"if-match": draft.headers["etag"]})
    published = await admin.post(f"{address}/publication")

    assert (draft.status_code, draft.json()["number"], draft.json()["status"]) == (201, 1, "draft")
    assert {"edit", "publication"} <= draft.json()["_links"].keys()
    assert changed.json()["scaleLabels"] == words["scaleLabels"]
    assert (published.json()["status"], published.json()["current"]) == ("published", True)
    assert not {"edit", "publication"} & published.json()["_links"].keys()
    assert (await admin.get(address)).json() == published.json()


async def test_a_published_version_does_not_change(admin):
    template = await a_template(admin)
    address = f"/wheel-templates/{template['id']}"

    changed = await admin.patch(address, json={"note": "Nytt."}, headers={"if-match": f'"v{template["version"]}"'})
    again = await admin.post(f"{address}/publication")

    assert (changed.status_code, changed.json()["code"]) == (409, "template-is-published")
    assert (again.status_code, again.json()["code"]) == (409, "template-is-published")


async def test_a_later_version_is_the_current_one_and_the_earlier_stays(admin):
    first = await a_template(admin)
    later = await a_template(admin, code=first["code"], mapsFromId=first["id"])
    other_scale = await a_template(
        admin, code=first["code"], scale="one_to_five", scaleLabels=["ett", "två", "tre", "fyra", "fem"]
    )

    shown = (await admin.get(f"/wheel-templates?code={first['code']}&sortOrder=asc")).json()["items"]

    assert [(one["number"], one["status"], one["current"]) for one in shown] == [
        (1, "published", False), (2, "published", True), (3, "published", True)
    ]  # fmt: skip
    assert later["_links"]["maps-from"]["href"].endswith(first["id"])
    assert other_scale["scale"] == "one_to_five"


async def test_a_version_is_taken_out_of_use(admin):
    first = await a_template(admin)
    later = await a_template(admin, code=first["code"])

    retired = await admin.post(f"/wheel-templates/{later['id']}/retirement", json={"reason": "Orden missförstås."})
    again = await admin.post(f"/wheel-templates/{later['id']}/retirement", json={"reason": "Igen."})

    assert (retired.status_code, retired.json()["status"], retired.json()["current"]) == (201, "retired", False)
    assert (await admin.get(f"/wheel-templates/{first['id']}")).json()["current"] is True
    assert (again.status_code, again.json()["code"]) == (409, "impossible-in-this-state")


@pytest.mark.rule("R6.1")
async def test_seven_dimensions_are_no_wheel(admin):
    answer = await admin.post("/wheel-templates", json=proposal(dimensions=proposal()["dimensions"][:7]))

    assert (answer.status_code, answer.json()["code"]) == (422, "not-the-eight-dimensions")


@pytest.mark.rule("R6.2")
async def test_a_scale_has_a_label_for_each_step(admin):
    answer = await admin.post("/wheel-templates", json=proposal(scale="frequency_4", scaleLabels=["aldrig"]))

    assert (answer.status_code, answer.json()["code"]) == (422, "scale-labels-do-not-fit")


async def test_a_version_maps_from_what_is_published(admin):
    draft = await made(await admin.post("/wheel-templates", json=proposal()))
    for origin in (draft["id"], str(uuid4())):
        answer = await admin.post("/wheel-templates", json=proposal(mapsFromId=origin))
        assert (answer.status_code, answer.json()["code"]) == (422, "unknown-reference")


async def test_a_practitioner_proposes_nothing(client_for):
    school = client_for("gnesta.school")
    version = {"if-match": '"v1"'}

    refused = [
        await school.post("/wheel-templates", json=proposal()),
        await school.patch(f"/wheel-templates/{SEED}", json={"note": "Nej."}, headers=version),
        await school.post(f"/wheel-templates/{SEED}/publication"),
    ]

    assert {(answer.status_code, answer.json()["code"]) for answer in refused} == {(403, "forbidden")}
    assert (await school.get(f"/wheel-templates/{SEED}")).json()["_links"].keys() == {"self"}


async def test_an_unknown_template_is_not_there(admin):
    address = f"/wheel-templates/{uuid4()}"
    for answer in (await admin.get(address), await admin.post(f"{address}/publication")):
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
