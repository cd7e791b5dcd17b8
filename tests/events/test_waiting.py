"""Long polls: answered when there is something to tell, and nothing is held until then."""

import asyncio

import pytest

from app.kernel.http.door import Kernel
from tests.builders import a_child
from tests.events.steps import asked, end, told

pytestmark = pytest.mark.database


@pytest.fixture
def school(client_for):
    return client_for("gnesta.school")


@pytest.fixture
def looking_often(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits looks a hundred times a second, not every hour as in other tests."""
    monkeypatch.setattr(kernel, "settings", kernel.settings.model_copy(update={"work_interval_seconds": 0.01}))


@pytest.mark.usefixtures("looking_often")
async def test_a_long_poll_is_answered_when_something_happens(school, client_for):
    cursor = await end(school)
    waiting = asyncio.create_task(asked(school, cursor=cursor, wait=20))
    elsewhere = asyncio.create_task(asked(client_for("strangnas.social"), cursor=cursor, wait=1))

    child = await a_child(school)

    assert [event["data"]["recordId"] for event in (await waiting)["items"]] == [child["id"]]
    nothing = await elsewhere
    assert nothing["items"] == [], "what happens to others ends no wait"
    assert await told(client_for("strangnas.social"), nothing["cursor"]) == []


@pytest.mark.usefixtures("looking_often")
async def test_whoever_waits_holds_no_connection(school, kernel: Kernel):
    cursor = await end(school)
    waiting = [asyncio.create_task(asked(school, cursor=cursor, wait=20)) for _ in range(40)]
    await asyncio.gather(*(asked(school, cursor=cursor) for _ in range(3)))

    child = await a_child(school)

    pages = await asyncio.gather(*waiting)
    assert len(pages) > kernel.settings.database_pool_size
    assert {page["items"][0]["data"]["recordId"] for page in pages} == {child["id"]}
