"""Who asks: access tokens are verified here, and nowhere else.

``signatures`` is the only module that imports python-jose, ``keys`` fetches and keeps the issuers' public keys,
``tokens`` turns a bearer token into an :class:`Identity`.
"""

from app.kernel.auth.keys import KeysUnavailable
from app.kernel.auth.signatures import SigningKey, TokenRejected
from app.kernel.auth.tokens import Identity, TokenVerifier

__all__ = ["Identity", "KeysUnavailable", "SigningKey", "TokenRejected", "TokenVerifier"]
