"""Signing keys of a trusted issuer: found by discovery, kept for a while, missed gracefully.

OpenID Connect Discovery 1.0 section 4 (the document's issuer is exactly the one asked), RFC 7517 (key sets).
"""

import asyncio
import ipaddress
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx
import structlog

from app.kernel.auth.signatures import KeyId, VerificationKey, verification_keys

FETCH_TIMEOUT = 3.0
FRESH_SECONDS = 10 * 60
STALE_SECONDS = 24 * 60 * 60
RENEWAL_PAUSE = 30
FIRST_CONTACT_PAUSE = 5

log = structlog.get_logger(__name__)

Readiness = Literal["fresh", "stale", "unknown"]


class KeysUnavailable(Exception):
    """No usable keys of this issuer: never reached, or gone for more than a day. Becomes a 503 problem."""


class _UnusableAnswer(Exception):
    """The issuer answered something that must not be trusted."""


_NO_KEYS = (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError, RecursionError, _UnusableAnswer)


class KeyRing:
    """The public keys of one issuer.

    Kept 10 minutes; renewed early, at most every 30 seconds, when a token names an unknown key; served for 24 hours
    while the issuer does not answer. One renewal at a time, whoever asks.
    """

    def __init__(
        self,
        issuer: str,
        algorithms: Sequence[str],
        http: httpx.AsyncClient,
        clock: Callable[[], datetime],
        *,
        allow_loopback_http: bool,
    ) -> None:
        self.issuer = issuer
        self._algorithms = tuple(algorithms)
        self._http = http
        self._clock = clock
        self._allow_loopback_http = allow_loopback_http
        self._keys: dict[KeyId, VerificationKey] = {}
        self._loaded_at = self._tried_at = float("-inf")
        self._flight = asyncio.Lock()

    async def find(self, key_id: KeyId) -> VerificationKey | None:
        """Return the key, or None when the issuer has none by that name. Raises :class:`KeysUnavailable`."""
        await self.renew_when_due()
        if key_id not in self._keys:
            await self._renew()
        if not self._usable:
            raise KeysUnavailable(self.issuer)
        return self._keys.get(key_id)

    async def renew_when_due(self) -> None:
        """Fetch the keys when they are older than 10 minutes; never raises."""
        # With keys in hand only one request pays for a slow issuer; the others go on with what there is.
        if self._age >= FRESH_SECONDS and not (self._usable and self._flight.locked()):
            await self._renew()

    @property
    def readiness(self) -> Readiness:
        """``fresh``; ``stale``: the last renewal failed, older keys still serve; ``unknown``: no usable keys."""
        if not self._usable:
            return "unknown"
        return "stale" if self._tried_at > self._loaded_at else "fresh"

    @property
    def _age(self) -> float:
        return self._clock().timestamp() - self._loaded_at

    @property
    def _usable(self) -> bool:
        return self._age <= STALE_SECONDS

    async def _renew(self) -> None:
        async with self._flight:
            pause = RENEWAL_PAUSE if self._usable else FIRST_CONTACT_PAUSE
            if self._clock().timestamp() - self._tried_at < pause:
                return
            try:
                members = await self._download()
            except _NO_KEYS as why:
                self._tried_at = self._clock().timestamp()
                log.warning("signing keys not renewed", issuer=self.issuer, why=str(why) or type(why).__name__)
                return
            self._tried_at = self._loaded_at = self._clock().timestamp()
            self._keys = verification_keys(members, self._algorithms, self._keys)

    async def _download(self) -> list[object]:
        discovery = await self._get_json(self.issuer.rstrip("/") + "/.well-known/openid-configuration")
        if discovery.get("issuer") != self.issuer:
            raise _UnusableAnswer("discovery names another issuer")
        jwks_uri = discovery.get("jwks_uri")
        if not isinstance(jwks_uri, str):
            raise _UnusableAnswer("discovery names no jwks_uri")
        members = (await self._get_json(jwks_uri)).get("keys")
        if not isinstance(members, list):
            raise _UnusableAnswer("the key set holds no keys")
        return members

    async def _get_json(self, url: str) -> dict[str, Any]:
        if not self._permitted(url):
            raise _UnusableAnswer("address is not https")
        # httpx limits each step; a server that drips bytes is only stopped by a limit on the whole.
        async with asyncio.timeout(FETCH_TIMEOUT):
            answer = await self._http.get(
                url, headers={"accept": "application/json"}, timeout=FETCH_TIMEOUT, follow_redirects=False
            )
        if answer.status_code != httpx.codes.OK:
            raise _UnusableAnswer(f"status {answer.status_code}")
        document = answer.json()
        if not isinstance(document, dict):
            raise _UnusableAnswer("not a JSON object")
        return document

    def _permitted(self, url: str) -> bool:
        parts = urlsplit(url)
        if parts.scheme == "https":
            return bool(parts.hostname)
        return parts.scheme == "http" and self._allow_loopback_http and is_loopback(parts.hostname)


def is_loopback(host: str | None) -> bool:
    """Tell whether a host name can only mean this machine (RFC 8252 section 7.3, RFC 6761)."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False
