"""To a receiver and nowhere else: the address is looked up once, checked, and connected to as it was checked.

A subscriber names a host, and whoever rules its name decides what it points to, also a moment after it was checked. So
the look-up that is checked is the one that is used, at every attempt; no redirect is followed, no proxy asked.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final, NamedTuple, Self

import httpx

from app.config import Settings
from app.webhooks.models import WebhookFault, WebhookTargetRefused

Resolve = Callable[[str, int], Awaitable[list[str]]]

_LOOK_UP_SECONDS: Final = 3
_LAST_PORT: Final = 65_535
#: What is not the open internet (RFC 6890 and its registry). Written out: what Python knows of it differs by version.
_CLOSED_IPV4: Final = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/3",
    )
)  # fmt: skip
_OPEN_IPV6: Final = IPv6Network("2000::/3")
#: Also 2002::/16, which carries an IPv4 address to wherever a relay likes.
_CLOSED_IPV6: Final = tuple(
    IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
#: Behind it stands an IPv4 address, for a network without IPv4 (RFC 6052).
_TRANSLATED: Final = IPv6Network("64:ff9b::/96")


class Outcome(NamedTuple):
    """What became of one attempt."""

    status_code: int | None
    fault: WebhookFault | None


async def addresses_of(host: str, port: int) -> list[str]:
    """What a host's name points to now; ``OSError`` when to nothing."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_open(address: str) -> bool:
    """Whether an address is on the open internet: not private, loopback, link-local, shared, reserved or for many."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        carried = IPv4Address(int(found) & 0xFFFF_FFFF) if found in _TRANSLATED else found.ipv4_mapped
        if carried is None:
            return found in _OPEN_IPV6 and not any(found in network for network in _CLOSED_IPV6)
        found = carried
    return not any(found in network for network in _CLOSED_IPV4)


async def require_target(settings: Settings, url: str, resolve: Resolve | None = None) -> None:
    """Raise ``WebhookTargetRefused`` for an address that nothing may be sent to.

    A name that points nowhere yet is let through: each attempt looks again.
    """
    target = _target(settings, url)
    if settings.webhook_private_targets:
        return
    try:
        async with asyncio.timeout(_LOOK_UP_SECONDS):
            found = await (resolve or addresses_of)(target.host, _port(target))
    except (OSError, UnicodeError, TimeoutError):
        return
    _require_open(found)


def _target(settings: Settings, url: str) -> httpx.URL:
    try:
        target = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError, ValueError):
        raise WebhookTargetRefused from None
    schemes = ("https", "http") if settings.webhook_private_targets else ("https",)
    plain = target.host and not target.userinfo and not target.fragment and _port(target) <= _LAST_PORT
    if target.scheme not in schemes or not plain:
        raise WebhookTargetRefused
    return target


def _require_open(addresses: list[str]) -> None:
    # One bad address among good ones is no mistake: all of them are the same name's.
    if not all(is_open(address) for address in addresses):
        raise WebhookTargetRefused


def _port(target: httpx.URL) -> int:
    return target.port or (443 if target.scheme == "https" else 80)


@cache
def _trusted() -> ssl.SSLContext:
    """Whom the machine trusts; reading it takes longer than an attempt."""
    return ssl.create_default_context()


class Sender:
    """Makes attempts, with a connection of its own for each: a kept one was checked for another name."""

    def __init__(
        self, settings: Settings, resolve: Resolve = addresses_of, trusted: ssl.SSLContext | None = None
    ) -> None:
        self._settings, self._resolve = settings, resolve
        self._client = httpx.AsyncClient(
            timeout=settings.webhook_timeout_seconds, follow_redirects=False, trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0), verify=trusted or _trusted(),
        )  # fmt: skip

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_failed: object) -> None:
        await self._client.aclose()

    async def send(self, url: str, headers: Mapping[str, str], body: str) -> Outcome:
        """One attempt; what the receiver says beyond its status is not read."""
        try:
            async with asyncio.timeout(self._settings.webhook_timeout_seconds):
                status = await self._post(url, headers, body)
        except WebhookTargetRefused:
            return Outcome(None, WebhookFault.REFUSED)
        except (TimeoutError, httpx.TimeoutException):
            return Outcome(None, WebhookFault.TIMEOUT)
        except (httpx.HTTPError, OSError, UnicodeError) as error:
            untrusted = any(isinstance(cause, ssl.SSLError) for cause in _causes(error))
            return Outcome(None, WebhookFault.UNTRUSTED if untrusted else WebhookFault.UNREACHABLE)
        return Outcome(status, None if 200 <= status < 300 else WebhookFault.STATUS)

    async def _post(self, url: str, headers: Mapping[str, str], body: str) -> int:
        target = _target(self._settings, url)
        addresses = await self._resolve(target.host, _port(target))
        if not self._settings.webhook_private_targets:
            _require_open(addresses)
        unreachable: httpx.ConnectError | None = None
        for address in addresses:
            request = self._client.build_request(
                "POST", target.copy_with(host=address), content=body.encode(),
                headers={**headers, "host": target.netloc.decode("ascii")},
                # The certificate is the name's, whatever address it has.
                extensions={**_timeouts(self._client), "sni_hostname": target.raw_host.decode("ascii")},
            )  # fmt: skip
            try:
                response = await self._client.send(request, stream=True)
            except httpx.ConnectError as error:
                unreachable = error
                continue
            await response.aclose()
            return response.status_code
        raise unreachable or OSError("the name points nowhere")


def _timeouts(client: httpx.AsyncClient) -> dict[str, object]:
    return {"timeout": client.timeout.as_dict()}


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
