"""What the command line hands out so that somebody can be a demo user or a demo system, without a password."""

import difflib
import os
from datetime import UTC, datetime
from pathlib import Path

from app import serving
from app.config import Settings
from app.demo import USERS
from app.dev_idp import DemoUser, DevIssuer
from app.dev_idp.assertions import JWT_BEARER
from app.dev_idp.clients import ClientKeys
from app.embedded import OperatorError

COMMAND_CLIENT = "tillsammans-command"


def access_token(settings: Settings, name: str, *, scope: str | None, lifetime: int) -> str:
    """A token of a demo user or system, for the program that runs here."""
    user = _somebody(name, list(USERS))
    client = name if user.is_client else COMMAND_CLIENT
    return DevIssuer.load(_here(settings)).access_token(name, client_id=client, scope=scope, lifetime=lifetime)


def make_client_key(settings: Settings, name: str) -> Path:
    """A new key pair of a demo system, which the issuer trusts from now on; returns the file with the private key."""
    return ClientKeys(settings.data_dir).generate(_system(name))


def client_assertion(settings: Settings, name: str) -> str:
    """A system's signed statement of who it is (``private_key_jwt``). Raises OperatorError before it has a key."""
    try:
        return ClientKeys(settings.data_dir).assertion(_system(name), _here(settings).dev_issuer, datetime.now(UTC))
    except FileNotFoundError as missing:
        raise OperatorError(f"{name} has no key yet: `tillsammans client-key {name}` makes one.") from missing


def token_request(settings: Settings, name: str, command: str) -> str:
    """One line for a shell that signs in as a system with its key."""
    return (
        f"curl -d grant_type=client_credentials -d client_assertion_type={JWT_BEARER} "
        f'-d "client_assertion=$({command} client-assertion {name})" {_here(settings).dev_issuer}/token'
    )


def _system(name: str) -> str:
    return _somebody(name, [user for user in USERS if user.is_client]).subject


def _somebody(name: str, among: list[DemoUser]) -> DemoUser:
    known = {user.subject: user for user in among}
    if name not in known:
        close = difflib.get_close_matches(name, known, n=3, cutoff=0.5) or sorted(known)
        kind = "system" if all(user.is_client for user in among) else "user"
        raise OperatorError(f"There is no demo {kind} {name!r}. Did you mean {' or '.join(close)}?")
    return known[name]


def _here(settings: Settings) -> Settings:
    """The settings with the address of the program that runs on this data folder, or would run on ``PORT``."""
    address = serving.running_address(settings.data_dir)
    if address is not None:
        return settings.model_copy(update={"public_url": address})
    if "PORT" in os.environ:
        return serving.reachable(settings, "127.0.0.1", int(os.environ["PORT"]))
    return settings
