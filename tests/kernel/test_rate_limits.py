"""Limits: one for a caller, a wider one for the address that callers come from, and no way around either."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse

from app.config import Settings
from app.kernel.http.envelope import Envelope

ADDRESS, ANOTHER = "192.0.2.1", "192.0.2.2"


class Api(Envelope):
    """An envelope around a greeting: two calls a minute for a caller, five for an address."""

    def __init__(self):
        settings = Settings(_env_file=None, rate_limit="2/minute", rate_limit_per_address="5/minute")
        super().__init__(PlainTextResponse("Välkommen."), settings)
        self.program = Starlette()
        self.program.state.settings = settings

    async def __call__(self, scope, receive, send):
        """As the program's outermost layer."""
        await super().__call__({**scope, "app": self.program}, receive, send)

    @property
    def kept(self):
        """What is remembered of callers and addresses."""
        return set(self.limiter.storage.storage)


@pytest.fixture
def api():
    """Two calls a minute for a caller, five for an address."""
    return Api()


async def call(api, token=None, address=ADDRESS):
    """One call from an address, with a token or none."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(api, client=(address, 1)), base_url="http://t"
    ) as client:
        return await client.get("/", headers=headers)


async def statuses(api, *tokens, **given):
    """What a call with each of these tokens is answered."""
    return [(await call(api, token, **given)).status_code for token in tokens]


async def test_a_caller_is_told_what_is_left_and_when_to_come_back(api):
    first, last, refused = [await call(api, "a") for _ in range(3)]

    assert [answer.headers["ratelimit-policy"] for answer in (first, last, refused)] == ['"default";q=2;w=60'] * 3
    assert [answer.headers["ratelimit"].split(";")[1] for answer in (first, last, refused)] == ["r=1", "r=0", "r=0"]
    assert (refused.status_code, refused.json()["code"]) == (429, "too-many-requests")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert await statuses(api, "b") == [200], "another caller from the same address goes on"


async def test_ever_new_tokens_do_not_get_around_the_limit_of_an_address(api):
    assert await statuses(api, *"abcdefg") == [200] * 5 + [429] * 2

    refused = await call(api, "new")
    assert refused.headers["ratelimit"].startswith('"default";r=2;'), "the caller's own is as it was"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert await statuses(api, None) == [429]
    assert await statuses(api, "a", address=ANOTHER) == [200]


async def test_of_those_past_the_limit_of_an_address_nothing_is_kept(api):
    await statuses(api, *"abcde")
    kept = api.kept

    await statuses(api, *"fghij")

    assert api.kept == kept


async def test_without_a_token_the_address_is_the_caller(api):
    assert await statuses(api, None, None, None) == [200, 200, 429]


async def test_neither_tokens_nor_addresses_are_kept_as_they_are(api):
    await call(api, "secret-token")

    kept = " ".join(api.kept)
    assert kept
    assert "secret-token" not in kept
    assert ADDRESS not in kept
