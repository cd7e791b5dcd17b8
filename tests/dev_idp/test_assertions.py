"""Demo systems that sign instead of keeping a secret: ``private_key_jwt``, over HTTP as a client does it."""

import base64
import json
import stat
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from app.dev_idp.assertions import JWT_BEARER
from app.dev_idp.clients import ClientKeys
from app.kernel.auth import SigningKey
from tests.dev_idp.steps import REDEEM, SYSTEM, Idp, assert_oauth_error, payload

CLIENT = "system.gnesta-school"


class System:
    """A demo system with a key of its own."""

    def __init__(self, idp: Idp) -> None:
        self.idp = idp
        self.keys = ClientKeys(idp.settings.data_dir)
        self.private_key = SigningKey(json.loads(self.keys.generate(CLIENT).read_text("utf-8")))

    def claims(self, **change: object) -> dict[str, object]:
        now = int(self.idp.now.timestamp())
        stated = {"iss": CLIENT, "sub": CLIENT, "aud": self.idp.settings.dev_issuer, "iat": now, "exp": now + 60}
        return {name: value for name, value in (stated | {"jti": "1"} | change).items() if value is not None}

    def signed(self, *, typ: str = "JWT", **change: object) -> str:
        return self.private_key.sign(self.claims(**change), typ=typ)

    async def asks(self, assertion: str, **change: str) -> httpx.Response:
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": JWT_BEARER,
            "client_assertion": assertion,
        }
        return await self.idp.token(form, **change)


@pytest.fixture
def system(idp: Idp) -> System:
    return System(idp)


def encoded(part: dict[str, object]) -> str:
    return base64url(json.dumps(part).encode())


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


async def test_discovery_says_that_a_client_may_sign(idp: Idp) -> None:
    document = (await idp.http.get("/.well-known/openid-configuration")).json()
    assert "private_key_jwt" in document["token_endpoint_auth_methods_supported"]
    assert document["token_endpoint_auth_signing_alg_values_supported"] == ["ES256", "RS256"]


async def test_a_signature_gives_a_token_of_the_system(system: System) -> None:
    granted = (await system.asks(system.signed(), scope="imports.write")).json()
    token = payload(granted["access_token"])
    assert token["sub"] == token["client_id"] == CLIENT
    assert token["scope"] == "imports.write"


async def test_what_the_command_prints_is_accepted(system: System) -> None:
    assertion = system.keys.assertion(CLIENT, system.idp.settings.dev_issuer, system.idp.now)
    assert (await system.asks(assertion)).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "http://127.0.0.1:8000/dev-idp/token"},
        {"aud": ["https://elsewhere.example", "http://127.0.0.1:8000/dev-idp"]},
        {"iat": None},
        {"typ": "client-authentication+jwt"},
    ],
)
async def test_the_usual_variants_are_accepted(system: System, change: dict[str, Any]) -> None:
    assert (await system.asks(system.signed(**change), client_id=CLIENT)).status_code == 200


async def test_a_code_is_exchanged_with_a_signature_too(system: System) -> None:
    code = await system.idp.code(client_id=CLIENT)
    answer = await system.asks(system.signed(), **(REDEEM | {"code": code, "client_id": CLIENT}))
    assert payload(answer.json()["access_token"])["client_id"] == CLIENT


async def test_a_key_pair_from_elsewhere_is_registered_by_its_public_half(system: System) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    numbers = key.public_key().public_numbers()
    public = {"kty": "RSA", "kid": "ours", "n": base64url(numbers.n.to_bytes(256, "big")), "e": "AQAB"}
    (system.idp.settings.data_dir / "dev-idp-clients" / f"{CLIENT}.jwks.json").write_text(
        json.dumps({"keys": [public]})
    )
    signed = f"{encoded({'alg': 'RS256', 'kid': 'ours'})}.{encoded(system.claims())}"
    signature = key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    assert (await system.asks(f"{signed}.{base64url(signature)}")).status_code == 200


Wrong = Callable[[System], str]
REFUSED: dict[str, tuple[Wrong, str]] = {
    "empty": (lambda system: "", "malformed"),
    "no signature": (lambda system: f"{encoded({'alg': 'none'})}.{encoded(system.claims())}.", "malformed"),
    "the algorithm none": (
        lambda system: f"{encoded({'alg': 'none', 'kid': 'a'})}.{encoded(system.claims())}.AA",
        "algorithm",
    ),
    "a secret's algorithm": (
        lambda system: f"{encoded({'alg': 'HS256', 'kid': 'a'})}.{encoded(system.claims())}.AA",
        "algorithm",
    ),
    "another type": (lambda system: system.signed(typ="at+jwt"), "type"),
    "no key id": (
        lambda system: f"{encoded({'alg': 'ES256'})}.{encoded(system.claims())}.AA",
        "key id missing",
    ),
    "a key nobody registered": (
        lambda system: SigningKey.generate().sign(system.claims(), typ="JWT"),
        "unknown key",
    ),
    "another's signature": (
        lambda system: system.signed().rpartition(".")[0] + "." + system.signed(jti="2").rpartition(".")[2],
        "signature",
    ),
    "an unknown client": (lambda system: system.signed(iss="nobody", sub="nobody"), "sub is not a client here"),
    "a person": (lambda system: system.signed(iss="gnesta.school", sub="gnesta.school"), "sub is not a client here"),
    "nobody": (lambda system: system.signed(sub=None), "sub is not a client here"),
    "another issuer": (lambda system: system.signed(iss="system.other"), "claims"),
    "no issuer": (lambda system: system.signed(iss=None), "claims"),
    "another audience": (lambda system: system.signed(aud="https://elsewhere.example/token"), "claims"),
    "the API as audience": (lambda system: system.signed(aud=system.idp.settings.audience), "claims"),
    "no audience": (lambda system: system.signed(aud=None), "claims"),
    "no end": (lambda system: system.signed(exp=None), "time claims"),
    "an end in words": (lambda system: system.signed(exp="tomorrow"), "time claims"),
    "a past end": (lambda system: system.signed(exp=int(system.idp.now.timestamp()) - 31), "expired"),
    "an end far away": (lambda system: system.signed(exp=int(system.idp.now.timestamp()) + 3600), "lives too long"),
    "a beginning to come": (lambda system: system.signed(nbf=int(system.idp.now.timestamp()) + 60), "not yet valid"),
    "no name of its own": (lambda system: system.signed(jti=None), "jti is missing"),
    "an empty name": (lambda system: system.signed(jti=""), "jti is missing"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_wrong_assertion_is_refused_with_its_reason(system: System, name: str) -> None:
    wrong, why = REFUSED[name]
    answer = await system.asks(wrong(system))
    assert_oauth_error(answer, "invalid_client", 401)
    assert answer.json()["error_description"] == f"client_assertion: {why}"


async def test_a_system_that_never_made_a_key_is_refused(system: System) -> None:
    for path in system.keys.private_key_of(CLIENT).parent.iterdir():
        path.unlink()
    assert_oauth_error(await system.asks(system.signed()), "invalid_client", 401)


async def test_an_assertion_counts_once(system: System) -> None:
    assertion = system.signed()
    assert (await system.asks(assertion)).status_code == 200
    again = await system.asks(assertion)
    assert_oauth_error(again, "invalid_client", 401)
    assert again.json()["error_description"] == "client_assertion: jti was used before"
    assert (await system.asks(system.signed(jti="2"))).status_code == 200


async def test_what_was_used_is_remembered_until_it_has_expired(system: System) -> None:
    assertion = system.signed()
    assert (await system.asks(assertion)).status_code == 200
    system.idp.now += timedelta(seconds=89)
    assert (await system.asks(assertion)).json()["error_description"] == "client_assertion: jti was used before"
    system.idp.now += timedelta(seconds=1)
    assert (await system.asks(assertion)).json()["error_description"] == "client_assertion: expired"


async def test_a_refused_assertion_spends_nothing(system: System) -> None:
    await system.asks(system.signed(aud="https://elsewhere.example"))
    assert (await system.asks(system.signed())).status_code == 200


async def test_a_new_key_ends_the_old_one(system: System) -> None:
    system.keys.generate(CLIENT)
    assert (await system.asks(system.signed())).json()["error_description"] == "client_assertion: unknown key"


async def test_the_kind_of_assertion_must_be_stated(system: System) -> None:
    assert_oauth_error(await system.asks(system.signed(), client_assertion_type="saml2-bearer"), "invalid_client", 401)


async def test_the_client_id_beside_it_must_be_the_same(system: System) -> None:
    assert_oauth_error(await system.asks(system.signed(), client_id="system.other"), "invalid_client", 401)


async def test_a_secret_beside_it_is_one_too_many(system: System) -> None:
    beside = await system.asks(system.signed(), client_id=CLIENT, client_secret=SYSTEM["client_secret"])
    assert_oauth_error(beside, "invalid_request")


def test_only_its_owner_reads_the_private_key(system: System) -> None:
    path = system.keys.private_key_of(CLIENT)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "d" in json.loads(path.read_text("utf-8"))
    (public,) = system.keys.registered(CLIENT)
    assert isinstance(public, dict)
    assert set(public) == {"kty", "crv", "x", "y", "kid", "alg", "use"}
    assert len(list(path.parent.iterdir())) == 2
