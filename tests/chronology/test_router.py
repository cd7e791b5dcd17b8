"""The chronology over HTTP."""

import pytest

from tests.builders import a_case, a_child_with_two_guardians, a_consent, invited, made

pytestmark = pytest.mark.database

EVENT = {
    "occurredOn": "2026-02-02",
    "eventType": "school",
    "text": "Stannade hemma i två veckor.",
    "impact": "negative",
}


@pytest.fixture
def school(client_for):
    return client_for("gnesta.school")


async def test_the_chronology_is_the_union_of_what_the_viewer_may_see(client_for, school):
    case = await a_case(school, await a_child_with_two_guardians(school))
    await invited(school, case, "gnesta-ifo")
    await a_consent(school, case, ["gnesta-ifo"], ["plan", "contact"], answered=True)
    social = client_for("gnesta.social")
    events = f"/cases/{case['id']}/chronology-events"
    await made(await school.post(events, json=EVENT))
    shared = await made(await school.post(events, json={**EVENT, "category": "plan", "text": "Vi gör en plan."}))
    own = await made(await social.post(events, json={**EVENT, "eventType": "contact", "text": "Samtal hemma."}))

    seen_by_school = (await school.get(f"/cases/{case['id']}/chronology")).json()["items"]
    seen_by_social = (await social.get(f"/cases/{case['id']}/chronology")).json()["items"]

    assert [event["text"] for event in seen_by_school] == ["Stannade hemma i två veckor.", "Vi gör en plan."]
    assert [event["id"] for event in seen_by_social] == [shared["id"], own["id"]]
    assert own["category"] == "social"


async def test_a_unit_writes_in_its_own_category(school):
    case = await a_case(school)

    answer = await school.post(f"/cases/{case['id']}/chronology-events", json={**EVENT, "category": "health"})

    assert (answer.status_code, answer.json()["code"]) == (422, "category-not-yours")


@pytest.mark.rule("R3.8")
async def test_a_corrected_event_shows_that_it_was_and_what_it_said(school):
    case = await a_case(school)
    made_event = await school.post(f"/cases/{case['id']}/chronology-events", json=EVENT)
    path = f"/cases/{case['id']}/chronology-events/{made_event.json()['id']}"

    corrected = await school.patch(
        path,
        json={"text": "Stannade hemma i tre veckor.", "correctionReason": "Fel antal veckor."},
        headers={"if-match": made_event.headers["etag"]},
    )

    assert (corrected.json()["text"], corrected.json()["corrected"]) == ("Stannade hemma i tre veckor.", True)
    versions = (await school.get(f"{path}/versions")).json()["items"]
    assert [(version["earlier"], version["reason"]) for version in versions] == [
        ({"text": "Stannade hemma i två veckor."}, "Fel antal veckor.")
    ]


async def test_an_event_is_corrected_by_its_owner_only(client_for, school):
    case = await a_case(school)
    await invited(school, case, "gnesta-skola-2")
    event = await school.post(f"/cases/{case['id']}/chronology-events", json=EVENT)
    path = f"/cases/{case['id']}/chronology-events/{event.json()['id']}"

    answer = await client_for("gnesta.otherschool").patch(
        path, json={"text": "Nej.", "correctionReason": "Inte så."}, headers={"if-match": event.headers["etag"]}
    )

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_an_event_is_not_a_case_note(school):
    case = await a_case(school)

    answer = await school.post(f"/cases/{case['id']}/chronology-events", json={**EVENT, "text": "x" * 1001})

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "string-too-long")


async def test_an_event_does_not_end_before_it_begins(school):
    case = await a_case(school)

    answer = await school.post(f"/cases/{case['id']}/chronology-events", json={**EVENT, "endedOn": "2026-01-01"})

    assert (answer.status_code, answer.json()["code"]) == (422, "validation-failed")
