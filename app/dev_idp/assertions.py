"""Clients that sign instead of keeping a secret: ``private_key_jwt`` (RFC 7521, RFC 7523, OpenID Connect Core 9)."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from app.dev_idp.clients import ClientKeys
from app.dev_idp.grants import OAuthError
from app.kernel.auth.signatures import (
    TokenRejected,
    acceptable_key_id,
    moment,
    read_unverified,
    verification_keys,
    verified_claims,
)
from app.kernel.auth.tokens import LEEWAY_SECONDS

ALGORITHMS = ("ES256", "RS256")
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_SECONDS = 600
_TYPES = ("JWT", "client-authentication+jwt")


class ClientAssertions:
    """Tells which client an assertion speaks for. Each counts once, in the process that it came to."""

    def __init__(self, keys: ClientKeys, audiences: tuple[str, ...], clock: Callable[[], datetime]) -> None:
        self._keys = keys
        self._audiences = audiences
        self._clock = clock
        self._spent: dict[tuple[str, str], float] = {}

    def client_of(self, form: Mapping[str, str], known: Collection[str]) -> str:
        """The id of the client that signed, one of ``known``. Raises :class:`OAuthError` ``invalid_client``."""
        if form.get("client_assertion_type") != JWT_BEARER:
            raise _refused(f"client_assertion_type must be {JWT_BEARER}")
        try:
            client, claims = self._verified(form.get("client_assertion", ""), known)
            self._spend(client, claims)
        except TokenRejected as rejected:
            raise _refused(rejected.reason.replace("_", " ")) from None
        if form.get("client_id", client) != client:
            raise _refused("client_id is somebody else")
        return client

    def _verified(self, assertion: str, known: Collection[str]) -> tuple[str, Mapping[str, Any]]:
        header, claims = read_unverified(assertion)
        client = claims.get("sub")
        if not isinstance(client, str) or client not in known:
            raise _refused("sub is not a client here")
        key_id = acceptable_key_id({"typ": "JWT", **header}, ALGORITHMS, _TYPES)
        key = verification_keys(self._keys.registered(client), ALGORITHMS, {}).get(key_id)
        if key is None:
            raise TokenRejected("unknown_key")
        audience, (_, alg) = self._meant(claims.get("aud")), key_id
        claims = verified_claims(
            assertion, key, alg, audience=audience, issuer=client, required=("aud", "iss", "sub")
        )  # fmt: skip
        return client, claims

    def _meant(self, stated: object) -> str:
        named = stated if isinstance(stated, list) else [stated]
        return next((audience for audience in self._audiences if audience in named), self._audiences[0])

    def _spend(self, client: str, claims: Mapping[str, Any]) -> None:
        now = self._clock().timestamp()
        expires = moment(claims, "exp") + LEEWAY_SECONDS
        if expires <= now:
            raise TokenRejected("expired")
        if expires > now + LONGEST_SECONDS + LEEWAY_SECONDS:
            raise TokenRejected("lives_too_long")
        if "nbf" in claims and moment(claims, "nbf") > now + LEEWAY_SECONDS:
            raise TokenRejected("not_yet_valid")
        name = claims.get("jti")
        if not isinstance(name, str) or not name:
            raise _refused("jti is missing")
        self._spent = {spent: until for spent, until in self._spent.items() if until > now}
        if (client, name) in self._spent:
            raise _refused("jti was used before")
        self._spent[client, name] = expires


def _refused(why: str) -> OAuthError:
    return OAuthError("invalid_client", f"client_assertion: {why}", HTTPStatus.UNAUTHORIZED)
