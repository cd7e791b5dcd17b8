"""Public endpoints that read the database, and what a problem says there is instead."""

from uuid import uuid4

import httpx
import pytest
from asgi_lifespan import LifespanManager
from fastapi import FastAPI, Request

from app.config import API_PATH, Settings
from app.kernel.errors import Alternative, Problem, Text
from app.kernel.http.problems import document
from app.kernel.http.public import Looking, PublicRouter
from app.main import api, create_app
from tests.builders import a_child

NOWHERE = "postgresql://nobody@127.0.0.1:1/none"


def over(program: FastAPI, path: str = "") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(program, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=f"http://127.0.0.1:8000{path}")


@pytest.mark.database
async def test_the_wall_shows_nothing_to_whoever_reads_in_public(
    app: FastAPI, settings: Settings, client_for, owner_db
) -> None:
    router = PublicRouter("tests", Text("Prov.", "A test."))

    @router.get("/seen", operation_id="getSeen", response_model=dict[str, int | None])
    async def seen(look: Looking) -> object:
        return (await look.tx.rows("select (select count(*) from children) as children, wall.party() as party"))[0]

    await a_child(client_for("gnesta.school"))
    async with over(api(settings, app.state.kernel, [router])) as anybody:
        answer = await anybody.get("/seen", headers={"authorization": "Bearer of.some.kind"})

    assert owner_db.execute("select count(*) as n from children").fetchone()["n"] > 0
    assert answer.json() == {"children": 0, "party": None}


async def test_while_the_database_is_away_the_public_is_told_to_come_back(settings: Settings) -> None:
    lonely = create_app(settings.model_copy(update={"database_timeout_seconds": 0.2}), program_url=NOWHERE)
    async with LifespanManager(lonely), over(lonely, API_PATH) as anybody:
        answer = await anybody.get("/support-offers")

    assert (answer.status_code, answer.json()["code"]) == (503, "service-unavailable")
    assert answer.headers["retry-after"]
    assert "max-age" not in answer.headers["cache-control"]


def test_a_problem_says_what_there_is_instead(settings: Settings) -> None:
    program, there = FastAPI(), uuid4()
    program.state.settings = settings
    request = Request({"type": "http", "path": "/", "headers": [], "app": program, "state": {"language": "sv"}})
    options = [Alternative(Text("Ring", "Call")), Alternative(Text("Där", "There"), "/units/1", "POST", there)]

    assert document(Problem(alternatives=options), request)["alternatives"] == [
        {"name": "Ring"},
        {"name": "Där", "id": str(there), "href": f"{settings.api_url}/units/1", "method": "POST"},
    ]
    assert "alternatives" not in document(Problem(), request)
