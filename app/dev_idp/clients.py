"""The keys with which demo systems prove who they are (``private_key_jwt``), in the data folder."""

import json
import secrets
from datetime import datetime
from pathlib import Path

from app.dev_idp.files import drafted
from app.kernel.auth import SigningKey

FOLDER = "dev-idp-clients"
ASSERTION_SECONDS = 60


class ClientKeys:
    """Two files for each system: ``NAME.jwks.json``, which the issuer trusts, and ``NAME.private.json``, its own.

    Whoever has a key pair already writes the public half (a JWK Set, RFC 7517) into the former. Names are those of demo
    systems: whoever calls has made sure that there is one.
    """

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / FOLDER

    def generate(self, client: str) -> Path:
        """Make a key pair and register it in place of any earlier one; return the file with the private key (JWK)."""
        key = SigningKey.generate()
        self._write(self._registered_in(client), {"keys": [key.public_jwk]})
        self._write(self.private_key_of(client), dict(key.private_jwk))
        return self.private_key_of(client)

    def private_key_of(self, client: str) -> Path:
        """Where the system's own half lies."""
        return self._folder / f"{client}.private.json"

    def registered(self, client: str) -> list[object]:
        """The public keys that the issuer trusts for this system; none before there are some."""
        path = self._registered_in(client)
        return list(json.loads(path.read_text("utf-8"))["keys"]) if path.exists() else []

    def assertion(self, client: str, audience: str, now: datetime) -> str:
        """A signed statement of who calls (RFC 7523 section 2.2), for one use within a minute.

        Raises FileNotFoundError when the system has no key here.
        """
        key = SigningKey(json.loads(self.private_key_of(client).read_text("utf-8")))
        issued = int(now.timestamp())
        times = {"iat": issued, "exp": issued + ASSERTION_SECONDS}
        claims = {"iss": client, "sub": client, "aud": audience, "jti": secrets.token_urlsafe(16), **times}
        return key.sign(claims, typ="JWT")

    def _registered_in(self, client: str) -> Path:
        return self._folder / f"{client}.jwks.json"

    @staticmethod
    def _write(path: Path, content: object) -> None:
        with drafted(path, json.dumps(content, indent=2)) as draft:
            draft.replace(path)
