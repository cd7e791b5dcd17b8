"""The development issuer with the demo users, as the program mounts it."""

from typing import NamedTuple

import httpx
from starlette.types import ASGIApp

from app.config import Settings
from app.dev_idp import DemoUser, DevIssuer, dev_idp_app, in_process_transport


class Issuer(NamedTuple):
    """The issuer's own application, and the way to it that needs no network."""

    app: ASGIApp
    transport: httpx.AsyncBaseTransport


def dev_issuer(settings: Settings) -> Issuer:
    """The development issuer; raises RuntimeError in production."""

    async def users() -> list[DemoUser]:
        return demo_users()

    app = dev_idp_app(settings, DevIssuer.load(settings), users)
    return Issuer(app, in_process_transport(app))


def demo_users() -> list[DemoUser]:
    """Who there is to be in development."""
    from app.demo import USERS

    return list(USERS)
