"""Signing in at the development issuer, over HTTP as a client does it."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from urllib.parse import urlsplit

import httpx
import pytest

from app.dev_idp.grants import AuthorizationCodes, AuthorizationRequest
from tests.dev_idp.steps import (
    ASK,
    CALLBACK,
    CHALLENGE,
    REDEEM,
    SYSTEM,
    USERS,
    VERIFIER,
    Idp,
    assert_oauth_error,
    back,
    payload,
)

# Finding the way


async def test_discovery_names_addresses_that_answer(idp: Idp) -> None:
    document = (await idp.http.get("/.well-known/openid-configuration")).json()
    assert document["issuer"] == idp.settings.dev_issuer
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert (await idp.http.get(document["jwks_uri"])).json()["keys"][0]["kty"] == "EC"
    assert (await idp.http.get(document["authorization_endpoint"], params=ASK)).status_code == 200
    assert (await idp.http.post(document["token_endpoint"], data=SYSTEM)).status_code == 200


@pytest.mark.parametrize(
    ("path", "method"), [("/.well-known/openid-configuration", "GET"), ("/jwks", "GET"), ("/token", "POST")]
)
async def test_a_browser_may_ask_from_anywhere(idp: Idp, path: str, method: str) -> None:
    origin = {"origin": "http://localhost:3000"}
    answer = await idp.http.request(method, path, headers=origin)
    preflight = await idp.http.options(
        path,
        headers=origin | {"access-control-request-method": method, "access-control-request-headers": "authorization"},
    )
    assert answer.headers["access-control-allow-origin"] == "*"
    assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (200, "*")


async def test_no_other_page_may_read_the_sign_in_page(idp: Idp) -> None:
    answer = await idp.http.get("/authorize", params=ASK, headers={"origin": "http://localhost:3000"})
    assert "access-control-allow-origin" not in answer.headers


# The page


class Page(HTMLParser):
    """Every tag with its attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    @property
    def links(self) -> list[str]:
        return [attrs["href"] or "" for tag, attrs in self.tags if tag == "a"]


async def test_the_page_lists_people_and_not_systems(idp: Idp) -> None:
    page = Page((await idp.authorize()).text)
    assert len(page.links) == 2
    for user in USERS[:2]:
        assert user.name in page.text
        assert user.description in page.text
    assert "Skolsystemet" not in page.text


async def test_following_a_link_of_the_page_signs_that_person_in(idp: Idp) -> None:
    link = Page((await idp.authorize()).text).links[1]
    answer = back(await idp.http.get(f"/authorize{link}"))
    assert answer["state"] == "s&1"
    assert answer["iss"] == idp.settings.dev_issuer
    granted = (await idp.token(REDEEM, code=answer["code"])).json()
    assert payload(granted["access_token"])["sub"] == "region.bup"


async def test_the_page_loads_nothing_and_can_be_framed_by_nobody(idp: Idp) -> None:
    for answer in (await idp.authorize(), await idp.authorize(client_id=None)):
        policy = answer.headers["content-security-policy"]
        page = Page(answer.text)
        (nonce,) = [attrs["nonce"] for tag, attrs in page.tags if tag == "style"]
        assert policy.startswith("default-src 'none'; style-src 'nonce-")
        assert f"'nonce-{nonce}'" in policy
        assert "frame-ancestors 'none'" in policy
        assert {tag for tag, _ in page.tags}.isdisjoint({"script", "link", "img", "iframe", "form"})
        assert not any(name in {"style", "src"} or name.startswith("on") for _, attrs in page.tags for name in attrs)
        assert answer.headers["cache-control"] == "no-store"


async def test_the_page_speaks_two_languages_and_says_which(idp: Idp) -> None:
    page = Page((await idp.authorize()).text)
    languages = [attrs["lang"] for _, attrs in page.tags if "lang" in attrs]
    assert languages[0] == "sv"
    assert "en" in languages
    assert "Vem vill du vara?" in page.text
    assert "Who do you want to be?" in page.text


async def test_an_empty_house_says_what_to_do(idp: Idp) -> None:
    idp.users = []
    assert "tillsammans demo" in (await idp.authorize()).text


# Asking for a code


@pytest.mark.parametrize(
    "address",
    [
        None,
        "https://evil.example/callback",
        "http://evil.example/callback",
        "http://127.0.0.1.evil.example/",
        "http://127.0.0.1@evil.example/",
        "http://evil.example\\@127.0.0.1/",
        "http://localhost:3000/#fragment",
        "http://localhost:3000/a b",
        "http://localhost:3000/\r\nx: y",
        "javascript:alert(1)//127.0.0.1",
        "https://app.example.se.evil.example/",
        "http://app.example.se/callback",
        "http://[::1",
        "//127.0.0.1/",
    ],
)
async def test_codes_are_sent_to_known_places_only(idp: Idp, address: str | None) -> None:
    answer = await idp.authorize(redirect_uri=address, subject="gnesta.school")
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert "evil" not in answer.text


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost:3000",
        "http://127.0.0.1:49152/callback",
        "http://[::1]:3000/callback",
        "https://app.example.se/callback",
        "http://127.0.0.1:8000/tillsammans/v1/docs/oauth2-redirect",
    ],
)
async def test_this_machine_and_allowed_origins_are_known_places(idp: Idp, address: str) -> None:
    assert "code" in back(await idp.authorize(redirect_uri=address, subject="gnesta.school"), address)


async def test_a_query_in_the_address_is_kept(idp: Idp) -> None:
    answer = back(await idp.authorize(redirect_uri=f"{CALLBACK}?tenant=1", subject="gnesta.school"))
    assert answer["tenant"] == "1"
    assert "code" in answer


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": VERIFIER + "="}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"subject": "nobody"}, "access_denied"),
        ({"subject": "system.gnesta-school"}, "access_denied"),
    ],
)
async def test_a_bad_question_is_answered_to_the_client(idp: Idp, change: dict[str, str | None], error: str) -> None:
    answer = back(await idp.authorize(**change))
    assert (answer["error"], answer["state"]) == (error, "s&1")
    assert "code" not in answer


# Redeeming a code


async def test_a_code_and_its_verifier_give_a_token(idp: Idp) -> None:
    answer = await idp.token(REDEEM, code=await idp.code(scope="cases.read"))
    granted = answer.json()
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert (granted["token_type"], granted["expires_in"], granted["scope"]) == ("Bearer", 3600, "cases.read")
    assert "id_token" not in granted
    token = payload(granted["access_token"])
    now = int(idp.now.timestamp())
    assert (token["sub"], token["client_id"], token["aud"]) == ("gnesta.school", "web", idp.settings.audience)
    assert (token["iat"], token["exp"]) == (now, now + 3600)


async def test_openid_clients_get_an_id_token_with_their_nonce(idp: Idp) -> None:
    granted = (await idp.token(REDEEM, code=await idp.code(scope="openid tillsammans", nonce="n-1"))).json()
    token = payload(granted["id_token"])
    assert (token["aud"], token["nonce"], token["name"]) == ("web", "n-1", "Sara Lind")


async def test_a_code_works_once(idp: Idp) -> None:
    code = await idp.code()
    assert (await idp.token(REDEEM, code=code)).status_code == 200
    assert_oauth_error(await idp.token(REDEEM, code=code), "invalid_grant")


@pytest.mark.parametrize(
    "change",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": CHALLENGE},
        {"code_verifier": "v"},
        {"code_verifier": ""},
        {"client_id": "other"},
        {"redirect_uri": "http://127.0.0.1:5173/other"},
        {"redirect_uri": ""},
    ],
)
async def test_a_code_is_bound_and_a_wrong_guess_spends_it(idp: Idp, change: dict[str, str]) -> None:
    code = await idp.code()
    assert_oauth_error(await idp.token(REDEEM | change, code=code), "invalid_grant")
    assert_oauth_error(await idp.token(REDEEM, code=code), "invalid_grant")


async def test_a_short_verifier_is_refused_even_when_it_fits(idp: Idp) -> None:
    short = base64.urlsafe_b64encode(hashlib.sha256(b"v").digest()).rstrip(b"=").decode()
    code = await idp.code(code_challenge=short)
    assert_oauth_error(await idp.token(REDEEM, code=code, code_verifier="v"), "invalid_grant")


def test_codes_nobody_redeems_are_forgotten() -> None:
    now = datetime(2026, 3, 2, 8, tzinfo=UTC)
    codes = AuthorizationCodes(lambda: now)
    for _ in range(3):
        codes.issue(AuthorizationRequest.read(ASK), "gnesta.school")
        now += timedelta(minutes=1)
    assert len(codes._issued) == 1


async def test_a_code_lasts_a_minute(idp: Idp) -> None:
    late, just = await idp.code(), await idp.code()
    idp.now += timedelta(seconds=59)
    assert (await idp.token(REDEEM, code=just)).status_code == 200
    idp.now += timedelta(seconds=1)
    assert_oauth_error(await idp.token(REDEEM, code=late), "invalid_grant")


async def test_a_user_who_is_gone_gets_no_token(idp: Idp) -> None:
    code = await idp.code()
    idp.users = []
    assert_oauth_error(await idp.token(REDEEM, code=code), "invalid_grant")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "unsupported_grant_type"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "implicit"}, "unsupported_grant_type"),
        (REDEEM, "invalid_grant"),
        (REDEEM | {"code": "made-up"}, "invalid_grant"),
    ],
)
async def test_a_bad_exchange_says_why(idp: Idp, form: dict[str, str], error: str) -> None:
    answer = await idp.http.post(
        "/token",
        content=httpx.QueryParams(form).__str__(),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert_oauth_error(answer, error)


async def test_a_repeated_parameter_is_refused(idp: Idp) -> None:
    answer = await idp.http.post("/token", data={**SYSTEM, "scope": ["a", "b"]})
    assert_oauth_error(answer, "invalid_request")


async def test_json_is_no_form(idp: Idp) -> None:
    assert_oauth_error(await idp.http.post("/token", json=SYSTEM), "invalid_request")


# Systems


async def test_a_system_signs_in_with_the_demo_secret(idp: Idp) -> None:
    granted = (await idp.token(SYSTEM, scope="imports.write")).json()
    token = payload(granted["access_token"])
    assert token["sub"] == token["client_id"] == "system.gnesta-school"
    assert token["scope"] == granted["scope"] == "imports.write"
    assert "id_token" not in granted
    assert "refresh_token" not in granted


async def test_a_system_may_use_basic_authentication(idp: Idp) -> None:
    answer = await idp.http.post(
        "/token", data={"grant_type": "client_credentials"}, auth=("system.gnesta-school", "development")
    )
    assert payload(answer.json()["access_token"])["sub"] == "system.gnesta-school"


@pytest.mark.parametrize(
    "change",
    [
        {"client_secret": "wrong"},
        {"client_secret": ""},
        {"client_secret": "utveckling-å"},
        {"client_id": "nobody"},
        {"client_id": "gnesta.school"},
    ],
)
async def test_a_stranger_gets_no_token(idp: Idp, change: dict[str, str]) -> None:
    answer = await idp.token(SYSTEM, **change)
    assert_oauth_error(answer, "invalid_client", 401)
    assert answer.headers["www-authenticate"].startswith("Basic ")


@pytest.mark.parametrize("credentials", ["!", "w", base64.b64encode(b"\xff:\xff").decode(), "c3lzdGVt"])
async def test_broken_basic_credentials_are_refused(idp: Idp, credentials: str) -> None:
    answer = await idp.http.post("/token", data=SYSTEM, headers={"authorization": f"Basic {credentials}"})
    assert_oauth_error(answer, "invalid_client", 401)


async def test_a_code_client_with_a_wrong_secret_gets_no_token(idp: Idp) -> None:
    answer = await idp.token(REDEEM | {"client_secret": "wrong"}, code=await idp.code())
    assert_oauth_error(answer, "invalid_client", 401)


async def test_addresses_are_under_the_issuer(idp: Idp) -> None:
    assert urlsplit(idp.settings.dev_issuer).path == "/dev-idp"
    async with httpx.AsyncClient(transport=idp.http._transport, base_url=idp.settings.public_url) as root:
        assert (await root.get("/jwks")).status_code == 404
        assert (await root.get("/dev-idp/jwks")).status_code == 200
