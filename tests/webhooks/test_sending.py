"""Where nothing may be sent, and that what was checked is what is connected to. Without a database."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.fernet import InvalidToken
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from standardwebhooks import Webhook, WebhookVerificationError

from app.config import Settings
from app.webhooks import signing
from app.webhooks.models import WebhookFault, wait_after
from app.webhooks.sending import Outcome, Resolve, Sender, addresses_of, is_open
from tests.webhooks.steps import SILENCE, Receiver

CLOSED = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.8.8.8", "169.254.169.254", "172.16.0.1",
    "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.9",
    "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe",
    "100::1", "2001:db8::1", "2001::1", "2002:7f00:1::", "2002:5db8:d822::1", "fc00::1", "fd00:ec2::254",
    "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
]  # fmt: skip
OPEN = ["1.1.1.1", "93.184.215.14", "193.10.1.1", "2a00:801:e0::1", "2606:4700::1111", "::ffff:93.184.215.14",
        "64:ff9b::5db8:d70e"]  # fmt: skip
HEADERS = {"content-type": "application/json"}


def to(*addresses: str) -> Resolve:
    """Every name points there."""

    async def resolve(host: str, port: int) -> list[str]:
        return list(addresses)

    return resolve


@pytest.fixture
def settings() -> Settings:
    return Settings(_env_file=None, webhook_timeout_seconds=5)


@pytest.fixture
def lenient(settings: Settings) -> Settings:
    return settings.model_copy(update={"webhook_private_targets": True})


@pytest.mark.parametrize("address", CLOSED)
def test_nothing_goes_inside(address: str) -> None:
    assert not is_open(address)


@pytest.mark.parametrize("address", OPEN)
def test_the_open_internet_is_open(address: str) -> None:
    assert is_open(address)


@pytest.mark.parametrize("host", ["localhost", "0x7f.1", "2130706433", "127.1", "[::ffff:127.0.0.1]"])
async def test_a_name_for_oneself_is_seen_through(settings: Settings, host: str) -> None:
    async with Sender(settings) as sender:
        assert await sender.send(f"https://{host}/", HEADERS, "{}") == Outcome(None, WebhookFault.REFUSED)


@pytest.mark.parametrize("found", [["10.0.0.1"], ["93.184.215.14", "::1"]])
async def test_a_name_that_has_moved_inside_is_refused_at_the_attempt(settings: Settings, found: list[str]) -> None:
    async with Sender(settings, to(*found)) as sender:
        assert await sender.send("https://receiver.example/", HEADERS, "{}") == Outcome(None, WebhookFault.REFUSED)


async def test_a_name_is_looked_up_once_and_tried_address_by_address(lenient: Settings) -> None:
    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.2", "127.0.0.1"]

    async with Receiver().listening() as receiver, Sender(lenient, resolve) as sender:
        outcome = await sender.send(f"http://receiver.example:{receiver.port}/", HEADERS, "{}")

    assert (outcome, asked) == (Outcome(204, None), ["receiver.example"])
    assert receiver.heard[0].headers["host"] == f"receiver.example:{receiver.port}"


async def test_how_an_attempt_ends(lenient: Settings) -> None:
    receiver = Receiver()
    impatient = lenient.model_copy(update={"webhook_timeout_seconds": 0.3})
    async with receiver.listening():
        receiver.answers += [SILENCE]
        async with Sender(impatient) as sender:
            assert await sender.send(receiver.url, HEADERS, "{}") == Outcome(None, WebhookFault.TIMEOUT)
        async with Sender(lenient) as sender:
            receiver.answers += [500, 302, 410, 200]
            outcomes = [await sender.send(receiver.url, HEADERS, "{}") for _ in range(4)]
    async with Sender(lenient) as sender:
        outcomes.append(await sender.send(receiver.url, HEADERS, "{}"))
        outcomes.append(await sender.send("http://no.such.name.invalid/", HEADERS, "{}"))

    fault = WebhookFault
    assert outcomes == [
        Outcome(500, fault.STATUS), Outcome(302, fault.STATUS), Outcome(410, fault.STATUS), Outcome(200, None),
        Outcome(None, fault.UNREACHABLE), Outcome(None, fault.UNREACHABLE),
    ]  # fmt: skip
    assert len(receiver.heard) == 5, "a redirect is not followed"


async def test_the_certificate_is_the_names_whatever_address_it_has(lenient: Settings, tmp_path: Path) -> None:
    ours, trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context(cadata=_certificate(tmp_path))
    ours.load_cert_chain(tmp_path / "certificate.pem")
    async with Receiver().listening(ours) as receiver:
        async with Sender(lenient, to("127.0.0.1")) as sender:
            strange = await sender.send(f"https://receiver.example:{receiver.port}/", HEADERS, "{}")
        async with Sender(lenient, to("127.0.0.1"), trusting) as sender:
            outcomes = [
                await sender.send(f"https://{name}.example:{receiver.port}/", HEADERS, "{}")
                for name in ("receiver", "other")
            ]

    assert [strange, *outcomes] == [
        Outcome(None, WebhookFault.UNTRUSTED), Outcome(204, None), Outcome(None, WebhookFault.UNTRUSTED),
    ]  # fmt: skip


def _certificate(folder: Path) -> str:
    """A certificate for receiver.example that vouches for itself, with its key in a file beside it."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    at = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, at - timedelta(days=1), at + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("receiver.example")]), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "certificate.pem").write_bytes(private + certificate.public_bytes(pem))
    return certificate.public_bytes(pem).decode()


def test_a_secret_is_sealed_with_the_installations_own(settings: Settings) -> None:
    secret = signing.new_secret()
    sealed = signing.seal(settings, secret)

    assert signing.unseal(settings, sealed) == secret
    assert secret.encode() not in sealed
    assert signing.seal(settings, secret) != sealed
    elsewhere = settings.model_copy(update={"secret": type(settings.secret)("another" * 8)})
    with pytest.raises(InvalidToken):
        signing.unseal(elsewhere, sealed)


def test_every_valid_secret_signs() -> None:
    secrets, body = [signing.new_secret() for _ in range(2)], '{"id":"1"}'
    headers = signing.headers("1", datetime.now(UTC), body, secrets)

    assert [Webhook(secret).verify(body, headers) for secret in secrets] == [{"id": "1"}] * 2
    for wrong in ((signing.new_secret(), body), (secrets[0], body + " ")):
        with pytest.raises(WebhookVerificationError):
            Webhook(wrong[0]).verify(wrong[1], headers)


def test_waits_grow_and_end() -> None:
    waits = [wait_after(attempts, [5, 300], 0.1) for attempts in (1, 2, 3)]

    assert waits == [timedelta(seconds=5.5), timedelta(seconds=330), None]


def test_there_are_attempts_for_longer_than_there_is_patience() -> None:
    settings = Settings(_env_file=None)
    assert sum(settings.webhook_retry_seconds) > settings.webhook_give_up_days * 86_400


def test_waits_are_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILLSAMMANS_WEBHOOK_RETRY_SECONDS", "0.5, 2")
    assert Settings(_env_file=None).webhook_retry_seconds == [0.5, 2]


def test_production_never_sends_inside() -> None:
    complete: dict[str, Any] = {
        "environment": "production", "secret": "x" * 40, "trusted_issuers": "https://idp.example", "audience": "a",
        "database_url": "postgresql://db", "public_url": "https://api.example",
    }  # fmt: skip
    assert Settings(_env_file=None, **complete).production
    with pytest.raises(ValueError, match="WEBHOOK_PRIVATE_TARGETS"):
        Settings(_env_file=None, **complete, webhook_private_targets=True)


async def test_a_name_is_looked_up_as_the_machine_does() -> None:
    assert ipaddress.ip_address((await addresses_of("localhost", 80))[0]).is_loopback
