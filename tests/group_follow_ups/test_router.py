"""Follow-ups over HTTP: asked of three each year and after the end, and each reads what is theirs to read."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import made, problem
from tests.group_places.steps import a_led_group, a_place, a_young_child, due_of, end, seen
from tests.group_queues.steps import a_vingaker_child

pytestmark = [pytest.mark.database, pytest.mark.rule("R11.7")]

YEARLY, AFTER_END = "place_follow_up", "place_follow_up_after_end"
NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def manager(client_for):
    return client_for("vingaker.manager")


@pytest.fixture(scope="module")
def leader(client_for):
    return client_for("vingaker.leader")


@pytest.fixture(scope="module")
def mother(client_for):
    return client_for("guardian.one")


@pytest.fixture(scope="module")
def youth(client_for):
    return client_for("youth.one")


@pytest.fixture
async def group(manager):
    return await a_led_group(manager)


async def say(client, place, occasion="yearly", **body):
    answer = {} if "notInterviewedReason" in body or "scale" in body else {"text": "Det går bra."}
    return await client.post(f"/places/{place['id']}/follow-ups", json={"occasion": occasion, **answer, **body})


async def heard(client, place):
    return [item["respondent"] for item in (await made(await client.get(f"/places/{place['id']}/follow-ups")))["items"]]


async def test_three_are_asked_each_year_and_within_ninety_days_of_the_end(
    manager, leader, mother, youth, group, clock
):
    clock.set(NOW)
    place = await a_place(manager, group, await a_young_child(manager))
    assert (await due_of(manager, place))[YEARLY] == "2027-09-01T22:00:00Z"
    clock.set(datetime(2027, 8, 20, 8, tzinfo=UTC))

    await made(await say(mother, place, scale=4))
    await made(await say(manager, place, respondent="leader", notInterviewedReason="Sjukskriven."))
    assert (await seen(manager, place))["heardRespondents"] == ["guardian", "leader"]
    assert (await due_of(manager, place))[YEARLY] == "2027-09-01T22:00:00Z"
    await made(await say(youth, place, text="Jag har fått en vän."))
    assert (await due_of(manager, place))[YEARLY] == "2028-08-20T22:00:00Z"
    assert problem(await say(mother, place, "after_end")) == (409, "occasion-does-not-fit")

    await made(await end(mother, place, lastOn="2027-08-31"))
    assert await due_of(manager, place) == {AFTER_END: "2027-11-29T23:00:00Z"}
    for occasion in ("yearly", "after_end"):
        assert problem(await say(leader, place, occasion)) == (409, "occasion-does-not-fit")
    clock.set(datetime(2027, 9, 20, 8, tzinfo=UTC))
    for client in (leader, youth, mother):
        assert (await seen(manager, place))["status"] == "ended"
        await made(await say(client, place, "after_end"))
    assert (await seen(manager, place))["status"] == "followed_up"
    assert await due_of(manager, place) == {}
    assert problem(await say(mother, place, "after_end")) == (409, "occasion-does-not-fit")
    await made(await say(mother, place, "extra"))


async def test_below_seven_a_child_need_not_be_asked(manager, leader, mother, group, clock):
    clock.set(NOW)
    place = await a_place(manager, group, await a_vingaker_child(manager, birthDate="2020-05-06"))
    await made(await say(leader, place))
    # Guardians see no record of what a child says, and still the round is known to be whole.
    await made(await say(mother, place))
    assert (await seen(manager, place))["heardRespondents"] == []


async def test_the_childs_words_are_the_childs(client_for, manager, leader, mother, youth, group, clock):
    clock.set(NOW)
    place = await a_place(manager, group, await a_young_child(manager))
    own = await made(await say(youth, place, text="Bara för er."))
    path = f"/places/{place['id']}/follow-ups"

    assert own["sharedWithGuardians"] is False
    assert (await heard(mother, place), await heard(leader, place)) == ([], [])
    assert (await heard(youth, place), await heard(manager, place)) == (["child"], ["child"])
    for client in (mother, leader):
        assert problem(await client.get(f"{path}/{own['id']}")) == (404, "not-found")
    shared = await made(await say(youth, place, "extra", text="Säg det gärna.", sharedWithGuardians=True))
    assert (await made(await mother.get(f"{path}/{shared['id']}")))["text"] == "Säg det gärna."
    await made(await say(leader, place, text="Vågar mer."))
    await made(await say(mother, place))
    assert sorted(await heard(mother, place)) == ["child", "guardian", "leader"]
    assert await heard(leader, place) == ["leader"]
    assert problem(await client_for("vingaker.social").get(path)) == (404, "not-found")


async def test_whose_answer_and_which(manager, leader, mother, youth, group, clock):
    clock.set(NOW)
    place = await a_place(manager, group, await a_young_child(manager))
    for client, other in ((mother, "child"), (youth, "guardian"), (leader, "guardian")):
        assert problem(await say(client, place, respondent=other)) == (422, "respondent-not-yours")
    assert problem(await say(manager, place)) == (422, "respondent-missing")
    both = {"text": "Bra.", "notInterviewedReason": "Hann inte."}
    assert problem(await say(mother, place, **both)) == (422, "answer-or-reason")
    assert problem(await say(mother, place, sharedWithGuardians=True)) == (422, "sharing-is-the-childs")
    tomorrow = (NOW + timedelta(days=1)).date().isoformat()
    assert problem(await say(mother, place, askedOn=tomorrow)) == (422, "asked-at-the-wrong-time")
    assert problem(await say(mother, place, scale=6)) == (422, "validation-failed")


async def test_the_follow_ups_of_a_group(manager, leader, mother, group, clock):
    clock.set(NOW)
    place = await a_place(manager, group)
    await made(await say(mother, place))
    spoken = await made(await say(leader, place, scale=5))
    path, query = f"/contact-groups/{group['id']}/follow-ups", {"placeId": place["id"], "includeTotal": True}

    whole = await made(await manager.get(path, params=query))
    assert ({item["respondent"] for item in whole["items"]}, whole["_meta"]["totalRecords"]) == (
        {"guardian", "leader"}, 2,
    )  # fmt: skip
    for client in (leader, manager):
        some = await made(await client.get(path, params={**query, "respondent": "leader", "occasion": "yearly"}))
        assert [item["id"] for item in some["items"]] == [spoken["id"]]
    assert [item["id"] for item in (await made(await leader.get(path, params=query)))["items"]] == [spoken["id"]]
    assert problem(await mother.get(path)) == (403, "forbidden")
