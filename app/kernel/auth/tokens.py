"""From a bearer token to an identity (RFC 9068 section 4, RFC 8725)."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeGuard

import httpx
import structlog

from app.config import Settings
from app.kernel.auth.keys import KeyRing
from app.kernel.auth.signatures import (
    KeyId,
    TokenRejected,
    VerificationKey,
    acceptable_key_id,
    fingerprint,
    moment,
    read_unverified,
    verified_claims,
)

LEEWAY_SECONDS = 30
REMEMBERED_TOKENS = 10_000
NAME_LENGTH_LIMIT = 255

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a verified token speaks for; what they may do is decided by our own assignments, not by the token."""

    issuer: str
    subject: str
    client_id: str | None
    scopes: frozenset[str]
    expires_at: int
    token_id: str
    """Hash of ``jti`` (or of the token): safe to log."""


@dataclass(frozen=True, slots=True)
class _Proof:
    """A token that was verified, and the key that proved it."""

    identity: Identity
    ring: KeyRing
    key_id: KeyId
    key: VerificationKey


class TokenVerifier:
    """Verifies access tokens of the trusted issuers; one per process, shared by all requests."""

    def __init__(self, settings: Settings, http: httpx.AsyncClient, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._clock = clock
        self._scope_prefix = settings.audience.rstrip("/") + "/"
        self._rings = {
            issuer: KeyRing(issuer, settings.token_algorithms, http, clock, allow_loopback_http=not settings.production)
            for issuer in settings.issuers
        }
        self._proofs: dict[bytes, _Proof] = {}

    async def verify(self, token: str) -> Identity:
        """Return whose token it is.

        Raises :class:`TokenRejected` (answer 401, the same text whatever the reason) and
        :class:`~app.kernel.auth.keys.KeysUnavailable` (answer 503).
        """
        digest = hashlib.sha256(token.encode(errors="replace")).digest()
        try:
            proof = self._proofs.get(digest)
            # The same key object still being on the ring is what makes a remembered proof valid.
            if proof is None or await proof.ring.find(proof.key_id) is not proof.key:
                self._proofs.pop(digest, None)
                proof = await self._prove(token)
                self._remember(digest, proof)
            if self._now() >= proof.identity.expires_at + LEEWAY_SECONDS:
                self._proofs.pop(digest, None)
                raise TokenRejected("expired")
        except TokenRejected as refusal:
            raise self._refused(refusal, token) from None
        return proof.identity

    async def renew_keys(self) -> None:
        """Fetch the keys that are due, for start-up and ``/readyz``; an unreachable issuer is no error here."""
        for ring in self._rings.values():
            await ring.renew_when_due()

    def readiness(self) -> dict[str, str]:
        """Return per issuer ``fresh``, ``stale`` (an outage, older keys still serve) or ``unknown`` (no keys)."""
        return {issuer: ring.readiness for issuer, ring in self._rings.items()}

    async def _prove(self, token: str) -> _Proof:
        header, claims = read_unverified(token)
        key_id = acceptable_key_id(header, self._settings.token_algorithms, self._settings.token_types)
        issuer = claims.get("iss")
        ring = self._rings.get(issuer) if isinstance(issuer, str) else None
        if ring is None:
            raise TokenRejected("issuer")
        key = await ring.find(key_id)
        if key is None:
            raise TokenRejected("unknown_key")
        _, alg = key_id
        claims = verified_claims(token, key, alg, audience=self._settings.audience, issuer=ring.issuer)
        return _Proof(self._identity(token, claims, ring.issuer), ring, key_id, key)

    def _identity(self, token: str, claims: Mapping[str, Any], issuer: str) -> Identity:
        expires_at = self._check_lifetime(claims)
        subject = claims.get(self._settings.claim_subject)
        client = claims.get(self._settings.claim_client)
        if not _is_name(subject):
            raise TokenRejected("subject")
        if client is not None and not _is_name(client):
            raise TokenRejected("client")
        return Identity(issuer, subject, client, self._scopes(claims), expires_at, fingerprint(token, claims))

    def _check_lifetime(self, claims: Mapping[str, Any]) -> int:
        """Return when the token expires; whether it has is asked at every use, also of a remembered one."""
        now = self._now()
        issued, expires = moment(claims, "iat"), moment(claims, "exp")
        if "nbf" in claims and moment(claims, "nbf") > now + LEEWAY_SECONDS:
            raise TokenRejected("not_yet_valid")
        if issued > now + LEEWAY_SECONDS:
            raise TokenRejected("issued_in_future")
        if expires - issued > self._settings.token_max_lifetime_seconds:
            raise TokenRejected("lives_too_long")
        return int(expires)

    def _scopes(self, claims: Mapping[str, Any]) -> frozenset[str]:
        value = claims.get(self._settings.claim_scope, "")
        scopes = value.split() if isinstance(value, str) else value
        if not isinstance(scopes, list) or not all(isinstance(scope, str) for scope in scopes):
            raise TokenRejected("scope")
        return frozenset(scope.removeprefix(self._scope_prefix) for scope in scopes)

    def _remember(self, digest: bytes, proof: _Proof) -> None:
        if len(self._proofs) >= REMEMBERED_TOKENS:
            del self._proofs[next(iter(self._proofs))]
        self._proofs[digest] = proof

    def _refused(self, refusal: TokenRejected, token: str) -> TokenRejected:
        try:
            _, claims = read_unverified(token)
        except TokenRejected:
            claims = {}
        log.info("token rejected", reason=refusal.reason, token_id=fingerprint(token, claims))
        return refusal

    def _now(self) -> float:
        return self._clock().timestamp()


def _is_name(value: object) -> TypeGuard[str]:
    # Unprintable characters have no business in a name, and NUL would reach PostgreSQL as an error.
    return isinstance(value, str) and 0 < len(value) <= NAME_LENGTH_LIMIT and value.isprintable()
