"""Reviews over HTTP: one each term, and the next one set by the program (R11.6)."""

from datetime import UTC, datetime

import pytest

from tests.builders import made, problem
from tests.group_places.steps import a_led_group, a_place, due_of, end

pytestmark = [pytest.mark.database, pytest.mark.rule("R11.6")]


async def test_each_term_has_its_review_and_the_next_is_set(client_for, clock):
    clock.set(datetime(2026, 10, 1, 8, tzinfo=UTC))
    manager, leader, mother = (client_for(who) for who in ("vingaker.manager", "vingaker.leader", "guardian.one"))
    place = await a_place(manager, await a_led_group(manager))
    assert place["nextReviewOn"] == "2026-12-31"
    path = f"/places/{place['id']}/reviews"

    answer = await leader.post(path, json={"note": "Trivs och vill vara kvar."})

    review = await made(answer)
    assert (review["reviewedOn"], review["nextReviewOn"], review["outcome"]) == (
        "2026-10-01", "2027-06-30", "continues",
    )  # fmt: skip
    assert answer.headers["location"].endswith(f"{path}/{review['id']}")
    assert (await due_of(manager, place))["place_review"] == "2027-06-30T22:00:00Z"
    for client in (manager, leader, mother):
        assert [item["note"] for item in (await made(await client.get(path)))["items"]] == [review["note"]]
        assert (await made(await client.get(f"{path}/{review['id']}")))["reviewedByName"] == "Jonas Ek"
    overdue = await made(await manager.get(f"/places/{place['id']}"))
    assert (overdue["nextReviewOn"], overdue["reviewOverdue"]) == ("2027-06-30", False)

    for day in ("2026-09-30", "2026-10-02"):
        refused = await manager.post(path, json={"note": "Fel dag.", "reviewedOn": day})
        assert problem(refused) == (422, "review-lies-ahead")
    assert problem(await mother.post(path, json={"note": "Nej."})) == (403, "forbidden")
    assert problem(await client_for("vingaker.leader2").post(path, json={"note": "Nej."})) == (403, "forbidden")
    assert problem(await client_for("gnesta.school").get(path)) == (404, "not-found")

    clock.set(datetime(2027, 7, 2, 8, tzinfo=UTC))
    assert (await made(await mother.get(f"/places/{place['id']}")))["reviewOverdue"] is True
    late = await made(await manager.post(path, json={"note": "Har gjort sitt.", "outcome": "ends"}))
    assert late["nextReviewOn"] == "2027-12-31"
    # That it should end is no ending: the child has the place until somebody decides.
    assert (await made(await mother.get(f"/places/{place['id']}")))["status"] == "active"
    await made(await end(mother, place))
    assert problem(await manager.post(path, json={"note": "Igen."})) == (409, "impossible-in-this-state")
    assert "place_review" not in await due_of(manager, place)
