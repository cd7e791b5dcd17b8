"""Systems that sign in at an outside provider: our table decides what they may do, and the provider does not."""

import base64
import json
import time
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.dev_idp.assertions import JWT_BEARER
from tests.consumers.conftest import STRANGER, SYSTEM, Program, Provider

pytestmark = pytest.mark.consumers


def token_of(provider: Provider, client: str) -> str:
    """What the provider gives a system that signs."""
    discovery = httpx.get(f"{provider.issuer}/.well-known/openid-configuration").json()
    now = int(time.time())
    claims = {"iss": client, "sub": client, "aud": provider.issuer, "iat": now, "exp": now + 60, "jti": uuid4().hex}
    granted = httpx.post(
        discovery["token_endpoint"],
        data={
            "grant_type": "client_credentials",
            "scope": "tillsammans",
            "client_assertion_type": JWT_BEARER,
            "client_assertion": provider.keys[client].sign(claims, typ="JWT"),
        },
    )
    token: str = granted.raise_for_status().json()["access_token"]
    return token


def part(token: str, number: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.split(".")[number] + "=="))
    return found


def calling(program: Program, token: str) -> httpx.Client:
    return httpx.Client(base_url=program.api, headers={"authorization": f"Bearer {token}"})


def test_the_provider_was_found_by_discovery_alone(program: Program, provider: Provider) -> None:
    with calling(program, token_of(provider, SYSTEM)) as client:
        assert client.get("/me").status_code == 200
    assert httpx.get(f"{program.url}/readyz").json()["checks"]["keys"] == "ok"


def test_a_system_acts_in_the_assignment_of_our_table(program: Program, provider: Provider) -> None:
    token = token_of(provider, SYSTEM)
    assert (part(token, 0)["typ"], part(token, 0)["alg"]) == ("at+jwt", "RS256")
    with calling(program, token) as outside, calling(program, program.command("token", SYSTEM).strip()) as inside:
        assert outside.get("/me").json() == inside.get("/me").json()


def test_what_the_provider_claims_widens_nothing(program: Program, provider: Provider) -> None:
    token = token_of(provider, SYSTEM)
    assert part(token, 1)["role"] == "system_admin"
    with calling(program, token) as client:
        assert client.get("/me").json()["assignment"]["role"] != "system_admin"
        refused = client.post("/users", json={"name": "Jag själv", "subject": "me"})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


def test_a_client_that_only_the_provider_knows_is_refused_by_name(program: Program, provider: Provider) -> None:
    with calling(program, token_of(provider, STRANGER)) as client:
        refused = client.get("/me")
    assert (refused.status_code, refused.json()["code"]) == (403, "no-assignment")
