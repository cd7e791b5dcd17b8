"""The development issuer's key and tokens."""

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.config import Settings
from app.dev_idp import DemoUser, DevIssuer, dev_idp_app, in_process_transport
from app.dev_idp.issuer import KEY_FILE
from app.kernel.auth import KeysUnavailable, SigningKey, TokenRejected, TokenVerifier


async def nobody() -> list[DemoUser]:
    return []


def settings_of(**given: Any) -> Settings:
    return Settings(**{"_env_file": None} | given)


def production(data_dir: Path) -> Settings:
    return settings_of(
        environment="production",
        data_dir=data_dir,
        secret="s" * 32,
        trusted_issuers=["https://login.example.se"],
        database_url="postgresql://db/tillsammans",
        public_url="https://tillsammans.example",
        audience="https://tillsammans.example/api",
    )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of(data_dir=tmp_path / "data")


def verifier_of(settings: Settings, issuer: DevIssuer) -> TokenVerifier:
    transport = in_process_transport(dev_idp_app(settings, issuer, nobody))
    http = httpx.AsyncClient(mounts={settings.dev_issuer: transport})
    return TokenVerifier(settings, http, lambda: datetime.now(UTC))


async def test_its_tokens_are_accepted_without_a_network(settings: Settings) -> None:
    issuer = DevIssuer.load(settings)
    who = await verifier_of(settings, issuer).verify(issuer.access_token("gnesta.school"))
    assert (who.issuer, who.subject, who.client_id, who.scopes) == (
        settings.dev_issuer,
        "gnesta.school",
        None,
        frozenset({"tillsammans"}),
    )


async def test_a_public_address_with_a_path_works_too(tmp_path: Path) -> None:
    settings = settings_of(data_dir=tmp_path, public_url="http://localhost:9000/barn/")
    issuer = DevIssuer.load(settings)
    assert (await verifier_of(settings, issuer).verify(issuer.access_token("a"))).subject == "a"


async def test_claim_names_follow_the_settings(tmp_path: Path) -> None:
    settings = settings_of(data_dir=tmp_path, claim_subject="hsaId", claim_client="azp", claim_scope="scp")
    issuer = DevIssuer.load(settings)
    who = await verifier_of(settings, issuer).verify(issuer.access_token("a", client_id="b", scope="c d"))
    assert (who.subject, who.client_id, who.scopes) == ("a", "b", frozenset({"c", "d"}))


async def test_claims_can_be_replaced_and_left_out(settings: Settings) -> None:
    issuer = DevIssuer.load(settings)
    verifier = verifier_of(settings, issuer)
    for change in ({"aud": "https://elsewhere.example"}, {"exp": None}, {"iss": "https://evil.example"}):
        with pytest.raises(TokenRejected):
            await verifier.verify(issuer.access_token("gnesta.school", **change))


async def test_an_id_token_is_no_access_token(settings: Settings) -> None:
    issuer = DevIssuer.load(settings)
    user = DemoUser("gnesta.school", "Sara", "Rektor", is_client=False)
    with pytest.raises(TokenRejected) as refused:
        await verifier_of(settings, issuer).verify(issuer.id_token(user, client_id=settings.audience, nonce=None))
    assert refused.value.reason == "type"


async def test_tokens_survive_a_restart(settings: Settings) -> None:
    token = DevIssuer.load(settings).access_token("gnesta.school")
    restarted = DevIssuer.load(settings)
    assert (await verifier_of(settings, restarted).verify(token)).subject == "gnesta.school"


async def test_another_installation_signs_with_another_key(settings: Settings, tmp_path: Path) -> None:
    stranger = DevIssuer.load(settings.model_copy(update={"data_dir": tmp_path / "elsewhere"}))
    with pytest.raises(TokenRejected):
        await verifier_of(settings, DevIssuer.load(settings)).verify(stranger.access_token("gnesta.school"))


def test_only_its_owner_reads_the_key(settings: Settings) -> None:
    DevIssuer.load(settings)
    assert [path.name for path in settings.data_dir.iterdir()] == [KEY_FILE]
    assert stat.S_IMODE((settings.data_dir / KEY_FILE).stat().st_mode) == 0o600


def test_those_who_start_at_once_agree_on_one_key(settings: Settings) -> None:
    with ThreadPoolExecutor(8) as starters:
        found = list(starters.map(lambda _: DevIssuer.load(settings).jwks["keys"][0]["kid"], range(8)))
    assert len(set(found)) == 1
    assert len(list(settings.data_dir.iterdir())) == 1


def test_the_second_writer_keeps_the_first_ones_key(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    first = DevIssuer.load(settings).jwks
    seen = iter([False])
    monkeypatch.setattr(Path, "exists", lambda path: next(seen, True))
    assert DevIssuer.load(settings).jwks == first
    assert len(list(settings.data_dir.iterdir())) == 1


def test_the_published_key_is_public(settings: Settings) -> None:
    (key,) = DevIssuer.load(settings).jwks["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "kid", "alg", "use"}


def test_it_does_not_exist_in_production(settings: Settings, tmp_path: Path) -> None:
    live = production(tmp_path / "live")
    with pytest.raises(RuntimeError, match="production"):
        DevIssuer.load(live)
    with pytest.raises(RuntimeError, match="production"):
        DevIssuer(live, SigningKey.generate(), lambda: datetime.now(UTC))
    with pytest.raises(RuntimeError, match="production"):
        dev_idp_app(live, DevIssuer.load(settings), nobody)
    assert not (tmp_path / "live").exists()


async def test_production_does_not_trust_it(settings: Settings, tmp_path: Path) -> None:
    token = DevIssuer.load(settings).access_token("sys.admin")
    verifier = TokenVerifier(production(tmp_path), httpx.AsyncClient(), lambda: datetime.now(UTC))
    with pytest.raises(TokenRejected) as refused:
        await verifier.verify(token)
    assert refused.value.reason == "issuer"


async def test_a_broken_issuer_is_an_outage_not_a_crash(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    issuer = DevIssuer.load(settings)
    verifier = verifier_of(settings, issuer)
    monkeypatch.setattr(DevIssuer, "jwks", property(lambda _: 1 / 0))
    with pytest.raises(KeysUnavailable):
        await verifier.verify(issuer.access_token("gnesta.school"))
