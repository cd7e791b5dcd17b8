"""Tokens of the development issuer, and the key that signs them."""

import json
import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from app.config import Settings
from app.dev_idp.files import drafted
from app.kernel.auth import SigningKey

DEFAULT_SCOPE = "tillsammans"
DEMO_CLIENT_SECRET = "development"  # noqa: S105 - documented, and worthless outside development
KEY_FILE = "dev-idp-key.json"


@dataclass(frozen=True, slots=True)
class DemoUser:
    """Someone to be in development; ``is_client`` for a system that signs in by itself."""

    subject: str
    name: str
    description: str
    is_client: bool


class DevIssuer:
    """Signs tokens for anyone who asks, which is why it raises RuntimeError in production."""

    def __init__(self, settings: Settings, key: SigningKey, clock: Callable[[], datetime]) -> None:
        if settings.production:
            raise RuntimeError("the development issuer does not exist in production")
        self.issuer = settings.dev_issuer
        self.clock = clock
        self._settings = settings
        self._key = key

    @classmethod
    def load(cls, settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Self:
        """Return the issuer with the key of ``data_dir``, made on first use, so that tokens survive a restart."""
        if settings.production:
            raise RuntimeError("the development issuer does not exist in production")
        return cls(settings, _load_key(settings.data_dir / KEY_FILE), clock)

    @property
    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The public key set (RFC 7517)."""
        return {"keys": [self._key.public_jwk]}

    def access_token(
        self,
        subject: str,
        *,
        client_id: str | None = None,
        scope: str | None = None,
        lifetime: int = 3600,
        **claims_override: object,
    ) -> str:
        """Return a signed access token (RFC 9068) for the API's audience.

        ``claims_override`` replaces claims by name; None leaves the claim out.
        """
        settings = self._settings
        claims: dict[str, object] = {
            **self._frame(subject, lifetime),
            "aud": settings.audience,
            "jti": secrets.token_urlsafe(16),
            settings.claim_subject: subject,
            settings.claim_client: client_id,
            settings.claim_scope: DEFAULT_SCOPE if scope is None else scope,
            **claims_override,
        }
        return self._key.sign(_without_absent(claims), typ="at+jwt")

    def id_token(self, user: DemoUser, *, client_id: str, nonce: str | None, lifetime: int = 3600) -> str:
        """Return an ID token (OpenID Connect Core 1.0 section 2); its type and audience make it useless at the API."""
        claims = {**self._frame(user.subject, lifetime), "aud": client_id, "name": user.name, "nonce": nonce}
        return self._key.sign(_without_absent(claims), typ="JWT")

    def _frame(self, subject: str, lifetime: int) -> dict[str, object]:
        now = int(self.clock().timestamp())
        return {"iss": self.issuer, "sub": subject, "iat": now, "exp": now + lifetime}


def _without_absent(claims: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in claims.items() if value is not None}


def _load_key(path: Path) -> SigningKey:
    if not path.exists():
        _publish(path, json.dumps(dict(SigningKey.generate().private_jwk)))
    return SigningKey(json.loads(path.read_text("utf-8")))


def _publish(path: Path, text: str) -> None:
    """Write a file that appears whole or not at all; whoever comes second leaves the first one's in place."""
    with drafted(path, text) as draft, suppress(FileExistsError):
        # A hard link, unlike a rename, refuses to replace what another process has just written.
        os.link(draft, path)
