"""Codes that somebody is told once and says again, at the door or by telephone; only a keyed hash of them is kept.

Whoever reads the database finds no code, and cannot try them all without the program's secret.
"""

import hashlib
import hmac
import secrets

#: Digits and capitals without those that sound or look alike (0 O, 1 I L, U V).
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 8


def new_code() -> str:
    """Such a code, in two groups of four: 39 random bits."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{code[:4]}-{code[4:]}"


def code_hash(secret: str, purpose: str, code: str) -> str:
    """What is kept of a code; the same however it is written, with small letters or without the hyphen."""
    spoken = "".join(sign for sign in code.upper() if sign.isalnum())
    return hmac.digest(secret.encode(), f"{purpose}|{spoken}".encode(), hashlib.sha256).hex()
