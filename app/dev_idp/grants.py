"""Authorization codes and the rules about where they may be sent (RFC 6749, RFC 7636, RFC 8252)."""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from urllib.parse import urlsplit

from app.config import Settings
from app.kernel.auth.keys import is_loopback

CODE_SECONDS = 60
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class OAuthError(Exception):
    """An error of RFC 6749 (sections 4.1.2.1 and 5.2): ``error`` is its code, ``description`` for the developer."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What a client asks for at ``/authorize``; a code is bound to all of it."""

    client_id: str
    redirect_uri: str
    challenge: str
    scope: str | None
    state: str | None
    nonce: str | None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Self:
        """Return the request once its ``redirect_uri`` is known to be allowed. Raises :class:`OAuthError`."""
        if query.get("response_type") != "code":
            raise OAuthError("unsupported_response_type", "response_type must be code")
        challenge = query.get("code_challenge", "")
        if query.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(challenge):
            raise OAuthError("invalid_request", "PKCE is required: code_challenge with code_challenge_method S256")
        return cls(
            query["client_id"],
            query["redirect_uri"],
            challenge,
            query.get("scope"),
            query.get("state"),
            query.get("nonce"),
        )


class AuthorizationCodes:
    """Codes that work once, within a minute, in the process that issued them."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._issued: dict[str, tuple[float, AuthorizationRequest, str]] = {}

    def issue(self, request: AuthorizationRequest, subject: str) -> str:
        """Return a new code for ``subject``."""
        now = self._clock().timestamp()
        self._issued = {code: entry for code, entry in self._issued.items() if entry[0] > now}
        code = secrets.token_urlsafe(32)
        self._issued[code] = (now + CODE_SECONDS, request, subject)
        return code

    def redeem(
        self, code: str, *, client_id: str, redirect_uri: str, verifier: str
    ) -> tuple[AuthorizationRequest, str]:
        """Return the request and the subject behind a code, and forget it whatever comes of it.

        Raises :class:`OAuthError` ``invalid_grant``.
        """
        expires, request, subject = self._issued.pop(code, (0.0, None, ""))
        if (
            request is None
            or self._clock().timestamp() >= expires
            or request.client_id != client_id
            or request.redirect_uri != redirect_uri
            or not _answers(verifier, request.challenge)
        ):
            raise OAuthError("invalid_grant", "the code is unknown, used, expired, or bound to something else")
        return request, subject


def _answers(verifier: str, challenge: str) -> bool:
    if not _VERIFIER.fullmatch(verifier):
        return False
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return hmac.compare_digest(digest, challenge)


def may_redirect_to(address: str, settings: Settings) -> bool:
    """Tell whether a code may be sent there: any loopback http address (RFC 8252 section 7.3), this program's own
    origin (its documentation pages sign in too), or an origin in ``cors_origins``.
    """
    # Browsers and Python disagree on backslashes, blanks and user names in addresses.
    if not address.isprintable() or any(sign in address for sign in "\\ #@"):
        return False
    try:
        parts = urlsplit(address)
        origin = f"{parts.scheme}://{parts.netloc}"
        return (parts.scheme == "http" and is_loopback(parts.hostname)) or _is_origin(origin, settings)
    except ValueError:
        return False


def _is_origin(origin: str, settings: Settings) -> bool:
    own = urlsplit(settings.public_url)
    allowed: Collection[str] = [f"{own.scheme}://{own.netloc}", *settings.cors_origins]
    return origin in allowed
