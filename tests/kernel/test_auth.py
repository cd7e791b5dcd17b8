"""Token verification, attacked: each known weakness of python-jose has its test here, and none opens the door.

Tokens are forged by hand with ``cryptography``, since python-jose would refuse to make some of them.
"""

import base64
import hashlib
import hmac
import json
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import structlog
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from structlog.testing import capture_logs

from app.config import Settings
from app.kernel.auth import Identity, KeysUnavailable, TokenRejected, TokenVerifier

ISSUER, OTHER_ISSUER = "https://login.example.se", "https://login.example.org"
AUDIENCE = "https://tillsammans.example/api"
START = datetime(2026, 3, 2, 8, tzinfo=UTC)
NOW = int(START.timestamp())

RSA = rsa.generate_private_key(65537, 2048)
SMALL_RSA = rsa.generate_private_key(65537, 1024)
EC = ec.generate_private_key(ec.SECP256R1())
EC_384 = ec.generate_private_key(ec.SECP384R1())


def b64(data: bytes | int) -> str:
    if isinstance(data, int):
        data = data.to_bytes((data.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def rsa_jwk(key: rsa.RSAPrivateKey, kid: str, **more: Any) -> dict[str, Any]:
    numbers = key.public_key().public_numbers()
    return {"kty": "RSA", "kid": kid, "n": b64(numbers.n), "e": b64(numbers.e)} | more


def ec_jwk(key: ec.EllipticCurvePrivateKey, kid: str, crv: str = "P-256", **more: Any) -> dict[str, Any]:
    numbers, size = key.public_key().public_numbers(), (key.key_size + 7) // 8
    point = {"x": b64(numbers.x.to_bytes(size, "big")), "y": b64(numbers.y.to_bytes(size, "big"))}
    return {"kty": "EC", "kid": kid, "crv": crv} | point | more


def header(**change: Any) -> dict[str, Any]:
    return {k: v for k, v in ({"alg": "RS256", "typ": "at+jwt", "kid": "rsa"} | change).items() if v is not None}


def claims(**change: Any) -> dict[str, Any]:
    full = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "gnesta.school",
        "iat": NOW,
        "exp": NOW + 3600,
        "jti": "t-1",
    } | change
    return {name: value for name, value in full.items() if value is not None}


def signing_input(head: dict[str, Any], body: dict[str, Any] | str) -> bytes:
    text = body if isinstance(body, str) else json.dumps(body)
    return f"{b64(json.dumps(head).encode())}.{b64(text.encode())}".encode()


def rs256(head: dict[str, Any], body: dict[str, Any] | str, key: rsa.RSAPrivateKey = RSA) -> str:
    message = signing_input(head, body)
    return f"{message.decode()}.{b64(key.sign(message, padding.PKCS1v15(), hashes.SHA256()))}"


def es256(head: dict[str, Any], body: dict[str, Any], key: ec.EllipticCurvePrivateKey = EC) -> str:
    message, size = signing_input(head, body), (key.key_size + 7) // 8
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    return f"{message.decode()}.{b64(r.to_bytes(size, 'big') + s.to_bytes(size, 'big'))}"


def hs256(head: dict[str, Any], body: dict[str, Any], secret: bytes) -> str:
    message = signing_input(head, body)
    return f"{message.decode()}.{b64(hmac.digest(secret, message, 'sha256'))}"


class World:
    """A verifier, the issuer it trusts, and the time."""

    def __init__(self, **settings: Any) -> None:
        self.keys: list[dict[str, Any]] = [ec_jwk(EC, "ec"), rsa_jwk(RSA, "rsa")]
        self.now = START
        self.asked: list[str] = []
        self.down = False
        self.jwks_origin: str | None = None
        given = {"_env_file": None, "trusted_issuers": [ISSUER, OTHER_ISSUER], "audience": AUDIENCE}
        self.settings = Settings(**given | settings)
        http = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        self.verifier = TokenVerifier(self.settings, http, lambda: self.now)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        url = str(request.url)
        self.asked.append(url)
        if self.down:
            raise httpx.ConnectError("nobody there")
        issuer = f"https://{request.url.host}"
        if url.endswith("openid-configuration"):
            return httpx.Response(200, json={"issuer": issuer, "jwks_uri": f"{self.jwks_origin or issuer}/keys"})
        return httpx.Response(200, json={"keys": self.keys})

    async def verify(self, token: str) -> Identity:
        return await self.verifier.verify(token)

    async def refusal(self, token: str) -> str:
        with pytest.raises(TokenRejected) as refused:
            await self.verifier.verify(token)
        return refused.value.reason


@pytest.fixture
def world() -> World:
    return World()


# What is accepted


async def test_a_good_token_tells_who_asks(world: World) -> None:
    who = await world.verify(rs256(header(), claims(scope="cases.read plans.read", client_id="web")))
    assert who == Identity(
        issuer=ISSUER,
        subject="gnesta.school",
        client_id="web",
        scopes=frozenset({"cases.read", "plans.read"}),
        expires_at=NOW + 3600,
        token_id=hashlib.sha256(b"t-1").hexdigest()[:32],
    )


async def test_a_key_set_may_lead_with_a_key_of_another_kind(world: World) -> None:
    assert [key["kty"] for key in world.keys] == ["EC", "RSA"]
    assert (await world.verify(rs256(header(), claims()))).subject == "gnesta.school"
    assert (await world.verify(es256(header(alg="ES256", kid="ec"), claims()))).subject == "gnesta.school"


@pytest.mark.parametrize(
    "change",
    [
        {"aud": ["https://elsewhere.example", AUDIENCE]},
        {"iss": OTHER_ISSUER},
        {"nbf": NOW + 30},
        {"iat": NOW + 30},
        {"exp": NOW - 29, "iat": NOW - 600},
        {"iat": NOW + 0.5},
    ],
)
async def test_lists_leeway_and_fractions_are_understood(world: World, change: dict[str, Any]) -> None:
    assert (await world.verify(rs256(header(), claims(**change)))).subject == "gnesta.school"


@pytest.mark.parametrize("scope", [f"{AUDIENCE}/cases.read openid", [f"{AUDIENCE}/cases.read", "openid"]])
async def test_scopes_lose_the_prefix_of_the_audience(world: World, scope: object) -> None:
    assert (await world.verify(rs256(header(), claims(scope=scope)))).scopes == {"cases.read", "openid"}


async def test_claim_names_are_configuration() -> None:
    world = World(claim_subject="employeeHsaId", claim_client="azp", claim_scope="scp")
    body = claims(employeeHsaId="SE1", azp="broker", scp=["a"], scope="b")
    who = await world.verify(rs256(header(), body))
    assert (who.subject, who.client_id, who.scopes) == ("SE1", "broker", frozenset({"a"}))
    assert await world.refusal(rs256(header(), claims())) == "subject"


# The algorithm: python-jose takes any when none is named, and compares names by substring


@pytest.mark.parametrize("encoding", [Encoding.DER, Encoding.PEM])
@pytest.mark.parametrize("public_format", [PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1])
async def test_the_public_key_is_no_hmac_secret(world: World, encoding: Encoding, public_format: PublicFormat) -> None:
    secret = RSA.public_key().public_bytes(encoding, public_format)
    assert await world.refusal(hs256(header(alg="HS256"), claims(), secret)) == "algorithm"


async def test_an_openssh_key_is_no_hmac_secret(world: World) -> None:
    secret = EC.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    assert await world.refusal(hs256(header(alg="HS256", kid="ec"), claims(), secret)) == "algorithm"


async def test_symmetric_algorithms_stay_shut_even_when_configured() -> None:
    world = World(token_algorithms=["RS256", "HS256"])
    world.keys.append({"kty": "oct", "kid": "rsa", "alg": "HS256", "k": b64(b"secret")})
    secret = RSA.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    for key in (secret, b"secret"):
        assert await world.refusal(hs256(header(alg="HS256"), claims(), key)) == "algorithm"


@pytest.mark.parametrize("alg", ["RS256x", "S256", "RS", "", "rs256", "none", "None", "NONE", None, ["RS256"], {}, 256])
async def test_only_an_exact_configured_algorithm_counts(world: World, alg: object) -> None:
    assert await world.refusal(rs256(header(alg=alg), claims())) == "algorithm"


async def test_a_setting_of_one_algorithm_is_a_list_of_one() -> None:
    world = World(token_algorithms="RS256x")
    assert await world.refusal(rs256(header(), claims())) == "algorithm"


@pytest.mark.parametrize("signature", ["", "AA"])
async def test_an_unsigned_token_is_refused(world: World, signature: str) -> None:
    token = f"{signing_input(header(alg='none'), claims()).decode()}.{signature}"
    assert await world.refusal(token) in {"malformed", "algorithm"}


async def test_an_algorithm_left_out_of_the_settings_is_refused() -> None:
    world = World(token_algorithms=["ES256"])
    assert await world.refusal(rs256(header(), claims())) == "algorithm"


# The header


@pytest.mark.parametrize("typ", [None, "JWT", "at+jwt ", "id+jwt", ["at+jwt"], 1])
async def test_only_access_tokens_count(world: World, typ: object) -> None:
    assert await world.refusal(rs256(header(typ=typ), claims())) == "type"


@pytest.mark.parametrize("crit", [["exp"], [], "b64", False])
async def test_a_critical_header_is_not_ignored(world: World, crit: object) -> None:
    assert await world.refusal(rs256(header(crit=crit, b64=False), claims())) == "critical_header"


async def test_keys_offered_by_the_token_are_never_used(world: World) -> None:
    thief = rsa.generate_private_key(65537, 2048)
    offer = {"jwk": rsa_jwk(thief, "thief"), "jku": "https://evil.example/keys", "x5u": "https://evil.example/x"}
    assert await world.refusal(rs256(header(**offer), claims(), thief)) == "signature"
    assert await world.refusal(rs256(header(**offer, kid="thief"), claims(), thief)) == "unknown_key"
    assert not any("evil.example" in url for url in world.asked)


@pytest.mark.parametrize("kid", [None, "", 7, ["rsa"]])
async def test_a_token_must_name_its_key(world: World, kid: object) -> None:
    assert await world.refusal(rs256(header(kid=kid), claims())) == "key_id_missing"


async def test_the_named_key_is_the_only_one_tried(world: World) -> None:
    world.keys.append(rsa_jwk(rsa.generate_private_key(65537, 2048), "other"))
    assert await world.refusal(rs256(header(kid="other"), claims())) == "signature"
    assert await world.refusal(rs256(header(kid="nobody"), claims())) == "unknown_key"
    assert await world.refusal(rs256(header(kid="ec"), claims())) == "unknown_key"


# The key set


@pytest.mark.parametrize(
    "jwk",
    [
        {"kty": "oct", "kid": "rsa", "k": b64(b"secret")},
        rsa_jwk(RSA, "rsa", use="enc"),
        rsa_jwk(RSA, "rsa", key_ops=["encrypt"]),
        rsa_jwk(RSA, "rsa", alg="RSA-OAEP"),
        rsa_jwk(RSA, "rsa", alg="RS512"),
        rsa_jwk(RSA, "rsa", d=b64(RSA.private_numbers().d)),
        rsa_jwk(RSA, "rsa", n=None),
        rsa_jwk(RSA, "rsa", e=b64(1)),
        rsa_jwk(RSA, "rsa", n="ö"),
        rsa_jwk(RSA, "rsa", kty="EC"),
    ],
)
async def test_an_unfit_key_is_left_out_and_the_rest_used(world: World, jwk: dict[str, Any]) -> None:
    world.keys = [jwk, ec_jwk(EC, "ec")]
    assert await world.refusal(rs256(header(), claims())) == "unknown_key"
    assert await world.verify(es256(header(alg="ES256", kid="ec"), claims()))


async def test_rsa_under_2048_bits_is_left_out(world: World) -> None:
    world.keys = [rsa_jwk(SMALL_RSA, "rsa")]
    assert await world.refusal(rs256(header(), claims(), SMALL_RSA)) == "unknown_key"


async def test_a_curve_must_be_the_algorithms_own(world: World) -> None:
    world.keys = [ec_jwk(EC_384, "ec", "P-384")]
    assert await world.refusal(es256(header(alg="ES256", kid="ec"), claims(), EC_384)) == "unknown_key"


async def test_two_keys_of_one_name_are_none(world: World) -> None:
    world.keys.append(rsa_jwk(rsa.generate_private_key(65537, 2048), "rsa"))
    assert await world.refusal(rs256(header(), claims())) == "unknown_key"


async def test_things_that_are_no_keys_do_not_stop_the_rest(world: World) -> None:
    world.keys = [None, "key", [], {}, {"kty": ["RSA"], "kid": "rsa"}, *world.keys]  # type: ignore[list-item]
    assert await world.verify(rs256(header(), claims()))


# The claims: python-jose lets a missing one pass


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"aud": None}, "claims"),
        ({"aud": "https://elsewhere.example"}, "claims"),
        ({"aud": AUDIENCE + "/"}, "claims"),
        ({"aud": ["https://elsewhere.example"]}, "claims"),
        ({"aud": []}, "claims"),
        ({"aud": {AUDIENCE: 1}}, "claims"),
        ({"iss": None}, "issuer"),
        ({"iss": "https://evil.example"}, "issuer"),
        ({"iss": ISSUER + "/"}, "issuer"),
        ({"iss": [ISSUER, OTHER_ISSUER]}, "issuer"),
        ({"sub": None}, "claims"),
        ({"sub": 7}, "claims"),
        ({"sub": ""}, "subject"),
        ({"sub": "a\x00b"}, "subject"),
        ({"sub": "x" * 256}, "subject"),
        ({"client_id": 7}, "client"),
        ({"client_id": ""}, "client"),
        ({"jti": 7}, "claims"),
        ({"scope": 7}, "scope"),
        ({"scope": ["a", 7]}, "scope"),
        ({"exp": None}, "time_claims"),
        ({"exp": str(NOW + 60)}, "time_claims"),
        ({"exp": True}, "time_claims"),
        ({"exp": []}, "time_claims"),
        ({"exp": float("inf")}, "time_claims"),
        ({"exp": float("nan")}, "time_claims"),
        ({"exp": 10**400}, "time_claims"),
        ({"iat": None}, "claims"),
        ({"iat": []}, "claims"),
        ({"iat": float("inf")}, "claims"),
        ({"iat": str(NOW)}, "time_claims"),
        ({"nbf": "soon"}, "time_claims"),
        ({"exp": NOW - 30, "iat": NOW - 600}, "expired"),
        ({"nbf": NOW + 31}, "not_yet_valid"),
        ({"iat": NOW + 31}, "issued_in_future"),
        ({"exp": NOW + 3601}, "lives_too_long"),
        ({"iat": 0}, "lives_too_long"),
    ],
)
async def test_a_claim_that_is_missing_or_wrong_is_refused(world: World, change: dict[str, Any], reason: str) -> None:
    assert await world.refusal(rs256(header(), claims(**change))) == reason


async def test_a_signature_over_other_claims_is_refused(world: World) -> None:
    head, _, signature = rs256(header(), claims()).split(".")
    _, body, _ = rs256(header(), claims(sub="sys.admin")).split(".")
    assert await world.refusal(f"{head}.{body}.{signature}") == "signature"


async def test_the_key_of_one_issuer_does_not_sign_for_another(world: World) -> None:
    await world.verify(rs256(header(), claims()))
    world.keys = [rsa_jwk(rsa.generate_private_key(65537, 2048), "rsa")]
    assert await world.refusal(rs256(header(), claims(iss=OTHER_ISSUER))) == "signature"


# The shape


async def test_a_token_over_eight_kibibytes_is_not_read(world: World) -> None:
    fitting = rs256(header(), claims(note="x" * 4000))
    assert len(fitting) < 8192
    assert await world.verify(fitting)
    assert await world.refusal(rs256(header(), claims(note="x" * 8192))) == "too_long"
    assert await world.refusal("a" * 8193) == "too_long"
    assert await world.refusal("a" * 8192) == "malformed"


async def test_a_jwe_bomb_is_never_opened(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(*_: object, **__: object) -> None:
        raise AssertionError("somebody opened a JWE")

    monkeypatch.setattr("jose.jwe.decrypt", opened)
    monkeypatch.setattr("zlib.decompressobj", opened)
    bomb = b64(zlib.compress(b" " * 1_000_000)[2:-4])
    head = b64(json.dumps({"alg": "dir", "enc": "A256GCM", "zip": "DEF", "typ": "at+jwt", "kid": "rsa"}).encode())
    assert await world.refusal(f"{head}..{b64(b'iv')}.{bomb}.{b64(b'tag')}") == "malformed"
    assert world.asked == []


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "a.b", "a.b.c", "a.b.c.d", "å.b.c", " a.b.c", "a.b.c\n", "\udcff.b.c", '{"payload":""}'],
)
async def test_what_is_no_token_is_refused(world: World, token: str) -> None:
    assert await world.refusal(token) == "malformed"


@pytest.mark.parametrize("body", ["[]", "7", "null", "{", "[" * 5000, '{"iss":' + "9" * 5000 + "}", "\x00"])
async def test_claims_that_are_no_object_are_refused(world: World, body: str) -> None:
    assert await world.refusal(rs256(header(), body)) == "malformed"


async def test_a_signature_with_rubbish_between_its_letters_is_another_token(world: World) -> None:
    token = rs256(header(), claims())
    await world.verify(token)
    assert await world.refusal(token[:-4] + "!!!!" + token[-4:]) == "malformed"
    assert await world.refusal(token + "=") == "malformed"


# What is remembered


async def test_a_remembered_token_still_expires(world: World) -> None:
    token = rs256(header(), claims())
    await world.verify(token)
    world.now = START + timedelta(seconds=3629)
    await world.verify(token)
    world.now = START + timedelta(seconds=3630)
    assert await world.refusal(token) == "expired"
    assert world.verifier._proofs == {}


async def test_a_remembered_token_is_not_verified_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    token = rs256(header(), claims())
    first = await world.verify(token)
    monkeypatch.setattr("app.kernel.auth.tokens.verified_claims", None)
    assert await world.verify(token) is first


@pytest.mark.parametrize(
    ("replacement", "reason"),
    [([], "unknown_key"), ([rsa_jwk(rsa.generate_private_key(65537, 2048), "rsa")], "signature")],
)
async def test_a_remembered_token_falls_with_its_key(
    world: World, replacement: list[dict[str, Any]], reason: str
) -> None:
    token = rs256(header(), claims())
    await world.verify(token)
    world.keys = replacement
    world.now = START + timedelta(minutes=10)
    assert await world.refusal(token) == reason


async def test_memory_is_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.kernel.auth.tokens.REMEMBERED_TOKENS", 3)
    for number in range(5):
        await world.verify(rs256(header(), claims(jti=str(number))))
    assert len(world.verifier._proofs) == 3


# What others see


async def test_an_unreachable_issuer_is_not_the_callers_fault(world: World) -> None:
    world.down = True
    with pytest.raises(KeysUnavailable):
        await world.verify(rs256(header(), claims()))
    assert world.verifier.readiness()[ISSUER] == "unknown"


@pytest.mark.parametrize("environment", ["development", "production"])
async def test_production_fetches_no_keys_over_plain_http(environment: str) -> None:
    world = World(
        environment=environment,
        secret="s" * 32,
        database_url="postgresql://db/tillsammans",
        public_url="https://tillsammans.example",
    )
    world.jwks_origin = "http://127.0.0.1"
    await world.verifier.renew_keys()
    assert world.verifier.readiness()[ISSUER] == ("unknown" if environment == "production" else "fresh")


async def test_an_untrusted_issuer_is_never_asked(world: World) -> None:
    await world.refusal(rs256(header(), claims(iss="https://evil.example")))
    assert world.asked == []


async def test_readiness_names_every_issuer(world: World) -> None:
    await world.verifier.renew_keys()
    assert world.verifier.readiness() == {ISSUER: "fresh", OTHER_ISSUER: "fresh", world.settings.dev_issuer: "unknown"}

    world.down = True
    world.now = START + timedelta(hours=1)
    await world.verifier.renew_keys()
    assert world.verifier.readiness()[ISSUER] == "stale"


@pytest.fixture
def _every_log_line() -> Iterator[None]:
    before = structlog.get_config()
    structlog.reset_defaults()
    yield
    structlog.configure(**before)


@pytest.mark.usefixtures("_every_log_line")
async def test_the_log_holds_the_reason_and_a_hash_only(world: World) -> None:
    token = rs256(header(), claims(exp=NOW - 60, iat=NOW - 600))
    with capture_logs() as lines:
        await world.refusal(token)
    assert lines == [
        {
            "event": "token rejected",
            "log_level": "info",
            "reason": "expired",
            "token_id": hashlib.sha256(b"t-1").hexdigest()[:32],
        }
    ]
