"""The development issuer as its clients meet it."""

import base64
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx

from app.config import Settings
from app.dev_idp import DemoUser, DevIssuer, dev_idp_app, in_process_transport

USERS = [
    DemoUser("gnesta.school", "Sara Lind", "Rektor, Gnesta kommun", is_client=False),
    DemoUser("region.bup", "Amir <b>Öst</b>", "Behandlare, BUP", is_client=False),
    DemoUser("system.gnesta-school", "Skolsystemet", "System, Gnesta kommun", is_client=True),
]
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
CALLBACK = "http://127.0.0.1:5173/callback"
ASK = {
    "response_type": "code",
    "client_id": "web",
    "redirect_uri": CALLBACK,
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
    "state": "s&1",
}
REDEEM = {
    "grant_type": "authorization_code",
    "client_id": "web",
    "redirect_uri": CALLBACK,
    "code_verifier": VERIFIER,
}
SYSTEM = {"grant_type": "client_credentials", "client_id": "system.gnesta-school", "client_secret": "development"}


class Idp:
    """The issuer as a client sees it, with a clock that can be moved."""

    def __init__(self, data_dir: Path) -> None:
        self.now = datetime(2026, 3, 2, 8, tzinfo=UTC)
        self.users = list(USERS)
        given: dict[str, Any] = {"_env_file": None, "data_dir": data_dir, "cors_origins": ["https://app.example.se"]}
        self.settings = Settings(**given)
        issuer = DevIssuer.load(self.settings, lambda: self.now)
        transport = in_process_transport(dev_idp_app(self.settings, issuer, self._list_users))
        self.http = httpx.AsyncClient(transport=transport, base_url=self.settings.dev_issuer)

    async def _list_users(self) -> list[DemoUser]:
        return self.users

    async def authorize(self, **change: str | None) -> httpx.Response:
        query = {name: value for name, value in (ASK | change).items() if value is not None}
        return await self.http.get("/authorize", params=query)

    async def code(self, **change: str | None) -> str:
        return back(await self.authorize(subject="gnesta.school", **change))["code"]

    async def token(self, form: dict[str, str], **change: str) -> httpx.Response:
        return await self.http.post("/token", data=form | change)


def back(answer: httpx.Response, to: str = CALLBACK) -> dict[str, str]:
    assert answer.status_code == 302
    address, _, query = answer.headers["location"].partition("?")
    assert address == to
    return {name: value for name, (value,) in parse_qs(query, strict_parsing=True).items()}


def payload(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=="))
    return decoded


def assert_oauth_error(answer: httpx.Response, error: str, status: int = 400) -> None:
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.headers["cache-control"] == "no-store"
