"""What stands beside the API: pages for people, health for operators, and the explanation of every problem."""

import re
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from asgi_lifespan import LifespanManager
from fastapi import FastAPI
from pydantic import SecretStr

from app.about.router import prefers_html
from app.beside import health
from app.codes import CODE_LISTS, Coded
from app.config import API_PATH, Settings
from app.database import DatabaseAddresses
from app.demo import USERS
from app.kernel.errors import Problem
from app.main import create_app
from tests.contract import knowing_it

Clients = Callable[[str | None], httpx.AsyncClient]
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
SAFE = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
}


def over(root: FastAPI, host: str = "127.0.0.1") -> httpx.AsyncClient:
    """A client that calls from this address."""
    transport = httpx.ASGITransport(root, raise_app_exceptions=False, client=(host, 50_000))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")


@pytest.fixture
async def anybody(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody without a token, at the root of the program."""
    async with over(knowing_it(app)) as client:
        yield client


def foreign_addresses(html: str) -> set[str]:
    """What the page would load or send from elsewhere than here; a link that somebody may follow is no such thing."""
    loaded = re.findall(r"""<(?:script|link|img|iframe|form)[^>]+(?:src|href|action)=["']([^"']+)""", html)
    loaded += re.findall(r"""url\(["']?([^"')]+)|@import ["']([^"']+)""", html)
    return {address for address in map(str, loaded) if not address.startswith(("/", "data:"))}


# The pages


async def test_the_front_page_speaks_both_languages_and_leads_on(anybody: httpx.AsyncClient) -> None:
    page = await anybody.get("/")
    assert page.status_code == 200
    assert "tillsammans kring ett barn" in page.text
    assert "together around a child" in page.text
    for place in ("docs", "redoc", "openapi.json", "api-info", "code-lists", "problems"):
        assert f'href="{API_PATH}/{place}"' in page.text
        assert (await anybody.get(f"{API_PATH}/{place}")).status_code == 200


async def test_the_front_page_of_development_names_the_demo_users(anybody: httpx.AsyncClient) -> None:
    page = (await anybody.get("/")).text
    assert all(user.subject in page for user in USERS)
    assert f"tillsammans token {USERS[0].subject}" in page


async def test_production_knows_no_demo_user_and_no_demo_sign_in() -> None:
    settings = Settings(
        environment="production",
        public_url="https://tillsammans.example",
        secret=SecretStr("s" * 40),
        trusted_issuers=["https://login.example"],
        audience="https://tillsammans.example/api",
        database_url="postgresql://program@127.0.0.1:1/none",
    )
    async with over(create_app(settings)) as client:
        page = (await client.get("/")).text
        assert "Demo" not in page
        assert not [user.subject for user in USERS if user.subject in page]
        assert (await client.get("/dev-idp/jwks")).status_code == 404
        docs = await client.get(f"{API_PATH}/docs")
        assert "https://login.example" in docs.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/", f"{API_PATH}/docs", f"{API_PATH}/redoc", f"{API_PATH}/problems"])
async def test_a_page_loads_nothing_from_elsewhere(anybody: httpx.AsyncClient, path: str) -> None:
    page = await anybody.get(path, headers=BROWSER)
    assert page.headers["content-type"].startswith("text/html")
    assert foreign_addresses(page.text) == set()
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "*" not in policy


@pytest.mark.parametrize("name", ["swagger-ui-bundle.js", "swagger-ui.css", "redoc.standalone.js", "favicon.png"])
async def test_what_the_documentation_needs_is_here(anybody: httpx.AsyncClient, name: str) -> None:
    found = await anybody.get(f"{API_PATH}/docs/assets/{name}")
    assert found.status_code == 200
    assert found.headers["cache-control"] == "public, max-age=86400"


async def test_the_script_that_finishes_a_sign_in_may_run(anybody: httpx.AsyncClient) -> None:
    page = await anybody.get(f"{API_PATH}/docs/oauth2-redirect")
    nonce = re.search(r'<script nonce="([^"]+)"', page.text)
    assert nonce is not None
    assert f"script-src 'nonce-{nonce[1]}'" in page.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/", "/healthz", "/nowhere", f"{API_PATH}/docs", f"{API_PATH}/nowhere"])
async def test_everything_carries_safe_headers(anybody: httpx.AsyncClient, path: str) -> None:
    answer = await anybody.get(path)
    assert SAFE.items() <= dict(answer.headers).items()
    assert "content-security-policy" in answer.headers


async def test_nothing_beside_the_api_is_a_problem_document_too(anybody: httpx.AsyncClient) -> None:
    answer = await anybody.get("/nowhere")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not-found"
    assert answer.json()["traceId"] in answer.headers["traceparent"]


# Problems and code lists, for anybody


async def test_the_type_of_every_problem_leads_to_its_explanation(client_for: Clients) -> None:
    for code, kind in sorted(Problem.registry.items()):
        found = (await client_for(None).get(f"/problems/{code}")).json()
        assert (found["code"], found["status"]) == (code, kind.status)
        assert found["titles"] == kind.title._asdict(), code
        assert found["type"] == found["_links"]["self"]["href"], code
        page = await client_for(None).get(f"/problems/{code}", headers=BROWSER)
        assert page.headers["content-type"].startswith("text/html"), code
        assert kind.title.sv in page.text.replace("&#39;", "'"), code


async def test_a_problems_own_type_resolves(client_for: Clients) -> None:
    refused = (await client_for(None).get("/units")).json()
    explained = await client_for(None).get(refused["type"])
    assert explained.json()["code"] == refused["code"] == "unauthenticated"


async def test_an_unknown_problem_is_not_found(client_for: Clients) -> None:
    assert (await client_for(None).get("/problems/made-up")).status_code == 404


@pytest.mark.parametrize(
    ("accept", "html"),
    [
        (BROWSER["accept"], True),
        ("text/html", True),
        ("application/json", False),
        ("*/*", False),
        ("", False),
        ("application/json, text/html;q=0.5", False),
        ("application/json;q=0.5, text/*", True),
        ("text/html;q=nonsense", False),
    ],
)
def test_a_page_is_for_those_who_prefer_one(accept: str, html: bool) -> None:
    assert prefers_html(accept) is html


@pytest.mark.parametrize("codes", CODE_LISTS.values(), ids=lambda codes: codes.list_name())
async def test_every_code_list_is_served_with_both_labels(client_for: Clients, codes: type[Coded]) -> None:
    found = (await client_for(None).get(f"/code-lists/{codes.list_name()}")).json()
    assert [(row["code"], row["labels"]["sv"], row["labels"]["en"]) for row in found["codes"]] == [
        (str(code), code.label.sv, code.label.en) for code in codes
    ]


async def test_all_code_lists_stand_together(client_for: Clients) -> None:
    page = (await client_for(None).get("/code-lists")).json()
    assert [row["name"] for row in page["items"]] == [CODE_LISTS[name].list_name() for name in sorted(CODE_LISTS)]
    assert page["_meta"]["count"] == len(CODE_LISTS)


@pytest.mark.parametrize(("language", "label"), [("sv", "Socialtjänst"), ("en", "Social services")])
async def test_accept_language_chooses_the_label(client_for: Clients, language: str, label: str) -> None:
    found = await client_for(None).get("/code-lists/sector", headers={"accept-language": language})
    assert found.json()["codes"][0] == {
        "code": "social",
        "label": label,
        "labels": {"sv": "Socialtjänst", "en": "Social services"},
    }


async def test_an_unknown_code_list_is_not_found(client_for: Clients) -> None:
    assert (await client_for(None).get("/code-lists/made-up")).status_code == 404


# Health and metrics


async def test_a_program_with_its_database_is_ready(anybody: httpx.AsyncClient) -> None:
    answer = await anybody.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "checks": {"database": "ok", "schema": "ok", "keys": "ok"}}


async def test_an_older_schema_is_not_ready(anybody: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "newest_step", lambda: "9999")
    answer = await anybody.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["schema"] == "not newest"


async def test_without_its_database_the_process_lives_but_is_not_ready(settings: Settings) -> None:
    lonely = settings.model_copy(update={"database_timeout_seconds": 0.2})
    root = create_app(lonely, program_url="postgresql://nobody@127.0.0.1:1/none")
    async with LifespanManager(root), over(root) as client:
        assert (await client.get("/healthz")).json() == {"status": "ok"}
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["retry-after"]
        assert answer.json()["code"] == "service-unavailable"
        assert answer.json()["checks"] == {"database": "unreachable", "schema": "unknown", "keys": "ok"}
        assert "127.0.0.1:1" not in answer.text


async def test_metrics_are_for_this_machine(app: FastAPI, client_for: Clients) -> None:
    await client_for("gnesta.school").get("/units")
    async with over(app) as near, over(app, "192.0.2.7") as far:
        assert 'route="/units"' in (await near.get("/metrics")).text
        assert (await far.get("/metrics")).status_code == 404
        assert (await near.get("/metrics", headers={"x-forwarded-for": "192.0.2.7"})).status_code == 404


@pytest.mark.parametrize(
    ("token", "status"), [("Bearer right-token", 200), ("Bearer wrong", 401), ("Bearer å", 401), (None, 401)]
)
async def test_metrics_are_for_the_holder_of_their_token(
    settings: Settings, addresses: DatabaseAddresses, token: str | None, status: int
) -> None:
    guarded = settings.model_copy(update={"metrics_token": SecretStr("right-token")})
    root = create_app(guarded, program_url=addresses.program)
    async with over(root, "192.0.2.7") as far:
        answer = await far.get("/metrics", headers={b"authorization": token.encode()} if token else {})
    assert answer.status_code == status
    assert ("www-authenticate" in answer.headers) is (status == 401)
