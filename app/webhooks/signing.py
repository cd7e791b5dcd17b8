"""Secrets of webhooks, sealed at rest, and the headers that prove who sends (Standard Webhooks 1.0)."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime

from cryptography.fernet import Fernet
from standardwebhooks import Webhook

from app.config import Settings

_PREFIX = "whsec_"
_BYTES = 32


def new_secret() -> str:
    """A secret as a receiver is told it."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def seal(settings: Settings, secret: str) -> bytes:
    """The secret as it is kept: whoever reads the table without the installation's root secret cannot sign."""
    return _box(settings).encrypt(secret.encode())


def unseal(settings: Settings, sealed: bytes) -> str:
    """The secret, to sign with."""
    return _box(settings).decrypt(sealed).decode()


def _box(settings: Settings) -> Fernet:
    key = hmac.digest(settings.secret.get_secret_value().encode(), b"webhook-secrets", hashlib.sha256)
    return Fernet(base64.urlsafe_b64encode(key))


def headers(message_id: str, at: datetime, body: str, known: Iterable[str]) -> dict[str, str]:
    """``webhook-id``, ``webhook-timestamp`` and a signature with every secret that is valid."""
    signatures = [Webhook(secret).sign(message_id, at, body) for secret in known]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
        "content-type": "application/json",
        "user-agent": "Tillsammans-Webhooks/1",
    }
