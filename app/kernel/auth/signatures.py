"""The one door to python-jose: signatures only, never its encryption (JWE).

python-jose trusts what the caller forgets to forbid: it takes any algorithm when none is named, matches algorithm
names by substring when given a string, ignores ``kid`` and ``crit``, and accepts a public key as an HMAC secret.
Everything here exists so that it is never given the choice. Sources: RFC 7515, RFC 7517, RFC 8725, RFC 9068.
"""

import base64
import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from jose import jwk, jwt
from jose.backends.base import Key
from jose.exceptions import ExpiredSignatureError, JOSEError, JWTClaimsError

TOKEN_LENGTH_LIMIT = 8 * 1024
RSA_MINIMUM_BITS = 2048

Reason = Literal[
    "too_long",
    "malformed",
    "algorithm",
    "type",
    "critical_header",
    "key_id_missing",
    "issuer",
    "unknown_key",
    "signature",
    "claims",
    "time_claims",
    "expired",
    "not_yet_valid",
    "issued_in_future",
    "lives_too_long",
    "subject",
    "client",
    "scope",
]
KeyId = tuple[str, str]
"""``(kid, alg)``: a key is only ever looked up for the algorithm it was made for."""

# Asymmetric only: an `HS…` name in the settings would still find no shape here, and no key.
_SHAPES: dict[str, tuple[str, str | None]] = {
    "RS256": ("RSA", None),
    "RS384": ("RSA", None),
    "RS512": ("RSA", None),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
}
_PUBLIC_MEMBERS = {"RSA": ("kty", "n", "e"), "EC": ("kty", "crv", "x", "y")}
_COMPACT_JWS = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_UNREADABLE = (JOSEError, ValueError, TypeError, KeyError, OverflowError, RecursionError)


class TokenRejected(Exception):
    """The token does not count. ``reason`` is for logs only: every caller gets the same 401 text."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A public key, built once; ``material`` tells whether a later document still holds the same one."""

    material: tuple[str, ...]
    key: Key


def read_unverified(token: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return ``(header, claims)`` of a compact JWS, nothing proven yet.

    Raises :class:`TokenRejected` (``too_long``, ``malformed``); a five-part JWE is malformed and never opened.
    """
    if len(token) > TOKEN_LENGTH_LIMIT:
        raise TokenRejected("too_long")
    if not _COMPACT_JWS.fullmatch(token):
        raise TokenRejected("malformed")
    try:
        return jwt.get_unverified_header(token), jwt.get_unverified_claims(token)
    except _UNREADABLE:
        raise TokenRejected("malformed") from None


def acceptable_key_id(header: Mapping[str, Any], algorithms: Collection[str], types: Collection[str]) -> KeyId:
    """Return the ``(kid, alg)`` that a header asks for; ``jku``, ``jwk``, ``x5u`` and ``x5c`` are never looked at.

    Raises :class:`TokenRejected` (``algorithm``, ``type``, ``critical_header``, ``key_id_missing``).
    """
    alg, kid = header.get("alg"), header.get("kid")
    if not isinstance(alg, str) or alg not in tuple(algorithms) or alg not in _SHAPES:
        raise TokenRejected("algorithm")
    if header.get("typ") not in tuple(types):
        raise TokenRejected("type")
    if "crit" in header:
        raise TokenRejected("critical_header")
    if not isinstance(kid, str) or not kid:
        raise TokenRejected("key_id_missing")
    return kid, alg


def verified_claims(
    token: str,
    key: VerificationKey,
    alg: str,
    *,
    audience: str,
    issuer: str,
    required: Collection[str] = ("iat", "aud", "iss", "sub"),
) -> Mapping[str, Any]:
    """Return the claims once signature, ``aud``, ``iss`` and ``sub`` hold. Raises :class:`TokenRejected`.

    ``exp`` and ``nbf`` are left to the caller: python-jose reads the machine's clock and takes numbers in strings.
    """
    options = {f"require_{claim}": True for claim in required}
    options |= {f"verify_{claim}": False for claim in ("exp", "nbf", "at_hash")}
    try:
        return jwt.decode(token, key.key, algorithms=[alg], audience=audience, issuer=issuer, options=options)
    except (JWTClaimsError, ExpiredSignatureError):
        raise TokenRejected("claims") from None
    except JOSEError as failure:
        # A missing claim and a bad signature share jose's base class; only the former mentions claims.
        raise TokenRejected("claims" if "among claims" in str(failure) else "signature") from None
    except _UNREADABLE:
        raise TokenRejected("claims") from None


def verification_keys(
    jwks: Collection[object], algorithms: Collection[str], known: Mapping[KeyId, VerificationKey]
) -> dict[KeyId, VerificationKey]:
    """Return the usable signature keys of a key set (RFC 7517), keeping the objects of ``known`` that are unchanged.

    Left out: secrets (``oct``), encryption keys, RSA under 2048 bits, published private keys, keys without ``kid``,
    what cannot be read, and every key whose ``kid`` is not unique for its algorithm.
    """
    found: dict[KeyId, VerificationKey] = {}
    ambiguous: set[KeyId] = set()
    for member in jwks:
        for alg in algorithms:
            if not isinstance(member, Mapping) or not _fits(member, alg):
                continue
            key_id = (member["kid"], alg)
            ambiguous |= {key_id} & found.keys()
            key = _build(member, alg, known.get(key_id))
            if key is not None:
                found[key_id] = key
    return {key_id: key for key_id, key in found.items() if key_id not in ambiguous}


def _fits(member: Mapping[str, Any], alg: str) -> bool:
    kty, curve = _SHAPES.get(alg, (None, None))
    operations = member.get("key_ops", ["verify"])
    return (
        kty is not None
        and member.get("kty") == kty
        and member.get("crv") == curve
        and isinstance(member.get("kid"), str)
        and member.get("alg", alg) == alg
        and member.get("use", "sig") == "sig"
        and isinstance(operations, list)
        and "verify" in operations
        # A private key that its issuer publishes proves nothing about who signed.
        and "d" not in member
    )


def _build(member: Mapping[str, Any], alg: str, known: VerificationKey | None) -> VerificationKey | None:
    values = {name: member.get(name) for name in _PUBLIC_MEMBERS[member["kty"]]}
    if not all(isinstance(value, str) for value in values.values()):
        return None
    material = tuple(str(value) for value in values.values())
    if known is not None and known.material == material:
        return known
    try:
        if member["kty"] == "RSA" and _bits(member["n"]) < RSA_MINIMUM_BITS:
            return None
        return VerificationKey(material, jwk.construct(values, alg))
    except (*_UNREADABLE, UnsupportedAlgorithm):
        return None


def _bits(number: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(number + "=="), "big").bit_length()


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An ES256 key that signs; for the development issuer, which has no other way to python-jose."""

    private_jwk: Mapping[str, str]

    @classmethod
    def generate(cls) -> Self:
        """Make a new P-256 key; its ``kid`` is its thumbprint (RFC 7638)."""
        numbers = ec.generate_private_key(ec.SECP256R1()).private_numbers()
        point = numbers.public_numbers
        parts = {"crv": "P-256", "kty": "EC", "x": _base64url(point.x), "y": _base64url(point.y)}
        thumbprint = hashlib.sha256(json.dumps(parts, separators=(",", ":"), sort_keys=True).encode()).digest()
        kid = base64.urlsafe_b64encode(thumbprint).rstrip(b"=").decode()
        return cls({**parts, "d": _base64url(numbers.private_value), "kid": kid, "alg": "ES256", "use": "sig"})

    @property
    def public_jwk(self) -> dict[str, str]:
        """The part that goes into ``/jwks``."""
        return {name: value for name, value in self.private_jwk.items() if name != "d"}

    def sign(self, claims: Mapping[str, object], *, typ: str) -> str:
        """Return a compact JWS of ``claims`` with this key's ``kid`` and the given ``typ``."""
        headers = {"typ": typ, "kid": self.private_jwk["kid"]}
        return jwt.encode(dict(claims), dict(self.private_jwk), algorithm="ES256", headers=headers)


def _base64url(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()


def moment(claims: Mapping[str, Any], name: str) -> float:
    """Return a claim that is a time, in seconds since 1970. Raises :class:`TokenRejected` ``time_claims``."""
    value = claims.get(name)
    # The upper bound (year 33658) also refuses infinity, and not-a-number compares with nothing.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
        raise TokenRejected("time_claims")
    return value


def fingerprint(token: str, claims: Mapping[str, Any]) -> str:
    """Return what may stand in a log for a token: a hash of its ``jti``, or of itself when it has none."""
    jti = claims.get("jti")
    return hashlib.sha256((jti if isinstance(jti, str) and jti else token).encode(errors="replace")).hexdigest()[:32]
