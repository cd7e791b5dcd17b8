"""Deadlines over HTTP."""

from datetime import datetime, timedelta

import pytest

from tests.builders import a_case, made

pytestmark = pytest.mark.database


@pytest.fixture
def school(client_for):
    return client_for("gnesta.school")


async def the_deadline(school, code="first_contact"):
    case = await a_case(school)
    items = (await school.get(f"/deadlines?subjectId={case['id']}&limit=50")).json()["items"]
    return next(item for item in items if item["code"] == code)


async def test_what_is_due_comes_soonest_first(school):
    await a_case(school)

    items = (await school.get("/deadlines?limit=100")).json()["items"]

    assert [item["dueAt"] for item in items] == sorted(item["dueAt"] for item in items)


async def test_another_unit_is_not_told(client_for, school):
    deadline = await the_deadline(school)

    answer = await client_for("gnesta.social").get(f"/deadlines/{deadline['id']}")

    assert answer.status_code == 404


async def test_an_overdue_deadline_says_so(school, clock):
    deadline = await the_deadline(school)
    due = datetime.fromisoformat(deadline["dueAt"])

    clock.set(due - timedelta(microseconds=1))
    before = (await school.get(f"/deadlines/{deadline['id']}")).json()
    clock.set(due)
    after = (await school.get(f"/deadlines/{deadline['id']}")).json()

    assert (before["overdue"], after["overdue"]) == (False, True)


async def test_an_extension_keeps_the_first_date_and_names_its_reason(school):
    deadline = await the_deadline(school)
    later = datetime.fromisoformat(deadline["dueAt"]) + timedelta(days=7)
    path = f"/deadlines/{deadline['id']}/extension"

    extended = await made(await school.post(path, json={"dueAt": later.isoformat(), "reason": "Familjen är bortrest."}))
    earlier = await school.post(path, json={"dueAt": deadline["dueAt"], "reason": "Bakåt."})

    assert extended["originalDueAt"] == deadline["dueAt"]
    assert extended["extensionReason"] == "Familjen är bortrest."
    assert (earlier.status_code, earlier.json()["code"]) == (409, "extension-must-be-later")
