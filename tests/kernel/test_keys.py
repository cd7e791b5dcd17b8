"""Signing keys of an issuer: found, kept, renewed, and served through an outage."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from app.kernel.auth.keys import KeyRing, KeysUnavailable
from app.kernel.auth.signatures import SigningKey

ISSUER = "https://login.example.se"
DISCOVERY = f"{ISSUER}/.well-known/openid-configuration"
JWKS = f"{ISSUER}/keys"
OLD, NEW = SigningKey.generate(), SigningKey.generate()


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **amount: float) -> None:
        self.now += timedelta(**amount)


class Issuer:
    """An issuer behind httpx: what it answers can be changed, and every address asked is written down."""

    def __init__(self) -> None:
        self.keys: object = [OLD.public_jwk]
        self.discovery: object = {"issuer": ISSUER, "jwks_uri": JWKS}
        self.down = False
        self.asked: list[str] = []
        self.override: dict[str, Callable[[], httpx.Response]] = {}

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        url = str(request.url)
        self.asked.append(url)
        await asyncio.sleep(0)
        if self.down:
            raise httpx.ConnectError("nobody there")
        if url in self.override:
            return self.override[url]()
        return httpx.Response(200, json=self.discovery if url.endswith("openid-configuration") else {"keys": self.keys})

    @property
    def fetches(self) -> int:
        return sum(url.endswith("openid-configuration") for url in self.asked)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


def ring_of(issuer: Issuer, clock: Clock, name: str = ISSUER, *, development: bool = False) -> KeyRing:
    http = httpx.AsyncClient(transport=httpx.MockTransport(issuer), follow_redirects=True)
    return KeyRing(name, ["RS256", "ES256"], http, clock, allow_loopback_http=development)


@pytest.fixture
def ring(issuer: Issuer, clock: Clock) -> KeyRing:
    return ring_of(issuer, clock)


def key_id(key: SigningKey) -> tuple[str, str]:
    return key.private_jwk["kid"], "ES256"


async def test_keys_are_kept_for_ten_minutes(ring: KeyRing, issuer: Issuer, clock: Clock) -> None:
    await ring.find(key_id(OLD))
    clock.advance(minutes=9, seconds=59)
    await ring.find(key_id(OLD))
    assert issuer.fetches == 1

    clock.advance(seconds=1)
    await ring.find(key_id(OLD))
    assert issuer.fetches == 2


async def test_an_unchanged_key_stays_the_same_object(ring: KeyRing, clock: Clock) -> None:
    before = await ring.find(key_id(OLD))
    clock.advance(minutes=11)
    assert await ring.find(key_id(OLD)) is before


async def test_a_key_replaced_under_its_own_name_is_another_object(ring: KeyRing, issuer: Issuer, clock: Clock) -> None:
    before = await ring.find(key_id(OLD))
    issuer.keys = [NEW.public_jwk | {"kid": OLD.private_jwk["kid"]}]
    clock.advance(minutes=11)
    after = await ring.find(key_id(OLD))
    assert after is not None
    assert after is not before


async def test_a_removed_key_is_gone_after_renewal(ring: KeyRing, issuer: Issuer, clock: Clock) -> None:
    await ring.find(key_id(OLD))
    issuer.keys = [NEW.public_jwk]
    clock.advance(minutes=11)
    assert await ring.find(key_id(OLD)) is None


async def test_many_askers_make_one_fetch(ring: KeyRing, issuer: Issuer) -> None:
    found = await asyncio.gather(*(ring.find(key_id(OLD)) for _ in range(50)))
    assert None not in found
    assert issuer.asked == [DISCOVERY, JWKS]


async def test_an_unknown_key_renews_at_most_every_thirty_seconds(ring: KeyRing, issuer: Issuer, clock: Clock) -> None:
    await ring.find(key_id(OLD))
    issuer.keys = [OLD.public_jwk, NEW.public_jwk]
    clock.advance(seconds=29)
    assert await ring.find(key_id(NEW)) is None
    assert issuer.fetches == 1

    clock.advance(seconds=1)
    assert await ring.find(key_id(NEW)) is not None
    for number in range(20):
        assert await ring.find((f"made-up-{number}", "ES256")) is None
    assert issuer.fetches == 2


async def test_a_known_name_for_another_algorithm_is_no_key(ring: KeyRing) -> None:
    assert await ring.find((OLD.private_jwk["kid"], "RS256")) is None


async def test_an_outage_is_bridged_for_a_day_and_no_longer(ring: KeyRing, issuer: Issuer, clock: Clock) -> None:
    readiness: list[str] = []
    await ring.find(key_id(OLD))
    issuer.down = True
    clock.advance(hours=24)
    assert await ring.find(key_id(OLD)) is not None
    readiness.append(ring.readiness)

    clock.advance(seconds=1)
    with pytest.raises(KeysUnavailable):
        await ring.find(key_id(OLD))
    readiness.append(ring.readiness)

    issuer.down = False
    clock.advance(seconds=5)
    assert await ring.find(key_id(OLD)) is not None
    assert [*readiness, ring.readiness] == ["stale", "unknown", "fresh"]


async def test_an_outage_is_not_hammered(ring: KeyRing, issuer: Issuer, clock: Clock) -> None:
    await ring.find(key_id(OLD))
    issuer.down = True
    clock.advance(minutes=11)
    for _ in range(20):
        await ring.find(key_id(OLD))
    assert issuer.fetches == 2


async def test_stale_keys_serve_others_while_one_waits_for_the_issuer(
    ring: KeyRing, issuer: Issuer, clock: Clock
) -> None:
    await ring.find(key_id(OLD))
    clock.advance(minutes=11)
    asked, answer = asyncio.Event(), asyncio.Event()

    async def slow(request: httpx.Request) -> httpx.Response:
        asked.set()
        await answer.wait()
        raise httpx.ReadTimeout("too slow")

    ring._http = httpx.AsyncClient(transport=httpx.MockTransport(slow))
    payer = asyncio.create_task(ring.find(key_id(OLD)))
    await asked.wait()
    assert await ring.find(key_id(OLD)) is not None
    assert not payer.done()

    answer.set()
    assert await payer is not None


async def test_an_issuer_never_reached_has_no_keys(ring: KeyRing, issuer: Issuer) -> None:
    issuer.down = True
    with pytest.raises(KeysUnavailable):
        await ring.find(key_id(OLD))
    assert ring.readiness == "unknown"


async def test_the_timeout_is_three_seconds(issuer: Issuer, clock: Clock) -> None:
    seen: list[dict[str, float]] = []

    async def note(request: httpx.Request) -> httpx.Response:
        seen.append(request.extensions["timeout"])
        return await issuer(request)

    http = httpx.AsyncClient(transport=httpx.MockTransport(note), timeout=60)
    await KeyRing(ISSUER, ["ES256"], http, clock, allow_loopback_http=False).find(key_id(OLD))
    assert [set(timeout.values()) for timeout in seen] == [{3.0}, {3.0}]


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "https://login.example.se/", "jwks_uri": JWKS},
        {"issuer": "https://evil.example", "jwks_uri": JWKS},
        {"issuer": [ISSUER], "jwks_uri": JWKS},
        {"jwks_uri": JWKS},
        {"issuer": ISSUER},
        {"issuer": ISSUER, "jwks_uri": "http://login.example.se/keys"},
        {"issuer": ISSUER, "jwks_uri": "http://127.0.0.1/keys"},
        {"issuer": ISSUER, "jwks_uri": "file:///keys"},
        {"issuer": ISSUER, "jwks_uri": "https:///keys"},
        {"issuer": ISSUER, "jwks_uri": 7},
        [ISSUER],
        None,
    ],
)
async def test_a_discovery_document_that_is_not_the_issuers_is_refused(
    ring: KeyRing, issuer: Issuer, discovery: object
) -> None:
    issuer.discovery = discovery
    with pytest.raises(KeysUnavailable):
        await ring.find(key_id(OLD))
    assert issuer.asked == [DISCOVERY]


@pytest.mark.parametrize("redirected", [DISCOVERY, JWKS])
async def test_redirects_are_not_followed(ring: KeyRing, issuer: Issuer, redirected: str) -> None:
    elsewhere = "https://evil.example/.well-known/openid-configuration"
    issuer.override[redirected] = lambda: httpx.Response(302, headers={"location": elsewhere})
    with pytest.raises(KeysUnavailable):
        await ring.find(key_id(OLD))
    assert elsewhere not in issuer.asked


@pytest.mark.parametrize(
    "answer",
    [
        lambda: httpx.Response(200, text="<html>"),
        lambda: httpx.Response(200, text="[" * 100_000),
        lambda: httpx.Response(200, json={"keys": "none"}),
        lambda: httpx.Response(200, json=[]),
        lambda: httpx.Response(500, json={"keys": [OLD.public_jwk]}),
    ],
)
async def test_a_broken_key_set_is_an_outage(
    ring: KeyRing, issuer: Issuer, answer: Callable[[], httpx.Response]
) -> None:
    issuer.override[JWKS] = answer
    with pytest.raises(KeysUnavailable):
        await ring.find(key_id(OLD))


@pytest.mark.parametrize(
    ("name", "development", "asks"),
    [
        ("http://127.0.0.1:8000/dev-idp", True, True),
        ("http://localhost:8000/dev-idp", True, True),
        ("http://[::1]:8000/dev-idp", True, True),
        ("http://127.0.0.1:8000/dev-idp", False, False),
        ("http://login.example.se", True, False),
        ("http://127.0.0.1.example.se", True, False),
        ("ftp://127.0.0.1", True, False),
    ],
)
async def test_plain_http_is_for_this_machine_in_development(
    issuer: Issuer, clock: Clock, name: str, development: bool, asks: bool
) -> None:
    issuer.discovery = {"issuer": name, "jwks_uri": f"{name}/jwks"}
    ring = ring_of(issuer, clock, name, development=development)
    await ring.renew_when_due()
    assert ring.readiness == ("fresh" if asks else "unknown")
    assert bool(issuer.asked) is asks
